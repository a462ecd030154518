// The shapes of conditions: how each is read from a rule, what is still empty of it, how it is written, what it holds.

// What stands inside a node, each with the way to it: the children of a group, the steps of a sequence, nested rules.
function insides(node) {
  if (node.children) return node.children.map((child, index) => [node.bare ? "" : `${node.sequence ? "sequence" : node.group}[${index}]`, child]);
  if (node.where) return [["where", node.where]];
  if (node.company) return [["rule", node.rule]];
  return node.people ? [["people", node.people]] : [];
}

// The group that a condition holds, if it is one of those that hold one.
const innerOf = (node) => node.where || node.rule || node.people || null;

const joined = (path, way) => (way ? `${path}${path ? "." : ""}${way}` : path);

const SHAPES = {
  attribute: {
    read(tree, { value, ...rest }, node) {
      Object.assign(node, rest);
      const operator = tree.catalogue.operator(node);
      if (!operator) return false;
      node.value = readValue(operator.operand, value);
      return true;
    },
    lacks: (tree, node) => asked(tree, node),
    write: (tree, node) => ({ attribute: node.attribute, ...writeAsked(tree, node) }),
  },
  event: {
    read(tree, document, node) {
      const { event, where, within, measure = "count", of = null, value, ...rest } = document;
      Object.assign(node, rest, { event, measure, of, within: readWindow(within) });
      const operator = tree.catalogue.operator(node);
      if (!operator || !node.within) return false;
      node.value = readValue(operator.operand, value);
      node.where = where === undefined ? null : tree.inner(where, "event", "where");
      return true;
    },
    lacks(tree, node) {
      const measure = tree.catalogue.measures.get(node.measure);
      const of = measure && measure.of.length && !measure.of.includes((tree.catalogue.attributes.event.get(node.of) || {}).kind) ? ["of"] : [];
      return [...of, ...asked(tree, node), ...windowLacks(node.within)];
    },
    write(tree, node, write) {
      const written = { event: node.event };
      const where = node.where && write(node.where, "where");
      if (where) written.where = where;
      if (node.within.kind !== "any") written.within = writeWindow(node.within);
      if (node.measure !== "count") written.measure = node.measure;
      if (tree.catalogue.measures.get(node.measure).of.length) written.of = node.of;
      return { ...written, ...writeAsked(tree, node) };
    },
  },
  sequence: {
    read(tree, document, node) {
      const each = document.each_within === undefined ? { amount: null, unit: "days", on: false } : readAmount(document.each_within);
      Object.assign(node, { sequence: true, within: readWindow(document.within), each: each && { on: true, ...each } });
      if (!node.each || !node.within || !Array.isArray(document.sequence)) return false;
      if (!document.sequence.every((step) => step && typeof step.event === "string")) return false;
      node.children = document.sequence.map((step) => tree.newStep(step.event, step.where));
      return true;
    },
    lacks: (tree, node) => [...(node.each.on && !filled(node.each.amount) ? ["each-amount"] : []), ...windowLacks(node.within), ...(node.children.every((step) => step.event) ? [] : ["steps"])],
    write(tree, node, write) {
      const written = { sequence: node.children.map((step, index) => write(step, `sequence[${index}]`)) };
      if (node.each.on) written.each_within = { [node.each.unit]: node.each.amount };
      if (node.within.kind !== "any") written.within = writeWindow(node.within);
      return written;
    },
  },
  company: {
    read(tree, document, node) {
      Object.assign(node, { company: document.company, rule: tree.inner(document.rule, "company", "rule") });
      return QUANTIFIERS.some(([key]) => key === document.company) && Boolean(document.rule);
    },
    lacks: (tree, node) => (node.rule.children.length || node.rule.stored ? [] : ["rule"]),
    write: (tree, node, write) => ({ company: node.company, rule: write(node.rule, "rule") }),
  },
  people: {
    read(tree, document, node) {
      Object.assign(node, { people: tree.inner(document.people, "person", "people"), operator: document.operator });
      const operator = tree.catalogue.operator(node);
      if (!operator) return false;
      node.value = readValue(operator.operand, document.value);
      return true;
    },
    lacks: (tree, node) => asked(tree, node),
    write: (tree, node, write) => ({ people: write(node.people, "people") || { all: [] }, ...writeAsked(tree, node) }),
  },
  sample: {
    read(tree, document, node) {
      const { salt, from, to } = document.sample || {};
      node.sample = { salt, from, to };
      return typeof salt === "string" && typeof from === "number" && typeof to === "number";
    },
    lacks: (tree, { sample }) => [...(filled(sample.from) ? [] : ["from"]), ...(filled(sample.to) ? [] : ["to"]), ...(filled(sample.salt) ? [] : ["salt"])],
    write: (tree, { sample }) => ({ sample: { ...sample } }),
  },
  segment: {
    read: (tree, document, node) => Object.assign(node, document) && Object.keys(document).sort().join() === "operator,segment",
    lacks: () => [],
    write: (tree, node) => ({ segment: node.segment, operator: node.operator }),
  },
};

function shapeOf(node) {
  if (node.step) return null;
  for (const key of Object.keys(SHAPES)) if (node[key] !== undefined) return SHAPES[key];
  return null;
}

function asked(tree, node) {
  const operator = tree.catalogue.operator(node);
  return operator ? lacking(operator.operand, node.value) : [];
}

// Operator, value and options, as they are stored.
function writeAsked(tree, node) {
  const operator = tree.catalogue.operator(node);
  const written = { operator: node.operator };
  if (AMOUNTS.includes(operator.operand)) written.value = { [node.value.unit]: node.value.amount };
  else if (operator.operand !== "none") written.value = node.value;
  if (node.match_case) written.match_case = true;
  if (node.include_missing === false) written.include_missing = false;
  if (node.include_future) written.include_future = true;
  return written;
}
