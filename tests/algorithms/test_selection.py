from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.algorithms.selection import Selection, Shortfall, Why, select_meetings, selection_of
from app.algorithms.selection_baselines import Bound, select_greedily, upper_bound
from app.algorithms.selection_problem import SelectionProblem, meetings_of_pairs, selection_problem

SCORES = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
Pair = tuple[int, int]


class Draft(NamedTuple):
    pairs: list[Pair]
    score: list[float]
    n_left: int
    n_right: int
    limits: tuple[list[int], list[int]]
    floor: int
    forbidden: list[Pair]
    pinned: list[Pair]

    def problem(self) -> SelectionProblem:
        left, right = [pair[0] for pair in self.pairs], [pair[1] for pair in self.pairs]
        return selection_problem(
            np.array(left, dtype=int), np.array(right, dtype=int), self.score, n_left=self.n_left, n_right=self.n_right,
            limit=self.limits, floor=self.floor, forbidden=self.forbidden, pinned=self.pinned,
        )


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    n_left, n_right = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    every = st.sampled_from(list(product(range(n_left), range(n_right))))
    pairs = draw(st.lists(every, unique=True, max_size=9))
    score = draw(st.lists(SCORES, min_size=len(pairs), max_size=len(pairs)))
    limits = tuple(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)) for n in (n_left, n_right))
    floor, forbidden = draw(st.integers(0, 2)), draw(st.lists(every, max_size=2))
    pinned = [pair for pair in draw(st.lists(every, unique=True, max_size=1)) if pair not in forbidden]
    pinned = [(one, other) for one, other in pinned if limits[0][one] and limits[1][other]]
    return Draft(pairs, score, n_left, n_right, (limits[0], limits[1]), floor, forbidden, pinned)


def is_allowed(problem: SelectionProblem, selection: Selection) -> bool:
    within = (selection.left_count <= problem.left_limit).all() and (selection.right_count <= problem.right_limit).all()
    return bool(within) and selection.pinned.sum() == problem.pinned.sum()


def best_by_trying_all(problem: SelectionProblem) -> tuple[int, float]:
    tries = (selection_of(problem, np.array(one, dtype=bool)) for one in product((0, 1), repeat=len(problem.left)))
    return max((one.floor_places_filled, round(one.total, 6)) for one in tries if is_allowed(problem, one))


@settings(deadline=None, max_examples=150)
@given(drafts())
def test_selection_is_as_good_as_the_best_of_all(draft: Draft) -> None:
    problem = draft.problem()

    selection = select_meetings(problem)

    assert is_allowed(problem, selection)
    assert (selection.floor_places_filled, round(selection.total, 6)) == best_by_trying_all(problem)


@settings(deadline=None, max_examples=100)
@given(drafts())
def test_linear_bound_is_reached(draft: Draft) -> None:
    problem = draft.problem()

    selection, bound = select_meetings(problem), upper_bound(problem)

    assert selection.floor_places_filled == pytest.approx(bound.floor_places_filled, abs=1e-6)
    assert selection.total == pytest.approx(bound.total, abs=1e-5)


@settings(deadline=None, max_examples=100)
@given(drafts())
def test_greedy_is_allowed_and_no_better(draft: Draft) -> None:
    problem = draft.problem()

    greedy, best = select_greedily(problem), select_meetings(problem)

    assert is_allowed(problem, greedy)
    assert (greedy.floor_places_filled, greedy.total - 1e-9) <= (best.floor_places_filled, best.total)


@settings(deadline=None, max_examples=100)
@given(drafts())
def test_pins_and_bans_are_kept(draft: Draft) -> None:
    selection = select_meetings(draft.problem())

    chosen = list(zip(selection.left.tolist(), selection.right.tolist(), strict=True))
    assert set(draft.pinned) <= set(chosen) <= {*draft.pairs, *draft.pinned} - set(draft.forbidden)
    assert [pair for pair, held in zip(chosen, selection.pinned, strict=True) if held] == sorted(draft.pinned)
    assert chosen == sorted(set(chosen))


