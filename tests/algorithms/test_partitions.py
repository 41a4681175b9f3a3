from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.algorithms import candidates
from app.algorithms.best_pairs import Pairs
from app.algorithms.partitions import PartitionWork, rank_in_partitions
from app.algorithms.ranker import Order, PairRanker, Ranking
from tests.algorithms.test_ranker import market_of

ARRAYS = ("need_index", "offer_index", "score", "rank_for_need", "rank_for_offer", "suitable")


def in_a_pool(work: PartitionWork, partitions: Sequence[range]) -> Iterable[Pairs]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work.pairs_of, partitions))[::-1]


def content(ranking: Ranking) -> list[list[float]]:
    return [getattr(ranking, name).tolist() for name in ARRAYS]


@pytest.mark.parametrize("is_small", [True, False])
@pytest.mark.parametrize("order", ["score", "market"])
@pytest.mark.parametrize("keep", [True, False])
def test_partitions_rank_as_one_machine_does(
    monkeypatch: pytest.MonkeyPatch, is_small: bool, order: Order, keep: bool
) -> None:
    if not is_small:
        monkeypatch.setattr(candidates, "EXHAUSTIVE_PAIRS", 0)
    ranker = PairRanker().fit(*market_of(23))
    whole = ranker.rank(3, order=order, keep_unsuitable=keep)

    for n_partitions in (1, 4, 40):
        parts = rank_in_partitions(
            ranker, 3, n_partitions, order=order, keep_unsuitable=keep, runner=in_a_pool
        )

        assert len(whole) and content(parts) == content(whole)


def test_no_partition_is_refused() -> None:
    with pytest.raises(ValueError, match="n_partitions"):
        rank_in_partitions(PairRanker().fit([], []), 3, 0)
