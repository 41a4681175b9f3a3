import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.algorithms.chances import NEUTRAL, PARTS, joint_score, side_chances
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker, Ranking
from tests.algorithms.strategies import listings

SIDES = st.lists(listings(), max_size=6)


def everything(ranking: Ranking) -> list[np.ndarray]:
    own = [ranking.score, ranking.buyer_chance, ranking.seller_chance, *ranking.parts.values()]
    return [np.asarray(values, dtype=float) for values in own]


@settings(max_examples=80, deadline=None)
@given(SIDES, SIDES, st.booleans())
def test_all_numbers_are_in_range(offers: list[Listing], needs: list[Listing], keep: bool) -> None:
    ranking = PairRanker().fit(offers, needs).rank(3, keep_unsuitable=keep)

    for values in everything(ranking):
        assert not np.isnan(values).any()
        assert ((values >= 0) & (values <= 1)).all()
    assert (keep or ranking.suitable.all()) and set(ranking.level) <= {"strong", "good", "check"}


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES)
def test_pairs_cross_provinces_and_occur_once(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(3, keep_unsuitable=True)

    pairs = list(zip(ranking.need_index.tolist(), ranking.offer_index.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert all(needs[n].province != offers[o].province for n, o in pairs)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES)
def test_a_score_lies_between_the_gains_it_joins(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(3)

    assert (ranking.score <= np.maximum(ranking.buyer_chance, ranking.seller_chance) + 1e-8).all()
    assert (ranking.score >= np.minimum(ranking.buyer_chance, ranking.seller_chance) - 1e-8).all()
    assert joint_score(*side_chances(ranking.parts)).tolist() == ranking.score.tolist()


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES)
def test_unknown_parts_hold_their_neutral_value(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(3, keep_unsuitable=True)

    for part in PARTS:
        if part in NEUTRAL:
            unknown = ranking.parts[part][~ranking.known[part]]
            assert np.isin(unknown, [NEUTRAL[part], 1.0] if part == "form" else NEUTRAL[part]).all()


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.randoms(use_true_random=False))
def test_shuffling_the_input_shuffles_the_output(offers: list[Listing], needs: list[Listing], rnd: object) -> None:
    offers, needs = _distinct(offers), _distinct(needs)
    new_offers, new_needs = list(offers), list(needs)
    rnd.shuffle(new_offers)  # type: ignore[attr-defined]
    rnd.shuffle(new_needs)  # type: ignore[attr-defined]

    assert _by_content(offers, needs) == _by_content(new_offers, new_needs)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES)
def test_ranks_follow_the_scores(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(3)

    for rank, index in [(ranking.rank_for_need, ranking.need_index), (ranking.rank_for_offer, ranking.offer_index)]:
        for one in set(index.tolist()):
            own = np.flatnonzero((index == one) & (rank > 0))
            order = own[np.argsort(rank[own])]
            assert rank[order].tolist() == list(range(1, len(order) + 1))
            assert (np.diff(ranking.score[order]) <= 0).all()


def _distinct(items: list[Listing]) -> list[Listing]:
    return list({repr(_key(item)): item for item in items}.values())


def _key(item: Listing) -> tuple[object, ...]:
    numbers = (item.price_unit, item.price_kg, item.quantity_month, item.quantity_unit_month, item.minimum_order)
    months, held = tuple(sorted(item.months)), tuple(sorted(item.certificates))
    return item.text, item.province, item.unit, repr(numbers), months, held, item.age_days


def _by_content(offers: list[Listing], needs: list[Listing]) -> list[tuple[object, ...]]:
    ranking = PairRanker().fit(offers, needs).rank(3)
    return sorted(
        (repr(_key(needs[n])), repr(_key(offers[o])), round(float(s), 6))
        for n, o, s in zip(ranking.need_index, ranking.offer_index, ranking.score, strict=True)
    )
