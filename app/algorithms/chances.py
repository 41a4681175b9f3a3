"""From the parts of a pair to the chance that each side says yes, and to one score.

A chance is a logistic model of the logarithms of the parts::

    chance = sigmoid(intercept + sum of weight * log(max(part, 0.05)))      (0 when the goods are other goods)

so it rises with every part and a bad term cannot be bought back by good ones. Weights are never negative. Each side
has its own: the buyer looks at price, quantity and certificates, the seller at how much of the offer is taken, the
minimum order, freight and the cold chain. The score is the harmonic mean of the two chances: a pair is only as good as
it is for both.

`COLD_START` is what holds without any decision of people: weights set by hand, their scale and the buyer's intercept
calibrated on graded pairs (docs/matching.md; weights fitted to those pairs ordered unseen ones no better).
`match train` fits both sides to decisions, starting from these.

A part that is not known holds its neutral value: below what most known values are, so that stating a fair price or
volume always helps, above what a bad one is, so that silence is not the worst answer. A part that asks nothing (no
certificate required, no season, a form that neither side names) is fully met.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

FLOOR = 0.05

PARTS: tuple[str, ...] = (
    "commodity", "form", "words", "characters", "price", "quantity", "demand", "minimum_order", "certificates",
    "months", "distance", "keeping", "freshness",
)  # fmt: skip

# part -> value where it is not known
NEUTRAL: dict[str, float] = {
    "form": 0.9,
    "price": 0.65,
    "quantity": 0.65,
    "demand": 0.65,
    "minimum_order": 0.9,
    "certificates": 1.0,
    "months": 1.0,
    "distance": 0.65,
}


@dataclass(frozen=True, slots=True)
class SideModel:
    """One side's model: `intercept` is the log odds of a perfect pair, `weights` maps parts to weights >= 0."""

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ChanceModel:
    """The models of both sides, and the name under which they are kept."""

    buyer: SideModel
    seller: SideModel
    version: str


COLD_START = ChanceModel(
    buyer=SideModel(
        3.6,
        {
            "commodity": 4.02, "form": 1.84, "words": 0.115, "characters": 0.092, "price": 1.32, "quantity": 1.15,
            "minimum_order": 0.46, "certificates": 1.15, "months": 0.805, "distance": 0.172, "keeping": 0.172,
            "freshness": 0.172,
        },
    ),
    seller=SideModel(
        3.6,
        {
            "commodity": 4.02, "form": 1.15, "words": 0.115, "characters": 0.092, "price": 1.15, "demand": 0.575,
            "minimum_order": 0.805, "certificates": 0.46, "months": 0.805, "distance": 0.345, "keeping": 0.345,
            "freshness": 0.172,
        },
    ),
    version="cold-2",
)  # fmt: skip


def log_parts(parts: Mapping[str, Floats]) -> Floats:
    """Return the parts as the model sees them: a float array of shape (n_pairs, n_parts), columns as `PARTS`."""
    return np.log(np.maximum(np.column_stack([parts[part] for part in PARTS]), FLOOR))


def side_chances(parts: Mapping[str, Floats], model: ChanceModel = COLD_START) -> tuple[Floats, Floats]:
    """Return the chance of the buyer and of the seller.

    Parameters
    ----------
    parts : mapping of every part in `PARTS` to a float array of shape (n_pairs,)
        Values in [0, 1]; higher is better.
    model : ChanceModel

    Returns
    -------
    tuple of two float arrays of shape (n_pairs,)
        Buyer's and seller's chance in [0, 1].

    Examples
    --------
    >>> perfect = {part: np.ones(1) for part in PARTS}
    >>> even = SideModel(0.0, {"price": 1.0})
    >>> buyer, _ = side_chances({**perfect, "price": np.array([0.5])}, ChanceModel(even, even, "even"))
    >>> buyer.round(3)
    array([0.333])
    """
    logs = {part: np.log(np.maximum(values, FLOOR)) for part, values in parts.items()}
    buyer, seller = (_chance(logs, parts["commodity"] > 0, side) for side in (model.buyer, model.seller))
    return buyer, seller


def joint_score(buyer_chance: Floats, seller_chance: Floats) -> Floats:
    """Return the harmonic mean of the two chances, rounded to nine digits so that equal pairs tie.

    >>> joint_score(np.array([1.0, 0.0]), np.array([0.5, 0.0])).round(3)
    array([0.667, 0.   ])
    """
    total = buyer_chance + seller_chance
    score: Floats = 2 * buyer_chance * seller_chance / np.where(total > 0, total, 1.0)
    return score.round(9)


def score_with(
    parts: Mapping[str, Floats], part: str, value: float | Floats, model: ChanceModel = COLD_START
) -> Floats:
    """Return the scores that the pairs would have if `part` had `value`.

    >>> perfect = {part: np.ones(1) for part in PARTS}
    >>> score_with(perfect, "commodity", 0.0)
    array([0.])
    """
    changed = {**parts, part: np.broadcast_to(np.asarray(value, dtype=np.float64), parts[part].shape)}
    return joint_score(*side_chances(changed, model))


def _chance(logs: Mapping[str, Floats], is_possible: NDArray[np.bool_], side: SideModel) -> Floats:
    total = np.full(len(is_possible), side.intercept)
    for part, weight in side.weights.items():
        total += weight * logs[part]
    chance: Floats = expit(total) * is_possible
    return chance
