"""Reads of missions and participants, scoped to who asks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Purpose, Role
from app.enterprises.models import Enterprise
from app.enterprises.queries import owner_agreed_to
from app.enterprises.values import EnterpriseState
from app.missions.models import Mission, Participation, PublishedTotal
from app.missions.values import Funding, MissionState, ParticipantFilters, ParticipationState, ProvinceCount
from app.regions.models import Regency

ADDABLE = (EnterpriseState.ACTIVE, EnterpriseState.AWAITING_OWNER)


def seen_missions(person: Person) -> Select[Mission]:
    """Return a select of the missions that somebody may see: staff those of their province, owners no drafts."""
    if person.role is Role.ADMIN:
        return select(Mission)
    if person.role in PROVINCIAL_STAFF:
        return select(Mission).where(_takes_part(person.province_code))
    own = (
        select(Regency.province_code).join(Enterprise, Enterprise.regency_code == Regency.code)
        .where(Enterprise.owner_id == person.id).scalar_subquery()
    )
    return select(Mission).where(_takes_part(own), Mission.state != MissionState.DRAFT)


def _takes_part(province_code: Any) -> ColumnElement[bool]:
    return or_(Mission.visiting_province_code == province_code, Mission.hosting_province_code == province_code)


def mission_seen_by(session: Session, person: Person, mission_id: str) -> Mission | None:
    """Return one mission, or None when it does not exist for this person."""
    return session.scalar(seen_missions(person).where(Mission.id == mission_id))


def missions_seen_by(session: Session, person: Person) -> Sequence[Mission]:
    """Return the missions run on the platform: coming ones first, the nearest on top, then those that were held."""
    is_past = case((Mission.state.in_((MissionState.HELD, MissionState.CLOSED)), 1), else_=0)
    nearest = case((is_past == 0, Mission.held_on))
    found = seen_missions(person).where(Mission.state != MissionState.HISTORY)
    return session.scalars(found.order_by(is_past, nearest, Mission.held_on.desc(), Mission.id)).all()


def earlier_missions_seen_by(
    session: Session, person: Person, limit: int = 10
) -> Sequence[tuple[Mission, PublishedTotal | None]]:
    """Return the newest missions from before the platform, each with what was published about it."""
    rows = session.execute(
        seen_missions(person).add_columns(PublishedTotal)
        .outerjoin(PublishedTotal, PublishedTotal.mission_id == Mission.id)
        .where(Mission.state == MissionState.HISTORY)
        .order_by(Mission.held_on.desc(), Mission.id).limit(limit)
    )
    return [(mission, total) for mission, total in rows]


def current_mission_for(session: Session, who: Person | str) -> Mission | None:
    """Return the mission that matters now to a person or to a province (by code).

    That is the open one with the nearest day, else the one held last.
    """
    seen = select(Mission).where(_takes_part(who)) if isinstance(who, str) else seen_missions(who)
    is_past = case((Mission.state == MissionState.OPEN, 0), else_=1)
    nearest = case((is_past == 0, Mission.held_on))
    return session.scalar(
        seen.where(Mission.state.in_((MissionState.OPEN, MissionState.HELD)))
        .order_by(is_past, nearest, Mission.held_on.desc(), Mission.id).limit(1)
    )


def open_missions(session: Session) -> Sequence[Mission]:
    """Return the missions that are open now, nearest first; for commands, which see everything."""
    return session.scalars(
        select(Mission).where(Mission.state == MissionState.OPEN).order_by(Mission.held_on, Mission.id)
    ).all()


def mission_by_id(session: Session, mission_id: str) -> Mission | None:
    """Return one mission; for commands, which see everything."""
    return session.get(Mission, mission_id)


def last_mission_of(session: Session, person: Person) -> Mission | None:
    """Return the mission whose values a new one starts from: the newest that was run on the platform."""
    return session.scalar(
        seen_missions(person).where(Mission.state != MissionState.HISTORY)
        .order_by(Mission.held_on.desc(), Mission.id.desc()).limit(1)
    )


def participants_of(session: Session, mission_id: str) -> Sequence[Participation]:
    """Return the firms that take part, by name, each with its regency."""
    return session.scalars(_participants(mission_id).where(Participation.state == ParticipationState.CONFIRMED)).all()


def participants_seen_by(person: Person, mission_id: str, filters: ParticipantFilters) -> Select[Participation]:
    """Return the select behind the list of participants.

    Firms of another province are named only when their owner lets partners see them; admins see all.
    """
    found = _participants(mission_id).where(*_narrowing(filters))
    if person.role is not Role.ADMIN:
        may_be_named = owner_agreed_to(Purpose.PARTNERS)
        found = found.where(or_(Regency.province_code == person.province_code, may_be_named))
    if filters.funded_by is not None:
        found = found.where(Participation.funded_by == filters.funded_by)
    return found.where(Participation.state == (filters.state or ParticipationState.CONFIRMED))


def _participants(mission_id: str) -> Select[Participation]:
    return (
        select(Participation).join(Participation.enterprise).join(Enterprise.regency)
        .options(contains_eager(Participation.enterprise).contains_eager(Enterprise.regency))
        .where(Participation.mission_id == mission_id).order_by(Enterprise.name, Enterprise.id)
    )


def _narrowing(filters: ParticipantFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.text:
        wanted.append(func.lower(Enterprise.name).contains(filters.text.lower(), autoescape=True))
    if filters.province_code:
        wanted.append(Regency.province_code == filters.province_code)
    if filters.regency_code:
        wanted.append(Regency.code == filters.regency_code)
    return wanted


def firms_to_add(person: Person, mission_id: str, filters: ParticipantFilters) -> Select[Enterprise]:
    """Return the select of the firms of a person's own province that do not take part yet."""
    taking_part = select(Participation.enterprise_id).where(
        Participation.mission_id == mission_id, Participation.state != ParticipationState.WITHDRAWN
    )
    found = (
        select(Enterprise).join(Enterprise.regency).options(contains_eager(Enterprise.regency))
        .where(
            Regency.province_code == person.province_code, Enterprise.state.in_(ADDABLE),
            Enterprise.id.not_in(taking_part), *_narrowing(filters),
        )
        .order_by(Enterprise.name, Enterprise.id)
    )
    if filters.is_from_earlier:
        found = found.where(Enterprise.id.in_(
            select(Participation.enterprise_id).where(
                Participation.mission_id != mission_id, Participation.state == ParticipationState.CONFIRMED
            )
        ))
    return found


