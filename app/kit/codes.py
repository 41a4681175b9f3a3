"""One-time codes: six digits for one browser, proving that somebody reads the messages of a phone or a mailbox.

Each asking browser has a row of its own, so a stranger who asks for the same number cannot use up the owner's
attempts. Nothing here knows people or sends messages.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import proofs
from app.kit.db import Base, take_turns
from app.kit.errors import Refused
from app.kit.tries import TooManyTries

LIFE = timedelta(minutes=10)
ATTEMPTS = 5
LIVE_CODES = 3
BETWEEN_MESSAGES = timedelta(seconds=60)


class LoginCode(Base):
    """A code asked for in one browser; a row is written for identities that get no message too."""

    __tablename__ = "login_code"
    __table_args__ = (Index("ix_login_code_identity", "identity", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[str]
    digest: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class CodeIsDead(Refused):
    """The code has expired, was used, or a newer one took its place."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Whether a typed code fits, and how many attempts its row has left."""

    fits: bool
    attempts_left: int


def seconds_to_wait(session: Session, identity: str, now: datetime) -> int:
    """Return how long this identity waits until the next code, whoever asks for it."""
    asked = select(LoginCode.created_at).where(LoginCode.identity == identity)
    newest = session.scalar(asked.order_by(LoginCode.created_at.desc()).limit(1))
    left = timedelta(0) if newest is None else newest + BETWEEN_MESSAGES - now
    return max(0, -(-int(left.total_seconds() * 1000) // 1000))


def issue_code(
    session: Session, *, code_id: str, identity: str, key: bytes, now: datetime, replaces: str | None = None
) -> str:
    """Write a row for one browser and return its code, which nobody can read from the row again."""
    _expire_older(session, identity, now, replaces)
    code = proofs.random_code()
    session.add(LoginCode(
        id=code_id, identity=identity, digest=proofs.code_digest(key, code_id, code), created_at=now,
        expires_at=now + LIFE, attempts=0,
    ))
    session.flush()
    return code


def _expire_older(session: Session, identity: str, now: datetime, replaces: str | None) -> None:
    """End this browser's earlier code, and the oldest of other browsers above the number kept alive."""
    live = (LoginCode.identity == identity, LoginCode.used_at.is_(None), LoginCode.expires_at > now)
    surplus = session.scalars(
        select(LoginCode.id).where(*live).order_by(LoginCode.created_at.desc(), LoginCode.id.desc())
        .offset(LIVE_CODES - 1)
    ).all()
    ended = [*surplus, *([replaces] if replaces else [])]
    session.execute(update(LoginCode).where(*live, LoginCode.id.in_(ended)).values(expires_at=now))


def code_by_id(session: Session, code_id: str) -> LoginCode | None:
    """Return the row of a browser's code."""
    return session.get(LoginCode, code_id)


def try_code(session: Session, row: LoginCode, typed: str, *, key: bytes, now: datetime) -> Typed:
    """Use up one attempt; a code that fits is used from then on. Raises when there is nothing left to try."""
    take_turns(session, row.identity)
    _claim_attempt(session, row, now)
    left = ATTEMPTS - row.attempts
    if not proofs.same(row.digest, proofs.code_digest(key, row.id, proofs.plain_code(typed))):
        return Typed(fits=False, attempts_left=left)
    used = session.scalars(
        update(LoginCode).where(LoginCode.id == row.id, LoginCode.used_at.is_(None)).values(used_at=now)
        .returning(LoginCode.id)
    ).one_or_none()
    return Typed(fits=used is not None, attempts_left=left)


def _claim_attempt(session: Session, row: LoginCode, now: datetime) -> None:
    """Take one attempt in a single statement, so that parallel guesses cannot share one."""
    claimed = session.scalars(
        update(LoginCode)
        .where(
            LoginCode.id == row.id, LoginCode.used_at.is_(None), LoginCode.expires_at > now,
            LoginCode.attempts < ATTEMPTS,
        )
        .values(attempts=LoginCode.attempts + 1).returning(LoginCode.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(row)
    if claimed is not None:
        return
    if row.used_at is None and row.attempts >= ATTEMPTS:
        raise TooManyTries(_l("Kode ini sudah salah lima kali. Minta kode baru."), seconds=60)
    raise dead_code()


def dead_code() -> CodeIsDead:
    """Return the refusal for a code that counts no more."""
    return CodeIsDead(_l("Kode ini sudah tidak berlaku. Minta kode baru."), field="code")


def forget_codes(session: Session, *, before: datetime) -> None:
    """Remove old rows: they hold addresses of people."""
    session.execute(delete(LoginCode).where(LoginCode.created_at < before))
