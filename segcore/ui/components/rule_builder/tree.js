// The filter as it is edited: nodes with ids that outlive every edit, what they write, and every change to them.

const GROUPS = { all: "all of these", any: "any of these", none: "none of these" };
const DEFAULTS = { text: "is", number: "gte", boolean: "is_true", date: "less_than_ago", datetime: "less_than_ago", list: "includes_any", location: "within_km" };
const DEEPEST = 16;

class Tree {
  constructor(document, catalogue, entity) {
    this.catalogue = catalogue;
    this.last = 0;
    this.root = this.inner(document && Object.keys(document).length ? document : { all: [] }, entity);
    this.snapshot = this.kept();
    this.past = [];
    this.future = [];
    this.burst = null;
  }

  fresh() {
    this.last += 1;
    return `n${this.last}`;
  }

  read(document, over) {
    const id = this.fresh();
    for (const group of Object.keys(GROUPS)) {
      if (Array.isArray(document[group])) {
        const children = document[group].map((child) => this.read(child, over));
        // A stored group of nothing means something (any of nothing is no one), so it is written as it came.
        return { id, over, group, children, ...(children.length ? {} : { stored: true }) };
      }
    }
    const kind = Object.keys(SHAPES).find((key) => document[key] !== undefined);
    const node = { id, over };
    if (kind && SHAPES[kind].read(this, document, node)) return node;
    // What cannot be changed here is written as it came; of an attribute at least its name is shown.
    return { id, over, raw: document, ...(kind === "attribute" ? { attribute: document.attribute, operator: document.operator } : {}) };
  }

  // A rule as a group: the outermost one, or one that a condition holds.
  inner(document, over, role = null) {
    const node = this.read(document || { all: [] }, over);
    const group = node.group ? node : { ...this.group("all", [node], over), bare: true };
    return role ? { ...group, role } : group;
  }

  newStep(event, where) {
    return { id: this.fresh(), over: "person", step: true, event, where: where === undefined ? null : this.inner(where, "event", "where") };
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────

  // A node, what it stands in and at which place, and how many groups are around it.
  find(id, within = this.root, parent = null, index = 0, depth = 0) {
    if (within.id === id) return { node: within, parent, index, depth };
    const deeper = within.group || within.company || within.people ? 1 : 0;
    for (const [place, [, child]] of insides(within).entries()) {
      const found = this.find(id, child, within, place, depth + deeper);
      if (found) return found;
    }
    return null;
  }

  // The condition that a node stands in the nested rule of, or null.
  holder(id) {
    let found = this.find(id);
    while (found && found.parent && found.parent.group) found = this.find(found.parent.id);
    return found && found.parent;
  }

  // The event whose properties a node asks.
  eventOf(id) {
    const holder = this.holder(id);
    return holder ? holder.event : undefined;
  }

  node(id) {
    const found = this.find(id);
    return found ? found.node : null;
  }

  // How many levels of groups a node holds, itself included.
  height(node) {
    const own = node.group || node.company || node.people ? 1 : 0;
    return own + Math.max(0, ...insides(node).map(([, child]) => this.height(child)));
  }

  lacks(node) {
    if (node.group) return node.children.length || node.stored || node === this.root || node.role ? [] : ["group"];
    if (node.step) return node.event ? [] : ["subject"];
    const shape = node.raw ? null : shapeOf(node);
    return shape ? shape.lacks(this, node) : [];
  }

  // The path of every node, as the rule came.
  paths(node = this.root, path = "", found = new Map()) {
    found.set(path, node.id);
    for (const [way, child] of insides(node)) this.paths(child, joined(path, way), found);
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
      const before = unfinished;
      const rule = node.group ? group(node, path) : this.document(node, (inner, way) => write(inner, joined(path, way)));
      // Around something that cannot be asked without what is missing in it.
      if (rule === null && unfinished === before) unfinished += 1;
      if (rule !== null) paths.set(path, node.id);
      return rule;
    };
    const group = (node, path) => {
      const rules = [];
      for (const child of node.children) {
        const rule = write(child, joined(path, `${node.group}[${rules.length}]`));
        if (rule) rules.push(rule);
      }
      // Any people will do where nothing is asked of them.
      const whoever = node.role === "people" && !node.children.length;
      if (!rules.length && node !== this.root && !whoever && (node.children.length || (node.role && !node.stored))) return null;
      // While nothing in it is finished yet, "any" would be no one.
      return { [!rules.length && node.children.length ? "all" : node.group]: rules };
    };
    const rule = write(this.root, "");
    return { rule, unfinished, paths };
  }

