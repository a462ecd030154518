"""What can be done with segments: see them all at one instant, save, change, duplicate, move, delete, carry elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from segcore import store
from segcore.access import NotAllowed, Verb, may, require
from segcore.attributes import Entity
from segcore.engine.evaluation import Evaluation
from segcore.model import DESCRIPTION_LIMIT, NAME_LIMIT, Agent, NewSegments, Segment
from segcore.problems import InvalidRule, NotFound, SegcoreError
from segcore.rules import codec
from segcore.rules.describe import Sentence, Span, sentence
from segcore.rules.predefined import PREDEFINED, PREDEFINED_FOLDER
from segcore.rules.tree import segments_in
from segcore.services import folders, recording, saving, transfer, visibility
from segcore.services.present import MISSING, Presence, Present, not_visible
from segcore.services.visibility import Blocked
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
        hidden_from: tuple[str, ...] | None = None,
        visible_to: tuple[str, ...] | None = None,
        now: datetime,
    ) -> Segment:
        """Make a segment of a filter, in a folder or in a new one of that name. Where neither `hidden_from` nor
        `visible_to` is told, it is seen by whom the agent's new segments start with; `hidden_from=()`: by everybody."""
        require(agent, Verb.CREATE)
        rule = self._presence.current().read(document, entity, self._presence.visible(agent))
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment saved", entity="segment", amount=1
            )
            saving.references(connection, agent, rule, entity)
            name = saving.name(connection, agent, name, entity)
            if new_folder is not None:
                folder = folders.made(connection, agent, new_folder, entity, position, now).key
            saving.folder(connection, agent, folder, entity)
            if hidden_from is None and visible_to is None:
                start = saving.start(connection, agent)
                hidden_from, visible_to = start.hidden_from, start.visible_to
            saving.not_from_oneself(agent, hidden_from or ())
            segment = Segment(
                key=store.segments.key_for(connection, name, saving.ending(agent)),
                name=name,
                description=saving.bounded(description, DESCRIPTION_LIMIT, "description"),
                entity=entity,
                document=codec.dump(rule),
                rule=rule,
                folder=folder,
                hidden_from=hidden_from or (),
                visible_to=visible_to,
                author=agent.name,
                created_at=now,
                updated_at=now,
                updated_by=agent.name,
            )
            store.segments.insert(connection, segment, position)
            recording.segment(connection, agent, "segment saved", None, segment, now)
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
        rule = None
        if document is not None:
            rule = self._presence.current().read(document, segment.entity, self._presence.visible(agent))
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment changed", entity="segment", key=key, amount=1
            )
            # Read again, because it may have been moved, hidden or given away since.
            before = saving.stored(connection, agent, key, Verb.EDIT)
            changed = replace(before, updated_at=now, updated_by=agent.name)
            if name is not None:
                changed = replace(changed, name=saving.name(connection, agent, name, before.entity, besides=key))
            if description is not None:
                told = saving.bounded(description, DESCRIPTION_LIMIT, "description")
                changed = replace(changed, description=told)
            if rule is not None:
                saving.references(connection, agent, rule, before.entity)
                saving.circle(connection, agent, key, rule)
                changed = replace(changed, rule=rule, document=codec.dump(rule))
            if folder != KEEP:
                saving.folder(connection, agent, folder, before.entity)
                changed = replace(changed, folder=folder)
            after = store.segments.update(connection, changed, expected_version, position)
            recording.segment(connection, agent, "segment changed", before, after, now)
            return after

    def move(self, agent: Agent, key: str, folder: str | None, *, now: datetime) -> Segment:
        """Put a segment into a folder, or into none. Its version stays: whoever is changing its filter is not overtaken."""
        with self._database.write() as connection:
            before = saving.stored(connection, agent, key, Verb.EDIT)
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment moved", entity="segment", key=key, amount=1
            )
            saving.folder(connection, agent, folder, before.entity)
            after = store.segments.move(connection, key, folder, position)
            recording.segment(connection, agent, "segment moved", before, after, now)
            return after

    def duplicate(self, agent: Agent, key: str, *, now: datetime) -> Segment:
        """A copy in the same folder that belongs to the agent, seen by the same; nothing uses it."""
        segment = self._presence.segment(agent, key)
        require(agent, Verb.CREATE)
        _whole(segment, "copied")
        taken = {s.name.casefold() for s in self._presence.visible(agent).values() if s.entity is segment.entity}
        stem = segment.name[: NAME_LIMIT - 12]
        names = (f"{stem} (copy)", *(f"{stem} (copy {number})" for number in range(2, len(taken) + 3)))
        return self.save(
            agent,
            name=next(name for name in names if name.casefold() not in taken),
            document=segment.document,
            entity=segment.entity,
            description=segment.description,
            folder=segment.folder,
            hidden_from=segment.hidden_from,
            visible_to=segment.visible_to,
            now=now,
        )

    def delete(self, agent: Agent, key: str, *, now: datetime) -> None:
        """Delete a segment that no other refers to; the error names those that the agent may see.

        Where only segments refer to it that the agent may not see, a refusal would tell of them. So it is gone for
        everybody but admins, who keep it for what stands on it.
        """
        with self._database.write() as connection:
            before = saving.stored(connection, agent, key, Verb.EDIT)
            users = store.segments.referring(connection, key)
            seen = [s for s in store.segments.all(connection, agent) if s.key in users and not s.concealed]
            if seen:
                names = ", ".join(user.name for user in seen)
                raise SegcoreError(f"Used by {len(seen)}: {names}.", "Replace it there first.")
            position = store.log.append(
                connection, at=now, agent=agent.name, what="segment deleted", entity="segment", key=key, amount=1
            )
            after = store.segments.keep_for_admins(connection, key, position) if users else None
            if after is None:
                store.segments.delete(connection, key, position)
            what = "segment deleted" if after is None else "segment deleted, kept for admins"
            recording.segment(connection, agent, what, before, after, now)

    def set_visibility(
        self,
        agent: Agent,
        key: str,
        *,
        hidden_from: tuple[str, ...] = (),
        visible_to: tuple[str, ...] | None = None,
        expected_version: int | None = None,
        now: datetime,
    ) -> Segment:
        """From whom it is hidden, by name, or who alone may see it (none: only its author); admins always do.
        Its version stays."""
        return visibility.change(self._database, agent, key, hidden_from, visible_to, expected_version, now)

    def blocked(self, agent: Agent, key: str, *, now: datetime) -> Blocked:
        """From whom it is hidden only because of what it refers to, and how many people they would see in it."""
        with self._database.read() as connection:
            segment = saving.stored(connection, agent, key, Verb.HIDE)
            found = visibility.blocked(connection, segment)
        rule = self._presence.current().rules.get(key)
        if rule is None or not (found.names or found.shown):
            return found
        return replace(found, count=self._presence.current().at(now).bits(*rule).count())

    def would_block(
        self,
        agent: Agent,
        document: object,
        *,
        entity: Entity = Entity.PERSON,
        hidden_from: tuple[str, ...] = (),
        visible_to: tuple[str, ...] | None = None,
        now: datetime,
    ) -> Blocked:
        """The same of a filter that is not saved yet, were it seen by these."""
        require(agent, Verb.CREATE)
        present = self._presence.current()
        rule = present.read(document, entity, self._presence.visible(agent))
        wanted = Segment(
            key="",
            name="",
            entity=entity,
            rule=rule,
            document=codec.dump(rule),
            hidden_from=hidden_from,
            visible_to=visible_to,
            author=agent.name,
            created_at=now,
            updated_at=now,
        )
        with self._database.read() as connection:
            found = visibility.blocked(connection, wanted)
        return replace(found, count=present.at(now).bits(entity, rule).count()) if found.names else found

    def show_on_purpose(self, agent: Agent, key: str, names: Iterable[str], *, now: datetime) -> Segment:
        """Show it to agents who may not see all that it refers to: they see its total and its people, nothing else."""
        return visibility.show(self._database, agent, key, tuple(names), now)

    def unshow(self, agent: Agent, key: str, names: Iterable[str], *, now: datetime) -> Segment:
        """Hide it again from agents to whom it was shown on purpose."""
        return visibility.unshow(self._database, agent, key, tuple(names), now)

    def audience(self, agent: Agent) -> list[str]:
        """The agents from whom a segment can be hidden: those who may sign in and are no admins, but for oneself."""
        require(agent, Verb.CREATE)
        with self._database.read() as connection:
            known = [other for other in store.agents.all(connection) if other.enabled and other.role != "admin"]
        return [other.name for other in known if other.name != agent.name]

    def start(self, agent: Agent) -> NewSegments:
        """Who sees the agent's new segments unless it is told otherwise."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return saving.start(connection, agent)

    def used_by(self, agent: Agent, key: str) -> list[Segment]:
        """The segments that refer to this one, among those of which the agent may see the filter."""
        require(agent, Verb.SEE)
        self._presence.segment(agent, key)
        visible = [s for s in self._presence.visible(agent).values() if s.rule is not None and not s.concealed]
        return [s for s in visible if s.rule is not None and key in segments_in(s.rule)]

    def export(self, agent: Agent, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """`{"segments": [...]}` as `load` reads it, without loss; what is not seen whole is left out unless it is named."""
        require(agent, Verb.EXPORT)
        visible = self._presence.visible(agent)
        chosen = [key for key, s in visible.items() if not s.concealed] if keys is None else list(keys)
        return {"segments": self._told(agent, chosen, visible, "exported")}

    def document(self, agent: Agent, key: str) -> dict[str, Any]:
        """One of them, to be read: who may see a segment may see what it says."""
        return self._told(agent, [key], self._presence.visible(agent), "shown")[0]

    def _told(
        self, agent: Agent, keys: Iterable[str], visible: Mapping[str, Segment], done: str
    ) -> list[dict[str, Any]]:
        for key in keys:
            if key not in visible:
                raise NotFound(f"There is no segment {key}.")
            _whole(visible[key], done)
        with self._database.read() as connection:
            names = {folder.key: folder.name for folder in store.folders.all(connection, agent)}
        return [transfer.exported(agent, visible[key], names) for key in keys]

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
        if segment.concealed:
            # Why it cannot be counted would be said by what it is made of.
            problem = "It cannot be counted right now." if problems else None
            count = None if problems else evaluation.bits(*present.rules[segment.key]).count()
            told = Sentence((Span(f"{not_visible(segment.concealed)}."),))
            return Counted(segment=segment, count=count, total=total, sentence=told, problem=problem)
        if problems or segment.rule is None:
            problem = problems[0].message if problems else "The filter cannot be read."
            return Counted(segment=segment, count=None, total=total, sentence=None, problem=problem, editable=editable)
        names = {key: other.name for key, other in visible.items()}
        missing = present.missing(segment.rule, segment.entity)
        told = sentence(segment.rule, present.schema, segment.entity, names, evaluation.moment, missing)
        count = evaluation.bits(segment.entity, segment.rule).count()
        return Counted(segment=segment, count=count, total=total, sentence=told, editable=editable)


def _whole(segment: Segment, done: str) -> None:
    """Whether the agent sees all of it."""
    if segment.concealed:
        raise NotAllowed(f"{not_visible(segment.concealed)}, so {segment.name} cannot be {done}.")
