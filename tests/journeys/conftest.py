"""A fresh installation for each journey: an SQLite database with the reference lists, a web server, a worker."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.kit.db import Database
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
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An installation that nobody has used yet."""
    database_url = f"sqlite:///{tmp_path / 'titik-temu.db'}"
    shutil.copyfile(sqlite_template, tmp_path / "titik-temu.db")
    database = Database(database_url)
    with serving(environment_of(tmp_path, free_port(), database_url), "worker") as product:
        yield Site(product, database)
    database.engine.dispose()
