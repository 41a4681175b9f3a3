"""The words of this package."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class MissionState(StrEnum):
    """History rows are missions that took place before the platform did."""

    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"
    HISTORY = "history"


class DatePrecision(StrEnum):
    """How much of a published date is known; the rest of the stored date is the first day of it."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class MissionRole(StrEnum):
    """The part that a province plays in one mission; it does not say who buys or sells."""

    VISITING = "visiting"
    HOSTING = "hosting"


class Funding(StrEnum):
    """Who pays the trip of a firm."""

    PROVINCE = "province"
    NOMINATOR = "nominator"
    OWN = "own"


class ParticipationState(StrEnum):
    """Whether a firm takes part."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class MissionDetails:
    """A mission as an organiser types it in; the times are local to the hosting province."""

    name: str
    held_on: date
    venue: str
    host_city: str
    visiting_province_code: str
    hosting_province_code: str
    opens_at: time
    closes_at: time
    cutoff_at: time
    slot_minutes: int
    slot_count: int
    table_count: int


@dataclass(frozen=True, slots=True)
class ParticipationDetails:
    """How a firm came to the mission and who pays."""

    nominated_by: str
    funded_by: Funding


@dataclass(frozen=True, slots=True)
class Moments:
    """The hours of a mission as moments."""

    opens_at: datetime
    closes_at: datetime
    cutoff_at: datetime


@dataclass(frozen=True, slots=True)
class ParticipantFilters:
    """What a list of participants or of firms is narrowed to; empty means everything."""

    text: str = ""
    province_code: str = ""
    regency_code: str = ""
    funded_by: Funding | None = None
    state: ParticipationState | None = None
    is_from_earlier: bool = False


@dataclass(frozen=True, slots=True)
class ProvinceCount:
    """How many firms one province brings, and how they came."""

    total: int
    funded: dict[Funding, int]
    nominated: tuple[tuple[str, int], ...]

    @property
    def without_nominator(self) -> int:
        """Firms that came on their own."""
        return self.total - sum(count for _, count in self.nominated)
