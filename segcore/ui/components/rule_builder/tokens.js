// A condition as tokens: subject, operator, values. `tokensOf` says what there is to show, `drawTokens` shows it
// and keeps every element that stays, so that an answer of the server never takes the focus or half a number away.

const PERIODS = ["today", "yesterday", "tomorrow", ...["week", "month", "quarter", "year"].flatMap((unit) => ["this", "last", "next"].map((which) => `${which}_${unit}`))].map((word) => [word, word.replace("_", " ")]);
const DAYS = WEEKDAYS.map((day) => [day, capital(day)]);

// A label may say where its value stands: "less than … ago".
const plain = (label) => label.replace(/\s*…\s*/g, " … ").trim().replace(/ …$/, "");

function around(label) {
  const [before, after = ""] = label.split("…").map((part) => part.trim());
  return { before, after };
}

// Whether the amount reads as one: "1 day".
const unitWord = (unit, amount) => (amount === 1 ? unit.slice(0, -1) : unit);

function tokensOf(builder, node) {
  const { catalogue } = builder;
  const name = catalogue.label(node);
  if (node.step) return stepTokens(builder, node);
  if (node.raw && node.attribute === undefined) return [{ key: "raw", type: "word", text: "A condition that cannot be changed here", strong: true }];
  if (node.segment !== undefined) return segmentTokens(builder, node, name);
  if (node.event !== undefined) return eventTokens(builder, node, name);
  if (node.sequence) return sequenceTokens(builder, node);
  if (node.company) return companyTokens(builder, node);
  if (node.people) return peopleTokens(builder, node);
  if (node.sample) return sampleTokens(builder, node);
  const attribute = catalogue.attribute(node);
  const what = node.over === "event" ? "Property" : "Attribute";
  const subject = subjectToken(builder, node, { look: attribute ? "subject" : "subject wrong", icon: attribute ? attribute.kind : "error", text: name, label: `${what}: ${name}` });
  const operator = catalogue.operator(node);
  if (!operator) {
    const value = node.raw && node.raw.value !== undefined ? [{ key: "value", type: "word", text: asStored(node.raw.value) }] : [];
    const shown = { key: "operator", type: "word", text: plain(catalogue.wording(node, node.operator)) };
    return attribute ? [subject, { ...operatorToken(builder, node, shown.text, name) }, ...value] : [subject, shown, ...value];
  }
  return [subject, ...askedTokens(builder, node, attribute, operator)];
}

// Operator and value, with what stands between and after them.
function askedTokens(builder, node, attribute, operator) {
  const { before, after: many } = around(builder.catalogue.wording(node, node.operator));
  // "in the last 1 calendar day"
  const after = operator.operand === "days" && node.value === 1 ? many.replace(/days$/, "day") : many;
  const tokens = [operatorToken(builder, node, before, attribute.label)];
  if (node.match_case) tokens.push({ key: "case", type: "word", text: "matching case", small: true });
  tokens.push(...valueTokens(builder, node, attribute, operator));
  if (after) tokens.push({ key: "after", type: "word", text: after });
  return tokens;
}

// A value of which it is not known what it is one of.
function asStored(value) {
  const plainly = (each) => (["string", "number"].includes(typeof each) ? String(each) : null);
  const texts = (Array.isArray(value) ? value : [value]).map(plainly);
  return texts.includes(null) ? JSON.stringify(value) : several(texts);
}

// What a condition is about; its list offers all that could be asked in this place.
function subjectToken(builder, node, more) {
  const choose = (what) => builder.setSubject(node.id, what);
  const open = (anchor, query) => openPicker(builder, anchor, { label: "What the condition asks about", over: node.over, event: node.over === "event" ? builder.tree.eventOf(node.id) : undefined, query, choose });
  return { key: "subject", type: "button", look: "subject", open, ...more };
}

function operatorToken(builder, node, text, name) {
  return {
    key: "operator",
    type: "button",
    look: "operator",
    text,
    label: `Operator for ${name}: ${text}`,
    open: (anchor, query) => openOperators(builder, anchor, node, query),
  };
}

function segmentTokens(builder, node, name) {
  const known = builder.catalogue.segments[node.over].has(node.segment);
  return [
    operatorToken(builder, node, node.operator === "in" ? "is in" : "is not in", name),
    subjectToken(builder, node, { look: known ? "subject" : "subject wrong", icon: "segment", text: name, label: `Segment: ${name}` }),
  ];
}

