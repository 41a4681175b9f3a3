"""One pair of a ranking, with the numbers that made its score, and what can be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.algorithms.forms import STATES
from app.algorithms.listing import Listing
from app.algorithms.measures import known


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an offer with their parts, masks and facts (see `app.algorithms.pair_features.PairFeatures`)."""

    need: Listing
    offer: Listing
    parts: Mapping[str, float]
    known: Mapping[str, bool]
    facts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement about a pair.

    code : str
        A code of the tables in `app.algorithms.explanations`.
    params : dict
        Numbers and codes for the sentence.
    part : str
        The part of the score that the statement rests on; empty where it rests on none.
    """

    code: str
    params: dict[str, float | str]
    part: str = ""


def percent(share: float) -> float:
    """Return a share as a whole number of percent, 0 to a million.

    >>> percent(0.256), percent(1e300)
    (26.0, 1000000.0)
    """
    return float(round(min(share, 10_000.0) * 100))


def joined(values: frozenset[str] | frozenset[int]) -> str:
    """Return the values in order, joined by commas.

    >>> joined(frozenset({10, 2})), joined(frozenset({"halal", "SNI"}))
    ('2, 10', 'SNI, halal')
    """
    return ", ".join(map(str, sorted(values)))


def missing_certificates(pair: Pair) -> frozenset[str]:
    """Return the certificates that the need requires and the offer does not hold."""
    return pair.need.certificates - pair.offer.certificates


def months_lost(pair: Pair) -> frozenset[int]:
    """Return the months that the need wants and in which the offer cannot deliver."""
    return _months(pair.need) - _months(pair.offer)


def months_both(pair: Pair) -> frozenset[int]:
    """Return the months in which both can trade."""
    return _months(pair.need) & _months(pair.offer)


def side_without(buyer_has: bool, seller_has: bool) -> str:
    """Return who has not said something: 'seller', 'buyer', 'both' or '' (nobody).

    >>> side_without(True, False), side_without(False, False), side_without(True, True)
    ('seller', 'both', '')
    """
    return {(True, True): "", (True, False): "seller", (False, True): "buyer"}.get((buyer_has, seller_has), "both")


def has_price(listing: Listing) -> bool:
    """Return True when the listing states a price."""
    return known(listing.price_kg) is not None or known(listing.price_unit) is not None


def has_volume(listing: Listing) -> bool:
    """Return True when the listing states a volume."""
    return known(listing.quantity_month) is not None or known(listing.quantity_unit_month) is not None


def has_minimum(listing: Listing) -> bool:
    """Return True when the listing states a minimum order."""
    return known(listing.minimum_order) is not None or known(listing.minimum_order_kg) is not None


def states(pair: Pair) -> tuple[str, str]:
    """Return the asked and the offered state ("fresh", "frozen"); where a state is not said, the kind, else ''."""
    asked, offered = pair.facts["asked_state"], pair.facts["offered_state"]
    return (
        STATES[int(asked)] if asked >= 0 else pair.need.form or "",
        STATES[int(offered)] if offered >= 0 else pair.offer.form or "",
    )


def _months(listing: Listing) -> frozenset[int]:
    return listing.months or frozenset(range(1, 13))
