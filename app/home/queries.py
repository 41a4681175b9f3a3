"""Reads for the front pages, the trail and the probes."""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.commodities import queries as commodities
from app.deals import queries as deals
from app.deals.models import Deal, DealEntry
from app.deals.values import DealFilters
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise
from app.home.values import (
    AdminFront,
    Engine,
    Landing,
    OfficeFront,
    OrganiserFront,
    OwnerFront,
    Readiness,
    TrailFilters,
    WantedGood,
)
from app.kit.audit import AuditEntry
from app.kit.jobs import Job, JobState
from app.listings.models import Listing
from app.listings.values import STALE_AFTER, ListingState, Side
from app.matching import queries as matching
from app.matching.models import PartnerAnswer, Proposal
from app.matching.values import PairSide, ProposalState, QueueFilters
from app.missions import queries as missions
from app.missions.models import Mission, Participation
from app.missions.values import MissionState
from app.regions.models import Regency

SHOWN_NEEDS = 5
SHOWN_TO_RECORD = 10
SHOWN_TRAIL = 6
SHOWN_JOBS = 10
# Fixed in 3.51.3 and carried back to two older lines: https://sqlite.org/wal.html#walresetbug
_SOUND = (((3, 51, 3), None), ((3, 50, 7), (3, 51)), ((3, 44, 6), (3, 45)))


def landing_of(session: Session, mission: Mission, now: datetime) -> Landing:
    """Return the figures of a mission and its newest needs; only firms whose owners let partners see them count."""
    sides = matching.rankable_listings(mission.id, now).with_only_columns(Listing.side, Listing.id).order_by(None)
    listed = sides.subquery()
    counts = {
        side: int(count)
        for side, count in session.execute(select(listed.c.side, func.count()).group_by(listed.c.side))
    }
    return Landing(
        firm_counts=_firm_counts(session, mission), offer_count=counts.get(Side.OFFER, 0),
        need_count=counts.get(Side.NEED, 0), agreed_count=_agreed_count(session, mission),
        wanted=_wanted(session, mission, now),
    )


def _firm_counts(session: Session, mission: Mission) -> dict[str, int]:
    return {code: count.total for code, count in missions.participation_counts(session, mission).items()}


def _agreed_count(session: Session, mission: Mission) -> int:
    agreeing = [
        exists().where(
            PartnerAnswer.proposal_id == Proposal.id, PartnerAnswer.side == side,
            PartnerAnswer.answer.in_(matching.AGREEING),
        )
        for side in PairSide
    ]
    accepted = and_(Proposal.mission_id == mission.id, Proposal.state == ProposalState.ACCEPTED)
    return session.scalar(select(func.count()).select_from(Proposal).where(accepted, *agreeing)) or 0


def _wanted(session: Session, mission: Mission, now: datetime) -> list[WantedGood]:
    offers = (
        select(func.count()).select_from(Proposal)
        .where(Proposal.need_id == Listing.id, Proposal.is_current.is_(True), Proposal.mission_id == mission.id)
        .correlate(Listing).scalar_subquery()
    )
    newest: Any = (
        matching.rankable_listings(mission.id, now).add_columns(offers)
        .where(Listing.side == Side.NEED, Listing.commodity_code.is_not(None), Listing.quantity.is_not(None))
        .options(joinedload(Listing.commodity), joinedload(Listing.unit))
        .order_by(None).order_by(Listing.created_at.desc(), Listing.id.desc()).limit(SHOWN_NEEDS)
    )
    kg = commodities.catalogue(session).kg_per_unit
    return [
        WantedGood(need, kg(need.commodity_code, need.unit_code), int(count))
        for need, count in session.execute(newest)
    ]


