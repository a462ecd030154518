// What can be done to a filter; every edit says where the focus goes.

class Edits extends Focus {
  add(groupId, what) {
    const { tree } = this;
    this.folded = false;
    this.begun(tree.add(groupId, tree.begin(what, tree.node(groupId).over)));
  }

  // The first of the properties that an event has to have.
  addWhere(id, what) {
    const node = this.tree.node(id);
    node.where = this.tree.nested(what, "event", "where");
    this.begun(node.where.children[0]);
  }

  addStep(id) {
    const { tree } = this;
    this.begun(tree.add(id, tree.newStep(null)));
  }

  // What was just made has the focus: the condition inside it, or the place for one.
  begun(node) {
    this.floating.hide(false);
    this.changed();
    const inner = innerOf(node);
    if (inner && !node.where) {
      if (inner.children.length) this.focusOn(inner.children[0].id);
      else this.focusFoot(inner.id);
    } else if (node.sequence) this.focusOn(node.children[0].id);
    else this.focusOn(node.id, node.event && this.tree.lacks(node).length === 0 ? "value" : null);
  }

  addGroup(groupId) {
    const { tree } = this;
    const outer = tree.node(groupId);
    const node = tree.add(groupId, tree.group(outer.group === "any" ? "all" : "any", [], outer.over));
    this.changed();
    this.focusOn(node.id);
  }

  setSubject(id, what) {
    this.begun(this.tree.become(id, what));
  }

  setEvent(id, name) {
    this.tree.node(id).event = name;
    this.floating.hide(false);
    this.changed();
    const { parent, index } = this.tree.find(id);
    const next = parent.sequence && parent.children.slice(index + 1).find((step) => !step.event);
    this.focusOn(next ? next.id : id, "subject");
  }

  setDid(id, did) {
    Object.assign(this.tree.node(id), { measure: "count", of: null }, did ? { operator: "gte", value: 1 } : { operator: "eq", value: 0 });
    this.floating.hide(false);
    this.changed();
    this.focusOn(id, "verb");
  }

  setMeasure(id, key) {
    this.floating.hide(false);
    const node = this.tree.measure(id, key);
    this.changed();
    this.focusOn(id, this.tree.lacks(node).length ? null : "measure");
  }

  setProperty(id, key) {
    this.floating.hide(false);
    const node = this.tree.of(id, key);
    this.changed();
    this.focusOn(id, this.tree.lacks(node).length ? null : "of");
  }

  // A part of a condition beside its value: the window, the pace of a sequence, the sample, the quantifier.
  setPart(id, name, value, token) {
    this.floating.hide(false);
    const node = this.tree.node(id);
    node[name] = typeof value === "object" ? { ...node[name], ...value } : value;
    this.changed();
    const empty = this.tree.lacks(node).find((key) => key.startsWith(name));
    this.focusOn(id, empty || token);
  }

  setOperator(id, key) {
    this.floating.hide(false);
    if (this.tree.node(id).segment !== undefined) this.tree.node(id).operator = key;
    else this.tree.operate(id, key);
    this.changed();
    this.focusOn(id, this.tree.lacks(this.tree.node(id)).length ? null : "operator");
  }

  setFlag(id, name, value) {
    const node = this.tree.node(id);
    if (value === undefined) delete node[name];
    else node[name] = value;
    // Until the answer is there, those who come back are all that have no value; else the note would blink.
    const counts = this.counts.get(id);
    if (counts && name === "include_missing") counts.missing = value === undefined ? (this.catalogue.attribute(node) || {}).missing : 0;
    this.changed();
  }

  // `done`: the list closes, and the focus goes back to its token or on to the next empty one.
  setValue(id, value, done = false, burst = null) {
    const node = this.tree.node(id);
    const anchor = this.floating.anchor;
    node.value = value;
    if (done) this.floating.hide(false);
    this.changed(60, burst && `${id}=${burst}`);
    if (!done) return;
    const empty = this.tree.lacks(node).filter((key) => key !== "order");
    if (empty.length) this.focusOn(id, empty[0]);
    else if (anchor && anchor.isConnected) anchor.focus({ preventScroll: true });
    else this.focusOn(id, "value");
  }

  type(id, key, value, field = "value") {
    this.tree.node(id)[field] = value;
    this.changed(250, `${id}:${key}`);
  }

  setGroup(id, word) {
    this.tree.node(id).group = word;
    this.floating.hide();
    this.changed();
  }

  // The last step takes the sequence along.
  remove(given) {
    const { node, parent: around } = this.tree.find(given);
    const id = node.step && around.children.length === 1 ? around.id : given;
    const { parent, index } = this.tree.remove(id);
    this.floating.hide(false);
    this.changed();
    const next = index < 0 ? parent : parent.children[index] || parent.children[index - 1];
    if (next) this.focusOn(next.id, next.group ? "word" : "subject");
    else this.focusFoot(parent.id);
  }

