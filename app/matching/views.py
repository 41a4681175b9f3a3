"""Pages of proposals: the organisers' queue and the owners' cards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.algorithms.commodity_tagger import MATERIALS_OF
from app.algorithms.ranker import STRONG_SCORE
from app.commodities.catalogue import Catalogue
from app.commodities.queries import catalogue
from app.enterprises import queries as enterprises
from app.kit import clock, jobs
from app.kit.errors import NotAllowed, Refused
from app.listings.values import Side
from app.matching import actions, analyses, policy, queries
from app.matching.forms import MOST_AT_ONCE, AnswerForm, DecisionForm, queue_filters
from app.matching.models import RankingRun
from app.matching.queries import Pair
from app.matching.values import (
    UNDO_SECONDS,
    Decision,
    Fit,
    NotReason,
    Outcome,
    PairSide,
    Progress,
    RejectReason,
)
from app.missions import queries as missions
from app.missions.models import Mission
from app.web import access
from app.web.database import get_session
from app.web.filters import day, language
from app.web.paging import Page, kept_arguments, page_of
from app.web.refusals import back_with

bp = Blueprint("matching", __name__)
MISSION = "/missions/<string(length=20):mission_id>"
PROPOSAL = "/proposals/<string(length=20):proposal_id>"
CARDS = 5
PER_PAGE = 20
ANSWERED_PER_PAGE = 10


def _mission(mission_id: str) -> Mission:
    found = missions.mission_seen_by(get_session(), current_user.person, mission_id)
    if found is None or not policy.can_see_queue(current_user.person, found):
        abort(404)
    return found


def _names(goods: Catalogue) -> dict[str, dict[str, str]]:
    """Return code → name of goods, and of families, groups and materials, in the language of this request."""
    name = f"name_{'en' if language() == 'en' else 'id'}"
    named = {code: getattr(good, name) for code, good in goods.goods.items()}
    wholes: dict[str, str] = {
        code: getattr(one, name) for ones in (goods.families, goods.groups) for code, one in ones.items()
    }
    material_of = _("bahan %(good)s", good="\0")  # asked once: there are a thousand of them
    for code in goods.tree.groups:
        if code.startswith(MATERIALS_OF):
            wholes[code] = material_of.replace("\0", named[code.removeprefix(MATERIALS_OF)])
    return {"goods": named, "families": wholes}


@bp.post(f"{MISSION}/ranking")
@access.roles("organiser")
def run(mission_id: str) -> ResponseReturnValue:
    mission = _mission(mission_id)
    actions.request_ranking(get_session(), actor=current_user.person, mission=mission, now=clock.now())
    text = _("Pencocokan dimulai. Halaman ini boleh ditutup, hasilnya tetap disimpan.")
    return back_with(text, "matching.queue", mission_id=mission.id)


@bp.get(f"{MISSION}/ranking/progress")
@access.roles("organiser", "office", "admin")
def progress(mission_id: str) -> ResponseReturnValue:
    mission = _mission(mission_id)
    job = jobs.newest_job(get_session(), queries.RANK_JOB, mission.id)
    percent = job.progress if job else 0
    return jsonify(share=percent / 100, text=_step(job), is_done=not actions.is_running(job))


def _step(job: jobs.Job | None) -> str:
    if job is None or job.state is jobs.JobState.DONE:
        return str(_("Selesai"))
    if job.state is jobs.JobState.FAILED:
        return str(_("Gagal. Coba lagi."))
    if job.state is jobs.JobState.QUEUED:
        return str(_("Menunggu giliran"))
    steps = ((20, _("Membaca usaha dan barang")), (60, _("Membandingkan pasangan")), (90, _("Menyusun alasan")))
    return str(next((text for limit, text in steps if job.progress < limit), _("Menyimpan")))


@bp.get(f"{MISSION}/queue")
@access.roles("organiser", "office", "admin")
def queue(mission_id: str) -> ResponseReturnValue:
    return _queue_page(mission_id, DecisionForm(formdata=None))


def _queue_page(mission_id: str, form: DecisionForm) -> str:
    session, person, filters = get_session(), current_user.person, queue_filters(request.args)
    head = queries.queue_head(session, person, mission_id, filters)
    if head is None or not policy.can_see_queue(person, head.mission):
        abort(404)
    goods = catalogue(session)
    shared = {
        "mission": head.mission, "head": head, "filters": filters, "form": form, "names": _names(goods),
        "families": goods.families.values(), "can_decide": policy.can_decide(person, head.mission),
        "is_running": actions.is_running(head.job), "step": _step(head.job),
        "has_failed": _failed_last(head.job, head.run), "evenness": queries.evenness(session, head.mission),
        "kept": kept_arguments("selected"), "now": clock.now(), "max_filter": MOST_AT_ONCE,
    }
    if request.args.get("tab") == "unmatched":
        return _unmatched_page(shared, head.mission.id)
    page = _page_at(
        "matching.queue", page_of(session, queries.queue_of(head.mission.id, filters), per_page=PER_PAGE, scalars=False)
    )
    pairs = [Pair(*row) for row in page.rows]
    chosen = _chosen(pairs)
    return render_template(
        "matching/queue.html", page=page, pairs=pairs, chosen=chosen, progress_words=Progress, fits=Fit,
        reject_reasons=RejectReason, strong_here=sum(_is_strong_and_open(pair) for pair in pairs),
        ticked=form.ids.data or (), **_panel(chosen), **shared,
    )


def _page_at(endpoint: str, page: Page) -> Page:
    """Return a page whose links lead to its list, also when it is shown again after a refused form."""
    kept = kept_arguments("selected") | (request.view_args or {})
    kept.pop("proposal_id", None)
    return replace(page, url=lambda number: url_for(endpoint, **kept | {"page": number}))


def _is_strong_and_open(pair: Pair) -> bool:
    return pair.proposal.fit is Fit.STRONG and pair.proposal.state.value == "proposed"


def _failed_last(job: jobs.Job | None, newest: RankingRun | None) -> bool:
    is_failed = job is not None and job.state is jobs.JobState.FAILED
    return bool(is_failed and job and (newest is None or newest.ended_at < job.created_at))


def _chosen(pairs: Sequence[Pair]) -> Pair | None:
    wanted = request.args.get("selected")
    return next((pair for pair in pairs if pair.proposal.id == wanted), pairs[0] if pairs else None)


def _panel(pair: Pair | None) -> dict[str, Any]:
    if pair is None:
        return {"contributions": [], "alternative": None}
    return {
        "strong_score": STRONG_SCORE,
        "contributions": queries.contributions_of(pair.proposal),
        "alternative": queries.nearest_alternative(get_session(), pair),
    }


def _unmatched_page(shared: dict[str, Any], mission_id: str) -> str:
    wanted = {"need": Side.NEED, "offer": Side.OFFER}.get(request.args.get("side", ""))
    page = page_of(get_session(), queries.unmatched_listings(mission_id, wanted, clock.now()), per_page=PER_PAGE)
    return render_template("matching/unmatched.html", page=page, side_filter=wanted, **shared)


@bp.get(f"{MISSION}/exposure")
@access.roles("organiser", "office", "admin")
def exposure(mission_id: str) -> ResponseReturnValue:
    mission = _mission(mission_id)
    found = analyses.exposure_of(get_session(), mission, clock.now())
    return render_template("matching/exposure.html", mission=mission, exposure=found)


@bp.post(f"{MISSION}/decisions")
@access.roles("organiser")
def decide(mission_id: str) -> ResponseReturnValue:
    mission, now, form = _mission(mission_id), clock.now(), DecisionForm()
    if not form.validate_on_submit():
        return _queue_page(mission.id, form), 422
    try:
        outcome, decision = _decided(mission, form, now)
    except NotAllowed:
        raise
    except Refused as refusal:
        form.decision.errors = [refusal.message]
        return _queue_page(mission.id, form), refusal.status
    _say(outcome, decision)
    return redirect(_queue_address(mission.id, form.following()), 303)


def _decided(mission: Mission, form: DecisionForm, now: datetime) -> tuple[Outcome, Decision]:
    session, person = get_session(), current_user.person
    if form.whole.data:
        ids = queries.strong_ids(
            session, mission.id, queue_filters(request.args), MOST_AT_ONCE,
            among=list(form.row.data or ())[:MOST_AT_ONCE] if form.whole.data == "page" else None,
        )
        decision, reason = Decision.ACCEPT, None
        if not ids:
            raise Refused(_("Tidak ada usulan kuat yang belum diputus di sini."))
    else:
        details = form.details(now)
        ids, decision, reason = details.ids, details.decision, details.reason
    outcome = actions.decide(
        session, actor=person, mission=mission, ids=ids, decision=decision, reason=reason,
        seen_at=form.shown_at(now), now=now,
    )
    return outcome, decision


def _say(outcome: Outcome, decision: Decision) -> None:
    words = {
        Decision.ACCEPT: ngettext("%(num)s usulan diterima.", "%(num)s usulan diterima.", outcome.changed),
        Decision.REJECT: ngettext("%(num)s usulan ditolak.", "%(num)s usulan ditolak.", outcome.changed),
        Decision.PIN: ngettext("%(num)s usulan dikunci.", "%(num)s usulan dikunci.", outcome.changed),
        Decision.UNPIN: ngettext("%(num)s kunci dibuka.", "%(num)s kunci dibuka.", outcome.changed),
        Decision.RESET: ngettext("%(num)s usulan dikembalikan.", "%(num)s usulan dikembalikan.", outcome.changed),
    }
    text = words[decision] if outcome.changed else _("Tidak ada yang berubah.")
    if outcome.passed_over:
        skipped = _("%(num)s dilewati: sudah diputuskan petugas lain atau sudah saling mau.", num=outcome.passed_over)
        text = f"{text} {skipped}"
    if outcome.batch_id is None:
        flash(text, "good")
        return
    undo_url = url_for("matching.undo", batch_id=outcome.batch_id, **kept_arguments("selected"))
    flash({"text": text, "undo_url": undo_url, "undo_seconds": UNDO_SECONDS}, "undo")  # type: ignore[arg-type]


def _queue_address(mission_id: str, selected: str | None = None) -> str:
    return url_for(
        "matching.queue", mission_id=mission_id, **kept_arguments("selected"), selected=selected,
        _anchor=f"p-{selected}" if selected else None,
    )


@bp.post("/decisions/<string(length=20):batch_id>/undo")
@access.roles("organiser")
def undo(batch_id: str) -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    batch = queries.batch_seen_by(session, person, batch_id) or abort(404)
    outcome = actions.undo(session, actor=person, batch=batch, now=clock.now())
    text = ngettext("%(num)s usulan kembali seperti semula.", "%(num)s usulan kembali seperti semula.", outcome.changed)
    if outcome.passed_over:
        left = _("%(num)s tidak bisa diurungkan: sudah dijawab atau diubah lagi.", num=outcome.passed_over)
        text = f"{text} {left}"
    flash(text, "warn" if outcome.passed_over else "good")
    selected = next(iter(batch.earlier)) if len(batch.earlier) == 1 else None
    return redirect(_queue_address(batch.mission_id, selected), 303)


@bp.get(PROPOSAL)
@access.roles("organiser", "office", "admin")
def show(proposal_id: str) -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    pair = queries.pair_seen_by(session, person, proposal_id) or abort(404)
    mission, goods = pair.proposal.mission, catalogue(session)
    shared = {
        "mission": mission, "chosen": pair, "names": _names(goods), "can_decide": policy.can_decide(person, mission),
        "reject_reasons": RejectReason, "now": clock.now(), **_panel(pair),
    }
    if request.headers.get("HX-Request"):
        return render_template("matching/_panel.html", **shared)
    trail = queries.trail_of(session, pair.proposal.id)
    return render_template(
        "matching/show.html", trail=trail, goods=goods, form=DecisionForm(formdata=None), kept={"state": "all"},
        **shared,
    )


@bp.get("/my/partners")
@access.roles("owner")
def partners() -> ResponseReturnValue:
    return _partners_page(AnswerForm(formdata=None), None)


def _partners_page(form: AnswerForm, wrong: str | None) -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    firm = enterprises.enterprise_of(session, person)
    if firm is None:
        return redirect(url_for("enterprises.register"), 303)
    waiting = queries.partners_to_answer(session, person, CARDS)
    page = _page_at(
        "matching.partners",
        page_of(session, queries.answered_partners(person), per_page=ANSWERED_PER_PAGE, scalars=False),
    )
    answered = [Pair(*row) for row in page.rows]
    goods = catalogue(session)
    is_empty = not waiting and not answered
    return render_template(
        "matching/partners.html", firm=firm, waiting=waiting, answered=answered, page=page, names=_names(goods),
        goods=goods, form=form, wrong=wrong, not_reasons=NotReason, side_of=queries.side_of, now=clock.now(),
        phones=queries.released_phones(session, answered), first_message=_first_message,
        missions=queries.participating_missions(session, firm.id) if is_empty else (),
        lacks=queries.lacks_of(session, firm.id, clock.now()) if is_empty else None,
    )


@bp.get("/my/partners/missing")
@access.roles("owner")
def missing() -> ResponseReturnValue:
    session, now = get_session(), clock.now()
    firm = enterprises.enterprise_of(session, current_user.person)
    if firm is None:
        return redirect(url_for("enterprises.register"), 303)
    mission = next(iter(queries.participating_missions(session, firm.id)), None)
    found = analyses.missing_fields(session, firm.id, mission, now) if mission else None
    return render_template(
        "matching/missing.html", mission=mission, lacking=found, names=_names(catalogue(session)), sides=Side,
    )


def _first_message(pair: Pair) -> str:
    """Return a ready first WhatsApp text of an owner to an agreed partner; always in Indonesian."""
    proposal = pair.proposal
    own_side = queries.side_of(current_user.person, pair)
    own = proposal.need if own_side is PairSide.BUYER else proposal.offer
    goods = proposal.offer.title if own_side is PairSide.BUYER else proposal.need.title
    wish = "membeli" if own_side is PairSide.BUYER else "menjual"
    return (
        f"Salam, saya {current_user.name or 'pemilik'} dari {own.enterprise.name}, {own.enterprise.regency.name}. "
        f"Di Titik Temu kita sama-sama mau bertemu di {proposal.mission.name} ({day(proposal.mission.held_on)}). "
        f"Saya ingin {wish}: {goods}. Kapan bisa bicara?"
    )


@bp.post(f"{PROPOSAL}/answer")
@access.roles("owner")
def answer(proposal_id: str) -> ResponseReturnValue:
    session, person, form = get_session(), current_user.person, AnswerForm()
    pair = queries.pair_to_answer(session, person, proposal_id) or abort(404)
    if not form.validate_on_submit():
        return _with_status(_partners_page(form, pair.proposal.id), 422)
    said, reason = form.details()
    try:
        actions.answer(session, actor=person, pair=pair, answer=said, reason=reason, now=clock.now())
    except Refused as refusal:
        form.blame(refusal)
        return _with_status(_partners_page(form, pair.proposal.id), refusal.status)
    return back_with(_("Jawaban Anda tersimpan."), "matching.partners")


def _with_status(answered: Any, status: int) -> ResponseReturnValue:
    return (answered, status) if isinstance(answered, str) else answered

