"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("evaluation", __name__)
