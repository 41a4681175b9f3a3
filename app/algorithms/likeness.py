"""How alike two texts are: cosines of words and of characters, and whether they have the same head."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

from app.algorithms.text import character_ngrams, content_words

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


def word_pipeline() -> Pipeline:
    """Return TF-IDF over the content words of normalized texts."""
    return Pipeline([("tfidf", _tfidf(content_words))])


def character_pipeline() -> Pipeline:
    """Return TF-IDF over the 3- to 5-grams within the content words of normalized texts."""
    return Pipeline([("tfidf", _tfidf(character_ngrams))])


def text_side(normalised: Sequence[str], words: Pipeline | None, characters: Pipeline | None) -> TextSide:
    """Return the texts of one side as matrices.

    Parameters
    ----------
    normalised : sequence of n str
        From `app.algorithms.text.normalise`.
    words, characters : fitted pipelines, or None when no text has a content word.
    """
    if words is None or characters is None or not normalised:
        nothing, none = _nothing(len(normalised), words), _nothing(len(normalised), characters)
        return TextSide(nothing, none, nothing, nothing)
    matrix = sp.csr_matrix(words.transform(normalised))
    bags = matrix.copy()
    bags.data[:] = 1.0
    return TextSide(matrix, sp.csr_matrix(characters.transform(normalised)), _heads(normalised, words), bags)


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


def _tfidf(analyzer: Callable[[str], list[str]]) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, dtype=np.float32)


def _nothing(n: int, fitted: Pipeline | None) -> sp.csr_matrix:
    return sp.csr_matrix((n, 1 if fitted is None else len(fitted.named_steps["tfidf"].vocabulary_)), dtype=np.float32)


def _heads(normalised: Sequence[str], words: Pipeline) -> sp.csr_matrix:
    number = words.named_steps["tfidf"].vocabulary_
    heads = [next((number[w] for w in content_words(text) if w in number), None) for text in normalised]
    rows = np.array([row for row, head in enumerate(heads) if head is not None], dtype=np.intp)
    columns = np.array([head for head in heads if head is not None], dtype=np.intp)
    shape = (len(normalised), len(number))
    return sp.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
