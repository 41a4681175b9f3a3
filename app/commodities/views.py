"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("commodities", __name__)
