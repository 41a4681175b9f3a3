"""The words of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.deals.queries import KindSum
from app.enterprises.models import Enterprise
from app.kit.audit import AuditEntry
from app.kit.jobs import Job
from app.listings.models import Listing
from app.matching.models import Proposal
from app.missions.models import Mission


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the menu."""

    label: str
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class WantedGood:
    """An open need as everybody may read it: no name of a firm, no words of its owner."""

    need: Listing
    kg: float | None
    offer_count: int


@dataclass(frozen=True, slots=True)
class Landing:
    """What everybody sees of the current mission."""

    firm_counts: Mapping[str, int]
    offer_count: int
    need_count: int
    agreed_count: int
    wanted: Sequence[WantedGood]


@dataclass(frozen=True, slots=True)
class OwnerFront:
    """Where an owner stands."""

    enterprise: Enterprise | None
    mission: Mission | None
    is_taking_part: bool = False
    listing_count: int = 0
    stale_count: int = 0
    waiting_count: int = 0
    agreed_count: int = 0
    deal_count: int = 0


@dataclass(frozen=True, slots=True)
class OrganiserFront:
    """Where the preparation of a mission stands."""

    firm_counts: Mapping[str, int]
    awaiting_owner_count: int
    unmatched_count: int
    proposal_count: int
    decided_count: int
    agreed_count: int
    silent_count: int
    is_ranked: bool


@dataclass(frozen=True, slots=True)
class OfficeFront:
    """What a trade office has to record and what it has recorded."""

    to_record: Sequence[Proposal]
    to_record_count: int
    sums: Sequence[KindSum]
    trail: Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class AdminFront:
    """How the platform itself is doing."""

    people: Mapping[str, int]
    missions: Sequence[Mission]
    failed_jobs: Sequence[Job]
    waiting_seconds: int
    trail: Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class Engine:
    """Which database runs, and whether it has the known fault in its write-ahead log."""

    name: str
    version: str
    loses_commits: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a probe wants to know."""

    engine: Engine
    waiting_seconds: int
    failed_jobs: int


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What the trail is narrowed to; empty means everything."""

    action: str = ""
    subject: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None
