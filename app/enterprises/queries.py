"""Reads of firms, scoped to who asks."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Consent, Person
from app.accounts.values import PROVINCIAL_STAFF, Purpose, Role
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.regions.models import Regency

WITH_PLACE = joinedload(Enterprise.regency).joinedload(Regency.province)
WITH_PEOPLE = (joinedload(Enterprise.owner), joinedload(Enterprise.assisted_by), joinedload(Enterprise.verified_by))


def owner_agreed_to(purpose: Purpose) -> ColumnElement[bool]:
    """Return the condition that the newest answer of a firm's owner to a purpose is yes."""
    newest = (
        select(Consent.is_given)
        .where(Consent.person_id == Enterprise.owner_id, Consent.purpose == purpose)
        .order_by(Consent.given_at.desc(), Consent.id.desc()).limit(1)
        .correlate(Enterprise).scalar_subquery()
    )
    return newest.is_(True)


def is_seen_by(person: Person) -> ColumnElement[bool]:
    """Return the condition that a person may see a firm (its regency must be joined).

    Admins see all, owners their own, staff all of their province and of the others what the owners agreed to show.
    """
    if person.role is Role.ADMIN:
        return true()
    if person.role is Role.OWNER:
        return Enterprise.owner_id == person.id
    if person.role not in PROVINCIAL_STAFF:
        return false()
    shown_elsewhere = and_(Enterprise.state == EnterpriseState.ACTIVE, owner_agreed_to(Purpose.PARTNERS))
    return or_(Regency.province_code == person.province_code, shown_elsewhere)


def enterprises_seen_by(person: Person) -> Select[Any]:
    """Return the select of all firms that a person may see, with their places."""
    return select(Enterprise).join(Enterprise.regency).where(is_seen_by(person)).options(WITH_PLACE)


def enterprise_seen_by(session: Session, person: Person, enterprise_id: str) -> Enterprise | None:
    """Return one firm with its place and people, or None when it is not for this person's eyes."""
    found: Enterprise | None = session.scalar(
        enterprises_seen_by(person).where(Enterprise.id == enterprise_id).options(*WITH_PEOPLE)
    )
    return found


def enterprise_of(session: Session, owner: Person) -> Enterprise | None:
    """Return the firm of an owner with its place and people."""
    return session.scalar(
        select(Enterprise).where(Enterprise.owner_id == owner.id).options(WITH_PLACE, *WITH_PEOPLE)
    )


def awaiting_owner(province_code: str | None) -> Select[Any]:
    """Return the select of the province's firms that officers filled in and owners have not confirmed, oldest first."""
    return (
        select(Enterprise).join(Enterprise.regency)
        .where(Enterprise.state == EnterpriseState.AWAITING_OWNER, Regency.province_code == province_code)
        .options(WITH_PLACE, joinedload(Enterprise.owner), joinedload(Enterprise.assisted_by))
        .order_by(Enterprise.created_at, Enterprise.id)
    )


def nib_is_taken(session: Session, nib: str, *, except_for: Enterprise) -> bool:
    """Tell whether another firm has a business number."""
    other = select(Enterprise.id).where(Enterprise.nib == nib, Enterprise.id != except_for.id)
    return session.scalar(other.limit(1)) is not None
