"""Who may record, correct and see deals: role by own and other province."""

import pytest
from sqlalchemy.orm import Session

from app.deals import policy
from app.missions.values import MissionState
from tests.deals.helpers import make_scene
from tests.factories import ELSEWHERE, HOSTING, VISITING, make_person

ROWS = [
    # role, province, records, sees the list
    ("owner", None, False, False), ("organiser", VISITING, False, True), ("organiser", HOSTING, False, True),
    ("organiser", ELSEWHERE, False, False), ("office", VISITING, True, True), ("office", HOSTING, True, True),
    ("office", ELSEWHERE, False, False), ("admin", None, False, True),
]


@pytest.mark.parametrize(("role", "province", "records", "sees"), ROWS)
def test_rights_follow_role_and_province(
    session: Session, role: str, province: str | None, records: bool, sees: bool
) -> None:
    scene = make_scene(session)
    person = make_person(session, role, province)

    assert policy.can_record(person, scene.mission) is policy.can_correct(person, scene.mission) is records
    assert policy.can_see_deals(person, scene.mission) is sees


@pytest.mark.parametrize(("state", "is_open"), [
    (MissionState.DRAFT, False), (MissionState.OPEN, True), (MissionState.HELD, True), (MissionState.CLOSED, True),
    (MissionState.HISTORY, False),
])
def test_deals_are_recorded_from_opening_on(session: Session, state: MissionState, is_open: bool) -> None:
    scene = make_scene(session, state=state)

    assert policy.can_record(scene.office, scene.mission) is is_open
