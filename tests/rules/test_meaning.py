"""What RULES.md says of missing values, texts, numbers, lists and groups, line by line."""

import math

import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.problems import InvalidRule
from segcore.rules import codec
from segcore.rules.interpret import holds
from segcore.rules.operators import CATALOGUE, for_kind, opposite
from segcore.rules.predefined import PREDEFINED
from segcore.rules.text import fold
from tests.rules.asking import ask, moment

SECTION_3 = {
    "text": "is is_not is_any_of is_none_of contains not_contains contains_any contains_all contains_word starts_with "
    "not_starts_with ends_with not_ends_with matches_regex not_matches_regex domain_is domain_is_any_of",
    "number": "eq ne gt gte lt lte between not_between is_any_of is_none_of",
    "boolean": "is_true is_false is_not_true is_not_false",
    "date": "less_than_ago at_most_ago more_than_ago at_least_ago exactly_ago in_next more_than_from_now on not_on before "
    "on_or_before after on_or_after between not_between in_period in_last_calendar_days anniversary_within weekday_is",
    "list": "includes not_includes includes_any includes_all includes_none count_eq count_gte count_lte",
    "location": "within_km outside_km",
}
NEGATIVE = (
    "is_not is_none_of not_contains not_starts_with not_ends_with not_matches_regex ne not_between is_not_true "
    "is_not_false not_on not_includes includes_none outside_km"
)


@pytest.mark.parametrize("kind", [*SECTION_3, "datetime"])
def test_every_kind_has_the_operators_of_section_3_and_no_other(kind: str) -> None:
    expected = {*SECTION_3["date" if kind == "datetime" else kind].split(), "is_known", "is_unknown"}
    assert {operator.key for operator in for_kind(Kind(kind))} == expected | {"has_any_value", "is_empty"}


def test_the_starred_operators_are_the_negative_ones() -> None:
    assert {operator.key for operator in CATALOGUE if operator.negative} == set(NEGATIVE.split())


def test_labels_of_one_kind_are_told_apart() -> None:
    for kind in Kind:
        labels = [operator.label for operator in for_kind(kind)]
        assert len(set(labels)) == len(labels)


def test_turning_around_twice_leads_back() -> None:
    for operator in CATALOGUE:
        turned = opposite(operator)
        if turned is not None:
            back = opposite(turned)
            assert back is not None
            assert back.key == operator.key


# Missing and empty


def test_missing_is_null_and_nan_and_absent_while_zero_false_and_blank_are_values() -> None:
    schema = Schema(people={"n": Attribute(key="n", kind=Kind.NUMBER, fractions=True)})
    unknown = codec.parse({"attribute": "n", "operator": "is_unknown"})
    more = codec.parse({"attribute": "n", "operator": "gt", "value": 5})
    for row in ({}, {"n": None}, {"n": math.nan}):
        assert holds(unknown, row, schema, Entity.PERSON, moment())
        assert not holds(more, row, schema, Entity.PERSON, moment())
    assert ask("number", [0, None], "is_known") == [True, False]
    assert ask("boolean", [False, None], "is_known") == [True, False]
    assert ask("text", ["", None], "is_known") == [True, False]
    assert ask("list", [[], None], "is_known") == [True, False]


def test_empty_is_missing_or_blank_or_without_elements() -> None:
    assert ask("text", ["", " \t\n", "\u00a0\u2003\u3000", "\x1f", ".", None], "is_empty") == [*[True] * 4, False, True]
    assert ask("list", [[], [""], None], "is_empty") == [True, False, True]
    assert ask("number", [0, None], "has_any_value") == [True, False]
    assert ask("date", ["2026-01-01", None], "is_empty") == [False, True]
    assert ask("location", [{"latitude": 1.0, "longitude": 2.0}, None], "has_any_value") == [True, False]
    assert ask("location", [{"latitude": 1.0, "longitude": 2.0}, None], "is_unknown") == [False, True]


def test_someone_with_no_country_is_in_country_is_not_until_taken_out() -> None:
    cells = ["US", "us", "Ireland", "", None]
    assert ask("text", cells, "is_not", "US") == [False, False, True, True, True]
    assert ask("text", cells, "is_not", "US", include_missing=False) == [False, False, True, True, False]
    assert ask("text", cells, "is_not", "US", include_missing=True) == [False, False, True, True, True]


