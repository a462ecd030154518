// Numbers, dates and the words around them, as people write and read them.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const UNITS = ["minutes", "hours", "days", "weeks"];
const MOST = 2n ** 63n;

const grouped = new Intl.NumberFormat("en-US");
const count = (number) => grouped.format(number);
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// "Country" → "country"; "ID" and "E-mail" in prose: an abbreviation keeps its capitals.
function prose(label) {
  return /^[A-Z][A-Z0-9]/.test(label) ? label : label.slice(0, 1).toLowerCase() + label.slice(1);
}

// "no country", "no value for badges": what those are said to have who have no value.
const without = (attribute) => attribute.without || `no ${prose(attribute.label)}`;

function signed(number) {
  if (number === 0) return "±0";
  return (number > 0 ? "+" : "−") + count(Math.abs(number));
}

function noun(entity, number) {
  if (entity === "company") return number === 1 ? "company" : "companies";
  return number === 1 ? "person" : "people";
}

// What was typed as a number: a Number, {integer: "…"} where a Number would not hold it exactly, or null.
function readNumber(typed, { whole = false, least = null } = {}) {
  let text = typed.trim().replace(/[\s\u00a0\u202f'’]/g, "").replace(/^[−–]/, "-");
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replace(/,/g, "");
  else if (/^[+-]?\d+,\d+$/.test(text)) text = text.replace(",", ".");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  if (/^[+-]?\d+$/.test(text)) {
    const exact = BigInt(text.replace("+", ""));
    if (exact >= MOST || exact < -MOST) return null;
    if (least !== null && exact < BigInt(least)) return null;
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : { integer: exact.toString() };
  }
  const number = Number(text);
  if (!Number.isFinite(number) || (whole && !Number.isInteger(number))) return null;
  return least !== null && number < least ? null : number;
}

function writeNumber(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? value.integer : String(value);
}

function numberOf(value) {
  return value !== null && typeof value === "object" ? Number(value.integer) : value;
}

// Three or four of many, and how many more.
function several(texts, most = 3) {
  if (texts.length <= most) {
    if (texts.length < 2) return texts.join("");
    return `${texts.slice(0, -1).join(", ")} or ${texts[texts.length - 1]}`;
  }
  return `${texts.slice(0, most - 1).join(", ")} or ${count(texts.length - most + 1)} more`;
}

const two = (number) => String(number).padStart(2, "0");

function dateOf(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year > 0 && year < 10000 ? `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}` : null;
}

function today(zone) {
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date());
  } catch {
    return new Date().toISOString().slice(0, 10);
  }
}

function shifted(date, days) {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

function showDate(value) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  return parts ? `${Number(parts[3])} ${MONTHS[Number(parts[2]) - 1] || "?"} ${Number(parts[1])}` : value;
}

// A date, or an instant in the zone of the workspace.
function showWhen(value, zone) {
  if (typeof value !== "string") return "";
  if (!value.includes("T")) return showDate(value);
  const instant = new Date(value);
  if (Number.isNaN(instant.getTime())) return value;
  const parts = zoneParts(instant, zone);
  const seconds = parts.second === "00" ? "" : `:${parts.second}`;
  return `${showDate(`${parts.year}-${parts.month}-${parts.day}`)}, ${parts.hour}:${parts.minute}${seconds}`;
}

