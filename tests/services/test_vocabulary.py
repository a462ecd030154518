"""What a filter can be made of: events with their counts, values of properties, places by name."""

import json

import polars as pl
import pytest

from segcore import store
from segcore.attributes import Attribute, Entity, Kind
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from segcore.problems import SegcoreError
from segcore.services.vocabulary import KnownEvent
from tests.workspace import NOW, ago


def happened(services: Services, *events: tuple[str, str, int, dict[str, object]]) -> None:
    """Put events into the store: whose, which, when, with what."""
    with services.database.write() as connection:
        position = store.log.append(connection, at=NOW, agent="owner", what="events received", entity="event")
        ids = store.records.ids(connection, Entity.PERSON, pl.Series([who for who, *_ in events]).unique())
        known = dict(ids.select("external_id", "id").iter_rows())
        store.schema.save_events(connection, {name: "" for _, name, *_ in events}, position)
        properties = [Attribute(key="category", kind=Kind.TEXT), Attribute(key="amount", kind=Kind.NUMBER)]
        store.schema.save_properties(connection, properties, position)
        frame = pl.DataFrame(
            {
                "person_id": [known[who] for who, *_ in events],
                "name": [name for _, name, *_ in events],
                "at": [at for *_, at, _ in events],
                "properties": [json.dumps(given) for *_, given in events],
                "message_id": [f"{name} {at}" for _, name, at, _ in events],
            }
        )
        store.events.append(connection, frame, position)


@pytest.fixture
def shop(people: Services) -> Services:
    """Three of the five people did something; one of them only tomorrow."""
    happened(
        people,
        ("c-1", "purchase", ago(days=3), {"category": "Home", "amount": 5}),
        ("c-1", "purchase", ago(days=4), {"category": "Home"}),
        ("c-2", "purchase", ago(days=40), {"category": "Garden"}),
        ("c-3", "signed_in", ago(days=-1), {}),
    )
    return people


def test_events_say_how_often_they_happened_lately_and_what_they_carry(shop: Services) -> None:
    known = shop.filters.vocabulary(LOCAL_OWNER, now=NOW)
    assert known.events == (
        KnownEvent("purchase", "Purchase", 2, ("category", "amount")),
        KnownEvent("signed_in", "Signed in", 0, ()),
    )


def test_who_did_nothing_yet_counts_as_idle(shop: Services) -> None:
    assert shop.filters.vocabulary(LOCAL_OWNER, now=NOW).idle == 3


def test_the_vocabulary_is_one_value_until_the_data_changes(shop: Services) -> None:
    before = shop.filters.vocabulary(LOCAL_OWNER, now=NOW)
    assert shop.filters.vocabulary(LOCAL_OWNER, now=NOW) is before
    happened(shop, ("c-4", "invited", ago(days=1), {}))
    after = shop.filters.vocabulary(LOCAL_OWNER, now=NOW)
    assert (after.idle, [event.name for event in after.events]) == (2, ["purchase", "invited", "signed_in"])


def test_a_workspace_without_events_has_a_vocabulary(people: Services) -> None:
    known = people.filters.vocabulary(LOCAL_OWNER, now=NOW)
    assert (known.events, known.idle) == ((), 5)
    assert known.missing[Entity.PERSON]["plan"] == 3


def test_values_of_a_property_are_those_of_its_event(shop: Services) -> None:
    found = shop.filters.property_values(LOCAL_OWNER, "purchase", "category", now=NOW)
    assert found.values == (("Home", 2), ("Garden", 1))
    searched = shop.filters.property_values(LOCAL_OWNER, "purchase", "category", search="GAR", now=NOW)
    assert searched.values == (("Garden", 1),)
    assert shop.filters.property_values(LOCAL_OWNER, "signed_in", "category", now=NOW).values == ()
    for event, key in (("no-such", "category"), ("purchase", "no-such")):
        with pytest.raises(SegcoreError):
            shop.filters.property_values(LOCAL_OWNER, event, key, now=NOW)


def test_places_are_the_middle_of_their_people(services: Services) -> None:
    documents = [
        {"city": "Dublin", "home": [53.0, -6.0]},
        {"city": "dublin", "home": [10.0, 10.0]},
        {"city": "Dublin", "home": [53.2, -6.4]},
        {"city": "Suva", "home": [-18.0, 179.0]},
        {"city": "Suva", "home": [-18.0, -179.0]},
        {"city": "Cork"},
        {"home": [0.0, 0.0]},
    ]
    with services.database.write() as connection:
        position = store.log.append(connection, at=NOW, agent="owner", what="people imported", entity="person")
        attributes = [Attribute(key="city", kind=Kind.TEXT), Attribute(key="home", kind=Kind.LOCATION)]
        store.schema.save(connection, Entity.PERSON, attributes, position)
        frame = pl.DataFrame(
            {
                "external_id": [f"c-{number}" for number in range(len(documents))],
                "document": [json.dumps(document) for document in documents],
            }
        )
        store.records.insert(connection, Entity.PERSON, frame, position, NOW)
    distinct, found = services.filters.places(LOCAL_OWNER, "home", now=NOW)
    assert distinct == 3
    told = {(each.name, each.count, each.latitude, each.longitude) for each in found}
    assert ("dublin", 1, 10.0, 10.0) in told
    by_name = {each.name: each for each in found}
    assert (by_name["Dublin"].count, round(by_name["Dublin"].longitude, 1)) == (2, -6.2)
    assert by_name["Dublin"].latitude == pytest.approx(53.1, abs=0.01)
    # Astride the date line the middle lies on it, not on the other side of the globe.
    assert abs(by_name["Suva"].longitude) == 180
    _, searched = services.filters.places(LOCAL_OWNER, "home", search="SUV", now=NOW)
    assert [each.name for each in searched] == ["Suva"]
    with pytest.raises(SegcoreError):
        services.filters.places(LOCAL_OWNER, "city", now=NOW)
