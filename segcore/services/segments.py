"""What can be done with segments: see them all at one instant, save, change, duplicate, move, delete, carry elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, may, require
from segcore.attributes import Entity
from segcore.engine.evaluation import Evaluation
from segcore.model import DESCRIPTION_LIMIT, NAME_LIMIT, Agent, Segment
from segcore.problems import InvalidRule, NotFound, Problem, SegcoreError
from segcore.rules import codec
from segcore.rules.describe import Sentence, sentence
from segcore.rules.predefined import PREDEFINED, PREDEFINED_FOLDER
from segcore.rules.tree import Rule, segments_in
from segcore.services import folders, transfer
from segcore.services.present import MISSING, Presence, Present
from segcore.store.database import Database

KEEP = "\x00keep"  # told apart from None, which means no folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A segment as the overview shows it; `count` is None where it cannot be counted, and `problem` says why."""

    segment: Segment
    count: int | None
    total: int
    sentence: Sentence | None
    problem: str | None = None
    editable: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """Every segment that the agent may see, counted together at one instant."""

    segments: tuple[Counted, ...]
    total: int
    companies: int
    now: datetime


class Segments:
    """The saved filters."""

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence

    def ensure_predefined(self, now: datetime) -> None:
        """Put New, Active and Slipping away into a workspace that never had a segment."""
        with self._database.write() as connection:
            if store.segments.ever(connection):
                return
            position = store.log.append(
                connection,
                at=now,
                agent="segcore",
                what="segments predefined",
                entity="segment",
                amount=len(PREDEFINED),
            )
            folder = store.folders.insert(connection, PREDEFINED_FOLDER, Entity.PERSON, position)
            for name, description, document in PREDEFINED:
                segment = Segment(
                    key=store.segments.key_for(connection, name),
                    name=name,
                    description=description,
                    entity=Entity.PERSON,
                    document=dict(document),
                    rule=codec.parse(document),
                    folder=folder.key,
                    predefined=True,
                    created_at=now,
                    updated_at=now,
                )
                store.segments.insert(connection, segment, position)

    def overview(self, agent: Agent, *, now: datetime) -> Overview:
        """All of them with their counts and sentences."""
        require(agent, Verb.SEE)
        present, visible = self._presence.current(), self._presence.visible(agent)
        evaluation = present.at(now)
        rows = tuple(self._counted(agent, segment, present, evaluation, visible) for segment in visible.values())
        return Overview(rows, evaluation.total(Entity.PERSON), evaluation.total(Entity.COMPANY), now)

    def counted(self, agent: Agent, key: str, *, now: datetime) -> Counted:
        """One of them; NotFound in the same words for what is hidden and for what does not exist."""
        require(agent, Verb.SEE)
        segment = self._presence.segment(agent, key)
        present = self._presence.current()
        return self._counted(agent, segment, present, present.at(now), self._presence.visible(agent))

    def get(self, agent: Agent, key: str) -> Segment:
        """The stored segment."""
        require(agent, Verb.SEE)
        return self._presence.segment(agent, key)

    def members_of(self, agent: Agent, external_id: str, *, entity: Entity, now: datetime) -> list[Segment]:
        """The segments that a person or company is in at this instant, among those the agent may see."""
        require(agent, Verb.SEE)
        present, visible = self._presence.current(), self._presence.visible(agent)
        evaluation = present.at(now)
        row = evaluation.row_number(entity, external_id)
        if row is None:
            raise NotFound(MISSING)
        return [
            segment
            for key, segment in visible.items()
            if segment.entity is entity and key in present.rules and evaluation.bits(entity, present.rules[key][1])[row]
        ]

    def same(self, agent: Agent, document: Mapping[str, Any], *, entity: Entity) -> Segment | None:
        """A segment with the very same filter, among those the agent may see."""
        require(agent, Verb.SEE)
        try:
            rule = codec.parse(document)
        except InvalidRule:
            return None
        return next((s for s in self._presence.visible(agent).values() if s.entity is entity and s.rule == rule), None)

    def save(
        self,
        agent: Agent,
        *,
        name: str,
        document: object,
        entity: Entity = Entity.PERSON,
        description: str = "",
        folder: str | None = None,
        new_folder: str | None = None,
        hidden_from: tuple[str, ...] = (),
        visible_to: tuple[str, ...] | None = None,
        author: str | None = "",
        now: datetime,
    ) -> Segment:
        """Make a segment of a filter, in a folder or in a new one of that name; `author` is the agent unless None,
        which gives it to the workspace."""
        require(agent, Verb.CREATE)
        present, visible = self._presence.current(), self._presence.visible(agent)
        rule = present.read(document, entity, visible)
        name = self._name(name, entity, visible)
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment saved", entity="segment", amount=1
            )
            self._check_references(connection, agent, rule, entity)
            if new_folder is not None:
                folder = folders.made(connection, new_folder, entity, position).key
            self._check_folder(connection, folder, entity)
            segment = Segment(
                key=store.segments.key_for(connection, name),
                name=name,
                description=_bounded(description, DESCRIPTION_LIMIT, "description"),
                entity=entity,
                document=codec.dump(rule),
                rule=rule,
                folder=folder,
                hidden_from=hidden_from,
                visible_to=visible_to,
                author=agent.name if author == "" else author,
                created_at=now,
                updated_at=now,
                updated_by=agent.name,
            )
            store.segments.insert(connection, segment, position)
        return segment

    def change(
        self,
        agent: Agent,
        key: str,
        *,
        expected_version: int,
        now: datetime,
        name: str | None = None,
        description: str | None = None,
        document: object | None = None,
        folder: str | None = KEEP,
    ) -> Segment:
        """Save a new version; raises Changed where somebody else saved one since `expected_version`."""
        segment = self._presence.segment(agent, key)
        require(agent, Verb.EDIT, segment)
        present, visible = self._presence.current(), self._presence.visible(agent)
        changed = replace(segment, updated_at=now, updated_by=agent.name)
        if name is not None:
            changed = replace(changed, name=self._name(name, segment.entity, visible, besides=key))
        if description is not None:
            changed = replace(changed, description=_bounded(description, DESCRIPTION_LIMIT, "description"))
        if document is not None:
            rule = present.read(document, segment.entity, visible)
            changed = replace(changed, rule=rule, document=codec.dump(rule))
        if folder != KEEP:
            changed = replace(changed, folder=folder)
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment changed", entity="segment", key=key, amount=1
            )
            if document is not None and changed.rule is not None:
                self._check_references(connection, agent, changed.rule, segment.entity)
                self._check_cycle(connection, key, changed.rule)
            if folder != KEEP:
                self._check_folder(connection, folder, segment.entity)
            return store.segments.update(connection, changed, expected_version, position)

    def move(self, agent: Agent, key: str, folder: str | None, *, now: datetime) -> Segment:
        """Put a segment into a folder, or into none. Its version stays: whoever is changing its filter is not overtaken."""
        segment = self._presence.segment(agent, key)
        require(agent, Verb.EDIT, segment)
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment moved", entity="segment", key=key, amount=1
            )
            self._check_folder(connection, folder, segment.entity)
            return store.segments.move(connection, key, folder, position)

    def duplicate(self, agent: Agent, key: str, *, now: datetime) -> Segment:
        """A copy in the same folder that belongs to the agent; nothing uses it."""
        segment = self._presence.segment(agent, key)
        taken = {s.name for s in self._presence.visible(agent).values() if s.entity is segment.entity}
        stem = segment.name[: NAME_LIMIT - 12]
        names = (f"{stem} (copy)", *(f"{stem} (copy {number})" for number in range(2, len(taken) + 3)))
        return self.save(
            agent,
            name=next(name for name in names if name not in taken),
            document=segment.document,
            entity=segment.entity,
            description=segment.description,
            folder=segment.folder,
            hidden_from=segment.hidden_from,
            visible_to=segment.visible_to,
            now=now,
        )

    def delete(self, agent: Agent, key: str, *, now: datetime) -> None:
        """Delete a segment that no other refers to; the error names those that the agent may see."""
        segment = self._presence.segment(agent, key)
        require(agent, Verb.EDIT, segment)
        with self._database.write() as connection:
            visible = {s.key for s in store.segments.all(connection, agent)}
            users = [
                s for s in store.segments.everything(connection) if s.rule is not None and key in segments_in(s.rule)
            ]
            named = [user.name for user in users if user.key in visible]
            if named:
                raise SegcoreError(f"Used by {len(named)}: {', '.join(named)}.", "Replace it there first.")
            if users:
                raise SegcoreError("In use elsewhere in the workspace.", "Ask an admin where.")
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment deleted", entity="segment", key=key, amount=1
            )
            store.segments.delete(connection, key, position)

    def used_by(self, agent: Agent, key: str) -> list[Segment]:
        """The segments that refer to this one, among those the agent may see."""
        self._presence.segment(agent, key)
        return [s for s in self._presence.visible(agent).values() if s.rule is not None and key in segments_in(s.rule)]

    def export(self, agent: Agent, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """`{"segments": [...]}` as `load` reads it, without loss."""
        require(agent, Verb.SEE)
        visible = self._presence.visible(agent)
        chosen = list(visible) if keys is None else list(keys)
        absent = [key for key in chosen if key not in visible]
        if absent:
            raise NotFound(f"There is no segment {absent[0]}.")
        with self._database.read() as connection:
            names = {folder.key: folder.name for folder in store.folders.all(connection)}
        return {"segments": [transfer.exported(visible[key], names) for key in chosen]}

    def load(self, agent: Agent, documents: object, *, now: datetime) -> dict[str, int]:
        """Create or change the segments of an export, all or none; answers how many of each. Imported ones belong to
        the workspace. Raises InvalidRule with every problem of every segment at once."""
        require(agent, Verb.DEFINE)
        return transfer.load(self._database, self._presence, agent, documents, now)

    def _counted(
        self,
        agent: Agent,
        segment: Segment,
        present: Present,
        evaluation: Evaluation,
        visible: Mapping[str, Segment],
    ) -> Counted:
        total = evaluation.total(segment.entity)
        editable = may(agent, Verb.EDIT, segment)
        problems = present.broken.get(segment.key)
        if problems or segment.rule is None:
            problem = problems[0].message if problems else "The filter cannot be read."
            return Counted(segment=segment, count=None, total=total, sentence=None, problem=problem, editable=editable)
        names = {key: other.name for key, other in visible.items()}
        missing = present.missing(segment.rule, segment.entity)
        told = sentence(segment.rule, present.schema, segment.entity, names, evaluation.moment, missing)
        count = evaluation.bits(segment.entity, segment.rule).count()
        return Counted(segment=segment, count=count, total=total, sentence=told, editable=editable)

    def _name(self, name: str, entity: Entity, visible: Mapping[str, Segment], besides: str | None = None) -> str:
        name = _bounded(" ".join(name.split()), NAME_LIMIT, "name")
        if not name:
            raise SegcoreError("A segment needs a name.")
        if any(
            s.name.casefold() == name.casefold() and s.entity is entity and s.key != besides for s in visible.values()
        ):
            raise SegcoreError(f"There is a segment called {name} already.", "Choose another name.")
        return name

    @staticmethod
    def _check_references(connection: Connection, agent: Agent, rule: Rule, entity: Entity) -> None:
        """Inside the writing transaction: what was there when the filter was checked may have been deleted since."""
        visible = {s.key: s.entity for s in store.segments.all(connection, agent)}
        gone = [key for key in sorted(segments_in(rule)) if visible.get(key) is not entity]
        if gone:
            raise InvalidRule([Problem((), f"There is no segment {key}.") for key in gone])

    @staticmethod
    def _check_cycle(connection: Connection, key: str, rule: Rule) -> None:
        """Inside the writing transaction, so that two saves at once cannot close a circle."""
        rules = {s.key: s.rule for s in store.segments.everything(connection) if s.rule is not None}
        seen: set[str] = set()
        waiting = list(segments_in(rule))
        while waiting:
            other = waiting.pop()
            if other == key:
                raise InvalidRule([Problem((), "A segment cannot refer to itself, not even through another one.")])
            if other not in seen:
                seen.add(other)
                waiting.extend(segments_in(rules[other]) if other in rules else ())

    @staticmethod
    def _check_folder(connection: Connection, folder: str | None, entity: Entity) -> None:
        if folder is None:
            return
        found = store.folders.get(connection, folder)
        if found is None:
            raise SegcoreError("This folder does not exist any more.", "Choose another one.")
        if found.entity is not entity:
            held = "people" if found.entity is Entity.PERSON else "companies"
            raise SegcoreError(f"The folder {found.name} holds segments of {held}.", "Choose another one.")


def _bounded(text: str, limit: int, what: str) -> str:
    text = text.strip()
    if len(text) > limit:
        raise SegcoreError(f"The {what} has {len(text):,} characters; {limit:,} are the most.")
    return text