@settings(deadline=None, max_examples=100)
@given(drafts(), st.randoms(use_true_random=False))
def test_order_of_the_pairs_does_not_matter(draft: Draft, rnd: object) -> None:
    shuffled = list(range(len(draft.pairs)))
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]
    other = draft._replace(pairs=[draft.pairs[i] for i in shuffled], score=[draft.score[i] for i in shuffled])

    one, same = select_meetings(draft.problem()), select_meetings(other.problem())

    assert (one.left.tolist(), one.right.tolist()) == (same.left.tolist(), same.right.tolist())


@settings(deadline=None, max_examples=100)
@given(drafts())
def test_shortfalls_name_everybody_below_the_floor(draft: Draft) -> None:
    problem = draft.problem()

    selection = select_meetings(problem)

    missing = sum(one.floor - one.has for one in selection.shortfalls)
    assert selection.floor_places - selection.floor_places_filled == missing
    for one in selection.shortfalls:
        candidates = problem.left if one.side == "left" else problem.right
        assert (one.why == Why.NO_CANDIDATES) == (one.firm not in candidates)
        assert (one.why == Why.PARTNERS_FULL) == ((candidates == one.firm).sum() >= one.floor)


def mission(floor: int, seed: int = 4) -> SelectionProblem:
    """60 x 95 firms; those with a low number are liked by all."""
    generator = np.random.default_rng(seed)
    likes = np.add.outer(np.linspace(1, 0, 60), np.linspace(1, 0, 95)) / 2
    score = 0.6 * likes + 0.4 * generator.random((60, 95))
    left, right = np.nonzero(score >= 0.4)
    return selection_problem(left, right, score[left, right], n_left=60, n_right=95, limit=6, floor=floor)


@pytest.mark.parametrize("floor", [0, 3])
def test_linear_bound_is_reached_at_the_size_of_a_mission(floor: int) -> None:
    problem = mission(floor)

    selection, bound = select_meetings(problem), upper_bound(problem)

    assert selection.total == pytest.approx(bound.total, abs=1e-6 * len(selection))
    assert selection.floor_places_filled == pytest.approx(bound.floor_places_filled)


def test_nobody_is_below_the_floor_where_greedy_leaves_some() -> None:
    problem = mission(floor=3)

    selection, greedy, free = select_meetings(problem), select_greedily(problem), select_meetings(mission(floor=0))

    assert selection.shortfalls == ()
    assert len(greedy.shortfalls) > 10
    assert 0.95 * free.total < selection.total <= free.total


def test_a_floor_place_outweighs_any_score() -> None:
    pairs = [0, 0, 1], [0, 1, 0], [1.0, 0.0, 0.0]

    selection = select_meetings(selection_problem(*pairs, n_left=2, n_right=2, limit=1, floor=1))

    assert (selection.left.tolist(), selection.right.tolist(), selection.total) == ([0, 1], [1, 0], 0.0)


def test_a_meeting_worth_nothing_is_held_only_for_the_floor() -> None:
    pairs = [0, 0], [0, 1], [0.0, 0.0]

    chosen = [len(select_meetings(selection_problem(*pairs, n_left=1, n_right=2, limit=2, floor=f))) for f in (0, 1)]

    assert chosen == [0, 2]


def test_shortfalls_say_why() -> None:
    problem = selection_problem([0, 1, 2, 2], [0, 0, 0, 1], [0.9, 0.8, 0.1, 0.3], n_left=4, n_right=2, limit=(
        [2, 2, 2, 2], [1, 2]), floor=2)

    found = select_meetings(problem).shortfalls

    assert Shortfall("left", 3, 0, 2, Why.NO_CANDIDATES) in found
    assert Shortfall("left", 1, 0, 2, Why.FEW_CANDIDATES) in found
    assert Shortfall("left", 2, 1, 2, Why.PARTNERS_FULL) in found
    assert {one.firm for one in found if one.side == "right"} == {1}


