"""Counting tries in the database, so that limits hold across processes and restarts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.db import Base, take_turns
from app.kit.errors import Refused
from app.kit.ids import new_id

WINDOW = timedelta(hours=1)


class SignInEvent(Base):
    """One counted try of one kind, by whom it is about and where it came from."""

    __tablename__ = "sign_in_event"
    __table_args__ = (
        Index("ix_sign_in_event_identity", "kind", "identity", "at"),
        Index("ix_sign_in_event_network", "kind", "network", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    identity: Mapped[str]
    network: Mapped[str]
    at: Mapped[datetime]


class TooManyTries(Refused):
    """Somebody asked or guessed too often. Shown with status 429."""

    status = 429

    def __init__(self, message: object, *, seconds: int) -> None:
        super().__init__(message, field="code")
        self.seconds = max(1, seconds)


@dataclass(frozen=True, slots=True)
class Limit:
    """Most tries within an hour by one identity and by one network."""

    by_identity: int
    by_network: int


def count_try(session: Session, kind: str, limit: Limit, *, identity: str, network: str, now: datetime) -> str:
    """Count a try before it is known how it ends, so that parallel tries cannot slip through; returns its id."""
    # Identity before network, always: two transactions can then never wait for one another.
    take_turns(session, f"{kind}:{identity}", f"{kind}:{network}")
    scopes = (
        (SignInEvent.identity == identity, limit.by_identity), (SignInEvent.network == network, limit.by_network)
    )
    for scope, most in scopes:
        blocking = session.scalar(
            select(SignInEvent.at).where(SignInEvent.kind == kind, scope, SignInEvent.at > now - WINDOW)
            .order_by(SignInEvent.at.desc()).offset(most - 1).limit(1)
        )
        if blocking is not None:
            raise _too_many(blocking + WINDOW - now)
    event = SignInEvent(id=new_id(), kind=kind, identity=identity, network=network, at=now)
    session.add(event)
    session.flush()
    return event.id


def _too_many(wait: timedelta) -> TooManyTries:
    seconds = int(wait.total_seconds())
    text = _l("Terlalu sering dicoba. Coba lagi %(n)s menit lagi, atau hubungi petugas.", n=seconds // 60 + 1)
    return TooManyTries(text, seconds=seconds)


def take_off(session: Session, try_id: str) -> None:
    """Forget one try, because it succeeded."""
    session.execute(delete(SignInEvent).where(SignInEvent.id == try_id))


def forgive(session: Session, kind: str, *, identity: str, network: str) -> None:
    """Forget the tries of an identity from one network, because it proved there that it is no stranger."""
    session.execute(delete(SignInEvent).where(
        SignInEvent.kind == kind, SignInEvent.identity == identity, SignInEvent.network == network
    ))


def forget_tries(session: Session, *, before: datetime) -> None:
    """Remove old rows: they hold addresses of people and count no more."""
    session.execute(delete(SignInEvent).where(SignInEvent.at < before))
