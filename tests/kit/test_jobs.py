"""Jobs survive lost messages, dead workers and double delivery; the queue can run no stored code."""

import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.registry import Message

from app.kit import jobs
from app.kit.db import Database
from app.kit.jobs import LEASE, Job, JobState, Progress
from app.kit.queue import JsonSerializer, Queue

NOW = datetime.now(UTC)


@pytest.fixture
def ran() -> Iterator[list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []

    def remember(_database: Database, arguments: dict[str, Any], progress: Progress) -> None:
        progress.report(50)
        calls.append(arguments)
        if arguments.get("fails"):
            raise ValueError("no luck")

    jobs._REGISTRY["test.remember"] = remember
    yield calls
    del jobs._REGISTRY["test.remember"]


def promised(database: Database, **arguments: Any) -> str:
    with database.unit_of_work() as session:
        return jobs.promise(session, "test.remember", subject="s", now=NOW - timedelta(minutes=5), **arguments).id


def state_of(database: Database, job_id: str) -> Job:
    with database.open(read_only=True) as session:
        return session.get_one(Job, job_id)


def test_a_job_runs_once_even_when_delivered_twice(database: Database, ran: list[Any]) -> None:
    job_id = promised(database, a=1)

    first, second = jobs.run(database, job_id), jobs.run(database, job_id)

    assert (first, second, ran) == (True, False, [{"a": 1}])
    assert state_of(database, job_id).state == JobState.DONE


def test_a_rolled_back_request_leaves_no_job(database: Database) -> None:
    with database.open() as session:
        job_id = jobs.promise(session, "test.remember", subject="s", now=NOW).id
        session.rollback()
    with database.open(read_only=True) as session:
        assert session.get(Job, job_id) is None


def test_a_lost_message_is_found_by_the_sweep(database: Database, ran: list[Any]) -> None:
    job_id = promised(database)

    assert list(jobs.sweep(database)) == [job_id]


def test_a_job_of_a_dead_worker_is_taken_over(database: Database, ran: list[Any]) -> None:
    job_id = promised(database)
    with database.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.state, job.attempts, job.lease_until = JobState.RUNNING, 1, NOW - LEASE

    for waiting in jobs.sweep(database):
        jobs.run(database, waiting)

    assert state_of(database, job_id).state == JobState.DONE
    assert state_of(database, job_id).attempts == 2


def test_a_worker_that_lost_its_lease_cannot_report(database: Database) -> None:
    job_id = promised(database)

    with pytest.raises(jobs.LostLease):
        Progress(database, job_id, attempt=7).report(10)


def test_a_failing_job_is_tried_three_times_and_keeps_its_error(database: Database, ran: list[Any]) -> None:
    job_id = promised(database, fails=True)

    for _ in range(5):
        jobs.run(database, job_id)

    job = state_of(database, job_id)
    assert (job.state, job.attempts, len(ran)) == (JobState.FAILED, 3, 3)
    assert "no luck" in job.error


def test_a_pickle_in_the_queue_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "owned",)

    with pytest.raises((ValueError, UnicodeDecodeError)):
        JsonSerializer().deserialize(pickle.dumps(Evil()))

    assert not (tmp_path / "owned").exists()


def test_a_message_may_carry_plain_values_only() -> None:
    stored = json.dumps(Message(id="1", name="run_job", args=[["a", "list"]])._asdict()).encode()

    with pytest.raises(ValueError, match="plain"):
        JsonSerializer().deserialize(stored)


def test_the_queue_wakes_the_job_up(database: Database, database_url: str, tmp_path: Path, ran: list[Any]) -> None:
    queue = Queue(database_url, tmp_path, immediate=True)
    queue.attach(database)

    queue.wake([promised(database, b=2)])

    assert ran == [{"b": 2}]


def test_the_queue_keeps_its_own_file(tmp_path: Path, sqlite_url: str) -> None:
    Queue(sqlite_url, tmp_path)

    assert (tmp_path / "queue.db").exists()
