"""Ranking a mission, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.values import Purpose
from app.commodities.queries import catalogue
from app.enterprises.values import EnterpriseState
from app.kit.errors import Conflict, NotAllowed
from app.kit.jobs import Job, JobState
from app.listings.models import Listing
from app.listings.values import ListingState, Period
from app.matching import actions, queries
from app.matching.models import Proposal
from app.matching.values import Answer, Decision, Fit, ProposalState
from app.missions.values import MissionState, ParticipationState
from tests.factories import (
    HOSTING,
    NOW,
    VISITING,
    make_consents,
    make_listing,
    make_person,
)
from tests.matching.market import make_market, ranked_market


def test_need_and_offer_of_two_provinces_become_a_proposal(session: Session) -> None:
    market = make_market(session)

    run = market.rank()

    found = market.proposal()
    assert (run.need_count, run.offer_count, run.proposal_count, run.unmet_need_count) == (1, 1, 1, 0)
    assert found.state is ProposalState.PROPOSED and found.is_current
    assert 0 < found.score <= 1 and found.fit in Fit
    assert len(found.reasons) == 3 and found.reasons[0]["code"] == "same_commodity"
    assert {"value", "known", "carries", "costs", "km", "days"} == set(found.parts)
    assert market.trail("mission.rank")[0].after["proposals"] == 1


def test_firms_of_one_province_are_never_paired(session: Session) -> None:
    market = make_market(session)
    neighbor = market.add(HOSTING, "need", title="Butuh kopra")

    run = market.rank()

    assert run.unmet_need_count == 1
    assert [row.need_id for row in market.proposals()] == [market.buyer.listing.id]
    unmatched = session.scalars(queries.unmatched_listings(market.mission.id, None, NOW)).all()
    assert [row.id for row in unmatched] == [neighbor.listing.id]


def test_nothing_suitable_is_said_as_such(session: Session) -> None:
    market = make_market(session)
    lonely = market.add(VISITING, "need", commodity_code=None, title="Cari mesin cetak tiga dimensi")

    run = market.rank()

    assert run.unmet_need_count == 1
    unmatched = session.scalars(queries.unmatched_listings(market.mission.id, None, NOW)).all()
    assert [row.id for row in unmatched] == [lonely.listing.id]


@pytest.mark.parametrize("fault", ["stale", "closed", "no consent", "withdrawn", "unconfirmed", "blocked"])
def test_who_is_not_ready_stays_out(session: Session, fault: str) -> None:
    market = make_market(session)
    seller = market.seller
    if fault == "stale":
        seller.listing.renewed_at = NOW - timedelta(days=181)
    elif fault == "closed":
        seller.listing.state = ListingState.CLOSED
    elif fault == "no consent":
        make_consents(session, seller.owner, Purpose.PHONE, now=NOW + timedelta(seconds=1))
    elif fault == "withdrawn":
        participation = queries.missions.participation_of(session, market.mission.id, seller.firm.id)
        assert participation
        participation.state = ParticipationState.WITHDRAWN
    elif fault == "unconfirmed":
        seller.firm.state = EnterpriseState.AWAITING_OWNER
    else:
        seller.owner.is_active = False
    session.flush()

    run = market.rank()

    assert (run.offer_count, run.proposal_count, run.unmet_need_count) == (0, 0, 1)


def test_a_listing_confirmed_180_days_ago_still_counts(session: Session) -> None:
    market = make_market(session)
    market.seller.listing.renewed_at = NOW - timedelta(days=180)
    session.flush()

    assert market.rank().offer_count == 1


def test_ranking_again_keeps_decisions_pins_and_answers(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.PIN)
    market.agree()
    before = market.proposal().id
    market.seller.listing.quantity = Decimal(200)
    session.flush()

    market.rank(NOW + timedelta(days=1))

    after = market.proposal()
    assert after.id == before
    assert (after.state, after.is_pinned) == (ProposalState.ACCEPTED, True)
    assert after.parts["days"] == 1
    assert [pair.id for pair in queries.agreed_pairs(session, market.mission.id)] == [before]


def test_vanished_pairs_leave_the_queue_unless_decided_or_pinned(session: Session) -> None:
    market = ranked_market(session)
    decided = market.add(HOSTING, "offer", title="Kopra hitam")
    pinned = market.add(HOSTING, "offer", title="Kopra asap")
    market.rank()
    of = {row.offer_id: row for row in market.proposals()}
    market.decide(Decision.ACCEPT, of[decided.listing.id].id)
    market.decide(Decision.PIN, of[pinned.listing.id].id)
    for side in (market.seller, decided, pinned):
        side.listing.state = ListingState.CLOSED
    session.flush()

    run = market.rank(NOW + timedelta(minutes=1))

    assert run.proposal_count == 0
    assert {row.offer_id for row in market.proposals()} == {decided.listing.id, pinned.listing.id}


def test_a_pair_that_comes_back_is_current_again(session: Session) -> None:
    market = ranked_market(session)
    market.seller.listing.state = ListingState.CLOSED
    market.rank(NOW + timedelta(minutes=1))
    assert market.proposals() == []
    market.seller.listing.state = ListingState.OPEN

    market.rank(NOW + timedelta(minutes=2))

    assert len(market.proposals()) == 1
    assert len(session.scalars(select(Proposal)).all()) == 1


def test_goods_that_nobody_chose_are_read_from_the_text(session: Session) -> None:
    market = make_market(session)
    row = make_listing(
        session, market.seller.firm, commodity_code=None, title="Jual CENGKEH kering", unit_code=None, quantity=None
    )
    row = session.scalars(queries.rankable_listings(market.mission.id, NOW).where(Listing.id == row.id)).one()

    found = queries.as_compared(row, catalogue(session), NOW)

    good = catalogue(session).goods[found.commodity or ""]
    assert good.name_id.startswith("Cengkih")
    assert found.family == good.family_code


@pytest.mark.parametrize(
    ("unit", "quantity", "period", "months", "title", "kg_a_month"),
    [
        ("ton", "2", Period.MONTH, [], "Kopra", 2000), ("kg", "120", Period.YEAR, [], "Kopra", 10),
        ("ton", "6", Period.SEASON, [3, 4, 5], "Kopra", 2000), ("ton", "4", Period.SEASON, [], "Kopra", 1000),
        ("ton", "1", Period.ONCE, [], "Kopra", 1000), ("kg", "12", Period.WEEK, [], "Kopra", 52),
        ("karung", "10", Period.MONTH, [], "Kopra karung 60 kg", 600), ("meter", "10", Period.MONTH, [], "Kopra", None),
    ],
)
def test_quantities_become_kilograms_a_month(
    session: Session, unit: str, quantity: str, period: Period, months: list[int], title: str, kg_a_month: float | None
) -> None:
    market = make_market(session)
    listing = market.seller.listing
    listing.unit_code, listing.quantity, listing.period, listing.months = unit, Decimal(quantity), period, months
    listing.title = title
    session.flush()
    row = session.scalars(queries.rankable_listings(market.mission.id, NOW).where(Listing.id == listing.id)).one()

    found = queries.as_compared(row, catalogue(session), NOW)

    assert found.quantity_month == pytest.approx(kg_a_month) if kg_a_month else found.quantity_month is None


def test_papers_of_the_firm_count_for_its_offers_only(session: Session) -> None:
    market = make_market(session)
    for side in (market.seller, market.buyer):
        side.firm.certificates = ["halal"]
    session.flush()
    found = queries.market_of(session, market.mission.id, NOW)

    assert found.offers[0].certificates == {"halal"}
    assert found.needs[0].certificates == frozenset()


def test_progress_is_reported_upwards_to_the_end(session: Session) -> None:
    market = make_market(session)
    seen: list[int] = []

    actions.rank_mission(session, mission=market.mission, now=NOW, progress=seen.append)

    assert seen == sorted(seen) and seen[-1] >= 90


def test_empty_mission_is_ranked_without_a_fault(session: Session) -> None:
    market = make_market(session)
    for side in (market.seller, market.buyer):
        side.listing.state = ListingState.CLOSED
    session.flush()

    run = market.rank()

    assert (run.need_count, run.offer_count, run.proposal_count, run.pair_count) == (0, 0, 0, 0)


def test_second_ranking_waits_for_the_first(session: Session) -> None:
    market = make_market(session)
    first = actions.request_ranking(session, actor=market.organiser, mission=market.mission, now=NOW)
    session.flush()

    with pytest.raises(Conflict):
        actions.request_ranking(session, actor=market.organiser, mission=market.mission, now=NOW)
    session.get_one(Job, first.id).state = JobState.DONE
    actions.request_ranking(session, actor=market.organiser, mission=market.mission, now=NOW + timedelta(seconds=1))

    assert len(market.trail("mission.request_ranking")) == 2


@pytest.mark.parametrize(
    ("role", "province", "state"),
    [
        ("office", VISITING, MissionState.OPEN), ("admin", None, MissionState.OPEN),
        ("organiser", "73", MissionState.OPEN), ("organiser", VISITING, MissionState.HELD),
    ],
)
def test_who_may_not_decide_may_not_rank(
    session: Session, role: str, province: str | None, state: MissionState
) -> None:
    market = make_market(session, state=state)

    with pytest.raises(NotAllowed):
        actions.request_ranking(
            session, actor=make_person(session, role, province), mission=market.mission, now=NOW
        )


def test_answer_given_meanwhile_survives_a_ranking(session: Session) -> None:
    market = ranked_market(session)
    prepared = actions.prepare_ranking(session, mission=market.mission, now=NOW)
    market.decide(Decision.ACCEPT)
    market.answer(market.seller, Answer.WANT)

    actions.store_ranking(session, mission=market.mission, ranked=prepared, now=NOW)

    pair = market.pair(market.seller)
    assert pair and pair.seller_says is Answer.WANT


def test_what_carries_and_what_costs_the_score_is_told_apart(session: Session) -> None:
    market = make_market(session)
    market.seller.listing.price_amount, market.buyer.listing.price_amount = 12_000_000, 10_000_000
    session.flush()
    market.rank()

    rows = queries.contributions_of(market.proposal())

    carrying = [row for row in rows if not row.is_loss]
    costing = [row for row in rows if row.is_loss]
    assert carrying[0].part == "commodity" and "price" in {row.part for row in costing}
    assert not {row.part for row in carrying} & {row.part for row in costing}
    assert all(row.points >= 1 for row in rows) and all(row.is_known for row in carrying)
    assert [row.share for row in carrying] == sorted((row.share for row in carrying), reverse=True)
