// The overview: segments by folder, each with its sentence, its count and its share of everyone.

const FOLDS = "segcore.folds", ORDER = "segcore.segments.order";

// One entry per column; a trend or a relation joins as another entry with its width in style.css.
const COLUMNS = [
  { key: "name", label: "Segment", draw: nameCell, sort: (a, b) => a.name.localeCompare(b.name) },
  { key: "count", label: "People, share of everyone", draw: sizeCell, sort: (a, b) => (a.count ?? -1) - (b.count ?? -1) },
];

export default function (component) {
  const { parentElement: root } = component;
  if (!root.__table) root.__table = build(root);
  root.__table.update(component);
}

function stored(name, fallback) {
  try { return JSON.parse(localStorage.getItem(name)) ?? fallback; } catch { return fallback; }
}
function store(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* a private window keeps nothing */ }
}

function build(root) {
  const state = { data: null, out: null, folds: stored(FOLDS, {}), order: stored(ORDER, null) };
  const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const say = announcer(live);
  const body = h("div", { class: "body" });
  const said = h("div", { class: "said", "aria-hidden": "true", hidden: true });
  // The width is asked of the holder: what floats must not stand inside of it.
  const card = h("div", { class: "root" }, h("div", { class: "holder" }, body), said, live);
  root.append(card);

  function update({ data, setTriggerValue }) {
    state.data = data;
    state.out = (name, value) => {
      returning(root, (held) => again(root, held));
      setTriggerValue(name, value);
    };
    // A menu whose row is redrawn under it would act on the old row.
    redrawn(root, draw);
    card.classList.toggle("dimmed", Boolean(data.dimmed));
  }

  function draw() {
    const d = state.data;
    if (!d.folders.some((folder) => folder.segments.length || folder.key)) {
      body.replaceChildren(h("div", { class: "empty" }, h("h2", {}, (d.empty && d.empty.title) || "No segments yet"),
        h("p", { class: "muted" }, (d.empty && d.empty.text) || "A segment is a saved filter that keeps itself up to date.")));
      return;
    }
    const head = h("tr", { role: "row" }, COLUMNS.map(headCell), h("th", { role: "columnheader", scope: "col", class: "c-menu" }, h("span", { class: "unseen" }, "More")));
    body.replaceChildren(h("table", { role: "table", "aria-label": "Segments" }, h("thead", { role: "rowgroup" }, head), d.folders.map(groupOf)));
  }

  function headCell(column) {
    const mine = state.order && state.order.key === column.key;
    return h("th", { role: "columnheader", scope: "col", class: `c-${column.key}`, "aria-sort": mine ? (state.order.down ? "descending" : "ascending") : "none" },
      h("button", { class: "head", "data-id": `head-${column.key}`, onclick: () => sortBy(column) }, column.label,
        mine ? icon(state.order.down ? "down" : "up", 13) : null));
  }

  // Third click: back to the order in which they were arranged.
  function sortBy(column) {
    const first = column.key === "count";
    const mine = state.order && state.order.key === column.key;
    state.order = !mine ? { key: column.key, down: first } : state.order.down === first ? { key: column.key, down: !first } : null;
    store(ORDER, state.order);
    redrawn(root, draw);
    say(state.order ? `Sorted by ${column.label.toLowerCase()}, ${state.order.down ? "descending" : "ascending"}` : "In arranged order");
  }

  function arranged(segments) {
    const column = state.order && COLUMNS.find((one) => one.key === state.order.key);
    if (!column) return segments;
    return [...segments].sort((a, b) => (state.order.down ? -1 : 1) * column.sort(a, b));
  }

  function groupOf(folder) {
    const key = folder.key ?? "";
    const open = folder.searched ? true : state.folds[key] ?? folder.open !== false;
    const n = folder.segments.length;
    const id = `folder-${key}`;
    const toggle = h("button", { class: "fold", "data-id": id, "aria-expanded": String(open), onclick: () => {
      state.folds[key] = !open;
      store(FOLDS, state.folds);
      redrawn(root, draw);
    } }, icon("chevron"), h("b", { dir: "auto" }, folder.name), h("span", { class: "muted" }, `${count(n)} segment${n === 1 ? "" : "s"}`));
    const more = state.data.may_edit && folder.key && !folder.predefined
      ? h("button", { class: "dots", "data-id": `${id}-menu`, "aria-label": `More for the folder ${folder.name}`, title: "More", "aria-haspopup": "menu", onclick: (e) => folderMenu(e.currentTarget, folder) }, icon("dots"))
      : null;
    const head = h("tr", { role: "row", class: "folder" },
      h("th", { role: "rowheader", scope: "rowgroup", colspan: COLUMNS.length }, toggle),
      h("td", { role: "cell", class: "c-menu" }, more));
    const rows = open ? arranged(folder.segments).map((segment) => rowOf(segment, folder)) : [];
    if (open && !n) rows.push(h("tr", { role: "row", class: "none" }, h("td", { role: "cell", colspan: COLUMNS.length + 1 }, h("span", { class: "muted" }, folder.searched ? "Nothing here matches the search." : "Nothing in this folder yet."))));
    return h("tbody", { role: "rowgroup", class: open ? "" : "closed" }, head, rows);
  }

  function rowOf(segment, folder) {
    return h("tr", { role: "row", class: "segment", "data-key": segment.key, onkeydown: (e) => {
      if (e.altKey && e.key === "ArrowRight" && state.data.may_edit && segment.editable !== false) {
        e.preventDefault();
        const dots = e.currentTarget.querySelector(".dots");
        segmentMenu(dots, segment, folder);
        moveMenu(dots, segment, folder);
      }
    } },
      COLUMNS.map((column) => h("td", { role: "cell", class: `c-${column.key}` }, column.draw(segment, api))),
      h("td", { role: "cell", class: "c-menu" },
        h("button", { class: "dots", "data-id": `menu-${segment.key}`, "aria-label": `More for ${segment.name}`, title: "More", "aria-haspopup": "menu", onclick: (e) => segmentMenu(e.currentTarget, segment, folder) }, icon("dots"))));
  }

  const api = {
    open(event, segment) {
      // A middle click, or one with a key held, keeps the browser's own meaning: a new tab.
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      state.out("action", { segment: segment.key, what: "open" });
    },
    act: (segment, what) => state.out("action", { segment: segment.key, what }),
  };

  function segmentMenu(anchor, segment, folder) {
    const may = state.data.may_edit;
    const edit = may && segment.editable !== false;
    const act = (what) => () => api.act(segment, what);
    menu(anchor, `More for ${segment.name}`, [
      { label: "Open", icon: "open", run: act("open") },
      edit ? { label: segment.problem ? "Repair" : "Edit filter", icon: "filter", run: act("edit") } : null,
      may && segment.may_duplicate !== false ? { label: "Duplicate", icon: "copy", run: act("duplicate") } : null,
      edit ? { label: "Move to folder", icon: "folder", more: true, keep: true, run: () => moveMenu(anchor, segment, folder) } : null,
      edit ? { label: "Rename", icon: "rename", run: act("rename") } : null,
      segment.may_hide ? { label: "Hidden from…", icon: "eye", run: act("hide") } : null,
      { label: "Copy link", icon: "link", run: () => copyLink(segment) },
      ...(edit ? ["-", { label: "Delete", icon: "bin", danger: true, run: act("delete") }] : []),
    ]);
  }

  function moveMenu(anchor, segment, folder) {
    const here = folder.key ?? null;
    const places = state.data.folders.filter((one) => one.key && !one.predefined && (!one.entity || !segment.entity || one.entity === segment.entity));
    const to = (key) => () => state.out("move", { segment: segment.key, folder: key });
    menu(anchor, `Move ${segment.name} to`, [
      { label: "Back", icon: "left", keep: true, run: () => segmentMenu(anchor, segment, folder) },
      "-",
      ...places.map((one) => ({ label: one.name, radio: true, checked: one.key === here, run: to(one.key) })),
      { label: "No folder", radio: true, checked: here === null, run: to(null) },
      "-",
      { label: "New folder…", icon: "folder", run: () => api.act(segment, "move") },
    ], 2);
  }

  function folderMenu(anchor, folder) {
    const act = (what) => () => state.out("folder_action", { folder: folder.key, what });
    menu(anchor, `More for the folder ${folder.name}`, [
      { label: "Rename", icon: "rename", run: act("rename") },
      "-",
      { label: "Delete folder", icon: "bin", danger: true, run: act("delete") },
    ]);
  }

  async function copyLink(segment) {
    const href = ownAddress(segment.href);
    const done = href && await copyText(new URL(href, location.origin).href);
    const text = done ? "Link copied" : "The link could not be copied";
    say(text);
    said.textContent = text;
    said.hidden = false;
    setTimeout(() => { said.hidden = true; }, 2200);
  }

  const menu = (anchor, label, entries, first = 0) => floatingMenu(root, card, anchor, label, entries, first);

  return { update };
}

