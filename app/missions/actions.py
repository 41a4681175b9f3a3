"""Every change of a mission and of who takes part."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.enterprises.models import Enterprise
from app.kit import audit
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.missions import policy, queries
from app.missions.models import Mission, Participation
from app.missions.values import (
    Funding,
    MissionDetails,
    MissionState,
    Moments,
    ParticipationDetails,
    ParticipationState,
)
from app.regions.models import Province

TIMES = ("opens_at", "closes_at", "cutoff_at")


def moments_of(details: MissionDetails, zone: str) -> Moments:
    """Return the hours of a mission, typed in local time of the hosting province, as moments."""

    def at(clock: time) -> datetime:
        return datetime.combine(details.held_on, clock, tzinfo=ZoneInfo(zone))

    return Moments(opens_at=at(details.opens_at), closes_at=at(details.closes_at), cutoff_at=at(details.cutoff_at))


def draft_mission(session: Session, *, actor: Person, details: MissionDetails, now: datetime) -> Mission:
    """Start a mission that only the staff of the two provinces see until it is opened."""
    if not policy.can_draft(actor):
        raise NotAllowed(_l("Hanya panitia dan admin yang bisa membuat misi."))
    _check_provinces(actor, details)
    mission = Mission(id=new_id(), state=MissionState.DRAFT, created_at=now)
    _write(session, mission, details)
    session.add(mission)
    session.flush()
    session.refresh(mission)
    audit.record(
        session, actor=actor, action="mission.draft", subject=("mission", mission.id), now=now, after=_facts(mission)
    )
    return mission


def change_mission(
    session: Session, *, actor: Person, mission: Mission, details: MissionDetails, now: datetime
) -> None:
    """Change the facts of a mission; the provinces stay once firms have been added."""
    if not policy.can_change(actor, mission):
        raise NotAllowed(_l("Hanya panitia kedua provinsi yang bisa mengubah misi ini."))
    _check_provinces(actor, details)
    is_moved = mission.province_codes != (details.visiting_province_code, details.hosting_province_code)
    if is_moved and queries.has_participants(session, mission.id):
        raise Conflict(
            _l("Provinsi tidak bisa diganti lagi karena sudah ada peserta."), field="visiting_province_code"
        )
    before = _facts(mission)
    _write(session, mission, details)
    session.flush()
    session.refresh(mission)
    after = _facts(mission)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        audit.record(
            session, actor=actor, action="mission.change", subject=("mission", mission.id), now=now,
            before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
        )


def _check_provinces(actor: Person, details: MissionDetails) -> None:
    if details.visiting_province_code == details.hosting_province_code:
        raise Refused(_l("Pilih dua provinsi yang berbeda."), field="hosting_province_code")
    if not policy.can_draft_between(actor, details.visiting_province_code, details.hosting_province_code):
        raise Refused(_l("Provinsi Anda sendiri harus salah satunya."), field="visiting_province_code")


def _write(session: Session, mission: Mission, details: MissionDetails) -> None:
    host = session.get_one(Province, details.hosting_province_code)
    moments = moments_of(details, host.time_zone)
    for name in (
        "name", "held_on", "venue", "host_city", "visiting_province_code", "hosting_province_code", "slot_minutes",
        "slot_count", "table_count",
    ):
        setattr(mission, name, getattr(details, name))
    for name in TIMES:
        setattr(mission, name, getattr(moments, name))


def _facts(mission: Mission) -> dict[str, Any]:
    names = (
        "name", "held_on", "venue", "host_city", "visiting_province_code", "hosting_province_code", *TIMES,
        "slot_minutes", "slot_count", "table_count",
    )
    return {name: _plain(getattr(mission, name)) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def open_mission(session: Session, *, actor: Person, mission: Mission, now: datetime) -> None:
    """Show a drafted mission to the owners of both provinces, who can join from now on."""
    _move(session, actor, mission, MissionState.DRAFT, MissionState.OPEN, "mission.open", now)


def hold_mission(session: Session, *, actor: Person, mission: Mission, now: datetime) -> None:
    """Say that the day is over: nobody joins any more, deals can still be recorded."""
    if mission.opens_at is not None and now < mission.opens_at:
        raise Conflict(_l("Hari misi belum tiba."))
    _move(session, actor, mission, MissionState.OPEN, MissionState.HELD, "mission.hold", now)


def _move(
    session: Session, actor: Person, mission: Mission, start: MissionState, end: MissionState, action: str,
    now: datetime,
) -> None:
    if not policy.can_change(actor, mission):
        raise NotAllowed(_l("Hanya panitia kedua provinsi yang bisa mengubah misi ini."))
    if mission.state is not start:
        raise Conflict(_l("Keadaan misi ini sudah berubah. Muat ulang halamannya."))
    mission.state = end
    session.flush()
    audit.record(
        session, actor=actor, action=action, subject=("mission", mission.id), now=now, before={"state": start.value},
        after={"state": end.value},
    )


def add_participants(
    session: Session, *, actor: Person, mission: Mission, enterprises: Sequence[Enterprise],
    details: ParticipationDetails, now: datetime,
) -> list[Participation]:
    """Add firms of the organiser's own province; a firm that already takes part is passed over."""
    if not policy.can_choose_participants(actor, mission):
        raise NotAllowed(_l("Peserta ditambah oleh panitia provinsinya, selama misi belum berlangsung."))
    if not all(policy.can_choose_firm(actor, mission, enterprise) for enterprise in enterprises):
        raise NotAllowed(_l("Anda hanya bisa menambah usaha dari provinsi Anda."))
    if any(enterprise.state not in queries.ADDABLE for enterprise in enterprises):
        raise Conflict(_l("Ada usaha yang belum lengkap atau sudah ditutup. Muat ulang daftarnya."))
    known = _known(session, mission, enterprises)
    return [
        _take_in(session, mission, enterprise, known.get(enterprise.id), actor, details, now)
        for enterprise in enterprises if not _takes_part(known.get(enterprise.id))
    ]


