"""The words of this package."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class DealKind(StrEnum):
    """Kinds are never added up together silently."""

    COMMITMENT = "commitment"
    INTENT = "letter_of_intent"
    INVESTMENT = "investment"
    SERVICE = "service"


class Term(StrEnum):
    """How long the deal runs."""

    SPOT = "spot"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class DealDetails:
    """A deal as an officer types it in. `value_amount` is None when the computed value stands."""

    seller_id: str
    buyer_id: str
    commodity_code: str | None
    goods: str
    quantity: Decimal | None
    unit_code: str | None
    unit_price_amount: int | None
    value_amount: int | None
    value_reason: str
    term: Term
    kind: DealKind
    form_number: str
    signed_on: date
    note: str = ""
