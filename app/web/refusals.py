"""Turns refusals and HTTP errors into pages in plain words, once for the whole product."""

from typing import Any

from flask import Flask, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.kit.errors import Refused

PAGES = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def init_refusals(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _no_database)


def _refused(refusal: Refused) -> Response:
    return error_page(refusal.status, message=str(refusal.message))


def _stale_form(_: CSRFError) -> Response:
    return error_page(400, message=None, stale_form=True)


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    try:
        return error_page(error.code or 500)
    except OperationalError as fault:  # the page asks who is signed in, and that needs the database
        return _no_database(fault)


def _no_database(fault: OperationalError) -> Response:
    current_app.logger.error("the database did not answer: %s", fault.orig)
    response = error_page(503)
    response.headers["Retry-After"] = "5"
    return response


def error_page(status: int, *, message: str | None = None, stale_form: bool = False) -> Response:
    """Return the page for a status, with a message of the refusal where there is one."""
    page = status if status in PAGES else 500 if status >= 500 else 400
    if page in (500, 503):
        # These pages must not need the database: nobody is signed in for the rest of this answer, headers included.
        g._login_user = AnonymousUserMixin()
        return make_response(render_template(f"errors/{page}.html"), status)
    return make_response(render_template(f"errors/{page}.html", message=message, stale_form=stale_form), status)


def back_with(message: str, endpoint: str, category: str = "good", **values: Any) -> Response:
    """Flash a sentence and lead to another page."""
    flash(message, category)
    return redirect(url_for(endpoint, **values), 303)


def give_receipt(draft: str, thing_id: str) -> None:
    """Say on the next page that the server has it, with a number; the phone then drops its draft of that name."""
    number = thing_id[-5:].upper()
    flash({"text": gettext("Tersimpan. Nomor terima %(number)s.", number=number), "receipt": draft}, "good")  # type: ignore[arg-type]  # Flask keeps any JSON


def safe_next(default: str) -> str:
    """Return the address in `next` when it is a plain path of this site, else the default."""
    wanted = request.values.get("next", "")
    plain = wanted.startswith("/") and not wanted.startswith("//")
    odd = any(ord(letter) <= 32 or letter in "\\\x7f" for letter in wanted)
    decoded_odd = any(mark in wanted.lower() for mark in ("%09", "%0a", "%0d", "%5c", "%2f"))
    return wanted if plain and not odd and not decoded_odd and len(wanted) < 500 else default
