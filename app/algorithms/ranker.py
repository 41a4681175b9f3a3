"""Rank pairs of needs and offers for both sides.

    ranking = PairRanker().fit(offers, needs).rank(top=10)
    explanations = explain_all(ranking)          # app.algorithms.explanations

Positions in the arrays are positions in the two sequences given to `fit`; the caller knows whose rows they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from app.algorithms.candidates import CandidateSettings, candidate_chunks
from app.algorithms.chances import COLD_START, ChanceModel, joint_score, side_chances
from app.algorithms.columns import Columns, columns_of, vocabulary_of
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.likeness import TextSide, character_pipeline, text_side, word_pipeline
from app.algorithms.listing import Listing
from app.algorithms.pair_features import PairFeatures, pair_features
from app.algorithms.relations import relation_matrix
from app.algorithms.text import content_words, phrases

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

STRONG_SCORE = 0.7  # with no term off
GOOD_SCORE = 0.5  # with no term off; everything else that is suitable is worth a check


@dataclass(frozen=True, slots=True)
class Ranking:
    """The proposed pairs, ordered by need, then rank; arrays of shape (n_pairs,) unless said otherwise.

    need_index, offer_index : positions in the sequences given to `PairRanker.fit`.
    buyer_chance, seller_chance : in [0, 1], the chance that each side says yes.
    score : in [0, 1], harmonic mean of the two chances.
    rank_for_need, rank_for_offer : 1 is best; 0 when the pair is beyond the first `top` of that side.
    level : 'strong', 'good' or 'check' (worth a talk, one term to settle first).
    suitable : True for every pair unless `rank` was asked to keep the others.
    parts : part name -> value in [0, 1]; where `known` is False it is the neutral value of that part.
    known : part name -> bool.
    facts : fact name -> the plain number behind a part (km, ratio of prices, ...); NaN where unknown.
    offers, needs : the listings that were compared.
    model : the chance model behind the scores.
    """

    need_index: Indices
    offer_index: Indices
    buyer_chance: Floats
    seller_chance: Floats
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
    model: ChanceModel = COLD_START

    def __len__(self) -> int:
        return len(self.need_index)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Listings whose texts say how much a word tells, and which goods belong to which family."""

    listings: tuple[Listing, ...]
    pipelines: tuple[Pipeline | None, Pipeline | None]


def corpus_of(listings: Sequence[Listing]) -> Corpus:
    """Learn the words of a market once, for several rankings of a few of its listings (`PairRanker.fit`)."""
    return Corpus(tuple(listings), _fitted_pipelines([_words_of(phrases(listing.text)) for listing in listings]))


