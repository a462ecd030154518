// Values while they are edited: what shape an operand has, what of it is still empty, what another operator keeps of it.

// Operands (`catalogue.operators[key].operand`) whose value is a list, an amount of time, one text, many texts.
const LISTS = ["many", "domains", "weekdays"];
const AMOUNTS = ["ago", "within"];
const ONE = ["one", "pattern", "domain", "day", "when"];
const MANY = ["many", "domains"];

// The value that a new condition begins with: nothing, in the shape of its operand.
function blank(operand) {
  if (LISTS.includes(operand)) return [];
  if (operand === "range") return [null, null];
  if (AMOUNTS.includes(operand)) return { amount: null, unit: "days" };
  if (operand === "place") return { latitude: null, longitude: null, km: null };
  return null;
}

function readValue(operand, value) {
  if (value === undefined || value === null) return blank(operand);
  if (AMOUNTS.includes(operand)) {
    const unit = typeof value === "object" ? UNITS.find((name) => name in value) : null;
    return unit ? { amount: value[unit], unit } : blank(operand);
  }
  if (operand === "range") return Array.isArray(value) ? [value[0] ?? null, value[1] ?? null] : blank(operand);
  if (operand === "place") return { ...blank(operand), ...value };
  if (LISTS.includes(operand)) return Array.isArray(value) ? value : [value];
  return value;
}

const filled = (value) => value !== null && value !== undefined && (typeof value !== "string" || value.trim() !== "");

// What keeps a value from being complete: the keys of its empty tokens, or "order" where a range is upside down.
function lacking(operand, value) {
  if (operand === "none") return [];
  if (operand === "range") {
    const empty = ["low", "high"].filter((_, index) => !filled(value[index]));
    if (empty.length) return empty;
    return above(value[0], value[1]) ? ["order"] : [];
  }
  if (AMOUNTS.includes(operand)) return filled(value.amount) ? [] : ["amount"];
  if (operand === "place") return [...(filled(value.km) ? [] : ["amount"]), ...(filled(value.latitude) ? [] : ["value"])];
  if (LISTS.includes(operand)) return value.length ? [] : ["value"];
  return filled(value) ? [] : ["value"];
}

function above(low, high) {
  const whole = (value) => (typeof value === "object" ? BigInt(value.integer) : Number.isInteger(value) ? BigInt(value) : null);
  if (typeof low === "string") {
    const last = high.includes("T") || !low.includes("T") ? high : `${high}T23:59:59.999999Z`;
    return low.slice(0, 10) !== high.slice(0, 10) || (low.includes("T") && high.includes("T")) ? low > last : false;
  }
  const [exactLow, exactHigh] = [whole(low), whole(high)];
  return exactLow !== null && exactHigh !== null ? exactLow > exactHigh : numberOf(low) > numberOf(high);
}

// Of an instant, the day that it was written with.
function withoutTime(value) {
  const cut = (each) => (typeof each === "string" && /^\d{4}-\d\d-\d\dT/.test(each) ? each.slice(0, 10) : each);
  return Array.isArray(value) ? value.map(cut) : cut(value);
}

function converted(before, after, value) {
  if (before === after) return value;
  if (ONE.includes(before) && ONE.includes(after)) return value;
  if (MANY.includes(before) && MANY.includes(after)) return value;
  if (ONE.includes(before) && MANY.includes(after)) return filled(value) ? [value] : [];
  if (MANY.includes(before) && ONE.includes(after)) return value.length ? value[0] : null;
  if (ONE.includes(before) && after === "range") return [value, null];
  if (before === "range" && ONE.includes(after)) return value[0];
  if (before === "ago" && after === "within") return { amount: value.unit === "days" ? value.amount : null, unit: "days" };
  if (before === "within" && after === "ago") return value;
  return blank(after);
}
