"""What the page of people or companies holds between reruns: the filter on screen and where it came from."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import streamlit as st

from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import InvalidRule, NotFound, SegcoreError
from segcore.rules import codec
from segcore.ui import rule_builder

EMPTY: dict[str, Any] = {"all": []}


@dataclass
class FilterState:
    """One per entity and browser tab. `rev` counts the filters that Python loaded, `seq` the browser's edits of one."""

    name: str
    entity: Entity
    rev: int = 0
    seq: int = 0
    document: dict[str, Any] = field(default_factory=lambda: dict(EMPTY))
    unfinished: int = 0
    problems: bool = False
    segment: str | None = None
    base_version: int | None = None
    draft: str | None = None
    draft_at: datetime | None = None  # when this tab kept the draft; another tab may have kept it since
    loaded: dict[str, Any] | None = None  # the segment's filter as it was when it was loaded
    address: tuple[str | None, str | None] | None = None
    begins: bool = False  # whether the page was opened for a new segment, so that the first condition is asked for

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """That of this browser tab."""
        name = "people" if entity is Entity.PERSON else "companies"
        key = f"{name}.filter"
        if key not in st.session_state:
            st.session_state[key] = cls(name=name, entity=entity)
        return st.session_state[key]

    @property
    def builder_key(self) -> str:
        """The key of the builder's component."""
        return f"{self.name}-builder"

    @property
    def table_key(self) -> str:
        """The key of the table's component."""
        return f"{self.name}-table"

    @property
    def table_rev(self) -> str:
        """Changes with every filter, so that the table begins at its first page and forgets its ticks."""
        return f"{self.rev}.{self.seq}"

    @property
    def empty(self) -> bool:
        """Whether the filter lets everyone through."""
        return self.document in (EMPTY, {}) and not self.unfinished

    @property
    def can_save(self) -> bool:
        """Whether nothing in the filter is unfinished or wrong."""
        return not self.unfinished and not self.problems

    def follow_address(self, agent: Agent, services: Any) -> bool:
        """Load what the address names unless it is on screen already; false where that does not exist or is hidden."""
        draft, segment = st.query_params.get("draft"), st.query_params.get("segment")
        if self.address == (draft, segment) and self.seen(agent, services):
            return True
        self.address = None  # what is on screen may have been hidden since
        try:
            if draft is not None:
                kept = services.drafts.open(agent, draft)
                self._load(kept.document, segment=kept.segment, base_version=kept.base_version, draft=kept.id)
                self.draft_at = kept.updated_at
            elif segment is not None:
                found = services.segments.get(agent, segment)
                self._load_stored(found)
            else:
                self._load(EMPTY)
        except NotFound:
            self._load(EMPTY)
            return False
        self.address = (draft, segment)
        return True

    def seen(self, agent: Agent, services: Any) -> bool:
        """Whether the agent may still see all that is on screen."""
        return bool(services.drafts.seen(agent, self.document, segment=self.segment))

    def load_segment(self, agent: Agent, services: Any, key: str | None) -> None:
        """Show the filter of a segment, or an empty one; the address follows."""
        if key is None:
            self._load(EMPTY)
        else:
            found = services.segments.get(agent, key)
            self._load_stored(found)
            if found.concealed:
                from segcore.ui import frame

                self.keep(agent, services, frame.now())  # those who are in it, which is no filter of its own
                return
        self._write_address()

    def take_draft(self, agent: Agent, services: Any, now: datetime) -> None:
        """Take over what the builder sent, check its shape, and keep it as the agent's draft."""
        sent = rule_builder.sent(self.builder_key)
        if sent is None or sent.rev != self.rev or sent.seq <= self.seq:
            return
        self.seq, self.unfinished = sent.seq, sent.unfinished
        document = sent.rule
        if document == self.document:
            return
        self.document = document
        try:
            codec.parse(document)
        except InvalidRule:
            return  # the preview tells what is wrong; what cannot be read back is not kept
        self.keep(agent, services, now)

    def keep(self, agent: Agent, services: Any, now: datetime) -> None:
        """Store the filter as a draft; its address takes the place of the segment's."""
        kept = services.drafts.keep(
            agent,
            self.document,
            id=self.draft,
            seen=self.draft_at,
            entity=self.entity,
            segment=self.segment,
            base_version=self.base_version,
            now=now,
        )
        self.draft, self.draft_at = kept.id, kept.updated_at
        self._write_address()

    def replace(self, agent: Agent, services: Any, document: dict[str, Any], now: datetime) -> None:
        """Put another filter in its place, as a change that can be discarded."""
        self.rev += 1
        self.seq = 0
        self.document = document
        self.unfinished = 0
        self.keep(agent, services, now)

    def drop(self, index: int, agent: Agent, services: Any, now: datetime) -> None:
        """Take one of the conditions of an outermost "all" out."""
        rules = self.document.get("all", [])
        self.replace(agent, services, {"all": [*rules[:index], *rules[index + 1 :]]}, now)

    def discard(self) -> None:
        """Go back to the segment as it is saved, or to everyone."""
        from segcore.ui import frame

        agent, services = frame.agent(), frame.services()
        if self.draft is not None:
            services.drafts.discard(agent, self.draft, now=frame.now())
        try:
            self.load_segment(agent, services, self.segment)
        except NotFound:  # deleted in the meantime
            self.load_segment(agent, services, None)

    def overtaken(self, segment: Segment) -> bool:
        """Whether another filter was saved since it was loaded here; another name, or the one on screen, changes nothing."""
        if self.base_version is None or segment.version <= self.base_version:
            return False
        if grouped(segment.document) == self.loaded or not self.edited(segment):
            self.base_version = segment.version
            return False
        return True

    def rebase(self, segment: Segment, agent: Agent, services: Any, now: datetime) -> None:
        """Go on from the stored version, which the agent has seen, with the filter that is on screen."""
        self.base_version, self.loaded = segment.version, grouped(segment.document)
        self.keep(agent, services, now)

    def saved(self, segment: Segment) -> None:
        """The filter on screen is now this segment's; the browser keeps its steps of undo."""
        self.segment, self.base_version, self.draft = segment.key, segment.version, None
        self.loaded = grouped(segment.document)
        self._write_address()

    def segment_of(self, agent: Agent, services: Any) -> Segment | None:
        """The segment whose filter is on screen or being changed, as it is stored now."""
        if self.segment is None:
            return None
        try:
            return services.segments.get(agent, self.segment)
        except SegcoreError:
            return None

    def edited(self, segment: Segment) -> bool:
        """Whether the filter on screen differs from the one that is saved."""
        try:
            return codec.parse(self.document) != codec.parse(grouped(segment.document))
        except InvalidRule:
            return True

    def _load_stored(self, segment: Segment) -> None:
        if segment.concealed:
            self._load(segment.document)
            return
        self._load(segment.document, segment=segment.key, base_version=segment.version)
        self.loaded = grouped(segment.document)

    def _load(
        self,
        document: dict[str, Any],
        *,
        segment: str | None = None,
        base_version: int | None = None,
        draft: str | None = None,
    ) -> None:
        self.rev += 1
        self.seq = 0
        self.document = grouped(document)
        self.unfinished, self.problems = 0, False
        self.segment, self.base_version, self.draft = segment, base_version, draft
        self.draft_at, self.loaded = None, None

    def _write_address(self) -> None:
        draft, segment = self.draft, None if self.draft else self.segment
        self.address = (draft, segment)
        for name, value in (("draft", draft), ("segment", segment)):
            if value is not None:
                st.query_params[name] = value
            elif name in st.query_params:
                del st.query_params[name]


def grouped(document: dict[str, Any]) -> dict[str, Any]:
    """A document whose root is a group, as the builder draws it."""
    if len(document) == 1 and next(iter(document)) in ("all", "any", "none"):
        return dict(document)
    return {"all": [dict(document)]} if document else dict(EMPTY)
