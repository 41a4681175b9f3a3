"""What changes missions and participations, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.kit.audit import AuditEntry
from app.kit.errors import Conflict, NotAllowed, Refused
from app.missions import actions, queries
from app.missions.models import Mission, Participation
from app.missions.values import Funding, MissionDetails, MissionState, ParticipationDetails, ParticipationState
from tests.factories import (
    ELSEWHERE,
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_mission,
    make_participation,
    make_person,
)

DETAILS = MissionDetails(
    name="Misi Uji", held_on=date(2027, 4, 15), venue="Hotel Uji", host_city="Kota Uji",
    visiting_province_code=VISITING, hosting_province_code=HOSTING, opens_at=time(9), closes_at=time(16),
    cutoff_at=time(17), slot_minutes=20, slot_count=18, table_count=27,
)
KADIN = ParticipationDetails("Kadin", Funding.PROVINCE)


def trail(session: Session, action: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def firm_in(session: Session, mission: Mission, province: str) -> Enterprise:
    firm = make_enterprise(session, province=province)
    make_participation(session, mission, firm)
    return loaded(session, firm)


def loaded(session: Session, firm: Enterprise) -> Enterprise:
    return queries.firms_by_id(session, [firm.id])[0]


def test_hours_are_typed_in_the_time_of_the_hosting_province(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)

    mission = actions.draft_mission(session, actor=organiser, details=DETAILS, now=NOW)

    assert mission.opens_at == datetime(2027, 4, 15, 0, 0, tzinfo=UTC)
    assert mission.cutoff_at == datetime(2027, 4, 15, 8, 0, tzinfo=UTC)
    assert mission.state is MissionState.DRAFT
    assert trail(session, "mission.draft")[0].after["host_city"] == "Kota Uji"


def test_organiser_of_neither_province_cannot_draft(session: Session) -> None:
    stranger = make_person(session, "organiser", ELSEWHERE)

    with pytest.raises(Refused) as refusal:
        actions.draft_mission(session, actor=stranger, details=DETAILS, now=NOW)

    assert refusal.value.field == "visiting_province_code"


@pytest.mark.parametrize("role", ["office", "owner"])
def test_only_organisers_and_admins_draft(session: Session, role: str) -> None:
    person = make_person(session, role, VISITING)

    with pytest.raises(NotAllowed):
        actions.draft_mission(session, actor=person, details=DETAILS, now=NOW)


def test_a_mission_needs_two_different_provinces(session: Session) -> None:
    admin = make_person(session, "admin")

    with pytest.raises(Refused) as refusal:
        actions.draft_mission(
            session, actor=admin, details=replace(DETAILS, hosting_province_code=VISITING), now=NOW
        )

    assert refusal.value.field == "hosting_province_code"


def test_a_change_leaves_only_what_changed_in_the_trail(session: Session) -> None:
    organiser = make_person(session, "organiser", HOSTING)
    mission = actions.draft_mission(session, actor=organiser, details=DETAILS, now=NOW)

    actions.change_mission(
        session, actor=organiser, mission=mission, details=replace(DETAILS, table_count=30), now=NOW
    )

    entry = trail(session, "mission.change")[0]
    assert (entry.before, entry.after) == ({"table_count": 27}, {"table_count": 30})


def test_provinces_stay_once_firms_were_added(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    make_participation(session, mission, make_enterprise(session))

    with pytest.raises(Conflict):
        actions.change_mission(
            session, actor=organiser, mission=mission, details=replace(DETAILS, hosting_province_code=ELSEWHERE), now=NOW
        )


def test_a_mission_is_opened_once(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session, state=MissionState.DRAFT)

    actions.open_mission(session, actor=organiser, mission=mission, now=NOW)

    assert mission.state is MissionState.OPEN
    with pytest.raises(Conflict):
        actions.open_mission(session, actor=organiser, mission=mission, now=NOW)


def test_a_mission_is_not_held_before_its_day(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    assert mission.opens_at

    with pytest.raises(Conflict):
        actions.hold_mission(session, actor=organiser, mission=mission, now=mission.opens_at - timedelta(minutes=1))
    actions.hold_mission(session, actor=organiser, mission=mission, now=mission.opens_at + timedelta(hours=9))

    assert mission.state is MissionState.HELD


def test_other_province_cannot_open_a_mission(session: Session) -> None:
    stranger = make_person(session, "organiser", ELSEWHERE)

    with pytest.raises(NotAllowed):
        actions.open_mission(session, actor=stranger, mission=make_mission(session, state=MissionState.DRAFT), now=NOW)


def test_firms_of_the_own_province_are_added_in_one_act(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    firms = [loaded(session, make_enterprise(session)) for _ in range(2)]

    added = actions.add_participants(
        session, actor=organiser, mission=mission, enterprises=firms, details=KADIN, now=NOW
    )

    assert len(added) == 2
    counts = queries.participation_counts(session, mission)
    assert counts[VISITING].funded[Funding.PROVINCE] == 2
    assert counts[VISITING].nominated == (("Kadin", 2),)
    assert counts[HOSTING].total == 0
    assert len(trail(session, "participation.add")) == 2


def test_adding_again_passes_over_who_takes_part(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    firm = firm_in(session, mission, VISITING)

    added = actions.add_participants(
        session, actor=organiser, mission=mission, enterprises=[firm], details=KADIN, now=NOW
    )

    assert added == []


def test_firm_of_the_other_province_cannot_be_added(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    firm = loaded(session, make_enterprise(session, province=HOSTING))

    with pytest.raises(NotAllowed):
        actions.add_participants(
            session, actor=organiser, mission=make_mission(session), enterprises=[firm], details=KADIN, now=NOW
        )


def test_unfinished_firm_cannot_be_added(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    firm = loaded(session, make_enterprise(session, state=EnterpriseState.DRAFT))

    with pytest.raises(Conflict):
        actions.add_participants(
            session, actor=organiser, mission=make_mission(session), enterprises=[firm], details=KADIN, now=NOW
        )


def test_removing_needs_a_reason_and_keeps_the_row(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    firm = firm_in(session, mission, VISITING)
    participation = queries.participation_of(session, mission.id, firm.id)
    assert participation

    with pytest.raises(Refused) as refusal:
        actions.remove_participant(
            session, actor=organiser, mission=mission, participation=participation, reason="", now=NOW
        )
    actions.remove_participant(
        session, actor=organiser, mission=mission, participation=participation, reason="Sakit", now=NOW
    )

    assert refusal.value.field == "reason"
    assert participation.state is ParticipationState.WITHDRAWN
    assert trail(session, "participation.remove")[0].reason == "Sakit"
    assert queries.participants_of(session, mission.id) == []


def test_other_province_cannot_remove_a_firm(session: Session) -> None:
    organiser = make_person(session, "organiser", HOSTING)
    mission = make_mission(session)
    firm = firm_in(session, mission, VISITING)
    participation = queries.participation_of(session, mission.id, firm.id)
    assert participation

    with pytest.raises(NotAllowed):
        actions.remove_participant(
            session, actor=organiser, mission=mission, participation=participation, reason="Sakit", now=NOW
        )


def test_owner_joins_an_open_mission_in_one_tap(session: Session) -> None:
    mission = make_mission(session)
    owner = make_person(session)
    firm = loaded(session, make_enterprise(session, owner))

    actions.join_mission(session, actor=owner, mission=mission, enterprise=firm, now=NOW)
    actions.join_mission(session, actor=owner, mission=mission, enterprise=firm, now=NOW)

    rows = session.scalars(select(Participation).where(Participation.enterprise_id == firm.id)).all()
    assert [(row.state, row.funded_by) for row in rows] == [(ParticipationState.CONFIRMED, Funding.OWN)]
    assert len(trail(session, "participation.add")) == 1


def test_saying_yes_to_an_invitation_keeps_who_pays(session: Session) -> None:
    mission = make_mission(session)
    owner = make_person(session)
    firm = loaded(session, make_enterprise(session, owner))
    make_participation(session, mission, firm, state=ParticipationState.INVITED, funded_by=Funding.PROVINCE)

    joined = actions.join_mission(session, actor=owner, mission=mission, enterprise=firm, now=NOW)

    assert (joined.state, joined.funded_by) == (ParticipationState.CONFIRMED, Funding.PROVINCE)


def test_removed_firm_cannot_let_itself_in_again(session: Session) -> None:
    mission = make_mission(session)
    owner = make_person(session)
    firm = loaded(session, make_enterprise(session, owner))
    make_participation(session, mission, firm, state=ParticipationState.WITHDRAWN)

    with pytest.raises(Conflict):
        actions.join_mission(session, actor=owner, mission=mission, enterprise=firm, now=NOW)


@pytest.mark.parametrize(
    ("state", "hosting", "firm_state"),
    [
        (MissionState.DRAFT, HOSTING, EnterpriseState.ACTIVE), (MissionState.HELD, HOSTING, EnterpriseState.ACTIVE),
        (MissionState.OPEN, ELSEWHERE, EnterpriseState.ACTIVE), (MissionState.OPEN, HOSTING, EnterpriseState.DRAFT),
    ],
)
def test_joining_is_refused(session: Session, state: MissionState, hosting: str, firm_state: EnterpriseState) -> None:
    owner = make_person(session)
    firm = loaded(session, make_enterprise(session, owner, HOSTING, state=firm_state))
    mission = make_mission(session, hosting=hosting, state=state)

    with pytest.raises(NotAllowed):
        actions.join_mission(session, actor=owner, mission=mission, enterprise=firm, now=NOW)


def test_somebody_elses_firm_cannot_be_joined(session: Session) -> None:
    firm = loaded(session, make_enterprise(session))

    with pytest.raises(NotAllowed):
        actions.join_mission(
            session, actor=make_person(session), mission=make_mission(session), enterprise=firm, now=NOW
        )
