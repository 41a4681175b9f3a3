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
    """MSME classes of PP 7/2021, articles 35 and 36."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


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
