// The lines of the card: a condition or a group, what it takes away, its notes and what is wrong with it.

function joiner(builder, parent, index) {
  if (parent.sequence) return index ? "then" : "first";
  if (parent.role === "where" && index === 0) return parent.group === "none" ? "where not" : "where";
  if (parent === builder.tree.root && index === 0) return builder.data.entity === "company" ? "that" : "who";
  if (index === 0) return "";
  return parent.group === "all" ? "and" : "or";
}

// Counts of a line: what is left after it, or how many it matches alone.
function effectOf(builder, node, parent, index) {
  const { counts, tree } = builder;
  const own = counts.get(node.id);
  const total = builder.data.total || 0;
  if (!own) return null;
  if (node.over !== builder.data.entity) return { mode: "elsewhere", left: own.own, gone: 0, total: 1, of: node.over };
  if (parent === tree.root && parent.group === "all" && own.after !== null && own.after !== undefined) {
    const earlier = parent.children.slice(0, index).map((child) => counts.get(child.id)).filter(Boolean);
    const before = earlier.length ? earlier[earlier.length - 1].after : total;
    return { mode: "left", left: own.after, gone: Math.max(0, before - own.after), without: own.without, total, what: node.group ? "group" : "condition" };
  }
  return own.own === null || own.own === undefined ? null : { mode: "alone", left: own.own, gone: 0, total };
}

function drawEffect(builder, element, effect) {
  if (!element.bar) {
    element.solid = h("span.solid");
    element.gone = h("span.gone");
    element.bar = h("span.bar", { role: "img" }, element.solid, element.gone);
    element.delta = h("span.delta");
    element.count = h("span.count");
    element.append(element.bar, element.delta, element.count);
  }
  set(element, { class: `effect ${effect ? effect.mode : "empty"}` });
  if (!effect) {
    set(element.bar, { "aria-label": "Not counted", "aria-hidden": "true", "data-tip": null });
    set(element.delta, { text: "" });
    set(element.count, { text: "" });
    return;
  }
  const { entity } = builder.data;
  if (effect.mode === "elsewhere") {
    const nouns = effect.of === "event" ? (effect.left === 1 ? "event" : "events") : noun(effect.of, effect.left);
    const said = `${count(effect.left)} ${nouns} ${effect.left === 1 ? "matches" : "match"} this alone`;
    set(element.bar, { "aria-label": said, "aria-hidden": null, "data-tip": null });
    set(element.delta, { text: nouns });
    set(element.count, { text: count(effect.left), "data-tip": said });
    return;
  }
  const share = (number) => `${effect.total ? Math.min(100, (number / effect.total) * 100) : 0}%`;
  element.solid.style.width = share(effect.left);
  element.gone.style.width = share(effect.gone);
  const who = `${count(effect.left)} ${noun(entity, effect.left)}`;
  const label = effect.mode === "left" ? `${who} left after this line; it takes away ${count(effect.gone)}` : `${who} ${effect.left === 1 ? "matches" : "match"} this alone, of ${count(effect.total)}`;
  let tip = effect.mode === "left" ? "" : label;
  if (effect.mode === "left" && effect.without !== null && effect.without !== undefined) {
    tip = `Without this ${effect.what}: ${count(effect.without)} (${signed(effect.without - (builder.data.count || 0))})`;
  }
  set(element.bar, { "aria-label": tip && effect.mode === "left" ? `${label}. ${tip}` : label, "aria-hidden": null, "data-tip": tip || null });
  set(element.delta, { text: effect.mode === "alone" ? "alone" : effect.gone ? `−${count(effect.gone)}` : "±0" });
  set(element.count, { text: count(effect.left), "data-tip": tip || null });
}

function rowShell(className) {
  const row = h(`div.${className}`);
  row.joiner = h("span.joiner");
  row.line = h("div.line");
  row.under = h("div.under");
  row.effect = h("div.effect");
  row.tools = h("div.tools");
  row.append(row.joiner, h("div.main", {}, row.line, row.under), row.effect, row.tools);
  return row;
}

