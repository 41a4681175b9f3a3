"""Registering a firm, filling in more later, and filling in for an owner. The directory is in listings/views.py."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.enterprises import actions, policy, queries
from app.enterprises.forms import AssistForm, BasicForm, MoreForm
from app.enterprises.models import Enterprise
from app.enterprises.values import SIZE_LIMITS, EnterpriseState, TradeSide
from app.kit import clock
from app.kit.errors import Refused
from app.regions import queries as regions
from app.web import access
from app.web.database import get_session
from app.web.paging import page_of
from app.web.refusals import back_with, give_receipt

bp = Blueprint("enterprises", __name__)


@bp.route("/register", methods=["GET", "POST"])
@access.signed_in
def register() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    if not policy.can_register(person):
        return redirect(url_for("enterprises.assist" if policy.can_assist(person) else "enterprises.index"), 303)
    enterprise = queries.enterprise_of(session, person)
    if request.method == "GET" and enterprise is not None and "again" not in request.args:
        return redirect(_next_step(enterprise), 303)
    form = BasicForm(obj=enterprise, regencies=regions.regency_choices(session))
    if form.validate_on_submit():
        try:
            saved = actions.register_enterprise(session, actor=person, details=form.details(), now=clock.now())
            give_receipt("register", saved.id)
            return redirect(_after_basics(saved), 303)
        except Refused as refusal:
            form.blame(refusal)
    status = 422 if form.is_submitted() else 200
    return render_template("enterprises/register.html", form=form, enterprise=enterprise), status


@bp.route("/my/enterprise", methods=["GET", "POST"])
@access.signed_in
def edit_more() -> ResponseReturnValue:
    session, person, now = get_session(), current_user.person, clock.now()
    enterprise = _enterprise_to_edit()
    if enterprise is None:
        return redirect(url_for("enterprises.register"), 303)
    form = MoreForm(obj=enterprise, this_year=now.year)
    if form.validate_on_submit():
        try:
            actions.complete_enterprise(session, actor=person, enterprise=enterprise, details=form.details(), now=now)
            give_receipt(f"more-{enterprise.id}", enterprise.id)
            return redirect(_home_of(enterprise), 303)
        except Refused as refusal:
            form.blame(refusal)
    status = 422 if form.is_submitted() else 200
    return render_template(
        "enterprises/edit_more.html", form=form, enterprise=enterprise, limits=SIZE_LIMITS,
        back_url=_home_of(enterprise),
    ), status


@bp.route("/enterprises/new", methods=["GET", "POST"])
@access.roles("organiser", "office")
def assist() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    form = AssistForm(regencies=regions.regency_choices(session, person.province_code))
    if form.validate_on_submit():
        try:
            saved = actions.assist_enterprise(session, actor=person, details=form.assist_details(), now=clock.now())
            give_receipt("assist", saved.id)
            side = "offer" if saved.trade_side is TradeSide.SELLS else "need"
            return redirect(url_for("listings.assist", enterprise_id=saved.id, side=side), 303)
        except Refused as refusal:
            form.blame(refusal)
    waiting = page_of(session, queries.awaiting_owner(person.province_code))
    return render_template(
        "enterprises/assist.html", form=form, waiting=waiting, sign_in_url=_public_sign_in()
    ), 422 if form.is_submitted() else 200


@bp.post("/enterprises/<string(length=20):enterprise_id>/verify")
@access.roles("organiser", "office")
def verify(enterprise_id: str) -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    enterprise = queries.enterprise_seen_by(session, person, enterprise_id) or abort(404)
    is_verified = request.form.get("is_verified") != "no"
    actions.verify_enterprise(
        session, actor=person, enterprise=enterprise, is_verified=is_verified, now=clock.now()
    )
    said = _("Tanda sudah diperiksa dipasang.") if is_verified else _("Tanda sudah diperiksa dicabut.")
    return back_with(said, "enterprises.show", enterprise_id=enterprise_id)


def _next_step(enterprise: Enterprise) -> str:
    if enterprise.state is EnterpriseState.AWAITING_OWNER:
        return url_for("enterprises.confirm")
    is_draft = enterprise.state is EnterpriseState.DRAFT
    return url_for("listings.register_resume" if is_draft else "listings.mine")


def _after_basics(enterprise: Enterprise) -> str:
    if enterprise.state is not EnterpriseState.DRAFT:
        return _next_step(enterprise)
    sells_only = enterprise.trade_side is TradeSide.SELLS
    return url_for("listings.register_offers" if sells_only else "listings.register_needs")


def _enterprise_to_edit() -> Enterprise | None:
    person, wanted = current_user.person, request.args.get("enterprise", "")
    if not wanted:
        return queries.enterprise_of(get_session(), person)
    enterprise = queries.enterprise_seen_by(get_session(), person, wanted)
    if enterprise is None:
        abort(404)
    if not policy.can_edit(person, enterprise):
        abort(403)
    return enterprise


def _home_of(enterprise: Enterprise) -> str:
    if policy.is_owner(current_user.person, enterprise):
        return url_for("listings.mine")
    return url_for("enterprises.show", enterprise_id=enterprise.id)


def _public_sign_in() -> str:
    return str(current_app.config["SETTINGS"].public_url) + url_for("accounts.sign_in")