function nameCell(segment, api) {
  const href = ownAddress(segment.href);
  const name = h("a", { class: "name", "data-id": `open-${segment.key}`, href: href || "#", title: segment.name, onclick: (e) => api.open(e, segment) },
    h("bdi", {}, segment.name));
  const tags = [];
  if (segment.noun === "companies" || segment.entity === "company") tags.push(h("span", { class: "tag" }, icon("company", 13), "companies"));
  if (segment.mark) tags.push(h("span", { class: "tag" }, segment.mark));
  const spans = (segment.sentence || []).map((span) => (span.bold ? h("b", {}, span.text) : span.text));
  const whole = (segment.sentence || []).map((span) => span.text).join("");
  return [h("div", { class: "line" }, name, tags), h("div", { class: "sentence", title: whole || null, dir: "auto" }, spans)];
}

function sizeCell(segment, api) {
  if (segment.problem) {
    return h("div", { class: "problem" }, icon("warning"), h("span", {}, segment.problem, " ",
      segment.editable === false ? null : h("button", { class: "repair", "data-id": `repair-${segment.key}`, onclick: () => api.act(segment, "edit") }, "Repair")));
  }
  if (segment.count === null || segment.count === undefined) return h("span", { class: "muted" }, "–");
  const part = segment.total > 0 ? segment.count / segment.total : 0;
  const fill = h("span", { class: "fill" });
  // Above zero something is always seen.
  fill.style.width = segment.count > 0 ? `max(2px, ${(100 * Math.min(1, part)).toFixed(3)}%)` : "0";
  const noun = Array.isArray(segment.noun) ? segment.noun[segment.count === 1 ? 0 : 1] : segment.noun || "people";
  const whole = Array.isArray(segment.noun) ? segment.noun[segment.total === 1 ? 0 : 1] : noun;
  return h("div", { class: "size" },
    h("b", { class: "n" }, count(segment.count), h("span", { class: "unseen" }, ` ${noun}, `)),
    h("span", { class: "track", "aria-hidden": "true", title: segment.share_title || `${segment.share} of ${count(segment.total)} ${whole}` }, fill),
    h("span", { class: "share muted" }, segment.share, h("span", { class: "unseen" }, ` of ${count(segment.total)}`)));
}