function drawTools(builder, node, element, name) {
  if (builder.data.readonly) return;
  if (!element.firstChild) {
    const menu = h("button.quiet", { "aria-haspopup": "dialog", "aria-expanded": "false", "data-token": "menu" }, icon("more"));
    menu.onclick = () => (builder.floating.anchor === menu ? builder.floating.hide() : openMenu(builder, menu, node.id));
    const remove = h("button.quiet", { onclick: () => builder.remove(node.id), "data-token": "remove" }, icon("cross"));
    element.append(menu, remove);
    const row = element.parentElement;
    if (!node.step) row.append(grip(builder, row));
  }
  set(element.children[0], { "aria-label": `More for ${name}`, "data-tip": "More" });
  set(element.children[1], { "aria-label": `Remove ${name}`, "data-tip": "Remove  Alt+Backspace" });
}

// Whether a condition has an opposite of its own, and how it reads.
function turnedWords(builder, node) {
  const { tree, catalogue } = builder;
  const did = tree.did(node);
  if (node.group === "any" || node.group === "none") return [true, GROUPS[node.group === "any" ? "none" : "any"]];
  if (node.segment !== undefined) return [true, node.operator === "in" ? "is not in" : "is in"];
  if (did !== null) return [true, did ? "did not" : "did"];
  if (node.company === "any" || node.company === "none") return [true, node.company === "any" ? "no company" : "any company"];
  const turned = tree.turned(node);
  return turned ? [true, plain(catalogue.wording(node, turned))] : [false, "none of these"];
}

function openMenu(builder, anchor, id) {
  const { tree } = builder;
  const { node, parent, index, depth } = tree.find(id);
  const fixed = parent === tree.root || parent.role || parent.sequence;
  const deep = depth + tree.height(node) >= DEEPEST;
  const [turned, words] = node.step ? [null, ""] : turnedWords(builder, node);
  const items = [
    { id: "duplicate", text: "Duplicate", icon: "copy", choose: () => builder.duplicate(id) },
    node.step ? null : { id: "turn", text: "Turn around", hint: words, icon: "turn", disabled: !turned && deep, choose: () => builder.turn(id) },
    node.step ? null : { id: "wrap", text: "Put in a group", icon: "wrap", disabled: deep, choose: () => builder.wrap(id) },
    node.group ? { id: "ungroup", text: "Ungroup", icon: "unwrap", choose: () => builder.ungroup(id) } : null,
    { id: "up", text: "Move up", hint: "Alt ↑", icon: "up", disabled: fixed && index === 0, choose: () => builder.move(id, -1) },
    { id: "down", text: "Move down", hint: "Alt ↓", icon: "lower", disabled: fixed && index === parent.children.length - 1, choose: () => builder.move(id, 1) },
    thresholdsOf(builder, node).length ? { id: "curve", text: "How the count changes", icon: "curve", choose: () => openCurve(builder, anchor, id) } : null,
    { id: "remove", text: "Remove", hint: "Alt Backspace", icon: "cross", choose: () => builder.remove(id) },
  ].filter(Boolean);
  for (const item of items) item.className = item.disabled ? "off" : "";
  const list = new List(builder.floating, {
    label: `Actions for ${builder.nameOf(node)}`,
    menu: true,
    sections: () => [{ label: "", items: items.map((item) => ({ ...item, choose: () => (builder.floating.hide(false), item.choose()) })) }],
  });
  return list.open(anchor);
}

// ── conditions and groups ──────────────────────────────────────────────────────────────────────────────────

function drawCondition(builder, row, node, parent, index) {
  const lacks = builder.tree.lacks(node);
  const name = builder.nameOf(node);
  set(row, { class: lacks.length ? "row condition unfinished" : "row condition", role: "group", "data-id": node.id });
  set(row.joiner, { text: joiner(builder, parent, index) });
  drawTokens(builder, node, row.line);
  const said = [...row.line.querySelectorAll(".token, .word, .groupword")].map((token) => (token.querySelector("input") || {}).value ?? token.textContent);
  set(row, { "aria-label": `Condition ${index + 1}: ${said.join(" ")}` });
  const resolved = builder.resolved.get(node.id);
  set(row.line, { "data-tip": resolved && rolling(builder, node) ? capital(resolved) : null });
  drawCurve(builder, row, node, name);
  drawAdvice(builder, row, lacks.length && !lacks.includes("order") ? adviceFor(builder, node) : "");
  reconcile(row.under, underOf(builder, node));
  drawEffect(builder, row.effect, lacks.length ? null : effectOf(builder, node, parent, index));
  drawTools(builder, node, row.tools, name);
}

