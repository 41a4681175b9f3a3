"""Reads of people, sessions and consents."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import BrowserSession, Consent, Person, RecoveryCode
from app.accounts.values import STAFF, Purpose, Role
from app.kit import proofs

SHOWN_OWNERS = 2


def person_behind(session: Session, token: str, now: datetime) -> Person | None:
    """Return who is signed in with a browser's token: the session runs and the person is not blocked."""
    return session.scalar(
        select(Person)
        .join(BrowserSession, BrowserSession.person_id == Person.id)
        .where(
            BrowserSession.digest == proofs.digest(token), BrowserSession.ended_at.is_(None),
            BrowserSession.expires_at > now, Person.is_active.is_(True),
        )
    )


def is_fresh(session: Session, token: str, now: datetime) -> bool:
    """Return whether a browser proved who sits there within the last minutes."""
    until = session.scalar(
        select(BrowserSession.fresh_until).where(
            BrowserSession.digest == proofs.digest(token), BrowserSession.ended_at.is_(None)
        )
    )
    return until is not None and until > now


def count_other_sessions(session: Session, person: Person, token: str, now: datetime) -> int:
    """Return in how many other browsers a person is signed in."""
    return session.scalar(
        select(func.count()).select_from(BrowserSession).where(
            BrowserSession.person_id == person.id, BrowserSession.ended_at.is_(None), BrowserSession.expires_at > now,
            BrowserSession.digest != proofs.digest(token),
        )
    ) or 0


def person_by_identity(session: Session, identity: str) -> Person | None:
    """Return who has this phone number or e-mail address, given in its normal form."""
    return session.scalar(select(Person).where(or_(Person.phone == identity, Person.email == identity)))


def staff_by_id(session: Session, person_id: str) -> Person | None:
    """Return a member of staff between password and second factor; nobody who is blocked or an owner."""
    return session.scalar(
        select(Person).where(Person.id == person_id, Person.role.in_(STAFF), Person.is_active.is_(True))
    )


def people_seen_by(user: Person, *, role: Role | None = None, words: str = "") -> Select[Person]:
    """Return the people an admin manages: staff, or those of one role, narrowed by name, phone or e-mail."""
    query = select(Person).where(Person.role.in_(STAFF) if role is None else Person.role == role)
    if user.role is not Role.ADMIN:
        query = query.where(false())
    if words:
        digits = "".join(letter for letter in words if letter.isdigit()).lstrip("0").removeprefix("62")
        wanted = [Person.name.icontains(words, autoescape=True), Person.email.icontains(words, autoescape=True)]
        if len(digits) >= 3:
            wanted.append(Person.phone.contains(digits, autoescape=True))
        query = query.where(or_(*wanted))
    return query.order_by(Person.is_active.desc(), Person.role, Person.name, Person.id)


def person_seen_by(session: Session, user: Person, person_id: str) -> Person | None:
    """Return one person for an admin."""
    if user.role is not Role.ADMIN:
        return None
    return session.scalar(select(Person).where(Person.id == person_id))


def count_active_admins(session: Session) -> int:
    """Return how many admins can sign in."""
    return session.scalar(
        select(func.count()).select_from(Person).where(Person.role == Role.ADMIN, Person.is_active.is_(True))
    ) or 0


def count_recovery_codes(session: Session, person: Person) -> int:
    """Return how many recovery codes a person has left."""
    return session.scalar(
        select(func.count()).select_from(RecoveryCode).where(
            RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None)
        )
    ) or 0


def demo_accounts(session: Session) -> Sequence[Person]:
    """Return the invented people to try the demo with: all staff, and the first owners of each province."""
    place = func.row_number().over(partition_by=(Person.role, Person.province_code), order_by=(Person.phone, Person.id))
    ranked = select(Person.id, place.label("place")).where(Person.is_demo.is_(True)).subquery()
    return session.scalars(
        select(Person).join(ranked, ranked.c.id == Person.id)
        .where(or_(Person.role != Role.OWNER, ranked.c.place <= SHOWN_OWNERS))
        .order_by(Person.role, Person.province_code, Person.phone, Person.id)
    ).all()


def consents_of_person(session: Session, person_id: str) -> Sequence[Consent]:
    """Return every answer a person ever gave, oldest first."""
    return session.scalars(
        select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at, Consent.id)
    ).all()


def newest_consents(session: Session, person_id: str) -> dict[Purpose, Consent]:
    """Return the newest answer to each purpose that was ever answered, with its version and time."""
    return {answer.purpose: answer for answer in consents_of_person(session, person_id)}


def current_consents(session: Session, person_id: str) -> dict[Purpose, bool]:
    """Return the newest answer to each purpose; what was never answered is a no."""
    return consents_of_many(session, [person_id])[person_id]


def consents_of_many(session: Session, person_ids: Iterable[str]) -> dict[str, dict[Purpose, bool]]:
    """Return the newest answers of several people in one query; everybody asked for is in the result."""
    found = {person_id: dict.fromkeys(Purpose, False) for person_id in person_ids}
    answers = session.scalars(
        select(Consent).where(Consent.person_id.in_(found)).order_by(Consent.given_at, Consent.id)
    )
    for answer in answers:
        found[answer.person_id][answer.purpose] = answer.is_given
    return found


def own_data(session: Session, person: Person) -> dict[str, Any]:
    """Return everything this package keeps about a person, except secrets."""
    signed_in = session.scalars(
        select(BrowserSession).where(BrowserSession.person_id == person.id).order_by(BrowserSession.created_at)
    )
    return {
        "person": {
            "id": person.id, "name": person.name, "phone": person.phone, "email": person.email,
            "role": person.role.value, "province_code": person.province_code, "language": person.locale,
            "created_at": person.created_at.isoformat(),
        },
        "consents": [
            {
                "purpose": answer.purpose.value, "is_given": answer.is_given, "version": answer.version,
                "given_at": answer.given_at.isoformat(), "was_helped": answer.recorded_by is not None,
            }
            for answer in consents_of_person(session, person.id)
        ],
        "sign_ins": [
            {
                "signed_in_at": row.created_at.isoformat(), "expires_at": row.expires_at.isoformat(),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            }
            for row in signed_in
        ],
    }