def _known(session: Session, mission: Mission, enterprises: Sequence[Enterprise]) -> dict[str, Participation]:
    ids = [enterprise.id for enterprise in enterprises]
    rows = session.scalars(
        select(Participation).where(Participation.mission_id == mission.id, Participation.enterprise_id.in_(ids))
    )
    return {row.enterprise_id: row for row in rows}


def _takes_part(participation: Participation | None) -> bool:
    return participation is not None and participation.state is ParticipationState.CONFIRMED


def _take_in(
    session: Session, mission: Mission, enterprise: Enterprise, earlier: Participation | None, actor: Person,
    details: ParticipationDetails, now: datetime,
) -> Participation:
    before = None if earlier is None else _terms(earlier)
    participation = earlier or Participation(id=new_id(), mission_id=mission.id, enterprise_id=enterprise.id)
    participation.nominated_by, participation.funded_by = details.nominated_by, details.funded_by
    participation.state, participation.joined_at = ParticipationState.CONFIRMED, now
    session.add(participation)
    session.flush()
    audit.record(
        session, actor=actor, action="participation.add", subject=("participation", participation.id), now=now,
        before=before, after=_terms(participation) | {"enterprise": enterprise.name, "mission": mission.name},
    )
    return participation


def _terms(participation: Participation) -> dict[str, Any]:
    return {
        "state": participation.state.value, "nominated_by": participation.nominated_by,
        "funded_by": participation.funded_by.value,
    }


def remove_participant(
    session: Session, *, actor: Person, mission: Mission, participation: Participation, reason: str, now: datetime
) -> None:
    """Take a firm out of a mission; the row stays with the reason in the trail. Its firm has to be loaded."""
    if not policy.can_choose_firm(actor, mission, participation.enterprise):
        raise NotAllowed(_l("Anda hanya bisa mengeluarkan usaha dari provinsi Anda, selama misi belum berlangsung."))
    if not reason:
        raise Refused(_l("Tulis alasannya, supaya usaha itu tahu."), field="reason")
    if participation.state is ParticipationState.WITHDRAWN:
        raise Conflict(_l("Usaha ini sudah dikeluarkan."))
    before = _terms(participation)
    participation.state = ParticipationState.WITHDRAWN
    session.flush()
    audit.record(
        session, actor=actor, action="participation.remove", subject=("participation", participation.id), now=now,
        before=before,
        after=_terms(participation) | {"enterprise": participation.enterprise.name, "mission": mission.name},
        reason=reason,
    )


def join_mission(
    session: Session, *, actor: Person, mission: Mission, enterprise: Enterprise, now: datetime
) -> Participation:
    """Let an owner take part in one tap, at own cost; joining twice changes nothing."""
    if not policy.can_join(actor, mission, enterprise):
        raise NotAllowed(_l("Usaha ini belum bisa ikut: lengkapi datanya dulu, atau tunggu misinya dibuka."))
    earlier = _known(session, mission, [enterprise]).get(enterprise.id)
    if earlier is not None and _takes_part(earlier):
        return earlier
    if earlier is not None and earlier.state is ParticipationState.WITHDRAWN:
        raise Conflict(_l("Panitia sudah mengeluarkan usaha ini dari misi. Hubungi panitia untuk ikut lagi."))
    # An invitation already says who nominated the firm and who pays: saying yes keeps that.
    details = (
        ParticipationDetails("", Funding.OWN) if earlier is None
        else ParticipationDetails(earlier.nominated_by, earlier.funded_by)
    )
    return _take_in(session, mission, enterprise, earlier, actor, details, now)
