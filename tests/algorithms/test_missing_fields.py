from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.algorithms.forms import STATES, state_of
from app.algorithms.listing import Listing
from app.algorithms.missing_fields import STATE_WORDS, Field, Gain, field_gains
from app.algorithms.ranker import PairRanker, corpus_of
from tests.algorithms.examples import TREE, make_need, make_offer
from tests.algorithms.strategies import listings

NEEDS = [
    make_need("cari beras", quantity_month=4_000.0, price_kg=12_000.0, certificates=frozenset({"halal"})),
    make_need("butuh beras", quantity_month=900.0, price_kg=14_000.0, certificates=frozenset({"halal", "SNI"})),
    make_need("beras", quantity_month=1_000.0, price_kg=13_000.0, months=frozenset({1, 2})),
    make_need("cari kopra", quantity_month=1.0, price_kg=1.0, certificates=frozenset({"HACCP"})),
]


def gains_of(own: Listing, needs: Sequence[Listing] = NEEDS) -> dict[Field, Gain]:
    return {gain.filling.field: gain for gain in field_gains(PairRanker(tree=TREE), [own], needs, [0], is_offer=True)}


@given(
    st.lists(listings(), min_size=1, max_size=6), st.lists(listings(), min_size=1, max_size=6), st.booleans(), st.data()
)
@settings(max_examples=25)
def test_counts_are_those_of_ranking_the_whole_market_again(
    offers: list[Listing], needs: list[Listing], is_offer: bool, data: st.DataObject
) -> None:
    side = offers if is_offer else needs
    own = data.draw(st.lists(st.integers(0, len(side) - 1), unique=True, max_size=3))

    found = field_gains(PairRanker(tree=TREE), offers, needs, own, is_offer=is_offer)

    assert {gain.own for gain in found} <= set(own)
    for gain in found:
        assert gain.before == _partners(offers, needs, gain.own, side[gain.own], is_offer)
        assert gain.after == _partners(offers, needs, gain.own, gain.filling.listing, is_offer)
        assert gain.stronger <= gain.before & gain.after >= gain.raised


def _partners(offers: list[Listing], needs: list[Listing], own: int, as_is: Listing, is_offer: bool) -> frozenset[int]:
    """Rank everything with one listing changed; the words keep the weights that they have without the change."""
    sides = (list(offers), list(needs))
    sides[0 if is_offer else 1][own] = as_is
    ranking = PairRanker(tree=TREE).fit(*sides, corpus=corpus_of([*offers, *needs])).rank(99)
    mine, theirs = ranking.offer_index, ranking.need_index
    if not is_offer:
        mine, theirs = theirs, mine
    return frozenset(theirs[mine == own].tolist())


@pytest.mark.parametrize("field", [Field.PRICE, Field.QUANTITY, Field.MINIMUM_ORDER, Field.CERTIFICATE])
def test_a_plain_ranking_of_the_changed_market_agrees(field: Field) -> None:
    own = make_offer("beras medium", quantity_month=50.0, price_kg=16_000.0, certificates=frozenset({"SNI"}))
    bare = make_offer("beras medium")
    gain = gains_of(own if field is Field.CERTIFICATE else bare)[field]

    ranking = PairRanker(tree=TREE).fit([gain.filling.listing], NEEDS).rank(99)

    assert gain.after == frozenset(np.unique(ranking.need_index).tolist())


def test_fair_values_come_from_those_who_ask_for_the_same_goods() -> None:
    found = gains_of(make_offer("beras medium"))

    assert {field: (gain.filling.value, gain.filling.unit) for field, gain in found.items()} == {
        Field.PRICE: (13_000.0, "kg"), Field.QUANTITY: (1_000.0, "kg"), Field.MINIMUM_ORDER: (900.0, "kg"),
        Field.CERTIFICATE: ("halal", ""),
    }


def test_a_certificate_brings_back_who_insists_on_it() -> None:
    """Too dear for the first, and without halal: two terms off; with halal only the price is left to talk about."""
    own = make_offer("beras medium", price_kg=15_000.0, quantity_month=4_000.0, minimum_order_kg=10.0)

    found = gains_of(own)

    assert set(found) == {Field.CERTIFICATE}
    gain = found[Field.CERTIFICATE]
    assert 0 not in gain.before and gain.after - gain.before == {0}
    assert gain.raised == {1}


def test_months_are_added_only_where_some_are_named() -> None:
    own = make_offer("beras medium", months=frozenset({2}))

    assert gains_of(own, NEEDS[2:3])[Field.MONTHS].filling.value == (1,)
    assert Field.MONTHS not in gains_of(make_offer("beras medium"), NEEDS)


def test_quantities_count_in_the_unit_that_both_use() -> None:
    own = make_offer("telur", unit="peti")
    need = make_need("telur", unit="peti", quantity_unit_month=30.0, price_unit=250_000.0)

    found = gains_of(own, [need])

    assert found[Field.QUANTITY].filling.unit == "peti" and found[Field.QUANTITY].filling.value == 30.0
    assert found[Field.PRICE].filling.listing.price_unit == 250_000.0


def test_goods_that_were_only_guessed_count_in_full_once_they_are_chosen() -> None:
    own = Listing("biji wangi", commodity="pala", family="rempah", lineage=("pala",), province="A", confidence=0.5)

    gain = gains_of(own, [make_need("cari pala")])[Field.COMMODITY]

    assert gain.filling.value == "pala"
    assert gain.before == frozenset() and gain.after == {0}


def test_goods_without_a_name_get_that_of_the_most_similar_texts() -> None:
    need = Listing("tandon air stainless", commodity="tandon", lineage=("tandon",), province="B")
    own = Listing("tandon besar", province="A")

    gain = gains_of(own, [need, make_need("kopra")])[Field.COMMODITY]

    assert gain.filling.value == "tandon" and gain.filling.listing.lineage == ("tandon",)
    assert gain.after == {0}


def test_a_state_is_said_in_a_word_that_is_read_as_it() -> None:
    assert set(STATE_WORDS) == set(STATES)
    for state, word in STATE_WORDS.items():
        assert state_of(f"ikan\n{word}\n") == state

    gain = gains_of(make_offer("ikan"), [make_need("ikan beku")])[Field.FORM]

    assert gain.filling.value == "frozen" and gain.raised == {0}


def test_complete_listings_and_empty_sides_have_nothing_to_gain() -> None:
    own = make_offer(
        "beras medium", price_kg=12_000.0, quantity_month=2_000.0, minimum_order_kg=50.0,
        certificates=frozenset({"halal", "SNI"}),
    )

    assert gains_of(own) == {} == gains_of(make_offer("beras"), [])
    assert field_gains(PairRanker(), [], NEEDS, [], is_offer=True) == []
