"""How proposals spread over firms, and what it costs to spread meetings more evenly."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.algorithms.market_simulation import gini
from app.algorithms.selection import Selection, select_meetings
from app.algorithms.selection_problem import selection_problem

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """How many partners are proposed to each of n firms, in figures.

    firms : how many firms.
    without, with_one : firms to which nobody, or one partner only, is proposed.
    gini : in [0, 1]; 0 when every firm has as many, near 1 when one firm has them all.
    top_share : in [0, 1], of all proposals, that the `MOST_SHOWN` firms with the most have.
    top : positions of these firms, the most shown first, ties in the given order; none that has no partner.
    """

    firms: int
    without: int
    with_one: int
    gini: float
    top_share: float
    top: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupSpread:
    """One group of firms: how many, how many partners they have together, and how many firms have none."""

    group: Hashable
    firms: int
    partners: int
    without: int

    @property
    def mean(self) -> float:
        """Partners a firm."""
        return self.partners / self.firms


@dataclass(frozen=True, slots=True)
class FloorCost:
    """The best meetings when everybody gets `floor` before anybody gets more.

    loss_share : in [0, 1], of the total score without a floor.
    helped : firms below the floor without it, that reach it.
    without : firms that meet nobody. Places towards a floor count alike, so a higher floor may leave more of them.
    """

    floor: int
    selection: Selection
    loss_share: float
    helped: int
    without: int


def spread_of(partners: ArrayLike) -> Spread:
    """Describe how even proposals are.

    Parameters
    ----------
    partners : int array of shape (n_firms,)
        Partners proposed to each firm; may be empty.

    Returns
    -------
    Spread

    Examples
    --------
    >>> found = spread_of([0, 1, 3])
    >>> found.without, found.with_one, round(found.gini, 2), found.top
    (1, 1, 0.5, (2, 1))
    """
    counts = np.asarray(partners, dtype=np.intp)
    order = np.argsort(-counts, kind="stable")[:MOST_SHOWN]
    top = order[counts[order] > 0]
    total = int(counts.sum())
    return Spread(
        firms=len(counts),
        without=int((counts == 0).sum()),
        with_one=int((counts == 1).sum()),
        gini=gini(counts.astype(np.float64)),
        top_share=int(counts[top].sum()) / total if total else 0.0,
        top=tuple(top.tolist()),
    )


def spread_by_group(partners: ArrayLike, groups: Sequence[Hashable]) -> list[GroupSpread]:
    """Describe each group of firms, in the order in which the groups first occur.

    Parameters
    ----------
    partners : int array of shape (n_firms,)
    groups : sequence of n_firms hashable
        To which group each firm belongs.

    Raises
    ------
    ValueError
        If the two differ in length.

    Examples
    --------
    >>> [(found.group, found.firms, found.mean, found.without) for found in spread_by_group([0, 4, 1], "aab")]
    [('a', 2, 2.0, 1), ('b', 1, 1.0, 0)]
    """
    counts = np.asarray(partners, dtype=np.intp)
    members: dict[Hashable, list[int]] = {}
    for count, group in zip(counts.tolist(), groups, strict=True):
        members.setdefault(group, []).append(count)
    return [GroupSpread(group, len(own), sum(own), own.count(0)) for group, own in members.items()]


def cost_of_floors(
    left: ArrayLike,
    right: ArrayLike,
    score: ArrayLike,
    *,
    n_left: int,
    n_right: int,
    limit: int,
    floors: Sequence[int],
    pinned: Sequence[tuple[int, int]] = (),
) -> list[FloorCost]:
    """Choose the best meetings for each floor, and say what the floor costs.

    Parameters
    ----------
    left, right, score, n_left, n_right
        As for `app.algorithms.selection_problem.selection_problem`.
    limit : int
        Most meetings of a firm; a firm with more pinned ones keeps those.
    floors : sequence of int
        At least 0 each.
    pinned : pairs (left, right)
        Always chosen.

    Returns
    -------
    list of FloorCost
        As `floors`.

    Raises
    ------
    ValueError
        As `selection_problem`.

    Examples
    --------
    Without a floor, firm 1 of the left stays alone; a floor of 1 costs 0.2 of 0.9.

    >>> found = cost_of_floors([0, 0, 1], [0, 1, 0], [0.9, 0.6, 0.1], n_left=2, n_right=2, limit=1, floors=[0, 1])
    >>> [(cost.floor, round(cost.loss_share, 3), cost.helped) for cost in found]
    [(0, 0.0, 0), (1, 0.222, 2)]
    """
    pins = np.array(sorted(set(pinned)), dtype=np.intp).reshape(-1, 2)
    limits = (
        np.maximum(limit, np.bincount(pins[:, 0], minlength=n_left)),
        np.maximum(limit, np.bincount(pins[:, 1], minlength=n_right)),
    )

    def chosen(floor: int) -> Selection:
        return select_meetings(selection_problem(
            left, right, score, n_left=n_left, n_right=n_right, limit=limits, floor=floor, pinned=pinned
        ))  # fmt: skip

    free = chosen(0)
    return [_cost(floor, chosen(floor) if floor else free, free) for floor in floors]


def _cost(floor: int, selection: Selection, free: Selection) -> FloorCost:
    before = np.concatenate([free.left_count, free.right_count])
    after = np.concatenate([selection.left_count, selection.right_count])
    return FloorCost(
        floor=floor,
        selection=selection,
        loss_share=max(0.0, 1.0 - selection.total / free.total) if free.total else 0.0,
        helped=int(((before < floor) & (after >= floor)).sum()),
        without=int((after == 0).sum()),
    )
