"""Tables of ranking runs, proposals, answers and undoable decisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.db import Base
from app.kit.ids import new_id
from app.listings.models import Listing
from app.matching.values import Answer, Fit, NotReason, PairSide, ProposalState, RejectReason
from app.missions.models import Mission


class RankingRun(Base):
    """One finished ranking of a mission."""

    __tablename__ = "ranking_run"
    __table_args__ = (Index("ix_ranking_run_mission", "mission_id", "ended_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    model_version: Mapped[str]
    need_count: Mapped[int]
    offer_count: Mapped[int]
    proposal_count: Mapped[int]
    unmet_need_count: Mapped[int]
    pair_count: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class Proposal(Base):
    """A need and an offer that the ranker puts side by side, with the parts of its score (all in [0, 1])."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("mission_id", "need_id", "offer_id"),
        CheckConstraint("score >= 0 AND score <= 1", name="score_in_range"),
        Index("ix_proposal_queue", "mission_id", "state", "score"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    run_id: Mapped[str] = mapped_column(ForeignKey("ranking_run.id", ondelete="RESTRICT"))
    need_id: Mapped[str] = mapped_column(ForeignKey("listing.id", ondelete="RESTRICT"), index=True)
    offer_id: Mapped[str] = mapped_column(ForeignKey("listing.id", ondelete="RESTRICT"), index=True)
    score: Mapped[float]
    buyer_chance: Mapped[float]
    seller_chance: Mapped[float]
    fit: Mapped[Fit]
    rank_for_need: Mapped[int | None]
    rank_for_offer: Mapped[int | None]
    parts: Mapped[dict[str, Any]]
    reasons: Mapped[list[Any]]
    weakness: Mapped[dict[str, Any] | None]
    seller_fix: Mapped[dict[str, Any] | None]
    buyer_fix: Mapped[dict[str, Any] | None]
    is_current: Mapped[bool] = mapped_column(default=True)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.PROPOSED)
    reject_reason: Mapped[RejectReason | None]
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None]

    mission: Mapped[Mission] = relationship(lazy="raise")
    need: Mapped[Listing] = relationship(lazy="raise", foreign_keys=[need_id])
    offer: Mapped[Listing] = relationship(lazy="raise", foreign_keys=[offer_id])


class PartnerAnswer(Base):
    """The answer of one side of an accepted proposal; answering again replaces it (the trail keeps both)."""

    __tablename__ = "partner_answer"
    __table_args__ = (UniqueConstraint("proposal_id", "side"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposal.id", ondelete="RESTRICT"))
    side: Mapped[PairSide]
    answer: Mapped[Answer]
    reason: Mapped[NotReason | None]
    answered_by_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    answered_at: Mapped[datetime]


class DecisionBatch(Base):
    """Decisions taken in one act, so that they can be undone together for half a minute."""

    __tablename__ = "decision_batch"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    decided_by_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    earlier: Mapped[dict[str, Any]]
