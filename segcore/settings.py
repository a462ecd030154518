"""Everything that the environment can say, each checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segcore.problems import SegcoreError

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable, as the docs list it."""

    name: str
    default: str
    does: str


SETTINGS = (
    Setting(
        "SEGCORE_DATABASE_URL",
        "sqlite:///<SEGCORE_DATA>/segcore.db",
        "Where the data is kept: `sqlite:///path/to/file.db` or `postgresql+psycopg://user:password@host/name`.",
    ),
    Setting(
        "SEGCORE_DATA",
        "data",
        "The folder of the snapshot and, unless SEGCORE_DATABASE_URL says otherwise, of the database. "
        "It is made where it does not exist; the default is in the project's own folder.",
    ),
    Setting(
        "SEGCORE_TIME_ZONE",
        "UTC",
        "The IANA time zone of a new workspace, such as `Europe/Dublin`; later it is changed in the settings.",
    ),
    Setting("SEGCORE_DEMO", "yes", "`yes` fills a new database with the demo workspace, `no` starts empty."),
    Setting("SEGCORE_PORT", "8501", "The port on which `make run` and `serve` listen."),
)

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told."""

    database_url: str
    data: Path
    time_zone: str = "UTC"
    demo: bool = True
    port: int = 8501

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Those of the environment; raises SegcoreError with the name of the setting that cannot be meant."""
        said = os.environ if environment is None else environment

        def value(name: str) -> str:
            return said.get(name, "").strip() or _DEFAULTS[name]

        data = Path(value("SEGCORE_DATA")).expanduser()
        data = data if data.is_absolute() else ROOT / data
        url = said.get("SEGCORE_DATABASE_URL", "").strip() or f"sqlite:///{data / 'segcore.db'}"
        return cls(
            database_url=url,
            data=data,
            time_zone=_time_zone(value("SEGCORE_TIME_ZONE")),
            demo=_yes("SEGCORE_DEMO", value("SEGCORE_DEMO")),
            port=_port(value("SEGCORE_PORT")),
        )

    def at(self, url: str | None) -> "Settings":
        """The same with another database. Its snapshot never meets this one's: beside a file of SQLite, else by its address."""
        if url is None or url == self.database_url:
            return self
        if url.startswith("sqlite:///"):
            file = Path(url.removeprefix("sqlite:///").split("?")[0]).absolute()
            return replace(self, database_url=url, data=file.with_name(f"{file.name}-snapshot"))
        return replace(self, database_url=url, data=self.data / f"at-{sha256(url.encode()).hexdigest()[:12]}")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SegcoreError(
            f"SEGCORE_TIME_ZONE: “{name}” is not the name of a time zone.", "Names look like Europe/Dublin or UTC."
        ) from None
    return name


def _yes(setting: str, said: str) -> bool:
    if said.casefold() not in _YES + _NO:
        raise SegcoreError(f"{setting}: “{said}” is neither yes nor no.")
    return said.casefold() in _YES


def _port(said: str) -> int:
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:6]) <= 65_535):
        raise SegcoreError(f"SEGCORE_PORT: “{said}” is not a port.", "A port is a whole number from 1 to 65535.")
    return int(said)
