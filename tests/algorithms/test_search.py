"""What a search finds, and in which order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.coding import code_listing
from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree, Group
from app.algorithms.listing import Listing
from app.algorithms.search import (
    Document,
    Fit,
    GoodNames,
    SearchIndex,
    best_first,
    fit_of,
    read_document,
    read_query,
    wider_groups,
)

TREE = CommodityTree(
    parents={"cakalang": "ikan", "layang": "ikan"},
    families={"cengkih": "rempah", "pala": "rempah", "ikan": "laut", "cakalang": "laut", "layang": "laut", "abon": "olahan"},
    groups={"g-dapur": Group(frozenset({"rempah"}), frozenset({"abon"}))},
    stand_ins={("cakalang", "layang"): 1, ("ikan", "abon"): 2, ("cengkih", "pala"): 0},
)
TAGGER = CommodityTagger(
    [("cengkih", "cengkih"), ("pala", "pala"), ("ikan", "ikan"), ("ikan cakalang", "cakalang"), ("cakalang", "cakalang"), ("ikan layang", "layang"),
     ("abon ikan", "abon")],
    [("rempah", "rempah"), ("bumbu dapur", "g-dapur")], TREE,
)
TITLES = ["cengke kering", "biji pala", "iwak layang", "ikan cakalang beku", "aneka rempah", "abon ikan", "kursi rotan", ""]
PLACES = ["UD Jaya\nTernate", "Toko Cengkih Makmur\nSurabaya", "CV Ikan 50% Murah\nTidore"]
ASKED = st.sampled_from(["cengkeh", "ikan", "rempah", "bumbu dapur", "jaya", "ikan ternate", "50%", "kursi", "cakalng", "_"])
LISTED = st.lists(st.tuples(st.sampled_from(TITLES), st.sampled_from(PLACES)), max_size=8)


def document(title: str, place: str = "") -> Document:
    return read_document(title, place, code_listing(Listing(title), TAGGER))


def found(query: str, titles: list[tuple[str, str]], *, is_literal: bool = False) -> list[str]:
    index = SearchIndex([document(*told) for told in titles], TREE)
    asked = read_query(query, TAGGER, is_literal=is_literal)
    everything = np.arange(len(titles))
    order = best_first(index.hits(asked), everything, -everything.astype(float), has_goods=bool(asked.asked))
    return [titles[place][0] for place in order]


def titles(*names: str) -> list[tuple[str, str]]:
    return [(name, "") for name in names]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CENGKEH", ["cengke kering", "aneka rempah"]),
        ("iwak", ["ikan lepas pantai", "iwak layang", "ikan cakalang beku", "abon ikan"]),
        ("ikan layang", ["iwak layang", "ikan lepas pantai", "abon ikan"]),
        ("rempah", ["aneka rempah", "cengke kering", "biji pala"]),
        ("bumbu dapur", ["cengke kering", "biji pala", "aneka rempah", "abon ikan"]),
        ("cakalng", ["ikan cakalang beku", "ikan lepas pantai", "abon ikan"]),
        ("kursi", ["kursi rotan"]), ("kurs", ["kursi rotan"]), ("kurdi", ["kursi rotan"]), ("🙂", []), ("", []),
    ],
)
def test_goods_are_found_whatever_the_words(query: str, expected: list[str]) -> None:
    listed = titles("cengke kering", "biji pala", "ikan lepas pantai", "iwak layang", "ikan cakalang beku", "aneka rempah",
                    "abon ikan", "kursi rotan")

    answered = found(query, listed)

    assert answered == expected


def test_the_town_that_was_named_comes_first() -> None:
    listed = [("cengke", "UD Jaya\nSurabaya"), ("cengkeh", "UD Maju\nKota Ternate"), ("kursi", "UD Jaya\nKota Ternate")]

    assert found("cengkih ternate", listed) == ["cengkeh", "cengke"]


def test_names_of_firms_stand_behind_the_goods() -> None:
    listed = [("kursi", "Toko Cengkih"), ("cengke", "UD Jaya")]

    assert found("cengkih", listed) == ["cengke", "kursi"]


def test_a_literal_search_takes_every_sign_at_its_word() -> None:
    listed = [("cengke kering", ""), ("cengkih", ""), ("beras 100% asli", "")]

    assert found("cengke", listed, is_literal=True) == ["cengke kering"]
    assert found("100% a", listed, is_literal=True) == ["beras 100% asli"]
    assert found("%", listed) == ["beras 100% asli"]
    assert found("'", listed) == []


def test_weak_words_do_not_distract_from_good_ones() -> None:
    listed = titles("makmur sentosa", "makmurjaya", "makmum")

    assert found("makmur", listed) == ["makmur sentosa", "makmurjaya"]
    assert found("makmur", listed[2:]) == ["makmum"]


def test_guessed_goods_are_never_more_than_near() -> None:
    index = SearchIndex([Document("", frozenset(), (("cengkih",),), is_guess=True)], TREE)

    assert index.hits(read_query("cengkih", TAGGER)).fit.tolist() == [Fit.NEAR]


def test_a_name_of_a_group_means_the_group_too() -> None:
    query = read_query("Pala", TAGGER, {"pala": [("", "g-dapur")]})

    assert query.asked == (("pala",), ("", "g-dapur"))
    assert query.rest == ()


@pytest.mark.parametrize(
    ("asked", "offered", "fit"),
    [
        (("ikan",), ("cakalang", "ikan"), Fit.KIND), (("cakalang", "ikan"), ("ikan",), Fit.WIDER),
        (("ikan",), ("abon",), Fit.NEAR), (("cengkih",), ("pala",), Fit.NONE), (("cakalang", "ikan"), ("abon",), Fit.NEAR),
        (("cakalang", "ikan"), ("layang", "ikan"), Fit.NONE), (("", "rempah"), ("", "rempah"), Fit.SAME),
        (("", "g-dapur"), ("", "rempah"), Fit.MEMBER), (("", "rempah"), ("", "g-dapur"), Fit.NONE),
        (("", "g-dapur"), ("abon",), Fit.NEAR), (("pala",), ("", "g-dapur"), Fit.WIDER),
    ],
)
def test_how_goods_answer(asked: tuple[str, ...], offered: tuple[str, ...], fit: Fit) -> None:
    assert fit_of(asked, offered, TREE) is fit


def test_what_to_look_for_instead() -> None:
    assert wider_groups([("cakalang", "ikan")], TREE) == [("ikan",), ("layang", "ikan"), ("", "laut")]
    assert wider_groups([("", "rempah")], TREE) == []


def test_names_are_proposed_for_typing_errors() -> None:
    names = GoodNames([("Rumput laut kering", "kering"), ("Rumput laut", "rumput"), ("Laut", "laut"), ("Beras", "beras")])

    assert names.nearest("rumptu laut") == ["rumput", "kering", "laut"]
    assert names.nearest("??") == names.nearest("") == GoodNames([]).nearest("beras") == []


def test_families_are_told_apart() -> None:
    index = SearchIndex([document("cengke"), document("aneka rempah"), document("ikan layang"), document("kursi")], TREE)

    assert index.of_family("rempah").tolist() == [True, True, False, False]


@given(ASKED, LISTED, st.booleans())
def test_better_fits_are_never_behind_worse_ones(query: str, listed: list[tuple[str, str]], is_literal: bool) -> None:
    index = SearchIndex([document(*told) for told in listed], TREE)
    asked = read_query(query, TAGGER, is_literal=is_literal)
    hits = index.hits(asked)
    everything = np.arange(len(listed))

    order = best_first(hits, everything, np.zeros(len(listed)), has_goods=bool(asked.asked))

    keys = [(bool(hits.is_whole[place]), int(hits.fit[place]), round(hits.strength[place], 2)) for place in order]
    assert keys == sorted(keys, reverse=True)
    assert len(set(order.tolist())) == len(order) and all(hits.fit[order] > 0)


@given(ASKED, LISTED, LISTED, st.booleans())
def test_hidden_documents_change_nothing(
    query: str, shown: list[tuple[str, str]], hidden: list[tuple[str, str]], is_literal: bool
) -> None:
    asked = read_query(query, TAGGER, is_literal=is_literal)

    def answer(documents: list[tuple[str, str]]) -> list[int]:
        hits = SearchIndex([document(*told) for told in documents], TREE).hits(asked)
        seen = np.arange(len(shown))
        return [int(place) for place in best_first(hits, seen, seen.astype(float), has_goods=bool(asked.asked))]

    assert answer(shown) == answer(shown + hidden)


@given(st.text(max_size=40), st.booleans())
def test_any_text_may_be_looked_for(query: str, is_literal: bool) -> None:
    index = SearchIndex([document(*told) for told in zip(TITLES, PLACES * 3, strict=False)], TREE)

    hits = index.hits(read_query(query, TAGGER, is_literal=is_literal))

    assert np.isfinite(hits.strength).all() and ((hits.strength >= 0) & (hits.strength <= 1)).all()
    assert not (hits.fit[hits.strength == 0] == Fit.WORDS).any()
