"""What people said, as training data."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from app.algorithms.chances import PARTS
from app.deals.models import Deal
from app.evaluation.queries import heard_decisions
from app.kit.ids import new_id
from app.matching.values import Answer, Decision, NotReason, RejectReason
from tests.factories import NOW
from tests.matching.market import Market, ranked_market

LATER = NOW + timedelta(minutes=1)


def sides(session: Session) -> list[tuple[str, bool, float]]:
    """Return (side, yes, weight) of every row that is learned from."""
    rows = heard_decisions(session).decisions
    names = np.where(rows.is_buyer, "buyer", "seller").tolist()
    return sorted(zip(names, rows.said_yes.tolist(), rows.weight.tolist(), strict=True))


def test_nobody_has_said_anything_yet(session: Session) -> None:
    ranked_market(session)

    heard = heard_decisions(session)

    assert (heard.count, heard.left_out, len(heard.decisions)) == (0, 0, 0)
    assert heard.since is None and heard.until is None


def test_an_organiser_speaks_for_both_sides(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)

    assert sides(session) == [("buyer", True, 1.0), ("seller", True, 1.0)]
    market.decide(Decision.REJECT, reason=RejectReason.PRICE, seen_at=LATER, now=LATER)
    assert sides(session) == [("buyer", False, 1.0), ("seller", False, 1.0)]
    market.decide(Decision.RESET, seen_at=LATER, now=LATER)
    assert sides(session) == []


def test_an_owner_speaks_for_the_own_side_and_may_is_half_a_yes(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    market.answer(market.buyer, Answer.MAY, now=LATER)
    market.answer(market.seller, Answer.NOT, reason=NotReason.TOO_FAR, now=LATER)

    assert sides(session) == [
        ("buyer", True, 0.5), ("buyer", True, 1.0), ("seller", False, 1.0), ("seller", True, 1.0)
    ]


def test_a_deal_that_counts_is_a_strong_yes_of_both(session: Session) -> None:
    market = ranked_market(session)
    deal = _deal(market)

    assert sides(session) == [("buyer", True, 2.0), ("seller", True, 2.0)]
    deal.is_void = True
    session.flush()
    assert sides(session) == []


def _deal(market: Market) -> Deal:
    deal = Deal(
        id=new_id(), mission_id=market.mission.id, proposal_id=market.proposal().id, idempotency_key=new_id(),
        recorded_by_id=market.organiser.id, recorded_at=LATER,
    )
    market.session.add(deal)
    market.session.flush()
    return deal


@pytest.mark.parametrize("reason", [RejectReason.SAME_OWNER, RejectReason.ALREADY_PARTNERS])
def test_a_reject_that_says_nothing_about_fit_is_left_out(session: Session, reason: RejectReason) -> None:
    market = ranked_market(session)
    market.decide(Decision.REJECT, reason=reason)

    heard = heard_decisions(session)

    assert (heard.count, heard.left_out) == (0, 1)


@pytest.mark.parametrize("reason", [NotReason.ALREADY_KNOWN, NotReason.NO_STOCK])
def test_a_no_that_says_nothing_about_fit_is_left_out(session: Session, reason: NotReason) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    market.answer(market.buyer, Answer.NOT, reason=reason, now=LATER)

    heard = heard_decisions(session)

    assert (heard.count, heard.yes_count, heard.left_out) == (1, 1, 1)


def test_a_pair_that_was_compared_by_other_parts_is_left_out(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    market.proposal().parts = {"value": {"commodity": 1.0}}
    session.flush()

    assert (heard_decisions(session).count, heard_decisions(session).left_out) == (0, 1)


def test_decisions_come_in_the_order_of_time_with_the_parts_of_their_pair(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    market.answer(market.buyer, Answer.WANT, now=LATER)
    kept = market.proposal().parts["value"]

    heard = heard_decisions(session)

    assert (heard.since, heard.until) == (NOW, LATER)
    assert (np.diff(heard.decisions.at) >= 0).all()
    assert {part: heard.decisions.parts[part][-1] for part in PARTS} == pytest.approx(kept)
    assert len(np.unique(heard.decisions.pair)) == 1
