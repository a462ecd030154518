"""The instant of an evaluation and the calendar it is read in; an argument everywhere, never read from a clock."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """`now` is aware and in UTC; `zone` and `week_start` ("monday" or "sunday") serve calendar operators only."""

    now: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    week_start: str = "monday"

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("an instant needs a zone")
        object.__setattr__(self, "now", self.now.astimezone(UTC))
