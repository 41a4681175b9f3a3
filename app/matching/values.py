"""The words of this package."""

from dataclasses import dataclass
from enum import StrEnum


class ProposalState(StrEnum):
    """What the organiser has decided."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Fit(StrEnum):
    """How well a pair fits, in words; from the score."""

    STRONG = "strong"
    GOOD = "good"
    CHECK = "check"


class Answer(StrEnum):
    """What an owner says to a proposed partner. Silence is no answer and never pairs anybody."""

    WANT = "want"
    MAY = "may"
    NOT = "not"


class PairSide(StrEnum):
    """Which firm of a pair answers."""

    BUYER = "buyer"
    SELLER = "seller"


class RejectReason(StrEnum):
    """Why an organiser turns a pair down."""

    WRONG_GOOD = "wrong_good"
    VOLUME = "volume"
    PRICE = "price"
    QUALITY = "quality"
    CERTIFICATE = "certificate"
    SHIPPING = "shipping"
    SAME_OWNER = "same_owner"
    ALREADY_PARTNERS = "already_partners"
    OTHER = "other"


class NotReason(StrEnum):
    """Why an owner says Bukan."""

    OTHER_GOOD = "other_good"
    TOO_EXPENSIVE = "too_expensive"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"
    TOO_FAR = "too_far"
    ALREADY_KNOWN = "already_known"
    NO_STOCK = "no_stock"
    OTHER = "other"


UNDO_SECONDS = 30
UNDO_GRACE_SECONDS = 15


class Decision(StrEnum):
    """What an organiser can do with proposals, one or many at once."""

    ACCEPT = "accept"
    REJECT = "reject"
    PIN = "pin"
    UNPIN = "unpin"
    RESET = "reset"


class Progress(StrEnum):
    """How far a proposal is, as the queue is narrowed to it."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    ONE_SIDE = "one"
    BOTH = "both"
    REJECTED = "rejected"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed to; empty means everything."""

    text: str = ""
    fit: Fit | None = None
    seller_province: str = ""
    family_code: str = ""
    progress: Progress = Progress.UNDECIDED
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act on several proposals did: rows changed, and rows left alone because somebody else was there."""

    batch_id: str | None
    changed: int
    passed_over: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part of a score brings or costs: a share of the whole score, in [0, 1]."""

    part: str
    share: float
    is_loss: bool
    is_known: bool

    @property
    def points(self) -> int:
        """The share as points of a hundred."""
        return round(self.share * 100)


@dataclass(frozen=True, slots=True)
class SideCount:
    """How one province fares in a ranking."""

    firms: int
    sells: int
    sells_accepted: int
    firms_without: int

    @property
    def accepted_share(self) -> float | None:
        """Accepted among the proposals in which the province sells, in [0, 1]."""
        return self.sells_accepted / self.sells if self.sells else None
