"""Counts what pages ask of the database."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.checking_client import CheckingClient


@pytest.fixture
def queries_of(app: Flask, client: CheckingClient) -> Callable[[str], int]:
    """Return the number of statements behind one page (the BEGIN of its transaction does not count)."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(app.extensions["database"].engine, "before_cursor_execute", note)

    def count(address: str) -> int:
        client.get(address)  # the goods are read once for each process
        seen.clear()
        assert client.get(address).status_code == 200
        return sum(not statement.startswith("BEGIN") for statement in seen)

    return count
