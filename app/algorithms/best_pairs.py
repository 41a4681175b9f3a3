"""Keep the best pairs of each need and of each offer while many more go by."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Whole = NDArray[np.int32] | NDArray[np.intp]
Flags = NDArray[np.bool_]

_COMPACT_ABOVE = 500_000
_SCORE_STEPS = 1_000_000_000  # scores have nine digits
_URGENCY_BITS = 31


@dataclass(frozen=True, slots=True)
class Pairs:
    """Scored pairs, arrays of shape (n_pairs,): positions of need and offer, chances, score, and whether they suit."""

    need: Whole
    offer: Whole
    buyer: Floats
    seller: Floats
    score: Floats
    suitable: Flags

    def __len__(self) -> int:
        return len(self.need)

    def __getitem__(self, rows: Indices | Flags) -> "Pairs":
        return Pairs(*(getattr(self, field.name)[rows] for field in fields(Pairs)))


def joined(several: list[Pairs]) -> Pairs:
    """Return several sets of pairs as one.

    >>> len(joined([]))
    0
    """
    empty = (np.empty(0, np.int32), np.empty(0, np.int32), *(np.empty(0) for _ in range(3)), np.empty(0, np.bool_))
    return Pairs(*(
        np.concatenate([none, *(getattr(one, field.name) for one in several)])
        for field, none in zip(fields(Pairs), empty, strict=True)
    ))


class BestPairs:
    """The best pairs seen so far, for each need and for each offer.

    Parameters
    ----------
    top : int
        Length of a list.
    need_order, offer_order : int arrays of shape (n_needs,) and (n_offers,)
        Among equal scores, the partner with the lower number comes first.

    Notes
    -----
    Holds at most about twice the pairs that are in a list. What comes in which order makes no difference.
    """

    def __init__(self, top: int, need_order: Indices, offer_order: Indices) -> None:
        self._top, self._need_order, self._offer_order = top, need_order, offer_order
        self._floor = np.full(len(offer_order), -1.0)  # the worst score in each offer's full list of suitable pairs
        self._kept = joined([])
        self._waiting: list[Pairs] = []

    def add(self, pairs: Pairs) -> None:
        """Take pairs in; all pairs of one need have to come together."""
        for_need, for_offer = self._ranks(pairs)
        may_enter = (for_offer > 0) & (pairs.score >= self._floor[pairs.offer])
        self._waiting.append(pairs[(for_need > 0) | may_enter])
        if sum(map(len, self._waiting)) > max(_COMPACT_ABOVE, len(self._kept)):
            self._compact()

    def listed(self) -> tuple[Pairs, Indices, Indices]:
        """Return the pairs that are in a list, by need and rank, with rank for need and rank for offer.

        A rank is 1, 2, ...; 0 beyond the first `top`.
        """
        for_need, for_offer = self._compact()
        return in_reading_order(self._kept, for_need, for_offer)

    def _compact(self) -> tuple[Indices, Indices]:
        pairs = joined([self._kept, *self._waiting])
        self._kept = joined([])  # not held twice while ranks are found
        self._waiting.clear()
        for_need, for_offer = self._ranks(pairs)
        keep = np.flatnonzero((for_need > 0) | (for_offer > 0))
        self._kept = pairs[keep]
        last = (for_offer == self._top) & pairs.suitable
        self._floor[pairs.offer[last]] = pairs.score[last]
        return for_need[keep], for_offer[keep]

    def _ranks(self, pairs: Pairs) -> tuple[Indices, Indices]:
        urgency = urgency_of(pairs)
        return (
            rank_by(pairs.need, urgency, self._offer_order, pairs.offer, self._top),
            rank_by(pairs.offer, urgency, self._need_order, pairs.need, self._top),
        )


def in_reading_order(pairs: Pairs, for_need: Indices, for_offer: Indices) -> tuple[Pairs, Indices, Indices]:
    """Return pairs and their ranks ordered by need and its ranks; those beyond a need's list last."""
    late = np.where(for_need == 0, np.iinfo(np.intp).max, for_need)
    order = np.lexsort((pairs.offer, for_offer, late, pairs.need))
    return pairs[order], for_need[order], for_offer[order]


def urgency_of(pairs: Pairs) -> Indices:
    """Return whole numbers that rise from the best pair to the worst: suitable ones first, then by score."""
    steps = _SCORE_STEPS - np.rint(pairs.score * _SCORE_STEPS).astype(np.intp)
    return steps + (~pairs.suitable).astype(np.intp) * (1 << (_URGENCY_BITS - 1))


def rank_by(group: Whole, urgency: Indices, tie_order: Indices, partner: Whole, top: int) -> Indices:
    """Return 1, 2, ... within each group, by urgency and then by the partner's place in `tie_order`.

    Parameters
    ----------
    group, urgency, partner : int arrays of shape (n,)
        Urgencies are below 2^31, lowest first.
    tie_order : int array
        By partner.
    top : int
        Beyond it the rank is 0.

    Examples
    --------
    >>> rank_by(np.array([0, 0, 1]), np.array([5, 3, 9]), np.array([0, 1]), np.array([0, 1, 0]), top=1).tolist()
    [0, 1, 1]
    """
    if len(group) == 0:
        return np.empty(0, dtype=np.intp)
    order = _sorted_by(group, urgency, _dense(tie_order, partner))
    sorted_group = group[order]
    starts = np.flatnonzero(np.diff(sorted_group, prepend=-1))
    rank = np.empty(len(group), dtype=np.intp)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group))) + 1
    rank[rank > top] = 0
    return rank


def _sorted_by(group: Whole, urgency: Indices, tie: Indices) -> Indices:
    lowest = int(group.min())
    group_bits, tie_bits = (int(group.max()) - lowest).bit_length(), int(tie.max()).bit_length()
    if group_bits + _URGENCY_BITS + tie_bits > 63:
        return np.asarray(np.lexsort((tie, urgency, group)))
    # One number for all three sorts many times faster than three keys one after the other.
    key = (((group.astype(np.int64) - lowest) << _URGENCY_BITS | urgency) << tie_bits) | tie
    return np.asarray(np.argsort(key))


def _dense(order: Indices, index: Whole) -> Indices:
    """Return the places of `index` in `order`, in as small numbers as their range allows."""
    lowest, highest = int(index.min()), int(index.max())
    part = order[lowest : highest + 1]
    place = np.empty(len(part), dtype=np.int64)
    place[np.argsort(part)] = np.arange(len(part))
    return place[index - lowest]
