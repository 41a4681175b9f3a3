"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("enterprises", __name__)