def test_true_and_false_both_fail_on_a_missing_value() -> None:
    assert ask("boolean", [True, False, None], "is_true") == [True, False, False]
    assert ask("boolean", [True, False, None], "is_false") == [False, True, False]
    assert ask("boolean", [True, False, None], "is_not_true") == [False, True, True]
    assert ask("boolean", [True, False, None], "is_not_true", include_missing=False) == [False, True, False]


def test_less_than_ago_and_at_least_ago_leave_missing_out_of_both() -> None:
    week = {"days": 7}
    cells = ["2026-11-20T00:00:00Z", "2026-01-01T00:00:00Z", None]
    assert ask("datetime", cells, "less_than_ago", week) == [True, False, False]
    assert ask("datetime", cells, "at_least_ago", week) == [False, True, False]


# Text


def test_folding_is_full_and_normalised() -> None:
    assert fold("STRASSE") == fold("Straße") == "strasse"
    assert fold("ΟΔΟΣ") == fold("οδος") == fold("οδοσ")
    assert fold("e\u0301") == fold("É") == "é"
    assert fold("α\u0345\u0301") == fold("ᾴ") == "άι"  # composed before it is folded, too
    assert ask("text", ["Straße", "STRASSE", "strase"], "is", "strasse") == [True, True, False]
    assert ask("text", ["ΟΔΟΣ", "οδος"], "is", "οδοσ") == [True, True]
    assert ask("text", ["e\u0301clair", "ÉCLAIR"], "starts_with", "é") == [True, True]
    assert ask("text", ["İstanbul", "i\u0307stanbul", "istanbul"], "is", "İSTANBUL") == [True, True, False]
    assert ask("list", [["STRASSE"], ["gasse"]], "includes", "straße") == [True, False]


def test_match_case_lifts_the_folding_but_not_the_normalisation() -> None:
    assert ask("text", ["é", "e\u0301", "É"], "is", "e\u0301", match_case=True) == [True, True, False]
    assert ask("text", ["Straße", "Strasse"], "is_any_of", ["Straße"], match_case=True) == [True, False]
    assert ask("text", ["caf\u0065\u0301s", "CAFÉS"], "contains", "é", match_case=True) == [True, False]
    assert ask("list", [["e\u0301"], ["É"]], "includes", "é", match_case=True) == [True, False]
    assert ask("list", [["e\u0301", "b"], ["É", "b"]], "includes_all", ["é", "b"], match_case=True) == [True, False]
    assert ask("list", [["e\u0301"], ["É"], None], "includes_none", ["é"], match_case=True) == [False, True, True]


@pytest.mark.parametrize("literal", [".", "a.c", "(", "[", "\\", "%", "_", "^a", "$", "*", "#", " & ", "a|b", "-", "~"])
def test_contains_is_literal(literal: str) -> None:
    assert ask("text", [f"x{literal}y", "xaXcy"], "contains", literal) == [True, False]
    assert ask("text", [f"x {literal} y", "xaXcy"], "contains_word", literal) == [True, False]
    assert ask("text", [f"x{literal}y", "xaXcy"], "contains_any", [literal, *map(str, range(9))]) == [True, False]


def test_a_word_stands_between_what_is_no_letter_digit_or_underscore() -> None:
    cells = ["gold", "a gold b", "(gold)", "gold.", "golden", "marigold", "gold1", "_gold", "éold", "goldé", "GOLD-x"]
    expected = [True, True, True, True, False, False, False, False, False, False, True]
    assert ask("text", cells, "contains_word", "gold") == expected
    assert ask("text", ["golden gold", "goldgold", "x\ngold\ny"], "contains_word", "gold") == [True, False, True]
    assert ask("text", ["e\u0301gold", "gold\u0301"], "contains_word", "gold") == [False, False]
    assert ask("text", ["日本 gold", "日gold"], "contains_word", "gold") == [True, False]
    assert ask("text", ["more c++ here", "c+++"], "contains_word", "c++") == [True, True]
    assert ask("text", ["new york city", "new yorkers"], "contains_word", "new york") == [True, False]


