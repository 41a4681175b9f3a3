"""Counts what a page asks of the database."""

from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.checking_client import CheckingClient


def statements_behind(app: Flask, client: CheckingClient, address: str) -> list[str]:
    """Return the statements behind one page; the BEGIN of its transaction does not count."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    client.get(address)  # the goods are read once for each process
    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200, address
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen
