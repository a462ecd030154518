// How the count of the whole filter changes with one number or date in it: a step line to walk along, and its table.

const FEWEST_STEPS = 6; // of fewer a list says more than a line
const EXACTLY = ["eq", "ne", "count_eq"]; // asks for one value, so its counts are no line either
// Where the threshold itself belongs to what lies before it: up to it the count is that of the step that ends there.
const TAKES_BEFORE = ["gte", "lt", "count_gte", "on_or_after", "before"];
const PART_WORDS = { low: "Lower end", high: "Upper end", window: "Time" };

// Which parts of a condition are numbers or dates that could as well be others.
function thresholdsOf(builder, node) {
  const { catalogue, data, tree } = builder;
  if (!data.curve || data.readonly || node.raw || node.step || node.group || tree.lacks(node).length) return [];
  const operator = catalogue.operator(node);
  const exact = EXACTLY.includes(node.operator);
  const own = operator && !(exact && catalogue.attribute(node).fractions) && tree.did(node) !== false ? operator.thresholds || [] : [];
  return node.within && node.within.kind === "last" ? [...own, "window"] : own;
}

function thresholdOf(builder, node, part) {
  if (part === "window") return node.within.amount;
  if (part === "low" || part === "high") return node.value[part === "low" ? 0 : 1];
  const operator = builder.catalogue.operator(node);
  return AMOUNTS.includes(operator.operand) ? node.value.amount : node.value;
}

function setThreshold(builder, id, part, value) {
  const node = builder.tree.node(id);
  if (part === "window") return builder.setPart(id, "within", { amount: value }, "within-amount");
  if (part !== "value") return builder.setValue(id, node.value.map((each, place) => ((part === "low") === (place === 0) ? value : each)), true);
  const operator = builder.catalogue.operator(node);
  return builder.setValue(id, AMOUNTS.includes(operator.operand) ? { ...node.value, amount: value } : value, true);
}

const writtenNumber = (value) => (typeof value === "object" ? grouped.format(BigInt(value.integer)) : grouped.format(value)).replace("-", "−");

const money = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 3 });

// A threshold as it is read: "80", "14 days", "1 Nov 2026".
function showThreshold(builder, node, part, value) {
  if (typeof value === "string") return showWhen(value, builder.data.zone);
  if (part === "window") return `${writtenNumber(value)} ${unitWord(node.within.unit, value)}`;
  const operator = builder.catalogue.operator(node);
  if (AMOUNTS.includes(operator.operand)) return `${writtenNumber(value)} ${unitWord(node.value.unit, value)}`;
  const { unit } = builder.catalogue.attribute(node);
  if (unit && isCurrency(unit)) return `${unit}${Number.isInteger(value) || typeof value === "object" ? writtenNumber(value) : money.format(value).replace("-", "−")}`;
  return `${writtenNumber(value)}${unit ? ` ${unit}` : ""}`;
}

// What stands before and after a threshold: "more than … ", "less than … ago", "between … and 20".
function aroundThreshold(builder, node, part, value = null) {
  if (part === "window") return { before: "in the last", after: "" };
  const { before, after } = around(builder.catalogue.wording(node, node.operator));
  const lead = before.replace(/^(is|was) (?=.)/, "");
  const other = (index) => showThreshold(builder, node, "value", node.value[index]);
  if (part === "low") return { before: lead, after: `and ${other(1)}` };
  if (part === "high") return { before: `${lead} ${other(0)} and`, after: "" };
  const counted = node.people ? ["person", "people"] : node.measure === "count" ? ["time", "times"] : node.measure === "days" ? ["day", "days"] : ["", ""];
  const times = counted[value === 1 ? 0 : 1];
  return { before: lead, after: [after, times].filter(Boolean).join(" ") };
}

class CurveView {
  constructor(builder, id, part) {
    this.builder = builder;
    this.id = id;
    this.part = part;
    this.parts = thresholdsOf(builder, builder.tree.node(id));
    this.tabular = false;
    this.title = h("h3.heading");
    this.choices = h("div.choices", { role: "group", "aria-label": "What changes" });
    this.said = h("p.curve-said");
    this.stage = h("div.stage");
    this.status = h("p.status", { role: "status" });
    this.foot = h("div.pop-foot");
    this.content = h("div.curve", {}, h("div.curve-head", {}, this.title, this.choices), this.said, this.stage, this.status, this.foot);
  }

