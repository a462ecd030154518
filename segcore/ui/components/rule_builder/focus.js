// Where the focus goes in the card, by the ids of nodes and the keys of their tokens.

class Focus {
  // On a token of a node; without a key on its first empty value, else on its operator.
  focusOn(id, key = null) {
    const node = this.tree.node(id);
    if (!node) return false;
    const row = this.card.querySelector(`[data-id="${id}"]`);
    if (!row) return false;
    if (node.group && !key && !node.children.length) return this.focusFoot(id);
    const of = (token) => row.querySelector(`[data-token="${token}"]`);
    const empty = row.querySelector(".missing [data-token], .missing[data-token]");
    const found = (key || node.group ? of(key || "word") : empty || of("operator")) || row.querySelector("[data-token]");
    if (!found) return false;
    found.focus();
    if (found.localName === "input") found.select();
    return true;
  }

  focusFoot(groupId) {
    const foot = this.card.querySelector(`[data-group="${groupId}"] .add`);
    (foot || this.card).focus();
    return true;
  }
}
