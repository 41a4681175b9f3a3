"""The database: one typed base, one engine for SQLite or PostgreSQL, one way to open a session."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Numeric,
    String,
    event,
    func,
    select,
)
from sqlalchemy import create_engine as sa_create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
READ_ONLY = "sqlite_read_only"
BUSY_SECONDS = 30


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: refuses naive times, is stored in UTC and comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal on both databases: SQLite has only floats, so it keeps text there."""

    impl = Numeric(18, 3)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(24))
        return dialect.type_descriptor(Numeric(18, 3))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = Decimal(value).quantize(Decimal("0.001"))
        return str(exact) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


# Enums are stored by value as text; the words are checked by Python, not by a CHECK that goes stale.
_ENUM = Enum(
    enum.Enum,
    native_enum=False,
    length=32,
    validate_strings=True,
    create_constraint=False,
    values_callable=lambda members: [member.value for member in members],
)


class Base(DeclarativeBase):
    """Every table descends from here."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UTCDateTime(),
        date: Date(),
        Decimal: DecimalText(),
        int: BigInteger(),
        str: String(400),
        enum.StrEnum: _ENUM,
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
        list[int]: JSON(),
    }


def make_engine(url: str) -> Engine:
    """Return an engine with the settings that make SQLite and PostgreSQL behave alike."""
    if url.startswith("sqlite"):
        engine = sa_create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa_create_engine(url, pool_pre_ping=True)


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    # The driver must not begin transactions by itself: its deferred BEGIN loses updates (docs/decisions/0003).
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}",
        "recursive_triggers=ON",  # else REPLACE removes a row without asking the triggers of append-only tables
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


class GuardedSession(Session):
    """A session that refuses to write when it was opened for reading."""

    is_read_only = False


@event.listens_for(GuardedSession, "before_flush")
def _refuse_writes(session: GuardedSession, *_: Any) -> None:
    if session.is_read_only and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a page that only reads tried to write")


class Database:
    """Opens sessions on one engine."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._readers = self.engine.execution_options(**{READ_ONLY: True})
        self._make = sessionmaker(class_=GuardedSession, expire_on_commit=False)

    def open(self, *, read_only: bool = False) -> GuardedSession:
        """Return a new session; the caller closes it."""
        session = self._make(bind=self._readers if read_only else self.engine)
        session.is_read_only = read_only
        return session

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Give a writing session that commits at the end or rolls back on any error."""
        with self.open() as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise


def take_turns(session: Session, *names: str) -> None:
    """Let transactions about the same names run one after the other. On SQLite every writer already waits.

    Always name the narrower thing first, so that two transactions never wait for one another.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in names:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
