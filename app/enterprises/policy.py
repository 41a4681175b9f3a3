"""Who may do what with a firm. The firm's regency must be loaded: staff are bound to its province."""

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.regions.models import Regency


def is_owner(person: Person, enterprise: Enterprise) -> bool:
    """Whether the firm is the person's own."""
    return person.role is Role.OWNER and person.id == enterprise.owner_id


def is_own_staff(person: Person, enterprise: Enterprise) -> bool:
    """Whether the person works for the firm's province."""
    return person.role in PROVINCIAL_STAFF and person.province_code == enterprise.regency.province_code


def can_register(person: Person) -> bool:
    """Whether somebody registers a firm of their own."""
    return person.role is Role.OWNER and person.is_active


def can_assist(person: Person, regency: Regency | None = None) -> bool:
    """Whether somebody may fill in for an owner; only for firms of their own province."""
    if person.role not in PROVINCIAL_STAFF or not person.is_active:
        return False
    return regency is None or regency.province_code == person.province_code


def can_edit(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody may change what the firm says of itself."""
    if enterprise.state is EnterpriseState.CLOSED:
        return False
    return is_owner(person, enterprise) or is_own_staff(person, enterprise)


def can_confirm(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody may say "this is my firm": the owner alone, never the officer who typed it in."""
    return is_owner(person, enterprise)


def can_verify(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody may stamp the firm as checked."""
    return is_own_staff(person, enterprise) and enterprise.state is EnterpriseState.ACTIVE


def can_see_fully(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody sees phone, figures, consents and history, not only what partners see."""
    return person.role is Role.ADMIN or is_own_staff(person, enterprise) or is_owner(person, enterprise)


def can_browse(person: Person) -> bool:
    """Whether somebody may open the directory."""
    return person.role is not Role.OWNER
