"""A small market: one mission with firms that fit across the strait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.values import Purpose
from app.enterprises.models import Enterprise
from app.kit.audit import AuditEntry
from app.listings.models import Listing
from app.matching import actions, queries
from app.matching.models import Proposal, RankingRun
from app.matching.queries import Pair
from app.matching.values import Answer, Decision, NotReason, Outcome, RejectReason
from app.missions.models import Mission
from tests.factories import (
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_listing,
    make_mission,
    make_participation,
    make_person,
)

BOTH_YES = (Purpose.PARTNERS, Purpose.PHONE)


@dataclass
class Side:
    """A firm in the mission with its owner and one listing."""

    owner: Person
    firm: Enterprise
    listing: Listing


@dataclass
class Market:
    """A mission with a copra seller in the hosting and a copra buyer in the visiting province."""

    session: Session
    mission: Mission
    organiser: Person
    seller: Side
    buyer: Side

    def add(self, province: str, side: str, *, consents: tuple[Purpose, ...] = BOTH_YES, **listing: Any) -> Side:
        """Add a firm that takes part, with one listing."""
        owner = make_person(self.session)
        firm = make_enterprise(self.session, owner, province, consents=consents)
        make_participation(self.session, self.mission, firm)
        return Side(owner, firm, make_listing(self.session, firm, side, **listing))

    def rank(self, now: datetime = NOW) -> RankingRun:
        """Rank the mission."""
        return actions.rank_mission(self.session, mission=self.mission, now=now)

    def proposals(self) -> list[Proposal]:
        """Return all proposals that are current."""
        return list(self.session.scalars(select(Proposal).where(Proposal.is_current.is_(True)).order_by(Proposal.id)))

    def proposal(self) -> Proposal:
        """Return the proposal of the first seller and the first buyer."""
        return self.session.scalars(
            select(Proposal).where(
                Proposal.offer_id == self.seller.listing.id, Proposal.need_id == self.buyer.listing.id
            )
        ).one()

    def decide(
        self, decision: Decision, *ids: str, actor: Person | None = None, reason: RejectReason | None = None,
        seen_at: datetime = NOW, now: datetime = NOW,
    ) -> Outcome:
        """Decide as the organiser about the first pair, or about the ids given."""
        return actions.decide(
            self.session, actor=actor or self.organiser, mission=self.mission, ids=ids or (self.proposal().id,),
            decision=decision, reason=reason, seen_at=seen_at, now=now,
        )

    def answer(
        self, side: Side, answer: Answer, *, reason: NotReason | None = None, now: datetime = NOW,
        proposal: Proposal | None = None,
    ) -> None:
        """Answer as the owner of one side."""
        pair = self.pair(side, proposal)
        assert pair
        actions.answer(self.session, actor=side.owner, pair=pair, answer=answer, reason=reason, now=now)

    def pair(self, side: Side, proposal: Proposal | None = None) -> Pair | None:
        """Return the pair as one owner may answer it."""
        return queries.pair_to_answer(self.session, side.owner, (proposal or self.proposal()).id)

    def trail(self, action: str) -> list[AuditEntry]:
        """Return what the trail says of one kind of act."""
        return list(self.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))

    def agree(self) -> None:
        """Accept the first pair and let both owners want it."""
        self.decide(Decision.ACCEPT)
        self.answer(self.seller, Answer.WANT)
        self.answer(self.buyer, Answer.MAY)


def make_market(session: Session, **mission: Any) -> Market:
    """Make a mission whose organiser is of the visiting province; nothing is ranked yet."""
    market = Market.__new__(Market)
    market.session, market.mission = session, make_mission(session, **mission)
    market.organiser = make_person(session, "organiser", VISITING)
    market.seller = market.add(HOSTING, "offer", title="Kopra putih")
    market.buyer = market.add(VISITING, "need", title="Cari kopra putih")
    return market


def ranked_market(session: Session, **mission: Any) -> Market:
    """Make a market and rank it."""
    market = make_market(session, **mission)
    market.rank()
    return market
