"""Which meetings to hold: the set with the highest total score that limits, floor, pins and bans allow.

    problem = selection_problem(left, right, score, n_left=60, n_right=95, limit=8, floor=3)
    selection = select_meetings(problem)

Meetings join a firm of one province with a firm of another, so the best set is a flow of least cost, and exact.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from app.algorithms.selection_problem import SelectionProblem

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

FINEST_STEP = 1_000_000  # scores become integers: millionths
_LARGEST_COST = 1 << 58  # of the solver's int64, which scales costs by the number of nodes


class Why(StrEnum):
    """Why a firm stays below the floor."""

    NO_CANDIDATES = "no_candidates"  # nobody it may meet
    FEW_CANDIDATES = "few_candidates"  # fewer than the floor
    PARTNERS_FULL = "partners_full"  # enough, but the limits of these leave no place for it


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A firm below the floor: `has` meetings of `floor`."""

    side: str
    firm: int
    has: int
    floor: int
    why: Why


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen meetings, sorted by left, then right; arrays of shape (n_chosen,) unless said otherwise.

    left, right : positions of the firms.
    score : in [0, 1].
    pinned : whether a person had decided it.
    total : sum of the scores.
    floor_places, floor_places_filled : int
        Sum of all firms' floors, and of what counts towards them.
    left_count, right_count : int arrays of shape (n_left,) and (n_right,)
    shortfalls : firms below the floor, left before right.
    """

    left: Indices
    right: Indices
    score: Floats
    pinned: Flags
    total: float
    floor_places: int
    floor_places_filled: int
    left_count: Indices
    right_count: Indices
    shortfalls: tuple[Shortfall, ...]

    def __len__(self) -> int:
        return len(self.left)


def select_meetings(problem: SelectionProblem) -> Selection:
    """Choose the meetings that fill the most floor places and, among those, have the highest total score.

    Parameters
    ----------
    problem : SelectionProblem

    Returns
    -------
    Selection
        A meeting of score 0 is chosen only where it is pinned or fills a floor place.

    Raises
    ------
    RuntimeError
        If the solver fails, which no checked problem should cause.

    Notes
    -----
    Exact for scores rounded to millionths (half to even), so the total is at most 5e-7 a meeting below the true
    optimum. Steps grow only where int64 would overflow: above some hundred thousand firms. Deterministic; the order
    of the given pairs does not matter.

    Examples
    --------
    Without a floor, firm 1 stays alone; a floor of 1 gives up 0.2 of the total so that it meets somebody.

    >>> from app.algorithms.selection_problem import selection_problem
    >>> pairs = [0, 0, 1], [0, 1, 0], [0.9, 0.6, 0.1]
    >>> for floor in (0, 1):
    ...     chosen = select_meetings(selection_problem(*pairs, n_left=2, n_right=2, limit=1, floor=floor))
    ...     print(chosen.left.tolist(), chosen.right.tolist(), round(chosen.total, 2))
    [0] [0] 0.9
    [0, 1] [1, 0] 0.7
    """
    step, weight = _integer_costs(problem)
    gain = np.rint(problem.score * step).astype(np.int64)
    chosen = problem.pinned.copy()
    free = np.flatnonzero(~problem.pinned)
    chosen[free] = _flow(problem, free, gain[free], weight)
    _drop_idle(problem, chosen, gain)
    return selection_of(problem, chosen)


def selection_of(problem: SelectionProblem, chosen: Flags) -> Selection:
    """Describe a choice.

    Parameters
    ----------
    problem : SelectionProblem
    chosen : bool array of shape (n_meetings,)

    Returns
    -------
    Selection
    """
    left, right, score = problem.left[chosen], problem.right[chosen], problem.score[chosen]
    left_count = np.bincount(left, minlength=len(problem.left_limit))
    right_count = np.bincount(right, minlength=len(problem.right_limit))
    floors = np.concatenate([problem.left_floor, problem.right_floor])
    return Selection(
        left=left,
        right=right,
        score=score,
        pinned=problem.pinned[chosen],
        total=float(score.sum()),
        floor_places=int(floors.sum()),
        floor_places_filled=int(np.minimum(np.concatenate([left_count, right_count]), floors).sum()),
        left_count=left_count,
        right_count=right_count,
        shortfalls=(
            *_shortfalls("left", left_count, problem.left_floor, problem.left),
            *_shortfalls("right", right_count, problem.right_floor, problem.right),
        ),
    )


def _integer_costs(problem: SelectionProblem) -> tuple[int, int]:
    """Return the steps of a score of 1, and a weight of a floor place that no total of scores can reach."""
    most = min(int(problem.left_limit.sum()), int(problem.right_limit.sum()), len(problem.left)) + 1
    n_nodes = len(problem.left_limit) + len(problem.right_limit) + 3
    step = max(1, min(FINEST_STEP, _LARGEST_COST // (most * n_nodes)))
    return step, step * most


def _flow(problem: SelectionProblem, free: Indices, gain: NDArray[np.int64], weight: int) -> Flags:
    """Return which of the free meetings the flow of least cost uses.

    source -> left firm: places towards the floor (at -weight), then the others; left -> right: the meetings, at
    -gain; right firm -> sink as on the left; source -> sink: places that stay empty.
    """
    n_left, n_right = len(problem.left_limit), len(problem.right_limit)
    source, sink = n_left + n_right, n_left + n_right + 1
    left_floor, left_rest = _open_places(problem.left, problem.pinned, problem.left_limit, problem.left_floor)
    right_floor, right_rest = _open_places(problem.right, problem.pinned, problem.right_limit, problem.right_floor)
    lefts, rights = np.arange(n_left), n_left + np.arange(n_right)
    supply = int((left_floor + left_rest).sum())
    solver = min_cost_flow.SimpleMinCostFlow()
    meetings = _add(solver, problem.left[free], n_left + problem.right[free], 1, -gain)
    _add(solver, source, lefts, left_floor, -weight)
    _add(solver, source, lefts, left_rest, 0)
    _add(solver, rights, sink, right_floor, -weight)
    _add(solver, rights, sink, right_rest, 0)
    _add(solver, source, np.array([sink]), supply, 0)
    solver.set_node_supply(source, supply)
    solver.set_node_supply(sink, -supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow was not solved: {status}")
    return np.asarray(solver.flows(meetings)) > 0


def _open_places(
    firm: Indices, pinned: Flags, limit: Indices, floor: Indices
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of each firm that pins leave open: towards its floor, and the others."""
    taken = np.bincount(firm[pinned], minlength=len(limit))
    towards_floor = np.maximum(floor - taken, 0)
    return towards_floor, limit - taken - towards_floor


