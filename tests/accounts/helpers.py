"""Signs people in without the forms, for everybody's tests."""

from flask.testing import FlaskClient

from app.accounts import actions
from app.accounts.models import Person
from app.kit import clock
from app.kit.db import Database


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
