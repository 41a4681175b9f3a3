"""Who may open a route. Shut by default: a route that declares nothing answers 403 (and fails a test)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

View = TypeVar("View", bound=Callable[..., Any])
DECLARED = "titik_access"
PUBLIC = "public"
SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Open a route to everybody."""
    setattr(view, DECLARED, PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Open a route to everybody who has signed in; the action or query decides about the thing itself."""
    setattr(view, DECLARED, SIGNED_IN)
    return view


def roles(*allowed: str) -> Callable[[View], View]:
    """Open a route to people with one of these roles."""

    def declare(view: View) -> View:
        setattr(view, DECLARED, frozenset(allowed))
        return view

    return declare


def declared_access(view: Callable[..., Any]) -> Any:
    """Return what a view declares, or None."""
    return getattr(view, DECLARED, None)


def init_access(app: Flask) -> None:
    """Check the declaration before every request."""
    app.before_request(_guard)


def _guard() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    declared = declared_access(current_app.view_functions[request.endpoint])
    if declared == PUBLIC:
        return None
    if declared is None:
        abort(403)
    if not current_user.is_authenticated:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=target), 303)
    if declared != SIGNED_IN and current_user.role not in declared:
        abort(403)
    return None
