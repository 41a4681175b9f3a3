"""The nearest goods of a text that names none by a known phrase: cosine of words against all words of each good."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from app.algorithms.text import STOPWORDS, word_set

_CLAIMS = word_set("sni iso halal bpom pirt haccp nkv skp svlk organik sertifikat")  # of certificates, not of goods
MAX_CONFIDENCE = 0.7  # a guess is never as good as a known phrase
_BASE, _LEAST_COSINE, _NEARLY = 0.25, 0.2, 0.92


class GoodsFinder:
    """Find the goods whose words are nearest to those of a text.

    Parameters
    ----------
    surfaces : mapping of code to sequences of normalized words
        All phrases of each good.

    Examples
    --------
    >>> finder = GoodsFinder({"fuli": [("bunga", "pala"), ("fuli",)], "beras": [("beras", "pulen")]})
    >>> finder.guess(["fuli", "utuh"])[0][0]
    'fuli'
    >>> finder.guess(["kapal"])
    []
    """

    def __init__(self, surfaces: Mapping[str, Iterable[Sequence[str]]]) -> None:
        self._codes = list(surfaces)
        documents = [[word for phrase in surfaces[code] for word in phrase if _says(word)] for code in self._codes]
        self._vectorizer = TfidfVectorizer(analyzer=_same, sublinear_tf=True, dtype=np.float32)
        has_words = any(documents)
        self._goods = self._vectorizer.fit_transform(documents).T.tocsr() if has_words else None

    def guess(self, words: Sequence[str], further: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Return up to two (code, confidence in [0, 0.7]), best first; empty where nothing is near.

        Parameters
        ----------
        words, further : sequences of normalized words
            Of the title, and of the description, which counts for less.
        """
        if self._goods is None:
            return []
        title, description = self._vectorizer.transform([[w for w in ws if _says(w)] for ws in (words, further)])
        cosines = (title @ self._goods).toarray()[0]
        cosines = 0.75 * cosines + 0.25 * (description @ self._goods).toarray()[0]
        known = [word in self._vectorizer.vocabulary_ for word in words if _says(word)]
        covered = sum(known) / max(1, len(known))  # a word that no good has may say another thing
        best = np.argsort(-cosines, kind="stable")[:2]
        return [
            (self._codes[place], round(min(MAX_CONFIDENCE, _BASE + covered * float(cosines[place])), 4))
            for place in best
            if cosines[place] >= max(_LEAST_COSINE, _NEARLY * cosines[best[0]])
        ]


def _says(word: str) -> bool:
    return len(word) > 1 and word not in STOPWORDS and word not in _CLAIMS and not word[0].isdigit()


def _same(words: list[str]) -> list[str]:
    return words
