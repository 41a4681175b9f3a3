"""The words of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.algorithms.totals import KindTotal, Sum
from app.deals.values import DealKind


class ExportFormat(StrEnum):
    """The files a list of deals can be saved as."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Slice:
    """One bar: what it stands for, whose side sold, its sum, and its length as a share of the longest."""

    code: str
    name: str
    seller_role: str
    all: Sum
    share: float


@dataclass(frozen=True, slots=True)
class Slices:
    """The longest bars, and what all the others come to together."""

    top: Sequence[Slice]
    rest_count: int
    rest_amount: int


@dataclass(frozen=True, slots=True)
class MissionTotals:
    """The running totals of a mission: every kind for itself, one kind broken down."""

    by_kind: Mapping[str, KindTotal]
    kind: DealKind
    families: Slices
    goods: Slices
    seller_places: Slices
    buyer_places: Slices


@dataclass(frozen=True, slots=True)
class Source:
    """Where a published figure can be read."""

    host: str
    url: str
