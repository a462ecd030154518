"""A workspace as Python sees it: what `segcore.open` gives, over the same services as the pages and the command line."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from segcore import bootstrap
from segcore.attributes import EXTERNAL_ID, Entity, Kind
from segcore.model import LOCAL_OWNER, Agent, Segment
from segcore.problems import SegcoreError
from segcore.services.explaining import Explanation
from segcore.services.filters import Answer, Question
from segcore.services.imports import Outcome
from segcore.settings import Settings

File = str | PathLike[str]
Rule = Mapping[str, Any]
Progress = Callable[[int, int], None]


class Workspace:
    """People, companies and segments of one database. Entities are "person" and "company"; `now` defaults to the clock."""

    def __init__(self, url: str, agent: Agent | str | None = None) -> None:
        self._services = bootstrap.start(Settings.from_environment().at(url))
        self._agent = LOCAL_OWNER if agent is None else agent if isinstance(agent, Agent) else self._acting(agent)
        self.segments = Segments(self._services, self._agent)

    def import_people(
        self,
        file: File,
        *,
        id: str,
        company: str | None = None,
        types: Mapping[str, Kind | str] | None = None,
        names: Mapping[str, str] | None = None,
        encoding: str | None = None,
        dry_run: bool = False,
        errors: File | None = None,
        progress: Progress | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Create and update people by the column `id`; `company` names the column with the ids of their companies."""
        said = {"id": id, "company": company, "types": types, "names": names, "encoding": encoding}
        return self._import("person", file, said, dry_run, errors, progress, now)

    def import_companies(
        self,
        file: File,
        *,
        id: str,
        types: Mapping[str, Kind | str] | None = None,
        names: Mapping[str, str] | None = None,
        encoding: str | None = None,
        dry_run: bool = False,
        errors: File | None = None,
        progress: Progress | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Create and update companies by the column `id`."""
        said = {"id": id, "types": types, "names": names, "encoding": encoding}
        return self._import("company", file, said, dry_run, errors, progress, now)

    def import_events(
        self,
        file: File,
        *,
        person: str,
        at: str,
        event: str | None = None,
        event_column: str | None = None,
        message_id: str | None = None,
        types: Mapping[str, Kind | str] | None = None,
        names: Mapping[str, str] | None = None,
        encoding: str | None = None,
        dry_run: bool = False,
        errors: File | None = None,
        progress: Progress | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Append what people did: either every row is the `event`, or `event_column` says which it is."""
        said: dict[str, Any] = {
            "person": person,
            "at": at,
            "event": event,
            "event_column": event_column,
            "message_id": message_id,
        }
        said |= {"types": types, "names": names, "encoding": encoding}
        return self._import("event", file, said, dry_run, errors, progress, now)

    def attributes(self) -> pl.DataFrame:
        """The schema: entity, key, kind, and how many lack a value of how many."""
        rows = [
            (found.entity.value, found.attribute.key, found.attribute.kind.value, found.missing, found.total)
            for found in self._services.attributes.all(self._agent)
            if found.attribute.key != EXTERNAL_ID
        ]
        columns = {"entity": pl.String, "key": pl.String, "kind": pl.String, "missing": pl.Int64, "total": pl.Int64}
        return pl.DataFrame(rows, schema=columns, orient="row")

    def count(self, rule: Rule, *, entity: Entity | str = "person", now: datetime | None = None) -> int:
        """How many match."""
        return self._services.filters.count(self._agent, rule, entity=Entity(entity), now=_instant(now)).count

    def members(
        self,
        rule: Rule,
        *,
        entity: Entity | str = "person",
        columns: Iterable[str] | None = None,
        now: datetime | None = None,
    ) -> pl.DataFrame:
        """Those that match, a row each, `external_id` first, sorted by it."""
        wanted = None if columns is None else list(columns)
        return self._services.filters.members(
            self._agent, rule, entity=Entity(entity), columns=wanted, now=_instant(now)
        )

    def evaluate(
        self, rules: Iterable[Rule], *, entity: Entity | str = "person", ids: bool = False, now: datetime | None = None
    ) -> list[Answer]:
        """Many rules over one state of the data: for each its `count` and `ids`, or its `problems`."""
        questions = [Question(document=rule, entity=Entity(entity), ids=ids) for rule in rules]
        return self._services.filters.evaluate(self._agent, questions, now=_instant(now))

    def explain(
        self, external_id: str, rule: Rule | str, *, entity: Entity | str = "person", now: datetime | None = None
    ) -> Explanation:
        """Why somebody matches a rule, or is in the segment of that key, or not; `as_json()` gives plain values."""
        filters, at = self._services.filters, _instant(now)
        if isinstance(rule, str):
            return filters.explain_segment(self._agent, external_id, rule, now=at)
        return filters.explain(self._agent, external_id, rule, entity=Entity(entity), now=at)

    def close(self) -> None:
        """Let go of the database."""
        self._services.presence.close()
        self._services.database.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _acting(self, name: str) -> Agent:
        try:
            return self._services.agents.acting(name)
        except SegcoreError:
            self.close()
            raise

    def _import(
        self,
        what: str,
        file: File,
        said: Mapping[str, Any],
        dry_run: bool,
        errors: File | None,
        progress: Progress | None,
        now: datetime | None,
    ) -> Outcome:
        path = Path(file)
        if not path.is_file():
            raise SegcoreError(f"There is no file {path}.")
        imports = self._services.imports
        plan = imports.plan(self._agent, what, path, progress=progress, **said)
        kept = None if errors is None else Path(errors)
        return imports.run(self._agent, plan, now=_instant(now), dry_run=dry_run, progress=progress, errors=kept)


class Segments:
    """The saved filters of a workspace."""

    def __init__(self, services: bootstrap.Services, agent: Agent) -> None:
        self._services = services
        self._agent = agent

    def save(
        self,
        name: str,
        rule: Rule,
        *,
        entity: Entity | str = "person",
        description: str = "",
        folder: str | None = None,
        now: datetime | None = None,
    ) -> Segment:
        """Keep a rule under a name; its key is made of the name."""
        return self._services.segments.save(
            self._agent,
            name=name,
            document=rule,
            entity=Entity(entity),
            description=description,
            folder=folder,
            now=_instant(now),
        )

    def all(self) -> list[Segment]:
        """Every segment, in the order of the overview."""
        overview = self._services.segments.overview(self._agent, now=bootstrap.clock())
        return [counted.segment for counted in overview.segments]

    def get(self, key: str) -> Segment:
        """One segment."""
        return self._services.segments.get(self._agent, key)

    def count(self, key: str, *, now: datetime | None = None) -> int | None:
        """How many are in it; None where it refers to something that is gone."""
        return self._services.segments.counted(self._agent, key, now=_instant(now)).count

    def members(self, key: str, *, columns: Iterable[str] | None = None, now: datetime | None = None) -> pl.DataFrame:
        """Those in it, a row each, `external_id` first, sorted by it."""
        segment = self.get(key)
        wanted = None if columns is None else list(columns)
        return self._services.filters.members(
            self._agent, segment.document, entity=segment.entity, columns=wanted, now=_instant(now)
        )

    def change(
        self, key: str, rule: Rule | None = None, *, name: str | None = None, description: str | None = None
    ) -> Segment:
        """Save its next version."""
        return self._services.segments.change(
            self._agent,
            key,
            expected_version=self.get(key).version,
            name=name,
            description=description,
            document=rule,
            now=bootstrap.clock(),
        )

    def delete(self, key: str) -> None:
        """Delete a segment that no other refers to."""
        self._services.segments.delete(self._agent, key, now=bootstrap.clock())

    def export(self, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """All of them, or those named, as `load` reads them."""
        return self._services.segments.export(self._agent, keys)

    def load(self, documents: object) -> dict[str, int]:
        """Create and change segments as an export says, all or none."""
        return self._services.segments.load(self._agent, documents, now=bootstrap.clock())


def _instant(now: datetime | None) -> datetime:
    if now is None:
        return bootstrap.clock()
    if now.tzinfo is None:
        raise SegcoreError(f"{now} has no zone.", "Write for example datetime(2026, 11, 22, tzinfo=UTC).")
    return now.astimezone(UTC)
