import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree
from tests.algorithms.examples import SURFACES, TAGGER


def about(text: str) -> list[str]:
    return [tag.code for tag in TAGGER.tag(text) if tag.score >= 0.5]


@pytest.mark.parametrize(
    "text", ["barang kelontong", "sarang walet", "bahan material bangunan", "mentega", "produk unggulan"]
)
def test_parts_of_words_are_never_goods(text: str) -> None:
    assert about(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Pakan ikan apung", "pakan-ikan"),
        ("minyak cengkèh asli", "minyak-cengkih"),
        ("MINYAK GORENG curah", "minyak-goreng"),
        ("gula2 jahe", "gula-gula"),
        ("Gula pasir kristal", "gula"),
        ("oven pengering kopra pala cengkeh", "oven"),
        ("6.000 ton arang halaban", "arang"),
        ("ngafi kering", "teri"),
        ("ikan cakalang segar", "cakalang"),
    ],
)
def test_the_head_is_what_the_text_is_about(text: str, code: str) -> None:
    assert about(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "mesin peniris minyak goreng",
        "benih untuk kebun pala",
        "tenun motif cengkeh",
        "sabun dari kopra",
        "jaring ikan & umpan",
        "pelet tenggelam teri/layang",
        "peralatan pengolahan ikan",
    ],
)
def test_goods_named_in_passing_score_low(text: str) -> None:
    assert TAGGER.tag(text)
    assert about(text) == []


def test_packing_counts_only_at_the_start_of_a_title() -> None:
    assert about("gula pasir karung 50 kg") == ["gula"]
    assert about("Karung bekas 50 kg") == ["karung"]


def test_lists_name_several_goods() -> None:
    assert about("cakalang, layang & teri") == ["cakalang", "layang", "teri"]
    assert about("cakalang layang teri") == ["cakalang", "layang", "teri"]
    assert about("beras gula migor telur") == ["beras", "gula", "minyak-goreng", "telur"]


def test_a_plural_of_a_family_word_is_the_family() -> None:
    (tag,) = TAGGER.tag("rempah-rempah kering")

    assert (tag.code, tag.is_family) == ("rempah", True)


def test_one_wrong_letter_in_a_long_word_is_forgiven() -> None:
    (tag,) = TAGGER.tag("cakalaang segar")

    assert (tag.code, tag.score) == ("cakalang", 0.8)


@pytest.mark.parametrize("text", ["kepala kantor", "bahan", "ukuran besar", "terik"])
def test_ordinary_words_are_never_corrected_to_goods(text: str) -> None:
    tagger = CommodityTagger([("kelapa", "kelapa"), ("ban", "ban"), ("ukiran", "ukiran"), ("teri", "teri")])

    assert tagger.tag(text) == []


def test_a_wrong_letter_with_two_readings_is_left_alone() -> None:
    tagger = CommodityTagger([("manggis", "manggis"), ("manggas", "manggas")])

    assert tagger.tag("manggos") == []


def test_three_letters_find_any_word_of_a_name() -> None:
    assert TAGGER.suggest("cen") == ["cengkih", "minyak-cengkih"]
    assert TAGGER.suggest("mom") == ["layang"]
    assert TAGGER.suggest("minyak gor") == ["minyak-goreng"]


def test_suggestions_respect_spelling_and_limit() -> None:
    assert TAGGER.suggest("cengkeh")[0] == "cengkih"
    assert TAGGER.suggest("cakalaang") == ["cakalang"]
    assert len(TAGGER.suggest("pa", limit=1)) == 1
    assert TAGGER.suggest("p") == TAGGER.suggest("") == TAGGER.suggest("xyz") == TAGGER.suggest("pa", limit=0) == []


def test_names_come_before_synonyms() -> None:
    tagger = CommodityTagger([("Cabai rawit", "cabai"), ("cengek", "cabai"), ("Cengkih kering", "cengkih")])

    assert tagger.suggest("cen") == ["cengkih", "cabai"]


def test_suggestions_come_within_five_milliseconds() -> None:
    vowels, consonants = "aiueo", "bcdfghjklmnprst"
    words = [a + b + c + d + e for a in consonants for b in vowels for c in consonants[:6] for d in vowels for e in "n"]
    tagger = CommodityTagger([(f"ikan {word}", word) for word in words[:1200]])
    queries = ["ika", "ikan ba", "bab", "cucu", "fofo", "ikam babam"] * 5

    times = []
    for query in queries:
        start = time.perf_counter()
        tagger.suggest(query)
        times.append(time.perf_counter() - start)

    assert sorted(times)[len(times) // 2] < 0.005


def test_a_circle_of_parents_is_refused() -> None:
    with pytest.raises(ValueError, match="own ancestors"):
        CommodityTree({"a": "b", "b": "a"})


@given(st.text(max_size=300))
def test_any_text_gives_known_codes_with_scores_in_range(text: str) -> None:
    codes = {code for _, code in SURFACES} | {"rempah", "pokok", "laut"}

    for tag in TAGGER.tag(text):
        assert tag.code in codes
        assert 0.0 < tag.score <= 1.0
    assert set(TAGGER.suggest(text)) <= codes
