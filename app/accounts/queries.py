"""Reads of people, codes, sessions and consents."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import BrowserSession, Consent, Person
from app.accounts.values import Purpose
from app.kit import proofs


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


def person_by_identity(session: Session, identity: str) -> Person | None:
    """Return who has this phone number or e-mail address, given in its normal form."""
    return session.scalar(select(Person).where(or_(Person.phone == identity, Person.email == identity)))


def newest_consents(session: Session, person_id: str) -> dict[Purpose, Consent]:
    """Return the newest answer to each purpose that was ever answered, with its version and time."""
    answers = session.scalars(
        select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at, Consent.id)
    )
    return {answer.purpose: answer for answer in answers}


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
