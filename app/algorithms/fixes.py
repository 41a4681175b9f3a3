"""What the seller and the buyer can do to make a pair better, with what it would bring in points of score."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chances import COLD_START, ChanceModel, joint_score, side_chances
from app.algorithms.listing import Listing
from app.algorithms.pairs import (
    Pair,
    Reason,
    has_minimum,
    has_price,
    has_volume,
    joined,
    missing_certificates,
    months_lost,
    percent,
)

Floats = NDArray[np.float64]

RENEW_AFTER_DAYS = 30
_PACKED = 0.95

# Fix -> the parts that it touches and the value each of them reaches at least. Stating something is taken to reveal
# fair terms, not the best ones.
_REACHES: dict[str, dict[str, float]] = {
    "price": {"price": 0.9},
    "volume": {"quantity": 0.95, "demand": 0.7},
    "minimum_order": {"minimum_order": 1.0},
    "certificates": {"certificates": 1.0},
    "months": {"months": 1.0},
    "keeping": {"keeping": _PACKED},
    "commodity": {"commodity": 1.0},
    "form": {"form": 1.0},
    "freshness": {"freshness": 1.0},
}


def fix_scores(parts: Mapping[str, Floats], model: ChanceModel = COLD_START) -> dict[str, Floats]:
    """Return the scores that pairs would have after each kind of fix.

    Parameters
    ----------
    parts : mapping of part to float array of shape (n_pairs,)
    model : ChanceModel

    Returns
    -------
    dict of subject (price, volume, ...) to float array of shape (n_pairs,)
        Never below the present score.
    """
    found = {}
    for subject, reached in _REACHES.items():
        changed = {**parts, **{part: np.maximum(parts[part], value) for part, value in reached.items()}}
        found[subject] = joint_score(*side_chances(changed, model))
    return found


def seller_fixes(pair: Pair, gains: Mapping[str, float]) -> list[Reason]:
    """Return what the seller can do, the largest gain first; `arrange_freight` with gain 0 at the end.

    Parameters
    ----------
    pair : Pair
    gains : mapping of subject to float
        Points of score that a fix of each subject would bring (`fix_scores` minus the score).
    """
    return _ordered([*_shared(pair, pair.offer, pair.need, "offered_state"), *_seller_only(pair)], gains)


def buyer_fixes(pair: Pair, gains: Mapping[str, float]) -> list[Reason]:
    """Return what the buyer can do, as `seller_fixes`."""
    return _ordered([*_shared(pair, pair.need, pair.offer, "asked_state"), *_buyer_only(pair)], gains)


# A proposal before its gain is known: subject, code, parameters.
_Draft = tuple[str, str, dict[str, float | str]]


def _ordered(drafts: list[_Draft], gains: Mapping[str, float]) -> list[Reason]:
    found = [
        Reason(code, {**params, "gain": round(gains[subject], 4)}, subject)
        for subject, code, params in drafts
        if gains[subject] > 0
    ]
    found.sort(key=lambda fix: -float(fix.params["gain"]))
    return [*found, Reason("arrange_freight", {"gain": 0.0})]


def _shared(pair: Pair, own: Listing, other: Listing, own_state: str) -> Iterator[_Draft]:
    """What either side can do about its own listing."""
    if not pair.known["commodity"] and not own.codes and own.family is None:
        yield "commodity", "name_commodity", {}
    if not pair.known["form"] and pair.facts[own_state] < 0:
        yield "form", "name_form", {}
    if not has_price(own):
        yield "price", "add_price", {}
    elif not pair.known["price"] and has_price(other):
        is_doubtful = pair.facts["price_ratio"] == pair.facts["price_ratio"]
        yield "price", "check_price" if is_doubtful else "same_unit", {}
    if not has_volume(own):
        yield "volume", "add_volume", {}
    elif not pair.known["quantity"] and has_volume(other):
        yield "volume", "same_unit", {}
    if own.age_days > RENEW_AFTER_DAYS and own.age_days >= other.age_days:
        yield "freshness", "renew_listing", {"days": float(own.age_days)}


def _seller_only(pair: Pair) -> Iterator[_Draft]:
    ratio, share, minimum = pair.facts["price_ratio"], pair.facts["share"], pair.facts["minimum_ratio"]
    if pair.known["price"] and ratio > 1.0:
        yield "price", "lower_price", {"percent": max(1.0, percent(1.0 - 1.0 / ratio))}
    if share < 1.0:
        yield "volume", "join_supply", {"percent": percent(share)}
    if minimum > 1.0:
        yield "minimum_order", "lower_minimum_order", {"percent": max(1.0, percent(1.0 - 1.0 / minimum))}
    elif not has_minimum(pair.offer):
        yield "minimum_order", "add_minimum_order", {}
    if missing := missing_certificates(pair):
        yield "certificates", "add_certificate", {"certificates": joined(missing), "count": float(len(missing))}
    if pair.offer.months and (lost := months_lost(pair)):
        yield "months", "add_months", {"months": joined(lost), "count": float(len(lost))}
    if pair.parts["keeping"] < _PACKED:
        yield "keeping", "add_packing", {}


def _buyer_only(pair: Pair) -> Iterator[_Draft]:
    ratio, share, minimum = pair.facts["price_ratio"], pair.facts["share"], pair.facts["minimum_ratio"]
    if pair.known["price"] and ratio > 1.0:
        yield "price", "raise_price", {"percent": max(1.0, percent(ratio - 1.0))}
    if share < 1.0:
        yield "volume", "split_order", {"percent": percent(share)}
    if minimum > 1.0:
        yield "minimum_order", "join_order", {"percent": max(101.0, percent(minimum))}
    if missing := missing_certificates(pair):
        yield "certificates", "relax_certificate", {"certificates": joined(missing), "count": float(len(missing))}
    if lost := months_lost(pair):
        yield "months", "shift_months", {"months": joined(lost), "count": float(len(lost))}
