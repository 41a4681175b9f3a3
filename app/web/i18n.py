"""Two languages: Indonesian first, English second. Message ids are the Indonesian sentences themselves."""

from pathlib import Path

from flask import Blueprint, Flask, current_app, redirect, request, url_for
from flask_babel import Babel
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web.access import public
from app.web.refusals import safe_next

LANGUAGES = ("id", "en")
YEAR = 365 * 24 * 3600
bp = Blueprint("web", __name__)


def chosen_language() -> str:
    """Return the language of this request: this browser's choice, the person's, what the browser asks for, id."""
    cookie = request.cookies.get("locale")
    if cookie in LANGUAGES:
        return str(cookie)
    if current_user.is_authenticated and current_user.locale in LANGUAGES:
        return str(current_user.locale)
    return request.accept_languages.best_match(LANGUAGES) or "id"


def init_languages(app: Flask) -> None:
    """Attach Flask-Babel with our catalogues."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).resolve().parent.parent / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = "id"
    Babel(app, locale_selector=chosen_language)
    app.register_blueprint(bp)


@bp.post("/language")
@public
def set_language() -> Response:
    """Remember the language in this browser and lead back."""
    response = redirect(safe_next(url_for("home.index")), 303)
    wanted = request.form.get("locale")
    if wanted in LANGUAGES:
        remember_language(response, wanted)
    return response


def remember_language(response: Response, locale: str) -> None:
    """Keep the language in this browser; only over https where people reach the site by https."""
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie("locale", locale, max_age=YEAR, samesite="Lax", httponly=True, secure=is_https)
