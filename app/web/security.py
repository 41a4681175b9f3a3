"""Headers that keep the browser on our side."""

from flask import Flask, Response, request, session
from flask_login import current_user

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def init_security(app: Flask, *, is_https: bool) -> None:
    """Set the headers on every answer."""

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

    app.after_request(protect)
