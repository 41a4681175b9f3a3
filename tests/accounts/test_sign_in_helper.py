"""The helper that all tests sign in with."""

from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.views import load_person
from tests.accounts.helpers import sign_in, sign_out
from tests.checking_client import CheckingClient
from tests.factories import make_person


def test_helper_signs_a_browser_in_and_out(app: Flask, client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session, "office")
    app_session.commit()

    token = sign_in(client, person)
    with app.test_request_context():
        behind = load_person(token)
    sign_out(client)

    assert behind is not None
    assert behind.person.id == person.id
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
