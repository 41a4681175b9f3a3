"""Offers and needs: at registration, later, and for an owner whom an officer helps; and the directory.

The directory shows listings, so it lives here, above the firms; its endpoints keep the name that people look for.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.values import CONSENT_VERSION
from app.commodities import queries as commodities
from app.enterprises import actions as enterprise_actions
from app.enterprises import policy as enterprise_policy
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState, TradeSide
from app.kit import clock
from app.kit.errors import Refused
from app.listings import actions, policy, queries
from app.listings.forms import OWN_WORDS, ConsentForm, DirectoryForm, GoodsSearchForm, ListingForm, MoreListingForm
from app.listings.models import Listing
from app.listings.values import SECOND_LOOK_KG, STALE_AFTER, ListingState, Side
from app.regions import queries as regions
from app.web import access
from app.web.database import get_session
from app.web.paging import kept_arguments, page_of_list
from app.web.refusals import give_receipt, safe_next

bp = Blueprint("listings", __name__)
NEW_SEARCH = ("q", "exact", "page")
Page = Callable[..., ResponseReturnValue]
OTHER_STEP = {Side.NEED: "listings.register_needs", Side.OFFER: "listings.register_offers"}


def _directory(rule: str, *methods: str) -> Callable[[Page], Page]:
    def declare(view: Page) -> Page:
        def attach(state: BlueprintSetupState) -> None:
            state.app.add_url_rule(rule, f"enterprises.{view.__name__}", view, methods=methods or ("GET",))

        bp.record(attach)
        return view

    return declare


@bp.get("/register/continue")
@access.roles("owner")
def register_resume() -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.DRAFT)
    lines = queries.listings_of(get_session(), enterprise.id)
    sides = {listing.side for listing in lines if listing.state is ListingState.OPEN}
    asked = _asked_sides(enterprise)
    first_empty = next((side for side in asked if side not in sides), None)
    if first_empty is None or (sides and first_empty is not asked[-1]):
        return redirect(url_for("listings.register_consent"), 303)
    return redirect(url_for(OTHER_STEP[first_empty]), 303)


@bp.route("/register/needs", methods=["GET", "POST"])
@access.roles("owner")
def register_needs() -> ResponseReturnValue:
    return _register_step(Side.NEED, "listings/register_needs.html")


@bp.route("/register/offers", methods=["GET", "POST"])
@access.roles("owner")
def register_offers() -> ResponseReturnValue:
    return _register_step(Side.OFFER, "listings/register_offers.html")


@bp.route("/register/consent", methods=["GET", "POST"])
@access.roles("owner")
def register_consent() -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.DRAFT)
    form = ConsentForm()
    if _opened(form, enterprise):
        return redirect(url_for("listings.register_done"), 303)
    return render_template(
        "listings/register_consent.html", form=form, version=CONSENT_VERSION,
        back_url=url_for(OTHER_STEP[_asked_sides(enterprise)[-1]]),
    ), 422 if form.is_submitted() else 200


@bp.get("/register/done")
@access.roles("owner")
def register_done() -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.ACTIVE)
    lines = queries.lines_of(get_session(), enterprise.id, now=clock.now())
    return render_template("listings/register_done.html", enterprise=enterprise, lines=lines)


@_directory("/register/confirm", "GET", "POST")
@access.roles("owner")
def confirm() -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.AWAITING_OWNER)
    form = ConsentForm()
    if _opened(form, enterprise):
        return redirect(url_for("listings.register_done"), 303)
    lines = queries.lines_of(get_session(), enterprise.id, now=clock.now())
    return render_template(
        "listings/confirm.html", form=form, enterprise=enterprise, lines=lines, version=CONSENT_VERSION,
        stale_days=STALE_AFTER.days,
    ), 422 if form.is_submitted() else 200


@bp.get("/my/listings")
@access.roles("owner")
def mine() -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.ACTIVE, EnterpriseState.CLOSED)
    lines = queries.lines_of(get_session(), enterprise.id, now=clock.now())
    return render_template(
        "listings/mine.html", enterprise=enterprise, lines=lines, stale_days=STALE_AFTER.days,
        can_add=policy.can_add(current_user.person, enterprise),
    )


@bp.route("/my/listings/new", methods=["GET", "POST"])
@access.roles("owner")
def new() -> ResponseReturnValue:
    enterprise, side = _own_firm(EnterpriseState.ACTIVE), _asked_side()
    form = _new_form(side)
    saved = _added(form, enterprise)
    if saved is not None:
        return redirect(url_for("listings.mine"), 303)
    return _form_page("listings/new.html", form, enterprise=enterprise)


@bp.route("/listings/<string(length=20):listing_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(listing_id: str) -> ResponseReturnValue:
    listing = _listing_to_change(listing_id)
    goods = commodities.catalogue(get_session())
    form = MoreListingForm(obj=listing, side=listing.side, goods=goods)
    if not form.is_submitted() and listing.commodity_code is None:
        form.commodity_code.data = OWN_WORDS
    back_url = _firm_page(listing.enterprise)
    if not _is_search() and form.validate_on_submit():
        try:
            actions.revise_listing(
                get_session(), actor=current_user.person, listing=listing, details=form.details(), now=clock.now()
            )
            give_receipt(f"listing-{listing.id}", listing.id)
            _ask_again(listing)
            return redirect(back_url, 303)
        except Refused as refusal:
            form.blame(refusal)
    return _form_page("listings/edit.html", form, listing=listing, back_url=back_url)


@bp.post("/listings/<string(length=20):listing_id>/close")
@access.signed_in
def close(listing_id: str) -> ResponseReturnValue:
    listing = _listing_to_change(listing_id)
    actions.close_listing(get_session(), actor=current_user.person, listing=listing, now=clock.now())
    flash(_("“%(title)s” ditutup.", title=listing.title), "good")
    return redirect(safe_next(_firm_page(listing.enterprise)), 303)


@bp.post("/listings/<string(length=20):listing_id>/renew")
@access.signed_in
def renew(listing_id: str) -> ResponseReturnValue:
    listing = _listing_to_change(listing_id)
    actions.renew_listing(get_session(), actor=current_user.person, listing=listing, now=clock.now())
    flash(_("“%(title)s” tercatat masih ada.", title=listing.title), "good")
    return redirect(safe_next(_firm_page(listing.enterprise)), 303)


@bp.route("/enterprises/<string(length=20):enterprise_id>/listings/new", methods=["GET", "POST"])
@access.roles("organiser", "office")
def assist(enterprise_id: str) -> ResponseReturnValue:
    session, side = get_session(), _asked_side()
    enterprise = enterprises.enterprise_seen_by(session, current_user.person, enterprise_id) or abort(404)
    if not policy.can_add(current_user.person, enterprise):
        abort(403)
    form, draft = _new_form(side), f"assist-{enterprise_id}-{side.value}"
    saved = _added(form, enterprise, draft)
    if saved is not None:
        return redirect(url_for("listings.assist", enterprise_id=enterprise_id, side=side.value), 303)
    return _form_page(
        "listings/assist.html", form, enterprise=enterprise, lines=_open_lines(enterprise), draft=draft,
        stale_days=STALE_AFTER.days,
    )


@_directory("/enterprises")
@access.roles("organiser", "office", "admin")
def index() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    form = DirectoryForm(request.args, regencies=regions.regencies(session))
    found = queries.search_firms(session, person, form.filters())
    page, ids = page_of_list(found.ids)
    return render_template(
        "listings/index.html", form=form, page=page, search=found, kept=kept_arguments(*NEW_SEARCH),
        firms=queries.found_firms(session, ids), counts=queries.counts_of_many(session, ids),
        can_assist=enterprise_policy.can_assist(person),
    )


@bp.get("/listings")
@access.roles("organiser", "office", "admin")
def search() -> ResponseReturnValue:
    session = get_session()
    goods = commodities.catalogue(session)
    form = GoodsSearchForm(request.args, goods=goods, regencies=regions.regencies(session))
    found = queries.search_listings(session, current_user.person, form.filters())
    page, ids = page_of_list(found.ids)
    return render_template(
        "listings/search.html", form=form, page=page, search=found, kept=kept_arguments(*NEW_SEARCH),
        lines=queries.found_lines(session, ids, goods=goods, now=clock.now()),
    )


@_directory("/enterprises/<string(length=20):enterprise_id>")
@access.signed_in
def show(enterprise_id: str) -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    enterprise = enterprises.enterprise_seen_by(session, person, enterprise_id) or abort(404)
    sees_fully = enterprise_policy.can_see_fully(person, enterprise)
    return render_template(
        "listings/show.html", enterprise=enterprise, sees_fully=sees_fully,
        lines=queries.lines_of(session, enterprise.id, now=clock.now()),
        consents=accounts.current_consents(session, enterprise.owner_id) if sees_fully else {},
        history=queries.history_of(session, enterprise) if sees_fully else [],
        can_edit=enterprise_policy.can_edit(person, enterprise),
        can_verify=enterprise_policy.can_verify(person, enterprise),
        can_browse=enterprise_policy.can_browse(person), stale_days=STALE_AFTER.days,
    )


def _register_step(side: Side, template: str) -> ResponseReturnValue:
    enterprise = _own_firm(EnterpriseState.DRAFT)
    asked = _asked_sides(enterprise)
    before = [OTHER_STEP[other] for other in asked if other is not side and side is Side.OFFER]
    after = [OTHER_STEP[other] for other in asked if other is not side and side is Side.NEED]
    next_url = url_for(after[0] if after else "listings.register_consent")
    lines = _open_lines(enterprise, side)
    form = _new_form(side)
    if form.is_submitted() and request.form.get("then") == "next" and lines and form.is_untouched():
        return redirect(next_url, 303)
    saved = _added(form, enterprise)
    if saved is not None:
        return redirect(request.path if request.form.get("then") == "more" else next_url, 303)
    back_url = url_for(before[0]) if before else url_for("enterprises.register", again=1)
    return _form_page(template, form, enterprise=enterprise, lines=lines, next_url=next_url, back_url=back_url)


def _form_page(template: str, form: ListingForm, **values: Any) -> ResponseReturnValue:
    status = 422 if form.is_submitted() and not _is_search() else 200
    found = form.found if form.is_submitted() else form.found[:1]  # a saved listing shows its own good alone
    return render_template(
        template, form=form, side=form.side.value, catalogue=form.goods, found=found, query=form.title.data or "",
        chosen=form.commodity_code.data or "", **values,
    ), status


def _new_form(side: Side) -> ListingForm:
    return ListingForm(side=side, goods=commodities.catalogue(get_session()))


def _is_search() -> bool:
    """Tell whether the button "Cari" was pressed, which only asks for suggestions."""
    return request.form.get("then") == "search"


def _added(form: ListingForm, enterprise: Enterprise, draft: str = "") -> Listing | None:
    """Return the listing that a valid form made, or None with the reasons in the form."""
    if _is_search() or not form.validate_on_submit():
        return None
    try:
        listing = actions.add_listing(
            get_session(), actor=current_user.person, enterprise=enterprise, details=form.details(), now=clock.now(),
            key=form.key.data if isinstance(form.key.data, str) else "",
        )
    except Refused as refusal:
        form.blame(refusal)
        return None
    give_receipt(draft or form.side.value, listing.id)
    _ask_again(listing)
    return listing


def _ask_again(listing: Listing) -> None:
    """Ask for a second look at an amount that would be among the largest trades of the country."""
    kg = queries.monthly_kg(get_session(), listing)
    if kg is not None and kg > SECOND_LOOK_KG:
        flash(
            _("“%(title)s” lebih dari 100.000 ton sebulan. Kalau benar, biarkan. Kalau salah tulis, ubah banyaknya "
              "atau satuannya.", title=listing.title),
            "warn",
        )


def _opened(form: ConsentForm, enterprise: Enterprise) -> bool:
    """Tell whether the owner's four answers brought the firm into the directory."""
    if not form.validate_on_submit():
        return False
    try:
        enterprise_actions.open_enterprise(
            get_session(), actor=current_user.person, enterprise=enterprise, answers=form.answers(), now=clock.now()
        )
    except Refused as refusal:
        form.blame(refusal)
        return False
    return True


