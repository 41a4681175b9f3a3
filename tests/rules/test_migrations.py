"""Revisions: one line, up and down on both databases with rows in the tables, and equal to the models."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

from app.kit.db import Database, make_engine
from app.seed import alembic_config, upgrade
from tests.full_story import make_full_story


def counts(engine: Engine) -> dict[str, int]:
    names = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    with engine.connect() as connection:
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1


def test_models_and_revisions_agree(database_url: str) -> None:
    command.check(alembic_config(database_url))


def test_a_full_database_loses_no_row(database_url: str) -> None:
    database = Database(database_url)
    with database.unit_of_work() as session:
        make_full_story(session)
    before = counts(database.engine)
    database.engine.dispose()

    upgrade(database_url)
    after_engine = make_engine(database_url)
    after = counts(after_engine)
    after_engine.dispose()

    assert before == after
    assert before["deal_entry"] >= 1 and before["proposal"] >= 1


def test_every_revision_goes_down_and_up_again(database_url: str) -> None:
    config = alembic_config(database_url)

    command.downgrade(config, "base")
    engine = make_engine(database_url)
    left = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    engine.dispose()
    upgrade(database_url)

    assert left == []


def test_a_rebuilt_parent_table_keeps_its_children(sqlite_url: str) -> None:
    """Batch mode drops and recreates a table; with foreign keys on that would empty the child tables."""
    database = Database(sqlite_url)
    with database.unit_of_work() as session:
        make_full_story(session)
    before = counts(database.engine)
    database.engine.dispose()

    _rebuild_parents(sqlite_url)

    engine = make_engine(sqlite_url)
    assert counts(engine) == before
    engine.dispose()


def _rebuild_parents(url: str) -> None:
    """Do what a revision that changes `person` and `enterprise` does, through the project's own env.py."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import event

    engine = make_engine(url)
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=OFF"))
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection, opts={"render_as_batch": True}))
        for table in ("person", "enterprise", "listing"):
            with operations.batch_alter_table(table, recreate="always"):
                pass
    engine.dispose()
