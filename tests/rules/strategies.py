"""Random rules over random data, drawn so that they meet: operands come from the cells, cells from a small pool."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from segcore.attributes import ID, Attribute, Kind, Schema, dtype, fold_column
from segcore.rules import codec
from segcore.rules.compile import expression
from segcore.rules.moment import Moment
from segcore.rules.operators import PERIODS, UNITS, WEEKDAYS, Operand, Operator, for_kind, options
from segcore.rules.text import fold
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, Rule

ATTRIBUTES = (
    ID,
    Attribute(key="country", kind=Kind.TEXT),
    Attribute(key="email", kind=Kind.TEXT),
    Attribute(key="photos", kind=Kind.NUMBER, large=True),
    Attribute(key="spent", kind=Kind.NUMBER, fractions=True),
    Attribute(key="app", kind=Kind.BOOLEAN),
    Attribute(key="birthday", kind=Kind.DATE),
    Attribute(key="seen_at", kind=Kind.DATETIME),
    Attribute(key="tags", kind=Kind.LIST),
    Attribute(key="place", kind=Kind.LOCATION),
)
SCHEMA = Schema(people={each.key: each for each in ATTRIBUTES})
SEGMENTS = ("first", "second")

ZONES = (
    "UTC",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",  # midnight did not exist where summer time began
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",  # midnight comes twice where summer time ends
    "America/St_Johns",  # the clocks were put back over midnight
    "America/Toronto",  # a leap from 23:30 to 0:30 in 1919
    "Australia/Lord_Howe",  # half an hour of summer time
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",  # 30 December 2011 did not exist
)

# Near a change of clocks somewhere, at the ends of months and years, leap days, and far away.
INSTANTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "1900-01-01T00:00:00Z",
        "1900-02-28T23:59:59.999999Z",
        "1919-03-31T04:30:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "2006-10-29T02:31:00Z",
        "2011-12-30T10:00:00Z",
        "2018-11-04T03:00:00Z",
        "2024-02-29T12:00:00Z",
        "2024-04-25T22:00:00Z",
        "2024-10-31T20:59:59.999999Z",
        "2025-10-26T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-11-01T04:30:00Z",
        "2026-11-01T05:00:00Z",
        "2026-11-22T04:12:00Z",
        "2026-12-31T23:59:59.999999Z",
        "2027-03-01T00:00:00Z",
        "2099-12-31T23:30:00Z",
        "2100-03-01T00:30:00Z",
        "2299-07-31T23:15:00Z",
        "2299-12-31T23:59:59.999999Z",
    )
)
NEAR = (0, 1, -1, 3_600_000_000, -3_600_000_000, 86_400_000_000, -86_400_000_000, 7 * 86_400_000_000)

TEXTS = (
    *("", " ", "\u00a0\t", "0", "Ireland", "ireland", "IRELAND", "Northern Ireland", "United States"),
    *("İstanbul", "i̇stanbul", "istanbul", "ISTANBUL", "straße", "STRASSE", "Straße", "ΟΔΟΣ", "οδος", "οδοσ"),
    *("é", "e\u0301", "É", "ﬁ", "Å", "\u212b", "a.c", "aXc", "a_b", "a-b", "a b", "𝔘nicode", "x\ny", "日本", "हिन्दी"),
    *("\u01c5", "ŉ", "ᾳ", "1e9", "nan", "null", "\\", "%", "_", "[a]", "^", "$", "#x", "a\u2028b", "\ufeffa"),
)
EMAILS = (
    "jo@acme.com",
    "Jo@ACME.com",
    "jo@mail.acme.com",
    "acme.com",
    "@acme.com",
    "a@b@acme.com",
    "jo@straße.de",
    "jo@",
)
PATTERNS = (
    "^a",
    "land$",
    r"\d+",
    "[a-c]_",
    "(?x) a # no",
    "i",
    "ß|ss",
    r"^\s*$",
    ".",
    r"\bireland\b",
    "é",
    "(?-i)IRELAND",
)
WHOLES = (0, 1, -1, 2, 80, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63) + 1)
FRACTIONS = (0.0, -0.0, 0.1, 0.30000000000000004, 2.5, -2.5, 80.0, 2.0**53, 1e300, -1e300, 5e-324)
TAGS = ("vip", "VIP", "beta", "", "straße", "strasse", "é", "e\u0301", "a b")
# Dublin and around it, the poles, both sides of the date line, the far side of the globe. No two of them lie within a
# millionth of a kilometre of a radius, where the last bit of a sine would decide.
PLACES = (
    *(
        (53.35, -6.26),
        (53.2, -6.1),
        (51.9, -8.47),
        (53.35, -6.2601),
        (-53.35, 173.74),
        (0, 0),
        (0.0, 180),
        (-0.0, -180),
    ),
    *((90, 0), (90, 77.7), (-90, 0), (12.5, 179.99), (12.5, -179.99), (-33.87, 151.21), (0, 90.5)),
)
RADII = (0.001, 0.5, 2, 25, 19.8, 250, 5_000, 12_345.6, 19_990, 20_016, 1_000_000)


@dataclass(frozen=True)
class World:
    """Rows with the moment at which they are asked, and two segments over them."""

    rows: tuple[Mapping[str, object], ...]
    moment: Moment
    attributes: tuple[Attribute, ...]
    segments: Mapping[str, Rule]

    @property
    def frame(self) -> pl.DataFrame:
        return frame(self.rows, self.attributes)


def frame(rows: Sequence[Mapping[str, object]], attributes: Iterable[Attribute] = ATTRIBUTES) -> pl.DataFrame:
    """The rows as the engine holds them: NaN is null, folded text beside its own."""
    columns = {}
    for attribute in attributes:
        values = [clean(row.get(attribute.key)) for row in rows]
        columns[attribute.key] = pl.Series(values, dtype=dtype(attribute), strict=True)
        if attribute.kind in (Kind.TEXT, Kind.LIST):
            columns[fold_column(attribute.key)] = pl.Series([_folded(each) for each in values], dtype=dtype(attribute))
    return pl.DataFrame(columns)


def clean(value: object) -> object:
    """What the door makes of a value: NaN is missing."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _folded(value: object) -> object:
    if isinstance(value, str):
        return fold(value)
    return [fold(each) for each in value] if isinstance(value, list) else value