// By a number or a date, for the pointer; keys find the same in the menu of the line.
function drawCurve(builder, row, node, name) {
  const offered = thresholdsOf(builder, node).length > 0;
  if (!row.curve) {
    if (!offered) return;
    row.curve = h("button.quiet.by", { tabindex: "-1", "aria-haspopup": "dialog", "aria-expanded": "false", "data-tip": "How the count changes" }, icon("curve"));
    row.curve.onclick = () => (builder.floating.anchor === row.curve ? builder.floating.hide() : openCurve(builder, row.curve, node.id));
    row.line.append(row.curve);
  }
  set(row.curve, { hidden: !offered, "aria-label": `How the count changes with ${name}` });
}

function adviceFor(builder, node) {
  if (builder.data.readonly) return "";
  const [first] = builder.tree.lacks(node);
  if (node.step || first === "steps") return node.step ? "Choose an event." : "Choose the event of each step.";
  if (first === "rule") return "Add a condition on the company, or remove this one.";
  const operator = builder.catalogue.operator(node);
  const amount = /amount$/.test(first) || first === "to" || (operator && ["days", "count"].includes(operator.operand));
  const number = amount || (/^(value|low|high)$/.test(first) && builder.catalogue.kind(node) === "number");
  const what = first === "of" ? "Choose a property" : number ? "Type a number" : "Choose a value";
  return `${what}, or remove this condition.`;
}

function drawAdvice(builder, row, text) {
  if (!row.advice) {
    row.advice = h("span.advice");
    row.line.after(row.advice);
  }
  set(row.advice, { text, hidden: !text });
}

function makeGroup(builder, id) {
  const box = h("div");
  box.head = rowShell("row.head");
  box.word = wordButton(builder, id);
  box.head.line.append(h("span.word", { text: "match" }), box.word);
  box.children_ = h("div.children");
  box.foot = makeFoot(builder, id);
  box.append(box.head, box.children_, box.foot);
  return box;
}

function wordButton(builder, id) {
  if (builder.data.readonly) return h("span.groupword");
  const button = h("button.groupword", { "aria-haspopup": "dialog", "aria-expanded": "false", "data-token": "word" });
  button.onclick = () => (builder.floating.anchor === button ? builder.floating.hide() : openGroupWords(builder, button, id));
  return button;
}

function openGroupWords(builder, anchor, id) {
  const group = builder.tree.node(id) || builder.tree.root;
  const hints = { all: "every condition holds", any: "at least one holds", none: "no condition holds" };
  const words = Object.entries(GROUPS).map(([key, text]) => [key, text, hints[key]]);
  return openWords(builder, anchor, { label: "Which of these have to hold", words, chosen: group.group, choose: (word) => builder.setGroup(group.id, word) });
}

function makeFoot(builder, id) {
  const foot = h("div.foot");
  if (builder.data.readonly) return foot;
  foot.condition = h("button.add", { text: "+ Condition", "aria-haspopup": "dialog", "aria-expanded": "false", "data-token": "add" });
  foot.group = h("button.add.second", { text: "+ Group", "data-token": "group" });
  foot.word = wordButton(builder, id);
  const at = () => builder.tree.node(id) || builder.tree.root;
  foot.condition.onclick = () => {
    const group = at();
    if (group.sequence) builder.addStep(group.id);
    else if (builder.floating.anchor === foot.condition) builder.floating.hide();
    else openPicker(builder, foot.condition, { label: "Add a condition", over: group.over, event: group.over === "event" ? builder.tree.eventOf(group.id) : undefined, choose: (what) => builder.add(group.id, what) });
  };
  foot.group.onclick = () => builder.addGroup(at().id);
  foot.append(foot.condition, foot.group, foot.word);
  return foot;
}

