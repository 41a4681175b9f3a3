"""Training a model, putting one in use, going back."""

from dataclasses import asdict
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.chances import COLD_START, ChanceModel, SideModel
from app.algorithms.learning import Quality, compare, fit_model, is_enough, quality_of, split_by_time
from app.kit import audit, jobs
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.learning import policy, queries
from app.learning.models import RankingModel
from app.learning.values import Heard, ModelState, Trained

FITTED = "fitted"  # until the store gives it a number


def train_model(session: Session, *, heard: Heard) -> Trained:
    """Fit to the earlier decisions and measure on the later ones, beside the model in use; writes nothing."""
    champion = queries.model_in_use(session)
    past, later = split_by_time(heard.decisions)
    lacking = is_enough(past, later, heard.count)
    if lacking is not None:
        return Trained(heard, lacking, champion.version)
    model = fit_model(past, FITTED)
    challenger, present = quality_of(model, later), quality_of(champion, later)
    return Trained(
        heard, compare(challenger, present), champion.version, datetime.fromtimestamp(float(later.at.min()), UTC),
        len(past), len(later), model, challenger, present,
    )


def keep_model(session: Session, *, actor: Person | None, trained: Trained, now: datetime) -> RankingModel:
    """Store what was trained, and put it in use when it is better than what is in use.

    Raises Conflict when another model came into use since the training: it was compared with the wrong one.
    """
    if queries.model_in_use(session).version != trained.champion_version:
        raise Conflict(_l("Model lain baru saja dipakai. Latih sekali lagi."))
    model = _row(session, actor, trained, now)
    session.add(model)
    session.flush()
    audit.record(
        session, actor=actor, action="model.train", subject=("ranking_model", model.id), now=now,
        after={"model": model.version, "decisions": model.decision_count, "verdict": model.verdict.value},
    )
    if trained.is_better:
        _put_in_use(session, actor, model, "", now)
    return model


def _row(session: Session, actor: Person | None, trained: Trained, now: datetime) -> RankingModel:
    heard, newest = trained.heard, session.scalar(select(func.max(RankingModel.number))) or 0
    return RankingModel(
        id=new_id(), number=newest + 1, state=ModelState.CANDIDATE, verdict=trained.verdict, created_at=now,
        trained_by_id=actor.id if actor else None, heard_from=heard.since, heard_until=heard.until,
        later_from=trained.border_at, decision_count=heard.count, yes_count=heard.yes_count,
        left_out_count=heard.left_out, champion_version=trained.champion_version, figures=_figures(trained),
        weights=_weights(trained.model) if trained.model else {},
    )


def _figures(trained: Trained) -> dict[str, Any]:
    if trained.challenger is None or trained.champion is None:
        return {}
    return {
        "challenger": _plain(trained.challenger), "champion": _plain(trained.champion),
        "past_rows": trained.past_rows, "later_rows": trained.later_rows,
    }


def _plain(quality: Quality) -> dict[str, float | int | None]:
    return {name: round(value, 6) if isfinite(value) else None for name, value in asdict(quality).items()}


def _weights(model: ChanceModel) -> dict[str, Any]:
    def side(one: SideModel) -> dict[str, Any]:
        return {"intercept": one.intercept, "weights": dict(one.weights)}

    return {"buyer": side(model.buyer), "seller": side(model.seller)}


def request_training(session: Session, *, actor: Person, now: datetime) -> jobs.Job:
    """Promise a training in the background; a second one has to wait for the first."""
    if not policy.can_manage_models(actor):
        raise NotAllowed(_l("Hanya admin yang bisa melatih dan memilih model."))
    newest = queries.training_job(session)
    if newest is not None and newest.state in (jobs.JobState.QUEUED, jobs.JobState.RUNNING):
        raise Conflict(_l("Pelatihan masih berjalan. Tunggu sampai selesai, halaman ini boleh ditutup."))
    job = jobs.promise(
        session, queries.TRAIN_JOB, subject=queries.TRAIN_SUBJECT, now=now, by=actor.id, person_id=actor.id
    )
    session.flush()
    audit.record(
        session, actor=actor, action="model.request_training", subject=("ranking_model", queries.TRAIN_SUBJECT), now=now
    )
    return job


def use_model(session: Session, *, actor: Person, model: RankingModel, reason: str, now: datetime) -> None:
    """Put a model that ranked before in use again."""
    if not policy.can_manage_models(actor):
        raise NotAllowed(_l("Hanya admin yang bisa melatih dan memilih model."))
    stated = _stated(reason)
    # Locked on its own: PostgreSQL locks no row that comes with an optional other one, as who trained it does here.
    session.execute(select(RankingModel.id).where(RankingModel.id == model.id).with_for_update())
    session.refresh(model)
    if not policy.can_use(actor, model) or not queries.has_present_parts(model):
        raise Conflict(_l("Model ini tidak bisa dipakai: belum pernah terbukti lebih baik, atau sedang dipakai."))
    _put_in_use(session, actor, model, stated, now)


def return_to_cold_start(session: Session, *, actor: Person, reason: str, now: datetime) -> None:
    """Take the model out of use, so that the built-in weights rank again."""
    if not policy.can_manage_models(actor):
        raise NotAllowed(_l("Hanya admin yang bisa melatih dan memilih model."))
    stated, before = _stated(reason), _retire(session)
    if before is None:
        raise Conflict(_l("Bobot awal sudah dipakai."))
    audit.record(
        session, actor=actor, action="model.return", subject=("ranking_model", before.id), now=now,
        before={"model": before.version}, after={"model": COLD_START.version}, reason=stated,
    )


def _stated(reason: str) -> str:
    if not reason.strip():
        raise Refused(_l("Tulis alasannya, supaya yang lain mengerti."), field="reason")
    return reason.strip()


def _put_in_use(session: Session, actor: Person | None, model: RankingModel, reason: str, now: datetime) -> None:
    before = _retire(session)
    model.state, model.used_since = ModelState.IN_USE, now
    session.flush()
    audit.record(
        session, actor=actor, action="model.use", subject=("ranking_model", model.id), now=now,
        before={"model": before.version if before else COLD_START.version}, after={"model": model.version},
        reason=reason,
    )


def _retire(session: Session) -> RankingModel | None:
    """Take the model in use out of use and return it; written at once, for only one may be in use."""
    before = session.scalars(
        select(RankingModel).where(RankingModel.state == ModelState.IN_USE).with_for_update()
    ).one_or_none()
    if before is not None:
        before.state = ModelState.RETIRED
        session.flush()
    return before
