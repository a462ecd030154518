"""What the environment can say, and how it is told what it cannot."""

from pathlib import Path

import pytest

from segcore.problems import SegcoreError
from segcore.settings import ROOT, SETTINGS, Settings


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
        "SEGCORE_PORT": "9000",
    }
    assert set(said) == {setting.name for setting in SETTINGS}
    assert Settings.from_environment(said) == Settings(
        database_url="postgresql+psycopg://localhost/crm",
        data=tmp_path,
        time_zone="Europe/Dublin",
        demo=False,
        port=9000,
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
    ],
)
def test_what_cannot_be_meant_is_told_by_the_name_of_its_setting(name: str, value: str) -> None:
    with pytest.raises(SegcoreError, match=name):
        Settings.from_environment({name: value})
