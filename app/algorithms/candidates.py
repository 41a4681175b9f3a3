"""Which pairs are worth comparing: goods that relate, or texts that are alike, across provinces.

Small sets are compared in full. Large ones join the listings on their commodity codes (blocks) and add, where a side
has no code, the most similar texts by a sparse matrix product. No approximate neighbors: on these texts they are
slower for the same recall.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from app.algorithms.columns import Columns
from app.algorithms.likeness import TextSide, stacked
from app.algorithms.relations import OTHER_FORM, SAME_FAMILY

Indices = NDArray[np.intp]

EXHAUSTIVE_PAIRS = 250_000  # up to here all pairs are compared: a mission of some hundred firms
CHUNK_PAIRS = 60_000  # pairs held at once: their texts take about 3 kB a pair
BLOCK_LIMIT = 2_000  # of one need with one group; above, every k-th offer is taken, shifted from need to need
PRODUCT_BUDGET = 2_000_000_000  # multiplications of one text product: the most common features above it are dropped
_OPEN_FACTOR = 10  # a listing without a code is found by its text only: so many times more texts are looked at


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """How candidates are found.

    near_texts : for each listing without a code up to ten times so many listings of other provinces with similar
        texts are added; with `with_families` so many for every listing.
    with_families : also join on the family, which adds substitutes, and on texts where both sides have codes.
    n_jobs : threads of the sparse product.
    least_likeness : texts are only added from this likeness on (see `app.algorithms.likeness.stacked`).
    """

    near_texts: int = 20
    with_families: bool = False
    n_jobs: int = 1
    least_likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything that candidates are found by: the columns of both sides, their texts, how groups of goods relate."""

    need: Columns
    offer: Columns
    need_text: TextSide
    offer_text: TextSide
    relations: NDArray[np.int8]

    @property
    def is_small(self) -> bool:
        """Whether all pairs are compared."""
        return len(self.need) * len(self.offer) <= EXHAUSTIVE_PAIRS


def candidate_pairs(sides: Sides, settings: CandidateSettings) -> tuple[Indices, Indices]:
    """Return all candidate pairs at once: the concatenation of `candidate_chunks`.

    Returns
    -------
    tuple of two int arrays of shape (n_pairs,)
        need_index and offer_index; every pair once, of different provinces, ordered by need.
    """
    chunks = list(candidate_chunks(sides, settings))
    if not chunks:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    return np.concatenate([c[0] for c in chunks]), np.concatenate([c[1] for c in chunks])


def candidate_chunks(
    sides: Sides,
    settings: CandidateSettings,
    near: Indices | None = None,
    needs: range | None = None,
) -> Iterator[tuple[Indices, Indices]]:
    """Yield candidate pairs, some needs at a time, so that memory does not grow with the number of pairs.

    Parameters
    ----------
    sides : Sides
        Columns of one vocabulary.
    settings : CandidateSettings
    near : int array, optional
        From `near_texts`; found here when left out.
    needs : range, optional
        Only these needs: a partition. The partitions together give the same pairs as the whole.

    Yields
    ------
    tuple of two int arrays of shape (n_pairs_of_chunk,)
        need_index and offer_index. All pairs of one need come in one chunk, every pair once, provinces differ.

    Notes
    -----
    Joining costs the number of pairs; the text product at most `PRODUCT_BUDGET` multiplications a province.
    """
    needs = range(len(sides.need)) if needs is None else needs
    if len(needs) == 0 or len(sides.offer) == 0:
        return
    n_offers = len(sides.offer)
    if sides.is_small:
        keys: Iterator[Indices] = _everything(needs, n_offers)
    else:
        near = near_texts(sides, settings) if near is None else near
        keys = _with_near(_block_chunks(sides, settings, needs), near, n_offers)
    for key in keys:
        need_index, offer_index = np.divmod(key, n_offers)
        crosses = sides.need.province[need_index] != sides.offer.province[offer_index]
        if crosses.any():
            yield need_index[crosses], offer_index[crosses]


def near_texts(sides: Sides, settings: CandidateSettings) -> Indices:
    """Return sorted keys ``need * n_offers + offer`` of similar texts of different provinces, in both directions.

    Where both sides have codes, texts cannot make a pair suitable; so, without `with_families`, one side of each pair
    has none.
    """
    if settings.near_texts <= 0 or sides.is_small:
        return np.empty(0, dtype=np.intp)
    left, right = stacked(sides.need_text), stacked(sides.offer_text)
    n_offers = len(sides.offer)
    keys = [np.empty(0, dtype=np.intp)]
    for asking, asked, from_need in ((sides.need, sides.offer, True), (sides.offer, sides.need, False)):
        rows, columns = _nearest(
            (left, right) if from_need else (right, left), _asking(asking, settings), (asking, asked), settings
        )
        keys.append(rows * n_offers + columns if from_need else columns * n_offers + rows)
    return _sorted_unique(np.concatenate(keys))


def _asking(side: Columns, settings: CandidateSettings) -> Indices:
    return np.arange(len(side)) if settings.with_families else np.flatnonzero((side.group < 0).all(axis=1))


def _everything(needs: range, n_offers: int) -> Iterator[Indices]:
    yield np.arange(needs.start * n_offers, needs.stop * n_offers, dtype=np.intp)