def firms_by_id(session: Session, ids: Sequence[str]) -> Sequence[Enterprise]:
    """Return firms with their regencies; ids that do not exist are left out."""
    return session.scalars(
        select(Enterprise).where(Enterprise.id.in_(ids)).options(joinedload(Enterprise.regency)).order_by(Enterprise.id)
    ).all()


def participation_of(session: Session, mission_id: str, enterprise_id: str) -> Participation | None:
    """Return whether and how one firm takes part, with the firm and its regency."""
    return session.scalar(_participants(mission_id).where(Participation.enterprise_id == enterprise_id))


def participation_counts(session: Session, mission: Mission) -> dict[str, ProvinceCount]:
    """Return, for each of the two provinces, how many firms take part, who pays and who nominated them."""
    rows = session.execute(
        select(Regency.province_code, Participation.funded_by, Participation.nominated_by, func.count())
        .join(Enterprise, Enterprise.id == Participation.enterprise_id)
        .join(Regency, Regency.code == Enterprise.regency_code)
        .where(Participation.mission_id == mission.id, Participation.state == ParticipationState.CONFIRMED)
        .group_by(Regency.province_code, Participation.funded_by, Participation.nominated_by)
    ).all()
    return {code: _counted([tuple(row)[1:] for row in rows if row[0] == code]) for code in mission.province_codes}


def _counted(rows: Sequence[tuple[Any, ...]]) -> ProvinceCount:
    funded = dict.fromkeys(Funding, 0)
    nominated: dict[str, int] = {}
    for funding, nominator, count in rows:
        funded[funding] += count
        if nominator:
            nominated[nominator] = nominated.get(nominator, 0) + count
    ranked = sorted(nominated.items(), key=lambda item: (-item[1], item[0]))
    return ProvinceCount(total=sum(funded.values()), funded=funded, nominated=tuple(ranked))


def has_participants(session: Session, mission_id: str) -> bool:
    """Return whether any firm was ever added to a mission."""
    return session.scalar(select(Participation.id).where(Participation.mission_id == mission_id).limit(1)) is not None


def nominators(session: Session, mission_id: str) -> Sequence[str]:
    """Return who has nominated firms so far, for choosing again instead of typing."""
    return session.scalars(
        select(Participation.nominated_by)
        .where(Participation.mission_id == mission_id, Participation.nominated_by != "")
        .group_by(Participation.nominated_by).order_by(func.count().desc(), Participation.nominated_by).limit(20)
    ).all()