def _add(
    solver: min_cost_flow.SimpleMinCostFlow,
    tail: Indices | int,
    head: Indices | int,
    capacity: NDArray[np.int64] | int,
    cost: NDArray[np.int64] | int,
) -> NDArray[np.int32]:
    """Add arcs given by arrays or by one number for all, and return their numbers."""
    tails, heads, capacities, costs = np.broadcast_arrays(tail, head, capacity, cost)
    arcs: NDArray[np.int32] = solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), capacities.astype(np.int64), costs.astype(np.int64)
    )
    return arcs


def _drop_idle(problem: SelectionProblem, chosen: Flags, gain: NDArray[np.int64]) -> None:
    """Give up, in place, meetings that add neither score nor a floor place: the flow does not mind them."""
    spare_left = np.bincount(problem.left[chosen], minlength=len(problem.left_limit)) - problem.left_floor
    spare_right = np.bincount(problem.right[chosen], minlength=len(problem.right_limit)) - problem.right_floor
    for row in np.flatnonzero(chosen & ~problem.pinned & (gain == 0)):
        one, other = problem.left[row], problem.right[row]
        if spare_left[one] > 0 and spare_right[other] > 0:
            chosen[row] = False
            spare_left[one] -= 1
            spare_right[other] -= 1


def _shortfalls(side: str, count: Indices, floor: Indices, candidate: Indices) -> list[Shortfall]:
    possible = np.bincount(candidate, minlength=len(count))
    found = []
    for firm in np.flatnonzero(count < floor).tolist():
        why = Why.FEW_CANDIDATES if possible[firm] < floor[firm] else Why.PARTNERS_FULL
        why = Why.NO_CANDIDATES if possible[firm] == 0 else why
        found.append(Shortfall(side, firm, int(count[firm]), int(floor[firm]), why))
    return found
