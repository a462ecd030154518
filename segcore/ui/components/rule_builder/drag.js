// Dragging a line by its grip to another place, in or out of groups; the keyboard has Alt and arrows for it.

const DROPS = ["drop-before", "drop-after", "drop-inside"];

function grip(builder, row) {
  const handle = h("span.grip", { draggable: "true", "aria-hidden": "true", "data-tip": "Drag, or Alt ↑ ↓" }, icon("grip"));
  handle.addEventListener("dragstart", (event) => {
    builder.floating.hide(false);
    builder.floating.untip();
    builder.dragged = row.dataset.id;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", builder.nameOf(builder.tree.node(builder.dragged)));
    event.dataTransfer.setDragImage(row, 12, 16);
    row.classList.add("lifted");
  });
  handle.addEventListener("dragend", () => {
    builder.dragged = null;
    row.classList.remove("lifted");
    unmark(builder);
  });
  return handle;
}

function unmark(builder) {
  for (const each of builder.card.querySelectorAll(DROPS.map((name) => `.${name}`).join())) each.classList.remove(...DROPS);
}

// Where a line would go that is let go here: {element, mark, parent, index}, or null where it cannot.
function dropOf(builder, event) {
  const { tree } = builder;
  const path = event.composedPath();
  const foot = path.find((each) => each.dataset && each.dataset.group);
  if (foot) {
    const group = tree.node(foot.dataset.group);
    return group && allowed(builder, group) ? { element: foot, mark: "drop-before", parent: group.id, index: group.children.length } : null;
  }
  const row = path.find((each) => each.dataset && each.dataset.id);
  if (!row) return null;
  const { node, parent, index } = tree.find(row.dataset.id);
  const box = row.getBoundingClientRect();
  const lower = event.clientY > box.top + box.height / 2;
  if (node.group && lower) return allowed(builder, node) ? { element: row, mark: "drop-inside", parent: node.id, index: 0 } : null;
  return allowed(builder, parent) ? { element: row, mark: lower ? "drop-after" : "drop-before", parent: parent.id, index: index + (lower ? 1 : 0) } : null;
}

// Not into itself, no deeper than groups go, and only where the same is asked about.
function allowed(builder, group) {
  const { tree } = builder;
  const moved = tree.node(builder.dragged);
  if (!group.group || group.over !== moved.over || moved.step) return false;
  return !tree.find(group.id, moved) && tree.find(group.id).depth + tree.height(moved) < DEEPEST;
}

function dropHere(builder) {
  const { card } = builder;
  card.addEventListener("dragover", (event) => {
    if (!builder.dragged) return;
    unmark(builder);
    const drop = dropOf(builder, event);
    if (!drop) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    drop.element.classList.add(drop.mark);
  });
  card.addEventListener("dragleave", () => unmark(builder));
  card.addEventListener("drop", (event) => {
    const drop = builder.dragged && dropOf(builder, event);
    unmark(builder);
    if (!drop) return;
    event.preventDefault();
    builder.place(builder.dragged, drop.parent, drop.index);
  });
}
