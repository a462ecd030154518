// The lists that tokens open: what to ask about, operators, values, dates, words.

const CATEGORIES = [
  { key: "everything", label: "Everything", icon: "everything" },
  { key: "attributes", label: "Attributes", icon: "text" },
  { key: "events", label: "Events", icon: "event" },
  { key: "company", label: "Company", icon: "company" },
  { key: "segments", label: "Segments", icon: "segment" },
  { key: "location", label: "Location", icon: "location" },
  { key: "sample", label: "Sample", icon: "sample" },
];

const KEYS = (...pairs) => pairs.map(([key, does]) => h("span.key", {}, h("kbd", { text: key }), ` ${does}`));

// How well a text answers what was typed: 0 is it, 1 begins with it, 2 a word does, 3 contains it, 9 not at all.
function answers(text, query) {
  const [whole, typed] = [text.toLowerCase(), query.trim().toLowerCase()];
  if (!typed || whole === typed) return 0;
  if (whole.startsWith(typed)) return 1;
  if (whole.split(/[\s_\-./]+/).some((word) => word.startsWith(typed))) return 2;
  return whole.includes(typed) ? 3 : 9;
}

function ranked(items, query, textOf) {
  return items
    .map((item, index) => ({ item, index, rank: Math.min(...textOf(item).map((text) => answers(text, query))) }))
    .filter((each) => each.rank < 9)
    .sort((one, other) => one.rank - other.rank || one.index - other.index)
    .map((each) => each.item);
}

// "+ Condition", and the subject of one: everything a condition can ask about.
function openPicker(builder, anchor, { label, choose, query = "" }) {
  const { catalogue, floating } = builder;
  const attributes = [...catalogue.attributes.values()];
  const segments = [...catalogue.segments.values()];
  const sources = {
    attributes: { label: "Attributes", items: attributes.map((attribute) => attributeItem(attribute)) },
    segments: { label: "Segments", items: segments.map((segment) => segmentItem(segment)) },
  };
  const shown = CATEGORIES.filter(({ key }) => key === "everything" || (sources[key] && sources[key].items.length));
  let category = "everything";
  const buttons = new Map();

  function attributeItem(attribute) {
    const hint = attribute.missing === 0 ? "everyone has it" : attribute.missing > 0 ? `${count(attribute.missing)} missing` : "";
    const words = builder.data.entity === "company" && attribute.missing === 0 ? "all have it" : hint;
    return { id: `attribute:${attribute.key}`, text: attribute.label, keys: [attribute.label, attribute.key], icon: attribute.kind, hint: words, choose: () => choose({ attribute }) };
  }
  function segmentItem(segment) {
    const hint = segment.count === undefined || segment.count === null ? "" : count(segment.count);
    return { id: `segment:${segment.key}`, text: segment.name, keys: [segment.name], icon: "segment", hint, choose: () => choose({ segment: segment.key }) };
  }
  function select(key, list) {
    category = key;
    for (const [name, button] of buttons) set(button, { "aria-pressed": String(name === category) });
    list.active = null;
    list.refresh();
  }
  const list = new List(floating, {
    label,
    search: true,
    wide: true,
    placeholder: "Search attributes and segments",
    sections: (typed) =>
      Object.entries(sources)
        .filter(([key]) => category === "everything" || category === key)
        .map(([, source]) => ({ label: source.label, items: ranked(source.items, typed, (item) => item.keys) })),
    status: (typed, found) => (found ? "" : typed ? `Nothing is called “${typed.trim()}”` : "Nothing to ask about yet. Import people first."),
    side: (owner) => {
      const made = shown.map(({ key, label: name, icon: drawing }) => {
        const button = h("button.category", { "aria-pressed": String(key === category), onclick: () => (select(key, owner), owner.input.focus()) }, icon(drawing), h("span", { text: name }));
        buttons.set(key, button);
        return button;
      });
      return h("div.side", { role: "group", "aria-label": "Categories" }, ...made);
    },
    category: (by, owner) => {
      const at = shown.findIndex(({ key }) => key === category);
      select(shown[(at + by + shown.length) % shown.length].key, owner);
    },
    foot: () => KEYS(["↑↓", "move"], ["Enter", "choose"], ["Alt ←→", "category"], ["Esc", "close"]),
  });
  return list.open(anchor, query);
}

