"""Rank in partitions of the needs, each on its own machine or process, with the result of one machine.

The similar texts are found once for all partitions; each partition keeps the best pairs of its needs and of every
offer, and the best of these are the best of all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.algorithms.best_pairs import Pairs
from app.algorithms.ranker import Order, PairRanker, Ranking


@dataclass(frozen=True, slots=True)
class PartitionWork:
    """What every partition does; it holds the fitted ranker, so send it to each worker once."""

    ranker: PairRanker
    near: NDArray[np.intp]
    top: int
    order: Order
    keep_unsuitable: bool

    def pairs_of(self, needs: range) -> Pairs:
        """Return the pairs of these needs that may be in a list."""
        best = self.ranker.best_pairs(self.top, self.order)
        for _done, pairs in self.ranker.scored(needs, self.near, keep_unsuitable=self.keep_unsuitable):
            best.add(pairs)
        return best.listed()[0]


Runner = Callable[[PartitionWork, Sequence[range]], Iterable[Pairs]]


def one_after_the_other(work: PartitionWork, partitions: Sequence[range]) -> Iterable[Pairs]:
    """Run all partitions here."""
    return map(work.pairs_of, partitions)


def rank_in_partitions(
    ranker: PairRanker,
    top: int,
    n_partitions: int,
    *,
    order: Order = "score",
    keep_unsuitable: bool = False,
    runner: Runner = one_after_the_other,
) -> Ranking:
    """Return `PairRanker.rank` of a fitted ranker, scored in partitions.

    Parameters
    ----------
    ranker : PairRanker
        Fitted.
    top : int
    n_partitions : int
        At least 1.
    order, keep_unsuitable : as in `PairRanker.rank`
    runner : callable
        Gets the work and the partitions, returns the pairs of each in any order.

    Raises
    ------
    ValueError
        If `n_partitions` is below 1, or as `PairRanker.rank`.

    Examples
    --------
    >>> from app.algorithms.listing import Listing
    >>> offers = [Listing("beras", commodity="beras", province="A")]
    >>> ranker = PairRanker().fit(offers, [Listing("cari beras", commodity="beras", province="B")])
    >>> len(rank_in_partitions(ranker, 10, 3))
    1
    """
    if n_partitions < 1:
        raise ValueError("n_partitions must be at least 1")
    near = ranker.near(keep_unsuitable=keep_unsuitable)
    work = PartitionWork(ranker, near, top, order, keep_unsuitable)
    ends = np.linspace(0, len(ranker.needs_), n_partitions + 1).astype(int).tolist()
    best = ranker.best_pairs(top, order)
    for pairs in runner(work, [range(first, last) for first, last in zip(ends[:-1], ends[1:], strict=True)]):
        best.add(pairs)
    return ranker.ranking_of(best, top, order)
