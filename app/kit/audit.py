"""The trail: who changed what, when, from what to what, and why. Entries are only ever added."""

from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import Index, Table
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.append_only import keep_append_only
from app.kit.db import Base
from app.kit.ids import new_id


class AuditEntry(Base):
    """One change by one person (or by the system, when there is no actor)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_type", "subject_id"), Index("ix_audit_entry_at", "at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    actor_id: Mapped[str | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(default="")


keep_append_only(cast(Table, AuditEntry.__table__))


class Actor(Protocol):
    """Anybody who can be named in the trail."""

    id: Any
    name: Any


def record(
    session: Session, *, actor: Actor | None, action: str, subject: tuple[str, str],
    now: datetime, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, reason: str = "",
) -> None:
    """Add an entry; `subject` is (type, id). Values must be JSON-able: use `plain` on enums, dates, decimals."""
    session.add(AuditEntry(
        at=now, actor_id=None if actor is None else actor.id, actor_name="sistem" if actor is None else actor.name,
        action=action, subject_type=subject[0], subject_id=subject[1], before=_plain(before), after=_plain(after),
        reason=reason,
    ))


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    keep = (str, int, float, bool, list, dict, type(None))
    return {key: value if type(value) in keep else str(value) for key, value in values.items()}
