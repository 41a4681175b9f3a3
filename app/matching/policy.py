"""Who may do what with proposals."""

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.enterprises.models import Enterprise
from app.matching.models import DecisionBatch
from app.missions.models import Mission
from app.missions.values import MissionState


def can_see_queue(person: Person, mission: Mission) -> bool:
    """Whether somebody may read the proposals of a mission."""
    is_ours = person.role in PROVINCIAL_STAFF and person.province_code in mission.province_codes
    return is_ours or person.role is Role.ADMIN


def can_decide(person: Person, mission: Mission) -> bool:
    """Whether somebody may rank a mission and decide about its proposals: the organisers of the two provinces."""
    is_organiser = person.role is Role.ORGANISER and person.province_code in mission.province_codes
    return is_organiser and mission.state is MissionState.OPEN


def can_undo(person: Person, batch: DecisionBatch) -> bool:
    """Whether somebody may take decisions back: who took them."""
    return person.role is Role.ORGANISER and batch.decided_by_id == person.id


def can_answer(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody answers for a firm: its owner alone."""
    return person.role is Role.OWNER and enterprise.owner_id == person.id
