"""Background work. The job row is the truth; the queue is only a wake-up call.

`promise` writes a row in the caller's transaction. After the commit the row's id is handed to Huey. A message
that gets lost is found again by `sweep`, a job whose worker died is claimed again when its lease has run out.
Every piece of work may therefore run twice and must be written so that this does no harm.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.clock import now
from app.kit.db import Base, Database
from app.kit.ids import new_id

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=90)
MAX_ATTEMPTS = 3
WAITING = "jobs_to_wake"


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One promised piece of work."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "lease_until"), Index("ix_job_subject", "subject"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    progress: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    created_by: Mapped[str | None]


class LostLease(RuntimeError):
    """Another worker has taken this job over; what this one does no longer counts."""


class Progress:
    """Lets running work say how far it is; each report renews the lease."""

    def __init__(self, database: Database, job_id: str, attempt: int) -> None:
        self._database, self._job_id, self._attempt = database, job_id, attempt

    def report(self, percent: int) -> None:
        """Store the percentage done; raises LostLease when another worker has the job."""
        moment = now()
        with self._database.unit_of_work() as session:
            done = session.scalars(
                update(Job)
                .where(Job.id == self._job_id, Job.attempts == self._attempt, Job.state == JobState.RUNNING)
                .values(progress=percent, lease_until=moment + LEASE)
                .returning(Job.id)
            ).one_or_none()
            if done is None:
                raise LostLease(self._job_id)


Work = Callable[[Database, dict[str, Any], Progress], None]
_REGISTRY: dict[str, Work] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Register a function as the work behind a kind of job."""

    def register(function: Work) -> Work:
        _REGISTRY[kind] = function
        return function

    return register


def promise(
    session: Session, kind: str, *, subject: str, now: datetime, by: str | None = None, **arguments: Any
) -> Job:
    """Add a job to the caller's transaction; it starts after the commit."""
    job = Job(id=new_id(), kind=kind, subject=subject, arguments=arguments, created_at=now, created_by=by)
    session.add(job)
    session.info.setdefault(WAITING, []).append(job.id)
    return job


def newest_job(session: Session, kind: str, subject: str) -> Job | None:
    """Return the job of this kind and subject that was promised last."""
    return session.scalars(
        select(Job).where(Job.kind == kind, Job.subject == subject).order_by(Job.created_at.desc(), Job.id.desc())
    ).first()


def job_by_id(session: Session, job_id: str) -> Job | None:
    """Return one job."""
    return session.get(Job, job_id)


def run(database: Database, job_id: str) -> bool:
    """Claim and run one job; returns False when there was nothing to claim."""
    claimed = _claim(database, job_id)
    if claimed is None:
        return False
    kind, arguments, attempt = claimed
    try:
        _REGISTRY[kind](database, arguments, Progress(database, job_id, attempt))
    except LostLease:
        log.warning("job %s was taken over by another worker", job_id)
        return True
    except Exception as fault:
        # The one place where any fault is caught: it is kept in the row, and the job is tried again.
        log.exception("job %s (%s) failed at attempt %d", job_id, kind, attempt)
        _end(database, job_id, attempt, error=f"{type(fault).__name__}: {fault}"[:2000])
        return True
    _end(database, job_id, attempt, error="")
    return True


def _claim(database: Database, job_id: str) -> tuple[str, dict[str, Any], int] | None:
    moment = now()
    with database.unit_of_work() as session:
        free = or_(Job.state == JobState.QUEUED, and_(Job.state == JobState.RUNNING, Job.lease_until < moment))
        row = session.execute(
            update(Job)
            .where(Job.id == job_id, free, Job.attempts < MAX_ATTEMPTS)
            .values(state=JobState.RUNNING, attempts=Job.attempts + 1, lease_until=moment + LEASE, progress=0)
            .returning(Job.kind, Job.arguments, Job.attempts)
        ).one_or_none()
        return None if row is None else (row[0], row[1], row[2])


def _end(database: Database, job_id: str, attempt: int, *, error: str) -> None:
    moment = now()
    failed_for_good = bool(error) and attempt >= MAX_ATTEMPTS
    state = JobState.DONE if not error else JobState.FAILED if failed_for_good else JobState.QUEUED
    with database.unit_of_work() as session:
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.RUNNING)
            .values(
                state=state, error=error, lease_until=None, progress=100 if not error else Job.progress,
                ended_at=None if state == JobState.QUEUED else moment,
            )
        )


def sweep(database: Database, *, older_than: timedelta = timedelta(seconds=20)) -> Sequence[str]:
    """Return the ids of jobs that wait without a wake-up or lost their worker; give up on hopeless ones."""
    moment = now()
    with database.unit_of_work() as session:
        dead = and_(Job.state == JobState.RUNNING, Job.lease_until < moment)
        session.execute(
            update(Job)
            .where(dead, Job.attempts >= MAX_ATTEMPTS)
            .values(state=JobState.FAILED, ended_at=moment, error="the worker died at every attempt")
        )
        waiting = and_(Job.state == JobState.QUEUED, Job.created_at < moment - older_than)
        return session.scalars(select(Job.id).where(or_(waiting, dead)).order_by(Job.created_at)).all()
