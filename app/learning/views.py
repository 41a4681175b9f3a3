"""The page on which an admin sees how the ranker learns, and decides what ranks."""

from typing import Any

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.algorithms import learning
from app.algorithms.chances import COLD_START
from app.kit import clock, jobs
from app.learning import actions, policy, queries
from app.learning.forms import ReasonForm
from app.web import access
from app.web.database import get_session
from app.web.paging import page_of
from app.web.refusals import back_with

bp = Blueprint("learning", __name__, url_prefix="/ranking-models")
MODEL = "/<string(length=20):model_id>"
PER_PAGE = 10
RULES = {
    "least": learning.LEAST_DECISIONS, "least_of_each": learning.LEAST_OF_EACH, "margin": learning.MARGIN,
    "later_share": learning.TEST_SHARE,
}


@bp.get("")
@access.roles("admin")
def index() -> ResponseReturnValue:
    session, person = get_session(), current_user.person
    job = queries.training_job(session)
    return render_template(
        "learning/index.html", page=page_of(session, queries.models_kept(), per_page=PER_PAGE),
        in_use=queries.row_in_use(session), job=job, step=_step(job), is_running=_is_running(job),
        has_failed=job is not None and job.state is jobs.JobState.FAILED, can_use=policy.can_use, person=person,
        has_present_parts=queries.has_present_parts, cold=COLD_START.version, rules=RULES,
    )


def _is_running(job: jobs.Job | None) -> bool:
    return job is not None and job.state in (jobs.JobState.QUEUED, jobs.JobState.RUNNING)


def _step(job: jobs.Job | None) -> str:
    if not _is_running(job):
        return str(_("Selesai"))
    return str(_("Menunggu giliran") if job and job.state is jobs.JobState.QUEUED else _("Belajar dari keputusan"))


@bp.get("/progress")
@access.roles("admin")
def progress() -> ResponseReturnValue:
    job = queries.training_job(get_session())
    return jsonify(share=(job.progress if job else 0) / 100, text=_step(job), is_done=not _is_running(job))


@bp.post("/train")
@access.roles("admin")
def train() -> ResponseReturnValue:
    actions.request_training(get_session(), actor=current_user.person, now=clock.now())
    return back_with(_("Pelatihan dimulai. Halaman ini boleh ditutup, hasilnya tetap disimpan."), ".index")


@bp.get(MODEL)
@access.roles("admin")
def show(model_id: str) -> ResponseReturnValue:
    model = queries.model_by_id(get_session(), model_id) or abort(404)
    cold = {"buyer": COLD_START.buyer, "seller": COLD_START.seller}
    return render_template("learning/show.html", model=model, cold=cold, rules=RULES)


@bp.route(f"{MODEL}/use", methods=["GET", "POST"])
@access.roles("admin")
def use(model_id: str) -> ResponseReturnValue:
    session, form = get_session(), ReasonForm()
    model = queries.model_by_id(session, model_id) or abort(404)
    if not form.validate_on_submit():
        return _reason_page(form, model=model)
    actions.use_model(session, actor=current_user.person, model=model, reason=form.reason.data, now=clock.now())
    return back_with(_("Model ini dipakai mulai pencocokan berikutnya."), ".index")


@bp.route("/cold-start", methods=["GET", "POST"])
@access.roles("admin")
def cold_start() -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _reason_page(form, model=None)
    actions.return_to_cold_start(
        get_session(), actor=current_user.person, reason=form.reason.data, now=clock.now()
    )
    return back_with(_("Bobot awal dipakai mulai pencocokan berikutnya."), ".index")


def _reason_page(form: ReasonForm, **shown: Any) -> ResponseReturnValue:
    return render_template("learning/use.html", form=form, **shown), 422 if form.is_submitted() else 200
