"""Documents that are nearly rules: good ones of the whole language, broken in a few places by seeded chance."""

import copy
import random
from collections.abc import Iterator

from segcore.rules.measure import MEASURES
from segcore.rules.operators import CATALOGUE, PERIODS

WORDS = (
    *("all", "any", "none", "attribute", "operator", "value", "event", "where", "within", "measure", "of", "sequence"),
    *("each_within", "company", "rule", "people", "segment", "sample", "salt", "from", "to", "last", "period", "days"),
    *("hours", "weeks", "minutes", "latitude", "longitude", "km", "match_case", "include_missing", "include_future"),
    *("for_at_least", "entered_within", "left_within", "primary", "in", "not_in", "external_id", "country", "plan"),
    *("purchase", "visit", "amount", "category", "until", "labels", "first", "big", "", " ", "\0", "\ud800", "é"),
    *(each.key for each in CATALOGUE),
    *(each.key for each in MEASURES),
    *PERIODS,
)
JUNK = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        7,
        2**53 + 1,
        2**63,
        -(2**63),
        10**400,
        0.5,
        -0.0,
        1e308,
        float("nan"),
        float("inf"),
    ),
    *([], {}, [[]], [{}], {"": {}}, "x" * 300, "(a+)+$", "(?P<n", "(x{1000}){1000}", "2026-02-30", "2026-11-01"),
    *("2026-11-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", {"days": 10**9}, {"weeks": 0}),
    *({"last": {"days": 1}}, {"from": "2026-11-02T00:00:00Z"}, {"period": "this_week"}, ["monday"], [1, 2], [2, 1]),
    *({"latitude": 1, "longitude": 2, "km": 3}, {"all": []}, {"any": []}, {"none": [{"all": []}]}, "Ireland", 3.0),
)

Place = tuple[dict[str, object] | list[object], str | int]


def broken(seed: int, good: list[dict[str, object]]) -> Iterator[object]:
    """Endlessly: one of the good documents, broken in up to four places."""
    chance = random.Random(seed)
    while True:
        document: object = copy.deepcopy(chance.choice(good))
        for _ in range(chance.randint(1, 4)):
            document = _hurt(document, chance, good)
        yield document


def _hurt(document: object, chance: random.Random, good: list[dict[str, object]]) -> object:
    places = list(_places(document))
    if not places:
        return chance.choice(JUNK)
    holder, at = chance.choice(places)
    match chance.randrange(8):
        case 0:
            del holder[at]  # type: ignore[arg-type]
        case 1 | 2:
            holder[at] = copy.deepcopy(chance.choice(JUNK))  # type: ignore[index]
        case 3:
            holder[at] = chance.choice(WORDS)  # type: ignore[index]
        case 4 if isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder.pop(at)  # type: ignore[call-overload]
        case 5:
            holder[at] = copy.deepcopy(chance.choice(good))  # type: ignore[index]
        case 6:
            other, where = chance.choice(places)
            if where in other if isinstance(other, dict) else len(other) > int(where):
                holder[at] = copy.deepcopy(other[where])  # type: ignore[index]
        case _:
            wrapped: object = holder[at]  # type: ignore[index]
            for _ in range(chance.choice((1, 2, 16, 40))):
                wrapped = {chance.choice(("all", "any", "none", "rule", "where", "people")): [wrapped]}
            holder[at] = wrapped  # type: ignore[index]
    return document


def _places(value: object) -> Iterator[Place]:
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict | list):
            for at in each if isinstance(each, dict) else range(len(each)):
                yield each, at
                stack.append(each[at])
