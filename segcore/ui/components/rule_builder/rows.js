// The lines of the card: a condition or a group, what it takes away, its notes and what is wrong with it.

function joiner(builder, parent, index) {
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
  if (parent === tree.root && parent.group === "all" && own.after !== null && own.after !== undefined) {
    const earlier = parent.children.slice(0, index).map((child) => counts.get(child.id)).filter(Boolean);
    const before = earlier.length ? earlier[earlier.length - 1].after : total;
    return { mode: "left", left: own.after, gone: Math.max(0, before - own.after), without: own.without, total };
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
  const share = (number) => `${effect.total ? Math.min(100, (number / effect.total) * 100) : 0}%`;
  element.solid.style.width = share(effect.left);
  element.gone.style.width = share(effect.gone);
  const who = `${count(effect.left)} ${noun(entity, effect.left)}`;
  const label = effect.mode === "left" ? `${who} left after this line; it takes away ${count(effect.gone)}` : `${who} ${effect.left === 1 ? "matches" : "match"} this alone, of ${count(effect.total)}`;
  let tip = effect.mode === "left" ? "" : label;
  if (effect.mode === "left" && effect.without !== null && effect.without !== undefined) {
    tip = `Without this condition: ${count(effect.without)} (${signed(effect.without - (builder.data.count || 0))})`;
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
    row.append(grip(builder, row));
  }
  set(element.children[0], { "aria-label": `More for ${name}`, "data-tip": "More" });
  set(element.children[1], { "aria-label": `Remove ${name}`, "data-tip": "Remove  Alt+Backspace" });
}

function openMenu(builder, anchor, id) {
  const { tree } = builder;
  const { node, parent, index, depth } = tree.find(id);
  const first = parent === tree.root && index === 0;
  const last = parent === tree.root && index === parent.children.length - 1;
  const deep = depth + tree.height(node) >= DEEPEST;
  const turned = node.group ? (node.group === "all" ? null : node.group === "any" ? "none" : "any") : node.segment !== undefined ? "segment" : tree.turned(node);
  const words = node.group ? (turned ? GROUPS[turned] : "none of these") : turned === "segment" ? (node.operator === "in" ? "is not in" : "is in") : turned ? plain(builder.catalogue.wording(turned, builder.catalogue.kind(node))) : "none of these";
  const items = [
    { id: "duplicate", text: "Duplicate", icon: "copy", choose: () => builder.duplicate(id) },
    { id: "turn", text: "Turn around", hint: words, icon: "turn", disabled: !turned && deep, choose: () => builder.turn(id) },
    { id: "wrap", text: "Put in a group", icon: "wrap", disabled: deep, choose: () => builder.wrap(id) },
    node.group ? { id: "ungroup", text: "Ungroup", icon: "unwrap", choose: () => builder.ungroup(id) } : null,
    { id: "up", text: "Move up", hint: "Alt ↑", icon: "up", disabled: first, choose: () => builder.move(id, -1) },
    { id: "down", text: "Move down", hint: "Alt ↓", icon: "lower", disabled: last, choose: () => builder.move(id, 1) },
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

// ── notes and problems ─────────────────────────────────────────────────────────────────────────────────────

function underOf(builder, node) {
  const items = [];
  const { tree, catalogue, data } = builder;
  const add = (key, draw, cls = "note") => items.push({ key, make: () => h(`div.${cls}`), update: (element) => draw(element) });
  const words = (element, drawn, ...children) => {
    if (element.drawn === drawn) return;
    element.drawn = drawn;
    const held = focused(builder.root);
    const inside = held && element.contains(held);
    element.replaceChildren(...children.filter(Boolean));
    if (inside) (element.querySelector("button") || builder.card).focus({ preventScroll: true });
  };
  const noteOf = (key, text, more) => {
    add(key, (element) => {
      const switched = more && !data.readonly ? toggle(more.words, more.on, more.change, { "aria-label": more.label }) : null;
      words(element, `${text}|${more ? `${more.words}${more.on}` : ""}`, icon("info"), h("span", { text, dir: "auto" }), switched);
    });
  };
  const counts = builder.counts.get(node.id) || {};
  const operator = node.attribute !== undefined && !node.raw ? catalogue.operator(node) : null;
  if (operator) {
    const attribute = catalogue.attribute(node.attribute);
    const named = prose(attribute.label);
    const out = node.include_missing === false;
    const missing = out ? attribute.missing : counts.missing;
    if (operator.negative && (out || missing > 0)) {
      const text = out ? `${missing > 0 ? count(missing) : "Those"} with no ${named} are left out` : `Including ${count(missing)} with no ${named}`;
      noteOf("missing", text, {
        words: "Keep them",
        label: `Keep those with no ${named}`,
        on: !out,
        change: (on) => builder.setFlag(node.id, "include_missing", on ? undefined : false),
      });
    }
    if (operator.include_future && (node.include_future || counts.future > 0)) {
      const number = counts.future || 0;
      const who = `${count(number)} ${number === 1 ? (data.entity === "company" ? "company has" : "person has") : `${noun(data.entity, 2)} have`} a future date`;
      const text = node.include_future ? (number ? `Including ${count(number)} with a future date` : "Future dates count") : `${who}; ${number === 1 ? "it does" : "they do"} not count`;
      noteOf("future", text, {
        words: "Count them",
        label: `Count future dates of ${attribute.label}`,
        on: Boolean(node.include_future),
        change: (on) => builder.setFlag(node.id, "include_future", on || undefined),
      });
    }
    const resolved = builder.resolved.get(node.id);
    const rolling = operator.operand === "ago";
    if (resolved && !rolling) add("resolved", (element) => set(element, { text: resolved }), "said");
    if (rolling && attribute.kind === "date") add("midnight", (element) => set(element, { text: `A date without time counts from midnight, ${data.zone}` }), "said");
    if (tree.lacks(node).includes("order")) {
      const swap = h("button.fix", { text: "Swap", onclick: () => builder.setValue(node.id, [...tree.node(node.id).value].reverse(), true) });
      const what = attribute.kind === "number" ? "The lower number is above the upper one." : "The first day is after the last one.";
      add("order", (element) => words(element, what, icon("error"), h("span", { text: what }), swap), "problem");
    }
  }
  for (const [index, problem] of (builder.problems.get(node.id) || []).entries()) {
    add(
      `problem${index}`,
      (element) => {
        set(element, { class: problem.level === "warning" ? "note warning" : "problem" });
        const fix = problem.suggestion && !data.readonly ? builder.fixOf(node, problem) : null;
        const button = fix ? h("button.fix", { text: fix.text, onclick: fix.apply }) : null;
        words(element, `${problem.message}|${fix ? fix.text : ""}`, icon(problem.level === "warning" ? "info" : "error"), h("span", { text: problem.message, dir: "auto" }), button);
      },
      "problem",
    );
  }
  return items;
}

// ── conditions and groups ──────────────────────────────────────────────────────────────────────────────────

function drawCondition(builder, row, node, parent, index) {
  const lacks = builder.tree.lacks(node);
  const name = builder.nameOf(node);
  set(row, { class: lacks.length ? "row condition unfinished" : "row condition", role: "group", "data-id": node.id });
  set(row.joiner, { text: joiner(builder, parent, index) });
  drawTokens(builder, node, row.line);
  const said = [...row.line.querySelectorAll(".token, .word")].map((token) => (token.querySelector("input") || {}).value ?? token.textContent);
  set(row, { "aria-label": `Condition ${index + 1}: ${said.join(" ")}` });
  const rolling = builder.resolved.get(node.id) && (builder.catalogue.operator(node) || {}).operand === "ago";
  set(row.line, { "data-tip": rolling ? capital(builder.resolved.get(node.id)) : null });
  drawAdvice(builder, row, lacks.length && !lacks.includes("order") ? adviceFor(builder, node) : "");
  reconcile(row.under, underOf(builder, node));
  drawEffect(builder, row.effect, lacks.length ? null : effectOf(builder, node, parent, index));
  drawTools(builder, node, row.tools, name);
}

function adviceFor(builder, node) {
  if (builder.data.readonly) return "";
  const operator = builder.catalogue.operator(node);
  const what = operator && ["ago", "within", "days", "count"].includes(operator.operand) ? "Type a number" : builder.catalogue.kind(node) === "number" ? "Type a number" : "Choose a value";
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
  button.onclick = () => {
    if (builder.floating.anchor === button) return builder.floating.hide();
    const group = builder.tree.node(id) || builder.tree.root;
    const words = Object.entries(GROUPS).map(([key, text]) => [key, text, { all: "every condition holds", any: "at least one holds", none: "no condition holds" }[key]]);
    return openWords(builder, button, { label: "Which of these have to hold", words, chosen: group.group, choose: (word) => builder.setGroup(group.id, word) });
  };
  return button;
}

function makeFoot(builder, id) {
  const foot = h("div.foot");
  if (builder.data.readonly) return foot;
  foot.condition = h("button.add", { text: "+ Condition", "aria-haspopup": "dialog", "aria-expanded": "false", "data-token": "add" });
  foot.group = h("button.add.second", { text: "+ Group", "data-token": "group" });
  const at = () => (builder.tree.node(id) || builder.tree.root).id;
  foot.condition.onclick = () => {
    if (builder.floating.anchor === foot.condition) builder.floating.hide();
    else openPicker(builder, foot.condition, { label: "Add a condition", choose: (what) => builder.add(at(), what) });
  };
  foot.group.onclick = () => builder.addGroup(at());
  foot.append(foot.condition, foot.group);
  return foot;
}

function drawChildren(builder, holder, group, depth) {
  const items = group.children.map((child, index) => ({
    key: `${child.group ? "g" : "c"}${child.id}`,
    make: () => (child.group ? makeGroup(builder, child.id) : rowShell("row.condition")),
    update: (element) => (child.group ? drawGroup(builder, element, child, group, index, depth + 1) : drawCondition(builder, element, child, group, index)),
  }));
  reconcile(holder, items);
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

function drawFoot(builder, foot, node, depth) {
  if (!foot.condition) return;
  set(foot, { "data-group": node.id });
  const where = depth ? ` to the group, ${GROUPS[node.group]}` : "";
  set(foot.condition, { "aria-label": `+ Condition${where}` });
  set(foot.group, { "aria-label": `+ Group${where}`, hidden: depth >= DEEPEST - 1 });
}