  // A condition as it is stored; null where a rule in it has nothing finished yet.
  document(node, write) {
    if (node.raw) return node.raw;
    if (node.step) {
      const where = node.where && write(node.where, "where");
      return where ? { event: node.event, where } : { event: node.event };
    }
    const document = shapeOf(node).write(this, node, write);
    return document.rule === null || (document.sequence || []).includes(null) ? null : document;
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

  // The condition that begins with what was chosen: {attribute}, {event}, {sequence}, {company}, {people}, {sample}, {segment}.
  begin(what, over) {
    const node = { id: this.fresh(), over };
    if (what.segment) return Object.assign(node, { segment: what.segment, operator: "in" });
    if (what.event) return Object.assign(node, { event: what.event, measure: "count", of: null, operator: "gte", value: 1, within: anyTime(), where: null });
    if (what.sequence) return Object.assign(node, { sequence: true, children: [this.newStep(null), this.newStep(null)], each: { on: false, amount: null, unit: "days" }, within: anyTime() });
    if (what.sample) return Object.assign(node, { sample: { salt: "A", from: 0, to: null } });
    if (what.company) return Object.assign(node, { company: "any", rule: this.nested(what.company, "company", "rule") });
    if (what.people) return Object.assign(node, { people: this.nested(what.people, "person", "people"), operator: "gte", value: 1 });
    const operator = this.catalogue.first(what.attribute.kind);
    return Object.assign(node, { attribute: what.attribute.key, operator, value: blank(this.catalogue.operators[operator].operand) });
  }

  // A rule that a condition holds, begun with one condition, or empty where nothing was chosen for it yet.
  nested(what, over, role) {
    return { ...this.group("all", what === true ? [] : [this.begin(what, over)], over), role };
  }

  group(word, children, over) {
    return { id: this.fresh(), over, group: word, children };
  }

  // The last condition of a "where" takes it along.
  remove(id) {
    const { parent, index } = this.find(id);
    parent.children.splice(index, 1);
    if (parent.role !== "where" || parent.children.length) return { parent, index };
    const holder = this.find(parent.id).parent;
    holder.where = null;
    return { parent: holder, index: -1 };
  }

  copy(node) {
    const copied = JSON.parse(JSON.stringify(node));
    const rename = (each) => {
      each.id = this.fresh();
      insides(each).forEach(([, child]) => rename(child));
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
    const did = this.did(node);
    if (node.segment !== undefined) node.operator = node.operator === "in" ? "not_in" : "in";
    else if (node.group === "any" || node.group === "none") node.group = node.group === "any" ? "none" : "any";
    else if (did !== null) Object.assign(node, did ? { operator: "eq", value: 0 } : { operator: "gte", value: 1 });
    else if (node.company === "any" || node.company === "none") node.company = node.company === "any" ? "none" : "any";
    else if (this.turned(node)) {
      node.operator = this.turned(node);
      delete node.include_missing;
    } else if (parent && parent.group === "none" && parent.children.length === 1 && parent !== this.root && !parent.role) {
      return this.replace(parent.id, node);
    } else return this.wrap(id, "none");
    return node;
  }

  // Whether an event is asked to have happened at all (true), or not at all (false); null for all other questions.
  did(node) {
    if (node.event === undefined || node.measure !== "count" || node.raw) return null;
    if (node.operator === "gte" && node.value === 1) return true;
    return node.operator === "eq" && node.value === 0 ? false : null;
  }

  // Whoever a negative condition leaves out for lack of a value is in neither it nor its complement.
  turned(node) {
    if (node.raw || node.include_missing === false || !this.catalogue.operator(node)) return null;
    const other = (this.catalogue.operators[node.operator] || {}).complement;
    return other && this.catalogue.offered(node).includes(other) ? other : null;
  }

  wrap(id, word = "any") {
    const { node } = this.find(id);
    const group = this.group(word, [], node.over);
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
      if (parent === this.root || parent.role || parent.sequence) return false;
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

  // Another subject in the place of the one there was; what still fits is kept.
  become(id, what) {
    const node = this.node(id);
    if (what.event && node.event !== undefined) return Object.assign(node, { event: what.event });
    if (what.attribute && node.attribute !== undefined) return this.ask(node, what.attribute);
    return this.replace(id, { ...this.begin(what, node.over), id });
  }

  ask(node, attribute) {
    const before = this.catalogue.kind(node);
    delete node.raw;
    node.attribute = attribute.key;
    const compared = ["number", "date", "datetime"].includes(attribute.kind) && before === attribute.kind;
    if (!this.catalogue.operator(node)) node.operator = this.catalogue.first(attribute.kind);
    if (!compared) node.value = blank(this.catalogue.operator(node).operand);
    this.keepFlags(node);
    return node;
  }

  // Another measure: the property stays if it has a fitting kind, else the only fitting one is taken.
  measure(id, key) {
    const node = this.node(id);
    const { catalogue } = this;
    const before = catalogue.kind(node);
    const measure = catalogue.measures.get(key);
    node.measure = key;
    const fitting = catalogue.properties(node.event).filter((each) => measure.of.includes(each.kind));
    if (!fitting.some((each) => each.key === node.of)) node.of = fitting.length === 1 ? fitting[0].key : null;
    return this.refit(node, before);
  }

  of(id, key) {
    const node = this.node(id);
    const before = this.catalogue.kind(node);
    node.of = key;
    return this.refit(node, before);
  }

  // What is measured may be of another kind now, and then no operator of before has a meaning.
  refit(node, before) {
    const kind = this.catalogue.kind(node);
    if (kind !== before || !this.catalogue.offered(node).includes(node.operator)) {
      node.operator = this.catalogue.first(kind);
      node.value = blank(this.catalogue.operators[node.operator].operand);
    }
    this.keepFlags(node);
    return node;
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
