// The filter as it is edited: nodes with ids that outlive every edit, what they write, and every change to them.

const GROUPS = { all: "all of these", any: "any of these", none: "none of these" };
const DEFAULTS = { text: "is", number: "gte", boolean: "is_true", date: "less_than_ago", datetime: "less_than_ago", list: "includes_any", location: "is_known" };
const DEEPEST = 16;

// What the operators, attributes and segments of `data.catalogue` are, by key.
class Catalogue {
  constructor(given) {
    this.given = given;
    this.operators = given.operators || {};
    this.kinds = given.kinds || {};
    this.attributes = new Map((given.attributes || []).map((attribute) => [attribute.key, attribute]));
    this.segments = new Map((given.segments || []).map((segment) => [segment.key, segment]));
  }

  attribute(key) {
    return this.attributes.get(key);
  }

  kind(node) {
    const attribute = this.attributes.get(node.attribute);
    return attribute ? attribute.kind : null;
  }

  offered(kind) {
    return this.kinds[kind] || [];
  }

  operator(node) {
    const operator = this.operators[node.operator];
    return operator && this.offered(this.kind(node)).includes(node.operator) ? operator : null;
  }

  first(kind) {
    const offered = this.offered(kind);
    return offered.includes(DEFAULTS[kind]) ? DEFAULTS[kind] : offered[0];
  }

  // "is empty", but of a list "are empty".
  wording(key, kind) {
    const own = (this.given.labels || {})[kind];
    return (own && own[key]) || (this.operators[key] || { label: key.replace(/_/g, " ") }).label;
  }

  caseMatters(node) {
    return Boolean((this.operators[node.operator] || {}).match_case) && this.kind(node) !== "number";
  }

  label(node) {
    if (node.segment !== undefined) return (this.segments.get(node.segment) || { name: node.segment }).name;
    return (this.attributes.get(node.attribute) || { label: node.attribute }).label;
  }
}

class Tree {
  constructor(document, catalogue) {
    this.catalogue = catalogue;
    this.last = 0;
    this.root = this.read(document && Object.keys(document).length ? document : { all: [] });
    if (!this.root.group) this.root = { id: this.fresh(), group: "all", children: [this.root] };
    this.snapshot = this.kept();
    this.past = [];
    this.future = [];
    this.burst = null;
  }

  fresh() {
    this.last += 1;
    return `n${this.last}`;
  }

