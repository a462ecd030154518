// A line of text that is there to be copied: a link that is shown once.

export default function ({ parentElement: root, data }) {
  const shown = root.__line && root.__line.dataset.text === data.text;
  if (shown) return;
  if (root.__line) root.__line.remove();
  const live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const said = h("span", {}, "Copy");
  const field = h("input", { type: "text", readonly: true, value: data.text, "aria-label": data.label, onfocus: (e) => e.currentTarget.select() });
  const button = h("button", { class: "copy", onclick: async () => {
    const text = (await copyText(data.text)) ? "Copied" : "Select and copy it by hand";
    if (text !== "Copied") field.focus();
    said.textContent = text === "Copied" ? text : "Copy";
    live.textContent = text;
    setTimeout(() => { said.textContent = "Copy"; }, 2200);
  } }, icon("copy"), said);
  root.__line = h("div", { class: "root line", "data-text": data.text }, field, button, live);
  root.append(root.__line);
}
