"""Which pairs are worth comparing: goods that relate, or texts that are alike, across provinces.

Small sets are compared in full. Large ones join the listings on their commodity codes (blocks) and add, for what the
codes miss, the most similar texts by sparse matrix products on rare features. No approximate neighbors: on these
texts they are slower for the same recall.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from app.algorithms.columns import Columns
from app.algorithms.likeness import TextSide
from app.algorithms.relations import GENERAL, SAME_FAMILY

Indices = NDArray[np.intp]

EXHAUSTIVE_PAIRS = 250_000  # up to here all pairs are compared: a mission of some hundred firms
CHUNK_PAIRS = 200_000  # pairs held at once
BLOCK_LIMIT = 2_000  # of one need with one group; above, every k-th offer is taken, shifted from need to need
COMMON_SHARE = 0.02  # features in more rows than this say little and cost most
_MIN_ROWS_TO_PRUNE = 2_000


@dataclass(frozen=True, slots=True)
class CandidateSettings:
    """How candidates are found.

    near_texts : for each listing, this many listings of other provinces with the most similar texts are added.
    with_families : also join on the family, which adds substitutes.
    n_jobs : threads of the sparse product.
    """

    near_texts: int = 20
    with_families: bool = False
    n_jobs: int = 1


def candidate_pairs(
    need: Columns,
    offer: Columns,
    need_text: TextSide,
    offer_text: TextSide,
    relations: NDArray[np.int8],
    settings: CandidateSettings,
) -> tuple[Indices, Indices]:
    """Return all candidate pairs at once: the concatenation of `candidate_chunks`.

    Returns
    -------
    tuple of two int arrays of shape (n_pairs,)
        need_index and offer_index; every pair once, of different provinces, ordered by need.
    """
    chunks = list(candidate_chunks(need, offer, need_text, offer_text, relations, settings))
    if not chunks:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    return np.concatenate([c[0] for c in chunks]), np.concatenate([c[1] for c in chunks])


def candidate_chunks(
    need: Columns,
    offer: Columns,
    need_text: TextSide,
    offer_text: TextSide,
    relations: NDArray[np.int8],
    settings: CandidateSettings,
) -> Iterator[tuple[Indices, Indices]]:
    """Yield candidate pairs, some needs at a time, so that memory does not grow with the number of pairs.

    Parameters
    ----------
    need, offer : Columns
        Of one vocabulary.
    need_text, offer_text : TextSide
    relations : int8 array of shape (n_groups, n_groups)
    settings : CandidateSettings

    Yields
    ------
    tuple of two int arrays of shape (n_pairs_of_chunk,)
        need_index and offer_index. All pairs of one need come in one chunk, every pair once, provinces differ.

    Notes
    -----
    Joining costs the number of pairs; the text product about n_needs * n_offers * features² * 0.02 / vocabulary.
    """
    if len(need) == 0 or len(offer) == 0:
        return
    if len(need) * len(offer) <= EXHAUSTIVE_PAIRS:
        keys = _everything(need, offer)
    else:
        near = _near_texts(need, offer, need_text, offer_text, settings)
        keys = _unique_keys(_block_chunks(need, offer, relations, settings), near, len(offer), len(need))
    for key in keys:
        need_index, offer_index = np.divmod(key, len(offer))
        crosses = need.province[need_index] != offer.province[offer_index]
        if crosses.any():
            yield need_index[crosses], offer_index[crosses]


def _everything(need: Columns, offer: Columns) -> Iterator[Indices]:
    yield np.arange(len(need) * len(offer), dtype=np.intp)


def _block_chunks(
    need: Columns, offer: Columns, relations: NDArray[np.int8], settings: CandidateSettings
) -> Iterator[tuple[int, Indices]]:
    """Yield (last need + 1, keys) for runs of needs whose groups join about CHUNK_PAIRS offers."""
    lowest = SAME_FAMILY if settings.with_families else GENERAL
    members, start = _offers_by_group(offer, len(relations))
    joined = [np.flatnonzero(row >= lowest) for row in relations]
    sizes = np.diff(start)
    cost = np.array([int(sizes[groups].sum()) for groups in joined] + [0], dtype=np.intp)
    cost_of_need = np.minimum(cost[need.group], BLOCK_LIMIT * 4).sum(axis=1)
    stops = _stops(cost_of_need)
    first = 0
    for last in stops:
        keys = [
            _join(need.group[row], joined, members, start, shift=int(need.order[row])) + row * len(offer)
            for row in range(first, last)
        ]
        yield last, np.concatenate(keys) if keys else np.empty(0, dtype=np.intp)
        first = last


def _join(groups: Indices, joined: list[Indices], members: Indices, start: Indices, *, shift: int) -> Indices:
    """Return the offers of all groups that relate to one need's own; a block above the limit is thinned."""
    found: list[Indices] = []
    for group in groups[groups >= 0]:
        for related in joined[group]:
            block = members[start[related] : start[related + 1]]
            if len(block) > BLOCK_LIMIT:
                step = -(-len(block) // BLOCK_LIMIT)
                block = block[shift % step :: step]
            found.append(block)
    if not found:
        return np.empty(0, dtype=np.intp)
    return np.concatenate(found)


def _offers_by_group(offer: Columns, n_groups: int) -> tuple[Indices, Indices]:
    """Return the offers sorted by group, and where each group starts; an offer stands in each of its groups."""
    rows, places = np.nonzero(offer.group >= 0)
    groups = offer.group[rows, places]
    order = np.lexsort((offer.order[rows], groups))
    return rows[order], np.searchsorted(groups[order], np.arange(n_groups + 1))


def _stops(cost: Indices) -> list[int]:
    """Return ends of runs of needs, each of about CHUNK_PAIRS, the last one len(cost)."""
    run = np.cumsum(np.maximum(cost, 1)) // CHUNK_PAIRS
    return [*(np.flatnonzero(np.diff(run)) + 1).tolist(), len(cost)]


def _near_texts(
    need: Columns, offer: Columns, need_text: TextSide, offer_text: TextSide, settings: CandidateSettings
) -> Indices:
    """Return sorted keys of the most similar texts, in both directions, for each pair of provinces."""
    left = sp.hstack([need_text.words, need_text.characters], format="csr", dtype=np.float32)
    right = sp.hstack([offer_text.words, offer_text.characters], format="csr", dtype=np.float32)
    left, right = _without_common(left, right)
    keys = [np.empty(0, dtype=np.intp)]
    for province in np.unique(need.province):
        rows = np.flatnonzero(need.province == province)
        columns = np.flatnonzero(offer.province != province)
        if len(columns):
            n, o = _closest(left[rows], right[columns], settings)
            keys.append(rows[n] * len(offer) + columns[o])
    for province in np.unique(offer.province):
        rows = np.flatnonzero(offer.province == province)
        columns = np.flatnonzero(need.province != province)
        if len(columns):
            o, n = _closest(right[rows], left[columns], settings)
            keys.append(columns[n] * len(offer) + rows[o])
    return np.unique(np.concatenate(keys))


def _without_common(left: sp.csr_matrix, right: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    n_rows = left.shape[0] + right.shape[0]
    if n_rows < _MIN_ROWS_TO_PRUNE:
        return left, right
    rows_with = np.bincount(left.indices, minlength=left.shape[1]) + np.bincount(right.indices, minlength=left.shape[1])
    rare = np.flatnonzero(rows_with <= COMMON_SHARE * n_rows)
    return left[:, rare], right[:, rare]


def _closest(left: sp.csr_matrix, right: sp.csr_matrix, settings: CandidateSettings) -> tuple[Indices, Indices]:
    if settings.near_texts <= 0 or left.nnz == 0 or right.nnz == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    found = sp_matmul_topn(left, right.T.tocsr(), top_n=settings.near_texts, n_threads=settings.n_jobs).tocoo()
    return found.row.astype(np.intp), found.col.astype(np.intp)


def _unique_keys(
    blocks: Iterator[tuple[int, Indices]], near: Indices, n_offers: int, n_needs: int
) -> Iterator[Indices]:
    """Yield sorted unique keys, run by run, with the near texts of each run's needs."""
    done = 0
    for last, keys in blocks:
        until = len(near) if last == n_needs else int(np.searchsorted(near, last * n_offers))
        yield np.unique(np.concatenate([keys, near[done:until]]))
        done = until
