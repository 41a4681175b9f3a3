"""A clock that stands still, and people who can sign in."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.kit import clock
from tests.accounts.helpers import Clock, give_sign_in
from tests.factories import NOW, make_person


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the application, moved by the test only."""
    made = Clock(NOW)
    monkeypatch.setattr(clock, "now", made.now)
    return made


@pytest.fixture
def admin(app_session: Session) -> Person:
    """An admin of the application who can sign in with password and authenticator."""
    person = make_person(app_session, "admin")
    give_sign_in(person, NOW)
    app_session.commit()
    return person
