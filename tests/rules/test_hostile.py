"""Documents made to hurt: they are refused in words, quickly, whatever they hold."""

import json
import time
from collections.abc import Iterator

import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.problems import InvalidRule, written
from segcore.rules import codec, validate
from segcore.rules.describe import sentence
from tests.rules.asking import moment

SCHEMA = Schema(people={f"a{number}": Attribute(key=f"a{number}", kind=Kind.TEXT) for number in range(300)})
LEAF = {"attribute": "a1", "operator": "is", "value": "x"}


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < 5


def messages(document: object) -> list[str]:
    problems = validate.check(document, SCHEMA, Entity.PERSON, {})
    for problem in problems:
        # Whatever came in, what goes out can be printed and sent.
        written(problem.path).encode()
        problem.message.encode()
        assert len(problem.message) < 1_000
    with pytest.raises(InvalidRule):
        validate.read(document, SCHEMA, Entity.PERSON, {})
    return [problem.message for problem in problems]


def nested(depth: int, leaf: object = LEAF, word: str = "all") -> object:
    for _ in range(depth):
        leaf = {word: [leaf]}
    return leaf


def test_groups_go_16_deep_and_no_deeper() -> None:
    assert validate.check(nested(16), SCHEMA, Entity.PERSON, {}) == []
    assert messages(nested(17)) == ["Groups go at most 16 deep."]
    (problem,) = validate.check(nested(20), SCHEMA, Entity.PERSON, {})
    assert written(problem.path) == ".".join(["all[0]"] * 16)


@pytest.mark.parametrize("depth", [100, 100_000])
def test_hostile_depth_is_refused(depth: int) -> None:
    assert "too deeply" in messages(nested(depth))[0]
    lists: object = []
    for _ in range(depth):
        lists = [lists]
    assert "too deeply" in messages(lists)[0]
    assert "too deeply" in messages({**LEAF, "value": lists})[0]


def test_a_document_that_holds_itself_is_refused() -> None:
    document: dict[str, object] = {}
    document["all"] = [document]
    assert "too deeply" in messages(document)[0]
    for last in ("x", 1):
        bomb: object = [last]
        for _ in range(30):
            bomb = [bomb] * 10
        assert messages({**LEAF, "operator": "is_any_of", "value": bomb}) == ["The rule is larger than 1 MiB as JSON."]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"all":[' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_hostile_depth_in_json_is_refused_before_it_is_parsed(text: str) -> None:
    for form in (text, text.encode()):
        with pytest.raises(InvalidRule, match="too deeply"):
            codec.loads(form)


def test_brackets_inside_texts_are_no_depth() -> None:
    document = {**LEAF, "value": '[{\\"' * 100}
    assert codec.loads(json.dumps(document)) == document


def test_a_thousand_conditions_and_no_more() -> None:
    assert validate.check({"all": [LEAF] * 1_000}, SCHEMA, Entity.PERSON, {}) == []
    assert messages({"all": [LEAF] * 1_001}) == ["A rule has at most 1,000 conditions; this one has 1,001."]
    assert messages({"all": [{"any": [LEAF] * 501}, {"none": [LEAF] * 500}]}) == [
        "A rule has at most 1,000 conditions; this one has 1,001."
    ]
    assert "conditions" in messages({"all": [0] * 300_000})[0]
    groups = {"all": [{"all": []}] * 999}  # a thousand with the outer one, and not one of them is lost
    assert codec.dump(validate.read(groups, SCHEMA, Entity.PERSON, {})) == groups
    assert messages({"all": [{"all": []}] * 1_000}) == ["A rule has at most 1,000 groups."]
    assert "groups" in messages({"all": [{"all": []}] * 50_000})[0]


def test_a_mebibyte_and_no_more() -> None:
    def of_size(size: int) -> str:
        empty = codec_text("")
        return codec_text("x" * (size - len(empty)))

    def codec_text(value: str) -> str:
        return '{"attribute":"a1","operator":"is","value":"' + value + '"}'

    fits = of_size(1024 * 1024)
    assert validate.check(codec.loads(fits), SCHEMA, Entity.PERSON, {}) == []
    assert validate.check(codec.loads(fits.encode()), SCHEMA, Entity.PERSON, {}) == []
    with pytest.raises(InvalidRule, match="1 MiB"):
        codec.loads(of_size(1024 * 1024 + 1))
    with pytest.raises(InvalidRule, match="1 MiB"):
        codec.loads(codec_text("é" * 600_000))
    assert messages({**LEAF, "value": "x" * 1024 * 1024}) == ["The rule is larger than 1 MiB as JSON."]
    assert messages({**LEAF, "value": "é" * 600_000}) == ["The rule is larger than 1 MiB as JSON."]
    assert messages({**LEAF, "operator": "is_any_of", "value": ["x" * 200] * 10_000}) == [
        "The rule is larger than 1 MiB as JSON."
    ]


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "a\0b", "\0"])
def test_texts_that_cannot_be_stored_are_refused(text: str) -> None:
    for document in (
        {**LEAF, "value": text},
        {**LEAF, "attribute": text},
        {**LEAF, "operator": text},
        {**LEAF, "operator": "is_any_of", "value": ["x", text]},
        {**LEAF, "operator": "matches_regex", "value": text},
        {"segment": text, "operator": "in"},
        {text: []},
        {**LEAF, text: 1},
        {"all": [LEAF], text: []},
    ):
        assert any("cannot be stored" in message for message in messages(document)), document


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), -float("inf"), 10**5_000, -(2**63), 2**63], ids=range(6)
)
def test_numbers_that_are_none_are_refused(number: float) -> None:
    for document in (
        {**LEAF, "operator": "eq", "value": number},
        {**LEAF, "operator": "is_any_of", "value": [1, number]},
        {**LEAF, "operator": "less_than_ago", "value": {"days": number}},
        {"attribute": number, "operator": "is_known"},
    ):
        assert len([message for message in messages(document) if "number is" in message]) == 1


