"""A fresh installation for each journey: an SQLite database with the reference lists, a web server, a worker."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from app.kit.db import Database
from tests.bench.demo_server import Demo, running
from tests.product import Running, environment_of, free_port, serving


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation and the way to its database."""

    product: Running
    database: Database

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self.product.url

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for arranging and looking; committed at the end."""
        with self.database.unit_of_work() as session:
            yield session


@pytest.fixture
def installation() -> Iterator[Path]:
    """A folder that only this test cleans up, also when other tests run on this machine."""
    with tempfile.TemporaryDirectory(prefix="titik-journey-") as folder:
        yield Path(folder)


@pytest.fixture
def site(sqlite_template: Path, installation: Path) -> Iterator[Site]:
    """An installation that nobody has used yet."""
    database_url = f"sqlite:///{installation / 'titik-temu.db'}"
    shutil.copyfile(sqlite_template, installation / "titik-temu.db")
    database = Database(database_url)
    with serving(environment_of(installation, free_port(), database_url), "worker") as product:
        yield Site(product, database)
    database.engine.dispose()
    for log in installation.glob("*.log"):
        said = log.read_text(errors="replace")
        assert "Traceback" not in said, said[-3000:]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The demo with its mission, its people already signed in; tests only read there."""
    with running() as found:
        yield found


def become(context: BrowserContext, demo: Demo, role: str) -> None:
    """Give a browser the cookie of somebody of the demo; nobody gets none."""
    if role != "nobody":
        name, value = demo.cookies[role].split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": demo.url}])
