"""Who may do what with people and their consents, and how each kind of person signs in."""

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, STAFF, Role


def signs_in_by_code(person: Person) -> bool:
    """Whether a one-time code lets this person in: owners who are not blocked."""
    return person.role is Role.OWNER and person.is_active


def signs_in_by_password(person: Person) -> bool:
    """Whether password and authenticator let this person in: staff who are not blocked."""
    return person.role in STAFF and person.is_active


def can_manage_staff(person: Person) -> bool:
    """Whether somebody may add, change and block people."""
    return person.role is Role.ADMIN and person.is_active


def can_manage_person(person: Person, other: Person) -> bool:
    """Whether somebody may change this person's role or block them: never oneself."""
    return can_manage_staff(person) and person.id != other.id


def can_record_consents(person: Person, other: Person) -> bool:
    """Whether somebody may write down these consents: one's own, or an owner's whom an officer helps."""
    if person.id == other.id:
        return True
    is_helper = person.role in PROVINCIAL_STAFF and other.role is Role.OWNER
    return is_helper and other.province_code in (None, person.province_code)


def can_register_owners(person: Person) -> bool:
    """Whether somebody may open an account for an owner whom they help."""
    return person.role in PROVINCIAL_STAFF
