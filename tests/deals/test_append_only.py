"""The database itself refuses to change what was written down."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.db import Base, Database
from app.kit.ids import new_id
from tests.deals.helpers import make_deal, make_scene

TAMPERING = [
    "UPDATE deal_entry SET value_amount = 1",
    "DELETE FROM deal_entry",
    "UPDATE audit_entry SET reason = 'lain'",
    "DELETE FROM audit_entry",
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_entries_and_trail_cannot_be_changed_or_removed(session: Session, statement: str) -> None:
    make_deal(session, make_scene(session))

    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


def test_tables_made_from_the_models_are_append_only_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(database.engine)
    values = {"id": new_id(), "at": "2027-02-15", "name": "x"}

    with database.unit_of_work() as session:
        session.execute(text(
            "INSERT INTO audit_entry (id, at, actor_name, action, subject_type, subject_id, reason) "
            "VALUES (:id, :at, :name, 'a', 'b', 'c', '')"
        ), values)

    with pytest.raises(DBAPIError, match="append-only"), database.unit_of_work() as session:
        session.execute(text("DELETE FROM audit_entry"))
    database.engine.dispose()


def test_emptying_the_entries_is_refused(session: Session) -> None:
    make_deal(session, make_scene(session))
    is_postgresql = session.get_bind().dialect.name == "postgresql"

    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text("TRUNCATE deal_entry" if is_postgresql else "DELETE FROM deal_entry"))