@pytest.mark.parametrize("value", [{1, 2}, b"x", object(), {5: "x"}, 1j])
def test_what_is_no_json_is_refused(value: object) -> None:
    assert len(messages({**LEAF, "value": value})) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"a": NaN}', "found NaN"),
        ('{"a": -Infinity}', "found -Infinity"),
        ('{"attribute": "a", "attribute": "b"}', "“attribute” is there twice"),
        ('{"all": [{"x": {"y": 1, "y": 1}}]}', "“y” is there twice"),
        ("{", "This is not JSON"),
        ("", "This is not JSON"),
        ('{"a": 1} x', "This is not JSON"),
        ("{'a': 1}", "This is not JSON"),
        (b"\xff\xfe{", "not JSON in UTF-8|JSON in UTF-8"),
        (b'"\xed\xa0\x80"', "JSON in UTF-8"),
    ],
)
def test_json_text_is_read_strictly(text: str | bytes, part: str) -> None:
    with pytest.raises(InvalidRule, match=part):
        codec.loads(text)


def test_json_numbers_that_overflow_are_seen_by_the_check() -> None:
    for number in ("1e400", "9" * 100, "9" * 5_000, "-" + "9" * 5_000):
        document = codec.loads('{"attribute": "a1", "operator": "eq", "value": ' + number + "}")
        assert any("number is" in message for message in messages(document))


def test_bytes_may_begin_with_a_mark() -> None:
    assert codec.loads(b'\xef\xbb\xbf{"all": []}') == {"all": []}


def test_many_strange_names_do_not_hang() -> None:
    strange = [{"attribute": f"zz{number}" * 9, "operator": f"qq{number}", "value": 1} for number in range(1_000)]
    assert len(messages({"all": strange})) == 1_000
    assert len(messages({**LEAF, "attribute": "x" * 900_000})) == 1
    assert len(messages({**LEAF, "operator": "x" * 900_000})) == 1
    assert len(messages({"x" * 900_000: 1})) == 1
    many_keys = {f"k{number}": number for number in range(20_000)}
    assert len(messages({**LEAF, **many_keys})) == 1_000


def test_the_largest_rules_are_read_and_told_quickly() -> None:
    leaves = [{"attribute": f"a{number % 300}", "operator": "is", "value": f"v{number}"} for number in range(1_000)]
    rule = validate.read(nested(15, {"any": leaves}), SCHEMA, Entity.PERSON, {})
    assert len(str(sentence(rule, SCHEMA, Entity.PERSON, {}, moment()))) < 100_000
    many = {"attribute": "a1", "operator": "is_any_of", "value": [f"v{number}" for number in range(10_000)]}
    told = str(sentence(validate.read(many, SCHEMA, Entity.PERSON, {}), SCHEMA, Entity.PERSON, {}, moment()))
    assert told == "People whose a1 is v0, v1, v2, v3, v4 or 9,995 others."
