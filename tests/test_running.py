"""docs/running.md is followed here as far as one machine without a service manager can: its files and its scripts are read from the page."""

import configparser
import os
import re
import shlex
import sqlite3
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from segcore import bootstrap
from segcore.cli import segcore
from segcore.model import LOCAL_OWNER
from segcore.settings import SETTINGS, Settings

ROOT = Path(__file__).resolve().parents[1]
TOLD = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TOLD, re.DOTALL)
NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)

# What stands for the machine that the page speaks of: no service manager, no other user.
SHIMS = {
    "systemctl": "#!/bin/sh\n",
    "git": "#!/bin/sh\necho 0123abc\n",
    "runuser": '#!/bin/sh\nshift 3\nexec "$@"\n',
}


def file(path: str) -> str:
    """The block that follows the first name of a file in the page."""
    _, _, rest = TOLD.partition(f"`{path}`")
    return re.search(r"```\w+\n(.*?)```", rest, re.DOTALL).group(1)  # type: ignore[union-attr]


def commands(section: str, beginning: str) -> str:
    """The block of commands of a section that holds a line beginning so."""
    _, _, rest = TOLD.partition(f"\n## {section}\n")
    found = re.findall(r"```sh\n(.*?)```", rest.split("\n## ")[0], re.DOTALL)
    return next(block for block in found if beginning in block)


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[method-assign,assignment]
    read.read_string(file("/etc/systemd/system/segcore.service"))
    return read


def test_every_setting_it_names_exists() -> None:
    assert set(re.findall(r"SEGCORE_[A-Z_]+", TOLD)) <= {setting.name for setting in SETTINGS}


def test_the_environment_file_can_be_meant() -> None:
    told = dict(line.split("=", 1) for line in file("/etc/segcore/environment").splitlines())
    settings = Settings.from_environment(told)
    assert settings.secure
    assert str(settings.data) == f"/var/lib/{unit()['Service']['StateDirectory']}"
    database = next(body for kind, body in BLOCKS if kind == "ini" and body.startswith("SEGCORE_DATABASE_URL="))
    assert Settings.from_environment(
        {"SEGCORE_DATABASE_URL": shlex.split(database)[0].split("=", 1)[1]}
    ).database_url.startswith("postgresql+psycopg:///segcore?")


def test_the_unit_starts_what_is_there() -> None:
    service = unit()["Service"]
    python, *rest = shlex.split(service["ExecStart"])
    assert python == f"{service['WorkingDirectory']}/.venv/bin/python"
    assert rest == ["-m", "segcore", "serve"]
    assert "serve" in segcore.commands
    assert service["EnvironmentFile"] == "/etc/segcore/environment"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"


def test_every_verb_it_runs_exists() -> None:
    lines = [line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines()]
    used = [shlex.split(line)[1:] for line in lines if line.startswith("segcore ")]
    assert used
    for words in used:
        found: click.Command = segcore
        for word in words:
            if isinstance(found, click.Group):
                found = found.commands[word]


def test_the_proxies_agree_with_the_server() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for name, room in (
        ("/etc/nginx/sites-available/segcore", r"client_max_body_size (\d+)m;"),
        ("/etc/caddy/Caddyfile", r"max_size (\d+)MiB"),
    ):
        proxy = file(name)
        assert int(re.search(room, proxy).group(1)) > config["server"]["maxUploadSize"]  # type: ignore[union-attr]
        assert f"127.0.0.1:{Settings.from_environment({}).port}" in proxy
        assert "/_stcore/metrics" in proxy
    nginx = file("/etc/nginx/sites-available/segcore")
    for needed in ("Strict-Transport-Security", "Upgrade $http_upgrade", "X-Forwarded-For $remote_addr", "Host $host"):
        assert needed in nginx


class Machine:
    """A folder that stands for `/`: the paths of the page lead into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "var/lib/segcore"
        for name, text in SHIMS.items():
            self.write(f"bin/{name}", text)
        self.write("etc/segcore/environment", self.here(file("/etc/segcore/environment")))
        self.write("sbin/segcore-backup", self.here(file("/usr/local/sbin/segcore-backup")))
        self.write("sbin/segcore", self.here(file("/usr/local/sbin/segcore")))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o700)

    def here(self, text: str) -> str:
        """The same with our folders, our Python, and whoever runs the tests as the owner."""
        text = text.replace("/opt/segcore/.venv/bin/python", sys.executable).replace("/opt/segcore", str(ROOT))
        text = re.sub(r"/(var/lib|var/backups|etc)/segcore", rf"{self.root}/\1/segcore", text)
        return text.replace("-o segcore -g segcore ", "")

    def run(self, script: str) -> str:
        path = f"{self.root}/bin:{self.root}/sbin:{os.environ['PATH']}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SEGCORE_")}
        done = subprocess.run(
            ["sh", "-euc", self.here(script)],
            env={**environment, "PATH": path},
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def settings(self) -> Settings:
        return Settings(database_url=f"sqlite:///{self.data / 'segcore.db'}", data=self.data)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_was_backed_up_is_there_again_after_a_restore(machine: Machine) -> None:
    running = bootstrap.start(machine.settings(), now=NOW)  # it stays open: the copy is made beside a server
    running.agents.add(LOCAL_OWNER, name="ann", email="ann@example.com", role="admin", now=NOW)
    folder = Path(machine.run(commands("Backup", "segcore-backup\n").splitlines()[-1]).strip())
    assert {file.name for file in folder.iterdir()} == {"segcore.db", "secret.key", "environment", "version"}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in (folder, *folder.iterdir()))
    with sqlite3.connect(folder / "segcore.db") as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    key = running.settings.key()
    running.agents.add(LOCAL_OWNER, name="ben", email="ben@example.com", role="viewer", now=NOW)
    running.presence.close()
    running.database.close()
    (machine.data / "secret.key").unlink()

    machine.run(commands("Restore", "segcore.db-wal"))

    assert stat.S_IMODE((machine.data / "segcore.db").stat().st_mode) == 0o600
    restored = bootstrap.start(machine.settings(), now=NOW)
    assert [agent.name for agent in restored.agents.all(LOCAL_OWNER)] == ["ann"]
    assert restored.settings.key() == key
    restored.presence.close()
    restored.database.close()


def test_the_command_line_of_the_page_finds_the_settings(machine: Machine) -> None:
    workspace = bootstrap.start(machine.settings(), now=NOW)
    workspace.agents.add(LOCAL_OWNER, name="ann", email="ann@example.com", role="admin", now=NOW)
    workspace.presence.close()
    workspace.database.close()
    link = commands("The first admin", "agents link").splitlines()[-1]
    assert "https://segments.example.org/?link=" in machine.run(link)