function valueTokens(builder, node, attribute, operator) {
  const { kind, label: name, unit } = attribute;
  const dates = kind === "date" || kind === "datetime";
  const measured = unit ? `${name}, in ${unit}` : name;
  const { value } = node;
  const set = (made) => builder.setValue(node.id, made, true);
  const date = (key, label, current, put) => dateToken(builder, key, label, current, operator.operand !== "day" && kind === "datetime", put);
  const amount = (label, least) => number("amount", label, (now) => now.value.amount, (now, typed) => ({ ...now.value, amount: typed }), { whole: true, least });
  switch (operator.operand) {
    case "none":
      return [];
    case "ago":
      return [
        amount(`Amount of ${value.unit} for ${name}`, node.operator === "exactly_ago" ? 0 : 1),
        {
          key: "unit",
          type: "button",
          look: "operator unit",
          text: unitWord(value.unit, value.amount),
          label: `Unit for ${name}: ${value.unit}`,
          open: (anchor, query) => openWords(builder, anchor, { label: `Unit for ${name}`, words: UNITS, chosen: value.unit, query, choose: (chosen) => builder.setValue(node.id, { ...builder.tree.node(node.id).value, unit: chosen }, true) }),
        },
      ];
    case "within":
      return [amount(`Amount of days for ${name}`, 0), { key: "unit", type: "word", text: unitWord("days", value.amount) }];
    case "place":
      return [
        number("amount", `Kilometres for ${name}`, (now) => now.value.km, (now, typed) => ({ ...now.value, km: typed }), { least: 0 }),
        { key: "and", type: "word", text: "km of" },
        placeToken(builder, node, name),
      ];
    case "days":
      return [number("value", `Amount of days for ${name}`, (now) => now.value, (now, typed) => typed, { whole: true, least: 1 })];
    case "period":
      return [
        {
          key: "value",
          type: "button",
          look: "value",
          text: value ? value.replace("_", " ") : "choose a period",
          missing: !value,
          label: `Period for ${name}: ${value ? value.replace("_", " ") : "not chosen yet"}`,
          open: (anchor, query) => openWords(builder, anchor, { label: `Period for ${name}`, words: PERIODS, chosen: value, query, choose: set }),
        },
      ];
    case "weekdays":
      return [
        {
          key: "value",
          type: "button",
          look: "value",
          text: value.length ? several(value.map(capital), 7) : "choose days",
          missing: !value.length,
          label: `Days of the week for ${name}: ${value.length ? value.map(capital).join(", ") : "none chosen yet"}`,
          open: (anchor) => openWords(builder, anchor, { label: `Days of the week for ${name}`, words: DAYS, chosen: value, multi: true, choose: (chosen) => builder.setValue(node.id, chosen) }),
        },
      ];
    case "range": {
      const put = (index) => (now, typed) => now.value.map((each, place) => (place === index ? typed : each));
      const and = { key: "and", type: "word", text: "and" };
      if (dates) {
        const ends = ["First day", "Last day"].map((word, index) => {
          const key = index ? "high" : "low";
          return date(key, `${word} for ${name}`, value[index], (chosen) => builder.setValue(node.id, put(index)(builder.tree.node(node.id), chosen), true));
        });
        return [ends[0], and, ends[1]];
      }
      const low = number("low", `Lower number for ${measured}`, (now) => now.value[0], put(0));
      const high = number("high", `Upper number for ${measured}`, (now) => now.value[1], put(1));
      return withUnit([low, and, high], unit);
    }
    case "count":
      return [number("value", `Number of values in ${name}`, (now) => now.value, (now, typed) => typed, { whole: true, least: 0 })];
    case "day":
    case "when":
      return [date("value", `Date for ${name}`, value, set)];
    case "one":
      if (kind === "number") return withUnit([number("value", `Number for ${measured}`, (now) => now.value, (now, typed) => typed)], unit);
      break;
    default:
  }
  const many = MANY.includes(operator.operand);
  const texts = (many ? value : filled(value) ? [value] : []).map((each) => (typeof each === "string" ? each : writeNumber(each)));
  const joined = /all$/.test(node.operator) ? several(texts).replace(/ or (?!.* or )/, " and ") : several(texts);
  const values = [
    {
      key: "value",
      type: "button",
      look: "value",
      text: joined || (many ? "choose values" : looksInside(node, operator) ? "type a text" : "choose a value"),
      missing: !joined,
      label: `${many ? "Values" : "Value"} for ${name}: ${joined || "not chosen yet"}`,
      tip: texts.length > 3 ? several(texts, 12) : null,
      open: (anchor, query) => openValues(builder, anchor, node, query),
    },
  ];
  return kind === "number" ? withUnit(values, unit) : values;
}

function dateToken(builder, key, label, current, instants, choose, text = current && showWhen(current, builder.data.zone)) {
  return {
    key,
    type: "button",
    look: "value",
    text: text || "choose a date",
    missing: !current,
    label: `${label}: ${text || "not chosen yet"}`,
    open: (anchor, query) => openDate(builder, anchor, { label, value: current, instants, query, choose }),
  };
}

// A number typed in place; `field` names the part of the condition that `put` makes anew.
const number = (key, label, get, put, more = {}) => ({ key, type: "number", label, get, put, ...more });

