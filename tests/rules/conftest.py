"""One world for all tests of a module, on each database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kit import clock
from app.kit.db import make_engine
from app.main import create_app
from tests.conftest import _create_database, _other_database, settings_for
from tests.rules.world import MOMENT, World, open_world


@pytest.fixture(scope="module")
def still_clock() -> Iterator[None]:
    """The clock stands at noon of the mission's day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: MOMENT)
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this module's own, with the reference lists, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("world") / "world.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"titik_world_{request.module.__name__.rsplit('.', 1)[-1]}"
    _create_database(server, name, template)
    yield _other_database(server, name)
    engine = make_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture(scope="module")
def world(world_url: str, still_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole product, which forgets what a test did."""
    folder: Path = tmp_path_factory.mktemp("data")
    app = create_app(settings_for(world_url, folder))
    app.testing = False  # a fault becomes a page with status 500, as it does for people
    with open_world(app) as opened:
        yield opened
    app.extensions["database"].engine.dispose()
