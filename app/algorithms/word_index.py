"""Which documents hold a word, its beginning, or a word that differs from it by a typo."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT, BEGINNING, INSIDE, TYPO = 1.0, 0.8, 0.6, 0.5
_BEGINNING_LETTERS, _INSIDE_LETTERS, _TYPO_LETTERS, _TWO_TYPOS_LETTERS = 3, 4, 5, 9
_LONGEST_WORD = 40
_SHARED_GRAMS = 0.3  # of the trigrams of both words; a swap of neighbors in a word of five letters keeps a third


class WordIndex:
    """Documents by their words.

    Parameters
    ----------
    documents : sequence of n collections of str
        Words without line breaks.

    Examples
    --------
    >>> index = WordIndex([["ternate"], ["ternyata"], ["kota", "baru"]])
    >>> index.match("ternaet").tolist(), index.match("tern").tolist(), index.match("kota").tolist()
    ([0.5, 0.0, 0.0], [0.8, 0.8, 0.0], [0.0, 0.0, 1.0])
    """

    def __init__(self, documents: Sequence[Iterable[str]]) -> None:
        self.size = len(documents)
        self._postings: dict[str, list[int]] = {}
        for place, words in enumerate(documents):
            for word in words:
                self._postings.setdefault(word, []).append(place)
        self._vocabulary = list(self._postings)
        self._joined = "\n" + "\n".join(self._vocabulary) + "\n"

    def match(self, word: str) -> Floats:
        """Return how well each document holds `word`: 1.0 whole, 0.8 its beginning, 0.6 inside a word, 0.5 a typo.

        Parameters
        ----------
        word : str
            Normalized, without line breaks.

        Returns
        -------
        float array of shape (n,)
        """
        found = np.zeros(self.size)
        for like, strength in self._like(word):
            places = self._postings[like]
            found[places] = np.maximum(found[places], strength)
        return found

    def _like(self, word: str) -> Iterator[tuple[str, float]]:
        if not word or len(word) > _LONGEST_WORD:
            return
        if word in self._postings:
            yield word, EXACT
        if not word.isalpha():
            return
        if len(word) >= _BEGINNING_LETTERS:
            yield from ((self._vocabulary[place], BEGINNING) for place in self._holding("\n" + word))
        if len(word) >= _INSIDE_LETTERS:
            yield from ((self._vocabulary[place], INSIDE) for place in self._holding(word))
        if len(word) >= _TYPO_LETTERS:
            yield from ((near, TYPO) for near in self._near(word))

    def _holding(self, part: str) -> Iterator[int]:
        start = self._joined.find(part)
        while start >= 0:
            first = start + part.startswith("\n")
            place = bisect_right(self._starts, first) - 1
            yield place
            start = self._joined.find(part, self._starts[place] + len(self._vocabulary[place]))

    @cached_property
    def _starts(self) -> list[int]:
        starts, start = [], 1
        for word in self._vocabulary:
            starts.append(start)
            start += len(word) + 1
        return starts

    @cached_property
    def _grams(self) -> tuple[dict[str, NDArray[np.intp]], NDArray[np.intp]]:
        places: dict[str, list[int]] = {}
        sizes = np.zeros(len(self._vocabulary), dtype=np.intp)
        for place, word in enumerate(self._vocabulary):
            if word.isalpha() and len(word) >= _TYPO_LETTERS - 1:
                grams = _trigrams(word)
                sizes[place] = len(grams)
                for gram in grams:
                    places.setdefault(gram, []).append(place)
        return {gram: np.array(found, dtype=np.intp) for gram, found in places.items()}, sizes

    def _near(self, word: str) -> Iterator[str]:
        """Yield the words that one edit makes of `word`, two in a long one; the first letter is rarely wrong."""
        places, sizes = self._grams
        grams = _trigrams(word)
        shared = [places[gram] for gram in grams if gram in places]
        if not shared:
            return
        counts = np.bincount(np.concatenate(shared), minlength=len(sizes))
        allowed = 1 + (len(word) >= _TWO_TYPOS_LETTERS)
        for place in np.flatnonzero(2 * counts >= _SHARED_GRAMS * (sizes + len(grams))):
            near = self._vocabulary[place]
            if near[0] == word[0] and near != word and edits(near, word, allowed) <= allowed:
                yield near


def edits(one: str, other: str, most: int) -> int:
    """Return how many letters are to be added, dropped, changed or swapped with their neighbor; more than `most` as
    `most` + 1.

    The restricted Damerau-Levenshtein distance (optimal string alignment).

    >>> edits("ternaet", "ternate", 2), edits("cengkih", "cengkeh", 2), edits("beras", "kopra", 2)
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, against in enumerate(other, start=1):
            least = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                least = min(least, before[column - 2] + 1)
            now.append(least)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return min(last[-1], most + 1)


def _trigrams(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
