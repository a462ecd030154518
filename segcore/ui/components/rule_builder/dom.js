// Elements, icons and the keyed reconciling of children. Text from data goes through textContent only.

const SVG = "http://www.w3.org/2000/svg";

// h("button.token.value", {text, title, "aria-label", onclick}, ...children)
function h(selector, props = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  if (tag === "button") element.type = "button";
  set(element, props);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Writes only what differs, so that a redraw neither loses focus nor wakes a screen reader.
function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "text") {
      if (element.textContent !== value) element.textContent = value;
    } else if (name === "class") {
      if (element.className !== value) element.className = value;
    } else if (name.startsWith("on")) {
      element[name] = value;
    } else if (name === "hidden" || name === "disabled") {
      if (element[name] !== Boolean(value)) element[name] = Boolean(value);
    } else if (value === null || value === undefined || value === false) {
      if (element.hasAttribute(name)) element.removeAttribute(name);
    } else if (element.getAttribute(name) !== String(value)) {
      element.setAttribute(name, String(value));
    }
  }
  return element;
}

// Keeps the element of every key that stays; items are {key, make, update}.
function reconcile(parent, items) {
  const known = parent.known || (parent.known = new Map());
  const wanted = new Set(items.map((item) => item.key));
  for (const [key, element] of known) {
    if (!wanted.has(key)) {
      element.remove();
      known.delete(key);
    }
  }
  let place = parent.firstChild;
  for (const item of items) {
    let element = known.get(item.key);
    if (!element) {
      element = item.make();
      known.set(item.key, element);
    }
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
    if (item.update) item.update(element);
  }
}

// 16 × 16, strokes of 1.4; one icon a noun.
const ICONS = {
  text: "M3.5 5V3.5h9V5M8 3.5v9M6.3 12.5h3.4",
  number: "M6.3 2.8 4.9 13.2M11.1 2.8 9.7 13.2M3 6h10.4M2.6 10H13",
  boolean: "M5 4.6h6a3.4 3.4 0 0 1 0 6.8H5a3.4 3.4 0 0 1 0-6.8ZM11 6.8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z",
  date: "M2.8 4h10.4v9.2H2.8ZM2.8 6.8h10.4M5.4 2.4V5M10.6 2.4V5",
  list: "M8.6 2.8h4.6v4.6l-5.8 5.8-4.6-4.6ZM10.9 5.1h.01",
  location: "M8 14s4.6-4.2 4.6-7.5a4.6 4.6 0 1 0-9.2 0C3.4 9.8 8 14 8 14ZM8 4.9a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4Z",
  segment: "M6 4.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6ZM10 4.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6Z",
  event: "M8.8 1.8 3.4 9.2h4l-.6 5 5.4-7.4h-4Z",
  company: "M3 13.5V2.8h6.5v10.7M9.5 6.5H13v7M2 13.5h12M5.3 5.5h1.9M5.3 8h1.9M5.3 10.5h1.9",
  people: "M6 3.2a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6ZM2 13c0-2.4 1.7-3.9 4-3.9s4 1.5 4 3.9M10.6 3.6a2 2 0 1 1 .2 3.9M11.3 9.2c1.7.3 2.8 1.6 2.8 3.6",
  everything: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2ZM5.2 8h5.6M8 5.2v5.6",
  sample: "M2.8 2.8h10.4v10.4H2.8ZM5.6 5.6h.01M10.4 5.6h.01M8 8h.01M5.6 10.4h.01M10.4 10.4h.01",
  cross: "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  grip: "M6.2 4.2h.01M9.8 4.2h.01M6.2 8h.01M9.8 8h.01M6.2 11.8h.01M9.8 11.8h.01",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  undo: "M5.6 3.2 2.8 6l2.8 2.8M3 6h6.4a3.6 3.6 0 0 1 0 7.2H6",
  redo: "M10.4 3.2 13.2 6l-2.8 2.8M13 6H6.6a3.6 3.6 0 0 0 0 7.2H10",
  down: "M4.5 6.3 8 9.8l3.5-3.5",
  tick: "M3.3 8.4l3.1 3.1 6.3-6.8",
  info: "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2ZM8 7.3v3.6M8 5h.01",
  error: "M8 2.3 14 13H2ZM8 6.4v3.3M8 11.3h.01",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4ZM10.2 10.2l3.2 3.2",
  curve: "M2.8 3.6h3.4v3.6h3.4v3.2h3.6M2.8 13.2h10.4",
  copy: "M5.5 5.5h7.7v7.7H5.5ZM3 10.3V3h7.3",
  turn: "M3 5.5h9M9.5 3 12 5.5 9.5 8M13 10.5H4M6.5 8 4 10.5 6.5 13",
  wrap: "M5 2.8H3v10.4h2M11 2.8h2v10.4h-2M6 8h4",
  unwrap: "M4 2.8h2M4 13.2h2M10 2.8h2M10 13.2h2M2.5 6 4.5 8l-2 2M13.5 6l-2 2 2 2",
  up: "M8 13V3.5M4.3 7 8 3.3 11.7 7",
  lower: "M8 3v9.5M4.3 9 8 12.7 11.7 9",
};
ICONS.datetime = ICONS.date;

function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", ICONS[name] || ICONS.text);
  drawing.append(line);
  return drawing;
}

// An on-off switch with its words; `change` gets the new state.
function toggle(text, on, change, more = {}) {
  return h(
    "button.switch",
    { role: "switch", "aria-checked": String(on), onclick: () => change(!on), ...more },
    h("span.track", { "aria-hidden": "true" }, h("span.knob")),
    h("span", { text }),
  );
}

// A button that copies a text, and says so.
function copyButton(builder, text, what) {
  let timer = 0;
  const button = h("button.fold", { text });
  button.onclick = async () => {
    const copied = await copy(what(), builder.host);
    clearTimeout(timer);
    set(button, { text: copied ? "Copied" : "Could not be copied" });
    set(builder.live, { text: copied ? "Copied" : "Could not be copied" });
    timer = setTimeout(() => set(button, { text }), 2000);
  };
  return button;
}

// Pages that came by plain http have no clipboard of their own; what is selected can be copied all the same.
async function copy(text, host) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const held = host.getRootNode().activeElement;
    const field = h("textarea.copied", { "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    host.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    held?.focus({ preventScroll: true });
    return copied;
  }
}

// The element that has the focus inside a shadow root.
function focused(root) {
  return root.activeElement || null;
}

// Whether an element is on the page and not in something hidden; the browser takes the focus from one that is not, but late.
const visible = (element) => element.isConnected && element.getClientRects().length > 0;
