// The filter builder: owns the filter between two answers of the server, sends drafts, shows what they gave.

class Builder extends Edits {
  constructor(root) {
    super();
    this.root = root;
    this.rev = null;
    this.places = new Map();
    this.placed = new Set();
    this.counts = new Map();
    this.resolved = new Map();
    this.problems = new Map();
    this.folded = null;
    this.timer = 0;
    this.announcedAt = 0;
    this.host = h("div.builder");
    this.card = h("section.card", { tabindex: "-1", "aria-label": "Filter" });
    this.live = h("div.live", { "aria-live": "polite", "aria-atomic": "true" });
    this.host.append(this.card, this.live);
    root.append(this.host);
    this.floating = new Floating(this.host, this);
    this.frame();
    this.host.addEventListener("keydown", (event) => this.key(event));
    this.tips();
    dropHere(this);
    this.watch = new ResizeObserver(() => this.measure());
    this.watch.observe(this.host);
  }

  // ── in ─────────────────────────────────────────────────────────────────────────────────────────────────

  update({ data, setStateValue, setTriggerValue }) {
    const first = this.rev === null;
    this.data = data;
    this.setState = setStateValue;
    this.setTrigger = setTriggerValue;
    this.dress();
    this.measure();
    const remade = first || data.rev !== this.rev || Boolean(data.readonly) !== this.readonly;
    if (remade || JSON.stringify(data.catalogue) !== this.catalogued) this.know(data.catalogue);
    if (remade) {
      this.load();
      this.seq = data.seq;
    }
    if (data.seq === this.seq) this.answer();
    if (first && this.folded === null) this.folded = this.narrow && this.tree.root.children.length > 0;
    this.draw();
    if (data.begins && !this.offered && !this.readonly && !this.tree.root.children.length) setTimeout(() => this.foot.condition.click());
    this.offered = Boolean(data.begins);
  }

  know(given) {
    this.catalogued = JSON.stringify(given);
    this.catalogue = new Catalogue(given);
    if (this.tree) this.tree.catalogue = this.catalogue;
  }

