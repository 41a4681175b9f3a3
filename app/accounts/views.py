"""Routes of this package."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from app.accounts import queries
from app.kit import clock
from app.web.database import get_session
from app.web.sign_in import SignedIn

bp = Blueprint("accounts", __name__)


def load_person(token: str) -> SignedIn | None:
    """Return who is signed in with this browser's token, for Flask-Login."""
    person = queries.person_behind(get_session(), token, clock.now())
    return None if person is None else SignedIn(person, token)


@bp.record
def _attach(state: BlueprintSetupState) -> None:
    state.app.extensions["load_person"] = load_person