def column_answers(rule: Rule, world: World) -> list[bool]:
    """The rule by columns."""
    return world.frame.select(column_expression(rule, world)).to_series().to_list()


def column_expression(rule: Rule, world: World) -> pl.Expr:
    """Leaves as expressions, groups as an engine puts them together."""
    everyone = pl.col(ID.key).is_null() | pl.lit(True)
    match rule:
        case Condition():
            return expression(rule, SCHEMA.people[rule.attribute], world.moment)
        case InSegment(key, operator):
            inside = column_expression(world.segments[key], world)
            return inside if operator == "in" else ~inside
        case AllOf(rules):
            return reduce(lambda a, b: a & b, (column_expression(each, world) for each in rules), everyone)
        case AnyOf(rules):
            return reduce(lambda a, b: a | b, (column_expression(each, world) for each in rules), ~everyone)
        case NoneOf(rules):
            return ~column_expression(AnyOf(rules), world)


def moments() -> st.SearchStrategy[Moment]:
    return st.builds(
        Moment,
        st.one_of(instants(), st.just(datetime(2026, 11, 22, 4, 12, tzinfo=UTC))),
        st.sampled_from(ZONES).map(ZoneInfo),
        st.sampled_from(("monday", "sunday")),
    )


def instants() -> st.SearchStrategy[datetime]:
    near = st.builds(lambda at, by: at + timedelta(microseconds=by), st.sampled_from(INSTANTS), st.sampled_from(NEAR))
    wide = st.datetimes(datetime(1890, 1, 1), datetime(2310, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
    return st.one_of(near, near, wide)


def dates() -> st.SearchStrategy[date]:
    near = instants().map(lambda at: at.date())
    return st.one_of(near, st.dates(date(1890, 1, 1), date(2310, 1, 1)))


def words() -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x2FFF)
    return st.one_of(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.text(letters, max_size=6))


def cells(attribute: Attribute, moment: Moment) -> st.SearchStrategy[object]:
    """A value that an attribute may have, hostile ones often."""
    match attribute.kind:
        case Kind.TEXT:
            return st.one_of(st.sampled_from(EMAILS), words()) if attribute.key == "email" else words()
        case Kind.NUMBER if attribute.fractions:
            finite = st.floats(allow_nan=False, allow_infinity=False)
            return st.one_of(st.sampled_from(FRACTIONS), finite, st.just(math.nan))
        case Kind.NUMBER:
            return st.one_of(st.sampled_from(WHOLES), st.integers(-(2**63) + 1, 2**63 - 1), st.integers(-5, 5))
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            around = st.integers(-400, 400).map(lambda days: moment.now.date() + timedelta(days))
            return st.one_of(dates(), around)
        case Kind.DATETIME:
            steps = st.sampled_from([0, 1, 60, 3_600, 86_400, 604_800, 86_400 * 30])
            around = st.builds(
                lambda seconds, times, by: moment.now + timedelta(seconds=seconds * times, microseconds=by),
                steps,
                st.integers(-3, 3),
                st.integers(-1, 1),
            )
            return st.one_of(instants(), around)
        case Kind.LIST:
            return st.lists(st.one_of(st.sampled_from(TAGS), words()), max_size=4)
        case Kind.LOCATION:
            return st.sampled_from(PLACES).map(lambda place: {"latitude": place[0], "longitude": place[1]})


@st.composite
def worlds(draw: st.DrawFn, rows: int = 6, attribute: Attribute | None = None) -> World:
    """Rows whose cells come from a pool of three values an attribute, and from nothing; one attribute, or four."""
    moment = draw(moments())
    several = st.lists(st.sampled_from(ATTRIBUTES[1:]), min_size=1, max_size=4, unique=True)
    chosen = [attribute] if attribute else draw(several)
    made: list[dict[str, object]] = [{ID.key: f"c-{number}"} for number in range(rows)]
    for each in chosen:
        pool = draw(st.lists(cells(each, moment), min_size=1, max_size=3))
        picked = draw(st.lists(st.integers(-2, 2 * len(pool) - 1), min_size=rows, max_size=rows))
        for row, pick in zip(made, picked, strict=True):
            if pick >= -1:
                row[each.key] = pool[pick // 2] if pick >= 0 else None
    world = World(tuple(made), moment, (ID, *chosen), {})
    if attribute:
        return world
    segments = {key: draw(rules(world, depth=1, segments=False)) for key in SEGMENTS}
    return replace(world, segments=segments)


@st.composite
def rules(draw: st.DrawFn, world: World, depth: int = 3, segments: bool = True) -> Rule:
    """A rule over a world; its operands come from the world's cells."""
    shape = draw(st.integers(0, 9)) if depth else 0
    if shape <= 4:
        return draw(conditions(world))
    if shape == 5 and segments:
        return InSegment(draw(st.sampled_from(SEGMENTS)), draw(st.sampled_from(("in", "not_in"))))
    children = tuple(draw(st.lists(rules(world, depth - 1, segments), max_size=3)))
    return draw(st.sampled_from((AllOf, AnyOf, NoneOf)))(children)


@st.composite
def conditions(draw: st.DrawFn, world: World) -> Condition:
    attribute = draw(st.sampled_from(world.attributes))
    return draw(condition_with(world, attribute, draw(st.sampled_from(for_kind(attribute.kind)))))


@st.composite
def condition_with(draw: st.DrawFn, world: World, attribute: Attribute, operator: Operator) -> Condition:
    """A condition with this operator, its value drawn from what the rows hold."""
    document: dict[str, object] = {"attribute": attribute.key, "operator": operator.key}
    if operator.operand is not Operand.NONE:
        document["value"] = draw(operands(world, attribute, operator))
    if "match_case" in options(operator, attribute.kind) and draw(st.booleans()):
        document["match_case"] = True
    if operator.negative and draw(st.booleans()):
        document["include_missing"] = False
    if operator.takes_future and draw(st.booleans()):
        document["include_future"] = True
    rule = codec.parse(document)
    assert isinstance(rule, Condition)
    return rule


@st.composite
def operands(draw: st.DrawFn, world: World, attribute: Attribute, operator: Operator) -> object:
    """A value as the stored document has it."""
    present = [row[attribute.key] for row in world.rows if clean(row.get(attribute.key)) is not None]

    def one() -> object:
        cell = draw(st.sampled_from(present)) if present and draw(st.integers(0, 5)) else None
        if attribute.kind is Kind.NUMBER:
            return draw(_number(cell, attribute))
        return draw(_text(cell, operator))

    def day() -> object:
        cell = draw(st.sampled_from(present)) if present and draw(st.integers(0, 5)) else draw(dates())
        assert isinstance(cell, date)
        local = cell.astimezone(world.moment.zone).date() if isinstance(cell, datetime) else cell
        return (local + timedelta(draw(st.integers(-1, 1)))).isoformat()

    def when() -> object:
        instants_here = [each for each in present if isinstance(each, datetime)]
        if draw(st.booleans()):
            return day()
        at = draw(st.sampled_from(instants_here)) if instants_here else draw(instants())
        return (at + timedelta(microseconds=draw(st.sampled_from(NEAR)))).isoformat()

    match operator.operand:
        case Operand.ONE:
            return one()
        case Operand.MANY:
            size = draw(st.sampled_from((1, 2, 3, 9)))
            return [one() for _ in range(size)]
        case Operand.PATTERN:
            return draw(st.sampled_from(PATTERNS))
        case Operand.DOMAIN:
            return draw(st.sampled_from(("acme.com", "ACME.COM", "strasse.de", "mail.acme.com")))
        case Operand.DOMAINS:
            size = draw(st.sampled_from((1, 2, 3, 9)))
            return draw(
                st.lists(
                    st.sampled_from(("acme.com", "straße.de", *"abcdefgh")), min_size=size, max_size=size, unique=True
                )
            )
        case Operand.RANGE:
            if attribute.kind is Kind.NUMBER:
                return sorted([one(), one()])  # type: ignore[type-var]
            pair = [when(), when()] if draw(st.booleans()) else [day(), day()]
            return (
                sorted(pair, key=lambda text: datetime.fromisoformat(str(text)).replace(tzinfo=UTC))
                if all(len(str(each)) == 10 for each in pair)
                else _ordered(pair)
            )
        case Operand.DAY:
            return day()
        case Operand.WHEN:
            return when()
        case Operand.AGO:
            amount = draw(st.sampled_from((1, 2, 3, 30, 365, 100_000)))
            return {draw(st.sampled_from(UNITS)): amount if operator.key != "exactly_ago" else amount - 1}
        case Operand.PERIOD:
            return draw(st.sampled_from(PERIODS))
        case Operand.DAYS:
            return draw(st.sampled_from((1, 2, 7, 30, 365, 1_000_000_000)))
        case Operand.WITHIN:
            return {"days": draw(st.sampled_from((0, 1, 7, 90, 200, 364, 365, 366, 1_000)))}
        case Operand.WEEKDAYS:
            return draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4))
        case Operand.COUNT:
            return draw(st.integers(0, 4))
        case Operand.PLACE:
            latitude, longitude = draw(st.sampled_from(PLACES))
            return {"latitude": latitude, "longitude": longitude, "km": draw(st.sampled_from(RADII))}
    raise AssertionError(f"no strategy for {operator.operand}")