  load() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.floating.hide(false);
    this.rev = this.data.rev;
    this.readonly = Boolean(this.data.readonly);
    this.tree = new Tree(this.data.rule, this.catalogue, this.data.entity);
    this.counts.clear();
    this.resolved.clear();
    this.problems.clear();
    const { rule, unfinished } = this.tree.written();
    this.sent = { text: JSON.stringify({ rule, unfinished }), paths: this.tree.paths(), given: true };
    this.frame();
  }

  // A stored place is known by its coordinates only; the commonest places of the data are asked once for its name.
  namePlaces({ over, attribute }) {
    const asked = `${over} ${attribute}`;
    if (this.placed.has(asked) || !this.data.values) return;
    this.placed.add(asked);
    const known = new Values(this, { over, attribute });
    known.load("").then(() => {
      const before = this.places.size;
      for (const place of (known.get("") || { values: [] }).values) if (place.latitude !== undefined) this.places.set(showPlace(place), place.value);
      if (this.places.size > before && this.tree) this.draw();
    });
  }

  // What the server says about the draft that was sent last.
  answer() {
    const { paths } = this.sent;
    const { data } = this;
    const byPath = (given) => new Map(Object.entries(given || {}).flatMap(([path, value]) => (paths.has(path) ? [[paths.get(path), value]] : [])));
    this.answered = Boolean(data.counts);
    if (data.counts) this.counts = byPath(data.counts);
    this.resolved = byPath(data.resolved);
    this.problems = new Map();
    for (const problem of data.problems || []) {
      let path = problem.path || "";
      while (path && !paths.has(path)) path = path.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[\]]*)$/, "");
      const id = paths.get(path) || this.tree.root.id;
      this.problems.set(id, [...(this.problems.get(id) || []), problem]);
    }
    if (this.answered && data.count !== undefined && data.count !== null) this.announce(data.count);
  }

  announce(number) {
    const text = `${count(number)} ${noun(this.data.entity, number)}`;
    if (this.said === text) return;
    const first = this.said === undefined;
    this.said = text;
    if (first) return;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(
      () => {
        this.announcedAt = Date.now();
        set(this.live, { text: this.said });
      },
      Math.max(0, this.announcedAt + 1000 - Date.now()),
    );
  }

  get waiting() {
    return Boolean(this.timer) || this.data.seq !== this.seq || !this.answered;
  }

  // ── out ────────────────────────────────────────────────────────────────────────────────────────────────

  changed(wait = 60, burst = null) {
    if (!this.tree.commit(burst)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
    this.draw();
  }

  flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    const { rule, unfinished, paths } = this.tree.written();
    const text = JSON.stringify({ rule, unfinished });
    if (text !== this.sent.text) {
      this.seq += 1;
      this.sent = { text, paths };
      this.setState("draft", { rev: this.rev, seq: this.seq, rule, unfinished });
    } else if (!this.sent.given) {
      // The same rule, but maybe of other nodes: equal conditions that changed places.
      this.sent.paths = paths;
      if (this.data.seq === this.seq) this.answer();
    }
    this.draw();
  }

  save() {
    if (this.readonly) return;
    this.flush();
    const lacking = this.firstUnfinished();
    if (lacking) {
      this.focusOn(lacking.id);
      set(this.live, { text: "Finish or remove the dashed condition first" });
    } else {
      returning(this.root, (held) => (visible(held) ? held : this.card).focus({ preventScroll: true }));
      this.setTrigger("save", { rev: this.rev, seq: this.seq });
    }
  }

  firstUnfinished(node = this.tree.root) {
    const lacks = this.tree.lacks(node);
    if (lacks.includes("rule")) return node.rule;
    if (lacks.some((key) => key !== "steps")) return node;
    for (const [, child] of insides(node)) {
      const found = this.firstUnfinished(child);
      if (found) return found;
    }
    return null;
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────────────────────────

  key(event) {
    const typing = event.composedPath()[0].matches?.("input");
    const command = event.ctrlKey || event.metaKey;
    // Streamlit has keys of its own for letters; inside the shadow root it cannot tell that somebody is typing.
    if (!command && (typing || event.key.length === 1)) event.stopPropagation();
    if (this.readonly) return;
    const row = event.composedPath()[0].closest?.("[data-id]");
    if (command && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      this.floating.hide();
      this.save();
    } else if (command && !event.altKey && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      event.stopPropagation();
      this.again(event.shiftKey ? "redo" : "undo");
    } else if (command && event.key.toLowerCase() === "y" && !typing) {
      event.preventDefault();
      this.again("redo");
    } else if (event.altKey && row && !this.floating.open) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        this.move(row.dataset.id, event.key === "ArrowUp" ? -1 : 1);
      } else if (event.key === "Backspace") {
        event.preventDefault();
        this.remove(row.dataset.id);
      }
    }
  }

  tips() {
    let timer = 0;
    const find = (event) => event.composedPath().find((each) => each.dataset && each.dataset.tip);
    this.host.addEventListener("pointerover", (event) => {
      clearTimeout(timer);
      const target = find(event);
      if (!target || event.pointerType === "touch") return this.floating.untip();
      timer = setTimeout(() => target.isConnected && this.floating.showTip(target), 350);
      return undefined;
    });
    for (const name of ["pointerleave", "pointerdown", "focusout", "keydown"]) {
      this.host.addEventListener(name, () => {
        clearTimeout(timer);
        this.floating.untip();
      });
    }
    this.host.addEventListener("focusin", (event) => {
      const target = find(event);
      if (target && event.composedPath()[0].matches(":focus-visible")) this.floating.showTip(target);
    });
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────────────

  // The parts of the card that every filter has.
  frame() {
    this.head = null;
    this.card.replaceChildren();
  }

  makeHead() {
    const { tree } = this;
    const fixed = this.readonly;
    this.word = wordButton(this, tree.root.id);
    this.subject = h("span.joiner");
    this.whomatch = h("span.word");
    this.undo = h("button.quiet", { "aria-label": "Undo", "data-tip": "Undo  Ctrl+Z", onclick: () => this.again("undo") }, icon("undo"));
    this.redo = h("button.quiet", { "aria-label": "Redo", "data-tip": "Redo  Ctrl+Shift+Z", onclick: () => this.again("redo") }, icon("redo"));
    this.foldButton = h("button.fold", { onclick: () => this.fold() });
    this.everyone = h("span.delta");
    this.total = h("span.count");
    this.head = h(
      "div.top",
      {},
      this.subject,
      h("div.line", {}, this.whomatch, this.word),
      h("div.acts", {}, fixed ? null : h("div.steps", {}, this.undo, this.redo), this.foldButton),
      h("div.effect", {}, this.everyone, this.total),
      h("div.tools"),
    );
    this.sentence = h("p.sentence");
    this.copies = h(
      "div.copies",
      {},
      copyButton(this, "Copy the sentence", () => this.sentence.textContent),
      copyButton(this, "Copy as JSON", () => asJson(this.tree.written().rule)),
    );
    this.empty = h("p.empty");
    this.rows = h("div.rows");
    this.overall = h("div.under");
    this.foot = makeFoot(this, tree.root.id);
    this.pending = h("p.pending");
    this.body = h("div.body", {}, this.empty, this.rows, this.overall, this.foot, this.pending);
    this.told = h("div.told", {}, this.sentence, this.copies);
    this.card.append(this.head, this.body, this.told);
  }

  fold() {
    this.folded = !this.folded;
    this.draw();
  }

  draw() {
    const held = focused(this.root);
    const row = held && held.closest("[data-id]");
    this.redraw();
    const now = focused(this.root);
    // What had the focus may be gone, or hidden; its line is the next best place, then the card.
    if (!held || (now && visible(now))) return;
    if (!row || !this.focusOn(row.dataset.id, "subject")) this.card.focus({ preventScroll: true });
  }

  redraw() {
    if (!this.head) this.makeHead();
    const { data, tree } = this;
    const { root } = tree;
    const company = data.entity === "company";
    set(this.card, { class: `card${this.waiting ? " waiting" : ""}${this.folded ? " folded" : ""}`, "aria-busy": this.waiting ? "true" : null });
    set(this.subject, { text: company ? "Companies" : "People" });
    set(this.whomatch, { text: company ? "that match" : "who match" });
    drawWord(this.word, root);
    set(this.undo, { disabled: !tree.past.length });
    set(this.redo, { disabled: !tree.future.length });
    set(this.foldButton, { text: this.folded ? "Show the conditions" : "Fold to a sentence", "aria-expanded": String(!this.folded), hidden: !this.folded && !root.children.length });
    set(this.everyone, { text: company ? "all" : "everyone" });
    set(this.total, { text: count(data.total || 0) });
    this.drawSentence();
    set(this.body, { hidden: this.folded });
    const nothing = root.children.length ? "" : root.group === "any" ? "No condition yet, and any of nothing is no one." : company ? "Every company is here. Add a condition to narrow it down." : "Everyone is here. Add a condition to narrow it down.";
    set(this.empty, { text: nothing, hidden: !nothing });
    drawChildren(this, this.rows, root, 0);
    reconcile(this.overall, underOf(this, root));
    drawFoot(this, this.foot, root, 0);
    const { unfinished } = tree.written();
    set(this.pending, { text: `${unfinished} unfinished ${unfinished === 1 ? "condition is" : "conditions are"} not counted`, hidden: !unfinished });
  }

  drawSentence() {
    // A filter with problems has no sentence; the last one stays, dimmed.
    const spans = this.data.sentence;
    const asked = this.tree.root.children.length > 0;
    set(this.told, { hidden: !this.folded && !(asked && (spans || this.sentence.drawn)) });
    if (!spans) return;
    const drawn = JSON.stringify(spans);
    if (this.sentence.drawn === drawn) return;
    this.sentence.drawn = drawn;
    this.sentence.replaceChildren(...spans.map(({ text, bold }) => h(bold ? "strong" : "span", { text })));
  }

  // Which theme it is, from the colour of the page.
  dress() {
    const colour = getComputedStyle(this.host).getPropertyValue("--st-background-color").trim();
    const probe = document.createElement("canvas").getContext("2d");
    let dark = false;
    if (colour && probe) {
      probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1);
      const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
      dark = red * 0.299 + green * 0.587 + blue * 0.114 < 128;
    }
    set(this.host, { class: dark ? "builder dark" : "builder light" });
  }

  measure() {
    this.narrow = this.host.clientWidth > 0 && this.host.clientWidth < 560;
  }

  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.speaking);
    this.watch.disconnect();
    this.floating.hide(false);
  }
}

