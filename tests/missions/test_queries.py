"""What missions and participants somebody sees, on both databases."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.accounts.values import Purpose
from app.missions import queries
from app.missions.values import MissionState, ParticipantFilters
from tests.factories import (
    ELSEWHERE,
    HOSTING,
    VISITING,
    make_consents,
    make_enterprise,
    make_mission,
    make_participation,
    make_person,
)

ALL = ParticipantFilters()


@pytest.mark.parametrize(
    ("role", "province", "state", "is_seen"),
    [
        ("organiser", VISITING, MissionState.DRAFT, True), ("office", HOSTING, MissionState.DRAFT, True),
        ("organiser", ELSEWHERE, MissionState.OPEN, False), ("office", ELSEWHERE, MissionState.OPEN, False),
        ("admin", None, MissionState.DRAFT, True),
    ],
)
def test_staff_see_the_missions_of_their_province(
    session: Session, role: str, province: str | None, state: MissionState, is_seen: bool
) -> None:
    person = make_person(session, role, province)
    mission = make_mission(session, state=state)

    found = queries.mission_seen_by(session, person, mission.id)

    assert (found is not None) is is_seen


@pytest.mark.parametrize(
    ("hosting", "state", "is_seen"),
    [
        (HOSTING, MissionState.OPEN, True), (HOSTING, MissionState.DRAFT, False), (ELSEWHERE, MissionState.OPEN, False),
    ],
)
def test_owners_see_opened_missions_of_their_firms_province(
    session: Session, hosting: str, state: MissionState, is_seen: bool
) -> None:
    owner = make_person(session)
    make_enterprise(session, owner, HOSTING)
    mission = make_mission(session, hosting=hosting, state=state)

    assert (queries.mission_seen_by(session, owner, mission.id) is not None) is is_seen


def test_owner_without_a_firm_sees_no_mission(session: Session) -> None:
    mission = make_mission(session)

    assert queries.mission_seen_by(session, make_person(session), mission.id) is None


def test_coming_missions_stand_before_held_ones(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    later = make_mission(session, held_on=date(2027, 9, 1))
    held = make_mission(session, held_on=date(2027, 1, 9), state=MissionState.HELD)
    older = make_mission(session, held_on=date(2026, 1, 9), state=MissionState.HELD)
    sooner = make_mission(session, held_on=date(2027, 4, 1))

    assert list(queries.missions_seen_by(session, organiser)) == [sooner, later, held, older]


def test_history_is_kept_apart_with_what_was_published(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)

    earlier = queries.earlier_missions_seen_by(session, organiser, limit=100)

    assert any(total and total.total_amount == 568_042_498_000 for _, total in earlier)
    assert all(mission.state is MissionState.HISTORY for mission, _ in earlier)
    assert queries.missions_seen_by(session, organiser) == []


def test_current_mission_is_the_nearest_open_one(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    make_mission(session, held_on=date(2027, 9, 1))
    sooner = make_mission(session, held_on=date(2027, 4, 1))
    make_mission(session, held_on=date(2027, 1, 1), state=MissionState.HELD)

    assert queries.current_mission_for(session, organiser) is sooner
    assert queries.current_mission_for(session, HOSTING) is sooner
    assert queries.current_mission_for(session, ELSEWHERE) is None


def test_firms_of_the_other_province_are_named_with_consent_only(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    own = make_enterprise(session, consents=())
    named = make_enterprise(session, province=HOSTING)
    silent = make_enterprise(session, province=HOSTING, consents=())
    for firm in (own, named, silent):
        make_participation(session, mission, firm)

    rows = session.scalars(queries.participants_seen_by(organiser, mission.id, ALL)).all()

    assert {row.enterprise_id for row in rows} == {own.id, named.id}


def test_a_withdrawn_consent_takes_the_name_away(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission = make_mission(session)
    firm = make_enterprise(session, province=HOSTING)
    make_participation(session, mission, firm)
    owner = session.get_one(type(organiser), firm.owner_id)
    make_consents(session, owner, Purpose.PHONE, now=mission.created_at.replace(year=2028))

    assert session.scalars(queries.participants_seen_by(organiser, mission.id, ALL)).all() == []


def test_participants_are_narrowed(session: Session) -> None:
    admin = make_person(session, "admin")
    mission = make_mission(session)
    wanted = make_enterprise(session, name="CV Pala Seratus%")
    other = make_enterprise(session, name="UD Kopra")
    for firm in (wanted, other):
        make_participation(session, mission, firm)

    def found(**filters: str) -> list[str]:
        rows = session.scalars(queries.participants_seen_by(admin, mission.id, ParticipantFilters(**filters)))
        return [row.enterprise.name for row in rows]

    assert found(text="pala") == ["CV Pala Seratus%"]
    assert found(text="%") == ["CV Pala Seratus%"]
    assert found(province_code=HOSTING) == []


def test_only_own_firms_that_do_not_take_part_can_be_added(session: Session) -> None:
    organiser = make_person(session, "organiser", VISITING)
    mission, earlier = make_mission(session), make_mission(session, state=MissionState.HELD)
    taking_part, returning, new = (make_enterprise(session) for _ in range(3))
    make_enterprise(session, province=HOSTING)
    make_participation(session, mission, taking_part)
    make_participation(session, earlier, returning)

    every = session.scalars(queries.firms_to_add(organiser, mission.id, ALL)).all()
    back = session.scalars(queries.firms_to_add(organiser, mission.id, ParticipantFilters(is_from_earlier=True))).all()

    assert {firm.id for firm in every} == {returning.id, new.id}
    assert [firm.id for firm in back] == [returning.id]