def _ordered(pair: list[object]) -> list[object]:
    """Two ends so far in order that no zone turns them around."""

    def at(text: object) -> datetime:
        read = datetime.fromisoformat(str(text))
        return read if read.tzinfo else read.replace(tzinfo=UTC)

    return sorted(pair, key=at)


def _number(cell: object, attribute: Attribute) -> st.SearchStrategy[object]:
    bases: list[object] = [*(FRACTIONS if attribute.fractions else WHOLES), 2.5, -0.5, 1e300]
    if isinstance(cell, int | float):
        bases = [cell] * 8 + bases
        if abs(cell) < 1e15:
            bases += [cell + 0.5, cell - 0.5, cell + 1]
        if abs(cell) < 2**62:
            bases += [float(cell)]
    return st.sampled_from(bases)


def _text(cell: object, operator: Operator) -> st.SearchStrategy[str]:
    """A text out of the data, in another case or a part of it; never a blank one, which no rule may hold."""
    texts = [each for each in (cell if isinstance(cell, list) else [cell]) if isinstance(each, str)]
    options = [form for text in texts for form in (text, text, text.upper(), text.lower(), text.swapcase())]
    if not operator.key.startswith(("is", "includes", "not_includes")):
        options += [text[:2] for text in texts] + [text[-2:] for text in texts] + [text[1:3] for text in texts]
    options = [each for each in options if each.strip()]
    strange = [each for each in TEXTS if each.strip()]
    return st.sampled_from(options) if options else st.sampled_from(strange)
