"""The front pages, the menu, the trail, the help page and the probes."""

import platform
from typing import Any

from flask import Blueprint, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.accounts.values import Role
from app.deals.values import KIND_WORDS
from app.evaluation import queries as evaluation
from app.home import queries
from app.home.forms import trail_filters
from app.home.values import Link
from app.kit import clock
from app.missions.models import Mission
from app.web import access
from app.web.database import get_session
from app.web.filters import clock_in
from app.web.paging import page_of

bp = Blueprint("home", __name__)
TRAIL_PER_PAGE = 50
_HOME = ("home.index", _l("Beranda"), "house", ("home.index",))
_MISSIONS = ("missions.index", _l("Misi"), "flag", ("missions.",))
_FIRMS = ("enterprises.index", _l("Usaha"), "store", ("enterprises.", "listings."))
_MENUS: dict[Role, tuple[Any, ...]] = {
    Role.OWNER: (
        _HOME, ("listings.mine", _l("Barang saya"), "package", ("listings.", "enterprises.")),
        ("matching.partners", _l("Mitra"), "handshake", ("matching.",)),
        ("deals.mine", _l("Janji"), "signature", ("deals.",)),
    ),
    Role.ORGANISER: (
        _HOME, _MISSIONS, _FIRMS, ("matching.queue", _l("Cocokkan"), "handshake", ("matching.",)),
        ("home.trail", _l("Jejak"), "history", ("home.trail",)),
    ),
    Role.OFFICE: (
        _HOME, _MISSIONS, _FIRMS, ("deals.index", _l("Kesepakatan"), "signature", ("deals.",)),
        ("evaluation.totals", _l("Angka"), "chart-column", ("evaluation.totals",)),
        ("evaluation.history", _l("Riwayat"), "history", ("evaluation.history",)),
        ("home.trail", _l("Jejak"), "list", ("home.trail",)),
    ),
    Role.ADMIN: (
        _HOME, _MISSIONS, _FIRMS, ("accounts.staff", _l("Petugas"), "users", ("accounts.staff", "accounts.edit_staff")),
        ("home.trail", _l("Jejak"), "history", ("home.trail",)),
    ),
}
_OF_MISSION = ("matching.queue", "deals.index", "evaluation.totals")


def navigation() -> list[Link]:
    """Return the links of the signed-in person's menu; those that belong to a mission lead to the current one."""
    links = []
    for endpoint, label, icon, current in _MENUS[current_user.role]:
        values: dict[str, Any] = {}
        if endpoint in _OF_MISSION:
            mission = _current_mission()
            if mission is None:
                continue
            values = {"mission_id": mission.id}
        is_current = (request.endpoint or "").startswith(current)
        links.append(Link(str(label), url_for(endpoint, **values), icon, is_current))
    return links


def _current_mission() -> Mission | None:
    if "current_mission" not in g:
        g.current_mission = queries.current_mission(get_session(), current_user.person)
    found: Mission | None = g.current_mission
    return found


@bp.get("/")
@access.public
def index() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return _landing()
    return {
        Role.OWNER: _owner, Role.ORGANISER: _organiser, Role.OFFICE: _office, Role.ADMIN: _admin,
    }[current_user.role]()


def _landing() -> ResponseReturnValue:
    session, now = get_session(), clock.now()
    mission = evaluation.mission_on_show(session)
    return render_template(
        "home/landing.html", mission=mission, landing=queries.landing_of(session, mission, now) if mission else None,
        pair=evaluation.pair_history(session, mission.province_codes if mission else None), points=_points(mission),
    )


def _points(mission: Mission | None) -> list[dict[str, Any]]:
    """Return the two provinces as points of the map, whose projection stands in macros/map.html."""
    if mission is None:
        return []
    return [
        {
            "x": round((province.longitude - 95) * 16, 1), "y": round((6 - province.latitude) * 16, 1), "role": role,
            "label": province.short_name,
            "sub": clock_in(mission.opens_at, province.time_zone) if mission.opens_at else "",
        }
        for role, province in (("visiting", mission.visiting_province), ("hosting", mission.hosting_province))
    ]


def _owner() -> ResponseReturnValue:
    front = queries.owner_front(get_session(), current_user.person, clock.now())
    return render_template("home/owner.html", front=front)


def _organiser() -> ResponseReturnValue:
    session, mission = get_session(), _current_mission()
    front = queries.organiser_front(session, current_user.person, mission, clock.now()) if mission else None
    return render_template("home/organiser.html", mission=mission, front=front)


def _office() -> ResponseReturnValue:
    session, mission = get_session(), _current_mission()
    front = queries.office_front(session, current_user.person, mission) if mission else None
    return render_template("home/office.html", mission=mission, front=front, kinds=KIND_WORDS)


def _admin() -> ResponseReturnValue:
    session, now = get_session(), clock.now()
    return render_template(
        "home/admin.html", front=queries.admin_front(session, current_user.person, now),
        engine=queries.engine_of(session), python=platform.python_version(),
    )


@bp.get("/trail")
@access.roles("organiser", "office", "admin")
def trail() -> ResponseReturnValue:
    session, person, filters = get_session(), current_user.person, trail_filters(request.args)
    return render_template(
        "home/trail.html", filters=filters, actions=queries.actions_in(session, person),
        page=page_of(session, queries.trail_seen_by(person, filters), per_page=TRAIL_PER_PAGE),
        zone=person.province.time_zone if person.province else "Asia/Jakarta",
    )


@bp.get("/help", endpoint="help")
@access.public
def help_page() -> ResponseReturnValue:
    return render_template("home/help.html")


@bp.get("/healthz")
@access.public
def healthz() -> ResponseReturnValue:
    return "ok", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/readyz")
@access.public
def readyz() -> ResponseReturnValue:
    found = queries.readiness(get_session(), clock.now())
    if found is None:
        return jsonify(status="no database"), 503
    warning = _("Versi SQLite ini bisa kehilangan catatan saat ramai. Pakai PostgreSQL atau SQLite 3.51.3 ke atas.")
    return jsonify(
        status="ok", database=found.engine.name, version=found.engine.version,
        warning=warning if found.engine.loses_commits else None, waiting_seconds=found.waiting_seconds,
        failed_jobs=found.failed_jobs,
    )
