"""The workspace's own settings: its name, its calendar, and what is allowed beyond the roles."""

from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segcore import store
from segcore.access import Verb, require
from segcore.model import Agent, Entry, Workspace
from segcore.problems import SegcoreError
from segcore.rules.by_days import asks_for_days
from segcore.rules.tree import segments_in
from segcore.services.audit import changed
from segcore.services.present import Presence, Present
from segcore.store.database import Database

LONGEST_NAME = 100
WEEK_STARTS = ("monday", "sunday")


class Workspaces:
    """Reading and changing them."""

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence

    def get(self, agent: Agent) -> Workspace:
        """As they are."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return store.workspace.get(connection)

    def change(self, agent: Agent, wanted: Workspace, *, now: datetime) -> Workspace:
        """As they are from now on; only admins."""
        require(agent, Verb.SETTINGS)
        wanted = _checked(wanted)
        with self._database.write() as connection:
            stored = store.workspace.get(connection)
            if wanted == stored:
                return stored
            position = store.log.append(
                connection, at=now, agent=agent.name, what="settings changed", entity="workspace", amount=1
            )
            store.workspace.save(connection, wanted, position)
            before, after = changed(asdict(stored), asdict(wanted))
            store.audit.append(
                connection,
                Entry(
                    at=now,
                    agent=agent.name,
                    what="settings changed",
                    entity="workspace",
                    name=wanted.name,
                    before=before,
                    after=after,
                ),
            )
        return wanted

    def zone_effects(
        self, agent: Agent, time_zone: str, week_start: str, *, now: datetime
    ) -> list[tuple[str, int, int]]:
        """What another calendar would change: each segment that asks for calendar days, itself or through one that it
        refers to, with its count before and after."""
        require(agent, Verb.SETTINGS)
        wanted = _checked(replace(self.get(agent), time_zone=time_zone, week_start=week_start))
        present, visible = self._presence.current(), self._presence.visible(agent)
        here, there = present.at(now), replace(present, workspace=wanted).at(now)
        found, asking = [], _asking_for_days(present)
        for key, segment in visible.items():
            if key in asking:
                entity, rule = present.rules[key]
                before, after = here.bits(entity, rule).count(), there.bits(entity, rule).count()
                found.append((segment.name, before, after))
        return found


def _asking_for_days(present: Present) -> set[str]:
    """The keys of the segments that another calendar may change."""
    asking = {key for key, (entity, rule) in present.rules.items() if asks_for_days(rule, entity, present.schema)}
    spreading = True
    while spreading:
        more = {key for key, (_, rule) in present.rules.items() if key not in asking and segments_in(rule) & asking}
        asking |= more
        spreading = bool(more)
    return asking


def _checked(wanted: Workspace) -> Workspace:
    name = " ".join(wanted.name.split())
    if not name:
        raise SegcoreError("A workspace needs a name.")
    if len(name) > LONGEST_NAME:
        raise SegcoreError(f"The name has {len(name)} characters; {LONGEST_NAME} are the most.")
    try:
        ZoneInfo(wanted.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SegcoreError(
            f"“{wanted.time_zone}” is not the name of a time zone.", "Names look like Europe/Dublin or UTC."
        ) from None
    if wanted.week_start not in WEEK_STARTS:
        raise SegcoreError(f"A week begins on {' or '.join(WEEK_STARTS)}.")
    return replace(wanted, name=name)
