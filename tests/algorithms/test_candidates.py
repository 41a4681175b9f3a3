from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from app.algorithms import candidates
from app.algorithms.candidates import CandidateSettings, candidate_chunks, candidate_pairs, near_texts, without_costly
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.likeness import TextVectors
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker
from app.algorithms.text import character_ngrams, content_words
from tests.algorithms.examples import make_need, make_offer


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the joins that large sets use, on small sets."""
    monkeypatch.setattr(candidates, "EXHAUSTIVE_PAIRS", 0)


def pairs(
    offers: list[Listing], needs: list[Listing], settings: CandidateSettings = CandidateSettings()
) -> set[tuple[int, int]]:
    ranker = PairRanker().fit(offers, needs)
    need_index, offer_index = candidate_pairs(ranker._sides, settings)
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

    chunks = list(candidate_chunks(ranker._sides, CandidateSettings()))

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


def test_word_and_character_weights_are_those_of_scikit_learn() -> None:
    texts = ["cari beras premium beras", "tandon air fiber", "", "beras merah organik 25 kg"]
    ours = TextVectors().fit([content_words(text) for text in texts])

    side = ours.transform([content_words(text) for text in [*texts, "beras barulah"]])

    for analyzer, found in ((content_words, side.words), (character_ngrams, side.characters)):
        theirs = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, dtype=np.float32).fit(texts)
        assert (theirs.transform([*texts, "beras barulah"]).toarray() == found.toarray()).all()


@pytest.mark.usefixtures("blocked")
def test_goods_in_another_form_join() -> None:
    tree = CommodityTree(families={"kopra": "kelapa", "santan": "pangan"}, stand_ins={("kopra", "santan"): 2})
    offer = Listing("santan beku", commodity="santan", family="pangan", province="A")
    need = Listing("cari kopra", commodity="kopra", family="kelapa", province="B")

    assert len(PairRanker(tree=tree).fit([offer], [need]).rank()) == 1


@pytest.mark.usefixtures("blocked")
def test_partitions_of_needs_give_the_pairs_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "CHUNK_PAIRS", 7)
    offers = [make_offer(f"{text} nomor{i}") for i in range(9) for text in ("beras", "tandon air", "gula pasir")]
    needs = [make_need(f"{text} toko{i}") for i in range(5) for text in ("beras", "tandon fiber", "kopra")]
    ranker = PairRanker().fit(offers, needs)

    near = near_texts(ranker._sides, CandidateSettings())
    parts = [
        chunk for needs_of in (range(4), range(4, 4), range(4, 15))
        for chunk in candidate_chunks(ranker._sides, CandidateSettings(), near, needs_of)
    ]
    whole = candidate_pairs(ranker._sides, CandidateSettings())

    assert np.concatenate([need for need, _ in parts]).tolist() == whole[0].tolist()
    assert np.concatenate([offer for _, offer in parts]).tolist() == whole[1].tolist()


def test_only_the_costliest_features_are_dropped() -> None:
    left = sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]))
    right = sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))

    assert without_costly(left, right, 5)[0].shape[1] == 2  # the third column is not in both
    assert without_costly(left, right, 4)[0].toarray().tolist() == [[1.0], [0.0]]