def owner_front(session: Session, person: Person, now: datetime) -> OwnerFront:
    """Return where an owner stands: registration, mission, answers, renewals, agreed pairs, deals."""
    enterprise, mission = enterprises.enterprise_of(session, person), missions.current_mission_for(session, person)
    if enterprise is None:
        return OwnerFront(None, mission)
    is_open = and_(Listing.enterprise_id == enterprise.id, Listing.state == ListingState.OPEN)
    stale = and_(is_open, Listing.renewed_at < now - STALE_AFTER)
    answered = matching.answered_partners(person).order_by(None).where(matching.BOTH_AGREE)
    own = deals.own_deals(person).order_by(None).where(DealEntry.is_void.is_(False))
    counts = session.execute(select(
        select(func.count()).select_from(Listing).where(is_open).scalar_subquery(),
        select(func.count()).select_from(Listing).where(stale).scalar_subquery(),
        _counted(answered, Proposal.id), _counted(own, Deal.id),
    )).one()
    taking_part = mission and missions.participation_of(session, mission.id, enterprise.id)
    return OwnerFront(
        enterprise, mission, is_taking_part=taking_part is not None,
        waiting_count=len(matching.partners_to_answer(session, person, 100)),
        listing_count=counts[0], stale_count=counts[1], agreed_count=counts[2], deal_count=counts[3],
    )


def _counted(query: Any, column: Any) -> Any:
    """Return how many rows an entity select has, as part of another select."""
    return select(func.count()).select_from(query.with_only_columns(column).subquery()).scalar_subquery()


def organiser_front(session: Session, person: Person, mission: Mission, now: datetime) -> OrganiserFront:
    """Return where the preparation of a mission stands."""
    head = matching.queue_head(session, person, mission.id, QueueFilters())
    awaiting = enterprises.awaiting_owner(person.province_code).order_by(None)
    unmatched = matching.unmatched_listings(mission.id, Side.NEED, now).order_by(None)
    counts = session.execute(select(
        _counted(awaiting, Enterprise.id), _counted(unmatched, Listing.id), _silent_owners(mission),
    )).one()
    return OrganiserFront(
        firm_counts=_firm_counts(session, mission), awaiting_owner_count=counts[0], unmatched_count=counts[1],
        silent_count=counts[2], proposal_count=head.total if head else 0, decided_count=head.decided if head else 0,
        is_ranked=head is not None and head.run is not None, agreed_count=_agreed_count(session, mission),
    )


def _silent_owners(mission: Mission) -> Any:
    """Return how many firms have accepted pairs that they have not answered: they are called, never paired."""
    sides = []
    for side, column in ((PairSide.BUYER, Proposal.need_id), (PairSide.SELLER, Proposal.offer_id)):
        answered = exists().where(PartnerAnswer.proposal_id == Proposal.id, PartnerAnswer.side == side)
        sides.append(
            select(Listing.enterprise_id).join(Proposal, column == Listing.id)
            .where(Proposal.mission_id == mission.id, Proposal.state == ProposalState.ACCEPTED, ~answered)
        )
    silent = sides[0].union(sides[1]).subquery()
    return select(func.count()).select_from(silent).scalar_subquery()


def office_front(session: Session, person: Person, mission: Mission) -> OfficeFront:
    """Return the agreed pairs that have no deal yet, the running sums, and what happened last."""
    recorded = set(session.scalars(
        select(Deal.proposal_id)
        .where(Deal.mission_id == mission.id, Deal.is_void.is_(False), Deal.proposal_id.is_not(None))
    ))
    open_pairs = [pair for pair in matching.agreed_pairs(session, mission.id) if pair.id not in recorded]
    return OfficeFront(
        to_record=open_pairs[:SHOWN_TO_RECORD], to_record_count=len(open_pairs),
        sums=deals.sums_by_kind(session, person, mission, DealFilters()), trail=newest_trail(session, person),
    )


def admin_front(session: Session, person: Person, now: datetime) -> AdminFront:
    """Return people by role, missions, what failed in the background, and what happened last."""
    roles = session.execute(select(Person.role, func.count()).where(Person.is_active.is_(True)).group_by(Person.role))
    return AdminFront(
        people={role.value: count for role, count in roles}, missions=missions.missions_seen_by(session, person),
        failed_jobs=session.scalars(
            select(Job).where(Job.state == JobState.FAILED).order_by(Job.created_at.desc(), Job.id.desc())
            .limit(SHOWN_JOBS)
        ).all(),
        waiting_seconds=_waiting_seconds(session, now), trail=newest_trail(session, person),
    )


def newest_trail(session: Session, person: Person) -> Sequence[AuditEntry]:
    """Return the last entries that somebody may read."""
    return session.scalars(trail_seen_by(person, TrailFilters()).limit(SHOWN_TRAIL)).all()