def _own_firm(*states: EnterpriseState) -> Enterprise:
    """Return the owner's firm in one of these states; otherwise lead to the step where the owner is."""
    enterprise = enterprises.enterprise_of(get_session(), current_user.person)
    if enterprise is None or enterprise.state not in states:
        done = enterprise is not None and enterprise.state in (EnterpriseState.ACTIVE, EnterpriseState.CLOSED)
        abort(redirect(url_for("listings.mine" if done else "enterprises.register"), 303))
    return enterprise


def _open_lines(enterprise: Enterprise, side: Side | None = None) -> list[queries.ListingLine]:
    lines = queries.lines_of(get_session(), enterprise.id, now=clock.now(), side=side)
    return [line for line in lines if line.listing.state is ListingState.OPEN]


def _listing_to_change(listing_id: str) -> Listing:
    listing = queries.listing_seen_by(get_session(), current_user.person, listing_id) or abort(404)
    if not policy.can_edit(current_user.person, listing):
        abort(403)
    return listing


def _firm_page(enterprise: Enterprise) -> str:
    if not enterprise_policy.is_owner(current_user.person, enterprise):
        return url_for("enterprises.show", enterprise_id=enterprise.id)
    return url_for("listings.mine")


def _asked_sides(enterprise: Enterprise) -> list[Side]:
    """Return what a firm is asked for: needs before offers, because needs are stated far too seldom."""
    return {
        TradeSide.BUYS: [Side.NEED], TradeSide.SELLS: [Side.OFFER], TradeSide.BOTH: [Side.NEED, Side.OFFER],
    }[enterprise.trade_side]


def _asked_side() -> Side:
    return Side.NEED if request.values.get("side") == Side.NEED.value else Side.OFFER
