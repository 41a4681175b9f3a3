from dataclasses import replace

import numpy as np
import pytest

from app.algorithms import candidates
from app.algorithms.candidates import CandidateSettings, candidate_chunks, candidate_pairs
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker
from tests.algorithms.examples import make_need, make_offer


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the joins that large sets use, on small sets."""
    monkeypatch.setattr(candidates, "EXHAUSTIVE_PAIRS", 0)


def pairs(
    offers: list[Listing], needs: list[Listing], settings: CandidateSettings = CandidateSettings()
) -> set[tuple[int, int]]:
    ranker = PairRanker().fit(offers, needs)
    need_index, offer_index = candidate_pairs(*ranker._sides(), ranker.relations_, settings)
    found = list(zip(need_index.tolist(), offer_index.tolist(), strict=True))
    assert len(found) == len(set(found))
    return set(found)


def test_small_sets_are_compared_in_full() -> None:
    assert pairs([make_offer(), make_offer("ikan")], [make_need()]) == {(0, 0), (0, 1)}


@pytest.mark.usefixtures("blocked")
def test_only_other_provinces_are_candidates() -> None:
    offers = [make_offer("beras"), make_offer("beras", province="B")]

    assert pairs(offers, [make_need("beras")]) == {(0, 0)}


@pytest.mark.usefixtures("blocked")
def test_codes_join_kinds_groups_and_families() -> None:
    offers = [make_offer(text) for text in ("beras", "beras premium", "pala", "ikan")]
    needs = [make_need(text) for text in ("beras", "beras premium", "rempah")]
    by_code = CandidateSettings(near_texts=0)

    assert pairs(offers, needs, by_code) == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)}


@pytest.mark.usefixtures("blocked")
def test_substitutes_join_only_when_asked_for() -> None:
    offers, needs = [make_offer("layang")], [make_need("cakalang")]

    assert pairs(offers, needs, CandidateSettings(near_texts=0)) == set()
    assert pairs(offers, needs, CandidateSettings(near_texts=0, with_families=True)) == {(0, 0)}


@pytest.mark.usefixtures("blocked")
def test_similar_texts_join_what_codes_miss() -> None:
    offers = [make_offer("tandon air fiber"), make_offer("kapal kayu")]
    needs = [make_need("butuh tandon fiber 1000 liter")]

    assert pairs(offers, needs) == {(0, 0)}


@pytest.mark.usefixtures("blocked")
def test_a_huge_block_is_thinned_so_that_every_offer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "BLOCK_LIMIT", 10)
    offers = [make_offer(f"beras nomor{i}", age_days=i) for i in range(40)]
    needs = [make_need(f"beras toko{i}", age_days=i) for i in range(8)]

    found = pairs(offers, needs, CandidateSettings(near_texts=0))

    assert len(found) == 8 * 10
    assert {offer for _, offer in found} == set(range(40))


@pytest.mark.usefixtures("blocked")
def test_chunks_hold_all_pairs_of_a_need_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "CHUNK_PAIRS", 20)
    offers = [make_offer(f"beras nomor{i}") for i in range(9)]
    ranker = PairRanker().fit(offers, [make_need(f"beras toko{i}") for i in range(12)])

    chunks = list(candidate_chunks(*ranker._sides(), ranker.relations_, CandidateSettings()))

    assert len(chunks) > 1
    assert np.concatenate([chunk[0] for chunk in chunks]).tolist() == sorted(list(range(12)) * 9)


@pytest.mark.usefixtures("blocked")
def test_large_and_small_sets_rank_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    goods = ["beras", "beras premium", "gula", "cakalang beku", "kopra", "pala", "aneka rempah", "tandon air"]
    offers = [make_offer(f"{text} a{i}", price_kg=1000.0 + i, age_days=i) for i, text in enumerate(goods * 4)]
    needs = [make_need(f"{text} b{i}", price_kg=1010.0 + i, age_days=i) for i, text in enumerate(goods * 3)]
    ranker = PairRanker().fit(offers, needs)

    blocked = ranker.rank(5)
    monkeypatch.setattr(candidates, "EXHAUSTIVE_PAIRS", 10**9)
    exhaustive = ranker.rank(5)

    assert blocked.need_index.tolist() == exhaustive.need_index.tolist()
    assert blocked.offer_index.tolist() == exhaustive.offer_index.tolist()
    assert blocked.score.tolist() == exhaustive.score.tolist()


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("n", [0, 1])
def test_no_texts_and_no_codes_give_no_pairs(n: int) -> None:
    offers = [replace(make_offer("🐟"), province="A")] * n

    assert pairs(offers, [make_need("!!!")]) == set()
