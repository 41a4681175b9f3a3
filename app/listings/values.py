"""The words of this package."""

from dataclasses import dataclass
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
