"""The table of learned models."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.algorithms.learning import Verdict
from app.kit.db import Base
from app.kit.ids import new_id
from app.learning.values import ModelState


class RankingModel(Base):
    """A fitted model with what it was fitted to and how it compared with the one in use; at most one is in use."""

    __tablename__ = "ranking_model"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number_positive"),
        Index(
            "uq_ranking_model_in_use", "state", unique=True, sqlite_where=text("state = 'in_use'"),
            postgresql_where=text("state = 'in_use'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    state: Mapped[ModelState] = mapped_column(default=ModelState.CANDIDATE)
    verdict: Mapped[Verdict]
    created_at: Mapped[datetime]
    trained_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    heard_from: Mapped[datetime | None]
    heard_until: Mapped[datetime | None]
    later_from: Mapped[datetime | None]
    decision_count: Mapped[int]
    yes_count: Mapped[int]
    left_out_count: Mapped[int]
    champion_version: Mapped[str]
    figures: Mapped[dict[str, Any]]
    weights: Mapped[dict[str, Any]]
    used_since: Mapped[datetime | None]

    trained_by: Mapped[Person | None] = relationship(lazy="raise")

    @property
    def version(self) -> str:
        """The name that rankings keep."""
        return f"learned-{self.number}"
