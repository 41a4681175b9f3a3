"""From the parts of a pair to what each side gains, and to one score.

A gain is a weighted geometric mean without normalization::

    gain = product over parts of max(value, 0.05) ** weight      (0 when the goods are other goods)

so it is 1 for a perfect pair, rises with every part, and a bad term cannot be bought back by good ones. The score is
the harmonic mean of the two gains: a pair is only as good as it is for both.

Weights are set by hand, as long as no decisions of people exist to learn from. A weight of 0.35 means that the worst
price costs 65 % of the gain (0.05 ** 0.35 = 0.35).

===============  ======  ======  =======  ==========================================================================
part             buyer   seller  neutral  why
===============  ======  ======  =======  ==========================================================================
commodity         1.00    1.00     -      other goods are no deal at all; where a side has no code, words decide
form              0.50    0.30    0.90    the buyer has to use it; neutral where only one side names it
words             0.03    0.03     -      grade and brand words order goods of the same code
characters        0.02    0.02     -      the same for spellings
price             0.35    0.30    0.65    same direction for both: asking below highest price leaves room for both
quantity          0.30    0.00    0.65    share of the need that the offer covers
demand            0.00    0.15    0.65    share of the offer that the need takes
minimum_order     0.12    0.20    0.90    an order below the minimum is no order for the seller
certificates      0.30    0.12    1.00    the buyer cannot sell without; for the seller it costs time and money
months            0.20    0.20    1.00    deliveries have to meet in the year
distance          0.06    0.10    0.65    the seller mostly carries freight
keeping           0.05    0.10     -      the seller carries the risk of the cold chain
freshness         0.05    0.05     -      old listings are often no longer true
===============  ======  ======  =======  ==========================================================================

`neutral` is the value of a part that is not known: below what most known values are, so that stating a fair price or
volume always helps, above what a bad one is, so that silence is not the worst answer. A part that asks nothing (no
certificate required, no season, a form that neither side names) is fully met.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLOOR = 0.05

# part -> (weight for the buyer, weight for the seller)
WEIGHTS: dict[str, tuple[float, float]] = {
    "commodity": (1.0, 1.0),
    "form": (0.5, 0.3),
    "words": (0.03, 0.03),
    "characters": (0.02, 0.02),
    "price": (0.35, 0.3),
    "quantity": (0.3, 0.0),
    "demand": (0.0, 0.15),
    "minimum_order": (0.12, 0.2),
    "certificates": (0.3, 0.12),
    "months": (0.2, 0.2),
    "distance": (0.06, 0.1),
    "keeping": (0.05, 0.1),
    "freshness": (0.05, 0.05),
}
PARTS: tuple[str, ...] = tuple(WEIGHTS)

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


def side_gains(parts: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return the gain of the buyer and of the seller.

    Parameters
    ----------
    parts : mapping of every part in `PARTS` to a float array of shape (n_pairs,)
        Values in [0, 1]; higher is better.

    Returns
    -------
    tuple of two float arrays of shape (n_pairs,)
        Buyer's and seller's gain in [0, 1].

    Examples
    --------
    >>> perfect = {part: np.ones(1) for part in PARTS}
    >>> side_gains(perfect)
    (array([1.]), array([1.]))
    >>> buyer, seller = side_gains({**perfect, "price": np.array([0.05])})
    >>> buyer.round(3), seller.round(3)
    (array([0.35]), array([0.407]))
    """
    n = len(parts["commodity"])
    logs = np.zeros((2, n))
    for part, (buyer, seller) in WEIGHTS.items():
        log = np.log(np.maximum(parts[part], FLOOR))
        logs[0] += buyer * log
        logs[1] += seller * log
    gains = np.exp(logs) * (parts["commodity"] > 0)
    return gains[0], gains[1]


def joint_score(buyer_gain: Floats, seller_gain: Floats) -> Floats:
    """Return the harmonic mean of the two gains, rounded to nine digits so that equal pairs tie.

    >>> joint_score(np.array([1.0, 0.0]), np.array([0.5, 0.0])).round(3)
    array([0.667, 0.   ])
    """
    total = buyer_gain + seller_gain
    score: Floats = 2 * buyer_gain * seller_gain / np.where(total > 0, total, 1.0)
    return score.round(9)


def score_with(parts: Mapping[str, Floats], part: str, value: float | Floats) -> Floats:
    """Return the scores that the pairs would have if `part` had `value`.

    >>> perfect = {part: np.ones(1) for part in PARTS}
    >>> score_with(perfect, "commodity", 0.0)
    array([0.])
    """
    changed = {**parts, part: np.broadcast_to(np.asarray(value, dtype=np.float64), parts[part].shape)}
    return joint_score(*side_gains(changed))
