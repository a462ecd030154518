// What every component begins with: elements built from text only, icons, focus that survives a redraw.

const SVG = "http://www.w3.org/2000/svg";

// h("button", {class: "x", onclick: f}, "text", child): strings become text nodes, never markup.
function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node[name] = value;
    else if (name === "checked" || name === "indeterminate" || name === "value" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
  return node;
}

// Stroked icons of 16 by 16; each is a list of path descriptions.
const ICONS = {
  chevron: ["M4 6l4 4 4-4"],
  right: ["M6 4l4 4-4 4"],
  left: ["M10 4l-4 4 4 4"],
  up: ["M8 12.5v-9", "M4.5 7L8 3.5 11.5 7"],
  down: ["M8 3.5v9", "M4.5 9L8 12.5 11.5 9"],
  dots: ["M3.5 8h.01", "M8 8h.01", "M12.5 8h.01"],
  search: ["M7 11.5a4.5 4.5 0 1 0 0-9a4.5 4.5 0 0 0 0 9z", "M10.3 10.3L13.5 13.5"],
  close: ["M4 4l8 8", "M12 4l-8 8"],
  export: ["M8 2.5v7.5", "M5 6.7L8 9.7l3-3", "M2.8 10.8v2.2h10.4v-2.2"],
  folder: ["M2 4.2h4.2l1.5 1.6H14v7.2H2z"],
  open: ["M9.5 3H13v3.5", "M13 3L8 8", "M11.5 9.5V13H3V4.5h3.5"],
  filter: ["M2.5 4h11", "M4.5 8h7", "M6.5 12h3"],
  copy: ["M5.5 5.5h7.5v8h-7.5z", "M10.5 5.5v-3h-7.5v8h2.5"],
  link: ["M6.5 9.5a2.6 2.6 0 0 0 3.8.1l2-2a2.7 2.7 0 0 0-3.8-3.8l-1 1", "M9.5 6.5a2.6 2.6 0 0 0-3.8-.1l-2 2a2.7 2.7 0 0 0 3.8 3.8l1-1"],
  rename: ["M3 13l.6-2.8 7.1-7.1 2.2 2.2-7.1 7.1z", "M9.3 4.5l2.2 2.2"],
  bin: ["M3 4.5h10", "M6 4.5v-1.7h4v1.7", "M4.3 4.5l.6 8.7h6.2l.6-8.7", "M6.8 7v4", "M9.2 7v4"],
  people: ["M6 7.8a2.5 2.5 0 1 0 0-5a2.5 2.5 0 0 0 0 5z", "M1.8 13c0-2.3 1.9-3.6 4.2-3.6s4.2 1.3 4.2 3.6", "M10.3 3.1a2.4 2.4 0 0 1 0 4.5", "M11.7 9.7c1.5.4 2.5 1.5 2.5 3.3"],
  company: ["M3 13.5v-11h6v11", "M9 6h4v7.5", "M1.8 13.5h12.4", "M5 5h2", "M5 7.5h2", "M5 10h2"],
  warning: ["M8 2.5l6 10.8H2z", "M8 6.5v3.2", "M8 11.5h.01"],
  check: ["M3.5 8.5l3 3 6-7"],
  eye: ["M2.2 2.2l11.6 11.6", "M6.3 3.7A6.5 6.5 0 0 1 8 3.5c3.6 0 5.7 3 6.3 4.5a8.5 8.5 0 0 1-1.7 2.4", "M4.2 4.8A8.2 8.2 0 0 0 1.7 8c.6 1.5 2.7 4.5 6.3 4.5 1.2 0 2.2-.3 3.1-.8"],
};

