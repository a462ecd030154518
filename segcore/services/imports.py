"""Files of people, companies and events come in: looked at first, then written, each row accounted for.

A chunk of rows is one transaction. One for the whole file would keep every other writer out for minutes and let
the write-ahead log grow past the database; and a row's effect does not depend on the rows before it, so an
import that was cut off is finished by importing the same file again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Entity, Kind
from segcore.ingest.files import Source
from segcore.ingest.plan import EVENT, ROWS, Options, Plan, opened
from segcore.ingest.plan import plan as looked_at
from segcore.ingest.records import Order
from segcore.ingest.rows import Refusals, Sieve
from segcore.model import Agent, Entry, Import
from segcore.problems import NotFound, SegcoreError
from segcore.services.intake import Events, Intake, Records, Writing
from segcore.store.database import Database

Progress = Callable[[int, int], None]
NOUNS = {Entity.PERSON: "people imported", Entity.COMPANY: "companies imported", EVENT: "events imported"}

COUNTS = ("read", "created", "updated", "unchanged", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import did, or with `dry_run` would do: read = created + updated + unchanged + rejected.

    `rejections` is the file of rejected rows, cut where it is long; `id` is that of the import's entry in the history.
    """

    what: str
    file: str
    dry_run: bool
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejections: str = ""
    id: int | None = None

    def counts(self) -> dict[str, int]:
        """The five numbers, as the command line prints them."""
        return {name: getattr(self, name) for name in COUNTS}


class Imports:
    """Looks at files, brings them in, and remembers that it did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def columns(
        self, agent: Agent, source: Source | Path | str | bytes, *, name: str = "", encoding: str | None = None
    ) -> tuple[str, ...]:
        """The names of a file's columns, to choose from before it is looked at whole."""
        require(agent, Verb.IMPORT)
        return opened(Source.of(source, name), encoding).columns

    def plan(
        self,
        agent: Agent,
        what: str,
        source: Source | Path | str | bytes,
        *,
        name: str = "",
        id: str | None = None,
        company: str | None = None,
        person: str | None = None,
        at: str | None = None,
        event: str | None = None,
        event_column: str | None = None,
        message_id: str | None = None,
        types: Mapping[str, Kind | str] | None = None,
        names: Mapping[str, str | None] | None = None,
        orders: Mapping[str, Order] | None = None,
        encoding: str | None = None,
        progress: Progress | None = None,
    ) -> Plan:
        """Read a file and say what its columns are; nothing is written. Bytes are an upload, and CSV."""
        require(agent, Verb.IMPORT)
        options = Options(
            id=id,
            company=company,
            person=person,
            at=at,
            event=event,
            event_column=event_column,
            message_id=message_id,
            types={column: _kind(kind) for column, kind in (types or {}).items()},
            names=dict(names or {}),
            orders=dict(orders or {}),
            encoding=encoding,
        )
        with self._database.read() as connection:
            schema = store.schema.load(connection)
            workspace = store.workspace.get(connection)
        what = what if what == EVENT else Entity(what)
        return looked_at(what, Source.of(source, name), options, schema, workspace.time_zone, progress)

    def run(
        self,
        agent: Agent,
        plan: Plan,
        *,
        now: datetime,
        dry_run: bool = False,
        progress: Progress | None = None,
        errors: Path | None = None,
        all_or_nothing: bool = False,
    ) -> Outcome:
        """Bring the file in as planned; with `dry_run` only count. `errors` names a file for all rejected rows.

        With `all_or_nothing` a file of which any row is rejected is only counted, as the outcome's `dry_run` then says.
        """
        require(agent, Verb.IMPORT)
        if all_or_nothing and not dry_run:
            tried = self.run(agent, plan, now=now, dry_run=True, progress=progress, errors=errors)
            if tried.rejected:
                return tried
        reader = plan.reader()
        sieve = Sieve(plan)
        read, begun = 0, dry_run
        with ExitStack() as files:
            file = files.enter_context(_errors_file(errors, plan.source)) if errors else None
            refusals = Refusals(reader.columns, file)
            intake: Intake = Events(plan) if plan.what == EVENT else Records(plan)
            for chunk in reader.chunks(ROWS):
                sifted = sieve.sift(chunk)
                refusals.add(sifted.rejected)
                with self._writing(agent, plan, now, dry_run) as writing:
                    if not begun:  # in the log before anything else, also where it is cut off
                        store.audit.append(writing.connection, _entry(agent, "import begun", now, plan))
                        begun = True
                    intake.take(writing, sifted.accepted)
                read += sifted.read
                if progress is not None:
                    progress(read, plan.rows)
            while intake.waiting:
                with self._writing(agent, plan, now, dry_run) as writing:
                    intake.finish(writing, ROWS)
        outcome = Outcome(
            what=plan.what,
            file=plan.source.name,
            dry_run=dry_run,
            read=read,
            created=intake.created,
            updated=intake.updated,
            unchanged=intake.unchanged,
            rejected=refusals.count,
            rejections=refusals.text(),
        )
        return outcome if dry_run else self._remembered(agent, plan, outcome, now)

    def history(self, agent: Agent) -> list[Import]:
        """The imports so far, the latest first."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return store.imports.all(connection)

    def rejections(self, agent: Agent, number: int) -> str:
        """The file of the rows that an import rejected."""
        require(agent, Verb.IMPORT)
        with self._database.read() as connection:
            found = store.imports.rejections(connection, number)
        if found is None:
            raise NotFound("This page does not exist, or is not visible to you.")
        return found

    @contextmanager
    def _writing(self, agent: Agent, plan: Plan, now: datetime, dry: bool) -> Iterator[Writing]:
        with self._database.read() if dry else self._database.write() as connection:
            yield Writing(connection, now, agent.name, NOUNS[plan.what], str(plan.what), dry)

    def _remembered(self, agent: Agent, plan: Plan, outcome: Outcome, now: datetime) -> Outcome:
        done = Import(at=now, agent=agent.name, entity=outcome.what, file=outcome.file, **outcome.counts())
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="file imported", entity="import", key=outcome.file
            )
            done = store.imports.insert(connection, done, position, outcome.rejections)
            store.audit.append(connection, _entry(agent, "file imported", now, plan, done))
        return replace(outcome, id=done.id)


def _entry(agent: Agent, what: str, now: datetime, plan: Plan, done: Import | None = None) -> Entry:
    counts = None if done is None else {name: getattr(done, name) for name in COUNTS}
    return Entry(
        at=now,
        agent=agent.name,
        what=what,
        entity=str(plan.what),
        key="" if done is None or done.id is None else str(done.id),
        name=plan.source.name,
        after=counts,
    )


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise SegcoreError(f"“{name}” is no kind.", f"The kinds are {', '.join(Kind)}.") from None


def _errors_file(path: Path, source: Source) -> TextIO:
    if source.path is not None and path.exists() and path.samefile(source.path):
        raise SegcoreError("The file of rejected rows cannot be the file that is imported.", "Name another one.")
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise SegcoreError(
            f"“{path}” cannot be written: {(error.strerror or 'unknown reason').lower()}.", "Name another file."
        ) from None
