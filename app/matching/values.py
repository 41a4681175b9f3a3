"""The words of this package."""

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