def test_a_domain_is_the_whole_part_after_the_last_at() -> None:
    cells = ["a@acme.com", "A@ACME.COM", "a@b@acme.com", "a@mail.acme.com", "acme.com", "a@acme.com.au", "a@", "", None]
    expected = [True, True, True, False, False, False, False, False, False]
    assert ask("text", cells, "domain_is", "Acme.com") == expected
    assert ask("text", cells, "domain_is_any_of", ["x.org", "Acme.com"]) == expected
    assert ask("text", ["a@ACME.com", "a\n@acme.com"], "domain_is_any_of", ["acme.com"], match_case=True) == [
        False,
        True,
    ]


def test_a_pattern_searches_anywhere_in_rusts_dialect_with_folding_as_a_flag() -> None:
    assert ask("text", ["xIRELANDx", "x"], "matches_regex", "ireland") == [True, False]
    assert ask("text", ["xIRELANDx", "xirelandx"], "matches_regex", "ireland", match_case=True) == [False, True]
    # The pattern is not folded: \S stays \S, and ß is not ss to a pattern.
    assert ask("text", ["a", " "], "matches_regex", r"^\S$") == [True, False]
    assert ask("text", ["STRASSE", "Straße"], "matches_regex", "ß") == [False, True]
    assert ask("text", ["x1", "x"], "matches_regex", r"\p{Nd}") == [True, False]
    assert ask("text", ["e\u0301", "e"], "matches_regex", "^é$") == [True, False]
    for match_case in (False, True):  # both sides are composed
        assert ask("text", ["e\u0301", "é", "e"], "matches_regex", "^e\u0301$", match_case=match_case) == [
            True,
            True,
            False,
        ]
    assert ask("text", ["a", "b", None], "not_matches_regex", "a") == [False, True, True]


def test_many_values_are_the_same_question_as_few() -> None:
    many = [f"v{number}" for number in range(10_000)]
    cells = ["V9999", "v10000", "", None]
    assert ask("text", cells, "is_any_of", many) == [True, False, False, False]
    assert ask("text", cells, "is_none_of", many) == [False, True, True, True]
    assert ask("list", [["x", "V7"], ["x"], [], None], "includes_any", many) == [True, False, False, False]
    assert ask("list", [many, ["v1"], None], "includes_all", many[:100]) == [True, False, False]
    assert ask("number", [9_999, 10_000, None], "is_any_of", list(range(10_000))) == [True, False, False]


# Numbers


def test_whole_numbers_are_exact_to_the_ends() -> None:
    large = 2**63 - 1
    assert ask("number", [large, large - 1, -large], "eq", large) == [True, False, False]
    assert ask("number", [large, large - 1], "gt", large - 1) == [True, False]
    assert ask("number", [2**53, 2**53 + 1], "lte", 2**53) == [True, False]
    assert ask("number", [2**53 + 1], "is_any_of", [2**53, 2**53 + 2]) == [False]
    assert ask("number", [large, -large, 0], "between", [-large, large]) == [True, True, True]


def test_a_whole_number_meets_a_fraction_exactly() -> None:
    assert ask("number", [2, 3, None], "gt", 2.5) == [False, True, False]
    assert ask("number", [2, 3], "lt", 2.5) == [True, False]
    assert ask("number", [2, 3], "gte", 2.0) == [True, True]
    assert ask("number", [-3, -2], "lte", -2.5) == [True, False]
    assert ask("number", [2, 3], "eq", 2.5) == [False, False]
    assert ask("number", [2, 3, None], "ne", 2.5) == [True, True, True]
    assert ask("number", [2**63 - 1, None], "lt", 1e300) == [True, False]
    assert ask("number", [2**63 - 1, None], "gt", 1e300) == [False, False]
    assert ask("number", [2**63 - 1, -(2**63) + 1, None], "gt", -1e300) == [True, True, False]
    assert ask("number", [2**63 - 1], "lt", float(2**63)) == [True]
    assert ask("number", [2**53 + 1, 2**53], "gt", float(2**53)) == [True, False]
    assert ask("number", [1, 2], "is_any_of", [1.0, 2.5]) == [True, False]
    assert ask("number", [1, 2], "is_any_of", [0.5, 2.5]) == [False, False]
    assert ask("number", [10, 11], "between", [9.5, 10.5]) == [True, False]


