"""What has to hold for the product to run, each checked and each with what mends it."""

import ipaddress
import os
import socket
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from segcore.cli.frame import Context
from segcore.problems import SegcoreError
from segcore.settings import KEY_FILE, ROOT

State = Literal["ok", "look", "mend"]
SIGNS = {"ok": "✓", "look": "!", "mend": "✕"}

# What .streamlit/config.toml must say, and why.
CONFIG: tuple[tuple[str, str, object, str], ...] = (
    ("client", "showErrorDetails", "none", "a visitor must not see a traceback"),
    ("server", "enableXsrfProtection", True, "no other site may send anything in an agent's name"),
    ("server", "enableCORS", True, "no other site may connect to a page"),
    ("server", "enableAgentApi", False, "pages are for people who signed in"),
    ("server", "enableStaticServing", False, "no file is given out without sign-in"),
)
UPLOAD = 50  # megabytes, which whoever is signed in can put into memory


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: fine, worth a look, or to be mended."""

    check: str
    state: State
    found: str
    mend: str = ""


def examine(context: Context) -> list[Finding]:
    """Everything, in the order in which it matters; a check that breaks is itself a finding."""
    checks: tuple[tuple[str, Callable[[Context], Iterator[Finding]]], ...] = (
        ("Python", _python),
        ("Packages", _packages),
        ("Settings", _settings),
        ("Data folder", _folder),
        ("Database", _database),
        ("Key", _key),
        ("File modes", _modes),
        ("Configuration", _configuration),
        ("Address", _address),
        ("Port", _port),
    )
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings += check(context)
        except SegcoreError as trouble:
            findings.append(Finding(name, "mend", trouble.message, trouble.hint))
    return findings


def port_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether nobody listens there yet."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _python(_: Context) -> Iterator[Finding]:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < (3, 11, 10):
        # CVE-2024-6923: its e-mail package lets a crafted subject add headers. We send no mail yet.
        yield Finding(
            "Python", "look", found, "Versions from 3.11.10 on have fixes of the e-mail package; prefer one of them."
        )
    else:
        yield Finding("Python", "ok", found)


def _packages(_: Context) -> Iterator[Finding]:
    wrong = []
    lines = [
        line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    pinned = dict(line.split("==") for line in lines if "==" in line)
    for name, wanted in pinned.items():
        try:
            found = metadata.version(name.split("[")[0])
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != wanted:
            wrong.append(f"{name} {found} instead of {wanted}")
    if wrong:
        yield Finding("Packages", "mend", "; ".join(wrong), "Run make setup, or pip install -r requirements.txt.")
    else:
        yield Finding("Packages", "ok", f"all {len(pinned)} as pinned")


def _settings(context: Context) -> Iterator[Finding]:
    settings = context.settings
    unknown = sorted(name for name in os.environ if name.startswith("SEGCORE_") and name not in _known())
    yield Finding("Settings", "ok", f"time zone of a new workspace {settings.time_zone}, port {settings.port}")
    if unknown:
        yield Finding("Settings", "look", f"unknown: {', '.join(unknown)}", "Nothing reads them; is a name misspelled?")


def _known() -> set[str]:
    from segcore.settings import SETTINGS

    return {setting.name for setting in SETTINGS} | {"SEGCORE_REAL_DATA"}


def _folder(context: Context) -> Iterator[Finding]:
    folder = context.settings.data
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(
            "Data folder", "mend", f"{folder} cannot be written", "Give yourself the right to, or set SEGCORE_DATA."
        )
    else:
        made = "" if folder.exists() else ", will be made"
        yield Finding("Data folder", "ok", f"{folder} can be written{made}")


def _database(context: Context) -> Iterator[Finding]:
    from segcore.services.health import examine

    yield from (Finding(*told) for told in examine(context.settings.database_url, context.settings.data))


def _configuration(_: Context) -> Iterator[Finding]:
    file = Path(ROOT / ".streamlit" / "config.toml")
    if not file.exists():
        yield Finding("Configuration", "mend", "there is no .streamlit/config.toml", "Get it back from the repository.")
        return
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    wrong = False
    for section, name, wanted, why in CONFIG:
        found = told.get(section, {}).get(name)
        if found != wanted:
            wrong = True
            yield Finding(
                "Configuration",
                "mend",
                f"{section}.{name} is {found!r}",
                f"Set it to {wanted!r} in {file.name}: {why}.",
            )
    cap = told.get("server", {}).get("maxUploadSize")
    if not isinstance(cap, int) or cap > UPLOAD:
        wrong = True
        yield Finding(
            "Configuration",
            "mend",
            f"server.maxUploadSize is {cap!r}",
            f"Set it to {UPLOAD} in {file.name}: an upload is held in memory.",
        )
    if not wrong:
        yield Finding(
            "Configuration", "ok", f"error details off, cross-site protection on, uploads of {UPLOAD} MB at most"
        )


def _key(context: Context) -> Iterator[Finding]:
    settings, file = context.settings, context.settings.data / KEY_FILE
    if settings.secret_key:
        yield Finding("Key", "ok", "SEGCORE_SECRET_KEY is long enough and in no example")
    elif not file.exists():
        yield Finding("Key", "ok", f"{file} does not exist yet; the first start makes it")
    else:
        settings.key()  # what is wrong with it is told by the error
        yield Finding("Key", "ok", f"{file} is long enough and in no example")


def _modes(context: Context) -> Iterator[Finding]:
    """Whether others on this machine can read what nobody but the product should."""
    from segcore.services.health import file_of

    database = file_of(context.settings.database_url)
    files = [context.settings.data / KEY_FILE, *([] if database is None else [database])]
    open_to_all = [file for file in files if file.exists() and file.stat().st_mode & 0o077]
    for file in open_to_all:
        yield Finding("File modes", "mend", f"others on this machine can read {file}", f"Run chmod 600 {file}.")
    if not open_to_all:
        yield Finding("File modes", "ok", "nobody else on this machine reads the key or the database")


def _address(context: Context) -> Iterator[Finding]:
    settings = context.settings
    host = urlsplit(settings.url).hostname or ""
    local = host in ("127.0.0.1", "localhost", "::1")
    if settings.secure or (local and ipaddress.ip_address(settings.address).is_loopback):
        yield Finding("Address", "ok", f"{settings.url}, listening on {settings.address}")
    else:
        yield Finding(
            "Address",
            "look",
            f"{settings.url}, listening on {settings.address}: passwords travel as they are",
            "Put a proxy with TLS before it, and set SEGCORE_PUBLIC_URL to its https address.",
        )


def _port(context: Context) -> Iterator[Finding]:
    port = context.settings.port
    if port_free(port, context.settings.address):
        yield Finding("Port", "ok", f"{port} is free")
    else:
        yield Finding("Port", "look", f"{port} is taken, perhaps by a running Segcore", "Stop it, or set SEGCORE_PORT.")