  get node() {
    return this.builder.tree.node(this.id);
  }

  open(anchor) {
    set(this.title, { text: `How the count changes with ${this.builder.catalogue.label(this.node)}` });
    this.builder.floating.show(anchor, this.title.textContent, this.content, { wide: true });
    this.content.setAttribute("tabindex", "-1");
    this.content.focus({ preventScroll: true });
    this.choose(this.part);
    return this;
  }

  choose(part) {
    this.part = part;
    if (this.parts.length > 1 && !this.choices.firstChild) {
      const own = this.builder.catalogue.counting(this.node) ? "Number" : "Value";
      this.choices.append(...this.parts.map((each) => h("button.category", { "data-part": each, text: PART_WORDS[each] || own, onclick: () => this.choose(each) })));
    }
    for (const button of this.choices.children) set(button, { "aria-pressed": String(button.dataset.part === part) });
    this.load();
  }

  async load() {
    const { builder, part } = this;
    const { rule, paths } = builder.tree.written();
    const path = [...paths].find(([, id]) => id === this.id)?.[0];
    this.curve = null;
    this.draw();
    try {
      const { data } = builder;
      const body = JSON.stringify({ entity: data.entity, rule, path, part, now: data.now });
      const response = await fetch(data.curve, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body });
      if (!response.ok) throw new Error(String(response.status));
      const curve = await response.json();
      if (this.part !== part || !this.content.isConnected) return;
      this.take(curve);
    } catch {
      if (this.part === part && this.content.isConnected) this.fail();
    }
  }

  take(curve) {
    this.curve = curve;
    this.at = curve.current;
    this.most = Math.max(1, ...curve.steps.map((step) => step.count));
    this.lineless = curve.steps.length < FEWEST_STEPS || (this.part === "value" && EXACTLY.includes(this.node.operator));
    this.draw();
    this.focus();
  }

  fail() {
    const again = h("button.fix", { text: "Try again", onclick: () => this.choose(this.part) });
    this.status.replaceChildren(h("span", { text: "The counts could not be loaded. " }), again);
    set(this.status, { hidden: false });
    this.builder.floating.place();
    again.focus();
  }

  // What has the focus: the line, or the current row; not away from a part that was just chosen.
  focus() {
    const held = focused(this.builder.root);
    if (held && held.dataset.part) return;
    if (this.plot && this.plot.isConnected) this.plot.focus({ preventScroll: true });
    else this.stage.querySelector("[tabindex='0']").focus();
  }

  draw() {
    const { curve } = this;
    const table = curve && (this.lineless || this.tabular);
    this.stage.replaceChildren(...(curve ? [table ? this.table() : this.chart()] : [h("div.plot.waiting-plot")]));
    set(this.said, { hidden: Boolean(table) });
    if (!curve) set(this.said, { text: "Counting" });
    const nobody = curve && curve.steps.every((step) => !step.count);
    const between = nobody ? "Nobody matches, whatever it is: the other conditions leave no one." : curve && !curve.every && !table ? `Counted exactly at ${count(curve.steps.length)} places; there are more values between them.` : "";
    set(this.status, { text: between, hidden: !between });
    const toggled = !curve || this.lineless ? null : h("button.clear", { text: this.tabular ? "Show as line" : "Show as table", onclick: () => ((this.tabular = !this.tabular), this.draw(), this.focus()) });
    const keys = curve ? (table ? KEYS(["↑↓", "move"], ["Enter", "set"], ["Esc", "close"]) : KEYS(["←→", "move"], ["Enter", "set"], ["Esc", "close"])) : [];
    this.use = curve && !table ? h("button.done.use", { text: "Set", onclick: () => this.set(this.at) }) : null;
    this.foot.replaceChildren(...[...keys, toggled, this.use].filter(Boolean));
    if (curve) this.move(this.at);
    this.builder.floating.place();
  }

  set(index) {
    const { value } = this.curve.steps[index];
    if (index === this.curve.current) this.builder.floating.hide();
    else setThreshold(this.builder, this.id, this.part, value);
  }

  // "more than 80: 940 people", the threshold bold, and how that differs from now.
  tell(index) {
    const { steps, current } = this.curve;
    const step = steps[index];
    const { before, after } = aroundThreshold(this.builder, this.node, this.part, step.value);
    const shown = showThreshold(this.builder, this.node, this.part, step.value);
    const who = `${count(step.count)} ${noun(this.builder.data.entity, step.count)}`;
    const more = step.count - steps[current].count;
    const other = index === current ? "as it is now" : more ? `${count(Math.abs(more))} ${more > 0 ? "more" : "fewer"} than now` : "as many as now";
    return { before, shown, after, who, other, text: `${[before, shown, after].filter(Boolean).join(" ")}: ${who}` };
  }

  move(index) {
    this.at = index;
    const { before, shown, after, who, other, text } = this.tell(index);
    this.said.replaceChildren(h("span", { text: `${before} ` }), h("strong", { text: shown }), h("span", { text: `${after ? ` ${after}` : ""}: ` }), h("strong.who", { text: who }), h("span.other", { text: other }));
    if (this.use) set(this.use, { text: index === this.curve.current ? "Keep" : `Set to ${shown}` });
    if (!this.plot || !this.plot.isConnected) return;
    set(this.plot, { "aria-valuenow": index, "aria-valuetext": `${text}, ${other}` });
    this.guide.style.left = `${this.left(index)}%`;
    this.mark.style.left = this.guide.style.left;
    this.mark.style.bottom = `${this.height(index)}%`;
  }

  // ── the line ───────────────────────────────────────────────────────────────────────────────────────────

  left(index) {
    return this.places[index];
  }

  height(index) {
    return (this.curve.steps[index].count / this.most) * 100;
  }

  chart() {
    const { steps, current } = this.curve;
    this.places = spreadOut(steps.map(({ value }) => (typeof value === "string" ? Date.parse(value) : numberOf(value))));
    const drawing = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" })) drawing.setAttribute(name, value);
    const line = this.line();
    for (const [name, d] of [["area", `${line}V100H${this.places[0]}Z`], ["line-of-counts", line]]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", d);
      drawing.append(path);
    }
    this.guide = h("span.guide");
    this.mark = h("span.mark");
    const now = h("span.now", { "data-now": "" });
    now.style.cssText = `left:${this.left(current)}%;bottom:${this.height(current)}%`;
    this.plot = h("div.plot", { role: "slider", tabindex: "0", "aria-label": this.title.textContent, "aria-valuemin": 0, "aria-valuemax": steps.length - 1, "aria-valuenow": this.at }, drawing, this.guide, now, this.mark);
    this.plot.addEventListener("pointermove", (event) => this.move(this.nearest(event)));
    this.plot.addEventListener("pointerdown", (event) => this.move(this.nearest(event)));
    this.plot.addEventListener("pointerleave", () => focused(this.builder.root) !== this.plot && this.move(current));
    // A finger looks first, and sets with the button under the line.
    this.plot.addEventListener("click", (event) => event.pointerType !== "touch" && this.set(this.nearest(event)));
    this.plot.addEventListener("keydown", (event) => this.key(event, ["ArrowLeft", "ArrowRight"]));
    const scale = h("div.scale", { "aria-hidden": "true" }, h("span", { text: count(this.most) }), h("span", { text: "0" }));
    const axis = h("div.axis", { "aria-hidden": "true" }, ...this.ticks());
    return h("div.chart", {}, scale, this.plot, axis);
  }

  line() {
    const y = (index) => 100 - this.height(index);
    const before = this.part === "value" && TAKES_BEFORE.includes(this.node.operator);
    let drawn = `M${this.left(0)} ${y(0)}`;
    for (let index = 1; index < this.places.length; index += 1) drawn += before ? `V${y(index)}H${this.left(index)}` : `H${this.left(index)}V${y(index)}`;
    return drawn;
  }

  // The ends, and between them what finds room.
  ticks() {
    const last = this.places.length - 1;
    const chosen = [0, last];
    for (let index = 1; index < last; index += 1) {
      if (chosen.every((each) => Math.abs(this.left(each) - this.left(index)) > 19)) chosen.push(index);
    }
    return chosen.map((index) => {
      const { value } = this.curve.steps[index];
      const tick = h("span", { text: typeof value === "string" ? showDate(value.slice(0, 10)) : writtenNumber(value) });
      tick.style.left = `${this.left(index)}%`;
      if (index === 0 || index === last) tick.className = index ? "last" : "first";
      return tick;
    });
  }

  nearest(event) {
    const box = this.plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 100;
    return this.places.reduce((best, place, index) => (Math.abs(place - x) < Math.abs(this.places[best] - x) ? index : best), 0);
  }

  key(event, [back, on]) {
    const last = this.curve.steps.length - 1;
    const by = { [back]: -1, [on]: 1, ArrowDown: on === "ArrowDown" ? 1 : -1, ArrowUp: on === "ArrowDown" ? -1 : 1, PageDown: -8, PageUp: 8, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.set(this.at);
    } else if (by !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const sign = on === "ArrowDown" && Math.abs(by) === 8 ? -1 : 1;
      this.move(Math.max(0, Math.min(last, this.at + sign * by)));
      this.rows?.[this.at]?.focus();
    }
  }

  // ── the table ──────────────────────────────────────────────────────────────────────────────────────────

  table() {
    const { steps, current } = this.curve;
    const { before, after } = aroundThreshold(this.builder, this.node, this.part);
    const head = capital([before, "…", after].filter(Boolean).join(" "));
    this.plot = null;
    this.rows = steps.map((step, index) => {
      const button = h("button.step", { text: showThreshold(this.builder, this.node, this.part, step.value), "aria-label": this.tell(index).text, tabindex: index === this.at ? "0" : "-1", onclick: () => this.set(index) });
      button.addEventListener("focus", () => this.rows.forEach((each) => set(each, { tabindex: each === button ? "0" : "-1" })) || (this.at = index));
      button.addEventListener("keydown", (event) => event.key !== "Enter" && this.key(event, ["ArrowUp", "ArrowDown"]));
      return button;
    });
    const lines = steps.map((step, index) => {
      const solid = h("span.solid");
      solid.style.width = `${(step.count / this.most) * 100}%`;
      return h(
        "tr",
        { "aria-current": index === current ? "true" : null, onclick: (event) => event.target.localName !== "button" && this.set(index) },
        h("th", { scope: "row" }, this.rows[index]),
        h("td.bars", { "aria-hidden": "true" }, h("span.bar", {}, solid)),
        h("td.number-of", { text: count(step.count) }),
        h("td.number-of.other", { text: index === current ? "now" : signed(step.count - steps[current].count) }),
      );
    });
    const people = capital(noun(this.builder.data.entity, 2));
    const heads = [h("th", { scope: "col", text: head }), h("td"), h("th.number-of", { scope: "col", text: people }), h("th.number-of", { scope: "col", text: "Against now" })];
    return h("div.twin", {}, h("table", { "aria-label": this.title.textContent }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines)));
  }
}

// Where numbers stand from 0 to 100: evenly, but where most crowd at one end there is more room for them.
function spreadOut(numbers) {
  const [low, high] = [numbers[0], numbers[numbers.length - 1]];
  if (high === low) return numbers.map(() => 0);
  const middle = (numbers[numbers.length >> 1] - low) / (high - low);
  const share = (number) => (number - low) / (high - low);
  const crowded = (part, most) => Math.log1p(part / most) / Math.log1p(1 / most);
  if (middle < 0.15) return numbers.map((number) => 100 * crowded(share(number), Math.max(middle, 1e-6) / 3));
  if (middle > 0.85) return numbers.map((number) => 100 - 100 * crowded(1 - share(number), Math.max(1 - middle, 1e-6) / 3));
  return numbers.map((number) => 100 * share(number));
}

const openCurve = (builder, anchor, id) => new CurveView(builder, id, thresholdsOf(builder, builder.tree.node(id))[0]).open(anchor);
