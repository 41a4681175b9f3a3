"""Guesses of goods from single words."""

from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.goods_finder import MAX_CONFIDENCE, GoodsFinder

FINDER = GoodsFinder({
    "fuli": [("bunga", "pala"), ("fuli", "pala", "kering")], "beras": [("beras", "pulen"), ("beras", "premium")],
    "beras-merah": [("beras", "merah")], "kopi": [("kopi", "robusta")],
})  # fmt: skip
WORDS = st.lists(st.sampled_from(["beras", "merah", "pala", "kopi", "kapal", "halal", "25", "untuk", "a"]), max_size=6)


def test_the_good_that_shares_most_of_its_words_comes_first() -> None:
    assert FINDER.guess(["beras", "merah", "organik"])[0][0] == "beras-merah"


def test_a_description_helps_less_than_the_title() -> None:
    assert [code for code, _ in FINDER.guess(["kopi"], ["beras", "premium"])][:1] == ["kopi"]
    assert FINDER.guess(["beras"], ["merah"])[0][0] == "beras-merah"


def test_claims_numbers_and_stopwords_name_no_good() -> None:
    assert FINDER.guess(["halal", "sni", "25", "untuk", "dijual"]) == []


def test_without_goods_nothing_is_guessed() -> None:
    assert GoodsFinder({}).guess(["beras"]) == []
    assert GoodsFinder({"x": [("untuk",)]}).guess(["untuk"]) == []


@given(WORDS, WORDS)
def test_a_guess_is_never_as_sure_as_a_phrase(title: list[str], description: list[str]) -> None:
    found = FINDER.guess(title, description)

    assert len(found) <= 2
    assert all(0 < confidence <= MAX_CONFIDENCE for _, confidence in found)
    assert [one for _, one in found] == sorted((one for _, one in found), reverse=True)
    assert len({code for code, _ in found}) == len(found)