def trail_seen_by(person: Person, filters: TrailFilters) -> Select[AuditEntry]:
    """Return the select of the trail, newest first: admins read all, provincial staff what concerns their province."""
    found = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    if person.role is not Role.ADMIN:
        found = found.where(_concerns(person))
    if filters.action:
        found = found.where(AuditEntry.action == filters.action)
    if filters.subject:
        kind, _, subject_id = filters.subject.partition(":")
        found = found.where(AuditEntry.subject_type == kind)
        if subject_id:
            found = found.where(AuditEntry.subject_id == subject_id)
    if filters.actor:
        found = found.where(AuditEntry.actor_name.icontains(filters.actor, autoescape=True))
    zone = ZoneInfo(person.province.time_zone if person.province else "Asia/Jakarta")
    if filters.since:
        found = found.where(AuditEntry.at >= _start(filters.since, zone))
    if filters.until:
        found = found.where(AuditEntry.at < _start(filters.until + timedelta(days=1), zone))
    return found


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _concerns(person: Person) -> ColumnElement[bool]:
    """Acts of people of the own province, and acts on its firms, their goods, owners, pairs, deals and missions."""
    if person.role not in PROVINCIAL_STAFF:
        return false()
    firms = (
        select(Enterprise.id).join(Regency, Regency.code == Enterprise.regency_code)
        .where(Regency.province_code == person.province_code)
    )
    listings = select(Listing.id).where(Listing.enterprise_id.in_(firms))
    subjects: dict[str, Any] = {
        "enterprise": firms, "listing": listings,
        "person": select(Enterprise.owner_id).where(Enterprise.id.in_(firms)),
        "participation": select(Participation.id).where(Participation.enterprise_id.in_(firms)),
        "proposal": select(Proposal.id).where(or_(Proposal.need_id.in_(listings), Proposal.offer_id.in_(listings))),
        "deal": select(DealEntry.deal_id).where(or_(DealEntry.seller_id.in_(firms), DealEntry.buyer_id.in_(firms))),
        "mission": missions.seen_missions(person).with_only_columns(Mission.id),
    }
    colleagues = select(Person.id).where(Person.province_code == person.province_code)
    # What somebody did for a firm before moving here stays with the firm's province.
    belongs_to_no_province = AuditEntry.subject_type.not_in(set(subjects) - {"person"})
    return or_(
        and_(AuditEntry.actor_id.in_(colleagues), belongs_to_no_province),
        *(and_(AuditEntry.subject_type == kind, AuditEntry.subject_id.in_(ids)) for kind, ids in subjects.items()),
    )


def actions_in(session: Session, person: Person) -> Sequence[str]:
    """Return the kinds of acts that occur in what somebody may read, for the filter."""
    seen = trail_seen_by(person, TrailFilters()).order_by(None)
    return sorted(session.scalars(seen.with_only_columns(AuditEntry.action).distinct()))


def readiness(session: Session, now: datetime) -> Readiness | None:
    """Return how the database and the background work are doing, None when the database does not answer."""
    try:
        engine = engine_of(session)
        failed = session.scalar(select(func.count()).select_from(Job).where(Job.state == JobState.FAILED)) or 0
        return Readiness(engine, _waiting_seconds(session, now), failed)
    except SQLAlchemyError:
        return None


def engine_of(session: Session) -> Engine:
    """Return the database that answers, with its own word about its version."""
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        version = str(session.scalar(text("SELECT sqlite_version()")))
        return Engine("SQLite", version, loses_commits=has_wal_race(version))
    return Engine("PostgreSQL", str(session.scalar(text("SHOW server_version"))), loses_commits=False)


def has_wal_race(version: str = sqlite3.sqlite_version) -> bool:
    """Tell whether a SQLite version may lose commits when several connections write (WAL reset race)."""
    numbers = tuple(int(part) for part in version.split("."))
    return not any(numbers >= first and (below is None or numbers < below) for first, below in _SOUND)


def _waiting_seconds(session: Session, now: datetime) -> int:
    oldest = session.scalar(select(func.min(Job.created_at)).where(Job.state == JobState.QUEUED))
    return max(0, int((now - oldest).total_seconds())) if oldest else 0


def current_mission(session: Session, person: Person) -> Mission | None:
    """Return the mission that the menu of staff leads to."""
    found = missions.current_mission_for(session, person)
    return found if found and found.state is not MissionState.HISTORY else None
