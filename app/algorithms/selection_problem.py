"""Which meetings could be held: firms of two provinces, scores, limits, a floor, and what people decided already."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

# One number for every firm, or one array for each side.
PerFirm = int | tuple[ArrayLike, ArrayLike]

_NAMED = 5  # so many are named in an error, then "and N more"


@dataclass(frozen=True, slots=True)
class SelectionProblem:
    """A checked problem: what `selection_problem` returns.

    left, right : int arrays of shape (n_meetings,)
        Possible meetings, each pair of firms once, sorted by left, then right; forbidden ones are gone.
    score : float array of shape (n_meetings,), in [0, 1]
    pinned : bool array of shape (n_meetings,)
    left_limit, right_limit : int arrays of shape (n_left,) and (n_right,)
        At most so many meetings.
    left_floor, right_floor : int arrays of shape (n_left,) and (n_right,)
        So many before anybody gets more; never above the limit.
    """

    left: Indices
    right: Indices
    score: Floats
    pinned: Flags
    left_limit: Indices
    right_limit: Indices
    left_floor: Indices
    right_floor: Indices


@dataclass(frozen=True, slots=True)
class PossibleMeetings:
    """Pairs of listings, collapsed to pairs of firms; what `meetings_of_pairs` returns.

    left_firms, right_firms : int arrays of shape (n_left,) and (n_right,)
        Number of the firm at each position of the left and the right side.
    left, right : int arrays of shape (n_meetings,)
        Positions in left_firms and right_firms, sorted.
    score : float array of shape (n_meetings,)
        Of the best pair.
    best_pair : int array of shape (n_meetings,)
        Which of the given pairs that was; the first among equals.
    """

    left_firms: Indices
    right_firms: Indices
    left: Indices
    right: Indices
    score: Floats
    best_pair: Indices


def meetings_of_pairs(
    need_firm: ArrayLike, offer_firm: ArrayLike, score: ArrayLike, is_left: ArrayLike
) -> PossibleMeetings:
    """Collapse pairs of needs and offers to meetings of firms: two firms meet once, whoever of them buys.

    Parameters
    ----------
    need_firm, offer_firm : int arrays of shape (n_pairs,)
        Numbers of the firms in `is_left`; the firm that buys may stand on either side.
    score : float array of shape (n_pairs,)
        Higher is better.
    is_left : bool array of shape (n_firms,)
        Of which of the two provinces each firm is.

    Returns
    -------
    PossibleMeetings

    Raises
    ------
    ValueError
        If lengths differ or the firms of a pair are of the same side.

    Examples
    --------
    >>> found = meetings_of_pairs([0, 2, 1], [2, 0, 2], [0.4, 0.9, 0.5], is_left=[True, True, False])
    >>> found.left.tolist(), found.right.tolist(), found.score.tolist(), found.best_pair.tolist()
    ([0, 1], [0, 0], [0.9, 0.5], [1, 2])
    """
    side = np.asarray(is_left, dtype=np.bool_)
    need, offer = _positions(need_firm, len(side), "need_firm"), _positions(offer_firm, len(side), "offer_firm")
    value = np.asarray(score, dtype=np.float64)
    if not len(need) == len(offer) == len(value):
        raise ValueError("need_firm, offer_firm and score must be equally long")
    if (side[need] == side[offer]).any():
        raise ValueError("both firms of a pair are of the same side")
    place = np.where(side, np.cumsum(side), np.cumsum(~side)) - 1
    left, right = np.where(side[need], place[need], place[offer]), np.where(side[need], place[offer], place[need])
    order = np.lexsort((np.arange(len(value)), -value, right, left))
    is_first = (np.diff(left[order], prepend=-1) != 0) | (np.diff(right[order], prepend=-1) != 0)
    best = order[is_first]
    return PossibleMeetings(np.flatnonzero(side), np.flatnonzero(~side), left[best], right[best], value[best], best)


def selection_problem(
    left: ArrayLike,
    right: ArrayLike,
    score: ArrayLike,
    *,
    n_left: int,
    n_right: int,
    limit: PerFirm,
    floor: PerFirm = 0,
    forbidden: Iterable[tuple[int, int]] = (),
    pinned: Iterable[tuple[int, int]] = (),
) -> SelectionProblem:
    """Check and complete a problem.

    Parameters
    ----------
    left, right : int arrays of shape (n_pairs,)
        The firms of each possible meeting, every two firms at most once; may be empty.
    score : float array of shape (n_pairs,), in [0, 1]
    n_left, n_right : int
        Firms of each side, also those without a possible meeting.
    limit : int, or a pair of int arrays of shape (n_left,) and (n_right,)
        Most meetings of a firm.
    floor : int, or a pair of int arrays
        Everybody gets so many before anybody gets more; cut to the limit.
    forbidden : pairs (left, right)
        Never chosen; those that are not possible anyway are ignored.
    pinned : pairs (left, right)
        Always chosen, with score 0 when they are not among the possible meetings.

    Returns
    -------
    SelectionProblem

    Raises
    ------
    ValueError
        If an argument is out of range, two firms occur twice, or pins cannot all be kept: the message names them.
    """
    keys, values = _checked_pairs(left, right, score, n_left, n_right)
    never, always = _keys(forbidden, n_left, n_right, "forbidden"), _keys(pinned, n_left, n_right, "pinned")
    limits = _per_firm(limit, n_left, n_right, "limit")
    floors = _per_firm(floor, n_left, n_right, "floor")
    _check_pins(always, never, limits, n_right)
    added = np.setdiff1d(always, keys)
    keys, values = np.concatenate([keys, added]), np.concatenate([values, np.zeros(len(added))])
    allowed = np.flatnonzero(~np.isin(keys, never))
    order = allowed[np.argsort(keys[allowed])]
    found_left, found_right = np.divmod(keys[order], n_right)
    return SelectionProblem(
        found_left,
        found_right,
        values[order],
        np.isin(keys[order], always),
        *limits,
        np.minimum(floors[0], limits[0]),
        np.minimum(floors[1], limits[1]),
    )


def _checked_pairs(
    left: ArrayLike, right: ArrayLike, score: ArrayLike, n_left: int, n_right: int
) -> tuple[Indices, Floats]:
    """Return one number for each pair of firms (left * n_right + right), and the scores."""
    one, other = _positions(left, n_left, "left"), _positions(right, n_right, "right")
    values = np.asarray(score, dtype=np.float64)
    if not one.shape == other.shape == values.shape:
        raise ValueError("left, right and score must be equally long")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("score must be in [0, 1]")
    keys = one * n_right + other
    if len(np.unique(keys)) != len(keys):
        raise ValueError("two firms occur twice; collapse the pairs with meetings_of_pairs first")
    return keys, values


def _positions(index: ArrayLike, size: int, name: str) -> Indices:
    found = np.asarray(index)
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise ValueError(f"{name} must be one-dimensional and of integers")
    found = found.astype(np.intp)
    if len(found) and not (found.min() >= 0 and found.max() < size):
        raise ValueError(f"{name} must be in [0, {size})")
    return found


def _keys(pairs: Iterable[tuple[int, int]], n_left: int, n_right: int, name: str) -> Indices:
    given = np.array(sorted(set(pairs)), dtype=np.intp).reshape(-1, 2)
    return _positions(given[:, 0], n_left, name) * n_right + _positions(given[:, 1], n_right, name)


def _per_firm(given: PerFirm, n_left: int, n_right: int, name: str) -> tuple[Indices, Indices]:
    each = given if isinstance(given, tuple) else (np.full(n_left, given), np.full(n_right, given))
    found = np.asarray(each[0]).astype(np.intp), np.asarray(each[1]).astype(np.intp)
    if found[0].shape != (n_left,) or found[1].shape != (n_right,):
        raise ValueError(f"{name} must be one number, or arrays of shape ({n_left},) and ({n_right},)")
    if min(found[0].min(initial=0), found[1].min(initial=0)) < 0:
        raise ValueError(f"{name} must not be negative")
    return found


def _check_pins(pins: Indices, never: Indices, limits: tuple[Indices, Indices], n_right: int) -> None:
    both = np.intersect1d(never, pins)
    if len(both):
        raise ValueError(f"pinned and forbidden at once: {_named(both, n_right)}")
    for side, firms, limit in zip(("left", "right"), np.divmod(pins, max(n_right, 1)), limits, strict=True):
        for firm in np.flatnonzero(np.bincount(firms, minlength=len(limit)) > limit):
            own = pins[firms == firm]
            most = f"{side} firm {firm} has {len(own)} pinned meetings and a limit of {limit[firm]}"
            raise ValueError(f"{most}: {_named(own, n_right)}")


def _named(keys: Indices, n_right: int) -> str:
    shown = [f"({key // n_right}, {key % n_right})" for key in keys[:_NAMED].tolist()]
    more = len(keys) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
