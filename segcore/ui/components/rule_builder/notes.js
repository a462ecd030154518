// What stands under a line: what its limits come to, what becomes of missing and future values, what is wrong with it.

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
  const operator = node.raw ? null : catalogue.operator(node);
  if (tree.did(node) === false) noteNever(builder, node, add, words);
  if (operator) {
    const attribute = catalogue.attribute(node);
    const deed = node.event !== undefined;
    const none = deed ? `no ${prose(catalogue.label(node))}` : without(attribute);
    const out = node.include_missing === false;
    const missing = out ? attribute.missing : counts.missing;
    if (operator.negative && (out || missing > 0)) {
      const text = out ? `${missing > 0 && !deed ? count(missing) : "Those"} with ${none} are left out` : `Including ${count(missing)} with ${none}`;
      noteOf("missing", text, {
        words: "Keep them",
        label: `Keep those with ${none}`,
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
    if (operator.operand === "ago" && attribute.kind === "date") add("midnight", (element) => set(element, { text: `A date without time counts from midnight, ${data.zone}` }), "said");
    if (tree.lacks(node).includes("order")) {
      const swap = h("button.fix", { text: "Swap", onclick: () => builder.setValue(node.id, [...tree.node(node.id).value].reverse(), true) });
      const what = attribute.kind === "number" ? "The lower number is above the upper one." : "The first day is after the last one.";
      add("order", (element) => words(element, what, icon("error"), h("span", { text: what }), swap), "problem");
    }
  }
  const resolved = builder.resolved.get(node.id);
  // Where there is nothing to work out but whose days are meant.
  const limits = resolved === data.zone ? `By the days of ${resolved}` : resolved;
  if (resolved && !rolling(builder, node)) add("resolved", (element) => set(element, { text: limits }), "said");
  // What is wrong with a rule that a condition holds is said at the condition, for it has no line of its own.
  const nested = innerOf(node);
  // An unfinished condition says itself what it lacks; the server knows of it only where it was stored so.
  const finished = (each) => !tree.lacks(each).length;
  const told = [node, nested].filter((each) => each && finished(each)).flatMap((each) => (builder.problems.get(each.id) || []).map((problem) => [each, problem]));
  for (const [index, [about, problem]] of told.entries()) {
    add(
      `problem${index}`,
      (element) => {
        set(element, { class: problem.level === "warning" ? "note warning" : "problem" });
        const fix = (problem.suggestion || problem.fix) && !data.readonly ? builder.fixOf(about, problem) : null;
        const button = fix ? h("button.fix", { text: fix.text, onclick: fix.apply }) : null;
        words(element, `${problem.message}|${fix ? fix.text : ""}`, icon(problem.level === "warning" ? "info" : "error"), h("span", { text: problem.message, dir: "auto" }), button);
      },
      "problem",
    );
  }
  return items;
}

// Whether the limits of a condition move with the clock; those are shown when one points at the line.
function rolling(builder, node) {
  const operator = builder.catalogue.operator(node);
  const { kind = "any" } = node.within || {};
  if (operator && operator.operand === "ago") return kind === "any" || kind === "last";
  return kind === "last";
}

// Who did nothing at all did not do this either; the way to leave out those who had no time to do it yet.
function noteNever(builder, node, add, words) {
  const { catalogue, data, tree } = builder;
  const { idle } = catalogue.given;
  if (!idle || node.over !== "person") return;
  const text = `including ${count(idle)} who never did anything`;
  const { parent } = tree.find(node.id);
  const { kind, amount, unit } = node.within;
  const known = catalogue.attributes.person.has("signed_up_at");
  const there = parent.children.some((each) => each.attribute === "signed_up_at" && each.operator === "at_least_ago");
  const offered = known && kind === "last" && filled(amount) && !there && !data.readonly;
  const label = `Only people who signed up at least ${count(numberOf(amount) || 0)} ${unitWord(unit, amount)} ago`;
  add("never", (element) => {
    const link = offered ? h("button.fix", { text: label, onclick: () => builder.onlyOlder(node.id) }) : null;
    words(element, `${text}|${offered ? label : ""}`, icon("info"), h("span", { text: capital(text) }), link);
  });
}
