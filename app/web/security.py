"""Headers that keep the browser on our side."""

from flask import Flask, Response, abort, request, session
from flask_login import current_user

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def init_security(app: Flask, *, is_https: bool) -> None:
    """Set the headers on every answer and refuse text that is none."""

    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static":
            return response
        response.headers["Vary"] = "Cookie, Accept-Language"
        # Flask writes its own cookie after this function: a session with anything in it is for one browser only.
        is_personal = current_user.is_authenticated or session or "Set-Cookie" in response.headers
        response.headers["Cache-Control"] = "no-store" if is_personal else "no-cache"
        return response

    app.before_request(_refuse_nul)
    app.after_request(protect)


def _refuse_nul() -> None:
    """Refuse the one character that no keyboard types and PostgreSQL cannot store."""
    parts = [request.path]
    for typed in (request.args, request.form):
        parts += [text for name, texts in typed.lists() for text in (name, *texts)]
    if any("\0" in part for part in parts):
        abort(400)
