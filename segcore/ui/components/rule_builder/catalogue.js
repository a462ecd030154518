// Everything a condition can be about, by what it is asked of: people, companies, or the events of a name.

// How counting reads: "at least 2 times" rather than "is at least 2".
const COUNTING = { eq: "exactly", ne: "other than", gt: "more than", gte: "at least", lt: "fewer than", lte: "at most", between: "between", not_between: "not between", is_any_of: "exactly", is_none_of: "other than" };
const QUANTIFIERS = [
  ["any", "any", "at least one of them"],
  ["all", "every", "all of them, and at least one"],
  ["none", "no", "not one of them"],
  ["primary", "the primary", "the one that comes first"],
];

class Catalogue {
  constructor(given) {
    this.given = given;
    this.operators = given.operators || {};
    this.kinds = given.kinds || {};
    const byKey = (list) => new Map((list || []).map((each) => [each.key, each]));
    const { attributes = {}, segments = {} } = given;
    this.attributes = { person: byKey(attributes.person), company: byKey(attributes.company), event: byKey(given.properties) };
    this.segments = { person: byKey(segments.person), company: byKey(segments.company), event: new Map() };
    this.events = new Map((given.events || []).map((event) => [event.name, event]));
    this.measures = byKey(given.measures);
  }

  // What the operator of a node is asked on: an attribute, a property, or what events or people come to.
  attribute(node) {
    if (node.attribute !== undefined) return this.attributes[node.over].get(node.attribute) || null;
    if (node.event !== undefined && node.measure) return this.measured(node);
    return node.people ? { key: "people", label: "People", kind: "number", unit: "", missing: 0 } : null;
  }

  measured(node) {
    const measure = this.measures.get(node.measure);
    if (!measure) return null;
    const of = measure.of.length ? this.attributes.event.get(node.of) : null;
    const counting = measure.nothing !== null && measure.key !== "sum";
    return { key: measure.key, label: this.label(node), kind: measure.kind || (of ? of.kind : "number"), unit: of && !counting ? of.unit : "", fractions: ["sum", "mean"].includes(measure.key) || Boolean(of && !counting && of.fractions), counting, missing: null };
  }

  kind(node) {
    const attribute = this.attribute(node);
    return attribute ? attribute.kind : null;
  }

  counting(node) {
    return Boolean(node.people || (node.measure && (this.measured(node) || {}).counting));
  }

  // Operators in the order of their list; a number of events is always known.
  offered(node) {
    const offered = this.kinds[this.kind(node)] || [];
    const always = node.people || (node.measure && (this.measures.get(node.measure) || {}).nothing !== null);
    return always ? offered.filter((key) => this.operators[key].operand !== "none") : offered;
  }

  operator(node) {
    const operator = this.operators[node.operator];
    return operator && (this.kinds[this.kind(node)] || []).includes(node.operator) ? operator : null;
  }

  first(kind) {
    const offered = this.kinds[kind] || [];
    return offered.includes(DEFAULTS[kind]) ? DEFAULTS[kind] : offered[0];
  }

  // "is empty", but of a list "are empty", and of events "at least".
  wording(node, key) {
    if (this.counting(node) && COUNTING[key]) return COUNTING[key];
    const own = (this.given.labels || {})[this.kind(node)];
    return (own && own[key]) || (this.operators[key] || { label: key.replace(/_/g, " ") }).label;
  }

  caseMatters(node) {
    return Boolean((this.operators[node.operator] || {}).match_case) && node.attribute !== undefined && this.kind(node) !== "number";
  }

  eventLabel(name) {
    return (this.events.get(name) || { label: name || "event" }).label;
  }

  // The properties that the events of a name carry; all of them where it never happened.
  properties(name) {
    const known = (this.events.get(name) || { properties: [] }).properties;
    const listed = known.map((key) => this.attributes.event.get(key)).filter(Boolean);
    return listed.length ? listed : [...this.attributes.event.values()];
  }

  label(node) {
    if (node.segment !== undefined) return (this.segments[node.over].get(node.segment) || { name: node.segment }).name;
    if (node.event !== undefined) return this.eventLabel(node.event);
    if (node.sequence) return "In order";
    if (node.company) return "Company";
    if (node.people) return "People";
    if (node.sample) return "Sample";
    return ((this.attributes[node.over] || new Map()).get(node.attribute) || { label: node.attribute }).label;
  }
}
