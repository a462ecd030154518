// What can be done to a filter; every edit says where the focus goes.

class Edits {
  add(groupId, what) {
    const { tree } = this;
    const node = tree.add(groupId, what.attribute ? tree.condition(what.attribute) : tree.membership(what.segment));
    this.floating.hide(false);
    this.folded = false;
    this.changed();
    this.focusOn(node.id);
  }

  addGroup(groupId) {
    const { tree } = this;
    const node = tree.add(groupId, tree.group(tree.node(groupId).group === "any" ? "all" : "any"));
    this.changed();
    this.focusOn(node.id);
  }

  setSubject(id, what) {
    this.floating.hide(false);
    if (what.attribute) this.tree.ask(id, what.attribute);
    else this.tree.refer(id, what.segment);
    this.changed();
    this.focusOn(id);
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
    if (counts && name === "include_missing") counts.missing = value === undefined ? (this.catalogue.attribute(node.attribute) || {}).missing : 0;
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

  type(id, key, value) {
    this.tree.node(id).value = value;
    this.changed(250, `${id}:${key}`);
  }

  setGroup(id, word) {
    this.tree.node(id).group = word;
    this.floating.hide();
    this.changed();
  }

  remove(id) {
    const { parent, index } = this.tree.remove(id);
    this.floating.hide(false);
    this.changed();
    const next = parent.children[index] || parent.children[index - 1];
    if (next) this.focusOn(next.id, next.group ? "word" : "subject");
    else this.focusFoot(parent.id);
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
    if (held && held.isConnected && !held.disabled) held.focus({ preventScroll: true });
    else if (!place || !this.focusOn(...place)) this.card.focus({ preventScroll: true });
  }

  // What a suggestion of the server would change here.
  fixOf(node, { path, suggestion }) {
    const place = /\.(attribute|segment|operator|value)(?:\[(\d+)\])?$/.exec(path || "");
    if (!place) return null;
    const { catalogue } = this;
    const [, field, index] = place;
    if (field === "attribute" && catalogue.attribute(suggestion)) {
      return { text: `Use ${catalogue.attribute(suggestion).label}`, apply: () => this.setSubject(node.id, { attribute: catalogue.attribute(suggestion) }) };
    }
    if (field === "segment" && catalogue.segments.has(suggestion)) {
      return { text: `Use ${catalogue.segments.get(suggestion).name}`, apply: () => this.setSubject(node.id, { segment: suggestion }) };
    }
    if (field === "operator" && catalogue.operators[suggestion]) {
      return { text: `Use “${plain(catalogue.wording(suggestion, catalogue.kind(node)))}”`, apply: () => this.setOperator(node.id, suggestion) };
    }
    if (field !== "value" || node.raw) return null;
    const made = index === undefined ? (Array.isArray(node.value) ? [suggestion] : suggestion) : node.value.map((each, at) => (at === Number(index) ? suggestion : each));
    return { text: `Use ${suggestion}`, apply: () => this.setValue(node.id, made) };
  }

  nameOf(node) {
    if (node.group) return `the group, ${GROUPS[node.group]}`;
    return node.raw && node.attribute === undefined ? "the condition" : this.catalogue.label(node);
  }

  // ── focus ─────────────────────────────────────────────────────────────────────────────────────

  // On a token of a node; without a key on its first empty value, else on its operator.
  focusOn(id, key = null) {
    const node = this.tree.node(id);
    if (!node) return false;
    const row = this.card.querySelector(`[data-id="${id}"]`);
    if (!row) return false;
    const wanted = key || (node.group ? "word" : null);
    const first = row.querySelector(".missing [data-token], .missing[data-token]");
    const target = wanted ? row.querySelector(`[data-token="${wanted}"]`) : node.group ? null : first || row.querySelector("[data-token=operator]");
    const found = node.group && !key && !node.children.length ? this.card.querySelector(`[data-group="${id}"] .add`) : target || row.querySelector("[data-token]");
    if (!found) return false;
    found.focus();
    return true;
  }

  focusFoot(groupId) {
    const foot = this.card.querySelector(`[data-group="${groupId}"] .add`);
    (foot || this.card).focus();
  }
}
