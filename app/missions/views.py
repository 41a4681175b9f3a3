"""Pages of missions and of who takes part."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.accounts.values import Role
from app.enterprises import queries as enterprises
from app.kit import clock
from app.kit.errors import Refused
from app.missions import actions, policy, queries
from app.missions.forms import FUNDING_LABELS, MissionForm, ParticipationForm, RemoveForm, participant_filters
from app.missions.models import Mission
from app.regions import queries as regions
from app.web import access
from app.web.database import get_session
from app.web.paging import page_of
from app.web.refusals import back_with

bp = Blueprint("missions", __name__)
MISSION = "/missions/<string(length=20):mission_id>"


def _mission(mission_id: str) -> Mission:
    found = queries.mission_seen_by(get_session(), current_user.person, mission_id)
    return found or abort(404)


@bp.get("/missions")
@access.signed_in
def index() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    return render_template(
        "missions/index.html", missions=queries.missions_seen_by(session, person),
        earlier=queries.earlier_missions_seen_by(session, person), can_draft=policy.can_draft(person),
    )


@bp.get(MISSION)
@access.signed_in
def show(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    is_owner = person.role is Role.OWNER
    firm = enterprises.enterprise_of(session, person) if is_owner else None
    taking_part = queries.participation_of(session, mission.id, firm.id) if firm else None
    return render_template(
        "missions/show.html", mission=mission, counts=queries.participation_counts(session, mission),
        funding_labels=FUNDING_LABELS, firm=firm, participation=taking_part, is_owner=is_owner,
        can_join=firm is not None and policy.can_join(person, mission, firm),
        can_change=policy.can_change(person, mission), can_choose=policy.can_choose_participants(person, mission),
        is_over=mission.closes_at is not None and clock.now() > mission.closes_at,
    )


@bp.route("/missions/new", methods=["GET", "POST"])
@access.roles("organiser", "admin")
def new() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    last = None if request.method == "POST" else queries.last_mission_of(session, person)
    form = MissionForm(data=_typed(last) | {"held_on": None} if last else None)
    form.offer_provinces([(row.code, row.name) for row in regions.provinces(session)])
    if form.validate_on_submit():
        try:
            mission = actions.draft_mission(session, actor=person, details=form.details(), now=clock.now())
        except Refused as refusal:
            form.blame(refusal)
        else:
            return back_with(_("Misi tersimpan. Buka misinya bila sudah siap."), "missions.show", mission_id=mission.id)
    return render_template("missions/new.html", form=form, last=last), 422 if form.is_submitted() else 200


@bp.route(f"{MISSION}/edit", methods=["GET", "POST"])
@access.roles("organiser", "admin")
def edit(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    if not policy.can_change(person, mission):
        abort(403)
    form = MissionForm(data=_typed(mission))
    form.offer_provinces([(row.code, row.name) for row in regions.provinces(session)])
    if form.validate_on_submit():
        try:
            actions.change_mission(session, actor=person, mission=mission, details=form.details(), now=clock.now())
        except Refused as refusal:
            form.blame(refusal)
        else:
            return back_with(_("Perubahan tersimpan."), "missions.show", mission_id=mission.id)
    return render_template("missions/edit.html", form=form, mission=mission), 422 if form.is_submitted() else 200


def _typed(mission: Mission) -> dict[str, Any]:
    """Return a mission as its form holds it: the hours in local time of the hosting province."""
    zone = ZoneInfo(mission.hosting_province.time_zone)
    moments = {name: getattr(mission, name) for name in actions.TIMES}
    return {name: getattr(mission, name) for name in (
        "name", "held_on", "venue", "host_city", "visiting_province_code", "hosting_province_code", "slot_minutes",
        "slot_count", "table_count",
    )} | {name: moment.astimezone(zone).time() if moment else None for name, moment in moments.items()}


@bp.post(f"{MISSION}/open", endpoint="open")
@access.roles("organiser", "admin")
def open_(mission_id: str) -> ResponseReturnValue:
    mission = _mission(mission_id)
    actions.open_mission(get_session(), actor=current_user.person, mission=mission, now=clock.now())
    return back_with(_("Misi dibuka. Pemilik usaha sekarang bisa ikut."), "missions.show", mission_id=mission.id)


@bp.post(f"{MISSION}/hold")
@access.roles("organiser", "admin")
def hold(mission_id: str) -> ResponseReturnValue:
    mission = _mission(mission_id)
    actions.hold_mission(get_session(), actor=current_user.person, mission=mission, now=clock.now())
    return back_with(_("Misi dicatat sudah berlangsung."), "missions.show", mission_id=mission.id)


@bp.post(f"{MISSION}/join")
@access.roles("owner")
def join(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    firm = enterprises.enterprise_of(session, person)
    if firm is None:
        return redirect(url_for("enterprises.register"), 303)
    actions.join_mission(session, actor=person, mission=mission, enterprise=firm, now=clock.now())
    return back_with(_("Usaha Anda ikut misi ini."), "missions.show", mission_id=mission.id)


@bp.get(f"{MISSION}/participants")
@access.roles("organiser", "office", "admin")
def participants(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    if not policy.can_see_participants(person, mission):
        abort(404)
    filters = participant_filters(request.args)
    return render_template(
        "missions/participants.html", mission=mission, filters=filters, funding_labels=FUNDING_LABELS,
        page=page_of(session, queries.participants_seen_by(person, mission.id, filters)),
        counts=queries.participation_counts(session, mission), own_code=person.province_code,
        can_choose=policy.can_choose_participants(person, mission), remove_form=RemoveForm(formdata=None),
    )


@bp.route(f"{MISSION}/participants/add", methods=["GET", "POST"])
@access.roles("organiser")
def add_participant(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    if not policy.can_choose_participants(person, mission):
        abort(403)
    form = ParticipationForm()
    if form.validate_on_submit():
        firms = queries.firms_by_id(session, form.chosen())
        added = actions.add_participants(
            session, actor=person, mission=mission, enterprises=firms, details=form.details(), now=clock.now()
        )
        text = ngettext("%(num)s usaha ditambahkan.", "%(num)s usaha ditambahkan.", len(added))
        return back_with(text, "missions.participants", mission_id=mission.id)
    filters = participant_filters(request.args)
    return render_template(
        "missions/add_participant.html", mission=mission, form=form, filters=filters,
        page=page_of(session, queries.firms_to_add(person, mission.id, filters)),
        regencies=regions.regencies(session, person.province_code), nominators=queries.nominators(session, mission.id),
    ), 422 if form.is_submitted() else 200


@bp.post(f"{MISSION}/participants/<string(length=20):enterprise_id>/remove")
@access.roles("organiser")
def remove_participant(mission_id: str, enterprise_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    participation = queries.participation_of(session, mission.id, enterprise_id) or abort(404)
    form = RemoveForm()
    reason = form.reason.data if form.validate_on_submit() else ""
    actions.remove_participant(
        session, actor=person, mission=mission, participation=participation, reason=reason or "", now=clock.now()
    )
    text = _("%(name)s dikeluarkan dari misi.", name=participation.enterprise.name)
    return back_with(text, "missions.participants", mission_id=mission.id)
