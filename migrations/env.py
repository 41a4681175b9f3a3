"""Runs the revisions on either database; on SQLite with foreign keys off, since a rebuilt table drops rows first."""

import importlib
import importlib.util
import os
import pkgutil
from typing import Any

from alembic import context
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

import app
import app.kit
from app.config import read_settings
from app.kit.db import Base, DecimalText, UTCDateTime, make_engine

for package in pkgutil.iter_modules(app.__path__):
    if package.ispkg and importlib.util.find_spec(f"app.{package.name}.models"):
        importlib.import_module(f"app.{package.name}.models")
for module in pkgutil.iter_modules(app.kit.__path__):
    importlib.import_module(f"app.kit.{module.name}")


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the queue's own tables alone."""
    return not (kind == "table" and (name or "").startswith("huey"))


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write plain types into revisions, so that they never import the application."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, DecimalText):
        return "sa.Numeric(18, 3).with_variant(sa.String(24), 'sqlite')"
    return False


def run(connection: Connection) -> None:
    """Run inside one transaction; leave nothing behind on failure."""
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
        compare_server_default=True, include_name=include_name, render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"this revision breaks {len(broken)} references: {broken[:3]}")


def _foreign_keys_off(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def main() -> None:
    """Use a ready connection when a caller gives one, else the address in the settings."""
    url = context.config.attributes.get("url") or os.environ.get("DATABASE_URL") or read_settings().database_url
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _foreign_keys_off)
    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()


main()
