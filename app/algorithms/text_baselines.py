"""Rankings by the texts alone, to compare with: TF-IDF, BM25, and an embedding learned from the words for goods.

Every function takes the texts of needs and offers and returns one score a pair, higher is better. They know no goods,
no terms and no "nothing fits"; where a score becomes good enough has to be decided outside.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

Floats = NDArray[np.float64]

_WORDS = r"(?u)\b[^\W\d_]{2,}\b"


def tfidf_scores(needs: Sequence[str], offers: Sequence[str]) -> Floats:
    """Return the mean of the cosines of words and of the 3- to 5-grams of their characters.

    Parameters
    ----------
    needs, offers : sequences of str
        As typed. At least one text has to hold a word of two letters.

    Returns
    -------
    float array of shape (n_needs, n_offers) in [0, 1]
        Computed with all pairs in memory: for sets of some thousand listings at most.

    Raises
    ------
    ValueError
        If no text holds a word.

    Examples
    --------
    >>> tfidf_scores(["beras premium"], ["Beras premium", "kopra"]).round(2)
    array([[1., 0.]])
    """
    words = TfidfVectorizer(token_pattern=_WORDS, sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return np.asarray((_cosines(words, needs, offers) + _cosines(characters, needs, offers)) / 2)


def bm25_scores(needs: Sequence[str], offers: Sequence[str], *, k1: float = 1.5, b: float = 0.75) -> Floats:
    """Return the BM25 score of each offer for the distinct words of each need.

    Parameters
    ----------
    needs, offers : sequences of str
        As typed. Word frequencies are those of the offers.
    k1 : float >= 0
        How much a repeated word adds.
    b : float in [0, 1]
        How much long offers are held back.

    Returns
    -------
    float array of shape (n_needs, n_offers), at least 0

    Raises
    ------
    ValueError
        If no offer holds a word, if `k1` is negative or `b` is not in [0, 1].

    References
    ----------
    Robertson and Zaragoza (2009), The probabilistic relevance framework: BM25 and beyond, equation 3.15; the inverse
    document frequency is log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.

    Examples
    --------
    >>> bm25_scores(["beras"], ["beras", "kopra"]).round(3)
    array([[0.693, 0.   ]])
    """
    if k1 < 0 or not 0 <= b <= 1:
        raise ValueError("k1 must not be negative and b must be in [0, 1]")
    vectorizer = CountVectorizer(token_pattern=_WORDS, dtype=np.float64)
    counts = vectorizer.fit_transform(offers).tocoo()
    asked = vectorizer.transform(needs)
    asked.data[:] = 1.0
    n_offers = counts.shape[0]
    holding = np.bincount(counts.col, minlength=counts.shape[1])
    idf = np.log1p((n_offers - holding + 0.5) / (holding + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    held_back = k1 * (1 - b + b * lengths / lengths.mean())
    weights = idf[counts.col] * counts.data * (k1 + 1) / (counts.data + held_back[counts.row])
    return _dense(asked @ sp.csr_matrix((weights, (counts.row, counts.col)), shape=counts.shape).T)


def lsa_scores(
    needs: Sequence[str],
    offers: Sequence[str],
    surfaces: Sequence[str],
    *,
    n_components: int = 128,
    random_state: int = 0,
) -> Floats:
    """Return cosines in an embedding of character n-grams: latent semantic analysis.

    Parameters
    ----------
    needs, offers : sequences of str
        As typed.
    surfaces : sequence of str
        What the embedding is learned from: one text a good, all its words together, so that words of one good come
        close to one another.
    n_components : int >= 1
        At most so many dimensions; never more than there are goods or n-grams less one.
    random_state : int

    Returns
    -------
    float array of shape (n_needs, n_offers) in [-1, 1]
        0 where a text shares no n-gram with any surface.

    Raises
    ------
    ValueError
        If the surfaces hold fewer than two n-grams.

    References
    ----------
    Deerwester, Dumais, Furnas, Landauer, Harshman (1990), Indexing by latent semantic analysis; we use n-grams of
    characters in place of words.

    Examples
    --------
    >>> surfaces = ["cengkih cengkeh bunga cengkih", "beras padi"]
    >>> lsa_scores(["cengkeh"], ["cengkih", "beras"], surfaces, n_components=2).round(1)
    array([[1., 0.]])
    """
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    learned = grams.fit_transform(surfaces)
    rank = min(n_components, learned.shape[1] - 1, learned.shape[0])
    if rank < 1:
        raise ValueError("the surfaces hold too few n-grams")
    svd = TruncatedSVD(rank, random_state=random_state).fit(learned)
    asked, offered = (normalize(svd.transform(grams.transform(texts))) for texts in (needs, offers))
    return np.asarray(asked @ offered.T, dtype=np.float64)


def _cosines(vectorizer: TfidfVectorizer, needs: Sequence[str], offers: Sequence[str]) -> Floats:
    vectors = vectorizer.fit_transform([*needs, *offers])
    return _dense(vectors[: len(needs)] @ vectors[len(needs) :].T)


def _dense(matrix: sp.spmatrix) -> Floats:
    found: Floats = np.asarray(matrix.toarray(), dtype=np.float64)
    return found