def _block_chunks(sides: Sides, settings: CandidateSettings, needs: range) -> Iterator[tuple[range, Indices]]:
    """Yield runs of needs whose groups join about CHUNK_PAIRS offers, and the keys of the pairs, some twice."""
    lowest = SAME_FAMILY if settings.with_families else OTHER_FORM
    blocks = _Blocks(sides.offer, sides.relations >= lowest)
    first = needs.start
    for last in _stops(blocks.cost(sides.need.group[needs.start : needs.stop])):
        run = range(first, needs.start + last)
        yield run, blocks.keys(sides.need, run)
        first = run.stop


class _Blocks:
    """The offers of each group, and which groups relate to which; an offer stands in each of its groups."""

    def __init__(self, offer: Columns, is_related: NDArray[np.bool_]) -> None:
        rows, places = np.nonzero(offer.group >= 0)
        groups = offer.group[rows, places]
        order = np.lexsort((offer.order[rows], groups))
        self._members, self._n_offers = rows[order], len(offer)
        self._start = np.searchsorted(groups[order], np.arange(len(is_related) + 1))
        self._size = np.diff(self._start)
        asked, self._related = np.nonzero(is_related & (self._size > 0)[None, :])
        self._first = np.searchsorted(asked, np.arange(len(is_related) + 1))

    def cost(self, groups: Indices) -> Indices:
        """Return about how many pairs each need joins; `groups` has the shape (n_needs, n_groups_of_one)."""
        joined = np.concatenate([[0], np.cumsum(np.minimum(self._size, BLOCK_LIMIT)[self._related])])
        cost = np.append(joined[self._first[1:]] - joined[self._first[:-1]], 0)  # the last one is that of no group
        return np.asarray(cost[groups].sum(axis=1), dtype=np.intp)

    def keys(self, need: Columns, run: range) -> Indices:
        """Return the keys of all pairs of a run of needs; a block above the limit is thinned."""
        rows, places = np.nonzero(need.group[run.start : run.stop] >= 0)
        rows += run.start
        groups = need.group[rows, places]
        rows, related = _spread(rows, self._first[groups], self._first[groups + 1], self._related)
        size = self._size[related]
        step = -(-size // BLOCK_LIMIT)
        shift = need.order[rows] % step
        count = -(-(size - shift) // step)
        place = _within(count) * np.repeat(step, count) + np.repeat(self._start[related] + shift, count)
        keys: Indices = np.repeat(rows * self._n_offers, count) + self._members[place]
        return keys


def _spread(rows: Indices, first: Indices, last: Indices, values: Indices) -> tuple[Indices, Indices]:
    """Return each row as often as it has values, and those: ``values[first[i]:last[i]]`` of row i."""
    count = last - first
    return np.repeat(rows, count), values[np.repeat(first, count) + _within(count)]


def _within(count: Indices) -> Indices:
    """Return 0, 1, ..., count[i] - 1 for each i, one after the other."""
    return np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)


def _stops(cost: Indices) -> list[int]:
    """Return ends of runs of needs, each of about CHUNK_PAIRS, the last one len(cost)."""
    run = np.cumsum(np.maximum(cost, 1)) // CHUNK_PAIRS
    return [*(np.flatnonzero(np.diff(run)) + 1).tolist(), len(cost)]


def _nearest(
    texts: tuple[sp.csr_matrix, sp.csr_matrix],
    asking: Indices,
    sides: tuple[Columns, Columns],
    settings: CandidateSettings,
) -> tuple[Indices, Indices]:
    """Return rows of the asking side among `asking`, and of the other side, with the most similar texts."""
    if len(asking) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    left, right = without_costly(texts[0][asking], texts[1], PRODUCT_BUDGET)
    province, other = sides[0].province[asking], sides[1].province
    found: list[tuple[Indices, Indices]] = [(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp))]
    for one in np.unique(province):
        rows, columns = np.flatnonzero(province == one), np.flatnonzero(other != one)
        if len(columns):
            i, j = _closest(left[rows], right[columns], settings)
            found.append((asking[rows[i]], columns[j]))
    return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])


def without_costly(left: sp.csr_matrix, right: sp.csr_matrix, budget: int) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return both without the most common columns, so that their product takes at most `budget` multiplications.

    What many rows have says little and costs most. Columns that one side never has are dropped as well.
    """
    cost = np.bincount(left.indices, minlength=left.shape[1]) * np.bincount(right.indices, minlength=left.shape[1])
    cheap_first = np.argsort(cost, kind="stable")
    within = int(np.searchsorted(np.cumsum(cost[cheap_first]), budget, side="right"))
    kept = cheap_first[:within]
    kept = np.sort(kept[cost[kept] > 0])
    return left[:, kept], right[:, kept]


def _closest(left: sp.csr_matrix, right: sp.csr_matrix, settings: CandidateSettings) -> tuple[Indices, Indices]:
    if left.nnz == 0 or right.nnz == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    found = sp_matmul_topn(
        left, right.T.tocsr(), top_n=settings.near_texts * (1 if settings.with_families else _OPEN_FACTOR),
        threshold=settings.least_likeness or None, n_threads=settings.n_jobs, density=0.1,
    ).tocoo()
    return found.row.astype(np.intp), found.col.astype(np.intp)


def _with_near(blocks: Iterator[tuple[range, Indices]], near: Indices, n_offers: int) -> Iterator[Indices]:
    """Yield sorted unique keys, run by run, with the near texts of each run's needs."""
    for run, keys in blocks:
        first, last = np.searchsorted(near, [run.start * n_offers, run.stop * n_offers])
        yield _sorted_unique(np.concatenate([keys, near[first:last]]))


def _sorted_unique(keys: Indices) -> Indices:
    keys = np.sort(keys)  # much faster than np.unique, which hashes
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
