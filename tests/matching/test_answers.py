"""What owners say to their partners, and when numbers are released; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.values import Purpose
from app.kit.errors import Conflict, NotAllowed, Refused
from app.listings.values import ListingState
from app.matching import actions, queries
from app.matching.queries import Pair
from app.matching.values import Answer, Decision, NotReason, PairSide, RejectReason
from app.missions.values import MissionState
from tests.factories import HOSTING, NOW, VISITING, make_consents, make_enterprise, make_person
from tests.matching.market import Market, ranked_market

LATER = NOW + timedelta(minutes=1)


def accepted_market(session: Session) -> Market:
    market = ranked_market(session)
    market.decide(Decision.ACCEPT)
    return market


def waiting(market: Market, owner: object, limit: int = 5) -> list[Pair]:
    return list(queries.partners_to_answer(market.session, owner, limit))  # type: ignore[arg-type]


def test_owners_see_accepted_pairs_only(session: Session) -> None:
    market = ranked_market(session)
    assert waiting(market, market.seller.owner) == []

    market.decide(Decision.ACCEPT)

    assert len(waiting(market, market.seller.owner)) == 1
    assert len(waiting(market, market.buyer.owner)) == 1
    assert waiting(market, make_person(session)) == []


def test_silence_pairs_nobody(session: Session) -> None:
    market = accepted_market(session)
    market.answer(market.seller, Answer.WANT)

    assert queries.agreed_pairs(session, market.mission.id) == []


@pytest.mark.parametrize(
    ("seller", "buyer", "is_agreed"),
    [
        (Answer.WANT, Answer.WANT, True), (Answer.MAY, Answer.WANT, True), (Answer.MAY, Answer.MAY, True),
        (Answer.NOT, Answer.WANT, False), (Answer.WANT, Answer.NOT, False),
    ],
)
def test_both_have_to_agree(session: Session, seller: Answer, buyer: Answer, is_agreed: bool) -> None:
    market = accepted_market(session)

    market.answer(market.seller, seller, reason=NotReason.TOO_FAR)
    market.answer(market.buyer, buyer, reason=NotReason.OTHER)

    agreed = [row.id for row in queries.agreed_pairs(session, market.mission.id)]
    assert agreed == ([market.proposal().id] if is_agreed else [])


def test_a_no_needs_a_reason_and_a_yes_keeps_none(session: Session) -> None:
    market = accepted_market(session)

    with pytest.raises(Refused) as refusal:
        market.answer(market.seller, Answer.NOT)
    market.answer(market.seller, Answer.NOT, reason=NotReason.TOO_LITTLE)
    market.answer(market.seller, Answer.MAY, reason=NotReason.TOO_LITTLE, now=LATER)

    pair = market.pair(market.seller)
    assert refusal.value.field == "reason"
    assert pair and (pair.says(PairSide.SELLER), pair.reason(PairSide.SELLER)) == (Answer.MAY, None)
    changed = market.trail("proposal.answer")[-1]
    assert changed.before["answer"] == "not" and changed.before["reason"] == "too_little"


def test_answering_the_same_twice_is_recorded_once(session: Session) -> None:
    market = accepted_market(session)

    market.answer(market.seller, Answer.WANT)
    market.answer(market.seller, Answer.WANT, now=LATER)

    assert len(market.trail("proposal.answer")) == 1


def test_answers_stand_once_both_agree(session: Session) -> None:
    market = accepted_market(session)
    market.answer(market.seller, Answer.WANT)
    market.answer(market.buyer, Answer.WANT)

    with pytest.raises(Conflict):
        market.answer(market.seller, Answer.NOT, reason=NotReason.NO_STOCK)


def test_somebody_elses_pair_does_not_exist(session: Session) -> None:
    market = accepted_market(session)
    stranger = make_person(session)
    make_enterprise(session, stranger)

    assert queries.pair_to_answer(session, stranger, market.proposal().id) is None


def test_staff_cannot_answer_for_an_owner(session: Session) -> None:
    market = accepted_market(session)
    pair = market.pair(market.seller)
    assert pair

    with pytest.raises(NotAllowed):
        actions.answer(session, actor=market.organiser, pair=pair, answer=Answer.WANT, reason=None, now=NOW)


@pytest.mark.parametrize("change", ["reset", "over", "no consent"])
def test_what_is_not_waiting_is_not_answered(session: Session, change: str) -> None:
    market = accepted_market(session)
    if change == "reset":
        market.decide(Decision.REJECT, reason=RejectReason.OTHER)
    elif change == "over":
        market.mission.state = MissionState.CLOSED
    else:
        make_consents(session, market.buyer.owner, now=LATER)
    session.flush()

    assert market.pair(market.seller) is None


def test_partners_who_already_want_come_first(session: Session) -> None:
    market = ranked_market(session)
    others = [market.add(VISITING, "need", title=f"Butuh kopra {number}") for number in range(3)]
    market.rank()
    of = {row.need_id: row for row in market.proposals()}
    market.decide(Decision.ACCEPT, *(row.id for row in of.values()))
    market.answer(others[2], Answer.WANT, proposal=of[others[2].listing.id])
    market.answer(others[1], Answer.MAY, proposal=of[others[1].listing.id])
    market.answer(others[0], Answer.NOT, reason=NotReason.TOO_FAR, proposal=of[others[0].listing.id])

    shown = [pair.proposal.need_id for pair in waiting(market, market.seller.owner)]

    assert shown == [others[2].listing.id, others[1].listing.id, market.buyer.listing.id]
    assert len(waiting(market, market.seller.owner, limit=2)) == 2


def test_a_closed_listing_asks_nobody_any_more(session: Session) -> None:
    market = accepted_market(session)
    market.buyer.listing.state = ListingState.CLOSED
    session.flush()

    assert waiting(market, market.seller.owner) == []


def test_answered_pairs_are_listed_agreed_ones_first(session: Session) -> None:
    market = ranked_market(session)
    other = market.add(VISITING, "need", title="Butuh kopra asap")
    market.rank()
    of = {row.need_id: row for row in market.proposals()}
    market.decide(Decision.ACCEPT, *(row.id for row in of.values()))
    market.answer(market.seller, Answer.NOT, reason=NotReason.OTHER, proposal=of[other.listing.id])
    market.answer(market.seller, Answer.WANT)
    market.answer(market.buyer, Answer.WANT)

    rows = session.execute(queries.answered_partners(market.seller.owner)).all()

    assert [row[0].need_id for row in rows] == [market.buyer.listing.id, other.listing.id]


def phones_of(market: Market) -> dict[str, queries.Phones]:
    rows = market.session.execute(queries.answered_partners(market.seller.owner)).all()
    return queries.released_phones(market.session, [Pair(*row) for row in rows])


def test_numbers_are_released_when_both_agree_and_allow_it(session: Session) -> None:
    market = ranked_market(session)
    market.agree()

    phones = phones_of(market)[market.proposal().id]

    assert (phones.seller, phones.buyer) == (market.seller.owner.phone, market.buyer.owner.phone)


def test_one_yes_releases_nothing(session: Session) -> None:
    market = accepted_market(session)
    market.answer(market.seller, Answer.WANT)

    assert phones_of(market) == {}


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_one_owner_who_keeps_the_number_keeps_both(session: Session, side: str) -> None:
    market = ranked_market(session)
    market.agree()
    owner = getattr(market, side).owner
    make_consents(session, owner, Purpose.PARTNERS, now=LATER)

    assert phones_of(market) == {}


def test_agreed_pairs_come_with_all_that_a_deal_needs(session: Session) -> None:
    market = ranked_market(session)
    market.agree()
    session.expire_all()

    (found,) = queries.agreed_pairs(session, market.mission.id)

    assert found.offer.enterprise.regency.province_code == HOSTING
    assert found.need.enterprise.name == market.buyer.firm.name
    assert found.offer.commodity and found.offer.unit
