"""How fast the model finds a preference that nobody told it: simulated people with a hidden model.

The hidden people care far more for price and distance than the cold start thinks, and less for volume and months.
Decisions are drawn from their chances, so that the same pair is sometimes wanted and sometimes not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chances import COLD_START, PARTS, ChanceModel, SideModel, joint_score, side_chances
from app.algorithms.learning import Decisions, Quality, Verdict, compare, fit_model, quality_of, split_by_time

Floats = NDArray[np.float64]

LIST_LENGTH = 10
FRESH_LISTS, FRESH_OFFERS = 200, 30
HIDDEN = ChanceModel(
    buyer=SideModel(4.5, {**COLD_START.buyer.weights, "price": 4.0, "distance": 2.0, "quantity": 0.2, "months": 0.1}),
    seller=SideModel(4.5, {**COLD_START.seller.weights, "price": 0.3, "distance": 2.0, "demand": 1.5}),
    version="hidden",
)
_EXACT_SHARE = {"commodity": 0.6, "form": 0.8, "certificates": 0.8, "months": 0.7, "minimum_order": 0.7}


@dataclass(frozen=True, slots=True)
class Learned:
    """What came out of one simulation.

    before, after, best : mean nDCG@10 on fresh lists, by the cold start, the fitted and the hidden model; the gain
        of a pair is the hidden people's chance, above the smallest of its list.
    model : the fitted model; champion, challenger : quality on the held-out decisions; verdict : whether it is used.
    """

    before: float
    after: float
    best: float
    model: ChanceModel
    champion: Quality
    challenger: Quality
    verdict: Verdict


def simulate_learning(decision_count: int = 300, seed: int = 1, hidden: ChanceModel = HIDDEN) -> Learned:
    """Draw decisions of hidden people, learn from the earlier ones, and rank fresh pairs.

    Parameters
    ----------
    decision_count : int >= 20
        Said in lists of ten, every other list by a buyer, the rest by sellers.
    seed : int
    hidden : ChanceModel
        What people really want.
    """
    random = np.random.default_rng(seed)
    decisions = draw_decisions(random, decision_count, hidden)
    past, later = split_by_time(decisions)
    model = fit_model(past, "fitted")
    champion, challenger = quality_of(COLD_START, later), quality_of(model, later)
    fresh = _parts(random, FRESH_LISTS * FRESH_OFFERS)
    truth = joint_score(*side_chances(fresh, hidden))
    before, after, best = (_fresh_ndcg(fresh, truth, one) for one in (COLD_START, model, hidden))
    return Learned(before, after, best, model, champion, challenger, compare(challenger, champion))


def draw_decisions(random: np.random.Generator, count: int, hidden: ChanceModel) -> Decisions:
    """Return what people with a hidden model said; `at` counts decisions."""
    row = np.arange(count, dtype=np.intp)
    listing = row // LIST_LENGTH
    parts, is_buyer = _parts(random, count), listing % 2 == 0
    buyer, seller = side_chances(parts, hidden)
    said = random.random(count) < np.where(is_buyer, buyer, seller)
    at = random.permutation(count).astype(np.float64)  # whoever answers first
    need, offer = np.where(is_buyer, listing, row), np.where(is_buyer, row, listing)
    return Decisions(parts, is_buyer, said, np.ones(count), at, row, need, offer)


def _parts(random: np.random.Generator, count: int) -> dict[str, Floats]:
    """Return parts as proposals have them: the goods fit more or less, many terms are met, others anything."""
    parts = {}
    for part in PARTS:
        values = random.uniform(0.6 if part == "commodity" else 0.1, 1.0, count)
        parts[part] = np.where(random.random(count) < _EXACT_SHARE.get(part, 0.0), 1.0, values)
    return parts


def _fresh_ndcg(parts: Mapping[str, Floats], truth: Floats, model: ChanceModel) -> float:
    score = joint_score(*side_chances(parts, model)).reshape(FRESH_LISTS, FRESH_OFFERS)
    gains = truth.reshape(FRESH_LISTS, FRESH_OFFERS)
    return float(np.mean([_at_ten(gain, one) for gain, one in zip(gains, score, strict=True)]))


def _at_ten(gain: Floats, score: Floats) -> float:
    above = gain - gain.min()
    discounts = 1 / np.log2(np.arange(2, LIST_LENGTH + 2))
    reached, possible = above[np.argsort(-score, kind="stable")], np.sort(above)[::-1]
    return float(reached[:LIST_LENGTH] @ discounts / (possible[:LIST_LENGTH] @ discounts))
