"""Decisions of organisers and taking them back, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.kit.errors import Conflict, NotAllowed, NotFound, Refused
from app.matching import actions, queries
from app.matching.models import DecisionBatch
from app.matching.values import Answer, Decision, Outcome, ProposalState, RejectReason
from app.missions.values import MissionState
from tests.factories import HOSTING, NOW, VISITING, make_person
from tests.matching.market import Market, ranked_market

LATER = NOW + timedelta(seconds=10)


def batch_of(session: Session, outcome: Outcome) -> DecisionBatch:
    return session.get_one(DecisionBatch, outcome.batch_id)


def test_accepting_is_stored_with_its_trail(session: Session) -> None:
    market = ranked_market(session)

    outcome = market.decide(Decision.ACCEPT)

    row, entry = market.proposal(), market.trail("proposal.accept")[0]
    assert (outcome.changed, outcome.passed_over) == (1, 0)
    assert (row.state, row.decided_by_id, row.decided_at) == (ProposalState.ACCEPTED, market.organiser.id, NOW)
    assert entry.before["state"] == "proposed" and entry.after["state"] == "accepted"


def test_rejecting_needs_a_reason(session: Session) -> None:
    market = ranked_market(session)

    with pytest.raises(Refused) as refusal:
        market.decide(Decision.REJECT)
    market.decide(Decision.REJECT, reason=RejectReason.SHIPPING)

    assert refusal.value.field == "reason"
    assert market.proposal().reject_reason is RejectReason.SHIPPING
    assert market.trail("proposal.reject")[0].reason == "shipping"


def test_deciding_the_same_again_changes_nothing(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)

    outcome = market.decide(Decision.ACCEPT, now=LATER)

    assert (outcome.batch_id, outcome.changed) == (None, 0)
    assert len(market.trail("proposal.accept")) == 1


@pytest.mark.parametrize("decision", [Decision.PIN, Decision.UNPIN, Decision.RESET])
def test_pin_and_reset_move_their_own_field_only(session: Session, decision: Decision) -> None:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    market.decide(Decision.PIN)

    market.decide(decision, now=LATER)

    row = market.proposal()
    assert row.is_pinned is (decision is not Decision.UNPIN)
    assert (row.state is ProposalState.PROPOSED) is (decision is Decision.RESET)


@pytest.mark.parametrize(("role", "province"), [("office", VISITING), ("admin", None), ("organiser", "73"), ("owner", None)])
def test_only_organisers_of_the_two_provinces_decide(session: Session, role: str, province: str | None) -> None:
    market = ranked_market(session)

    with pytest.raises(NotAllowed):
        market.decide(Decision.ACCEPT, actor=make_person(session, role, province))


def test_both_organisers_decide_about_both_sides(session: Session) -> None:
    market = ranked_market(session)

    market.decide(Decision.ACCEPT, actor=make_person(session, "organiser", HOSTING))

    assert market.proposal().state is ProposalState.ACCEPTED


def test_nobody_decides_after_the_day(session: Session) -> None:
    market = ranked_market(session)
    market.mission.state = MissionState.HELD

    with pytest.raises(NotAllowed):
        market.decide(Decision.ACCEPT)


def test_unknown_proposal_is_not_found(session: Session) -> None:
    market = ranked_market(session)

    with pytest.raises(NotFound):
        market.decide(Decision.ACCEPT, "0" * 20)


def test_a_decision_taken_meanwhile_by_somebody_else_stands(session: Session) -> None:
    market = ranked_market(session)
    other = make_person(session, "organiser", HOSTING)
    market.decide(Decision.REJECT, actor=other, reason=RejectReason.PRICE, now=LATER)

    with pytest.raises(Conflict):
        market.decide(Decision.ACCEPT, seen_at=NOW, now=LATER)
    market.decide(Decision.ACCEPT, seen_at=LATER, now=LATER)

    assert market.proposal().state is ProposalState.ACCEPTED


def test_many_are_decided_in_one_act_and_taken_ones_are_passed_over(session: Session) -> None:
    market = ranked_market(session)
    market.add(HOSTING, "offer", title="Kopra hitam")
    market.rank()
    first, second = market.proposals()
    market.decide(
        Decision.REJECT, first.id, actor=make_person(session, "organiser", HOSTING), reason=RejectReason.PRICE, now=LATER
    )

    outcome = market.decide(Decision.ACCEPT, first.id, second.id, seen_at=NOW, now=LATER)

    assert (outcome.changed, outcome.passed_over) == (1, 1)
    assert (first.state, second.state) == (ProposalState.REJECTED, ProposalState.ACCEPTED)


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.RESET])
def test_an_agreed_pair_is_not_turned_down(session: Session, decision: Decision) -> None:
    market = ranked_market(session)
    market.agree()

    with pytest.raises(Conflict):
        market.decide(decision, reason=RejectReason.OTHER)

    assert market.proposal().state is ProposalState.ACCEPTED


@pytest.mark.parametrize("seconds", [0, 30, 45])
def test_decisions_are_taken_back_within_half_a_minute(session: Session, seconds: int) -> None:
    market = ranked_market(session)
    market.add(HOSTING, "offer", title="Kopra hitam")
    market.rank()
    outcome = market.decide(Decision.ACCEPT, *(row.id for row in market.proposals()))

    undone = actions.undo(
        session, actor=market.organiser, batch=batch_of(session, outcome), now=NOW + timedelta(seconds=seconds)
    )

    assert (undone.changed, undone.passed_over) == (2, 0)
    assert {(row.state, row.decided_at) for row in market.proposals()} == {(ProposalState.PROPOSED, None)}
    assert len(market.trail("proposal.undo")) == 2


def test_after_that_it_is_too_late(session: Session) -> None:
    market = ranked_market(session)
    outcome = market.decide(Decision.ACCEPT)

    with pytest.raises(Conflict):
        actions.undo(
            session, actor=market.organiser, batch=batch_of(session, outcome), now=NOW + timedelta(seconds=46)
        )

    assert market.proposal().state is ProposalState.ACCEPTED


def test_taking_back_twice_is_refused(session: Session) -> None:
    market = ranked_market(session)
    batch = batch_of(session, market.decide(Decision.ACCEPT))
    actions.undo(session, actor=market.organiser, batch=batch, now=LATER)

    with pytest.raises(Conflict):
        actions.undo(session, actor=market.organiser, batch=batch, now=LATER)


def test_only_who_decided_takes_back(session: Session) -> None:
    market = ranked_market(session)
    batch = batch_of(session, market.decide(Decision.ACCEPT))
    colleague = make_person(session, "organiser", VISITING)

    with pytest.raises(NotAllowed):
        actions.undo(session, actor=colleague, batch=batch, now=LATER)
    assert queries.batch_seen_by(session, colleague, batch.id) is None


def test_earlier_state_with_reason_and_pin_comes_back(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.PIN)
    market.decide(Decision.REJECT, reason=RejectReason.VOLUME)
    batch = batch_of(session, market.decide(Decision.ACCEPT, now=LATER))

    actions.undo(session, actor=market.organiser, batch=batch, now=LATER)

    row = market.proposal()
    assert (row.state, row.reject_reason, row.is_pinned) == (ProposalState.REJECTED, RejectReason.VOLUME, True)
    assert row.decided_at == NOW


def changed_since(market: Market) -> None:
    market.decide(Decision.PIN, now=LATER)


def answered_since(market: Market) -> None:
    market.answer(market.seller, Answer.WANT, now=LATER)


@pytest.mark.parametrize("what_happened", [changed_since, answered_since])
def test_rows_changed_or_answered_since_stay(session: Session, what_happened: object) -> None:
    market = ranked_market(session)
    batch = batch_of(session, market.decide(Decision.ACCEPT))
    assert callable(what_happened)
    what_happened(market)

    undone = actions.undo(session, actor=market.organiser, batch=batch, now=LATER)

    assert (undone.changed, undone.passed_over) == (0, 1)
    assert market.proposal().state is ProposalState.ACCEPTED
