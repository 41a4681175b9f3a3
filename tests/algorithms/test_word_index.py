"""Words, beginnings and typos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.word_index import BEGINNING, EXACT, INSIDE, TYPO, WordIndex, edits

WORDS = st.text(st.sampled_from("abcde"), min_size=1, max_size=10)
DOCUMENTS = st.lists(st.frozensets(WORDS, max_size=4), max_size=6)


@pytest.mark.parametrize(
    ("asked", "held", "strength"),
    [
        ("ternate", "ternate", EXACT), ("tern", "ternate", BEGINNING), ("nate", "ternate", INSIDE),
        ("ternaet", "ternate", TYPO), ("ternat", "ternate", BEGINNING), ("tenate", "ternate", TYPO),
        ("cendrwash", "cendrawasih", TYPO), ("makmut", "makmur", TYPO), ("jaya", "raya", 0), ("jay", "raja", 0),
        ("ternate", "kernate", 0), ("te", "ternate", 0), ("50", "500", 0), ("malang", "malam", 0),
    ],
)
def test_a_word_is_met_by_itself_its_whole_and_its_typos(asked: str, held: str, strength: float) -> None:
    assert WordIndex([[held], ["lain"]]).match(asked).tolist() == [strength, 0]


@given(DOCUMENTS, WORDS)
def test_strengths_do_not_depend_on_other_documents(documents: list[frozenset[str]], word: str) -> None:
    together = WordIndex(documents).match(word).tolist()

    assert together == [WordIndex([document]).match(word)[0] for document in documents]


@given(DOCUMENTS, WORDS)
def test_only_a_held_word_is_met_in_full(documents: list[frozenset[str]], word: str) -> None:
    met = WordIndex(documents).match(word)

    assert [strength == EXACT for strength in met] == [word in document for document in documents]


@given(WORDS, WORDS, st.integers(0, 4))
def test_edits_are_a_distance_up_to_the_limit(one: str, other: str, most: int) -> None:
    there, back = edits(one, other, most), edits(other, one, most)

    assert there == back
    assert (there == 0) == (one == other)
    assert there == min(edits(one, other, 99), most + 1)
    assert abs(len(one) - len(other)) <= edits(one, other, 99) <= max(len(one), len(other))
