"""What another time zone would change, told before it is saved; and what the settings tell of agents."""

from datetime import UTC, datetime, timedelta

from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from tests import workspace

EVENING = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # in Kiritimati it is the 23rd by then, since noon
TODAY = {"all": [{"attribute": "signed_up_at", "operator": "in_period", "value": "today"}]}


def test_only_what_asks_for_calendar_days_is_told_with_counts_before_and_after(services: Services) -> None:
    workspace.write(services.database)
    services.segments.save(LOCAL_OWNER, name="Came today", document=TODAY, now=workspace.NOW)
    of_those = {"all": [{"segment": "came-today", "operator": "in"}, {"attribute": "country", "operator": "is_known"}]}
    services.segments.save(LOCAL_OWNER, name="Came today, known", document=of_those, now=workspace.NOW)
    told = services.workspace_settings.zone_effects(LOCAL_OWNER, "Pacific/Kiritimati", "monday", now=EVENING)
    assert sorted(told) == [("Came today", 1, 0), ("Came today, known", 1, 0)]
    same = services.workspace_settings.zone_effects(LOCAL_OWNER, "UTC", "sunday", now=EVENING)
    assert all(before == after for _, before, after in same)


def test_the_settings_tell_who_is_invited_when_last_seen_and_what_is_hidden(services: Services) -> None:
    now = workspace.NOW
    omar = services.agents.add(LOCAL_OWNER, name="Omar", role="editor", now=now)
    services.agents.add(LOCAL_OWNER, name="Ann", role="admin", now=now)
    services.segments.save(LOCAL_OWNER, name="Secret", document=TODAY, hidden_from=("Omar", "Ann"), now=now)
    link = services.sessions.link(LOCAL_OWNER, omar.id, now=now)
    ticket = services.sessions.use(link, password="lantern ocean gravel tulip", now=now)
    services.sessions.claim(ticket, now=now + timedelta(seconds=5))
    known = {each.agent.name: each for each in services.agents.known(LOCAL_OWNER)}
    assert (known["Omar"].invited, known["Omar"].hidden) == (False, ("Secret",))
    assert known["Omar"].last_seen == now + timedelta(seconds=5)
    assert (known["Ann"].invited, known["Ann"].hidden, known["Ann"].last_seen) == (True, (), None)
