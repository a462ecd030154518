// Value lists: what the server knows about an attribute's values, and what was typed or pasted.

class Values {
  // `of` is {over, attribute}, and for properties the event.
  constructor(builder, of) {
    this.builder = builder;
    this.of = of;
    this.known = new Map();
    this.asked = new Map();
    this.failed = false;
    this.timer = 0;
  }

  get(query) {
    return this.known.get(query.trim()) || null;
  }

  // The answer for the longest beginning of what was typed, so that the list does not blink while the next one comes.
  nearest(query) {
    for (let text = query.trim(); ; text = text.slice(0, -1)) {
      if (this.known.has(text)) return this.known.get(text);
      if (!text) return null;
    }
  }

  ask(query, after, wait = 120) {
    clearTimeout(this.timer);
    const text = query.trim();
    if (this.builder.data.values && !this.known.has(text)) this.timer = setTimeout(() => this.load(text).then(after), wait);
  }

  // The answer, or null where there is none within the patience of somebody who types.
  within(query, milliseconds) {
    const late = new Promise((resolve) => setTimeout(resolve, milliseconds));
    return Promise.race([this.load(query.trim()), late]).then(() => this.get(query));
  }

  load(text) {
    if (!this.asked.has(text)) this.asked.set(text, this.fetch(text));
    return this.asked.get(text);
  }

