"""Signs people in without the forms, for everybody's tests; and types into the forms, for the tests of this package."""

from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts import actions
from app.accounts.models import Person
from app.accounts.values import Channel
from app.kit import clock, proofs
from app.kit.db import Database
from app.kit.messages import OutgoingMessage
from tests.checking_client import CheckingClient

KEY = proofs.code_key("a-key-of-the-tests-that-is-long-enough")
PASSWORD = "empat kata yang jauh"
PASSWORD_HASH = proofs.hash_password(PASSWORD)
PHONE = "+6281234567890"
NETWORK = "203.0.113.0/24"


def sign_in(client: FlaskClient, person: Person) -> str:
    """Make this browser a signed-in one of a committed person, and return the token in its cookie."""
    database: Database = client.application.extensions["database"]
    with database.unit_of_work() as session:
        token = actions.start_session(session, person=person, now=clock.now())
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return token


def sign_out(client: FlaskClient) -> None:
    """Make this browser one that nobody has signed in with."""
    with client.session_transaction() as cookie:
        cookie.clear()


def ask(session: Session, code_id: str, now: datetime, identity: str = PHONE, **changes: Any) -> str:
    """Ask for a code in one browser and return the id of its row."""
    values: dict[str, Any] = {
        "code_id": code_id, "identity": identity, "channel": Channel.PHONE, "network": NETWORK, "key": KEY, "now": now,
    }
    return actions.ask_code(session, **values | changes)


def check(session: Session, code_id: str, typed: str, now: datetime, network: str = NETWORK) -> actions.CodeCheck:
    """Type a code in one browser."""
    return actions.check_code(session, code_id=code_id, typed=typed, network=network, key=KEY, now=now)


def sent_codes(session: Session) -> list[str]:
    """The codes in the messages, oldest first."""
    bodies = session.scalars(
        select(OutgoingMessage.body).order_by(OutgoingMessage.created_at, OutgoingMessage.id)
    ).all()
    return [body[:6] for body in bodies]


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


def give_sign_in(person: Person, now: datetime) -> str:
    """Give a member of staff the password of these tests and an authenticator; returns its secret."""
    person.password_hash = PASSWORD_HASH
    person.totp_secret, person.totp_confirmed_at = proofs.random_totp_secret(), now
    return person.totp_secret


def totp(secret: str, moment: datetime) -> str:
    """What the authenticator shows at a moment."""
    return proofs.totp_code(secret, proofs.totp_step(moment))


def submit(client: CheckingClient, path: str, **data: Any) -> TestResponse:
    """Open a page of a form, and send it."""
    return client.send(path, data, token_from=path)


class Clock:
    """A clock that the views and jobs read, and that only the test moves."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self) -> datetime:
        """Return the present moment."""
        return self.moment

    def move(self, **by: float) -> datetime:
        """Move the clock and return the new moment."""
        self.moment += timedelta(**by)
        return self.moment
