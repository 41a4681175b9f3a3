"""Who may do what with missions and participations."""

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.missions.models import Mission
from app.missions.values import MissionState

RUNNING = (MissionState.DRAFT, MissionState.OPEN)


def can_draft(person: Person) -> bool:
    """Whether somebody may start a mission at all; which provinces they may name is checked with the details."""
    return person.role in (Role.ORGANISER, Role.ADMIN)


def can_draft_between(person: Person, visiting_code: str, hosting_code: str) -> bool:
    """Whether somebody may start a mission of these two provinces: an organiser only with the own one."""
    return can_draft(person) and (person.role is Role.ADMIN or person.province_code in (visiting_code, hosting_code))


def can_change(person: Person, mission: Mission) -> bool:
    """Whether somebody may change the facts of a mission, open it and say that it was held."""
    return can_draft_between(person, *mission.province_codes) and mission.state is not MissionState.HISTORY


def can_see_participants(person: Person, mission: Mission) -> bool:
    """Whether somebody may see the firms of a mission in a list."""
    is_ours = person.role in PROVINCIAL_STAFF and person.province_code in mission.province_codes
    return (is_ours or person.role is Role.ADMIN) and mission.state is not MissionState.HISTORY


def can_choose_participants(person: Person, mission: Mission) -> bool:
    """Whether somebody may add and remove firms: the organisers of the two provinces, each their own firms."""
    is_organiser = person.role is Role.ORGANISER and person.province_code in mission.province_codes
    return is_organiser and mission.state in RUNNING


def can_choose_firm(person: Person, mission: Mission, enterprise: Enterprise) -> bool:
    """Whether somebody may add or remove this firm (its regency has to be loaded)."""
    return can_choose_participants(person, mission) and enterprise.regency.province_code == person.province_code


def can_join(person: Person, mission: Mission, enterprise: Enterprise) -> bool:
    """Whether an owner may take part with this firm in one tap."""
    is_own = person.role is Role.OWNER and enterprise.owner_id == person.id
    is_ready = enterprise.state is EnterpriseState.ACTIVE
    is_invited = enterprise.regency.province_code in mission.province_codes
    return is_own and is_ready and is_invited and mission.state is MissionState.OPEN
