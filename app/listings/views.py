"""Routes of this package."""

from flask import Blueprint

bp = Blueprint("listings", __name__)
