"""create_app(): the only module that knows every other."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for
from flask_babel import get_locale
from flask_compress import Compress
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli
from app.accounts import jobs as accounts_jobs
from app.accounts import views as accounts_views
from app.commodities import views as commodities_views
from app.config import ROOT, Settings, make_folder, read_settings
from app.deals import views as deals_views
from app.enterprises import views as enterprises_views
from app.evaluation import jobs as evaluation_jobs
from app.evaluation import views as evaluation_views
from app.home import views as home_views
from app.kit.db import Database
from app.kit.queue import Queue
from app.learning import views as learning_views
from app.listings import views as listings_views
from app.matching import jobs as matching_jobs
from app.matching import views as matching_views
from app.missions import views as missions_views
from app.web import access, database, filters, i18n, refusals, security, sign_in

BLUEPRINTS = (
    home_views.bp, accounts_views.bp, commodities_views.bp, enterprises_views.bp, listings_views.bp,
    missions_views.bp, learning_views.bp, matching_views.bp, deals_views.bp, evaluation_views.bp,
)
# Loading these modules is what makes their work known to the worker.
JOBS = (accounts_jobs, matching_jobs, evaluation_jobs)
LARGEST_BODY = 2 * 1024 * 1024
LARGEST_FORM_FIELD = 64 * 1024
CENTURY = 365 * 24 * 3600


def create_app(settings: Settings | None = None, *, immediate_jobs: bool = False) -> Flask:
    """Return the application; `immediate_jobs` runs background work at once, for tests."""
    settings = settings or read_settings()
    app = Flask("app", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.from_mapping(
        SETTINGS=settings, SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_FIELD, MAX_FORM_PARTS=500, SEND_FILE_MAX_AGE_DEFAULT=CENTURY,
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_NAME="__Host-titik" if settings.is_https else "titik", WTF_CSRF_TIME_LIMIT=None,
    )
    app.url_map.merge_slashes = False  # its redirect would repeat whatever host the request named
    make_folder(settings.data_dir)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    connected = Database(settings.database_url)
    wake_up = Queue(settings.database_url, settings.data_dir, immediate=immediate_jobs)
    database.init_database(app, connected, wake_up)
    CSRFProtect(app)
    Compress(app)
    sign_in.init_sign_in(app)
    i18n.init_languages(app)
    access.init_access(app)
    refusals.init_refusals(app)
    security.init_security(app, is_https=settings.is_https)
    filters.init_filters(app)
    _init_templates(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_commands(app)
    return app


def _init_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals.update(asset=_asset, csrf_token=generate_csrf, url_for=url_for)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def everywhere() -> dict[str, object]:
        navigation = home_views.navigation() if current_user.is_authenticated else []
        help_number = settings.help_phone.lstrip("+")
        return {
            "locale": getattr(get_locale(), "language", "id"), "navigation": navigation, "is_demo": settings.is_demo,
            "help_url": f"https://wa.me/{help_number}" if help_number else None,
        }

    app.context_processor(everywhere)


def _asset(name: str) -> str:
    return url_for("static", filename=name, v=_fingerprint(name))


@lru_cache(maxsize=256)
def _fingerprint(name: str) -> str:
    return hashlib.sha256(Path(ROOT, "static", name).read_bytes()).hexdigest()[:10]
