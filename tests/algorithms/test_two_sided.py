from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from app.algorithms.two_sided import SMALLEST_BETA, TransferableUtilityOrder, rank_within

CHANCES = st.one_of(st.sampled_from([0.0, 1e-12, 0.5, 1.0]), st.floats(0, 1))
BETAS = st.sampled_from([SMALLEST_BETA, 0.01, 0.1, 1.0])


class Pairs(NamedTuple):
    need: np.ndarray
    offer: np.ndarray
    buyer: np.ndarray
    seller: np.ndarray
    n_needs: int
    n_offers: int


@st.composite
def pairs(draw: st.DrawFn, least: int = 0) -> Pairs:
    n_needs, n_offers = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    every = [(n, o) for n in range(n_needs) for o in range(n_offers)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, min_size=least))
    buyer, seller = (draw(st.lists(CHANCES, min_size=len(chosen), max_size=len(chosen))) for _ in range(2))
    index = np.array(chosen, dtype=np.intp).reshape(-1, 2)
    return Pairs(index[:, 0], index[:, 1], np.array(buyer), np.array(seller), n_needs, n_offers)


def settled(beta: float = 0.2, surplus: str = "product") -> TransferableUtilityOrder:
    return TransferableUtilityOrder(beta, surplus, max_iter=20_000, tol=1e-12)


@settings(deadline=None)
@given(pairs(), BETAS, st.sampled_from(["product", "sum"]))
def test_nobody_gives_more_than_one_whole(market: Pairs, beta: float, surplus: str) -> None:
    order = TransferableUtilityOrder(beta, surplus, max_iter=5).fit(*market)

    assert ((order.mass_ >= 0) & (order.mass_ <= 1)).all()
    for index, size in ((market.need, market.n_needs), (market.offer, market.n_offers)):
        assert (np.bincount(index, order.mass_, size) <= 1 + 1e-12).all()
    for alone in (order.need_alone_, order.offer_alone_):
        assert ((alone > 0) & (alone <= 1)).all()


@settings(deadline=None)
@given(pairs(), BETAS)
def test_only_pairs_with_a_zero_chance_are_not_shown(market: Pairs, beta: float) -> None:
    order = TransferableUtilityOrder(beta).fit(*market)

    possible = (market.buyer > 0) & (market.seller > 0)
    for value, rank in zip((order.need_value_, order.offer_value_), order.ranks(top=99), strict=True):
        assert not np.isnan(value).any()
        assert (np.isfinite(value) == possible).all() and ((rank > 0) == possible).all()


@settings(deadline=None)
@given(pairs(), BETAS, st.randoms(use_true_random=False))
def test_order_of_the_pairs_does_not_matter(market: Pairs, beta: float, rnd: object) -> None:
    shuffled = np.arange(len(market.need))
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]

    one = TransferableUtilityOrder(beta).fit(*market)
    other = TransferableUtilityOrder(beta).fit(*(column[shuffled] for column in market[:4]), *market[4:])

    assert other.need_value_.tolist() == one.need_value_[shuffled].tolist()
    assert other.offer_value_.tolist() == one.offer_value_[shuffled].tolist()
    assert np.allclose(other.mass_, one.mass_[shuffled], atol=1e-12)
    assert [r.tolist() for r in other.ranks(2)] == [r[shuffled].tolist() for r in one.ranks(2)]


@settings(deadline=None)
@given(pairs(), st.randoms(use_true_random=False))
def test_new_numbers_for_the_firms_change_nothing(market: Pairs, rnd: object) -> None:
    need_name, offer_name = np.arange(market.n_needs), np.arange(market.n_offers)
    rnd.shuffle(need_name)  # type: ignore[attr-defined]
    rnd.shuffle(offer_name)  # type: ignore[attr-defined]

    one = TransferableUtilityOrder().fit(*market)
    renamed = TransferableUtilityOrder().fit(need_name[market.need], offer_name[market.offer], *market[2:])

    assert np.allclose(renamed.mass_, one.mass_, atol=1e-9)
    assert [r.tolist() for r in renamed.ranks(3, np.argsort(need_name), np.argsort(offer_name))] == [
        r.tolist() for r in one.ranks(3)
    ]


@settings(deadline=None, max_examples=50)
@given(pairs(), st.sampled_from(["product", "sum"]))
def test_masses_satisfy_choo_and_siow(market: Pairs, surplus: str) -> None:
    order = settled(surplus=surplus).fit(*market)

    worth = 2 * market.buyer * market.seller if surplus == "product" else market.buyer + market.seller
    alone = order.need_alone_[market.need] * order.offer_alone_[market.offer]
    possible = (market.buyer > 0) & (market.seller > 0)
    assert np.allclose(order.mass_**2, np.where(possible, alone * np.exp(worth / 0.2), 0), atol=1e-6)
    assert np.allclose(np.bincount(market.need, order.mass_, market.n_needs), 1 - order.need_alone_, atol=1e-5)


