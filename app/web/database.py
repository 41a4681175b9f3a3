"""One request, one transaction: committed below 400, rolled back from 400 up, closed always."""

from flask import Flask, Response, current_app, g, request

from app.kit.db import Database, GuardedSession
from app.kit.jobs import WAITING
from app.kit.queue import Queue

READING = ("GET", "HEAD", "OPTIONS")


def get_session() -> GuardedSession:
    """Return this request's session, opened at first use; requests that only read cannot write."""
    if "session" not in g:
        g.session = database().open(read_only=request.method in READING)
    session: GuardedSession = g.session
    return session


def database() -> Database:
    """Return the application's database."""
    found: Database = current_app.extensions["database"]
    return found


def queue() -> Queue:
    """Return the application's queue."""
    found: Queue = current_app.extensions["queue"]
    return found


def init_database(app: Flask, connected: Database, wake_up: Queue) -> None:
    """Attach the database and the queue to the application and its requests."""
    app.extensions["database"] = connected
    app.extensions["queue"] = wake_up
    wake_up.attach(connected)
    app.after_request(_end_transaction)
    app.teardown_request(_close)


def _end_transaction(response: Response) -> Response:
    session: GuardedSession | None = g.get("session")
    if session is None:
        return response
    if response.status_code >= 400:
        session.rollback()
        return response
    session.commit()
    promised = session.info.pop(WAITING, [])
    if promised:
        queue().wake(promised)
    return response


def _close(_: BaseException | None) -> None:
    session: GuardedSession | None = g.pop("session", None)
    if session is not None:
        session.close()
