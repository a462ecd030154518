// A plain table of things with a menu for each: agents, sign-ins, the log. Cards where it is narrow.

export default function (component) {
  const { parentElement: root } = component;
  if (!root.__listing) root.__listing = build(root);
  root.__listing.update(component);
}

function build(root) {
  const state = { data: null, out: null };
  const body = h("div", { class: "body" });
  const card = h("div", { class: "root" }, h("div", { class: "holder" }, body));
  root.append(card);

  function update({ data, setTriggerValue }) {
    state.data = data;
    state.out = (name, value) => {
      returning(root, (held) => again(root, held));
      setTriggerValue(name, value);
    };
    card.className = data.compact ? "root compact" : "root wide";
    redrawn(root, draw);
  }

  function draw() {
    const d = state.data;
    if (!d.rows.length) {
      body.replaceChildren(h("div", { class: "empty" }, h("p", {}, d.empty.title), d.empty.text ? h("p", { class: "muted" }, d.empty.text) : null));
      return;
    }
    const acting = d.rows.some((row) => row.button) ? "c-button" : d.rows.some((row) => row.menu.length) ? "c-menu" : null;
    const head = h("tr", { role: "row" },
      d.columns.map((column) => h("th", { role: "columnheader", scope: "col", style: column.width ? `width:${Number(column.width)}%` : null }, column.label)),
      acting ? h("th", { role: "columnheader", scope: "col", class: acting }, h("span", { class: "unseen" }, "More")) : null);
    body.replaceChildren(h("table", { role: "table", "aria-label": d.label },
      h("thead", { role: "rowgroup" }, head),
      h("tbody", { role: "rowgroup" }, d.rows.map((row) => rowOf(row, acting)))));
  }

  function rowOf(row, acting) {
    return h("tr", { role: "row", class: row.quiet ? "quiet" : null, "data-row": row.id },
      state.data.columns.map((column, at) => cellOf(column, row.cells[column.key], at === 0)),
      acting ? h("td", { role: "cell", class: acting }, row.button ? buttonOf(row) : row.menu.length ? dotsOf(row) : null) : null);
  }

  function dotsOf(row) {
    return h("button", { class: "dots", "data-id": `menu-${row.id}`, "aria-label": `More for ${row.label}`, title: "More", "aria-haspopup": "menu", onclick: (e) => open(e.currentTarget, row) }, icon("dots"));
  }

  function buttonOf(row) {
    const press = () => state.out("action", { row: row.id, what: row.button.what });
    return h("button", { class: "flat plain", "data-id": `button-${row.id}`, "aria-label": `${row.button.label}: ${row.label}`, onclick: press }, row.button.label);
  }

  function open(anchor, row) {
    const act = (what) => () => state.out("action", { row: row.id, what });
    floatingMenu(root, card, anchor, `More for ${row.label}`, row.menu.map((entry) => entry === "-" ? entry
      : { label: entry.label, icon: entry.icon, danger: entry.danger, run: act(entry.what) }));
  }

  return { update };
}

// A cell is text, or more: {text, below, tags, title, strong, muted, href, changes}.
function cellOf(column, value, first) {
  const cell = value === null || value === undefined ? {} : typeof value === "string" ? { text: value } : value;
  const empty = !cell.text && !cell.changes;
  const inner = [];
  if (cell.changes) inner.push(...cell.changes.map(changeOf));
  else {
    const href = ownAddress(cell.href);
    const shown = href ? h("a", { class: "link", href, target: "_top" }, h("bdi", {}, cell.text)) : h("bdi", { class: cell.strong ? "strong" : null }, empty ? "–" : cell.text);
    inner.push(h("div", { class: "line" }, shown, (cell.tags || []).map((tag) => h("span", { class: "tag" }, tag))));
    if (cell.below) inner.push(h("div", { class: "below", dir: "auto" }, cell.below));
  }
  return h(first ? "th" : "td", {
    role: first ? "rowheader" : "cell", scope: first ? "row" : null, title: cell.title || null,
    class: [first ? "first" : null, cell.muted || empty ? "muted" : null].filter(Boolean).join(" ") || null,
  }, h("span", { class: "label", "aria-hidden": "true" }, column.label), h("div", { class: "value" }, inner));
}

// What was, struck out; then what is. Where there was nothing, or is nothing now, only the other.
function changeOf(change) {
  const was = change.before === null || change.before === undefined ? null : h("del", { dir: "auto" }, change.before);
  const is = change.after === null || change.after === undefined ? null : h("ins", { dir: "auto" }, change.after);
  return h("div", { class: "change" }, h("span", { class: "muted" }, `${change.label}: `), was, was && is ? h("span", { "aria-hidden": "true" }, " → ") : null, is);
}