function drawFoot(builder, foot, node, depth) {
  if (!foot.condition) return;
  set(foot, { "data-group": node.id });
  const where = node.role === "where";
  const holder = node.role && builder.tree.find(node.id).parent;
  const place = { where: holder && ` to where of ${builder.catalogue.label(holder)}`, rule: " to the company", people: " to the people" }[node.role];
  const to = place || (depth ? ` to the group, ${GROUPS[node.group]}` : "");
  const text = node.sequence ? "+ Step" : where ? (node.group === "all" ? "+ and" : "+ or") : "+ Condition";
  set(foot.condition, { text, "aria-label": node.sequence ? text : `${text}${to}`, "aria-haspopup": node.sequence ? null : "dialog", "aria-expanded": node.sequence ? null : foot.condition.getAttribute("aria-expanded") });
  set(foot.group, { "aria-label": `+ Group${to}`, hidden: depth >= DEEPEST - 1 || Boolean(node.sequence) });
  set(foot.word, { hidden: !where || (node.children.length < 2 && node.group === "all") });
  if (where) drawWord(foot.word, node);
}

function drawChildren(builder, holder, group, depth) {
  const items = group.children.map((child, index) => {
    const draw = child.group ? drawGroup : opens(child) ? drawHolder : drawCondition;
    return {
      key: `${child.group ? "g" : opens(child) ? "h" : "c"}${child.id}`,
      make: () => (child.group ? makeGroup(builder, child.id) : opens(child) ? makeHolder() : rowShell("row.condition")),
      update: (element) => draw(builder, element, child, group, index, depth + 1),
    };
  });
  reconcile(holder, items);
}

// ── conditions that hold others: properties, steps, rules over companies or people ─────────────────────────

const opens = (node) => !node.raw && Boolean(node.event !== undefined || node.sequence || node.company || node.people);

function makeHolder() {
  const box = h("div.holder");
  box.row = rowShell("row.condition");
  box.lines = h("div.lines");
  box.rail = h("div.rail", {}, box.lines);
  box.append(box.row, box.rail);
  return box;
}

function drawHolder(builder, box, node, parent, index, depth) {
  drawCondition(builder, box.row, node, parent, index);
  const group = node.sequence ? node : innerOf(node);
  set(box.rail, { hidden: !group, class: `rail ${group ? group.role || "ordered" : ""} ${(group && group.group) || "all"}` });
  if (!group) return reconcile(box.lines, []);
  if (box.of !== group.id) {
    box.foot?.remove();
    box.foot = makeFoot(builder, group.id);
    box.rail.append(box.foot);
    box.of = group.id;
  }
  drawChildren(builder, box.lines, group, depth);
  return drawFoot(builder, box.foot, group, depth);
}

function drawGroup(builder, box, node, parent, index, depth) {
  const lacks = builder.tree.lacks(node);
  const size = node.children.length;
  set(box, {
    class: `group ${node.group} ${depth === 1 ? "outer" : "inner"}${lacks.length ? " unfinished" : ""}`,
    role: "group",
    "aria-label": `Group ${index + 1}: ${GROUPS[node.group]}, ${size} ${size === 1 ? "condition" : "conditions"}`,
  });
  set(box.head, { "data-id": node.id });
  set(box.head.joiner, { text: joiner(builder, parent, index) });
  drawWord(box.word, node);
  drawAdvice(builder, box.head, lacks.length && !builder.data.readonly ? "Add a condition to this group, or remove it." : "");
  reconcile(box.head.under, underOf(builder, node));
  drawEffect(builder, box.head.effect, effectOf(builder, node, parent, index));
  drawTools(builder, node, box.head.tools, builder.nameOf(node));
  drawChildren(builder, box.children_, node, depth);
  drawFoot(builder, box.foot, node, depth);
}

function drawWord(button, node) {
  if (button.drawn === node.group) return;
  button.drawn = node.group;
  button.replaceChildren(h("span", { text: GROUPS[node.group] }), ...(button.localName === "button" ? [icon("down")] : []));
  set(button, { class: `groupword ${node.group}`, "aria-label": button.localName === "button" ? `match ${GROUPS[node.group]}` : null });
}
