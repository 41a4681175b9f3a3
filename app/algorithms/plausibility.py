"""Is a figure likely? Slips of a thousand, a unit that was meant otherwise, a deal that was written down twice.

Nothing here decides: it names what a person should look at once more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from app.algorithms.text import normalise

SAME_DEAL_PERCENT = 5  # values this close between the same two parties are taken for one deal
PRICE_TIMES = 20  # form and grade move prices up to about tenfold at one mission; beyond 20 a unit is wrong
VALUE_TIMES = 1000  # the usual slip: three noughts too many or too few
FEWEST_VALUES = 3  # a median of fewer says nothing


@dataclass(frozen=True, slots=True)
class Price:
    """A price in rupiah for one unit, and the weight of that unit in kg where it is known."""

    amount: float
    unit: str | None
    kg: float | None = None


def values_are_close(one: int, other: int) -> bool:
    """Return whether two amounts differ by at most 5 % of the larger.

    Examples
    --------
    >>> values_are_close(100, 95), values_are_close(100, 94)
    (True, False)
    """
    return abs(one - other) * 100 <= max(one, other) * SAME_DEAL_PERCENT


def same_number(one: str, other: str) -> bool:
    """Return whether two form numbers are one, whatever their blanks, dashes and capitals. Empty ones never are.

    Examples
    --------
    >>> same_number("PKT-018", "pkt 018"), same_number("PKT-018", "PKT-019"), same_number("", "")
    (True, False, False)
    """
    return bool(_letters(one)) and _letters(one) == _letters(other)


def same_goods(one: str, other: str) -> bool:
    """Return whether two texts name the same goods, whatever capitals and marks."""
    return normalise(one) == normalise(other)


def price_off(price: Price, known: Iterable[Price]) -> float | None:
    """Return how many times a price lies above or below what is usual, None when it does not stand out.

    Prices are compared a kg where both weights are known, else only in the same unit.

    Returns
    -------
    float or None
        At least 20 when the price is far above the median of the known ones, at most 1/20 when far below.

    Examples
    --------
    >>> price_off(Price(1_200_000, "kg", 1), [Price(7_000_000, "ton", 1000)])
    171.42857142857142
    """
    usual = [other for other in (_comparable(price, one) for one in known) if other]
    if not usual or price.amount <= 0:
        return None
    return _beyond(price.amount / median(usual), PRICE_TIMES)


def value_off(value: int, others: Iterable[int]) -> float | None:
    """Return how many times a value lies beyond the median of others, None below a thousandfold either way."""
    known = [other for other in others if other > 0]
    if len(known) < FEWEST_VALUES or value <= 0:
        return None
    return _beyond(value / median(known), VALUE_TIMES)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()


def _comparable(price: Price, other: Price) -> float | None:
    if price.kg and other.kg:
        return other.amount / other.kg * price.kg
    return other.amount if price.unit is not None and price.unit == other.unit else None


def _beyond(times: float, limit: int) -> float | None:
    return times if times >= limit or times <= 1 / limit else None
