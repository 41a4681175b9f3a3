"""The words of this package."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Offer: the firm sells it. Need: the firm looks for it."""

    OFFER = "offer"
    NEED = "need"


class Period(StrEnum):
    """How often the quantity is meant."""

    MONTH = "month"
    WEEK = "week"
    SEASON = "season"
    YEAR = "year"
    ONCE = "once"


class ListingState(StrEnum):
    """Open listings take part in the ranking; stale ones wait for a renewal."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ListingDetails:
    """An offer or a need as typed in; quantities in `unit_code`, price in whole rupiah a unit."""

    side: Side
    commodity_code: str | None
    title: str
    description: str = ""
    quantity: Decimal | None = None
    unit_code: str | None = None
    period: Period = Period.MONTH
    price_amount: int | None = None
    minimum_order: Decimal | None = None
    months: tuple[int, ...] = ()
    packing: str = ""
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryFilters:
    """What a list of firms is narrowed to; an empty text means all."""

    words: str = ""
    regency_code: str = ""
    state: str = ""
    trade_side: str = ""
    size_class: str = ""


# A listing that nobody has confirmed for this long leaves the ranking until one tap brings it back.
STALE_AFTER = timedelta(days=180)
# More than the largest monthly trade that the missions report (hundreds of thousands of tons a year): asked twice.
SECOND_LOOK_KG = 100_000_000
MOST_OPEN_LISTINGS = 200


def is_stale(renewed_at: datetime, now: datetime) -> bool:
    """Tell whether a listing waits for a renewal."""
    return now - renewed_at > STALE_AFTER
