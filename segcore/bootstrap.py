"""The only place that builds things: settings → database, snapshots, engine, services."""

import sys
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from segcore import store
from segcore.engine.evaluation import Engine
from segcore.engine.snapshot import Snapshots
from segcore.model import LOCAL_OWNER, Workspace
from segcore.services.agents import Agents
from segcore.services.attributes import Attributes
from segcore.services.audit import Audit
from segcore.services.curves import Curves
from segcore.services.demo import Demo
from segcore.services.drafts import Drafts
from segcore.services.filters import Filters
from segcore.services.folders import Folders
from segcore.services.imports import Imports
from segcore.services.people import People
from segcore.services.present import Presence
from segcore.services.segments import Segments
from segcore.services.sessions import Sessions
from segcore.services.views import Views
from segcore.services.workspaces import Workspaces
from segcore.settings import Settings
from segcore.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The verbs of the product, ready to be called; every one takes the agent first."""

    settings: Settings
    database: Database
    new: bool  # made just now
    presence: Presence
    filters: Filters
    curves: Curves
    people: People
    segments: Segments
    folders: Folders
    drafts: Drafts
    views: Views
    attributes: Attributes
    imports: Imports
    demo: Demo
    sessions: Sessions
    agents: Agents
    workspace_settings: Workspaces
    audit: Audit


def clock() -> datetime:
    """The instant, for those at the outer edge who hand it on."""
    return datetime.now(UTC)


def start(settings: Settings, *, now: datetime | None = None) -> Services:
    """Open the workspace of these settings, making or migrating its tables; a new one gets the predefined segments."""
    database = Database(settings.database_url)
    database.migrate()
    return assemble(settings, database, now=now)


def assemble(settings: Settings, database: Database, *, now: datetime | None = None) -> Services:
    """The services over a database whose tables are there."""
    key = settings.key()
    with database.read() as connection:
        new = not store.workspace.saved(connection)
    if new:
        _settle(database, settings, now or clock())
    presence = Presence(database, Snapshots(database, settings.data), Engine())
    segments = Segments(database, presence)
    segments.ensure_predefined(now or clock())
    return Services(
        settings=settings,
        database=database,
        new=new,
        presence=presence,
        filters=Filters(presence),
        curves=Curves(presence),
        people=People(database, presence),
        segments=segments,
        folders=Folders(database),
        drafts=Drafts(database, presence),
        views=Views(database),
        attributes=Attributes(database, presence),
        imports=Imports(database),
        demo=Demo(database),
        sessions=Sessions(database, key),
        agents=Agents(database),
        workspace_settings=Workspaces(database, presence),
        audit=Audit(database),
    )


def _settle(database: Database, settings: Settings, now: datetime) -> None:
    """A new workspace takes the time zone of the settings; after that it is changed in the product."""
    with database.write() as connection:
        position = store.log.append(connection, at=now, agent="segcore", what="workspace made", entity="workspace")
        store.workspace.save(connection, Workspace(time_zone=settings.time_zone), position)


def open_product(port: int | None = None) -> None:
    """What a server does before it answers: open the workspace, and fill a new one with the demo; say where it is, and how
    the first admin comes in. `port` is where it listens, if not where the settings say.

    The people are read beside that, so that it answers at once also where there are millions; whoever asks for them
    before they are there waits for the same reading.
    """
    product = services()
    if product.settings.demo and product.new:
        product.demo.fill(LOCAL_OWNER, now=clock())
    product.drafts.forget_old(now=clock())
    product.sessions.clean(now=clock())
    _welcome(product, product.settings if port is None else replace(product.settings, port=port))
    threading.Thread(target=product.presence.current, name="first-reading", daemon=True).start()


def _welcome(product: Services, settings: Settings) -> None:
    """Where nobody can sign in as admin yet, the link that makes the first one, to whoever sees the server start."""
    url = settings.url
    said = f"Segcore is at {url}\n"
    token = product.sessions.setup_link(now=clock())
    if token is not None:
        said += f"Nobody can sign in yet. This link makes the first admin, once: {url}/?link={token}\n"
    sys.stdout.write(said)
    sys.stdout.flush()  # into a log or a pipe it would wait otherwise


def close_product() -> None:
    """Leave nothing half written, and the snapshot on disk for the next start."""
    product = services()
    product.presence.close()
    product.database.close()


@cache
def services() -> Services:
    """Those of this process, opened once by what the environment says."""
    return start(Settings.from_environment())
