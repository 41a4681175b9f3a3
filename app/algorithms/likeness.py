"""How alike two texts are: cosines of words and of characters, and whether they have the same head."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfTransformer

from app.algorithms.text import character_ngrams

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

# Texts alone never prove that goods are the same: the best that words can say.
MAX_EVIDENCE = 0.85
_WORD_SHARE, _STRETCH = 0.65, 1.5
_HEAD_FACTOR = np.array([0.45, 0.7, 1.0])  # by how many of the two heads the other text also names


@dataclass(frozen=True, slots=True)
class TextSide:
    """The texts of one side as matrices of n rows; rows have length 1, or 0 where the text says nothing."""

    words: sp.csr_matrix
    characters: sp.csr_matrix
    heads: sp.csr_matrix
    bags: sp.csr_matrix


class TextVectors(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """TF-IDF of texts, cut into content words, twice: over the words, and over the 3- to 5-grams within them.

    The same numbers as scikit-learn's TfidfVectorizer with `content_words` and with `character_ngrams`, sublinear and
    in single precision. Words repeat, so the n-grams of each word are counted once and not once for each text.

    Attributes
    ----------
    words_, grams_ : mappings of str to int
        Columns, in sorted order.

    Examples
    --------
    >>> vectors = TextVectors().fit([["beras", "premium"], ["beras"]])
    >>> vectors.words_, vectors.transform([["beras"]]).words.toarray().round(2).tolist()
    ({'beras': 0, 'premium': 1}, [[1.0, 0.0]])
    """

    def fit(self, cut: Sequence[Sequence[str]], y: None = None) -> Self:
        """Learn columns and weights from the content words of each text; there may be none at all."""
        self.words_ = _columns(chain.from_iterable(cut))
        self.grams_ = _columns(gram for word in self.words_ for gram in character_ngrams(word))
        self._grams_of_words = self._grams(self.words_)
        counts = _counts(cut, self.words_)
        self._word_weights, self._gram_weights = _weights(counts), _weights(counts @ self._grams_of_words)
        return self

    def transform(self, cut: Sequence[Sequence[str]]) -> "TextSide":
        """Return the texts of one side as matrices; what `fit` has not seen counts as absent."""
        new = {word: i for i, word in enumerate(sorted({w for words in cut for w in words} - self.words_.keys()))}
        counts = _counts(cut, self.words_)
        grams = counts @ self._grams_of_words + _counts(cut, new) @ self._grams(new)
        bags = counts.copy()
        bags.data[:] = 1.0
        return TextSide(
            words=_weighed(self._word_weights, counts), characters=_weighed(self._gram_weights, grams),
            heads=_heads(cut, self.words_), bags=bags,
        )

    def _grams(self, words: Iterable[str]) -> sp.csr_matrix:
        return _counts((character_ngrams(word) for word in words), self.grams_)


def row_dots(left: sp.csr_matrix, right: sp.csr_matrix, left_index: Indices, right_index: Indices) -> Floats:
    """Return the dot products of row pairs of two sparse matrices.

    Parameters
    ----------
    left, right : csr matrices with the same number of columns
    left_index, right_index : int arrays of shape (n_pairs,)

    Returns
    -------
    float array of shape (n_pairs,)

    Examples
    --------
    >>> m = sp.csr_matrix(np.array([[1.0, 0.0], [0.6, 0.8]]))
    >>> row_dots(m, m, np.array([0, 1]), np.array([1, 1])).round(2).tolist()
    [0.6, 1.0]
    """
    products = left[left_index].multiply(right[right_index])
    return np.asarray(products.sum(axis=1), dtype=np.float64).ravel()


def text_evidence(words: Floats, characters: Floats, heads: Floats) -> Floats:
    """Return how far the texts alone say that two listings are about the same goods.

    Parameters
    ----------
    words, characters : float arrays of shape (n_pairs,)
        Cosines in [0, 1].
    heads : float array of shape (n_pairs,)
        0, 1 or 2: how many of the two heads occur in the other text. "Pakan ikan" shares its words with "ikan", but
        its head "pakan" is nowhere in it.

    Returns
    -------
    float array of shape (n_pairs,)
        In [0, 0.85]; rises with each argument.

    Examples
    --------
    >>> text_evidence(np.array([0.5, 0.5]), np.array([0.6, 0.6]), np.array([2.0, 1.0])).round(2).tolist()
    [0.8, 0.56]
    """
    alike = _STRETCH * (_WORD_SHARE * words + (1 - _WORD_SHARE) * characters)
    evidence: Floats = np.minimum(MAX_EVIDENCE, alike) * _HEAD_FACTOR[heads.astype(np.intp)]
    return evidence


def count_heads(need: TextSide, offer: TextSide, need_index: Indices, offer_index: Indices) -> Floats:
    """Return for each pair how many of the two heads the other text also names: 0, 1 or 2."""
    asked = row_dots(need.heads, offer.bags, need_index, offer_index)
    offered = row_dots(offer.heads, need.bags, offer_index, need_index)
    return (asked > 0).astype(np.float64) + (offered > 0)


def stacked(side: TextSide) -> sp.csr_matrix:
    """Return words and characters side by side, so that the dot product of two rows is what `text_evidence` stretches.

    It is in [0, 1]; texts whose product is below `least_likeness(e)` give less evidence than e.
    """
    parts = [side.words * np.float32(np.sqrt(_WORD_SHARE)), side.characters * np.float32(np.sqrt(1 - _WORD_SHARE))]
    return sp.hstack(parts, format="csr", dtype=np.float32)


def least_likeness(evidence: float) -> float:
    """Return the likeness below which two texts cannot give so much evidence.

    >>> round(least_likeness(0.6), 3)
    0.4
    """
    return evidence / _STRETCH


def _columns(values: Iterable[str]) -> dict[str, int]:
    return {value: number for number, value in enumerate(sorted(set(values)))}


def _counts(rows: Iterable[Sequence[str]], columns: dict[str, int]) -> sp.csr_matrix:
    """Return how often each column's value stands in each row; values without a column are left out."""
    found, ends = [], [0]
    for row in rows:
        found.extend([column for value in row if (column := columns.get(value)) is not None])
        ends.append(len(found))
    matrix = sp.csr_matrix(
        (np.ones(len(found), dtype=np.float32), np.array(found, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(ends) - 1, len(columns)),
    )
    matrix.sum_duplicates()
    return matrix


def _weights(counts: sp.csr_matrix) -> TfidfTransformer | None:
    return TfidfTransformer(sublinear_tf=True).fit(counts) if counts.nnz else None


def _weighed(weights: TfidfTransformer | None, counts: sp.csr_matrix) -> sp.csr_matrix:
    if weights is None or counts.shape[0] == 0:
        return counts
    matrix = sp.csr_matrix(weights.transform(counts))
    matrix.sort_indices()
    return matrix


def _heads(cut: Sequence[Sequence[str]], columns: dict[str, int]) -> sp.csr_matrix:
    heads = ([next((word for word in words if word in columns), "")] for words in cut)
    return _counts(heads, columns)
