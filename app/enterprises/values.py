"""The words of this package."""

from dataclasses import dataclass
from enum import StrEnum


class TradeSide(StrEnum):
    """Which way the money flows for a firm."""

    SELLS = "sells"
    BUYS = "buys"
    BOTH = "both"


class EnterpriseState(StrEnum):
    """From the first saved step to the directory."""

    DRAFT = "draft"
    AWAITING_OWNER = "awaiting_owner"
    ACTIVE = "active"
    CLOSED = "closed"


class SizeClass(StrEnum):
    """MSME classes of PP 7/2021, article 35; what is above them is large."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Gender(StrEnum):
    """Of the owner; asked only to show whether both are treated alike, and may stay unanswered."""

    FEMALE = "f"
    MALE = "m"


class Certificate(StrEnum):
    """Papers that buyers ask for."""

    HALAL = "halal"
    PIRT = "p-irt"
    BPOM = "bpom"
    SNI = "sni"
    HACCP = "haccp"
    SKP = "skp"
    QUARANTINE = "karantina"
    ORGANIC = "organik"
    SVLK = "svlk"
    NKV = "nkv"
    BRAND = "merek"


@dataclass(frozen=True, slots=True)
class BasicDetails:
    """The three answers of the first registration step."""

    name: str
    regency_code: str
    trade_side: TradeSide


@dataclass(frozen=True, slots=True)
class MoreDetails:
    """What a firm may add later; nothing here ever blocks a match."""

    nib: str | None
    npwp: str | None
    certificates: tuple[Certificate, ...]
    about: str
    annual_turnover: int | None
    capital: int | None
    workers: int | None
    outside_buyers: int | None
    founded_year: int | None
    owner_gender: str | None


@dataclass(frozen=True, slots=True)
class AssistDetails:
    """What an officer types in for an owner: how to reach the owner, and the first step of the registration."""

    phone: str
    owner_name: str
    basic: BasicDetails


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """Upper limits of a class in rupiah; the limit itself still belongs to the class ("paling banyak")."""

    size: SizeClass
    capital: int
    sales: int


# PP 7/2021 article 35: business capital without land and buildings, or sales of a year.
SIZE_LIMITS = (
    SizeLimit(SizeClass.MICRO, capital=1_000_000_000, sales=2_000_000_000),
    SizeLimit(SizeClass.SMALL, capital=5_000_000_000, sales=15_000_000_000),
    SizeLimit(SizeClass.MEDIUM, capital=10_000_000_000, sales=50_000_000_000),
)


def size_class_of(annual_turnover: int | None, capital: int | None) -> SizeClass | None:
    """Return the class by PP 7/2021; None while neither figure is known.

    A firm that already trades is classed by its sales of a year (article 35, 4 and 5); capital decides at founding
    (article 35, 2) and so only counts here while the sales are unknown.

    >>> size_class_of(2_000_000_000, None)
    <SizeClass.MICRO: 'micro'>
    >>> size_class_of(2_000_000_001, 1)
    <SizeClass.SMALL: 'small'>
    >>> size_class_of(None, 5_000_000_001)
    <SizeClass.MEDIUM: 'medium'>
    >>> size_class_of(None, None) is None
    True
    """
    if annual_turnover is not None:
        return next((limit.size for limit in SIZE_LIMITS if annual_turnover <= limit.sales), SizeClass.LARGE)
    if capital is not None:
        return next((limit.size for limit in SIZE_LIMITS if capital <= limit.capital), SizeClass.LARGE)
    return None