function openOperators(builder, anchor, node, query = "") {
  const { catalogue } = builder;
  const offered = node.segment === undefined ? catalogue.offered(catalogue.kind(node)) : ["in", "not_in"];
  const labelOf = (key) => (node.segment === undefined ? plain(catalogue.wording(key, catalogue.kind(node))) : key === "in" ? "is in" : "is not in");
  const items = offered.map((key) => ({
    id: key,
    text: labelOf(key),
    ticked: key === node.operator,
    likely: key === node.operator && !query,
    choose: () => builder.setOperator(node.id, key),
  }));
  const list = new List(builder.floating, {
    label: `Operator for ${catalogue.label(node)}`,
    search: true,
    placeholder: "Search operators",
    sections: (typed) => [{ label: "", items: typed ? ranked(items, typed, (item) => [item.text]).map((item) => ({ ...item, likely: false })) : items }],
    foot: (owner) => {
      if (!catalogue.caseMatters(node)) return KEYS(["Enter", "choose"], ["Esc", "close"]);
      const again = () => {
        const now = builder.tree.node(node.id);
        return toggle("Match case", Boolean(now.match_case), (on) => {
          builder.setFlag(node.id, "match_case", on || undefined);
          owner.foot.replaceChildren(again(), ...KEYS(["Esc", "close"]));
          owner.foot.querySelector("button").focus();
        });
      };
      return [again(), ...KEYS(["Esc", "close"])];
    },
  });
  return list.open(anchor, query);
}

// A place by its latitude and longitude.
function openPlace(builder, anchor, { label, value, choose, query = "" }) {
  const item = (place) => ({ id: showPlace(place), text: showPlace(place), hint: "latitude, longitude", ticked: showPlace(place) === showPlace(value), choose: () => choose(place) });
  const list = new List(builder.floating, {
    label,
    search: true,
    placeholder: "53.35, −6.26",
    sections: (typed) => {
      const place = typed.trim() ? readPlace(typed) : value.latitude === null ? null : value;
      return [{ label: "", items: place ? [item(place)] : [] }];
    },
    status: (typed, found) => (found ? "" : "Type latitude and longitude, like 53.35, −6.26"),
    foot: () => KEYS(["Enter", "choose"], ["Esc", "close"]),
  });
  return list.open(anchor, query);
}

// A few fixed words: units, periods, weekdays, all / any / none.
function openWords(builder, anchor, { label, words, chosen, choose, multi = false, query = "" }) {
  const ticked = new Set(Array.isArray(chosen) ? chosen : [chosen]);
  const entries = words.map((word) => (Array.isArray(word) ? word : [word, word]));
  const list = new List(builder.floating, {
    label,
    multi,
    search: entries.length > 7,
    placeholder: "Search",
    sections: (typed) => {
      const items = entries.map(([key, text, hint]) => ({
        id: key,
        text,
        hint,
        ticked: ticked.has(key),
        likely: ticked.has(key) && !typed,
        choose: () => {
          if (multi) {
            if (!ticked.delete(key)) ticked.add(key);
            choose(entries.map(([each]) => each).filter((each) => ticked.has(each)));
          } else choose(key);
        },
      }));
      return [{ label: "", items: typed ? ranked(items, typed, (item) => [item.text]) : items }];
    },
    foot: multi ? (owner) => [...KEYS(["Space", "tick"], ["Esc", "close"]), done(owner)] : null,
  });
  return list.open(anchor, multi || entries.length > 7 ? query : "");
}

const done = (list) => h("button.done", { text: "Done", onclick: () => list.floating.hide() });

// One date, or a date with a time where the operator takes instants, typed in many ways or picked.
function openDate(builder, anchor, { label, value, instants, choose, query = "" }) {
  const { zone } = builder.data;
  const withTime = instants ? "datetime-local" : "date";
  const native = h("input.native", { type: withTime, "aria-label": `${label}, calendar`, step: instants ? "60" : null });
  if (typeof value === "string") {
    if (!value.includes("T")) native.value = instants ? `${value}T00:00` : value;
    else {
      const parts = zoneParts(new Date(value), zone);
      native.value = `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
    }
  }
  const pick = () => {
    if (!native.value) return;
    const [date, time] = native.value.split("T");
    choose(time && time !== "00:00" ? instantOf(date, time, zone) : date);
  };
  native.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      pick();
    }
  });
  const now = today(zone);
  const usual = [
    ["Today", now],
    ["Yesterday", shifted(now, -1)],
    ["First of this month", `${now.slice(0, 8)}01`],
    ["First of this year", `${now.slice(0, 5)}01-01`],
  ];
  const item = (when, text, hint) => ({ id: `${text}${when}`, text, hint, ticked: when === value, choose: () => choose(when) });
  const list = new List(builder.floating, {
    label,
    search: true,
    placeholder: instants ? "1 Nov 2026, or 1 Nov 2026 14:30" : "1 Nov 2026",
    sections: (typed) => {
      if (!typed.trim()) return [{ label: "", items: usual.map(([text, date]) => item(date, text, showDate(date))) }];
      const found = readDates(typed, zone).filter((when) => instants || !when.includes("T"));
      return [{ label: "", items: found.map((when) => item(when, showWhen(when, zone), when.includes("T") ? zone : weekdayOf(when))) }];
    },
    status: (typed, found) => (found || !typed.trim() ? "" : "Not a date yet. Try 1 Nov 2026, or 2026-11-01."),
    foot: () => [h("label.pick", {}, h("span", { text: "Or pick" }), native), h("button.done", { text: "Set", onclick: pick })],
  });
  return list.open(anchor, query);
}
