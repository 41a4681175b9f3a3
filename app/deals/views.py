"""Pages on which trade offices record deals and everybody concerned reads them."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.commodities import queries as commodities
from app.deals import actions, policy, queries
from app.deals.forms import (
    CorrectDealForm,
    DealForm,
    NewDealForm,
    VoidDealForm,
    choices_of,
    deal_filters,
    fresh,
    typed_from_entry,
    typed_from_proposal,
)
from app.deals.models import DealEntry
from app.deals.values import KIND_WORDS, TERM_WORDS, Standing
from app.enterprises.models import Enterprise
from app.kit import clock, ids
from app.kit.errors import Refused
from app.matching.models import Proposal
from app.missions import queries as missions
from app.missions.models import Mission
from app.web import access
from app.web.database import get_session
from app.web.fields import clean
from app.web.paging import page_of
from app.web.refusals import back_with, give_receipt

bp = Blueprint("deals", __name__)
OF_MISSION = "/missions/<string(length=20):mission_id>/deals"
DEAL = "/deals/<string(length=20):deal_id>"
WORDS = {"kinds": KIND_WORDS, "terms": TERM_WORDS}


def _mission(mission_id: str) -> Mission:
    found = missions.mission_seen_by(get_session(), current_user.person, mission_id)
    return found if found and policy.can_see_deals(current_user.person, found) else abort(404)


def _entry(deal_id: str) -> DealEntry:
    return queries.deal_seen_by(get_session(), current_user.person, deal_id) or abort(404)


@bp.get(OF_MISSION)
@access.roles("office", "organiser", "admin")
def index(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    filters = deal_filters(request.args)
    people, families = queries.choices_in(session, mission)
    return render_template(
        "deals/index.html", mission=mission, filters=filters, people=people, families=families, standings=Standing,
        page=page_of(session, queries.deals_seen_by(person, mission, filters)),
        sums=queries.sums_by_kind(session, person, mission, filters),
        can_record=policy.can_record(person, mission), **WORDS,
    )


@bp.route(f"{OF_MISSION}/new", methods=["GET", "POST"])
@access.roles("office")
def new(mission_id: str) -> ResponseReturnValue:
    session, mission = get_session(), _mission(mission_id)
    if not policy.can_record(current_user.person, mission):
        abort(403)
    proposal = _proposal(mission)
    form = NewDealForm(data=fresh(_known(proposal), _today(mission)))
    form.offer(commodities.catalogue(session))
    firms = queries.parties(session, mission, (form.seller_id.data or "", form.buyer_id.data or ""))
    seller, buyer = firms.get(form.seller_id.data or ""), firms.get(form.buyer_id.data or "")
    trouble = _trouble(mission, seller, buyer)
    if seller is None or buyer is None or trouble:
        return _choose_firms(mission, seller, buyer, trouble)
    page: dict[str, Any] = {"mission": mission, "seller": seller, "buyer": buyer, "proposal": proposal}
    if "preview" in request.form or not form.validate_on_submit():
        is_wrong = form.is_submitted() and "preview" not in request.form
        return _form_page("deals/new.html", form, **page), 422 if is_wrong else 200
    try:
        deal = actions.record_deal(
            session, actor=current_user.person, mission=mission, details=form.details(), key=form.key.data or "",
            now=clock.now(), proposal=proposal, checked=form.acknowledged(),
        )
    except Refused as refusal:
        return _form_page("deals/new.html", form, refusal, **page), refusal.status
    give_receipt(f"deal-{seller.id}-{buyer.id}", deal.id)
    return redirect(url_for(".show", deal_id=deal.id), 303)


def _proposal(mission: Mission) -> Proposal | None:
    wanted = request.args.get("proposal")
    if not wanted:
        return None
    return queries.proposal_in(get_session(), mission, wanted) or abort(404)


def _known(proposal: Proposal | None) -> dict[str, Any]:
    if proposal is not None:
        return typed_from_proposal(proposal, commodities.catalogue(get_session()))
    return {"seller_id": request.args.get("seller", ""), "buyer_id": request.args.get("buyer", "")}


def _today(mission: Mission) -> Any:
    return clock.now().astimezone(ZoneInfo(mission.hosting_province.time_zone)).date()


def _trouble(mission: Mission, seller: Enterprise | None, buyer: Enterprise | None) -> str:
    """Say at once why two firms cannot deal with each other here, before anybody fills in the rest."""
    if seller is None or buyer is None:
        return ""
    try:
        actions.direction(mission, seller, buyer)
    except Refused as refusal:
        return str(refusal.message)
    return ""


def _choose_firms(
    mission: Mission, seller: Enterprise | None, buyer: Enterprise | None, trouble: str
) -> ResponseReturnValue:
    """Ask who sells and who buys: part of a name gives a list, and works without JavaScript."""
    session, person = get_session(), current_user.person
    typed = {side: (clean(request.args.get(f"{side}_name")) or "")[:100] for side in ("seller", "buyer")}
    found = {side: queries.firms_called(session, person, mission, text) for side, text in typed.items()}
    for side, chosen in (("seller", seller), ("buyer", buyer)):
        if chosen is not None and chosen.id not in {firm.id for firm in found[side]}:
            found[side].insert(0, chosen)
    return render_template(
        "deals/_firms.html", mission=mission, typed=typed, found=found, seller=seller, buyer=buyer,
        limit=queries.FOUND_AT_ONCE, trouble=trouble,
    ), 422 if trouble or request.method == "POST" else 200


def _form_page(template: str, form: DealForm, refusal: Refused | None = None, **page: Any) -> str:
    """Draw a form again with what stands in its way; what was typed stays."""
    doubts, used = [], None
    if isinstance(refusal, actions.NeedsChecking):
        others = queries.current_entries(get_session(), [doubt.deal_id for doubt in refusal.doubts if doubt.deal_id])
        by_id = {one.deal_id: one for one in others}
        doubts = [(doubt, by_id.get(doubt.deal_id)) for doubt in refusal.doubts]
        form.ask_about([doubt.mark for doubt in refusal.doubts])
    elif isinstance(refusal, actions.KeyUsed):
        used, form.key.data = refusal.deal_id, ids.new_id()
    elif isinstance(refusal, actions.Overtaken):
        page["overtaken"] = str(refusal.message)
    elif refusal is not None:
        form.blame(refusal)
    return render_template(
        template, doubts=doubts, used=used, catalogue=form.goods_known, found=form.goods_found(),
        query=form.goods.data or "", chosen=form.commodity_code.data or "", **page, form=form, **WORDS,
    )


@bp.get(DEAL)
@access.signed_in
def show(deal_id: str) -> ResponseReturnValue:
    session, person, entry = get_session(), current_user.person, _entry(deal_id)
    return render_template(
        "deals/show.html", entry=entry, mission=entry.deal.mission, versions=queries.versions_of(session, deal_id),
        can_correct=policy.can_correct(person, entry.deal.mission) and not entry.is_void,
        sees_list=policy.can_see_deals(person, entry.deal.mission), **WORDS,
    )


@bp.route(f"{DEAL}/correct", methods=["GET", "POST"])
@access.roles("office")
def correct(deal_id: str) -> ResponseReturnValue:
    session, person, entry = get_session(), current_user.person, _entry(deal_id)
    if not policy.can_correct(person, entry.deal.mission):
        abort(403)
    if entry.is_void and request.method == "GET":
        return redirect(url_for(".show", deal_id=deal_id), 303)
    form = CorrectDealForm(data=typed_from_entry(entry))
    form.offer(commodities.catalogue(session))
    firms = {firm.id: firm for firm in (entry.seller, entry.buyer)}
    firms |= {firm.id: firm for firm in queries.firms_to_choose(session, person, entry.deal.mission)}
    form.seller_id.choices = form.buyer_id.choices = choices_of(list(firms.values()))
    page: dict[str, Any] = {"entry": entry, "mission": entry.deal.mission}
    if "preview" in request.form or not form.validate_on_submit():
        is_wrong = form.is_submitted() and "preview" not in request.form
        return _form_page("deals/correct.html", form, **page), 422 if is_wrong else 200
    try:
        actions.correct_deal(
            session, actor=person, entry=entry, details=form.details(), reason=form.reason.data or "",
            seen_version=form.version.data or 0, now=clock.now(), checked=form.acknowledged(),
        )
    except Refused as refusal:
        return _correction_refused(form, refusal, entry), refusal.status
    return back_with(_("Koreksi tersimpan. Versi lama tetap bisa dibaca."), ".show", deal_id=deal_id)


def _correction_refused(form: CorrectDealForm, refusal: Refused, entry: DealEntry) -> str:
    """Draw the correction again; if somebody was first, show both versions and let the person decide anew."""
    if isinstance(refusal, actions.Overtaken):
        entry = _entry(entry.deal_id)
        form.version.data, form.version.typed = entry.version, None
    return _form_page("deals/correct.html", form, refusal, entry=entry, mission=entry.deal.mission)


@bp.route(f"{DEAL}/void", methods=["GET", "POST"])
@access.roles("office")
def void(deal_id: str) -> ResponseReturnValue:
    session, person, entry = get_session(), current_user.person, _entry(deal_id)
    if not policy.can_correct(person, entry.deal.mission):
        abort(403)
    if entry.is_void and request.method == "GET":
        return redirect(url_for(".show", deal_id=deal_id), 303)
    form, overtaken = VoidDealForm(data={"version": entry.version}), None
    if form.validate_on_submit():
        try:
            actions.void_deal(
                session, actor=person, entry=entry, reason=form.reason.data or "",
                seen_version=form.version.data or 0, now=clock.now(),
            )
        except actions.Overtaken as refusal:
            entry = _entry(deal_id)
            overtaken, form.version.data, form.version.typed = str(refusal.message), entry.version, None
        except Refused as refusal:
            form.blame(refusal)
        else:
            return back_with(_("Kesepakatan dibatalkan dan keluar dari semua jumlah."), ".show", deal_id=deal_id)
    status = 409 if overtaken else 422 if form.is_submitted() else 200
    return render_template(
        "deals/void.html", form=form, entry=entry, mission=entry.deal.mission, overtaken=overtaken, **WORDS
    ), status


@bp.get("/my/deals")
@access.roles("owner")
def mine() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    return render_template("deals/mine.html", page=page_of(session, queries.own_deals(person)), **WORDS)