  async fetch(text) {
    const { over, attribute, event } = this.of;
    const asked = { entity: over, ...(event === undefined ? {} : { event }), attribute, q: text };
    const address = `${this.builder.data.values}?${new URLSearchParams(asked)}`;
    try {
      const response = await fetch(address, { credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      this.known.set(text, await response.json());
      this.failed = false;
    } catch {
      this.failed = true;
      this.asked.delete(text);
    }
  }
}

// Whether what is typed is looked for in the values, rather than being one of them.
const looksInside = (node, operator) => operator.operand !== "one" && operator.operand !== "many" ? true : /contains|starts|ends/.test(node.operator);

function openValues(builder, anchor, node, query = "") {
  const attribute = builder.catalogue.attribute(node);
  const operator = builder.catalogue.operator(node);
  const many = MANY.includes(operator.operand);
  const numeric = attribute.kind === "number";
  const pattern = looksInside(node, operator);
  // What events come to is not a value of anything: "category" of a where-part is, the number of categories is not.
  const event = node.over === "event" ? builder.tree.eventOf(node.id) : undefined;
  const values = new Values(builder, { over: node.over, attribute: attribute.key, event });
  const suggests = !numeric && node.attribute !== undefined && ["one", "many"].includes(operator.operand);
  const noun = prose(attribute.label);
  const given = many ? [...node.value] : filled(node.value) ? [node.value] : [];
  const chosen = new Map(given.map((value) => [keyOf(value), value]));
  const opened = [...chosen.values()].slice(0, 100);
  let told = "";

  function keyOf(value) {
    return typeof value === "object" ? value.integer : String(value);
  }
  const show = (value) => (numeric ? writeNumber(value) : value);
  const read = (typed) => (numeric ? readNumber(typed) : pattern ? (typed.trim() ? typed : null) : typed.trim() || null);

  function send() {
    if (many) builder.setValue(node.id, [...chosen.values()]);
  }
  function tick(value) {
    told = "";
    if (!chosen.delete(keyOf(value))) chosen.set(keyOf(value), value);
    send();
  }
  function choose(value, list) {
    if (!many) return builder.setValue(node.id, value, true, value);
    tick(value);
    if (list.query) {
      list.input.value = "";
      list.walked = false;
    }
    return undefined;
  }
  function item(value, hint, extra = {}) {
    return { id: `=${keyOf(value)}`, value, text: show(value), hint, ticked: chosen.has(keyOf(value)), choose: (list) => choose(value, list), ...extra };
  }

  // What a text may mean: values of the server, and the text as it is.
  function offers(typed, seen = new Set()) {
    const free = read(typed);
    const lower = typed.trim().toLowerCase();
    const exact = suggests ? values.get(typed) : null;
    const near = suggests && !exact ? values.nearest(typed) : null;
    const offered = exact ? exact.values : near ? near.values.filter(({ value }) => String(value).toLowerCase().includes(lower)) : [];
    const found = offered.filter(({ value }) => !seen.has(keyOf(value))).map(({ value, count: number }) => item(value, count(number)));
    const same = lower ? found.find((each) => each.text.toLowerCase() === lower) : null;
    const own = free !== null && !found.some((each) => each.text === show(free)) ? item(free, "as typed", { className: "free" }) : null;
    return { found, own, best: same || (pattern ? own : null) || found[0] || own };
  }

  function sections(typed) {
    const all = values.get("");
    const counted = new Map(all ? all.values.map(({ value, count: number }) => [keyOf(value), count(number)]) : []);
    const before = typed ? [] : opened.map((value) => item(value, counted.get(keyOf(value)) || ""));
    const { found, own, best } = offers(typed, new Set(before.map((each) => each.id.slice(1))));
    if (typed && best) best.likely = true;
    const values_ = { label: suggests && found.length ? "Values" : "", items: found };
    const free = { label: "", items: own ? [own] : [] };
    return [{ label: many && before.length ? "Chosen" : "", items: before }, ...(best && best === own ? [free, values_] : [values_, free])];
  }

  function status(typed) {
    if (told) return told;
    if (values.failed) return "The values could not be loaded. What you type counts as it is.";
    if (numeric) return typed && read(typed) === null ? "Not a number" : typed ? "" : many ? "Type a number, Enter adds it. Lists can be pasted." : "Type a number";
    if (!suggests) return typed ? "" : operator.operand === "pattern" ? "Type a pattern, like ^A.*z$" : "Type a domain, like acme.com";
    const answer = values.get(typed);
    if (!answer) return builder.data.values && typed === "" ? "Loading values" : "";
    if (typed) return answer.distinct > 50 && answer.values.length >= 50 ? "More values match; type on" : "";
    const missing = answer.missing ? ` · ${count(answer.missing)} with ${without(attribute)}` : "";
    return `${count(answer.distinct)} ${answer.distinct === 1 ? "value" : "values"}${missing}${many ? " · lists can be pasted" : ""}`;
  }

  function arrived(list) {
    if (!list.walked) list.active = null;
    list.refresh();
  }

  // Enter is quicker than the server: what was typed counts at once, and becomes the value it stands for when that is known.
  function hurry(list) {
    const typed = list.query;
    const text = read(typed);
    if (!suggests || pattern || list.walked || text === null || values.get(typed) || values.failed || !builder.data.values) return false;
    values.within(typed, 1500).then(() => {
      const { best } = offers(typed);
      if (!best || best.value === text) return;
      if (chosen.delete(text)) chosen.set(keyOf(best.value), best.value);
      const now = builder.tree.node(node.id);
      const { value } = now || {};
      if (value === text) builder.setValue(node.id, best.value, false, text);
      else if (Array.isArray(value) && value.includes(text)) builder.setValue(node.id, [...new Set(value.map((each) => (each === text ? best.value : each)))], false, text);
      if (many && list.content.isConnected) list.refresh();
    });
    choose(text, list);
    if (many) list.refresh();
    return true;
  }

  const list = new List(builder.floating, {
    label: `${many ? "Values" : "Value"} for ${attribute.label}`,
    search: true,
    multi: many,
    placeholder: suggests ? `Search ${noun}` : numeric ? "Number" : operator.operand === "pattern" ? "Pattern" : "Domain",
    sections,
    status,
    typed: (typed, owner) => {
      told = "";
      if (suggests) values.ask(typed, () => arrived(owner));
    },
    enter: hurry,
    paste: (text, owner) => {
      const parts = many ? readList(text, { addresses: operator.operand === "domains" }) : [];
      if (parts.length < 2) return false;
      const read1 = parts.map((part) => [part, numeric ? readNumber(part) : part]);
      const fine = read1.filter(([, value]) => value !== null);
      const refused = read1.filter(([, value]) => value === null).map(([part]) => part);
      let added = 0;
      for (const [, value] of fine) {
        if (!chosen.has(keyOf(value))) added += 1;
        chosen.set(keyOf(value), value);
        if (!opened.some((each) => keyOf(each) === keyOf(value)) && opened.length < 100) opened.push(value);
      }
      send();
      told = `${count(added)} added${refused.length ? `; not numbers: ${several(refused, 4)}` : ""}`;
      owner.input.value = "";
      owner.refresh();
      return true;
    },
    foot: many
      ? (owner) => [...KEYS(["Enter", "tick"], ["Esc", "close"]), h("button.clear", { text: "Untick all", onclick: () => (chosen.clear(), send(), owner.refresh(), owner.input.focus()) }), done(owner)]
      : () => KEYS(["↑↓", "move"], ["Enter", "choose"], ["Esc", "close"]),
  });
  list.open(anchor, query);
  if (suggests) values.ask(query, () => arrived(list), 0);
  return list;
}
