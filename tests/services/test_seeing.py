"""What an admin does while looking as another agent is the admin's own, or is not done."""

from dataclasses import replace

import pytest

from segcore.access import NotAllowed
from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent, NewSegments
from tests.workspace import NOW

IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}


@pytest.fixture
def looking(sqlite_services: Services) -> tuple[Services, Agent, Agent, Agent]:
    """Services, the admin, the agent, and the admin who looks as the agent."""
    services = sqlite_services
    ann = services.agents.add(LOCAL_OWNER, name="Ann", role="admin", now=NOW)
    omar = services.agents.add(LOCAL_OWNER, name="Omar", role="editor", now=NOW)
    return services, ann, omar, replace(omar, seen_by="Ann")


def test_drafts_are_the_admins_and_those_of_the_other_stay(looking: tuple[Services, Agent, Agent, Agent]) -> None:
    services, ann, omar, eyes = looking
    theirs = services.drafts.keep(omar, {"all": []}, now=NOW)
    copied = services.drafts.keep(eyes, IRISH, id=theirs.id, now=NOW)
    assert copied.id != theirs.id
    assert copied.agent == ann.id
    again = services.drafts.keep(eyes, {"any": []}, id=copied.id, now=NOW)
    assert again.id == copied.id
    services.drafts.discard(eyes, theirs.id, now=NOW)
    assert services.drafts.open(omar, theirs.id).document == {"all": []}
    services.drafts.discard(eyes, copied.id, now=NOW)
    assert services.drafts.keep(ann, IRISH, id=copied.id, now=NOW).id != copied.id, "it is gone"


def test_columns_are_shown_as_the_other_has_them_and_stay(looking: tuple[Services, Agent, Agent, Agent]) -> None:
    services, ann, omar, eyes = looking
    services.views.keep_columns(omar, ["plan"], entity=Entity.PERSON, now=NOW)
    assert services.views.columns(eyes, entity=Entity.PERSON) == ["plan"]
    with pytest.raises(NotAllowed):
        services.views.keep_columns(eyes, ["country"], entity=Entity.PERSON, now=NOW)
    assert services.views.columns(omar, entity=Entity.PERSON) == ["plan"]
    assert services.views.columns(ann, entity=Entity.PERSON) is None


def test_nothing_of_the_other_is_changed(looking: tuple[Services, Agent, Agent, Agent]) -> None:
    services, _, omar, eyes = looking
    with pytest.raises(NotAllowed):
        services.agents.set_starts_with(eyes, NewSegments(visible_to=()), now=NOW)
    with pytest.raises(NotAllowed):
        services.segments.save(eyes, name="Irish", document={"all": []}, now=NOW)
    with pytest.raises(NotAllowed):
        services.agents.known(eyes)
    assert services.agents.starts_with(omar) == NewSegments()
