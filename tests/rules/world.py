"""The whole product with two missions in it, asked by everybody at once; whatever a request changes is taken back.

All sessions of the application work inside one outer transaction of one connection, so a test can post thousands of
forms against the same rows, on SQLite and on PostgreSQL, and each finds them as the first one did.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts import actions as accounts
from app.kit.audit import AuditEntry
from app.kit.db import Database, GuardedSession
from tests.full_story import TwoMissions, make_two_missions

# Noon of the day of both missions: they can be held, deals can be signed, decisions can be undone.
MOMENT = datetime(2027, 4, 15, 5, 0, tzinfo=UTC)
# The people of the access table, in the order of its columns.
WHO = (
    "nobody", "party", "neighbour", "partner", "organiser_v", "office_v", "organiser_h", "office_h", "organiser_x",
    "office_x", "admin",
)


class OneTransaction(Database):
    """A database whose sessions all end in savepoints of one transaction that is never committed."""

    def __init__(self, real: Database) -> None:
        self.engine = real.engine
        self.connection = real.engine.connect()

    def open(self, *, read_only: bool = False) -> GuardedSession:
        """Return a session that commits and rolls back to a savepoint."""
        session = GuardedSession(
            bind=self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        session.is_read_only = read_only
        return session


@dataclass(frozen=True, slots=True)
class World:
    """The application, its rows, and a cookie with a form token for everybody."""

    app: Flask
    database: OneTransaction
    rows: TwoMissions
    cookies: dict[str, str]
    token: str

    def ask(self, who: str, method: str, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send one request of one person; forms carry a valid token."""
        if method == "POST" and isinstance(data, dict):
            data = {"csrf_token": self.token, **data}
        headers = {"Cookie": self.cookies[who], **options.pop("headers", {})}
        path, _, own = path.partition("?")
        options["query_string"] = {**dict(parse_qsl(own)), **options.get("query_string", {})}
        client = FlaskClient(self.app, use_cookies=False)
        with client.open(path, method=method, data=data, headers=headers, buffered=True, **options) as answer:
            return answer

    @contextmanager
    def taken_back(self) -> Iterator[Session]:
        """Undo everything that happens meanwhile; yields a session for looking at it."""
        with self.database.connection.begin() as transaction, self.database.open() as looking:
            yield looking
            looking.close()
            transaction.rollback()

    def trail_length(self) -> int:
        """Return how many changes were written down so far."""
        return self.database.connection.scalar(select(func.count()).select_from(AuditEntry)) or 0


@contextmanager
def open_world(app: Flask, words: Any = None) -> Iterator[World]:
    """Fill the database of an application, sign everybody in, and put the application into one transaction.

    `words` may change the new rows before they are written.
    """
    real: Database = app.extensions["database"]
    with real.open() as session:
        if words is not None:
            words(session)
        rows = make_two_missions(session, MOMENT)
        tokens = {
            name: accounts.start_session(session, person=person, now=MOMENT) for name, person in rows.people.items()
        }
        session.commit()
    database = OneTransaction(real)
    app.extensions["database"] = database
    app.extensions["queue"].wake = lambda _ids: None
    yield World(app, database, rows, *_cookies(app, tokens))
    database.connection.close()
    app.extensions["database"] = real


def _cookies(app: Flask, tokens: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return cookies as the application signs them, and the form token that fits all of them."""
    secret = hashlib.sha256(b"token of the tests").hexdigest()
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    name = app.config["SESSION_COOKIE_NAME"]
    states: dict[str, dict[str, Any]] = {"nobody": {}}
    states |= {who: {"_user_id": token, "_fresh": True} for who, token in tokens.items()}
    cookies = {who: f"{name}={signer.dumps({**state, 'csrf_token': secret})}" for who, state in states.items()}
    return cookies, str(URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(secret))