  read(document) {
    const id = this.fresh();
    for (const group of Object.keys(GROUPS)) {
      if (Array.isArray(document[group])) {
        const children = document[group].map((child) => this.read(child));
        // A stored group of nothing means something (any of nothing is no one), so it is written as it came.
        return { id, group, children, ...(children.length ? {} : { stored: true }) };
      }
    }
    if (typeof document.attribute === "string") {
      const { value, ...rest } = document;
      const node = { id, ...rest };
      const operator = this.catalogue.operator(node);
      if (operator) node.value = readValue(operator.operand, value);
      else node.raw = document;
      return node;
    }
    const keys = Object.keys(document).sort().join();
    if (keys === "operator,segment") return { id, ...document };
    return { id, raw: document };
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────

  find(id, within = this.root, parent = null, index = 0, depth = 0) {
    if (within.id === id) return { node: within, parent, index, depth };
    for (const [place, child] of (within.children || []).entries()) {
      const found = this.find(id, child, within, place, depth + 1);
      if (found) return found;
    }
    return null;
  }

  node(id) {
    const found = this.find(id);
    return found ? found.node : null;
  }

  // How many levels of groups a node holds, itself included.
  height(node) {
    return node.children ? 1 + Math.max(0, ...node.children.map((child) => this.height(child))) : 0;
  }

  lacks(node) {
    if (node.children) return node.children.length || node.stored || node === this.root ? [] : ["group"];
    if (node.raw || node.segment !== undefined) return [];
    const operator = this.catalogue.operator(node);
    return operator ? lacking(operator.operand, node.value) : [];
  }

  // The path of every node, as the rule came.
  paths(node = this.root, path = "", found = new Map()) {
    found.set(path, node.id);
    for (const [index, child] of (node.children || []).entries()) this.paths(child, `${path}${path ? "." : ""}${node.group}[${index}]`, found);
    return found;
  }

  // The rule of what is finished, how many conditions are not, and which path each node got.
  written() {
    const paths = new Map();
    let unfinished = 0;
    const write = (node, path) => {
      if (this.lacks(node).length) {
        unfinished += 1;
        return null;
      }
      if (node.children) {
        const rules = [];
        for (const child of node.children) {
          const rule = write(child, `${path}${path ? "." : ""}${node.group}[${rules.length}]`);
          if (rule) rules.push(rule);
        }
        if (!rules.length && node.children.length && node !== this.root) return null;
        paths.set(path, node.id);
        // While nothing in it is finished yet, "any" would be no one.
        return { [!rules.length && node.children.length ? "all" : node.group]: rules };
      }
      paths.set(path, node.id);
      return this.document(node);
    };
    const rule = write(this.root, "");
    return { rule, unfinished, paths };
  }

  document(node) {
    if (node.raw) return node.raw;
    if (node.segment !== undefined) return { segment: node.segment, operator: node.operator };
    const operator = this.catalogue.operator(node);
    const written = { attribute: node.attribute, operator: node.operator };
    if (AMOUNTS.includes(operator.operand)) written.value = { [node.value.unit]: node.value.amount };
    else if (operator.operand !== "none") written.value = node.value;
    if (node.match_case) written.match_case = true;
    if (node.include_missing === false) written.include_missing = false;
    if (node.include_future) written.include_future = true;
    return written;
  }

  // ── undo ───────────────────────────────────────────────────────────────────────────────────────────────

  kept() {
    return JSON.stringify(this.root);
  }

  // Call after every change. Changes of one burst (typing in one place without a pause) are one step.
  commit(burst = null, now = Date.now()) {
    const snapshot = this.kept();
    if (snapshot === this.snapshot) return false;
    const same = burst && this.burst && this.burst.key === burst && now - this.burst.at < 1500;
    if (!same) {
      this.past.push(this.snapshot);
      if (this.past.length > 100) this.past.shift();
    }
    this.burst = burst ? { key: burst, at: now } : null;
    this.future = [];
    this.snapshot = snapshot;
    return true;
  }

  step(from, to) {
    if (!from.length) return false;
    to.push(this.snapshot);
    this.snapshot = from.pop();
    this.root = JSON.parse(this.snapshot);
    this.burst = null;
    return true;
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  // ── edits ──────────────────────────────────────────────────────────────────────────────────────────────

  add(groupId, node, index = Infinity) {
    const group = this.node(groupId);
    group.children.splice(Math.min(index, group.children.length), 0, node);
    delete group.stored;
    return node;
  }

  condition(attribute) {
    const operator = this.catalogue.first(attribute.kind);
    return { id: this.fresh(), attribute: attribute.key, operator, value: blank(this.catalogue.operators[operator].operand) };
  }

  membership(key) {
    return { id: this.fresh(), segment: key, operator: "in" };
  }

  group(word, children = []) {
    return { id: this.fresh(), group: word, children };
  }

  remove(id) {
    const { parent, index } = this.find(id);
    parent.children.splice(index, 1);
    return { parent, index };
  }

  copy(node) {
    const copied = JSON.parse(JSON.stringify(node));
    const rename = (each) => {
      each.id = this.fresh();
      (each.children || []).forEach(rename);
    };
    rename(copied);
    return copied;
  }

  duplicate(id) {
    const { node, parent, index } = this.find(id);
    const copied = this.copy(node);
    parent.children.splice(index + 1, 0, copied);
    return copied;
  }

  replace(id, made) {
    const { parent, index } = this.find(id);
    parent.children.splice(index, 1, made);
    return made;
  }

  // Exactly the others: the complement of the operator, any ↔ none, else "none of these" around it.
  turn(id) {
    const { node, parent } = this.find(id);
    if (node.segment !== undefined) node.operator = node.operator === "in" ? "not_in" : "in";
    else if (node.group === "any" || node.group === "none") node.group = node.group === "any" ? "none" : "any";
    else if (this.turned(node)) {
      node.operator = this.turned(node);
      delete node.include_missing;
    } else if (parent && parent.group === "none" && parent.children.length === 1 && parent !== this.root) {
      return this.replace(parent.id, node);
    } else return this.wrap(id, "none");
    return node;
  }

  // Whoever a negative condition leaves out for lack of a value is in neither it nor its complement.
  turned(node) {
    if (!node.attribute || node.raw || node.include_missing === false) return null;
    const other = (this.catalogue.operators[node.operator] || {}).complement;
    return other && this.catalogue.offered(this.catalogue.kind(node)).includes(other) ? other : null;
  }

  wrap(id, word = "any") {
    const { node } = this.find(id);
    const group = this.group(word);
    this.replace(id, group);
    group.children.push(node);
    return node;
  }

  ungroup(id) {
    const { node, parent, index } = this.find(id);
    parent.children.splice(index, 1, ...node.children);
    return node.children[0] || parent;
  }

  // One place up or down in reading order: past its neighbour, into a group that is its neighbour, or out of its own.
  move(id, by) {
    const { node, parent, index } = this.find(id);
    if (!parent) return false;
    const neighbour = parent.children[index + by];
    if (!neighbour) {
      if (parent === this.root) return false;
      const outer = this.find(parent.id);
      parent.children.splice(index, 1);
      outer.parent.children.splice(outer.index + (by > 0 ? 1 : 0), 0, node);
      return true;
    }
    parent.children.splice(index, 1);
    if (neighbour.group && this.find(neighbour.id).depth + this.height(node) < DEEPEST) {
      neighbour.children.splice(by > 0 ? 0 : neighbour.children.length, 0, node);
      delete neighbour.stored;
    } else parent.children.splice(index + by, 0, node);
    return true;
  }

  // To a place among the children of a group, counted before it is taken away from where it is.
  place(id, groupId, index) {
    const { node, parent, index: from } = this.find(id);
    const group = this.node(groupId);
    parent.children.splice(from, 1);
    group.children.splice(parent === group && from < index ? index - 1 : index, 0, node);
    delete group.stored;
    return node;
  }

  ask(id, attribute) {
    const node = this.node(id);
    const before = this.catalogue.kind(node);
    delete node.raw;
    delete node.segment;
    node.attribute = attribute.key;
    const compared = ["number", "date", "datetime"].includes(attribute.kind) && before === attribute.kind;
    if (!this.catalogue.operator(node)) node.operator = this.catalogue.first(attribute.kind);
    if (!compared) node.value = blank(this.catalogue.operator(node).operand);
    this.keepFlags(node);
    return node;
  }

  refer(id, key) {
    const node = this.node(id);
    for (const name of Object.keys(node)) if (name !== "id") delete node[name];
    return Object.assign(node, { segment: key, operator: "in" });
  }

  // Another operator keeps what it can of the value.
  operate(id, key) {
    const node = this.node(id);
    const before = (this.catalogue.operators[node.operator] || {}).operand;
    const after = this.catalogue.operators[key].operand;
    delete node.raw;
    node.operator = key;
    node.value = converted(before, after, node.value);
    if (after !== "when" && after !== "range") node.value = withoutTime(node.value);
    this.keepFlags(node);
    return node;
  }

  keepFlags(node) {
    const operator = this.catalogue.operators[node.operator] || {};
    if (!this.catalogue.caseMatters(node)) delete node.match_case;
    if (!operator.negative) delete node.include_missing;
    if (!operator.include_future) delete node.include_future;
  }
}