// A busy page can be taken apart and put together again between two answers. The builder of that moment waits here and
// goes on with its unfinished conditions, its undo and what is being typed; nobody coming back for it, it goes.
const WAITS = 10_000;
const waiting = (globalThis.segcoreBuilders ??= new Map());

function back(root, { data }) {
  const held = waiting.get(data.entity);
  if (!held || held.rev !== data.rev || held.seq < data.seq) return new Builder(root);
  waiting.delete(data.entity);
  clearTimeout(held.leaving);
  held.root = root;
  root.append(held.host);
  held.watch.observe(held.host);
  const { left } = held;
  const free = document.activeElement === document.body || document.activeElement === root.host;
  if (left && free && visible(left.element)) {
    left.element.focus({ preventScroll: true });
    if (left.range) left.element.setSelectionRange(...left.range);
  }
  return held;
}

export default function mount(component) {
  const root = component.parentElement;
  if (!root.builder || !root.builder.host.isConnected) root.builder = back(root, component);
  root.builder.update(component);
  return () => {
    const builder = root.builder;
    root.builder = null;
    if (!builder) return;
    builder.watch.disconnect();
    builder.floating.hide(false);
    const element = focused(component.parentElement);
    const range = element && element.localName === "input" ? [element.selectionStart, element.selectionEnd] : null;
    builder.left = element && { element, range };
    builder.host.remove();
    waiting.set(builder.data.entity, builder);
    builder.leaving = setTimeout(() => {
      if (waiting.get(builder.data.entity) === builder) waiting.delete(builder.data.entity);
      builder.stop();
    }, WAITS);
  };
}
