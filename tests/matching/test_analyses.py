"""How proposals spread, and what missing fields cost, on both databases."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.algorithms.missing_fields import Field
from app.enterprises.values import SizeClass
from app.listings.values import ListingState
from app.matching import analyses, queries
from app.matching.analyses import Exposure, Lacking, MissingField
from app.matching.models import Proposal
from app.matching.values import Decision, RejectReason
from app.regions.models import Regency
from tests.factories import HOSTING, NOW, VISITING, make_listing
from tests.matching.market import Market, Side, make_market, ranked_market


def exposed(market: Market) -> Exposure:
    return analyses.exposure_of(market.session, market.mission, NOW)


def lacking(market: Market, side: Side) -> list[Lacking]:
    market.session.flush()
    return analyses.missing_fields(market.session, side.firm.id, market.mission, NOW) or []


def field_of(found: list[Lacking], field: Field) -> MissingField:
    return next(one for own in found for one in (*own.gains, *own.others) if one.filling.field is field)


def test_partners_are_counted_once_whatever_fits(session: Session) -> None:
    market = make_market(session)
    make_listing(session, market.seller.firm, "offer", title="Kopra hitam")
    second = market.add(VISITING, "need", title="Butuh kopra")
    market.rank()

    found = exposed(market)

    assert found.proposals == 4
    assert [(shown.firm.id, shown.partners) for shown in found.top][0] == (market.seller.firm.id, 2)
    assert {shown.firm.id: shown.partners for shown in found.top}[second.firm.id] == 1
    assert (found.spread.firms, found.spread.without, found.spread.with_one) == (3, 0, 2)


def test_groups_follow_the_firms(session: Session) -> None:
    market = make_market(session)
    market.seller.firm.size_class = SizeClass.MICRO
    market.add(HOSTING, "offer", commodity_code=None, title="Jasa cetak tiga dimensi")
    market.rank()

    found = exposed(market)

    assert [(one.group, one.firms, one.partners, one.without) for one in found.provinces] == [
        (VISITING, 1, 1, 0), (HOSTING, 2, 1, 1)
    ]
    assert [(one.group, one.partners) for one in found.sizes] == [(SizeClass.MICRO, 1), (None, 1)]
    islands = set(session.scalars(
        select(Regency.island).where(Regency.code.in_([market.seller.firm.regency_code, market.buyer.firm.regency_code]))
    ))
    assert {one.group for one in found.islands} == islands
    assert [one.mean for one in found.islands] == sorted(one.mean for one in found.islands)


def test_turned_down_pairs_expose_nobody(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.REJECT, reason=RejectReason.OTHER)

    found = exposed(market)

    assert (found.proposals, found.spread.without, found.top) == (0, 2, [])
    assert {why: len(firms) for why, firms in found.unmet.items()} == {"no_candidates": 2}


def test_who_meets_nobody_is_named_with_the_reason(session: Session) -> None:
    market = make_market(session, slot_count=1)
    spare = market.add(HOSTING, "offer", title="Kopra putih")
    lonely = market.add(HOSTING, "offer", commodity_code=None, title="Jasa cetak tiga dimensi")
    silent = market.add(HOSTING, "offer", state=ListingState.CLOSED)
    market.rank()

    found = exposed(market)

    names = {why: {firm.id for firm in firms} for why, firms in found.unmet.items()}
    assert names["no_candidates"] == {lonely.firm.id} and names["no_listing"] == {silent.firm.id}
    assert names["partners_full"] < {market.seller.firm.id, spare.firm.id} and len(names["partners_full"]) == 1
    assert found.most_meetings == 1
    assert [(floor.cost.floor, floor.below) for floor in found.floors] == [(0, 0), (1, 3), (2, 3), (3, 3)]


def test_a_floor_costs_score_and_pins_stand(session: Session) -> None:
    market = ranked_market(session)
    market.decide(Decision.PIN)

    found = exposed(market)

    assert [len(floor.cost.selection) for floor in found.floors] == [1, 1, 1, 1]
    assert all(floor.cost.selection.pinned.all() and floor.cost.loss_share == 0 for floor in found.floors)


def test_a_mission_without_firms_has_nothing_to_spread(session: Session) -> None:
    market = make_market(session)
    for side in (market.seller, market.buyer):
        side.owner.is_active = False
    session.flush()

    found = exposed(market)

    assert (found.proposals, found.spread.firms, found.provinces, found.unmet) == (0, 0, [], {})


def test_a_certificate_brings_the_buyers_that_a_new_ranking_would_bring(session: Session) -> None:
    market = make_market(session)
    market.seller.listing.price_amount = 20_000_000
    for number in range(2):
        market.add(VISITING, "need", title=f"Cari kopra {number}", price_amount=16_000_000, certificates=["halal"])
    session.flush()
    before = _suitable(market)

    gain = field_of(lacking(market, market.seller), Field.CERTIFICATE)
    market.seller.listing.certificates = ["halal"]
    session.flush()

    assert gain.filling.value == "halal" and gain.is_gain
    assert (gain.partners, gain.after, gain.more) == (before, _suitable(market), 2)


def _suitable(market: Market) -> int:
    """Rank the whole market; return how many firms suit the first seller."""
    found = queries.market_of(market.session, market.mission.id, NOW)
    ranking = queries.ranker(market.session).fit(found.offers, found.needs).rank(99)
    return int((ranking.offer_index == found.offer_ids.index(market.seller.listing.id)).sum())


def test_several_listings_of_one_buyer_are_one_partner(session: Session) -> None:
    market = make_market(session)
    make_listing(session, market.buyer.firm, "need", title="Cari kopra hitam", price_amount=9_000_000)
    market.buyer.listing.price_amount = 9_500_000

    found = lacking(market, market.seller)

    assert [own.listing.id for own in found] == [market.seller.listing.id]
    assert field_of(found, Field.PRICE).partners == 1


def test_needs_lack_what_sellers_state(session: Session) -> None:
    market = make_market(session)
    market.seller.listing.price_amount = 9_000_000

    found = lacking(market, market.buyer)

    price = field_of(found, Field.PRICE)
    assert (price.filling.value, price.filling.unit) == (9_000.0, "kg")
    assert price.raised == 1 and price.more == 0


def test_complete_listings_lack_nothing(session: Session) -> None:
    market = make_market(session)
    for side in (market.seller, market.buyer):
        side.listing.price_amount, side.listing.minimum_order = 9_000_000, Decimal(1)

    found = lacking(market, market.seller)

    assert [(own.gains, own.others) for own in found] == [([], [])]


def test_who_takes_no_part_gets_no_figures(session: Session) -> None:
    market = make_market(session)
    market.seller.listing.state = ListingState.CLOSED
    session.flush()

    assert analyses.missing_fields(session, market.seller.firm.id, market.mission, NOW) is None
    assert session.scalars(select(Proposal)).all() == []
