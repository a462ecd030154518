"""What a filter can be asked: how many, who, a page of them, each condition's part in it, the values to choose from."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from segcore.access import Verb, require
from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema
from segcore.engine.bits import Bits
from segcore.engine.evaluation import Counts, Evaluation, Values
from segcore.engine.explain import Explanation
from segcore.engine.places import Somewhere, naming
from segcore.model import Agent, Segment
from segcore.problems import InvalidRule, Problem, SegcoreError, written
from segcore.rules import validate
from segcore.rules.advice import Advice
from segcore.rules.describe import Sentence, resolutions, sentence
from segcore.rules.reasons import statement, to_the_minute
from segcore.rules.tree import EVERYONE, AllOf, AnyOf, Condition, NoneOf, Rule, walk_over
from segcore.services import advising, explaining
from segcore.services.comparing import Differences, differences
from segcore.services.present import Presence, Present
from segcore.services.vocabulary import Vocabulary, vocabulary

# What the engine answers with, by names that whoever stands above the services may import.
Offered = Values
NamedPlace = Somewhere

SEARCHED = ("name", "email", EXTERNAL_ID)
COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Count:
    """How many match, of how many, as of when."""

    count: int
    total: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One rule of many that are asked together."""

    document: object
    entity: Entity = Entity.PERSON
    now: datetime | None = None  # None: the instant of the whole run
    ids: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Either a count, with the sorted external ids where they were asked for, or what is wrong with the rule."""

    count: int | None = None
    ids: tuple[str, ...] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything that the filter builder shows about a draft. Where `problems` is not empty the numbers are None."""

    total: int
    now: datetime
    count: int | None = None
    counts: Mapping[str, Counts] = field(default_factory=dict)  # by written path
    resolved: Mapping[str, str] = field(default_factory=dict)
    sentence: Sentence | None = None
    problems: tuple[Problem, ...] = ()
    advice: tuple[Advice, ...] = ()
    said: tuple[str, ...] = ()  # where nobody matches, what each condition of an outermost "all" asks for
    milliseconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of those that match: `count` match the filter, `found` of them also the search."""

    frame: pl.DataFrame
    attributes: tuple[Attribute, ...]
    count: int
    found: int
    total: int
    now: datetime
    milliseconds: int


class Filters:
    """Everything that is asked of a filter that need not be saved."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    def schema(self, agent: Agent) -> Schema:
        """What a filter may name."""
        require(agent, Verb.SEE)
        return self._presence.current().schema

    def count(self, agent: Agent, document: object, *, entity: Entity = Entity.PERSON, now: datetime) -> Count:
        """How many match at this instant, and of how many."""
        evaluation, rule = self._ask(agent, document, entity, now)
        return Count(evaluation.bits(entity, rule).count(), evaluation.total(entity), now)

    def members(
        self,
        agent: Agent,
        document: object,
        *,
        entity: Entity = Entity.PERSON,
        now: datetime,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Those that match, a row each, `external_id` first, sorted by it; every attribute unless columns are named."""
        require(agent, Verb.EXPORT)  # all of them in one piece, however many
        evaluation, rule = self._ask(agent, document, entity, now)
        rows = evaluation.bits(entity, rule).rows()
        return evaluation.frame(entity, rows, columns).sort(EXTERNAL_ID)

    def evaluate(self, agent: Agent, questions: Iterable[Question], *, now: datetime) -> list[Answer]:
        """Many rules in one pass over one state of the data, answered in the order in which they were asked."""
        require(agent, Verb.FILTER)
        questions = list(questions)
        if any(question.ids for question in questions):
            require(agent, Verb.EXPORT)
        present, visible = self._presence.current(), self._presence.visible(agent)
        evaluations: dict[datetime, Evaluation] = {}
        asked: dict[datetime, list[tuple[Entity, Rule]]] = {}
        read: list[tuple[Question, Rule | None, tuple[Problem, ...]]] = []
        for question in questions:
            try:
                rule = present.read(question.document, question.entity, visible)
            except InvalidRule as invalid:
                read.append((question, None, invalid.problems))
                continue
            read.append((question, rule, ()))
            asked.setdefault(question.now or now, []).append((question.entity, rule))
        for instant, rules in asked.items():
            evaluations[instant] = present.at(instant)
            evaluations[instant].prepare(rules)
        answers = []
        for question, known, problems in read:
            if known is None:
                answers.append(Answer(problems=problems))
                continue
            evaluation = evaluations[question.now or now]
            bits = evaluation.bits(question.entity, known)
            ids = None
            if question.ids:
                frame = evaluation.frame(question.entity, bits.rows(), [])
                ids = tuple(frame.get_column(EXTERNAL_ID).sort().to_list())
            answers.append(Answer(bits.count(), ids))
        return answers

    def preview(
        self,
        agent: Agent,
        document: object,
        *,
        entity: Entity = Entity.PERSON,
        now: datetime,
        segment: str | None = None,
    ) -> Preview:
        """A draft as the builder shows it; problems come back beside the total, never as an exception.

        `segment`: the one that the draft changes, which it may well be the same as.
        """
        require(agent, Verb.FILTER)
        began = time.perf_counter()
        present, visible = self._presence.current(), self._presence.visible(agent)
        evaluation = present.at(now)
        total = evaluation.total(entity)
        try:
            rule = present.read(document, entity, visible)
        except InvalidRule as invalid:
            return Preview(total=total, now=now, problems=invalid.problems)
        counts = evaluation.waterfall(entity, rule)
        count = evaluation.bits(entity, rule).count()
        return Preview(
            total=total,
            now=now,
            count=count,
            counts={written(path): count for path, count in counts.items()},
            resolved=_resolved(rule, present, entity, now),
            sentence=_sentence(rule, present, entity, now, visible, counts),
            advice=advising.advice(rule, entity, evaluation, visible, skip=segment),
            said=() if count else _said(rule, present, entity, now, visible),
            milliseconds=round((time.perf_counter() - began) * 1000),
        )

    def page(
        self,
        agent: Agent,
        document: object,
        *,
        entity: Entity = Entity.PERSON,
        now: datetime,
        columns: Sequence[str] | None = None,
        sort: str | None = None,
        descending: bool = True,
        search: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> Page:
        """One page of those that match, sorted with missing values last, and the attributes of its columns."""
        began = time.perf_counter()
        evaluation, rule = self._ask(agent, document, entity, now)
        bits = evaluation.bits(entity, rule)
        found = self._search(evaluation, entity, bits, search)
        attributes = self.columns(agent, columns, entity=entity, rule=rule)
        sortable = evaluation.schema.of(entity)
        rows = evaluation.page(
            entity,
            found,
            sort=sort if sort in sortable else default_sort(evaluation.schema, entity),
            descending=descending,
            offset=offset,
            limit=limit,
        )
        return Page(
            frame=evaluation.frame(entity, rows, [attribute.key for attribute in attributes]),
            attributes=attributes,
            count=bits.count(),
            found=found.count(),
            total=evaluation.total(entity),
            now=now,
            milliseconds=round((time.perf_counter() - began) * 1000),
        )

    def export(
        self,
        agent: Agent,
        document: object,
        *,
        entity: Entity = Entity.PERSON,
        now: datetime,
        columns: Sequence[str] | None = None,
        search: str = "",
        only: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """The rows on screen, all pages of them, or those ticked (`only`, external ids); `external_id` first."""
        require(agent, Verb.EXPORT)
        evaluation, rule = self._ask(agent, document, entity, now)
        bits = self._search(evaluation, entity, evaluation.bits(entity, rule), search)
        keys = [attribute.key for attribute in self.columns(agent, columns, entity=entity)]
        frame = evaluation.frame(entity, bits.rows(), keys)
        if only is not None:
            frame = frame.filter(pl.col(EXTERNAL_ID).is_in(list(only)))
        return frame

    def columns(
        self,
        agent: Agent,
        keys: Sequence[str] | None = None,
        *,
        entity: Entity = Entity.PERSON,
        rule: Rule = EVERYONE,
    ) -> tuple[Attribute, ...]:
        """The attributes of a table: those named that exist, or what the rule asks about and the best filled ones."""
        require(agent, Verb.SEE)
        present = self._presence.current()
        attributes = present.schema.of(entity)
        if keys is not None:
            return tuple(attributes[key] for key in keys if key in attributes)
        nodes = walk_over(rule, entity)
        asked = [node.attribute for _, node, over in nodes if over is entity and isinstance(node, Condition)]
        return default_columns(
            present.schema, entity, self.missing(agent, entity=entity), present.snapshot.height(entity), asked
        )

    def missing(self, agent: Agent, *, entity: Entity = Entity.PERSON) -> dict[str, int]:
        """For each attribute how many have no value."""
        require(agent, Verb.SEE)
        return self._presence.current().snapshot.missing(entity)

    def values(
        self,
        agent: Agent,
        attribute: str,
        *,
        entity: Entity = Entity.PERSON,
        search: str = "",
        limit: int = 50,
        now: datetime,
    ) -> Values:
        """The commonest values of an attribute that contain the search, with how many have each."""
        require(agent, Verb.FILTER)
        present = self._presence.current()
        if attribute not in present.schema.of(entity):
            raise SegcoreError(f"There is no attribute {attribute}.")
        return present.at(now).values(entity, attribute, search, limit)

    def property_values(
        self, agent: Agent, event: str, attribute: str, *, search: str = "", limit: int = 50, now: datetime
    ) -> Values:
        """The commonest values of a property of an event, with how many of those events carry each."""
        require(agent, Verb.FILTER)
        present = self._presence.current()
        if event not in present.schema.events or attribute not in present.schema.properties:
            raise SegcoreError(f"There is no event {event} with a property {attribute}.")
        return present.at(now).property_values(event, attribute, search, limit)

    def places(
        self,
        agent: Agent,
        location: str,
        *,
        entity: Entity = Entity.PERSON,
        search: str = "",
        limit: int = 50,
        now: datetime,
    ) -> tuple[int, list[Somewhere]]:
        """Places to measure from: how many are known by name, and the commonest whose name contains the search."""
        require(agent, Verb.FILTER)
        present = self._presence.current()
        attributes = present.schema.of(entity)
        if location not in attributes or attributes[location].kind is not Kind.LOCATION:
            raise SegcoreError(f"There is no location {location}.")
        named = naming(attributes[location], attributes)
        return (0, []) if named is None else present.at(now).places(entity, location, named.key, search, limit)

    def vocabulary(self, agent: Agent, *, now: datetime) -> Vocabulary:
        """What a filter can be made of."""
        require(agent, Verb.FILTER)
        return vocabulary(self._presence.current(), now)

    def explain(
        self, agent: Agent, external_id: str, document: object, *, entity: Entity = Entity.PERSON, now: datetime
    ) -> Explanation:
        """Why somebody matches or does not, and until when."""
        require(agent, Verb.FILTER)
        return explaining.of_document(self._presence, agent, external_id, document, entity, now)

    def explain_segment(self, agent: Agent, external_id: str, key: str, *, now: datetime) -> Explanation:
        """The same of a saved segment; what it uses that the agent may not see is left unsaid."""
        return self.explain_segments(agent, external_id, [key], now=now)[key]

    def explain_segments(
        self, agent: Agent, external_id: str, keys: Iterable[str], *, now: datetime
    ) -> dict[str, Explanation]:
        """Of several saved segments, over one state of the data."""
        require(agent, Verb.SEE)
        return explaining.of_segments(self._presence, agent, external_id, keys, now)

    def sentence(self, agent: Agent, document: object, *, entity: Entity = Entity.PERSON, now: datetime) -> Sentence:
        """The filter in one English sentence; raises InvalidRule."""
        require(agent, Verb.SEE)
        present, visible = self._presence.current(), self._presence.visible(agent)
        return _sentence(present.read(document, entity, visible), present, entity, now, visible, None)

    def compare(
        self, agent: Agent, one: object, other: object, *, entity: Entity = Entity.PERSON, now: datetime
    ) -> Differences:
        """What sets two filters apart; raises InvalidRule where one of them cannot be read."""
        require(agent, Verb.FILTER)
        present, visible = self._presence.current(), self._presence.visible(agent)
        names = {key: segment.name for key, segment in visible.items()}
        first, second = (present.read(document, entity, visible) for document in (one, other))
        return differences(first, second, present.schema, entity, names, present.moment(now))

    def problems(self, agent: Agent, document: object, *, entity: Entity = Entity.PERSON) -> list[Problem]:
        """What stops a document from being saved, all at once."""
        require(agent, Verb.FILTER)
        present, visible = self._presence.current(), self._presence.visible(agent)
        return validate.check(document, present.schema, entity, {key: s.entity for key, s in visible.items()})

    def _ask(self, agent: Agent, document: object, entity: Entity, now: datetime) -> tuple[Evaluation, Rule]:
        require(agent, Verb.FILTER)
        present, visible = self._presence.current(), self._presence.visible(agent)
        return present.at(now), present.read(document, entity, visible)

    @staticmethod
    def _search(evaluation: Evaluation, entity: Entity, bits: Bits, search: str) -> Bits:
        keys = [key for key in SEARCHED if key in evaluation.schema.of(entity)]
        return evaluation.search(entity, bits, search, keys) if search.strip() else bits


def default_sort(schema: Schema, entity: Entity) -> str:
    """Last seen first, or the newest companies, or by id where neither is there."""
    preferred = "last_seen_at" if entity is Entity.PERSON else "created_at"
    return preferred if preferred in schema.of(entity) else EXTERNAL_ID


def default_columns(
    schema: Schema, entity: Entity, missing: Mapping[str, int], total: int, asked: Sequence[str] = ()
) -> tuple[Attribute, ...]:
    """Name, e-mail, what the filter asks about, then what most have a value of, as it became known; eight at most.

    A standard attribute that nobody has is left out, so that a workspace without names still shows a useful table.
    """
    attributes = schema.of(entity)
    filled = [a for a in attributes.values() if a.key != EXTERNAL_ID and missing.get(a.key, total) < total]
    first = [a for a in filled if a.key in ("name", "email")]
    custom = [a for a in filled if not a.standard]
    # Stable, so that those in each part keep their order: asked about, well filled, half empty.
    often = sorted(custom, key=lambda a: (a.key not in asked[:5], missing.get(a.key, total) > total // 2))
    dates = [a for a in filled if a.standard and a not in first]
    chosen = [*first, *often[: COLUMNS - len(first) - len(dates)], *dates]
    if "name" not in {a.key for a in chosen}:
        chosen.insert(0, attributes[EXTERNAL_ID])
    return tuple(chosen)


def _resolved(rule: Rule, present: Present, entity: Entity, now: datetime) -> dict[str, str]:
    """What the dates of a rule come to at this instant, by written path; as instants are read, to the minute."""
    found = resolutions(rule, present.schema, entity, present.moment(to_the_minute(now)))
    return {written(path): text for path, text in found.items()}


def _said(
    rule: Rule, present: Present, entity: Entity, now: datetime, visible: Mapping[str, Segment]
) -> tuple[str, ...]:
    """The conditions of an outermost "all" as statements, by their numbers where they are groups."""
    names = {key: segment.name for key, segment in visible.items()}
    moment = present.moment(now)
    return tuple(
        f"Condition {number}"
        if isinstance(each, AllOf | AnyOf | NoneOf)
        else f"“{statement(each, present.schema, entity, names, moment)}”"
        for number, each in enumerate(rule.rules if isinstance(rule, AllOf) else (), 1)
    )


def _sentence(
    rule: Rule,
    present: Present,
    entity: Entity,
    now: datetime,
    visible: Mapping[str, Segment],
    counts: Mapping[tuple[str | int, ...], Counts] | None,
) -> Sentence:
    names = {key: segment.name for key, segment in visible.items()}
    missing = {path: c.missing for path, c in counts.items() if c.missing} if counts else present.missing(rule, entity)
    return sentence(rule, present.schema, entity, names, present.moment(now), missing)
