"""`python -m segcore serve`: it starts in time, answers on this machine alone, and ends when told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A server on a new database, filled with the demo as it starts."""
    environment = {**os.environ, "SEGCORE_DATA": str(tmp_path), "SEGCORE_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    environment.pop("SEGCORE_DATABASE_URL", None)
    command = [sys.executable, "-m", "segcore", "serve"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    yield process
    if process.poll() is None:
        process.kill()
        process.wait(10)


def healthy(port: int, seconds: float) -> dict[str, object]:
    """What /healthz answers, once it does."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                told: dict[str, object] = json.load(answer)
                return told
        except OSError:
            assert time.monotonic() < until, "/healthz does not answer"
            time.sleep(0.1)


def test_a_new_workspace_answers_in_time_and_on_this_machine_alone(
    server: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    assert healthy(port, 15)["status"] == "ok"
    # Everything of 127.0.0.0/8 is this machine; what listens on all addresses would answer here too.
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", port)) != 0
    environment = {**os.environ, "SEGCORE_DATA": str(tmp_path), "SEGCORE_PORT": str(port)}
    environment.pop("SEGCORE_DATABASE_URL", None)
    again = subprocess.run(
        [sys.executable, "-m", "segcore", "serve"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert f"Port {port} is taken" in again.stderr
    counted = subprocess.run(
        [sys.executable, "-m", "segcore", "segments", "list", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {row["total"] for row in json.loads(counted.stdout)} == {5_000}
    server.send_signal(signal.SIGINT)
    assert server.wait(10) in (0, -signal.SIGINT, 130)
    assert server.stdout is not None
    said = server.stdout.read()
    assert f"http://127.0.0.1:{port}" in said
    assert f"This link makes the first admin, once: http://127.0.0.1:{port}/?link=" in said
    assert "Traceback" not in said


def test_a_setting_that_cannot_be_meant_stops_the_start() -> None:
    for name, value in (
        ("SEGCORE_PORT", "many"),
        ("SEGCORE_TIME_ZONE", "Dublin"),
        ("SEGCORE_DEMO", "perhaps"),
        ("SEGCORE_SECRET_KEY", "changeme" * 5),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "segcore", "serve"],
            cwd=ROOT,
            env={**os.environ, name: value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert name in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_database_named_by_a_relative_path_is_the_same_file_for_the_server(port: int, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEGCORE_DEMO": "no"}
    command = [sys.executable, "-m", "segcore", "--database", "sqlite:///here.db", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    try:
        healthy(port, 30)
        assert (tmp_path / "here.db").exists()
        assert not (ROOT / "here.db").exists()
    finally:
        process.terminate()
        process.wait(10)
