// Conditions on events, companies, people and samples as tokens; those on attributes are in tokens.js.

// "did [Purchase] at least [2] times in the last [90] days where …"
function eventTokens(builder, node, name) {
  const { catalogue, tree } = builder;
  const measure = catalogue.measures.get(node.measure);
  const attribute = catalogue.attribute(node);
  const operator = catalogue.operator(node);
  const subject = subjectToken(builder, node, { look: catalogue.events.has(node.event) ? "subject" : "subject wrong", icon: catalogue.events.has(node.event) ? "event" : "error", text: name, label: `Event: ${name}` });
  const did = tree.did(node);
  const verb = verbToken(builder, node, did !== false, name);
  if (!operator || !measure) return [verb, subject, { key: "operator", type: "word", text: node.operator }];
  const rest = [...windowTokens(builder, node, name), ...whereTokens(builder, node)];
  if (did === false) return [verb, subject, ...rest];
  const of = measure.of.length ? [propertyToken(builder, node, measure, name)] : [];
  const how = measureToken(builder, node, measure, name);
  const asked = askedTokens(builder, node, { ...attribute, label: name, unit: attribute.counting ? "" : attribute.unit }, operator);
  if (attribute.counting) return [verb, subject, ...asked, how, ...(of.length ? [{ key: "of-word", type: "word", text: "of" }, ...of] : []), ...rest];
  return [verb, subject, how, ...of, ...asked, ...rest];
}

function verbToken(builder, node, did, name) {
  const words = [
    ["did", "did", "at least once, or as often as you say"],
    ["not", "did not", "not once"],
  ];
  return {
    key: "verb",
    type: "button",
    look: "operator verb",
    text: did ? "did" : "did not",
    label: `${did ? "did" : "did not"} ${name}`,
    open: (anchor, query) => openWords(builder, anchor, { label: `Did or did not ${name}`, words, chosen: did ? "did" : "not", query, choose: (word) => builder.setDid(node.id, word === "did") }),
  };
}

function measureToken(builder, node, measure, name) {
  const { catalogue } = builder;
  const one = measure.key !== "count" ? measure.label : node.value === 1 ? "time" : "times";
  const possible = [...catalogue.measures.values()].filter(({ of }) => !of.length || catalogue.properties(node.event).some((each) => of.includes(each.kind)));
  const words = possible.map(({ key, label, of }) => [key, label, of.length ? "of a property" : { count: "how often", days: "on how many days" }[key] || "when"]);
  return {
    key: "measure",
    type: "button",
    look: "operator measure",
    text: one,
    label: `Measure of ${name}: ${measure.label}`,
    open: (anchor, query) => openWords(builder, anchor, { label: `Measure of ${name}`, words, chosen: measure.key, query, choose: (key) => builder.setMeasure(node.id, key) }),
  };
}

function propertyToken(builder, node, measure, name) {
  const { catalogue } = builder;
  const of = catalogue.attributes.event.get(node.of);
  const missing = !of || !measure.of.includes(of.kind);
  const words = catalogue.properties(node.event).filter((each) => measure.of.includes(each.kind)).map((each) => [each.key, each.label]);
  return {
    key: "of",
    type: "button",
    look: missing ? "value" : "subject",
    icon: missing ? undefined : of.kind,
    text: missing ? "choose a property" : of.label,
    missing,
    label: `Property of ${name} ${measure.label}: ${missing ? "not chosen yet" : of.label}`,
    open: (anchor, query) => openWords(builder, anchor, { label: `Property of ${name}`, words, chosen: node.of, query, choose: (key) => builder.setProperty(node.id, key) }),
  };
}

