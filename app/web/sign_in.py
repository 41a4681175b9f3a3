"""The border between Flask-Login and the accounts: who sits behind this browser.

The packages set `load_person` through accounts.views; this module only keeps the cookie's token and the manager.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_login import LoginManager, UserMixin

Loader = Callable[[str], Any]


class SignedIn(UserMixin):
    """A person as Flask-Login sees one; every other attribute is the person's."""

    def __init__(self, person: Any, token: str) -> None:
        self.person = person
        self._token = token

    def get_id(self) -> str:
        """Return the random token of this browser's session, not the person's id."""
        return self._token

    @property
    def is_active(self) -> bool:
        """Whether the person may still come in."""
        return bool(self.person.is_active)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.person, name)


def init_sign_in(app: Flask) -> None:
    """Attach Flask-Login; accounts.views says how to find a person by token."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(lambda token: app.extensions["load_person"](token))
