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
    is_literal: bool = False
    province_code: str = ""
    regency_code: str = ""
    state: str = ""
    trade_side: str = ""
    size_class: str = ""


@dataclass(frozen=True, slots=True)
class GoodsFilters:
    """What a list of offers and needs is narrowed to; prices in rupiah a kilogram, an empty text means all."""

    words: str = ""
    is_literal: bool = False
    side: str = ""
    province_code: str = ""
    regency_code: str = ""
    family_code: str = ""
    certificate: str = ""
    month: int | None = None
    has_price: bool = False
    price_from: int | None = None
    price_to: int | None = None

    @property
    def only_words(self) -> "GoodsFilters":
        """The same words among everything."""
        return GoodsFilters(words=self.words, is_literal=self.is_literal)

    @property
    def compares_prices(self) -> bool:
        """Whether the price of a kilogram decides."""
        return self.price_from is not None or self.price_to is not None

    def takes_price(self, price_kg: float | None) -> bool:
        """Tell whether a price of a kilogram lies in the range; an unknown one does not."""
        if price_kg is None:
            return False
        return (self.price_from or 0) <= price_kg <= (self.price_to if self.price_to is not None else price_kg)


CHANGED_JOB = "listings.changed"  # promised here, done by who makes something of listings
# A listing that nobody has confirmed for this long leaves the ranking until one tap brings it back.
STALE_AFTER = timedelta(days=180)
# More than the largest monthly trade that the missions report (hundreds of thousands of tons a year): asked twice.
SECOND_LOOK_KG = 100_000_000
MOST_OPEN_LISTINGS = 200


def is_stale(renewed_at: datetime, now: datetime) -> bool:
    """Tell whether a listing waits for a renewal."""
    return now - renewed_at > STALE_AFTER
