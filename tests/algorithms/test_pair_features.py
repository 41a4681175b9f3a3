import numpy as np
import pytest

from app.algorithms.chances import NEUTRAL, PARTS, side_chances
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker, Ranking
from app.algorithms.relations import OTHER, SIBLING, relation_matrix
from tests.algorithms.examples import make_need, make_offer


def pair(offer: Listing, need: Listing) -> Ranking:
    ranking = PairRanker(min_match=0, min_form=0, min_score=0, max_terms_off=9).fit([offer], [need]).rank(1)
    assert len(ranking) == 1
    return ranking


def part(name: str, offer: Listing, need: Listing) -> float | None:
    ranking = pair(offer, need)
    return float(ranking.parts[name][0]) if ranking.known[name][0] else None


@pytest.mark.parametrize(
    ("asking", "highest", "value"),
    [(80.0, 100.0, 1.0), (100.0, 100.0, 0.9), (110.0, 100.0, 0.7), (150.0, 100.0, 0.25), (900.0, 100.0, 0.0)],
)
def test_price_falls_with_the_distance_above(asking: float, highest: float, value: float) -> None:
    assert part("price", make_offer(price_kg=asking), make_need(price_kg=highest)) == pytest.approx(value)


def test_prices_in_a_common_unit_compare_without_kilograms() -> None:
    offer, need = make_offer(price_unit=90.0, unit="dus"), make_need(price_unit=100.0, unit="dus")

    assert part("price", offer, need) == pytest.approx(0.95)
    assert part("price", offer, make_need(price_unit=100.0, unit="pcs")) is None


def test_a_thousandfold_price_is_a_slip_and_no_bargain() -> None:
    assert part("price", make_offer(price_kg=14.0), make_need(price_kg=14_000.0)) is None


def test_a_missing_price_is_neutral() -> None:
    ranking = pair(make_offer(), make_need(price_kg=10_000.0))

    assert ranking.parts["price"][0] == NEUTRAL["price"]
    assert not ranking.known["price"][0]


def test_quantity_is_the_share_of_the_need_and_demand_of_the_offer() -> None:
    offer, need = make_offer(quantity_month=300.0), make_need(quantity_month=1000.0)

    assert part("quantity", offer, need) == pytest.approx(0.55)
    assert part("demand", offer, need) == pytest.approx(1.0)


def test_a_minimum_order_above_the_need_costs() -> None:
    need = make_need(quantity_month=1000.0)

    assert part("minimum_order", make_offer(minimum_order_kg=500.0), need) == 1.0
    assert part("minimum_order", make_offer(minimum_order_kg=2000.0), need) == pytest.approx(0.5)


def test_certificates_count_by_share_and_only_when_required() -> None:
    need = make_need(certificates=frozenset({"halal", "SNI"}))

    assert part("certificates", make_offer(certificates=frozenset({"halal", "BPOM"})), need) == 0.5
    assert part("certificates", make_offer(certificates=frozenset({"halal"})), make_need()) is None


def test_months_count_by_overlap_and_only_with_a_season() -> None:
    need = make_need(months=frozenset({1, 2, 3, 4}))

    assert part("months", make_offer(months=frozenset({3, 4, 5})), need) == 0.5
    assert part("months", make_offer(), make_need()) is None


def test_a_wider_offer_fits_less_than_a_narrower_one() -> None:
    narrower = part("commodity", make_offer("Beras premium"), make_need("Beras"))
    wider = part("commodity", make_offer("Beras"), make_need("Beras premium"))

    assert narrower is not None
    assert wider is not None
    assert 1.0 > narrower > wider >= 0.6


def test_another_state_serves_less() -> None:
    assert part("form", make_offer("cakalang beku"), make_need("cakalang segar")) == 0.5
    assert part("form", make_offer("cakalang"), make_need("cakalang segar")) is None


def test_kinds_tell_goods_apart_that_only_words_join() -> None:
    need = Listing("alat kelapa", form="tool", province="B")

    assert part("form", Listing("kelapa", form="raw", province="A"), need) == 0.0
    assert part("form", Listing("alat kelapa", form="tool", province="A"), need) is None


def test_where_the_tree_relates_goods_their_kinds_do_not_matter() -> None:
    offer = Listing("kopra", commodity="kopra", lineage=("kopra", "kelapa"), form="processed", province="A")
    need = Listing("kelapa", commodity="kelapa", form="raw", province="B")

    assert part("form", offer, need) is None


def test_far_cold_and_old_each_cost() -> None:
    near = pair(make_offer(latitude=0.0, longitude=0.0), make_need(latitude=0.0, longitude=1.0))
    far = pair(
        make_offer(latitude=0.0, longitude=0.0, is_cold_chain=True, keeping="fresh", age_days=400),
        make_need(latitude=0.0, longitude=40.0),
    )

    for name in ("distance", "keeping", "freshness"):
        assert far.parts[name][0] < near.parts[name][0]


@pytest.mark.parametrize("name", PARTS)
def test_gains_never_fall_when_a_part_rises(name: str) -> None:
    rising = np.linspace(0, 1, 21)
    parts = {p: np.full(21, 0.6) for p in PARTS} | {name: rising}

    buyer, seller = side_chances(parts)

    assert (np.diff(buyer) >= 0).all()
    assert (np.diff(seller) >= 0).all()
    assert buyer[-1] + seller[-1] > buyer[0] + seller[0]


def test_siblings_share_a_parent_and_strangers_nothing() -> None:
    found = relation_matrix({("a", "x"): 0, ("b", "x"): 1, ("c",): 2}, ["f", "f", "g"])

    assert (found[0, 1], found[0, 2]) == (SIBLING, OTHER)


@pytest.mark.parametrize("months", [{0}, {13}])
def test_a_month_off_the_calendar_is_refused(months: set[int]) -> None:
    with pytest.raises(ValueError, match="months"):
        PairRanker().fit([make_offer(months=frozenset(months))], [])


def test_a_place_off_the_globe_is_refused() -> None:
    with pytest.raises(ValueError, match="globe"):
        PairRanker().fit([make_offer(latitude=91.0)], [])
