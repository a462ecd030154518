"""The table of rooms: who may import whom, and what nobody may do. A stranger fails; a new package joins here and in ARCHITECTURE.md."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Room:
    """What a room may import: of ours, and of the world beyond the standard library."""

    ours: frozenset[str]
    world: frozenset[str] = frozenset()


def room(ours: str = "", world: str = "") -> Room:
    return Room(frozenset(ours.split()), frozenset(world.split()))


GROUND = "attributes problems"
BELOW = f"{GROUND} rules model access"
SERVED = f"{BELOW} store engine ingest demo services settings"

ROOMS = {
    "problems": room(),
    "settings": room("problems"),
    "attributes": room(world="polars"),
    "rules": room(GROUND, "polars"),
    "model": room("attributes rules"),
    "access": room(f"{GROUND} rules model"),
    "store": room(f"{GROUND} rules model", "sqlalchemy alembic polars"),
    "engine": room(f"{GROUND} rules", "polars numpy"),
    "ingest": room(f"{GROUND} model", "polars"),
    "demo": room(f"{GROUND} model", "polars numpy yaml"),
    "services": room(f"{BELOW} store engine ingest demo", "polars"),
    "bootstrap": room(SERVED),
    "workspace": room(f"{BELOW} bootstrap services settings", "polars"),
    "door": room("bootstrap services", "starlette"),
    "api": room(f"{BELOW} bootstrap door services ingest", "starlette fontpkg_inter"),
    "cli": room(f"{BELOW} bootstrap services ingest settings", "click rich yaml polars"),
    "__main__": room("cli"),
    "__init__": room("model workspace"),
    "ui": room(f"{BELOW} bootstrap door services", "streamlit streamlit_authenticator plotly polars fontpkg_inter"),
    "pages": room("attributes ui", "streamlit"),
    "app": room("api bootstrap door problems settings ui", "streamlit starlette uvicorn"),
}

# The few files that may do what their room may not.
ALSO = {
    "segcore/engine/snapshot.py": room("store"),
    "segcore/engine/disk.py": room(world="pyarrow"),
    "segcore/services/passwords.py": room(world="bcrypt zxcvbn"),
}
# Services hand the connection of one transaction from one store function to the next; that is all they know of SQL.
ONLY = {"services": {"sqlalchemy": {"Connection"}}, "engine": {"sqlalchemy": {"Connection"}}}

FILES = {
    "app.py",
    "Makefile",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "pyproject.toml",
    ".gitignore",
}
FILES |= {"requirements.txt", "requirements-test.txt"}
FOLDERS = {"segcore", "pages", "data", "docs", "benchmarks", "tests", ".ci", ".streamlit"}


def sources() -> list[Path]:
    return sorted([*ROOT.glob("segcore/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"])


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "segcore" else parts[0]


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Every import as (module, name), the name being "" where the whole module is imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)} imports relatively"
            yield from ((node.module or "", alias.name) for alias in node.names)


def strangers(path: Path) -> list[str]:
    """What a file imports although its room may not."""
    name = room_of(path)
    allowed, also, only = ROOMS[name], ALSO.get(place(path), room()), ONLY.get(name, {})
    found = []
    for module, imported in imports(path):
        top, *rest = module.split(".")
        if top == "segcore":
            target = rest[0] if rest else imported
            if target and target != name and target not in allowed.ours | also.ours:
                found.append(f"segcore.{target}")
        elif top not in sys.stdlib_module_names | allowed.world | also.world | {
            top for top in only if imported in only[top]
        }:
            found.append(f"{module}.{imported}".rstrip("."))
    return found


@pytest.mark.parametrize("path", sources(), ids=place)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    assert room_of(path) in ROOMS, f"{place(path)} is in no room of the table"
    assert strangers(path) == []


def test_the_table_sees_a_forbidden_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    page = tmp_path / "pages" / "people.py"
    page.parent.mkdir()
    page.write_text("import sqlalchemy\nfrom segcore import store\nfrom segcore.ui import frame\nimport json\n")
    assert strangers(page) == ["sqlalchemy", "segcore.store"]


def test_nothing_lies_outside_the_rooms() -> None:
    found = {path.name for path in ROOT.iterdir()}
    ours = {name for name in found if not name.startswith(".")} | (found & {".ci", ".streamlit", ".gitignore"})
    made = {"build", "screenshots", "test-results"}  # ignored by git
    assert ours - made <= FILES | FOLDERS
    assert {path.suffix for path in ROOT.glob("pages/*")} <= {".py", ""}


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    named = {path.stem for path in sources()} | {path.parent.name for path in sources()}
    assert not named & {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}


# Files whose length is data: tables of operators, of words.
LONG = {"segcore/store/tables.py"}


@pytest.mark.parametrize("path", sources(), ids=place)
def test_a_file_reads_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 450 or place(path) in LONG, f"{lines} lines"


# What must not stand in a file: the pattern, why, and the files that may.
GUARDS = (
    (
        r"unsafe_allow_html\s*=\s*True|st\.html\(|components\.html|st\.iframe\(",
        "text of people would become markup",
        {"segcore/ui/style.py"},
    ),
    (r"\bst\.download_button", "its addresses need no session and outlive it", set()),
    (r"\btext\(\s*f[\"']", "SQL takes values as parameters, never as text", set()),
    (
        r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(",
        "the clock is an argument",
        {"segcore/bootstrap.py", "segcore/ui/frame.py", "segcore/engine/disk.py"},  # the last one: how old a file is
    ),
    (
        r"\bpickle\b|\bmarshal\b|(?<![.\w])(eval|exec)\(|yaml\.load\([^)]*yaml\.(Unsafe|Full)?Loader",
        "data must not become code",
        set(),
    ),
    (r"shell\s*=\s*True|os\.system\(", "no shell", set()),
    (
        r"st\.cache_(data|resource)|@cache_data",
        "what is kept for everyone may show one agent what another may see",
        set(),
    ),
    (
        r"random\.(random|choice|randint|shuffle)\(",
        "chance is an argument or seeded",
        {"segcore/demo/population.py", "segcore/demo/events.py", "segcore/demo/documents.py"},
    ),
)


@pytest.mark.parametrize(("pattern", "why", "may"), GUARDS, ids=[why for _, why, _ in GUARDS])
def test_what_nobody_may_do(pattern: str, why: str, may: set[str]) -> None:
    found = [
        f"{place(path)}:{number}"
        for path in sources()
        if place(path) not in may
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line.split("#")[0]) and not line.lstrip().startswith(('"', "'"))
    ]
    assert not found, f"{why}: {found}"


# Who reads JSON: the store what it wrote itself; the others with everything refused that JSON does not have.
OWN_JSON = re.compile(r"^segcore/(store|engine)/|^segcore/ingest/documents.py")


def test_json_from_outside_is_read_strictly() -> None:
    loose = [
        place(path)
        for path in sources()
        if not OWN_JSON.match(place(path))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("json.loads", "json.load", "loads")
        and not {"parse_constant", None} & {keyword.arg for keyword in node.keywords}  # None: passed on as **
    ]
    assert not loose


# Rooms that answer from their arguments alone.
PURE = ("rules", "access", "engine", "attributes", "model", "problems")
OUTSIDE = {"os", "pathlib", "socket", "subprocess", "sqlite3", "urllib", "http", "tempfile", "shutil", "time"}
TOUCHES_DISK = {
    "segcore/engine/snapshot.py",
    "segcore/engine/disk.py",
    "segcore/rules/docs.py",
}  # the last one writes docs/operators.md


@pytest.mark.parametrize("path", [path for path in sources() if room_of(path) in PURE], ids=place)
def test_what_a_rule_means_depends_on_nothing_outside(path: Path) -> None:
    reached = {module.split(".")[0] for module, _ in imports(path)} & OUTSIDE
    assert not reached or place(path) in TOUCHES_DISK, reached


def test_every_page_enters_by_the_frame() -> None:
    for page in sorted(ROOT.glob("pages/*.py")):
        assert "enter(" in page.read_text(encoding="utf-8"), f"{page.name} is drawn without asking who looks"