function windowTokens(builder, node, name) {
  const { within } = node;
  const { zone } = builder.data;
  const part = (key, change, token = `within-${key}`) => builder.setPart(node.id, "within", change, token);
  const texts = { any: "at any time", last: "in the last", period: "in", between: "between", since: "since", before: "before" };
  const kind = {
    key: "within",
    type: "button",
    look: "operator window",
    text: texts[within.kind],
    label: `Time of ${name}: ${texts[within.kind]}`,
    open: (anchor, query) => openWords(builder, anchor, { label: `Time of ${name}`, words: WINDOWS, chosen: within.kind, query, choose: (chosen) => builder.setPart(node.id, "within", { kind: chosen }, "within") }),
  };
  const edge = (key, label, last) => {
    const day = within[key] && dayOf(within[key], last, zone);
    return dateToken(builder, `within-${key}`, `${label} for ${name}`, day, true, (when) => part(key, { [key]: edgeOf(when, last, zone) }));
  };
  switch (within.kind) {
    case "last":
      return [
        kind,
        number("within-amount", `Amount of ${within.unit} for the time of ${name}`, (now) => now.within.amount, (now, amount) => ({ ...now.within, amount }), { field: "within", whole: true, least: 1 }),
        unitChoice(builder, "within-unit", `Unit for the time of ${name}`, within, (unit) => part("unit", { unit })),
      ];
    case "period":
      return [
        kind,
        {
          key: "within-word",
          type: "button",
          look: "value",
          text: within.word ? within.word.replace("_", " ") : "choose a period",
          missing: !within.word,
          label: `Period for ${name}: ${within.word ? within.word.replace("_", " ") : "not chosen yet"}`,
          open: (anchor, query) => openWords(builder, anchor, { label: `Period for ${name}`, words: PAST, chosen: within.word, query, choose: (word) => part("word", { word }) }),
        },
      ];
    case "between":
      return [kind, edge("from", "First day", false), { key: "within-and", type: "word", text: "and" }, edge("to", "Last day", true)];
    case "since":
      return [kind, edge("from", "First day", false)];
    case "before":
      return [kind, edge("to", "Day", false)];
    default:
      return [kind];
  }
}

function unitChoice(builder, key, label, { unit, amount }, choose) {
  return {
    key,
    type: "button",
    look: "operator unit",
    text: unitWord(unit, amount),
    label: `${label}: ${unit}`,
    open: (anchor, query) => openWords(builder, anchor, { label, words: UNITS, chosen: unit, query, choose }),
  };
}

// The way to properties; once there is one, they are lines under this one.
function whereTokens(builder, node) {
  const name = builder.catalogue.label(node);
  if (node.where || builder.data.readonly || !node.event || !builder.catalogue.properties(node.event).length) return [];
  const choose = (what) => builder.addWhere(node.id, what);
  const open = (anchor, query) => openPicker(builder, anchor, { label: `Property of ${name}`, over: "event", event: node.event, query, choose });
  return [{ key: "where", type: "button", look: "operator where", text: "+ where", label: `+ where for ${name}`, open }];
}

// "all of these", as a token in the line of the condition that holds the group.
function wordToken(builder, group) {
  return {
    key: "word",
    type: "button",
    look: `groupword ${group.group}`,
    text: GROUPS[group.group],
    label: `match ${GROUPS[group.group]}`,
    open: (anchor) => openGroupWords(builder, anchor, group.id),
  };
}

// "did in order each within [3] days"; the steps are lines under it.
function sequenceTokens(builder, node) {
  const { each } = node;
  const words = [
    ["off", "however long between them"],
    ["on", "each within …", "of the one before it"],
  ];
  const pace = {
    key: "each",
    type: "button",
    look: "operator",
    text: each.on ? "each within" : "however long between them",
    label: `Time between the steps: ${each.on ? "each within" : "however long"}`,
    open: (anchor, query) => openWords(builder, anchor, { label: "Time between the steps", words, chosen: each.on ? "on" : "off", query, choose: (word) => builder.setPart(node.id, "each", { on: word === "on" }, "each") }),
  };
  const amount = number("each-amount", `Amount of ${each.unit} between the steps`, (now) => now.each.amount, (now, typed) => ({ ...now.each, amount: typed }), { field: "each", whole: true, least: 1 });
  const unit = unitChoice(builder, "each-unit", "Unit between the steps", each, (chosen) => builder.setPart(node.id, "each", { unit: chosen }, "each-unit"));
  return [subjectToken(builder, node, { look: "subject", icon: "event", text: "did in order", label: "Several in order" }), pace, ...(each.on ? [amount, unit] : []), ...windowTokens(builder, node, "the steps")];
}

