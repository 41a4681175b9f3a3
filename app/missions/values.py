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
