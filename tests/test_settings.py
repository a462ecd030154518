"""What the environment can say, and how it is told what it cannot."""

import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from segcore.problems import SegcoreError
from segcore.settings import ROOT, SETTINGS, Settings

GOOD = "kX3vB7-q0Zt_9wLrY2nHd8sPfJ6mCgEa"


def test_nothing_said_is_the_embedded_default() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings(database_url=f"sqlite:///{ROOT / 'data' / 'segcore.db'}", data=ROOT / "data")
    assert (settings.time_zone, settings.demo, settings.port) == ("UTC", True, 8501)
    assert Settings.from_environment({setting.name: "  " for setting in SETTINGS}) == settings


def test_everything_can_be_said(tmp_path: Path) -> None:
    said = {
        "SEGCORE_DATABASE_URL": "postgresql+psycopg://localhost/crm",
        "SEGCORE_DATA": str(tmp_path),
        "SEGCORE_TIME_ZONE": "Europe/Dublin",
        "SEGCORE_DEMO": "No",
        "SEGCORE_ADDRESS": "0.0.0.0",
        "SEGCORE_PORT": "9000",
        "SEGCORE_PUBLIC_URL": "https://segments.example.org/",
        "SEGCORE_SECRET_KEY": GOOD,
    }
    assert set(said) == {setting.name for setting in SETTINGS}
    assert Settings.from_environment(said) == Settings(
        database_url="postgresql+psycopg://localhost/crm",
        data=tmp_path,
        time_zone="Europe/Dublin",
        demo=False,
        address="0.0.0.0",
        port=9000,
        public_url="https://segments.example.org",
        secret_key=GOOD,
    )


def test_the_database_lies_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SEGCORE_DATA": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/segcore.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEGCORE_TIME_ZONE", "Europe/Atlantis"),
        ("SEGCORE_TIME_ZONE", "../etc/passwd"),
        ("SEGCORE_TIME_ZONE", "Europe"),
        ("SEGCORE_DEMO", "maybe"),
        ("SEGCORE_PORT", "http"),
        ("SEGCORE_PORT", "0"),
        ("SEGCORE_PORT", "-1"),
        ("SEGCORE_PORT", "65536"),
        ("SEGCORE_PORT", "８５０１"),
        ("SEGCORE_PORT", "9" * 5_000),
        ("SEGCORE_ADDRESS", "example.org"),
        ("SEGCORE_ADDRESS", "127.0.0.1:80"),
        ("SEGCORE_PUBLIC_URL", "segments.example.org"),
        ("SEGCORE_PUBLIC_URL", "ftp://segments.example.org"),
        ("SEGCORE_PUBLIC_URL", "https://"),
        ("SEGCORE_PUBLIC_URL", "https://*"),
        ("SEGCORE_PUBLIC_URL", "https://me:secret@segments.example.org"),
        ("SEGCORE_PUBLIC_URL", "https://example.org/segments"),
        ("SEGCORE_PUBLIC_URL", "https://example.org:http"),
        ("SEGCORE_PUBLIC_URL", "https://example.org/?link=x"),
        ("SEGCORE_PUBLIC_URL", "https://exam ple.org"),
    ],
)
def test_what_cannot_be_meant_is_told_by_the_name_of_its_setting(name: str, value: str) -> None:
    with pytest.raises(SegcoreError, match=name):
        Settings.from_environment({name: value})


# The key

WEAK = [
    "x",
    "some_key",
    "a" * 31,
    "a" * 64,
    "0123456789" * 4,
    "abababababababababababababababababab",
    "kX3vB7-q0Zt" * 3,
    "changeme-changeme-changeme-changeme-changeme",
    "your-secret-key-segcore-example-default-key",
    "abcdefghijklmnopqrstuvwxyz0123456789",
]


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_keeps_the_product_from_starting(key: str, tmp_path: Path) -> None:
    with pytest.raises(SegcoreError, match="SEGCORE_SECRET_KEY") as refused:
        Settings.from_environment({"SEGCORE_SECRET_KEY": key})
    assert key not in str(refused.value) or len(key) < 2
    (tmp_path / "secret.key").write_text(key + "\n")
    with pytest.raises(SegcoreError, match=r"secret\.key"):
        Settings.from_environment({"SEGCORE_DATA": str(tmp_path)}).key()


def test_a_key_of_the_environment_is_taken_and_never_shown(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SEGCORE_DATA": str(tmp_path), "SEGCORE_SECRET_KEY": GOOD})
    assert settings.key() == GOOD.encode()
    assert GOOD not in repr(settings)
    assert not list(tmp_path.iterdir())


def _key(folder: Path) -> bytes:
    return Settings.from_environment({"SEGCORE_DATA": str(folder)}).key()


def test_a_key_is_made_once_also_by_many_at_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        keys = set(processes.map(_key, [folder] * 32))
    assert keys == {_key(folder)}
    assert len(keys.pop()) >= 32
    assert [file.name for file in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert _key(tmp_path / "another") != _key(folder)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff" * 40, "ü".encode() * 40])
def test_a_file_that_holds_no_key_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SegcoreError, match=r"secret\.key"):
        _key(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SegcoreError, match="cannot be used") as told:
        _key(tmp_path / "file")
    assert "SEGCORE_SECRET_KEY" in told.value.hint


# Where browsers find the product


@pytest.mark.parametrize(
    ("said", "url", "hosts", "secure"),
    [
        ({}, "http://127.0.0.1:8501", ("127.0.0.1", "localhost"), False),
        ({"SEGCORE_ADDRESS": "0.0.0.0"}, "http://127.0.0.1:8501", ("127.0.0.1", "localhost"), False),
        (
            {"SEGCORE_ADDRESS": "192.0.2.7", "SEGCORE_PORT": "80"},
            "http://192.0.2.7:80",
            ("127.0.0.1", "localhost", "192.0.2.7"),
            False,
        ),
        (
            {"SEGCORE_PUBLIC_URL": "https://Segments.example.org/"},
            "https://segments.example.org",
            ("127.0.0.1", "localhost", "segments.example.org"),
            True,
        ),
        (
            {"SEGCORE_PUBLIC_URL": "http://segments.example.org:8080"},
            "http://segments.example.org:8080",
            ("127.0.0.1", "localhost", "segments.example.org"),
            False,
        ),
    ],
)
def test_links_and_hosts_follow_the_public_address(
    said: dict[str, str], url: str, hosts: tuple[str, ...], secure: bool
) -> None:
    settings = Settings.from_environment(said)
    assert (settings.url, settings.hosts, settings.secure) == (url, hosts, secure)


def test_a_file_system_without_links_keeps_the_key_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", refused)
    assert _key(tmp_path) == _key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
