"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("deals", __name__)