class PairRanker(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Rank offers for needs and needs for offers across provinces.

    A pair is *suitable* when its goods are what the need asks for (`min_match`), in a form that can serve, with at
    most `max_terms_off` term outside what is workable, and a score of at least `min_score`. Others are not proposed:
    an empty list is a frequent and true answer.

    Parameters
    ----------
    min_match : float in [0, 1], default 0.6
        Lowest value of the part "commodity": from here the offer is the asked goods, a kind of them, or a group
        that contains them; where a side has no code, the evidence of the texts has to reach it.
    min_form : float in [0, 1], default 0.25
        Lowest value of the part "form": below, it is another product (raw against processed, live against powder).
    min_score : float in [0, 1], default 0.2
    max_terms_off : int, default 1
        Terms as counted in `app.algorithms.pair_features`.
    near_texts : int, default 20
        For large sets: how many similar texts of other provinces are looked at beside the commodity codes.
    n_jobs : int, default 1
        Threads of the sparse product.
    model : ChanceModel
        Turns the parts of a pair into the two chances.
    tree : CommodityTree, optional
        Groups of goods across families, and what stands in for what.

    Attributes
    ----------
    words_, characters_ : sklearn.pipeline.Pipeline or None
        Vectorizers of normalized texts; None when no text has a content word.
    vocabulary_ : app.algorithms.columns.Vocabulary
    relations_ : int8 array of shape (n_groups, n_groups)
    offers_, needs_ : tuples of Listing

    Notes
    -----
    Deterministic. Ties are broken by the content of the listings, so the order of the input does not matter, except
    between listings that are equal in everything.

    Examples
    --------
    >>> offer = Listing("Beras premium", commodity="beras", province="A")
    >>> need = Listing("cari beras", commodity="beras", province="B")
    >>> ranking = PairRanker().fit([offer], [need]).rank(top=10)
    >>> len(ranking), ranking.rank_for_need.tolist()
    (1, [1])
    """

    def __init__(
        self,
        min_match: float = 0.6,
        min_form: float = 0.25,
        min_score: float = 0.2,
        max_terms_off: int = 1,
        near_texts: int = 20,
        n_jobs: int = 1,
        model: ChanceModel = COLD_START,
        tree: CommodityTree | None = None,
    ) -> None:
        self.min_match = min_match
        self.min_form = min_form
        self.min_score = min_score
        self.max_terms_off = max_terms_off
        self.near_texts = near_texts
        self.n_jobs = n_jobs
        self.model = model
        self.tree = tree

    def fit(
        self, offers: Sequence[Listing], needs: Sequence[Listing], *, corpus: "Corpus | None" = None
    ) -> Self:
        """Learn the vocabulary of the listings.

        Parameters
        ----------
        offers, needs : sequences of Listing
            Either may be empty.
        corpus : Corpus, optional
            What is known of a whole market, so that a few changed listings are compared as they would be in it.

        Returns
        -------
        PairRanker

        Raises
        ------
        ValueError
            If a parameter is out of range, a month is not in 1..12 or a place is off the globe.
        """
        self._check_parameters()
        self.offers_, self.needs_ = tuple(offers), tuple(needs)
        parsed = [phrases(listing.text) for listing in (*offers, *needs)]
        texts = [_words_of(one) for one in parsed]
        self.words_, self.characters_ = _fitted_pipelines(texts) if corpus is None else corpus.pipelines
        self.vocabulary_ = vocabulary_of((*offers, *needs, *(corpus.listings if corpus else ())))
        self.relations_ = relation_matrix(self.vocabulary_.groups, self.vocabulary_.group_family, self.tree)
        n = len(self.offers_)
        self._offer_columns = columns_of(self.offers_, parsed[:n], self.vocabulary_)
        self._need_columns = columns_of(self.needs_, parsed[n:], self.vocabulary_)
        self._offer_text = text_side(texts[:n], self.words_, self.characters_)
        self._need_text = text_side(texts[n:], self.words_, self.characters_)
        return self

    def rank(
        self,
        top: int = 10,
        *,
        keep_unsuitable: bool = False,
        on_progress: Callable[[float], None] | None = None,
    ) -> Ranking:
        """Return the union of the best `top` offers of each need and the best `top` needs of each offer.

        Parameters
        ----------
        top : int
            Length of the lists, at least 1.
        keep_unsuitable : bool
            Also return pairs that would not be proposed, after the suitable ones: to measure and to debug.
        on_progress : callable, optional
            Called with the share of needs that are done, rising to 1.0.

        Returns
        -------
        Ranking

        Raises
        ------
        ValueError
            If `top` is below 1.
        sklearn.exceptions.NotFittedError
            If `fit` was not called.
        """
        check_is_fitted(self, "relations_")
        if top < 1:
            raise ValueError("top must be at least 1")
        best = _Best(top, self._need_columns.order, self._offer_columns.order)
        settings = CandidateSettings(self.near_texts, keep_unsuitable, self.n_jobs)
        for need_index, offer_index in candidate_chunks(*self._sides(), self.relations_, settings):
            features = self._features(need_index, offer_index)
            score = joint_score(*side_chances(features.parts, self.model))
            is_suitable = self._is_suitable(features, score)
            keep = score > 0 if keep_unsuitable else is_suitable
            best.add(need_index[keep], offer_index[keep], score[keep], is_suitable[keep])
            if on_progress is not None:
                on_progress((int(need_index[-1]) + 1) / len(self.needs_))
        ranking = self._ranking(best)
        if on_progress is not None:
            on_progress(1.0)
        return ranking

    def _sides(self) -> tuple[Columns, Columns, TextSide, TextSide]:
        return self._need_columns, self._offer_columns, self._need_text, self._offer_text

    def _features(self, need_index: Indices, offer_index: Indices) -> PairFeatures:
        return pair_features(*self._sides(), self.relations_, need_index, offer_index)

    def _is_suitable(self, features: PairFeatures, score: Floats) -> Flags:
        parts = features.parts
        return (
            (parts["commodity"] >= self.min_match)
            & (parts["form"] >= self.min_form)
            & (features.facts["terms_off"] <= self.max_terms_off)
            & (score >= self.min_score)
        )

    def _ranking(self, best: "_Best") -> Ranking:
        need_index, offer_index, suitable, for_need, for_offer = best.listed()
        features = self._features(need_index, offer_index)
        buyer, seller = side_chances(features.parts, self.model)
        score = joint_score(buyer, seller)
        return Ranking(
            need_index=need_index,
            offer_index=offer_index,
            buyer_chance=buyer,
            seller_chance=seller,
            score=score,
            rank_for_need=for_need,
            rank_for_offer=for_offer,
            level=_levels(score, features.facts["terms_off"]),
            suitable=suitable,
            parts=features.parts,
            known=features.known,
            facts=features.facts,
            offers=self.offers_,
            needs=self.needs_,
            model=self.model,
        )

    def _check_parameters(self) -> None:
        for name in ("min_match", "min_form", "min_score"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], not {getattr(self, name)}")
        if self.max_terms_off < 0 or self.near_texts < 0:
            raise ValueError("max_terms_off and near_texts must not be negative")


class _Best:
    """The best pairs seen so far, for each need and for each offer."""

    _COMPACT_ABOVE = 1_000_000

    def __init__(self, top: int, need_order: Indices, offer_order: Indices) -> None:
        self._top, self._need_order, self._offer_order = top, need_order, offer_order
        self._need: Indices = np.empty(0, dtype=np.intp)
        self._offer: Indices = np.empty(0, dtype=np.intp)
        self._score: Floats = np.empty(0)
        self._suitable: Flags = np.empty(0, dtype=np.bool_)

    def add(self, need: Indices, offer: Indices, score: Floats, suitable: Flags) -> None:
        """Take the pairs in; a pair that is in neither side's list is dropped at once."""
        keep = self._is_listed(need, offer, score, suitable)
        self._need = np.concatenate([self._need, need[keep]])
        self._offer = np.concatenate([self._offer, offer[keep]])
        self._score = np.concatenate([self._score, score[keep]])
        self._suitable = np.concatenate([self._suitable, suitable[keep]])
        if len(self._need) > self._COMPACT_ABOVE:
            self._compact()

    def listed(self) -> tuple[Indices, Indices, Flags, Indices, Indices]:
        """Return need, offer, suitable, rank for need, rank for offer, ordered by need and its ranks."""
        self._compact()
        for_need, for_offer = self._ranks(self._need, self._offer, self._score, self._suitable)
        late = np.where(for_need == 0, np.iinfo(np.intp).max, for_need)
        order = np.lexsort((self._offer, for_offer, late, self._need))
        need, offer, suitable = self._need[order], self._offer[order], self._suitable[order]
        return need, offer, suitable, for_need[order], for_offer[order]

    def _compact(self) -> None:
        keep = self._is_listed(self._need, self._offer, self._score, self._suitable)
        self._need, self._offer = self._need[keep], self._offer[keep]
        self._score, self._suitable = self._score[keep], self._suitable[keep]

    def _is_listed(self, need: Indices, offer: Indices, score: Floats, suitable: Flags) -> Flags:
        for_need, for_offer = self._ranks(need, offer, score, suitable)
        return (for_need > 0) | (for_offer > 0)

    def _ranks(self, need: Indices, offer: Indices, score: Floats, suitable: Flags) -> tuple[Indices, Indices]:
        for_need = _rank_within(need, score, suitable, self._offer_order[offer], self._top)
        for_offer = _rank_within(offer, score, suitable, self._need_order[need], self._top)
        return for_need, for_offer


def _rank_within(group: Indices, score: Floats, suitable: Flags, tie: Indices, top: int) -> Indices:
    """Return 1, 2, ... within each group by suitability, score and tie; 0 beyond `top`."""
    order = np.lexsort((tie, -score, ~suitable, group))
    sorted_group = group[order]
    starts = np.flatnonzero(np.diff(sorted_group, prepend=-1))
    sizes = np.diff(starts, append=len(group))
    rank = np.empty(len(group), dtype=np.intp)
    rank[order] = np.arange(len(group)) - np.repeat(starts, sizes) + 1
    rank[rank > top] = 0
    return rank


def _levels(score: Floats, terms_off: Floats) -> NDArray[np.str_]:
    is_clean = terms_off == 0
    levels = [is_clean & (score >= STRONG_SCORE), is_clean & (score >= GOOD_SCORE)]
    return np.select(levels, ["strong", "good"], default="check")


def _words_of(parsed: Sequence[tuple[str, ...]]) -> str:
    return " ".join(word for phrase in parsed for word in phrase)


def _fitted_pipelines(texts: list[str]) -> tuple[Pipeline | None, Pipeline | None]:
    if not any(content_words(text) for text in texts):
        return None, None
    return word_pipeline().fit(texts), character_pipeline().fit(texts)
