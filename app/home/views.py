"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("home", __name__)


def navigation() -> list[object]:
    """Return the links of the signed-in person's menu."""
    return []