  // Beside a "did not" of the last days: signed up no later than when those began.
  onlyOlder(id) {
    const { tree } = this;
    const { node, parent } = tree.find(id);
    const { amount, unit } = node.within;
    const value = { amount, unit };
    const made = { id: tree.fresh(), over: node.over, attribute: "signed_up_at", operator: "at_least_ago", value };
    if (parent.group !== "all") tree.wrap(id, "all");
    const { parent: group, index } = tree.find(id);
    group.children.splice(index + 1, 0, made);
    this.changed();
    this.focusOn(made.id, "amount");
  }

  duplicate(id) {
    const copied = this.tree.duplicate(id);
    this.changed();
    this.focusOn(copied.id, copied.group ? "word" : "subject");
  }

  turn(id) {
    const node = this.tree.turn(id);
    this.changed();
    this.focusOn(node.id, node.group ? "word" : "operator");
  }

  wrap(id) {
    const node = this.tree.wrap(id);
    this.changed();
    this.focusOn(this.tree.find(node.id).parent.id, "word");
  }

  ungroup(id) {
    const node = this.tree.ungroup(id);
    this.changed();
    if (node === this.tree.root) this.focusFoot(node.id);
    else this.focusOn(node.id, node.group ? "word" : "subject");
  }

  move(id, by) {
    const held = focused(this.root);
    const key = held && held.closest(`[data-id="${id}"]`) ? held.dataset.token : null;
    if (!this.tree.move(id, by)) return;
    this.changed();
    this.focusOn(id, key || (this.tree.node(id).group ? "word" : "subject"));
  }

  place(id, groupId, index) {
    const node = this.tree.place(id, groupId, index);
    this.changed();
    this.focusOn(id, node.group ? "word" : "subject");
  }

  again(step) {
    const held = focused(this.root);
    const row = held && held.closest("[data-id]");
    const place = row ? [row.dataset.id, held.dataset.token] : null;
    if (!(step === "undo" ? this.tree.undo() : this.tree.redo())) return;
    this.floating.hide(false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), 60);
    this.draw();
    if (held && !held.disabled && visible(held)) held.focus({ preventScroll: true });
    else if (!place || !this.focusOn(...place)) this.card.focus({ preventScroll: true });
  }

  // What a suggestion of the server would change here: a rule in its place, or one word of it.
  fixOf(node, { path, suggestion, fix }) {
    if (fix) return { text: Array.isArray(fix.all) && !fix.all.length ? "Remove it" : "Change it", apply: () => this.mend(node.id, fix) };
    const place = /\.(attribute|segment|operator|value|event|of)(?:\[(\d+)\])?$/.exec(path || "");
    if (!place || typeof suggestion !== "string") return null;
    const { catalogue } = this;
    const [, field, index] = place;
    const attribute = catalogue.attributes[field === "of" ? "event" : node.over].get(suggestion);
    if (field === "attribute" && attribute) return { text: `Use ${attribute.label}`, apply: () => this.setSubject(node.id, { attribute }) };
    if (field === "of" && attribute) return { text: `Use ${attribute.label}`, apply: () => this.setProperty(node.id, suggestion) };
    if (field === "segment" && catalogue.segments[node.over].has(suggestion)) {
      return { text: `Use ${catalogue.segments[node.over].get(suggestion).name}`, apply: () => this.setSubject(node.id, { segment: suggestion }) };
    }
    if (field === "event" && catalogue.events.has(suggestion)) {
      return { text: `Use ${catalogue.eventLabel(suggestion)}`, apply: () => this.setEvent(node.id, suggestion) };
    }
    if (field === "operator" && catalogue.operators[suggestion]) {
      return { text: `Use “${plain(catalogue.wording(node, suggestion))}”`, apply: () => this.setOperator(node.id, suggestion) };
    }
    if (field !== "value" || node.raw) return null;
    const made = index === undefined ? (Array.isArray(node.value) ? [suggestion] : suggestion) : node.value.map((each, at) => (at === Number(index) ? suggestion : each));
    return { text: `Use ${suggestion}`, apply: () => this.setValue(node.id, made) };
  }

  // Another rule in the place of a node; an "all" of nothing takes it out.
  mend(id, fix) {
    const { tree } = this;
    const { node, parent } = tree.find(id);
    if (!parent || node.role) {
      Object.assign(node, tree.inner(fix, node.over, node.role), { id });
      this.changed();
      if (!parent || !this.focusOn(parent.id, "subject")) this.card.focus({ preventScroll: true });
    } else if (Array.isArray(fix.all) && !fix.all.length) this.remove(id);
    else {
      const made = tree.replace(id, { ...tree.read(fix, node.over), id });
      this.changed();
      this.focusOn(id, made.group ? "word" : "subject");
    }
  }

  nameOf(node) {
    if (node.group) return `the group, ${GROUPS[node.group]}`;
    if (node.step) return `the step ${this.catalogue.label(node)}`;
    return node.raw && node.attribute === undefined ? "the condition" : this.catalogue.label(node);
  }
}
