"""Learn a chance model from decisions of people, and tell whether it is better than the one in use.

The decisions are split by time: fitted on the past, measured on the later part, as it would have been in use. What is
measured on the later part is kept as it is; nothing is fitted to it afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chance_fit import ChanceFit
from app.algorithms.chances import COLD_START, ChanceModel, SideModel, log_parts, side_chances

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

TEST_SHARE = 0.3  # the later part of the decisions
LEAST_DECISIONS = 60
LEAST_OF_EACH = 5  # answers yes and answers no, in the past and in the later part
MARGIN = 0.01  # of log loss on the later part
ORDER_TOLERANCE = 0.01  # of nDCG: some dozens of short lists tell no finer than that
KEPT_TOLERANCE = 0.1  # share of the answers yes whose chance may fall below what is proposed at all
SUITABLE_CHANCE = 0.2  # as `PairRanker.min_score`
_LOWEST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people said about pairs, one row for each side that it speaks for; arrays of shape (n,), parts (n,) each.

    parts : part name -> value in [0, 1], every part of `PARTS`.
    is_buyer : whether the row speaks for the buyer, else for the seller.
    said_yes : bool.
    weight : > 0.
    at : seconds, any origin; the time of the decision.
    pair, need, offer : numbers that tell pairs and listings apart.
    """

    parts: Mapping[str, Floats]
    is_buyer: Flags
    said_yes: Flags
    weight: Floats
    at: Floats
    pair: Indices
    need: Indices
    offer: Indices

    def __len__(self) -> int:
        return len(self.pair)

    def take(self, chosen: Flags) -> "Decisions":
        """Return the rows where `chosen` is True."""
        return Decisions(
            {part: values[chosen] for part, values in self.parts.items()}, self.is_buyer[chosen],
            self.said_yes[chosen], self.weight[chosen], self.at[chosen], self.pair[chosen], self.need[chosen],
            self.offer[chosen],
        )


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a model foretells decisions; NaN where nothing can be counted.

    log_loss, brier : weighted means over the rows of both sides; lower is better.
    ndcg : mean over lists that hold both wanted and unwanted pairs, in [0, 1]; higher is better. A list is what the
        buyer's side said about the offers for one need, or the seller's side about the needs for one offer, ordered
        by that side's chance.
    lists : number of those lists.
    kept : share of the answers yes whose chance is high enough for the pair to be proposed, in [0, 1].
    """

    log_loss: float
    brier: float
    ndcg: float
    lists: int
    kept: float


class Verdict(StrEnum):
    """Whether a newly fitted model replaces the one in use, or why not."""

    BETTER = "better"
    TOO_FEW = "too_few"
    ONE_SIDED = "one_sided"
    MARGIN = "margin"
    ORDER = "order"
    SILENT = "silent"


def split_by_time(decisions: Decisions, share: float = TEST_SHARE) -> tuple[Decisions, Decisions]:
    """Return the past and the later part; decisions of one moment stay together, in the later part.

    Parameters
    ----------
    decisions : Decisions
    share : float in (0, 1)
        The later part holds at least this share of the rows.
    """
    if not len(decisions):
        return decisions, decisions
    border = np.sort(decisions.at)[int(len(decisions) * (1 - share))]
    return decisions.take(decisions.at < border), decisions.take(decisions.at >= border)


def fit_model(
    decisions: Decisions, version: str, prior: ChanceModel = COLD_START, strength: float = 2.0
) -> ChanceModel:
    """Fit both sides around `prior`; a side about which only yes or only no was said keeps its prior."""
    return ChanceModel(
        buyer=_fit_side(decisions.take(decisions.is_buyer), prior.buyer, strength),
        seller=_fit_side(decisions.take(~decisions.is_buyer), prior.seller, strength), version=version,
    )


def _fit_side(decisions: Decisions, prior: SideModel, strength: float) -> SideModel:
    if len(np.unique(decisions.said_yes)) < 2:
        return prior
    fit = ChanceFit(prior, strength=strength)
    return fit.fit(log_parts(decisions.parts), decisions.said_yes, decisions.weight).to_side_model()


def quality_of(model: ChanceModel, decisions: Decisions) -> Quality:
    """Measure how well `model` foretells `decisions`, which it should not have been fitted to.

    Examples
    --------
    >>> from app.algorithms.chances import PARTS
    >>> parts = dict.fromkeys(PARTS, np.ones(2)) | {"price": np.array([1.0, 0.1])}
    >>> both, row = np.ones(2, dtype=bool), np.arange(2)
    >>> said = Decisions(parts, both, np.array([True, False]), np.ones(2), np.zeros(2), row, row * 0, row)
    >>> quality_of(COLD_START, said).ndcg
    1.0
    """
    if not len(decisions):
        return Quality(np.nan, np.nan, np.nan, 0, np.nan)
    buyer, seller = side_chances(decisions.parts, model)
    chance = np.where(decisions.is_buyer, buyer, seller).clip(_LOWEST_CHANCE, 1 - _LOWEST_CHANCE)
    said, weight = decisions.said_yes, decisions.weight
    lists = _ndcg_of_lists(decisions, chance)
    return Quality(
        log_loss=float(np.average(-np.log(np.where(said, chance, 1 - chance)), weights=weight)),
        brier=float(np.average((chance - said) ** 2, weights=weight)),
        ndcg=float(np.mean(lists)) if lists else np.nan, lists=len(lists),
        kept=float((chance[said] >= SUITABLE_CHANCE).mean()) if said.any() else np.nan,
    )


def _ndcg_of_lists(decisions: Decisions, chance: Floats) -> list[float]:
    """Return the nDCG of each list; a pair that one side was heard about twice stands in it once."""
    found = []
    for is_side, listing in ((decisions.is_buyer, decisions.need), (~decisions.is_buyer, decisions.offer)):
        if not is_side.any():
            continue
        _, first, row_of = np.unique(decisions.pair[is_side], return_index=True, return_inverse=True)
        weight = decisions.weight[is_side]
        gain = np.bincount(row_of, weight * decisions.said_yes[is_side]) / np.bincount(row_of, weight)
        found += _ndcg_of_each(listing[is_side][first], gain, chance[is_side][first])
    return found


def _ndcg_of_each(listing: Indices, gain: Floats, score: Floats) -> list[float]:
    # Of equal scores the unwanted pair counts as the first: a model that cannot tell them apart earns nothing.
    order = np.lexsort((gain, -score, listing))
    borders = np.concatenate([[0], np.flatnonzero(np.diff(listing[order])) + 1, [len(order)]])
    groups = (gain[order[start:end]] for start, end in pairwise(borders))
    return [ndcg(group) for group in groups if len(np.unique(group)) > 1]


def ndcg(gains: Floats) -> float:
    """Return the normalised discounted cumulative gain of a list in its order, in [0, 1].

    Parameters
    ----------
    gains : float array of shape (n,)
        Not negative, not all zero; the first is what stands on top. Discounts are 1 / log2(rank + 1).

    References
    ----------
    Jarvelin and Kekalainen (2002), Cumulated gain-based evaluation of IR techniques.

    Examples
    --------
    >>> round(ndcg(np.array([0.0, 1.0])), 4)
    0.6309
    """
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    return float(gains @ discounts / (np.sort(gains)[::-1] @ discounts))


def is_enough(past: Decisions, later: Decisions, decision_count: int) -> Verdict | None:
    """Return why these decisions are too few to learn from, or None when they are enough."""
    if decision_count < LEAST_DECISIONS:
        return Verdict.TOO_FEW
    counts = [int((rows.said_yes == said).sum()) for rows in (past, later) for said in (True, False)]
    return Verdict.ONE_SIDED if min(counts) < LEAST_OF_EACH else None


def compare(challenger: Quality, champion: Quality) -> Verdict:
    """Tell whether a challenger is better than the model in use, by its quality on the same held-out decisions.

    Better means: log loss lower by at least `MARGIN`, nDCG not lower by more than `ORDER_TOLERANCE` (where it can be
    counted), and at most `KEPT_TOLERANCE` more of the answers yes have a chance below which nothing is proposed.

    Examples
    --------
    >>> compare(Quality(0.50, 0.2, 0.9, 5, 1.0), Quality(0.52, 0.2, 0.9, 5, 1.0))
    <Verdict.BETTER: 'better'>
    >>> compare(Quality(0.50, 0.2, 0.8, 5, 1.0), Quality(0.52, 0.2, 0.9, 5, 1.0))
    <Verdict.ORDER: 'order'>
    """
    if not champion.log_loss - challenger.log_loss >= MARGIN:
        return Verdict.MARGIN
    if challenger.ndcg < champion.ndcg - ORDER_TOLERANCE:
        return Verdict.ORDER
    if challenger.kept < champion.kept - KEPT_TOLERANCE:
        return Verdict.SILENT
    return Verdict.BETTER