function icon(name, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  for (const d of ICONS[name] || []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

const count = (n) => Number(n).toLocaleString("en-US");

// Only addresses of this very server: never javascript: or another host, whatever the data says.
function ownAddress(href) {
  return typeof href === "string" && /^\/(?![\/\\])/.test(href) ? href : null;
}

// The element in focus is remembered by its data-id, so that a redraw gives focus back to its successor.
function redrawn(root, draw) {
  const active = root.activeElement;
  const id = active && active.closest("[data-id]") ? active.closest("[data-id]").dataset.id : null;
  const held = active && root.contains(active);
  draw();
  if (!held || root.activeElement) return;
  const next = id === null ? null : root.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (next) next.focus({ preventScroll: true });
}

// The focus to what had it, or to its successor.
function again(root, held) {
  const id = held.closest("[data-id]") ? held.closest("[data-id]").dataset.id : null;
  const next = held.isConnected || id === null ? held : root.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (next) next.focus({ preventScroll: true });
}

// One polite live region, at most once a second, and never the same words twice in a row.
function announcer(node) {
  let last = "", waiting = null, spokenAt = 0;
  return (text) => {
    if (text === last) return;
    last = text;
    clearTimeout(waiting);
    const wait = Math.max(0, 1000 - (Date.now() - spokenAt));
    waiting = setTimeout(() => { spokenAt = Date.now(); node.textContent = last; }, wait);
  };
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = h("textarea", { "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

// One menu at a time, in the top layer; arrows walk it, Esc gives focus back to its button.
function floatingMenu(root, card, anchor, label, entries, first = 0) {
  if (card.__menu) { card.__menu.remove(); card.__menu = null; }
  const list = h("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label });
  for (const entry of entries) {
    if (!entry) continue;
    if (entry === "-") { list.append(h("hr", { role: "separator" })); continue; }
    list.append(h("button", {
      role: entry.radio ? "menuitemradio" : "menuitem", "aria-checked": entry.radio ? String(Boolean(entry.checked)) : null, tabindex: "-1",
      "aria-haspopup": entry.more ? "menu" : null, class: entry.danger ? "danger" : null,
      onclick: () => {
        if (entry.keep) { entry.run(); return; }
        list.hidePopover();
        anchor.focus();
        if (!entry.checked) entry.run();
      },
    }, entry.radio ? (entry.checked ? icon("check") : h("span", { class: "gapicon" })) : icon(entry.icon), h("span", { class: "grow", dir: "auto" }, entry.label), entry.more ? icon("right") : null));
  }
  const items = () => [...list.querySelectorAll('[role^="menuitem"]')];
  // One entry is marked, the one under the pointer or the one that the keys are at.
  list.addEventListener("pointermove", (event) => {
    const item = event.target.closest('[role^="menuitem"]');
    if (item && item !== root.activeElement) item.focus({ preventScroll: true });
  });
  list.addEventListener("keydown", (event) => {
    const all = items(), at = all.indexOf(root.activeElement);
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); all[to].focus(); return; }
    if (event.key === "ArrowRight" && all[at] && all[at].getAttribute("aria-haspopup")) { event.preventDefault(); all[at].click(); return; }
    if (event.key === "ArrowLeft" && first) { event.preventDefault(); all[0].click(); return; }
    // By hand, because the browser's own way back to the button comes late.
    if (event.key === "Tab" || event.key === "Escape") { event.preventDefault(); list.hidePopover(); anchor.focus({ preventScroll: true }); return; }
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const typed = event.key.toLowerCase();
      const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((item) => item.textContent.trim().toLowerCase().startsWith(typed));
      if (next && typed !== " ") { event.preventDefault(); next.focus(); }
    }
  });
  list.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.removeAttribute("aria-expanded");
    const held = list.contains(root.activeElement) || root.activeElement === null;
    list.remove();
    if (card.__menu === list) card.__menu = null;
    if (held && anchor.isConnected) anchor.focus({ preventScroll: true });
  });
  card.append(list);
  card.__menu = list;
  anchor.setAttribute("aria-expanded", "true");
  list.showPopover();
  placeMenu(list, anchor);
  const start = items();
  (start[Math.min(first ? 1 : 0, start.length - 1)] || list).focus({ preventScroll: true });
}

function placeMenu(list, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + 4 + height <= innerHeight;
  list.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  list.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}