function placeToken(builder, node, name) {
  const { value } = node;
  const at = filled(value.latitude) ? showPlace(value) : "";
  const text = at ? builder.places.get(at) || at : "choose a place";
  if (text === at) builder.namePlaces(node);
  return {
    key: "value",
    type: "button",
    look: "value",
    text,
    missing: !at,
    tip: text === at ? null : at,
    label: `Place for ${name}: ${at ? text : "not chosen yet"}`,
    open: (anchor, query) =>
      openPlace(builder, anchor, {
        label: `Place for ${name}`,
        node: builder.tree.node(node.id),
        query,
        choose: ({ latitude, longitude }, called) => {
          builder.places.set(showPlace({ latitude, longitude }), called);
          builder.setValue(node.id, { ...builder.tree.node(node.id).value, latitude, longitude }, true);
        },
      }),
  };
}

// A currency stands before its amount, what is counted behind its number.
const CURRENCIES = "€$£¥₹₩₺₽₴₪₫฿";
const isCurrency = (unit) => unit.length === 1 && CURRENCIES.includes(unit);
const unitWordToken = (unit) => ({ key: "in-unit", type: "word", text: unit, tight: true });
const withUnit = (tokens, unit) => (!unit ? tokens : isCurrency(unit) ? [unitWordToken(unit), ...tokens] : [...tokens, { ...unitWordToken(unit), tight: false }]);

function drawTokens(builder, node, parent) {
  const fixed = builder.data.readonly;
  const items = tokensOf(builder, node).map((token) => {
    const type = fixed ? "fixed" : token.type;
    return {
      key: `${type}:${token.key}`,
      make: () => (type === "number" ? numberField(builder, node.id, token) : type === "button" ? tokenButton(builder, node.id, token) : h("span")),
      update: (element) => drawToken(builder, node, token, type, element),
    };
  });
  reconcile(parent, items);
}

function drawToken(builder, node, token, type, element) {
  element.token = token;
  const lack = token.missing || (token.type === "number" && !filled(token.get(node)));
  if (type === "number") {
    const field = element.firstChild;
    const shown = writeNumber(token.get(node));
    const half = filled(shown) ? readNumber(field.value, token) : null;
    if (focused(builder.root) !== field || (half !== null && writeNumber(half) !== shown)) if (field.value !== shown) field.value = shown;
    set(field, { "aria-label": token.label, "aria-invalid": lack && field.value !== "" ? "true" : null });
    set(element, { class: lack ? "token value number missing" : "token value number" });
    sized(field);
    return;
  }
  if (type === "word") {
    set(element, { class: `word${token.small ? " small" : ""}${token.strong ? " strong" : ""}${token.tight ? " tight" : ""}`, text: token.text });
    return;
  }
  const groupword = token.look && token.look.startsWith("groupword");
  const look = token.type === "word" ? "word" : groupword ? token.look : `token ${token.look || "value number"}${lack ? " missing" : ""}`;
  set(element, { class: look, "data-tip": token.tip || null, "aria-label": type === "button" ? token.label : null });
  const text = token.type === "number" ? writeNumber(token.get(node)) || "…" : token.text;
  const drawn = `${token.icon || ""}|${text}`;
  if (element.drawn === drawn) return;
  element.drawn = drawn;
  const words = h("span.text", { text, dir: "auto", title: text.length > 32 ? text : null });
  element.replaceChildren(...(token.icon ? [icon(token.icon)] : []), words, ...(groupword && type === "button" ? [icon("down")] : []));
}

function tokenButton(builder, id, token) {
  const button = h("button", { "aria-haspopup": "dialog", "aria-expanded": "false", "data-token": token.key });
  button.onclick = () => {
    if (builder.floating.anchor === button) builder.floating.hide();
    else button.token.open(button);
  };
  // A letter on a token opens its list with that letter typed.
  button.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      button.token.open(button, event.key);
    }
  });
  return button;
}

function sized(field) {
  field.style.width = `calc(${Math.min(24, Math.max(3, field.value.length))}ch + 24px)`;
}

function numberField(builder, id, token) {
  const field = h("input", { type: "text", inputmode: token.whole ? "numeric" : "decimal", autocomplete: "off", "data-token": token.key, placeholder: "…" });
  const holder = h("span", {}, field);
  const typed = () => {
    const { token: now } = holder;
    sized(field);
    const node = builder.tree.node(id);
    if (node) builder.type(id, now.key, now.put(node, readNumber(field.value, now)), now.field);
  };
  field.addEventListener("input", typed);
  field.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) builder.flush();
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const now = readNumber(field.value, { whole: false });
    if (typeof now === "object" && now !== null) return;
    const { least = null } = holder.token;
    const next = Number(((now || 0) + by * (event.shiftKey ? 10 : 1)).toPrecision(15));
    field.value = String(least !== null ? Math.max(least, next) : next);
    typed();
  });
  // Once left, a number reads the same as it counts.
  field.addEventListener("blur", () => {
    const node = builder.tree.node(id);
    if (!node || !holder.isConnected) return;
    const kept = holder.token.get(node);
    if (filled(kept)) field.value = writeNumber(kept);
    sized(field);
  });
  return holder;
}
