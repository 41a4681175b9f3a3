"""Reads of learned models."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.algorithms.chances import COLD_START, ChanceModel, SideModel
from app.kit import jobs
from app.learning.models import RankingModel
from app.learning.values import ModelState

TRAIN_JOB = "learning.train_model"
TRAIN_SUBJECT = "ranking_model"


def model_in_use(session: Session) -> ChanceModel:
    """Return the model by which missions are ranked: the one in use, else the cold start.

    A model that was fitted to other parts than those that pairs have now does not count.
    """
    row = row_in_use(session)
    return as_chances(row) if row is not None and has_present_parts(row) else COLD_START


def row_in_use(session: Session) -> RankingModel | None:
    """Return the row of the model in use, None when that is the cold start."""
    return session.scalars(select(RankingModel).where(RankingModel.state == ModelState.IN_USE)).one_or_none()


def has_present_parts(row: RankingModel) -> bool:
    """Tell whether a model weighs exactly the parts that each side weighs now."""
    weighed = {side: set(row.weights.get(side, {}).get("weights", {})) for side in ("buyer", "seller")}
    return weighed == {"buyer": set(COLD_START.buyer.weights), "seller": set(COLD_START.seller.weights)}


def as_chances(row: RankingModel) -> ChanceModel:
    """Return the model of a row as the methods use it."""
    return ChanceModel(_side(row.weights["buyer"]), _side(row.weights["seller"]), row.version)


def _side(kept: dict[str, Any]) -> SideModel:
    return SideModel(kept["intercept"], dict(kept["weights"]))


def model_by_id(session: Session, model_id: str) -> RankingModel | None:
    """Return one model with who trained it."""
    return session.scalars(models_kept().where(RankingModel.id == model_id)).one_or_none()


def models_kept() -> Select[RankingModel]:
    """Return the select of all models with who trained them, the newest first."""
    return select(RankingModel).options(joinedload(RankingModel.trained_by)).order_by(RankingModel.number.desc())


def training_job(session: Session) -> jobs.Job | None:
    """Return the training that was asked for last."""
    return jobs.newest_job(session, TRAIN_JOB, TRAIN_SUBJECT)
