import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.exposure import MOST_SHOWN, cost_of_floors, spread_by_group, spread_of
from app.algorithms.selection import Why

COUNTS = st.lists(st.integers(0, 30), max_size=40)


@given(COUNTS)
def test_a_spread_agrees_with_counting(counts: list[int]) -> None:
    found = spread_of(counts)

    assert (found.firms, found.without, found.with_one) == (len(counts), counts.count(0), counts.count(1))
    assert 0 <= found.gini < 1
    assert [counts[firm] for firm in found.top] == [count for count in sorted(counts, reverse=True)[:MOST_SHOWN] if count]
    if sum(counts):
        assert found.top_share == pytest.approx(sum(sorted(counts, reverse=True)[:MOST_SHOWN]) / sum(counts))


def test_even_spreads_have_no_inequality_and_one_owner_has_nearly_all() -> None:
    assert spread_of([4] * 9).gini == 0 == spread_of([]).gini == spread_of([0, 0]).gini
    assert spread_of([0] * 99 + [5]).gini == pytest.approx(0.99)


@given(COUNTS, st.data())
def test_groups_hold_every_firm_once(counts: list[int], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.sampled_from("abc"), min_size=len(counts), max_size=len(counts)))

    found = spread_by_group(counts, groups)

    assert [one.group for one in found] == list(dict.fromkeys(groups))
    assert sum(one.firms for one in found) == len(counts)
    assert sum(one.partners for one in found) == sum(counts)
    assert sum(one.without for one in found) == counts.count(0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))
def test_a_floor_never_earns_more_and_fills_as_many_places_as_can_be(seed: int, n_left: int, n_right: int, limit: int) -> None:
    random = np.random.default_rng(seed)
    left, right = np.nonzero(random.random((n_left, n_right)) < 0.6)
    score = random.random(len(left))

    found = cost_of_floors(left, right, score, n_left=n_left, n_right=n_right, limit=limit, floors=range(4))

    assert found[0].loss_share == 0 == found[0].helped
    assert all(one.selection.left_count.max() <= limit for one in found)
    for one in found:
        assert 0 <= one.loss_share <= 1
        assert one.selection.total <= found[0].selection.total + 1e-6
        free = np.concatenate([found[0].selection.left_count, found[0].selection.right_count])
        assert one.selection.floor_places_filled >= np.minimum(free, min(one.floor, limit)).sum()
        below = sum(count < min(one.floor, limit) for counts in (one.selection.left_count, one.selection.right_count)
                    for count in counts)
        assert below == len(one.selection.shortfalls)


def test_pins_stand_even_beyond_the_limit() -> None:
    found = cost_of_floors(
        [0, 0, 1], [0, 1, 0], [0.9, 0.6, 0.1], n_left=3, n_right=2, limit=1, floors=[1], pinned=[(0, 0), (0, 1)]
    )[0]

    assert found.selection.left_count.tolist() == [2, 0, 0]
    assert {one.firm: one.why for one in found.selection.shortfalls} == {1: Why.PARTNERS_FULL, 2: Why.NO_CANDIDATES}


def test_nothing_proposed_costs_nothing() -> None:
    found = cost_of_floors([], [], [], n_left=2, n_right=0, limit=8, floors=[0, 1])

    assert [one.loss_share for one in found] == [0.0, 0.0]
    assert [one.why for one in found[1].selection.shortfalls] == [Why.NO_CANDIDATES] * 2
