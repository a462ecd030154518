// The time in which events are looked for: its kinds, how it is stored, and what is still empty of it.

const WINDOWS = [
  ["any", "at any time"],
  ["last", "in the last …", "days, hours, weeks"],
  ["period", "in …", "this month, last year"],
  ["between", "between … and …", "dates"],
  ["since", "since …", "a date"],
  ["before", "before …", "a date"],
];
const PAST = ["today", "yesterday", ...["week", "month", "quarter", "year"].flatMap((unit) => [`this_${unit}`, `last_${unit}`])].map((word) => [word, word.replace("_", " ")]);

const anyTime = () => ({ kind: "any", amount: null, unit: "days", word: null, from: null, to: null });

// {"last": {"days": 30}}, {"from", "to"}, {"period": "this_month"} or nothing; null where it is none of these.
function readWindow(stored) {
  const window = anyTime();
  if (stored === undefined) return window;
  if (stored === null || typeof stored !== "object") return null;
  const keys = Object.keys(stored).sort().join();
  if (keys === "last") {
    const amount = readAmount(stored.last);
    return amount && { ...window, kind: "last", ...amount };
  }
  if (keys === "period") return { ...window, kind: "period", word: stored.period };
  const kind = { "from,to": "between", from: "since", to: "before" }[keys];
  return kind ? { ...window, kind, from: stored.from ?? null, to: stored.to ?? null } : null;
}

function readAmount(stored) {
  const unit = stored && typeof stored === "object" ? UNITS.find((name) => name in stored) : null;
  return unit ? { amount: stored[unit], unit } : null;
}

function writeWindow({ kind, amount, unit, word, from, to }) {
  if (kind === "last") return { last: { [unit]: amount } };
  if (kind === "period") return { period: word };
  return { between: { from, to }, since: { from }, before: { to } }[kind];
}

function windowLacks({ kind, amount, word, from, to }) {
  const wanted = { last: { amount }, period: { word }, between: { from, to }, since: { from }, before: { to } }[kind] || {};
  return Object.keys(wanted).filter((key) => !filled(wanted[key])).map((key) => `within-${key}`);
}

// A window is half-open. A day as its last one ends when the next day begins.
function edgeOf(when, last, zone) {
  if (when.includes("T")) return when;
  return instantOf(last ? shifted(when, 1) : when, "00:00", zone);
}

// The day of such an edge, or the instant where it is within a day.
function dayOf(edge, last, zone) {
  const parts = zoneParts(new Date(edge), zone);
  if (`${parts.hour}${parts.minute}${parts.second}` !== "000000" || /\.\d*[1-9]/.test(edge)) return edge;
  const day = `${parts.year}-${parts.month}-${parts.day}`;
  return last ? shifted(day, -1) : day;
}