function zoneParts(instant, zone) {
  const style = { hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
  let made;
  try {
    made = new Intl.DateTimeFormat("en-US", { ...style, timeZone: zone || "UTC" });
  } catch {
    made = new Intl.DateTimeFormat("en-US", { ...style, timeZone: "UTC" });
  }
  const parts = Object.fromEntries(made.formatToParts(instant).map((part) => [part.type, part.value]));
  return { ...parts, year: parts.year.padStart(4, "0") };
}

// The instant of a wall clock reading in a zone; where the clocks skip it, the reading after the gap.
function instantOf(date, time, zone) {
  const [hour, minute, second = "00"] = time.split(":");
  const wall = new Date(`${date}T${two(Number(hour))}:${minute}:${second}Z`).getTime();
  let guess = wall;
  for (let round = 0; round < 3; round += 1) {
    const parts = zoneParts(new Date(guess), zone);
    const read = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
    if (read === wall) break;
    guess += wall - read;
  }
  return new Date(guess).toISOString().replace(".000Z", "Z");
}

// Every date (or date with time) that the typed text may mean, likeliest first.
function readDates(typed, zone) {
  const text = typed.trim().toLowerCase().replace(/\s+/g, " ");
  if (!text) return [];
  const timed = /^(.+?)(?:,| at| t|t)?\s*(\d{1,2}:\d{2}(?::\d{2})?)$/.exec(text);
  const time = timed ? timed[2] : null;
  const day = timed ? timed[1].trim() : text;
  const now = today(zone);
  const year = Number(now.slice(0, 4));
  const found = [];
  const add = (date) => date && !found.includes(date) && found.push(date);
  const near = { today: 0, yesterday: -1, tomorrow: 1 };
  for (const [word, days] of Object.entries(near)) if (word.startsWith(day) && day.length > 2) add(shifted(now, days));
  const month = (word) => MONTHS.findIndex((name) => word.length > 2 && name.toLowerCase() === word.slice(0, 3)) + 1;
  let parts;
  if ((parts = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/.exec(day))) add(dateOf(+parts[1], +parts[2], +(parts[3] || 1)));
  if ((parts = /^(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3,9})\.?,?(?: (\d{4}))?$/.exec(day)) && month(parts[2])) {
    add(dateOf(parts[3] ? +parts[3] : year, month(parts[2]), +parts[1]));
  }
  if ((parts = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?$/.exec(day)) && month(parts[1])) {
    add(dateOf(parts[3] ? +parts[3] : year, month(parts[1]), +parts[2]));
  }
  if ((parts = /^([a-z]{3,9})\.?(?: (\d{4}))?$/.exec(day)) && month(parts[1])) add(dateOf(parts[2] ? +parts[2] : year, month(parts[1]), 1));
  if ((parts = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(day))) {
    add(dateOf(+parts[3], +parts[2], +parts[1]));
    add(dateOf(+parts[3], +parts[1], +parts[2]));
  }
  if ((parts = /^(\d{4})$/.exec(day))) add(dateOf(+parts[1], 1, 1));
  if (!time) return found;
  const [hours, minutes, seconds = "0"] = time.split(":").map(Number);
  if (hours > 23 || minutes > 59 || Number(seconds) > 59) return [];
  return found.map((date) => instantOf(date, time, zone));
}

function weekdayOf(date) {
  const index = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
  return capital(WEEKDAYS[index]);
}

// "53.35, −6.26" or "53.35 N 6.26 W" as {latitude, longitude}, or null.
function readPlace(typed) {
  const text = typed.trim().toUpperCase().replace(/[−–]/g, "-").replace(/°/g, "");
  const parts = /^([+-]?\d{1,2}(?:\.\d+)?)\s*([NS]?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*([EW]?)$/.exec(text);
  if (!parts) return null;
  const latitude = Number(parts[1]) * (parts[2] === "S" ? -1 : 1);
  const longitude = Number(parts[3]) * (parts[4] === "W" ? -1 : 1);
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
}

function showPlace({ latitude, longitude }) {
  return `${latitude}, ${longitude}`.replace(/-/g, "−");
}

// A pasted list: lines, or else semicolons, or else commas; quotes around a cell are dropped. Where all are addresses or
// domains each of the three is an end, for none of them is part of one.
function readList(text, { addresses = false } = {}) {
  const clean = (parts) => [...new Set(parts.map((part) => part.trim().replace(/^"(.*)"$/, "$1").replace(/[,;]$/, "").trim()).filter((part) => part))];
  const all = clean(text.split(/[\r\n,;]+/));
  if (addresses || all.every((part) => /^[^\s@]+@[^\s@]+$/.test(part))) return all;
  const cut = /[\r\n]/.test(text) ? /[\r\n]+/ : text.includes(";") ? /;/ : /,/;
  return clean(text.split(cut).flatMap((part) => (/[\r\n]/.test(text) && part.includes(";") ? part.split(";") : [part])));
}

// The stored form of a rule, as people paste it elsewhere: whole numbers in full.
function asJson(rule) {
  const marked = JSON.stringify(rule, (_, value) => (value && typeof value === "object" && typeof value.integer === "string" ? `\u0000${value.integer}` : value), 2);
  return marked.replace(/"\\u0000(-?\d+)"/g, "$1");
}
