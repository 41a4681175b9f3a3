"""The words of this package."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.missions.values import MissionRole


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


UNLISTED = "-"  # in a filter: goods that stand in none of our lists
KIND_WORDS = {
    DealKind.COMMITMENT: _l("Komitmen"),
    DealKind.INTENT: _l("Surat minat"),
    DealKind.INVESTMENT: _l("Investasi"),
    DealKind.SERVICE: _l("Jasa"),
}
TERM_WORDS = {
    Term.SPOT: _l("Sekali kirim"),
    Term.MONTH: _l("Satu bulan"),
    Term.SEASON: _l("Satu musim"),
    Term.YEAR: _l("Satu tahun"),
}


class DoubtKind(StrEnum):
    """Why a deal should be looked at once more before it counts."""

    SAME_NUMBER = "same_number"
    SAME_DEAL = "same_deal"
    PRICE = "price"
    VALUE = "value"


class Standing(StrEnum):
    """Whether a list shows deals that count, deals that were called off, or both."""

    COUNTS = "counts"
    VOID = "void"
    ALL = "all"


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


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What one entry says: the details, with the direction and the value worked out."""

    seller_id: str
    buyer_id: str
    seller_role: MissionRole
    commodity_code: str | None
    goods: str
    quantity: Decimal | None
    unit_code: str | None
    unit_price_amount: int | None
    computed_amount: int | None
    value_amount: int
    value_reason: str
    term: Term
    kind: DealKind
    form_number: str
    signed_on: date
    note: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at once more: another deal, or how many times a figure lies off the usual one."""

    kind: DoubtKind
    deal_id: str = ""
    times: float = 0.0

    @property
    def mark(self) -> str:
        """A word by which a person's tick is tied to exactly this doubt."""
        return f"{self.kind}:{self.deal_id or round(self.times, 6)}"


@dataclass(frozen=True, slots=True)
class DealFilters:
    """What a list of deals is narrowed to; None and empty mean everything."""

    text: str = ""
    kind: DealKind | None = None
    seller_role: MissionRole | None = None
    family_code: str | None = None
    commodity_code: str | None = None
    seller_regency: str | None = None
    buyer_regency: str | None = None
    recorded_by_id: str | None = None
    standing: Standing = Standing.COUNTS