def test_fractions_compare_as_numbers_and_minus_zero_is_zero() -> None:
    assert ask("number", [0.1, 0.3], "eq", 0.1, fractions=True) == [True, False]
    assert ask("number", [-0.0, 0.0], "eq", 0, fractions=True) == [True, True]
    assert ask("number", [-0.0, 0.0], "is_any_of", [0], fractions=True) == [True, True]
    assert ask("number", [80.0, 80.5], "gt", 80, fractions=True) == [False, True]
    assert ask("number", [80.0, 79.5], "lt", 80, fractions=True) == [False, True]
    assert ask("number", [80.0, 80.5], "lte", 80, fractions=True) == [True, False]
    assert ask("number", [80.0, 79.5], "gte", 80, fractions=True) == [True, False]
    assert ask("number", [2.0**53], "eq", 2**53, fractions=True) == [True]
    assert ask("number", [1e300, 5.0, None], "between", [5, 1e300], fractions=True) == [True, True, False]


# Lists


def test_a_negative_operator_on_a_list_wants_no_element_to_match() -> None:
    assert ask("list", [["a", "b"], ["c"], [], None], "not_includes", "a") == [False, True, True, True]
    assert ask("list", [["a", "c"], ["d"], [], None], "includes_none", ["a", "b"]) == [False, True, True, True]
    assert ask("list", [["a", "c"], [], None], "includes_none", ["b"], include_missing=False) == [True, True, False]


def test_the_number_of_elements_counts_each_and_is_not_asked_of_what_is_missing() -> None:
    assert ask("list", [["a", "a"], ["a"], [], None], "count_eq", 2) == [True, False, False, False]
    assert ask("list", [["a", "a"], [], None], "count_lte", 1) == [False, True, False]
    assert ask("list", [["a", "a"], [], None], "count_gte", 0) == [True, True, False]


# Groups and segments

SCHEMA = Schema(people={"x": Attribute(key="x", kind=Kind.NUMBER)})
ONE = {"attribute": "x", "operator": "eq", "value": 1}
TWO = {"attribute": "x", "operator": "eq", "value": 2}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"all": []}, [True, True, True]),
        ({"any": []}, [False, False, False]),
        ({"none": []}, [True, True, True]),
        ({"all": [ONE, TWO]}, [False, False, False]),
        ({"any": [ONE, TWO]}, [True, True, False]),
        ({"none": [ONE, TWO]}, [False, False, True]),
        ({"all": [{"none": [ONE]}, {"any": [ONE, TWO]}]}, [False, True, False]),
        ({"segment": "s", "operator": "in"}, [True, False, False]),
        ({"segment": "s", "operator": "not_in"}, [False, True, True]),
        ({"none": [{"segment": "outer", "operator": "in"}]}, [True, False, False]),
    ],
)
def test_groups_and_segments(document: dict[str, object], expected: list[bool]) -> None:
    segments = {"s": codec.parse(ONE), "outer": codec.parse({"segment": "s", "operator": "not_in"})}
    rows: list[dict[str, object]] = [{"x": 1}, {"x": 2}, {}]
    rule = codec.parse(document)
    assert [holds(rule, row, SCHEMA, Entity.PERSON, moment(), segments) for row in rows] == expected


def test_a_reference_to_nothing_is_an_error_that_names_it() -> None:
    with pytest.raises(InvalidRule, match="“gone”"):
        holds(codec.parse({"segment": "gone", "operator": "in"}), {}, SCHEMA, Entity.PERSON, moment(), {})
    rule = codec.parse({"attribute": "gone", "operator": "is_known"})
    with pytest.raises(InvalidRule, match="“gone”"):
        holds(rule, {}, SCHEMA, Entity.PERSON, moment())


def test_active_and_slipping_away_are_disjoint_and_cover_everyone_ever_seen() -> None:
    rules = {name: document for name, _, document in PREDEFINED}
    assert list(rules) == ["New", "Active", "Slipping away"]
    cells = [
        "2026-11-22T04:12:00Z",
        "2026-10-23T04:12:00Z",
        "2026-10-23T04:12:00.000001Z",
        "2020-01-01T00:00:00Z",
        None,
    ]
    active, slipping = (
        ask("datetime", cells, str(rules[name]["operator"]), rules[name]["value"])
        for name in ("Active", "Slipping away")
    )
    assert active == [True, False, True, False, False]
    assert slipping == [False, True, False, True, False]
    assert rules["New"] == {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 1}}
