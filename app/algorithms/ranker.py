"""Rank pairs of needs and offers for both sides.

    ranking = PairRanker().fit(offers, needs).rank(top=10)
    explanations = explain_all(ranking)          # app.algorithms.explanations

Positions in the arrays are positions in the two sequences given to `fit`; the caller knows whose rows they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from app.algorithms.listing import Listing

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The proposed pairs, ordered by need, then rank; arrays of shape (n_pairs,) unless said otherwise.

    need_index, offer_index : positions in the sequences given to `PairRanker.fit`.
    buyer_gain, seller_gain : in [0, 1], what each side gets out of the pair; higher is better.
    score : in [0, 1], harmonic mean of the two gains.
    rank_for_need, rank_for_offer : 1 is best; 0 when the pair is beyond the first `top` of that side.
    level : 'strong', 'good' or 'check' (worth a talk, one term to settle first).
    suitable : True for every pair unless `rank` was asked to keep the others.
    parts : part name -> value in [0, 1]; where `known` is False it is the neutral value of that part.
    known : part name -> bool.
    facts : fact name -> the plain number behind a part (km, ratio of prices, ...); NaN where unknown.
    offers, needs : the listings that were compared.
    """

    need_index: Indices
    offer_index: Indices
    buyer_gain: Floats
    seller_gain: Floats
    score: Floats
    rank_for_need: Indices
    rank_for_offer: Indices
    level: NDArray[np.str_]
    suitable: Flags
    parts: dict[str, Floats]
    known: dict[str, Flags]
    facts: dict[str, Floats]
    offers: tuple[Listing, ...]
    needs: tuple[Listing, ...]

    def __len__(self) -> int:
        return len(self.need_index)


class PairRanker(BaseEstimator):
    """Rank offers for needs and needs for offers across provinces."""

    def __init__(self, min_match: float = 0.6, n_jobs: int = 1) -> None:
        self.min_match = min_match
        self.n_jobs = n_jobs

    def fit(self, offers: Sequence[Listing], needs: Sequence[Listing]) -> Self:
        """Learn the vocabulary of the listings."""
        raise NotImplementedError

    def rank(self, top: int = 10, *, keep_unsuitable: bool = False) -> Ranking:
        """Return the best `top` offers of each need and the best `top` needs of each offer."""
        raise NotImplementedError
