"""One listing that changed updates its own proposals, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import jobs
from app.kit.db import Database
from app.kit.jobs import Job, JobState
from app.listings import actions as listings
from app.listings.models import Listing
from app.listings.values import CHANGED_JOB, ListingState
from app.matching import actions
from app.matching import jobs as matching_jobs
from app.matching.models import Proposal
from app.matching.values import Decision, ProposalState
from tests.factories import HOSTING, NOW, VISITING
from tests.matching.market import Market, make_market, ranked_market

LATER = NOW + timedelta(minutes=5)


def update(market: Market, listing: Listing, changed_at: datetime = LATER) -> None:
    for one in actions.prepare_listing(market.session, listing=listing, changed_at=changed_at, now=LATER):
        actions.store_listing(market.session, ranked=one, now=LATER)


def content(rows: list[Proposal]) -> set[tuple[object, ...]]:
    return {
        (row.need_id, row.offer_id, row.score, row.buyer_chance, row.rank_for_need, row.rank_for_offer, str(row.parts))
        for row in rows
    }


def test_a_new_listing_is_proposed_as_in_a_whole_ranking(session: Session) -> None:
    market = ranked_market(session)
    market.add(VISITING, "need", title="Cari beras premium")
    new = market.add(HOSTING, "offer", title="Kopra hitam")
    update(market, new.listing)
    alone = [row for row in market.proposals() if row.offer_id == new.listing.id]

    market.rank(LATER)

    whole = [row for row in market.proposals() if row.offer_id == new.listing.id]
    assert market.buyer.listing.id in {row.need_id for row in alone}
    assert {row[:4] for row in content(alone)} == {row[:4] for row in content(whole)}


def test_proposals_of_other_listings_stay_as_they_are(session: Session) -> None:
    market = ranked_market(session)
    other = market.proposal()
    before = content([other])

    update(market, market.add(HOSTING, "offer", title="Kopra putih").listing)

    assert content([other]) == before and other.is_current


def test_a_withdrawn_listing_leaves_the_queue_but_not_what_was_decided(session: Session) -> None:
    market = ranked_market(session)
    second = market.add(VISITING, "need", title="Butuh kopra")
    market.rank(NOW)
    market.decide(Decision.ACCEPT)
    market.seller.listing.state = ListingState.CLOSED
    session.flush()

    update(market, market.seller.listing)

    rows = {row.need_id: row for row in session.scalars(select(Proposal))}
    assert rows[market.buyer.listing.id].is_current
    assert rows[market.buyer.listing.id].state is ProposalState.ACCEPTED
    assert not rows[second.listing.id].is_current


def test_a_changed_price_changes_the_numbers_of_its_pairs(session: Session) -> None:
    market = ranked_market(session)
    market.buyer.listing.price_amount = 10_000
    market.seller.listing.price_amount = 9_000
    session.flush()
    before = market.proposal().score

    update(market, market.seller.listing)

    assert market.proposal().score != before
    assert market.trail("mission.rank")[-1].after["listing"] == market.seller.listing.id


@pytest.mark.parametrize("why", ["never ranked", "ranked since"])
def test_nothing_is_done_where_a_ranking_sees_the_change(session: Session, why: str) -> None:
    market = make_market(session) if why == "never ranked" else ranked_market(session)

    found = actions.prepare_listing(
        session, listing=market.seller.listing, changed_at=NOW - timedelta(seconds=1), now=LATER
    )

    assert found == []


def test_saving_a_listing_promises_its_update_and_the_job_does_it(database: Database) -> None:
    with database.unit_of_work() as session:
        market = ranked_market(session)
        listings.close_listing(session, actor=market.seller.owner, listing=market.seller.listing, now=LATER)
        job = session.scalars(select(Job).where(Job.kind == CHANGED_JOB)).one()
        proposal_id, job_id = market.proposal().id, job.id

    assert jobs.run(database, job_id)

    with database.open(read_only=True) as session:
        assert session.get_one(Job, job_id).state is JobState.DONE, session.get_one(Job, job_id).error
        assert not session.get_one(Proposal, proposal_id).is_current
    assert matching_jobs.CHANGED_JOB == CHANGED_JOB
