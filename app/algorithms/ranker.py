"""Rank pairs of needs and offers for both sides.

    ranking = PairRanker().fit(offers, needs).rank(top=10)
    explanations = explain_all(ranking)          # app.algorithms.explanations

Positions in the arrays are positions in the two sequences given to `fit`; the caller knows whose rows they are.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from app.algorithms.best_pairs import BestPairs, Pairs, in_reading_order, rank_by, urgency_of
from app.algorithms.candidates import CandidateSettings, Sides, candidate_chunks, near_texts
from app.algorithms.chances import COLD_START, ChanceModel, joint_score, side_chances
from app.algorithms.columns import Columns, columns_of, extended, vocabulary_of
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.likeness import TextSide, TextVectors, least_likeness
from app.algorithms.listing import Listing
from app.algorithms.pair_features import MAX_DESPITE_CODES, PairFeatures, pair_features
from app.algorithms.relations import relation_matrix
from app.algorithms.text import content_words, phrases
from app.algorithms.two_sided import TransferableUtilityOrder

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

STRONG_SCORE = 0.7  # with no term off
GOOD_SCORE = 0.5  # with no term off; everything else that is suitable is worth a check
MARKET_POOL = 50  # of each side's best pairs by score, among which the order by transferable utility chooses
MARKET_PAIRS = 2_500_000  # about so many a side at most: the pool of a very large market is less deep
_BATCH_PAIRS = 50_000  # whose texts are held at once
Order = Literal["score", "market"]
Parsed = Sequence[list[tuple[str, ...]]]
T = TypeVar("T")
R = TypeVar("R")


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
    vectors: TextVectors


def corpus_of(listings: Sequence[Listing]) -> Corpus:
    """Learn the words of a market once, for several rankings of a few of its listings (`PairRanker.fit`)."""
    return Corpus(tuple(listings), TextVectors().fit([_content_of(phrases(listing.text)) for listing in listings]))


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
        Threads that score pairs and multiply texts; the result is the same with any number.
    model : ChanceModel
        Turns the parts of a pair into the two chances.
    tree : CommodityTree, optional
        Groups of goods across families, and what stands in for what.

    Attributes
    ----------
    vectors_ : app.algorithms.likeness.TextVectors
        Of the words and characters of the texts.
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
        self.vocabulary_ = vocabulary_of((*offers, *needs, *(corpus.listings if corpus else ())))
        offer_parsed, need_parsed = self._parsed(self.offers_), self._parsed(self.needs_)
        offer, need = self._columns(self.offers_, offer_parsed), self._columns(self.needs_, need_parsed)
        self.relations_ = relation_matrix(self.vocabulary_.groups, self.vocabulary_.group_family, self.tree)
        need_text, offer_text = self._vectorized(need_parsed, offer_parsed, corpus)
        self._sides = Sides(need, offer, need_text, offer_text, self.relations_)
        return self

    def rank(
        self,
        top: int = 10,
        *,
        order: Order = "score",
        keep_unsuitable: bool = False,
        on_progress: Callable[[float], None] | None = None,
    ) -> Ranking:
        """Return the union of the best `top` offers of each need and the best `top` needs of each offer.

        Parameters
        ----------
        top : int
            Length of the lists, at least 1.
        order : {'score', 'market'}
            By what the lists are ordered: by score; or by `app.algorithms.two_sided.TransferableUtilityOrder` among
            the best pairs by score (`MARKET_POOL` of each side, fewer above 50,000 listings, never fewer than `top`),
            so that attention does not gather on few firms. Pairs that are not suitable come after, by score.
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
            If `top` is below 1 or the order is not known.
        sklearn.exceptions.NotFittedError
            If `fit` was not called.
        """
        self._check_request(top, order)
        best = self.best_pairs(top, order)
        for done, pairs in self.scored(keep_unsuitable=keep_unsuitable):
            best.add(pairs)
            if on_progress is not None:
                on_progress(done)
        ranking = self.ranking_of(best, top, order)
        if on_progress is not None:
            on_progress(1.0)
        return ranking

    def rank_one(self, listing: Listing, side: Literal["need", "offer"], top: int = 10) -> Ranking:
        """Return the list of one listing against the whole other side, by score, without ranking anything else.

        Parameters
        ----------
        listing : Listing
            One of those given to `fit`, or a new or changed one; it then brings goods, units and certificates of its
            own, and words that `fit` has not seen count as absent.
        side : {'need', 'offer'}
            Which side it is on.
        top : int

        Returns
        -------
        Ranking
            Only of this listing, at position 0 of its side; ranks of the other side are 0. For a listing of `fit` the
            same partners, scores and ranks as its own list in `rank`.

        Raises
        ------
        ValueError
            If `top` is below 1 or the listing cannot be compared.
        sklearn.exceptions.NotFittedError
            If `fit` was not called.
        """
        self._check_request(top, "score")
        alone = self._alone(listing, is_need=side == "need")
        others = alone._sides.offer if side == "need" else alone._sides.need
        own = alone._sides.need if side == "need" else alone._sides.offer
        partner = np.flatnonzero(others.province != own.province[0])
        place = np.zeros(len(partner), dtype=np.intp)
        pairs = alone._scored(place, partner) if side == "need" else alone._scored(partner, place)
        pairs = pairs[pairs.suitable]
        partners = pairs.offer if side == "need" else pairs.need
        ranks = rank_by(np.zeros(len(pairs), dtype=np.intp), urgency_of(pairs), others.order, partners, top)
        kept = np.flatnonzero(ranks)[np.argsort(ranks[ranks > 0])]
        none = np.zeros(len(kept), dtype=np.intp)
        for_need, for_offer = (ranks[kept], none) if side == "need" else (none, ranks[kept])
        return alone._ranking(pairs[kept], for_need, for_offer)

    def best_pairs(self, top: int, order: Order = "score") -> BestPairs:
        """Return an empty collection for what `scored` yields; `ranking_of` makes the ranking of it."""
        deep = min(MARKET_POOL, MARKET_PAIRS // max(1, len(self.needs_), len(self.offers_)))
        size = max(top, deep) if order == "market" else top
        return BestPairs(size, self._sides.need.order, self._sides.offer.order)

    def near(self, *, keep_unsuitable: bool = False) -> Indices:
        """Return the similar texts among the candidates, once for all partitions."""
        check_is_fitted(self, "relations_")
        return near_texts(self._sides, self._settings(keep_unsuitable))

    def scored(
        self, needs: range | None = None, near: Indices | None = None, *, keep_unsuitable: bool = False
    ) -> Iterator[tuple[float, Pairs]]:
        """Yield the share that is done and the scored candidates of the next needs, those that suit unless told.

        Parameters
        ----------
        needs : range, optional
            Only these: a partition. All partitions together yield what the whole does.
        near : int array, optional
            From `near`; found here when left out.
        keep_unsuitable : bool
        """
        needs = range(len(self.needs_)) if needs is None else needs
        chunks = candidate_chunks(self._sides, self._settings(keep_unsuitable), near, needs)
        jobs = ((int(need[-1]) + 1 - needs.start, need, offer) for need, offer in chunks)
        for done, pairs in in_threads(lambda job: (job[0], self._scored(job[1], job[2])), jobs, self.n_jobs):
            suits = pairs.score > 0 if keep_unsuitable else pairs.suitable
            yield done / len(needs), pairs[suits]

    def ranking_of(self, best: BestPairs, top: int, order: Order = "score") -> Ranking:
        """Return the ranking of everything that was added to `best`."""
        pairs, for_need, for_offer = best.listed()
        if order == "market":
            for_need, for_offer = _market_ranks(pairs, (len(self.needs_), len(self.offers_)), self._sides, top)
            keep = (for_need > 0) | (for_offer > 0)
            pairs, for_need, for_offer = in_reading_order(pairs[keep], for_need[keep], for_offer[keep])
        return self._ranking(pairs, for_need, for_offer)

    def _alone(self, listing: Listing, *, is_need: bool) -> "PairRanker":
        """Return this ranker with one listing in place of a whole side."""
        vocabulary, parsed = extended(self.vocabulary_, listing), self._parsed([listing])
        own = columns_of([listing], parsed, vocabulary)
        text = self.vectors_.transform([_content_of(parsed[0])])
        relations = self.relations_
        if len(vocabulary.groups) > len(relations):
            relations = relation_matrix(vocabulary.groups, vocabulary.group_family, self.tree)
        n_bytes, was = own.certificates.shape[1], self._sides
        alone = copy(self)
        if is_need:
            alone.needs_, alone.offers_ = (listing,), self.offers_
            alone._sides = Sides(own, was.offer.with_certificates(n_bytes), text, was.offer_text, relations)
        else:
            alone.needs_, alone.offers_ = self.needs_, (listing,)
            alone._sides = Sides(was.need.with_certificates(n_bytes), own, was.need_text, text, relations)
        return alone

    def _parsed(self, listings: Sequence[Listing]) -> Parsed:
        return [phrases(listing.text) for listing in listings]

    def _columns(self, listings: Sequence[Listing], parsed: Parsed) -> Columns:
        return columns_of(listings, parsed, self.vocabulary_)

    def _vectorized(self, need: Parsed, offer: Parsed, corpus: Corpus | None) -> tuple[TextSide, TextSide]:
        cut = [_content_of(one) for one in (*need, *offer)]
        self.vectors_ = TextVectors().fit(cut) if corpus is None else corpus.vectors
        return self.vectors_.transform(cut[: len(need)]), self.vectors_.transform(cut[len(need) :])

    def _settings(self, keep_unsuitable: bool) -> CandidateSettings:
        # Texts that are too little alike cannot make a pair suitable; nor can they where both sides have codes.
        is_open = keep_unsuitable or self.min_match <= MAX_DESPITE_CODES
        least = 0.0 if is_open else 0.999 * least_likeness(self.min_match)
        return CandidateSettings(self.near_texts, is_open, self.n_jobs, least)

    def _scored(self, need_index: Indices, offer_index: Indices) -> Pairs:
        features = self._features(need_index, offer_index)
        buyer, seller = side_chances(features.parts, self.model)
        score = joint_score(buyer, seller)
        suitable = self._is_suitable(features, score)
        return Pairs(need_index.astype(np.int32), offer_index.astype(np.int32), buyer, seller, score, suitable)

    def _features(self, need_index: Indices, offer_index: Indices) -> PairFeatures:
        one = self._sides
        return pair_features(
            one.need, one.offer, one.need_text, one.offer_text, one.relations, need_index, offer_index
        )

    def _is_suitable(self, features: PairFeatures, score: Floats) -> Flags:
        parts = features.parts
        return (
            (parts["commodity"] >= self.min_match)
            & (parts["form"] >= self.min_form)
            & (features.facts["terms_off"] <= self.max_terms_off)
            & (score >= self.min_score)
        )

    def _ranking(self, pairs: Pairs, for_need: Indices, for_offer: Indices) -> Ranking:
        need_index, offer_index = pairs.need.astype(np.intp), pairs.offer.astype(np.intp)
        features = batched_features(lambda some: self._features(need_index[some], offer_index[some]), len(pairs))
        return Ranking(
            need_index=need_index,
            offer_index=offer_index,
            buyer_chance=pairs.buyer,
            seller_chance=pairs.seller,
            score=pairs.score,
            rank_for_need=for_need,
            rank_for_offer=for_offer,
            level=_levels(pairs.score, features.facts["terms_off"]),
            suitable=pairs.suitable,
            parts=features.parts,
            known=features.known,
            facts=features.facts,
            offers=self.offers_,
            needs=self.needs_,
            model=self.model,
        )

    def _check_request(self, top: int, order: str) -> None:
        check_is_fitted(self, "relations_")
        if top < 1:
            raise ValueError("top must be at least 1")
        if order not in ("score", "market"):
            raise ValueError(f"order must be 'score' or 'market', not {order!r}")

    def _check_parameters(self) -> None:
        for name in ("min_match", "min_form", "min_score"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], not {getattr(self, name)}")
        if self.max_terms_off < 0 or self.near_texts < 0:
            raise ValueError("max_terms_off and near_texts must not be negative")


def in_threads(function: Callable[[T], R], items: Iterable[T], n_jobs: int) -> Iterator[R]:
    """Yield the results for `items` in their order, a few ahead in other threads when `n_jobs` is above 1.

    >>> list(in_threads(abs, [-1, -2], n_jobs=2))
    [1, 2]
    """
    if n_jobs <= 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(n_jobs) as pool:
        ahead: deque[Future[R]] = deque()
        for item in items:
            ahead.append(pool.submit(function, item))
            if len(ahead) > n_jobs:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def batched_features(features: Callable[[slice], PairFeatures], n_pairs: int) -> PairFeatures:
    """Return the features of all pairs, computed some at a time: what is held of their texts stays small."""
    first = features(slice(0, _BATCH_PAIRS))
    if n_pairs <= _BATCH_PAIRS:
        return first
    found = PairFeatures(
        {part: np.empty(n_pairs) for part in first.parts},
        {part: np.empty(n_pairs, dtype=np.bool_) for part in first.known},
        {fact: np.empty(n_pairs) for fact in first.facts},
    )
    for start in range(0, n_pairs, _BATCH_PAIRS):
        some = slice(start, start + _BATCH_PAIRS)
        batch = features(some)
        for name in found.parts:
            found.parts[name][some], found.known[name][some] = batch.parts[name], batch.known[name]
        for name in found.facts:
            found.facts[name][some] = batch.facts[name]
    return found


def _market_ranks(pairs: Pairs, sizes: tuple[int, int], sides: Sides, top: int) -> tuple[Indices, Indices]:
    """Return the ranks by transferable utility of the suitable pairs; the others follow by score."""
    suits = np.flatnonzero(pairs.suitable)
    chosen = pairs[suits]
    order = TransferableUtilityOrder().fit(chosen.need, chosen.offer, chosen.buyer, chosen.seller, *sizes)
    listed = order.ranks(MARKET_POOL + top, sides.need.order, sides.offer.order)
    urgency = urgency_of(pairs)
    found = []
    for own, partner, tie_order, ranks in (
        (pairs.need, pairs.offer, sides.offer.order, listed[0]),
        (pairs.offer, pairs.need, sides.need.order, listed[1]),
    ):
        placed = urgency.copy()
        placed[suits] = np.where(ranks > 0, ranks, placed[suits])
        found.append(rank_by(own, placed, tie_order, partner, top))
    return found[0], found[1]


def _levels(score: Floats, terms_off: Floats) -> NDArray[np.str_]:
    is_clean = terms_off == 0
    levels = [is_clean & (score >= STRONG_SCORE), is_clean & (score >= GOOD_SCORE)]
    return np.select(levels, ["strong", "good"], default="check")


def _content_of(parsed: Sequence[tuple[str, ...]]) -> list[str]:
    return content_words(" ".join(word for phrase in parsed for word in phrase))