function stepTokens(builder, node) {
  const { catalogue } = builder;
  const known = catalogue.events.has(node.event);
  const name = node.event ? catalogue.label(node) : "choose an event";
  const words = [...catalogue.events.values()].map((event) => [event.name, event.label, `${count(event.count)} in 30 days`]);
  const subject = {
    key: "subject",
    type: "button",
    look: node.event ? (known ? "subject" : "subject wrong") : "value",
    icon: node.event ? (known ? "event" : "error") : undefined,
    text: name,
    missing: !node.event,
    label: `Event of the step: ${node.event ? name : "not chosen yet"}`,
    open: (anchor, query) => openWords(builder, anchor, { label: "Event of the step", words, chosen: node.event, search: true, query, choose: (event) => builder.setEvent(node.id, event) }),
  };
  return [subject, ...whereTokens(builder, node)];
}

// "any company of theirs matches all of these"
function companyTokens(builder, node) {
  const text = QUANTIFIERS.find(([key]) => key === node.company)[1];
  const which = {
    key: "quantifier",
    type: "button",
    look: "operator quantifier",
    text,
    label: `Which of their companies: ${text}`,
    open: (anchor, query) => openWords(builder, anchor, { label: "Which of their companies", words: QUANTIFIERS, chosen: node.company, query, choose: (key) => builder.setPart(node.id, "company", key, "quantifier") }),
  };
  const subject = subjectToken(builder, node, { look: "subject", icon: "company", text: node.company === "primary" ? "company" : "company of theirs", label: "Company" });
  return [which, subject, { key: "matches", type: "word", text: node.company === "none" ? "that matches" : "matches" }, wordToken(builder, node.rule)];
}

// "has at least 5 people who match all of these"
function peopleTokens(builder, node) {
  const operator = builder.catalogue.operator(node);
  const attribute = { ...builder.catalogue.attribute(node), unit: "" };
  const asked = operator ? askedTokens(builder, node, attribute, operator) : [];
  const one = node.value === 1 ? "person" : "people";
  const subject = subjectToken(builder, node, { look: "subject", icon: "people", text: one, label: "People" });
  return [{ key: "has", type: "word", text: "has" }, ...asked, subject, { key: "matches", type: "word", text: node.value === 1 ? "who matches" : "who match" }, wordToken(builder, node.people)];
}

// "a stable random [10]% · sample [A]"
function sampleTokens(builder, node) {
  const { sample } = node;
  const percent = (key, label) => number(key, label, (now) => now.sample[key], (now, typed) => ({ ...now.sample, [key]: typed }), { field: "sample", least: 0 });
  const share = sample.from === 0 ? [percent("to", "Percentage of the sample")] : [percent("from", "Sample from this percentage"), { key: "and", type: "word", text: "to" }, percent("to", "Sample up to this percentage")];
  const letters = ["A", "B", "C", "D", "E", "F", "G", "H"];
  const salt = {
    key: "salt",
    type: "button",
    look: "value",
    text: sample.salt || "choose a letter",
    missing: !filled(sample.salt),
    tip: "The same people every time; another letter gives other people",
    label: `Sample: ${sample.salt}`,
    open: (anchor, query) => openText(builder, anchor, { label: "Sample", value: sample.salt, offered: letters, query, choose: (text) => builder.setPart(node.id, "sample", { salt: text }, "salt") }),
  };
  return [subjectToken(builder, node, { look: "subject", icon: "sample", text: "a stable random", label: "Sample" }), ...share, { key: "percent", type: "word", text: "%  ·  sample", tight: true }, salt];
}
