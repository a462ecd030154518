// The result of a filter: how many, a search, an export, fifty rows of a real table, and the pages.

const DEBOUNCE = 250;
const NUMERIC = new Set(["number"]);

export default function (component) {
  const { parentElement: root } = component;
  if (!root.__table) root.__table = build(root);
  root.__table.update(component);
}

function build(root) {
  const state = {
    data: null, out: null, view: null, seq: 0, rev: undefined,
    ticked: new Set(), all: false, row: 0, searching: null,
  };
  const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const say = announcer(live);

  // Parts that stay while data comes and goes; the search field must not lose what is being typed.
  const result = h("div", { class: "result" });
  const field = h("input", { type: "search", class: "field", autocomplete: "off", spellcheck: "false", oninput: typed, onkeydown: leaveSearch });
  const search = h("label", { class: "search" }, icon("search"), field);
  const exported = h("a", { class: "flat", "data-id": "export", download: true });
  const bar = h("div", { class: "bar" }, result, h("div", { class: "tools" }, search, exported));
  const ticks = h("div", { class: "bar ticks", role: "group", "aria-label": "Ticked rows", hidden: true });
  const sorting = h("div", { class: "sorting" });
  const body = h("div", { class: "body" });
  const pages = h("nav", { class: "pages", "aria-label": "Pages" });
  const hint = h("div", { class: "unseen", id: "walk" }, "Up and down arrows walk the rows, Enter opens.");
  const card = h("div", { class: "root" }, bar, ticks, sorting, body, pages, hint, live);
  root.append(card);

  function update({ data, setStateValue, setTriggerValue }) {
    state.out = { state: setStateValue, trigger: setTriggerValue };
    if (data.rev !== state.rev) {
      // Another filter: ticks of the one before would act on people who are no longer shown.
      const first = state.rev === undefined;
      state.rev = data.rev;
      state.row = 0;
      if (first && data.ticked) { state.ticked = new Set(data.ticked.ids || []); state.all = Boolean(data.ticked.all); }
      else { state.ticked.clear(); state.all = false; }
    }
    const moved = state.data && state.data.page !== data.page;
    state.data = data;
    state.seq = Math.max(state.seq, data.seq || 0);
    state.view = { sort: data.sort, descending: data.descending, page: data.page, search: data.search || "" };
    if (moved) state.row = 0;
    state.row = Math.min(state.row, Math.max(0, data.rows.length - 1));
    // An answer to an older question (typing went on meanwhile) must not undim or overwrite the field.
    const answered = (data.seq || 0) >= state.seq && state.searching === null;
    if (answered && field.value !== state.view.search) field.value = state.view.search;
    field.placeholder = `Search in these ${data.noun[1]}`;
    field.setAttribute("aria-label", `Search in these ${data.noun[1]}`);
    redrawn(root, draw);
    card.classList.toggle("dimmed", Boolean(data.dimmed) || !answered);
    say(`${count(data.count)} ${noun(data.count)}`);
  }

  const noun = (n) => state.data.noun[n === 1 ? 0 : 1];

  function ask(change) {
    state.seq += 1;
    state.view = { ...state.view, ...change };
    card.classList.add("dimmed");
    state.out.state("view", { ...state.view, rev: state.rev, seq: state.seq });
  }

  function typed() {
    clearTimeout(state.searching);
    state.searching = setTimeout(() => { state.searching = null; ask({ search: field.value, page: 1 }); }, DEBOUNCE);
  }

  function leaveSearch(event) {
    if (event.key === "Enter" && state.searching !== null) {
      clearTimeout(state.searching);
      state.searching = null;
      ask({ search: field.value, page: 1 });
    }
    if (event.key === "ArrowDown") { event.preventDefault(); walk(0, "open"); }
  }

  function draw() {
    drawResult();
    drawTicks();
    drawSorting();
    drawBody();
    drawPages();
  }

  function drawResult() {
    const d = state.data;
    const whole = d.share ? `${d.share} of ${count(d.total)}` : `of ${count(d.total)}`;
    const asOf = d.as_of ? h("span", { title: d.as_of_title || null }, `as of ${d.as_of}`) : null;
    const took = d.ms === null || d.ms === undefined ? null : h("span", {}, `${count(Math.round(d.ms))} ms`);
    const dot = () => h("span", { class: "dot" }, "· ");
    result.replaceChildren(
      h("b", { class: "big" }, count(d.count)), " ", h("span", { class: "noun" }, noun(d.count)),
      h("span", { class: "muted" }, dot(), whole),
      asOf ? h("span", { class: "muted when" }, dot(), asOf) : "",
      took ? h("span", { class: "muted took" }, dot(), took) : "",
    );
    const href = ownAddress(d.export);
    exported.replaceChildren(icon("export"), "Export");
    exported.hidden = !href || d.count === 0;
    if (href) exported.href = href;
    bar.querySelector(".search").hidden = Boolean(d.empty) && !(state.view.search || field.value);
  }

  function drawTicks() {
    const d = state.data;
    const n = state.all ? d.count : state.ticked.size;
    ticks.hidden = n === 0;
    bar.hidden = n > 0;
    if (!n) { ticks.replaceChildren(); return; }
    const all = d.count > n ? h("button", { class: "flat", "data-id": "select-all", onclick: selectAll }, `Select all ${count(d.count)}`) : null;
    ticks.replaceChildren(
      h("span", { class: "big-ticks" }, h("b", {}, count(n)), " ticked"),
      ownAddress(d.export) ? exportTicked() : null,
      all,
      h("button", { class: "flat", "data-id": "clear", onclick: clearTicks }, icon("close"), "Clear"),
    );
  }

  // The ids travel in the address; more of them than it carries are chosen by "Select all" or by a filter.
  function tickedAddress() {
    const href = ownAddress(state.data.export);
    if (!href || state.all) return href;
    const whole = href + [...state.ticked].map((id) => `&only=${encodeURIComponent(id)}`).join("");
    return state.ticked.size <= 1000 && whole.length <= 15000 ? whole : null;
  }

  function exportTicked() {
    const href = tickedAddress();
    if (href) return h("a", { class: "flat", "data-id": "export-ticked", href, download: true }, icon("export"), "Export");
    return h("button", { class: "flat", disabled: true, title: "So many ticked rows cannot be exported at once; narrow the filter, or select all" }, icon("export"), "Export");
  }

  function selectAll() { state.all = true; sendTicks(); }
  function clearTicks() {
    state.all = false;
    state.ticked.clear();
    sendTicks();
    const row = body.querySelector(`[data-id="tick-${state.row}"]`) || field;
    row.focus({ preventScroll: true });
  }

  function sendTicks() {
    state.out.state("ticked", { rev: state.rev, ids: state.all ? [] : [...state.ticked], all: state.all });
    redrawn(root, () => { drawTicks(); drawBody(); });
    const n = state.all ? state.data.count : state.ticked.size;
    say(`${count(n)} ticked`);
  }

  function tick(id, on) {
    if (state.all && !on) {
      // Everyone was chosen; taking one out leaves this page's others, which is what can be seen.
      state.all = false;
      state.ticked = new Set(state.data.rows.map((row) => row.id));
    }
    if (on) state.ticked.add(id); else state.ticked.delete(id);
    sendTicks();
  }

  // On a phone the heads are gone, so the order is chosen here.
  function drawSorting() {
    const d = state.data;
    if (d.empty || !d.rows.length) { sorting.replaceChildren(); return; }
    const choice = h("select", { "data-id": "sort-choice", "aria-label": "Sort by", onchange: (e) => ask({ sort: e.target.value, page: 1 }) },
      d.columns.map((column) => h("option", { value: column.key, selected: column.key === d.sort }, column.label)));
    const words = d.descending ? "Descending" : "Ascending";
    sorting.replaceChildren(
      h("span", { class: "muted", "aria-hidden": "true" }, "Sort by"), choice,
      h("button", { class: "flat", "data-id": "sort-way", "aria-label": `${words}, turn around`, title: words, onclick: () => ask({ descending: !d.descending, page: 1 }) }, icon(d.descending ? "down" : "up")),
    );
  }

  function drawBody() {
    const d = state.data;
    if (d.empty) { body.replaceChildren(emptiness(d.empty)); return; }
    if (!d.rows.length) { body.replaceChildren(emptiness({ title: `No ${d.noun[1]} here`, text: "" })); return; }
    const scroller = body.querySelector(".scroller");
    const at = scroller ? scroller.scrollLeft : 0;
    const onPage = d.rows.filter((row) => state.all || state.ticked.has(row.id)).length;
    const every = h("input", { type: "checkbox", "data-id": "tick-page", "aria-label": "Tick all rows of this page",
      checked: onPage === d.rows.length, indeterminate: onPage > 0 && onPage < d.rows.length,
      onchange: (e) => {
        if (!e.target.checked) state.all = false;
        for (const row of d.rows) { if (e.target.checked) state.ticked.add(row.id); else state.ticked.delete(row.id); }
        sendTicks();
      } });
    const head = h("tr", { role: "row" },
      h("th", { class: "tick", role: "columnheader", scope: "col" }, h("label", { class: "box" }, every)),
      d.columns.map(headCell));
    const table = h("table", { role: "table", "aria-label": d.noun[1][0].toUpperCase() + d.noun[1].slice(1), "aria-rowcount": d.count + 1, "aria-describedby": "walk" },
      h("thead", { role: "rowgroup" }, head), h("tbody", { role: "rowgroup", onkeydown: onKey, onfocusin: onFocus }, d.rows.map(rowOf)));
    const holder = h("div", { class: "scroller" }, table);
    body.replaceChildren(holder);
    holder.scrollLeft = at;
  }

  function headCell(column, index) {
    const d = state.data;
    const sorted = column.key === d.sort;
    const way = sorted ? (d.descending ? "descending" : "ascending") : "none";
    const label = column.unit ? `${column.label}, ${column.unit}` : column.label;
    if (column.sortable === false) return h("th", { role: "columnheader", scope: "col", class: classOf(column, index) }, h("span", { class: "plain" }, column.label));
    // The first click sorts what is usually looked for first: newest and largest on top, names from A.
    const down = sorted ? !d.descending : ["number", "datetime", "date"].includes(column.kind);
    return h("th", { role: "columnheader", scope: "col", "aria-sort": way, class: classOf(column, index) },
      h("button", { class: "head", "data-id": `head-${column.key}`, title: label, onclick: () => ask({ sort: column.key, descending: down, page: 1 }) },
        h("span", { class: "label" }, column.label),
        sorted ? icon(d.descending ? "down" : "up", 13) : null));
  }

  function classOf(column, index) {
    return [NUMERIC.has(column.kind) ? "number" : "", index === 0 ? "first" : "", index > 2 ? "beyond" : ""].join(" ").trim() || null;
  }

  function rowOf(row, index) {
    const d = state.data;
    const on = state.all || state.ticked.has(row.id);
    const current = index === state.row ? "0" : "-1";
    const [first, ...rest] = d.columns;
    const cell = row.cells[0];
    const shown = cell && cell.text.trim() ? cell.text : row.id;
    const box = h("input", { type: "checkbox", "data-id": `tick-${index}`, tabindex: current, checked: on, "aria-label": `Tick ${shown}`, onchange: (e) => tick(row.id, e.target.checked) });
    return h("tr", { role: "row", class: on ? "on" : null, "data-row": index, "aria-rowindex": (d.page - 1) * d.size + index + 2 },
      h("td", { role: "cell", class: "tick" }, h("label", { class: "box" }, box)),
      h("td", { role: "cell", class: classOf(first, 0) },
        h("button", { class: cell && cell.text.trim() ? "open" : "open nameless", "data-id": `open-${index}`, tabindex: current, title: (cell && cell.title) || shown, dir: "auto", onclick: () => open(row.id, index) }, shown)),
      rest.map((column, i) => {
        const value = row.cells[i + 1];
        const label = h("span", { class: "of", "aria-hidden": "true" }, column.label);
        if (value === null || value === undefined) return h("td", { role: "cell", class: `${classOf(column, i + 1) || ""} missing` }, label, h("span", { class: "value", "aria-label": `no ${column.label.toLowerCase()}`, role: "img" }, "–"));
        return h("td", { role: "cell", class: classOf(column, i + 1) }, label,
          h("span", { class: "value", dir: column.kind === "text" || column.kind === "list" ? "auto" : null, title: value.title || (value.text.length > 24 ? value.text : null) }, value.text));
      }));
  }

  function open(id, index) {
    state.row = index;
    returning(root, (held) => again(root, held));
    state.out.trigger("open", id);
  }

  function onFocus(event) {
    const row = event.target.closest("[data-row]");
    if (!row || Number(row.dataset.row) === state.row) return;
    for (const node of body.querySelectorAll('tbody [tabindex="0"]')) node.tabIndex = -1;
    state.row = Number(row.dataset.row);
    for (const node of row.querySelectorAll("[tabindex]")) node.tabIndex = 0;
  }

  function walk(to, what) {
    const node = body.querySelector(`[data-id="${what}-${to}"]`);
    if (node) { node.focus(); node.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest("[data-row]");
    if (!row) return;
    const what = event.target.type === "checkbox" ? "tick" : "open";
    const last = state.data.rows.length - 1;
    const at = Number(row.dataset.row);
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (event.key === "ArrowUp" && at === 0) { event.preventDefault(); field.focus(); return; }
    if (to !== undefined) { event.preventDefault(); walk(to, what); return; }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); walk(at, what === "tick" ? "open" : "tick"); return; }
    if (event.key === "Enter" && what === "tick") { event.preventDefault(); open(state.data.rows[at].id, at); }
  }

  function drawPages() {
    const d = state.data;
    pages.hidden = Boolean(d.empty) || !d.rows.length;
    if (pages.hidden) { pages.replaceChildren(); return; }
    const from = (d.page - 1) * d.size + 1;
    const shown = d.found ?? d.count;
    const range = h("span", { class: "muted range" }, `${count(from)}–${count(from + d.rows.length - 1)} of ${count(shown)} ${noun(shown)}`);
    if (d.pages < 2) { pages.replaceChildren(range); return; }
    const go = (page, label, content, id) => h("button", {
      class: "page", "data-id": id, "aria-label": label, "aria-current": page === d.page && id.startsWith("page") ? "page" : null,
      disabled: page < 1 || page > d.pages, onclick: () => ask({ page }),
    }, content);
    const numbers = windowOf(d.page, d.pages).map((page) => page === null
      ? h("span", { class: "gap muted", "aria-hidden": "true" }, "…")
      : go(page, `Page ${count(page)}`, count(page), `page-${page}`));
    pages.replaceChildren(range, h("div", { class: "steps" },
      go(d.page - 1, "Previous page", icon("left"), "previous"), numbers, go(d.page + 1, "Next page", icon("right"), "next")));
  }

  function emptiness(empty) {
    return h("div", { class: "empty" },
      h("h2", {}, empty.title),
      empty.text ? h("p", { class: "muted" }, empty.text) : null,
      empty.action ? h("button", { class: "act", "data-id": "empty-action", onclick: () => state.out.trigger("action", empty.action.value) }, empty.action.label) : null);
  }

  return { update };
}

// First, last, and two around where one is: [1, null, 8, 9, 10, 11, 12, null, 19].
function windowOf(page, pages) {
  const wanted = new Set([1, pages]);
  for (let p = page - 2; p <= page + 2; p += 1) if (p >= 1 && p <= pages) wanted.add(p);
  if (page <= 3) for (let p = 1; p <= Math.min(5, pages); p += 1) wanted.add(p);
  if (page >= pages - 2) for (let p = Math.max(1, pages - 4); p <= pages; p += 1) wanted.add(p);
  const sorted = [...wanted].sort((a, b) => a - b);
  return sorted.flatMap((p, i) => {
    const hole = i > 0 ? p - sorted[i - 1] : 1;
    return hole === 2 ? [p - 1, p] : hole > 2 ? [null, p] : [p];
  });
}
