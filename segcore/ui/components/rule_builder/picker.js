// "+ Condition", and the subject of one: everything that can be asked of people, of companies, or of an event.

const CATEGORIES = [
  { key: "everything", label: "Everything", icon: "everything" },
  { key: "attributes", label: "Attributes", icon: "text" },
  { key: "properties", label: "Properties", icon: "text" },
  { key: "events", label: "Events", icon: "event" },
  { key: "company", label: "Company", icon: "company" },
  { key: "people", label: "People", icon: "people" },
  { key: "segments", label: "Segments", icon: "segment" },
  { key: "location", label: "Location", icon: "location" },
  { key: "sample", label: "Sample", icon: "sample" },
];

// `over` says what is asked; `event` is the event whose properties are.
function openPicker(builder, anchor, { label, over, event, choose, query = "" }) {
  const { catalogue, floating } = builder;
  const sources = sourcesOf(catalogue, over, event);
  for (const source of Object.values(sources)) for (const item of source) item.choose = () => choose(item.what);
  const shown = CATEGORIES.filter(({ key }) => key === "everything" || (sources[key] && sources[key].length));
  let category = "everything";
  const buttons = new Map();

  function select(key, list) {
    category = key;
    for (const [name, button] of buttons) set(button, { "aria-pressed": String(name === category) });
    list.active = null;
    list.refresh();
  }
  function sections(typed) {
    const chosen = shown.filter(({ key }) => key !== "everything" && (category === "everything" || category === key));
    const found = chosen.map(({ key, label: name }) => ({ label: name, items: ranked(sources[key], typed, (item) => item.keys) }));
    if (typed.trim()) {
      // Enter takes what answers best, in whichever category it is.
      const all = found.flatMap((section) => section.items);
      const best = Math.min(...all.map((item) => Math.min(...item.keys.map((text) => answers(text, typed)))));
      const first = all.find((item) => Math.min(...item.keys.map((text) => answers(text, typed))) === best);
      return found.map((section) => ({ ...section, items: section.items.map((item) => (item === first ? { ...item, likely: true } : item)) }));
    }
    return found;
  }
  const list = new List(floating, {
    label,
    search: true,
    wide: shown.length > 2,
    placeholder: event !== undefined ? `Search properties of ${catalogue.eventLabel(event)}` : `Search attributes, ${over === "company" ? "people" : "events"}, segments`,
    sections,
    status: (typed, found) => (found ? "" : typed ? `Nothing is called “${typed.trim()}”` : event !== undefined ? "This event has no properties." : "Nothing to ask about yet. Import people first."),
    side: (owner) => {
      if (shown.length < 3) return null;
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
    foot: () => KEYS(["↑↓", "move"], ["Enter", "choose"], ...(shown.length < 3 ? [] : [["Alt ←→", "category"]]), ["Esc", "close"]),
  });
  return list.open(anchor, query);
}

// What can be asked, by category.
function sourcesOf(catalogue, over, event) {
  if (over === "event") return { properties: catalogue.properties(event).map((each) => attributeItem(each, "")) };
  const attributes = [...catalogue.attributes[over].values()];
  const everyone = over === "company" ? "all have it" : "everyone has it";
  const hint = ({ missing }) => (missing === 0 ? everyone : missing > 0 ? `${count(missing)} missing` : "");
  const own = {
    attributes: attributes.filter((each) => each.kind !== "location").map((each) => attributeItem(each, hint(each))),
    segments: [...catalogue.segments[over].values()].map(segmentItem),
    location: attributes.filter((each) => each.kind === "location").map((each) => attributeItem(each, hint(each))),
    sample: [{ id: "sample", text: "A stable random share", keys: ["A stable random share", "sample", "random"], icon: "sample", hint: "such as 10%", what: { sample: true } }],
  };
  if (over === "company") return { ...own, people: throughPeople(catalogue) };
  return { ...own, events: eventItems(catalogue), company: throughCompany(catalogue) };
}

function attributeItem(attribute, hint) {
  return { id: `attribute:${attribute.key}`, text: attribute.label, keys: [attribute.label, attribute.key], icon: attribute.kind, hint, what: { attribute } };
}

function segmentItem(segment) {
  const hint = segment.count === undefined || segment.count === null ? "" : count(segment.count);
  return { id: `segment:${segment.key}`, text: segment.name, keys: [segment.name], icon: "segment", hint, what: { segment: segment.key } };
}

function eventItems(catalogue) {
  const events = [...catalogue.events.values()].map((event) => ({
    id: `event:${event.name}`,
    text: event.label,
    keys: [event.label, event.name],
    icon: "event",
    hint: `${count(event.count)} in 30 days`,
    what: { event: event.name },
  }));
  if (!events.length) return [];
  const order = { id: "sequence", text: "Several in order", keys: ["Several in order", "in order", "sequence", "then"], icon: "event", hint: "one, then another", what: { sequence: true } };
  return [...events, order];
}

// "Company plan": a condition on a company of theirs, with the rest of the rule around it.
function throughCompany(catalogue) {
  const attributes = [...catalogue.attributes.company.values()];
  if (!attributes.length) return [];
  const items = attributes.map((attribute) => {
    const text = `Company ${prose(attribute.label)}`;
    return { id: `company:${attribute.key}`, text, keys: [text], icon: attribute.kind, hint: "of their company", what: { company: { attribute } } };
  });
  const start = { id: "company", text: "Company that …", keys: ["Company that", "company"], icon: "company", hint: "any, every, no, primary", what: { company: true } };
  return [start, ...items];
}

function throughPeople(catalogue) {
  const start = { id: "people", text: "Number of people", keys: ["Number of people", "people who", "has at least people"], icon: "people", hint: "at least 5 people who …", what: { people: true } };
  const person = (item, text) => ({ ...item, id: `people:${item.id}`, text, keys: [text], hint: "of its people", what: { people: item.what } });
  const attributes = [...catalogue.attributes.person.values()].map((each) => attributeItem(each, ""));
  return [start, ...attributes.map((item) => person(item, `People’s ${prose(item.text)}`)), ...eventItems(catalogue).map((item) => person(item, `People who did ${item.text}`))];
}
