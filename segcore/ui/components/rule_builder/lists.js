// The lists that tokens open: what to ask about, operators, values, dates, words.

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

function openOperators(builder, anchor, node, query = "") {
  const { catalogue } = builder;
  const offered = node.segment === undefined ? catalogue.offered(node) : ["in", "not_in"];
  const labelOf = (key) => (node.segment === undefined ? plain(catalogue.wording(node, key)) : key === "in" ? "is in" : "is not in");
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

// A place by its name in the data, or by its latitude and longitude.
function openPlace(builder, anchor, { label, node, choose, query = "" }) {
  const places = new Values(builder, { over: node.over, attribute: node.attribute });
  const now = node.value.latitude === null ? "" : showPlace(node.value);
  const item = (place, text, hint) => ({ id: `${text}${showPlace(place)}`, text, hint, ticked: showPlace(place) === now, choose: () => choose(place, text) });
  const found = (typed) => {
    const answer = places.get(typed) || places.nearest(typed);
    const wanted = typed.trim().toLowerCase();
    return (answer ? answer.values : []).filter(({ value }) => value.toLowerCase().includes(wanted)).map((each) => item(each, each.value, count(each.count)));
  };
  const list = new List(builder.floating, {
    label,
    search: true,
    placeholder: "Search a city, or 53.35, −6.26",
    sections: (typed) => {
      const exact = readPlace(typed);
      if (exact) return [{ label: "", items: [item(exact, showPlace(exact), "latitude, longitude")] }];
      const own = !typed && now && !builder.places.has(now) ? [item(node.value, now, "latitude, longitude")] : [];
      return [{ label: "", items: own }, { label: "Places", items: found(typed) }];
    },
    status: (typed, amount) => (amount ? "" : places.get(typed) ? "No such place in the data. Type latitude and longitude, like 53.35, −6.26" : "Loading places"),
    typed: (typed, owner) => places.ask(typed, () => owner.refresh()),
    enter: (owner) => {
      const typed = owner.query;
      if (owner.walked || !typed.trim() || readPlace(typed) || places.get(typed) || !builder.data.values) return false;
      places.within(typed, 1500).then(() => owner.content.isConnected && owner.query === typed && owner.choose(found(typed)[0]));
      return true;
    },
    foot: () => [...KEYS(["Enter", "choose"], ["Esc", "close"]), h("span", { text: "the middle of its people" })],
  });
  list.open(anchor, query);
  places.ask(query, () => list.refresh(), 0);
  return list;
}

// A short text: the letter of a sample.
function openText(builder, anchor, { label, value, offered, choose, query = "" }) {
  const list = new List(builder.floating, {
    label,
    search: true,
    placeholder: "A letter or a word",
    sections: (typed) => {
      const own = typed.trim() && !offered.includes(typed.trim()) ? [typed.trim()] : [];
      const shown = [...own, ...offered.filter((each) => each.toLowerCase().startsWith(typed.trim().toLowerCase()))];
      return [{ label: "", items: shown.map((each) => ({ id: each, text: each, ticked: each === value, likely: each === (typed.trim() || value), choose: () => choose(each) })) }];
    },
    foot: () => KEYS(["Enter", "choose"], ["Esc", "close"]),
  });
  return list.open(anchor, query);
}

// A few fixed words: units, periods, weekdays, all / any / none.
function openWords(builder, anchor, { label, words, chosen, choose, multi = false, search = words.length > 7, query = "" }) {
  const ticked = new Set(Array.isArray(chosen) ? chosen : [chosen]);
  const entries = words.map((word) => (Array.isArray(word) ? word : [word, word]));
  const list = new List(builder.floating, {
    label,
    multi,
    search,
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
  return list.open(anchor, search ? query : "");
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
