"""Everything that the environment can say, each checked before anything starts."""

import ipaddress
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
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
    Setting(
        "SEGCORE_ADDRESS",
        "127.0.0.1",
        "The address on which `make run` and `serve` listen: this machine alone, unless it says `0.0.0.0` or another one.",
    ),
    Setting("SEGCORE_PORT", "8501", "The port on which `make run` and `serve` listen."),
    Setting(
        "SEGCORE_PUBLIC_URL",
        "http://<SEGCORE_ADDRESS>:<SEGCORE_PORT>",
        "Where browsers find the product, such as `https://segments.example.org`: its host is answered, links begin with it, "
        "and with https the cookie only travels encrypted.",
    ),
    Setting(
        "SEGCORE_SECRET_KEY",
        "<SEGCORE_DATA>/secret.key",
        "The key under which sessions and links are kept, at least 32 bytes of chance. Where it is not set, a file is made once, "
        "which only its owner may read.",
    ),
)

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
KEY_FILE, KEY_BYTES = "secret.key", 32
# What stands in examples and guides; a key that is little more than one of these is known to everybody.
KNOWN_KEYS = (
    "some_key",
    "random_signature_key",
    "some_random_key",
    "changeme",
    "change_me",
    "change-me",
    "secret",
    "password",
    "passwort",
    "default",
    "example",
    "segcore",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiop",
    "your",
    "key",
)
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told."""

    database_url: str
    data: Path
    time_zone: str = "UTC"
    demo: bool = True
    address: str = "127.0.0.1"
    port: int = 8501
    public_url: str = ""
    secret_key: str = field(default="", repr=False)

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
            address=_address(value("SEGCORE_ADDRESS")),
            port=_port(value("SEGCORE_PORT")),
            public_url=_public_url(said.get("SEGCORE_PUBLIC_URL", "").strip()),
            secret_key=_secret_key(said.get("SEGCORE_SECRET_KEY", "").strip()),
        )

    @property
    def url(self) -> str:
        """Where browsers find the product; links begin with it."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if ipaddress.ip_address(self.address).is_unspecified else self.address
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that the cookie never travels otherwise."""
        return self.public_url.startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the product answers. A page of another site could point a name of its own at this machine."""
        own = urlsplit(self.url).hostname or ""
        return tuple(dict.fromkeys(("127.0.0.1", "localhost", own)))

    def key(self) -> bytes:
        """The key under which tokens are kept: that of the environment, or a file's, made once."""
        return (self.secret_key or _kept_key(self.data / KEY_FILE)).encode()

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


def _address(said: str) -> str:
    try:
        return str(ipaddress.ip_address("127.0.0.1" if said == "localhost" else said))
    except ValueError:
        raise SegcoreError(
            f"SEGCORE_ADDRESS: “{said}” is not an address of this machine.", "It looks like 127.0.0.1 or 0.0.0.0."
        ) from None


def _public_url(said: str) -> str:
    if not said:
        return ""
    wrong = SegcoreError(
        "SEGCORE_PUBLIC_URL is not the address of a site.",
        "It looks like https://segments.example.org, without a path.",
    )
    try:
        read = urlsplit(said)
        host, port = read.hostname, read.port
    except ValueError:
        raise wrong from None
    if read.scheme not in ("http", "https") or not host or read.username is not None or not said.isprintable():
        raise wrong
    if read.path not in ("", "/") or read.query or read.fragment or any(c.isspace() or c in "*\\" for c in said):
        raise wrong
    host = f"[{host}]" if ":" in host else host
    return f"{read.scheme}://{host}" + ("" if port is None else f":{port}")


def _secret_key(said: str, where: str = "SEGCORE_SECRET_KEY") -> str:
    if not said:
        return ""
    trouble = weakness(said)
    if trouble is not None:
        raise SegcoreError(
            f"{where} {trouble}.", "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` prints a good one."
        )
    return said


def weakness(key: str) -> str | None:
    """What is wrong with a key, in words; None where nothing is."""
    if len(key.encode("utf-8", "surrogatepass")) < KEY_BYTES:
        return f"is shorter than {KEY_BYTES} bytes"
    rest = key.casefold()
    for known in KNOWN_KEYS:
        rest = rest.replace(known, "")
    if len(rest) < KEY_BYTES // 2:
        return "is one that stands in examples"
    if len(set(key)) < 10 or key in (key + key)[1:-1]:
        return "repeats itself"
    return None


def _kept_key(file: Path) -> str:
    """What the file holds; whoever comes first makes it, whole, and nobody else may read it."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            _make_key(file)
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it does not hold a key"
        raise SegcoreError(
            f"The key file {file} cannot be used: {reason}.", "SEGCORE_SECRET_KEY can hold the key instead."
        ) from None
    return _secret_key(key or "empty", f"The key in {file}")


def _make_key(file: Path) -> None:
    # A link appears whole or not at all, and fails where another process was first: then its key is the one.
    made = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(made, file)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            made.replace(file)
    finally:
        made.unlink(missing_ok=True)
