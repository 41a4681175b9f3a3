"""The traps of both databases: lost updates, naive times, inexact decimals, writes in a reading request."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import StatementError

from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.jobs import Job
from tests.factories import make_listing

NOW = datetime(2027, 2, 15, 3, 0, tzinfo=UTC)


def test_parallel_read_then_write_loses_no_update(database: Database) -> None:
    job_id = new_id()
    with database.unit_of_work() as session:
        session.add(Job(id=job_id, kind="count", subject="x", arguments={}, created_at=NOW))

    def add_twenty() -> None:
        for _ in range(20):
            with database.unit_of_work() as session:
                # On PostgreSQL the row lock does what BEGIN IMMEDIATE does on SQLite.
                job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one()
                job.progress += 1

    threads = [threading.Thread(target=add_twenty) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.open(read_only=True) as session:
        assert session.get_one(Job, job_id).progress == 100


def test_sqlite_runs_in_wal_with_foreign_keys_and_full_sync(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.open() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
    database.engine.dispose()


def test_a_reading_session_refuses_to_write(database: Database) -> None:
    with database.open(read_only=True) as session:
        session.add(Job(kind="x", subject="x", arguments={}, created_at=NOW))
        with pytest.raises(RuntimeError, match="only reads"):
            session.flush()


def test_a_reader_does_not_wait_for_a_writer(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.open() as writer:
        writer.execute(text("SELECT 1"))
        with database.open(read_only=True) as reader:
            assert reader.execute(text("SELECT count(*) FROM job")).scalar() == 0
    database.engine.dispose()


def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Job(id="a" * 20, kind="x", subject="x", arguments={}, created_at=NOW))
    with database.open() as session:
        assert session.get_one(Job, "a" * 20).created_at == NOW
        with pytest.raises(StatementError, match="time zone"):
            session.execute(update(Job).values(created_at=datetime(2027, 1, 1)))


def test_quantities_stay_exact(database: Database) -> None:
    with database.unit_of_work() as session:
        listing_id = make_listing(session, quantity=Decimal("1234567.125")).id
    with database.open() as session:
        from app.listings.models import Listing

        assert session.get_one(Listing, listing_id).quantity == Decimal("1234567.125")


def test_an_enum_is_stored_by_its_value(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Job(id="b" * 20, kind="x", subject="x", arguments={}, created_at=NOW))
    with database.open() as session:
        assert session.execute(text("SELECT state FROM job")).scalar() == "queued"
