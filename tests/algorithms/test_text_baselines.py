"""Rankings by text alone, against values computed by hand."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.text_baselines import bm25_scores, lsa_scores, tfidf_scores

GOODS = ["cengkih cengkeh bunga cengkih", "beras padi pulen", "kopra kelapa kering", "ikan tuna cakalang"]
TEXTS = st.lists(st.sampled_from(["beras premium", "kopra kering", "jual ikan", "🐟 25", ""]), min_size=1, max_size=5)


def test_bm25_is_the_sum_over_shared_words() -> None:
    offers = ["beras beras putih", "kopra", "gula putih"]

    scores = bm25_scores(["cari beras putih"], offers)

    mean_length = (3 + 1 + 2) / 3
    held_back = 1.5 * (0.25 + 0.75 * 3 / mean_length)
    beras = log(1 + 2.5 / 1.5) * 2 * 2.5 / (2 + held_back)
    putih = log(1 + 1.5 / 2.5) * 1 * 2.5 / (1 + held_back)
    assert scores[0, 0] == pytest.approx(beras + putih)
    assert scores[0, 1] == 0
    assert 0 < scores[0, 2] < scores[0, 0]


def test_bm25_counts_a_repeated_word_of_a_need_once() -> None:
    assert np.array_equal(bm25_scores(["beras beras"], ["beras", "gula"]), bm25_scores(["beras"], ["beras", "gula"]))


@pytest.mark.parametrize("bad", [{"k1": -1.0}, {"b": 1.5}])
def test_bm25_refuses_parameters_out_of_range(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="k1 must not be negative"):
        bm25_scores(["beras"], ["beras"], **bad)


def test_tfidf_finds_shared_words_and_misspelt_ones() -> None:
    scores = tfidf_scores(["cengkeh kering"], ["cengkeh kering", "cengkehh kring", "semen"])[0]

    assert scores[0] == pytest.approx(1)
    assert scores[0] > scores[1] > scores[2] == 0


def test_the_embedding_brings_words_of_one_good_together() -> None:
    scores = lsa_scores(["padi"], ["beras", "kopra", "zzz"], GOODS, n_components=4)[0]

    assert scores[0] > 0.9 > 0.1 > abs(scores[1])
    assert scores[2] == 0


def test_the_embedding_is_the_same_with_the_same_seed() -> None:
    one, other = (lsa_scores(["padi"], ["beras", "kopra"], GOODS, random_state=3) for _ in range(2))

    assert np.array_equal(one, other)


def test_an_embedding_of_too_few_ngrams_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        lsa_scores(["a"], ["a"], ["a"])


@given(TEXTS, TEXTS)
def test_scores_have_their_shape_and_are_finite(needs: list[str], offers: list[str]) -> None:
    offers = [*offers, "beras"]

    for scores in (tfidf_scores(needs, offers), bm25_scores(needs, offers), lsa_scores(needs, offers, GOODS)):
        assert scores.shape == (len(needs), len(offers))
        assert np.isfinite(scores).all()
        assert (abs(scores) <= 1 + 1e-9).all() or (scores >= 0).all()