@settings(deadline=None, max_examples=50)
@given(pairs(), st.sampled_from(["product", "sum"]))
def test_sides_are_treated_alike(market: Pairs, surplus: str) -> None:
    one = settled(surplus=surplus).fit(*market)
    turned = settled(surplus=surplus).fit(
        market.offer, market.need, market.seller, market.buyer, market.n_offers, market.n_needs
    )

    assert np.allclose(one.mass_, turned.mass_, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(pairs(least=1), st.data())
def test_a_higher_chance_brings_no_less_mass(market: Pairs, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(market.need) - 1))
    raised = market.buyer.copy()
    raised[row] = data.draw(st.floats(float(raised[row]), 1))

    before = settled().fit(*market).mass_[row]
    after = settled().fit(market.need, market.offer, raised, *market[3:]).mass_[row]

    assert after >= before - 1e-6


def test_mass_of_a_single_pair_has_a_closed_form() -> None:
    order = settled(beta=0.5).fit([0], [0], [0.8], [0.5])

    odds = np.exp(2 * 0.8 * 0.5 / (2 * 0.5))
    assert order.mass_[0] == pytest.approx(odds / (1 + odds))
    assert [order.need_alone_[0], order.offer_alone_[0]] == pytest.approx([1 / (1 + odds)] * 2)


def test_lists_spread_over_offers_that_all_needs_like_equally_well() -> None:
    need, offer = np.divmod(np.arange(16), 4)
    joint = np.where(offer == 0, 0.6, 0.5) + np.where(need == offer, 0.05, 0)

    first = TransferableUtilityOrder().fit(need, offer, joint, joint).ranks(top=1)[0]

    assert offer[first == 1].tolist() == [0, 1, 2, 3]
    assert offer[rank_within(need, joint, offer, top=1) == 1].tolist() == [0, 0, 0, 0]


def test_equals_are_ordered_by_the_tie_that_is_given() -> None:
    order = TransferableUtilityOrder().fit([0, 0, 0], [0, 1, 2], [0.5] * 3, [0.5] * 3)

    assert order.ranks(top=2)[0].tolist() == [1, 2, 0]
    assert order.ranks(top=2, offer_tie=[2, 1, 0])[0].tolist() == [0, 2, 1]


def test_firms_without_pairs_stay_alone() -> None:
    order = TransferableUtilityOrder().fit([1], [2], [0.5], [0.5], 3, 4)

    assert order.need_alone_[[0, 2]].tolist() == [1, 1] and order.offer_alone_[[0, 1, 3]].tolist() == [1, 1, 1]


@pytest.mark.parametrize("sizes", [(), (0, 0), (3, 0), (2, 2)])
def test_no_pairs_are_an_answer_too(sizes: tuple[int, ...]) -> None:
    order = TransferableUtilityOrder().fit([], [], [], [], *sizes)

    assert order.mass_.tolist() == [] and [rank.tolist() for rank in order.ranks(10)] == [[], []]
    assert order.is_converged_


@pytest.mark.parametrize("beta", [SMALLEST_BETA, 1e6])
def test_extreme_temperatures_stay_finite(beta: float) -> None:
    need, offer = np.divmod(np.arange(10_000), 100)

    order = TransferableUtilityOrder(beta).fit(need, offer, np.ones(10_000), np.ones(10_000))

    assert np.isfinite([order.need_value_, order.offer_value_, order.mass_]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"need_index": [0, 0], "offer_index": [1, 1]}, "twice"),
        ({"need_index": [0, -1]}, "need_index"),
        ({"offer_index": [0, 9], "n_offers": 9}, "offer_index"),
        ({"need_index": [0.0, 1.0]}, "integers"),
        ({"need_index": [0, 1, 2]}, "3 pairs"),
        ({"buyer_chance": [0.5, np.nan]}, "buyer_chance"),
        ({"seller_chance": [0.5, 1.1]}, "seller_chance"),
        ({"seller_chance": [0.5]}, "seller_chance"),
    ],
)
def test_bad_pairs_are_refused(change: dict[str, object], message: str) -> None:
    good = {"need_index": [0, 1], "offer_index": [0, 0], "buyer_chance": [0.5, 0.5], "seller_chance": [0.5, 0.5]}

    with pytest.raises(ValueError, match=message):
        TransferableUtilityOrder().fit(**{**good, **change})


@pytest.mark.parametrize(
    "parameters", [{"beta": 0}, {"beta": np.nan}, {"beta": np.inf}, {"max_iter": 0}, {"tol": 0}, {"surplus": "mean"}]
)
def test_bad_parameters_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(parameters))):
        TransferableUtilityOrder(**parameters).fit([0], [0], [0.5], [0.5])


def test_it_is_an_estimator() -> None:
    order = clone(TransferableUtilityOrder(beta=0.3))

    assert order.get_params() == {"beta": 0.3, "surplus": "product", "max_iter": 300, "tol": 1e-3}
    with pytest.raises(NotFittedError):
        order.ranks(10)
    with pytest.raises(ValueError, match="top"):
        order.fit([0], [0], [0.5], [0.5]).ranks(0)
