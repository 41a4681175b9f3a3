"""Who may record, correct and see deals."""

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.missions.models import Mission
from app.missions.values import MissionState

NOT_RECORDED_IN = (MissionState.DRAFT, MissionState.HISTORY)


def can_record(person: Person, mission: Mission) -> bool:
    """A trade office of one of the two provinces, once the mission is open and not one of the published past."""
    is_office = person.role is Role.OFFICE and _takes_part(person, mission)
    return is_office and mission.state not in NOT_RECORDED_IN


def can_correct(person: Person, mission: Mission) -> bool:
    """The offices that may record may also correct and call off; the trail says which one did."""
    return can_record(person, mission)


def can_see_deals(person: Person, mission: Mission) -> bool:
    """Whether somebody sees the whole list of a mission."""
    return person.role is Role.ADMIN or (person.role in PROVINCIAL_STAFF and _takes_part(person, mission))


def _takes_part(person: Person, mission: Mission) -> bool:
    return person.province_code is not None and mission.role_of(person.province_code) is not None