def test_a_pin_between_firms_without_a_score_is_held() -> None:
    problem = selection_problem([0], [0], [0.9], n_left=2, n_right=1, limit=1, pinned=[(1, 0)])

    selection = select_meetings(problem)

    assert (selection.left.tolist(), selection.score.tolist(), selection.pinned.tolist()) == ([1], [0.0], [True])


def test_pins_above_a_limit_are_named() -> None:
    with pytest.raises(ValueError, match=r"left firm 1 has 2 pinned meetings and a limit of 1: \(1, 0\), \(1, 2\)"):
        selection_problem([], [], [], n_left=2, n_right=3, limit=1, pinned=[(1, 2), (0, 1), (1, 0)])


def test_a_pin_that_is_forbidden_is_named() -> None:
    with pytest.raises(ValueError, match=r"pinned and forbidden at once: \(1, 2\)"):
        selection_problem([], [], [], n_left=2, n_right=3, limit=1, pinned=[(1, 2)], forbidden=[(1, 2), (0, 0)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"left": [0, 2]}, "left"),
        ({"right": [-1, 0]}, "right"),
        ({"right": [0]}, "equally long"),
        ({"score": [0.5]}, "equally long"),
        ({"score": [0.5, np.nan]}, "score"),
        ({"score": [0.5, 1.01]}, "score"),
        ({"left": [0, 0], "right": [1, 1]}, "twice"),
        ({"limit": -1}, "limit"),
        ({"limit": ([1], [1, 1])}, "limit"),
        ({"floor": ([1, 1], [1, -1])}, "floor"),
        ({"pinned": [(0, 5)]}, "pinned"),
        ({"forbidden": [(7, 0)]}, "forbidden"),
    ],
)
def test_bad_problems_are_refused(change: dict[str, object], message: str) -> None:
    good = {"left": [0, 1], "right": [1, 0], "score": [0.5, 0.6], "n_left": 2, "n_right": 2, "limit": 1}

    with pytest.raises(ValueError, match=message):
        selection_problem(**{**good, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize(("n_left", "n_right"), [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_nothing_to_choose_is_an_answer_too(n_left: int, n_right: int) -> None:
    problem = selection_problem([], [], [], n_left=n_left, n_right=n_right, limit=2, floor=1)

    selection = select_meetings(problem)

    assert len(selection) == len(select_greedily(problem)) == 0
    assert {one.why for one in selection.shortfalls} <= {Why.NO_CANDIDATES}
    assert len(selection.shortfalls) == n_left + n_right
    assert upper_bound(problem) == Bound(0.0, 0.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(4, 7), st.booleans(), SCORES), max_size=12))
def test_two_firms_meet_once_with_their_best_score(rows: list[tuple[int, int, bool, float]]) -> None:
    need = [a if a_buys else b for a, b, a_buys, _ in rows]
    offer = [b if a_buys else a for a, b, a_buys, _ in rows]
    is_left = np.arange(8) < 4

    found = meetings_of_pairs(np.array(need, dtype=int), np.array(offer, dtype=int), [r[3] for r in rows], is_left)

    best: dict[Pair, float] = {}
    for a, b, _, score in rows:
        best[a, b] = max(score, best.get((a, b), 0.0))
    firms = zip(found.left_firms[found.left].tolist(), found.right_firms[found.right].tolist(), strict=True)
    assert dict(zip(firms, found.score.tolist(), strict=True)) == best
    assert [rows[i][3] for i in found.best_pair] == found.score.tolist()


def test_firms_of_one_side_do_not_meet() -> None:
    with pytest.raises(ValueError, match="same side"):
        meetings_of_pairs([0], [1], [0.5], [True, True])
    with pytest.raises(ValueError, match="equally long"):
        meetings_of_pairs([0], [1, 1], [0.5], [True, False])
