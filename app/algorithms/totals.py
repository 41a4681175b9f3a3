"""Sums, counts and medians of deals, kind by kind and side by side. Whole rupiah in, whole rupiah out.

Nothing here adds up two kinds: there is no function that could.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

SIDES = ("visiting", "hosting")


class DoesNotAddUp(ArithmeticError):
    """The parts of a total differ from the whole; no such figure may be shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One deal as the totals see it. `seller_side` is the part of the seller's province: visiting or hosting."""

    kind: str
    seller_side: str
    amount: int
    family: str = ""
    goods: str = ""
    seller_place: str = ""
    buyer_place: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many deals, what they come to, and the middle one."""

    count: int
    amount: int
    median: int | None

    def share_of(self, whole: int) -> float:
        """Return this amount as a share of another in [0, 1]; 0 when there is nothing to share."""
        return min(max(self.amount / whole, 0.0), 1.0) if whole > 0 else 0.0


NOTHING = Sum(0, 0, None)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """One kind of deal: all of it, and who sold."""

    kind: str
    all: Sum
    sold_by: Mapping[str, Sum]


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of a total: its key, its sum, and who sold in it."""

    key: str
    all: Sum
    sold_by: Mapping[str, Sum]


def middle(amounts: Sequence[int]) -> int | None:
    """Return the median in whole rupiah; between two middle ones, halves round up. None when there is none.

    Examples
    --------
    >>> middle([5, 1, 3]), middle([1, 2]), middle([])
    (3, 2, None)
    """
    if not amounts:
        return None
    ordered = sorted(amounts)
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (lower + upper + 1) // 2


def sum_of(lines: Iterable[Line]) -> Sum:
    """Return count, amount and median of lines of one kind.

    Raises
    ------
    ValueError
        If the lines are of several kinds: those are never one figure.
    """
    rows = list(lines)
    if len({row.kind for row in rows}) > 1:
        raise ValueError("deals of several kinds have no common total")
    amounts = [row.amount for row in rows]
    return Sum(len(amounts), sum(amounts), middle(amounts))


def by_kind(lines: Iterable[Line]) -> dict[str, KindTotal]:
    """Return the total of each kind that occurs, with the two directions of sale checked against the whole."""
    return {kind: KindTotal(kind, sum_of(rows), _sold_by(rows)) for kind, rows in _grouped(lines, _kind).items()}


def partition(lines: Iterable[Line], key: Callable[[Line], str]) -> list[Part]:
    """Return the slices of lines of one kind, largest amount first, ties by key.

    Parameters
    ----------
    lines : deals of one kind
    key : names the slice of a line; every line falls into exactly one

    Raises
    ------
    DoesNotAddUp
        If the slices do not come to the whole, which would be a fault of this module.
    """
    rows = list(lines)
    parts = [Part(name, sum_of(some), _sold_by(some)) for name, some in _grouped(rows, key).items()]
    check(sum_of(rows), [part.all for part in parts])
    return sorted(parts, key=lambda part: (-part.all.amount, part.key))


def check(whole: Sum, parts: Iterable[Sum]) -> None:
    """Raise DoesNotAddUp unless the parts come to the whole, in number and in rupiah."""
    pieces = list(parts)
    count, amount = sum(piece.count for piece in pieces), sum(piece.amount for piece in pieces)
    if (count, amount) != (whole.count, whole.amount):
        raise DoesNotAddUp(f"{count} deals of {amount} against {whole.count} deals of {whole.amount}")


def missing_amount(total: int | None, parts: Iterable[int | None]) -> int | None:
    """Return total minus its parts as others published them, None while one of them is unknown.

    Examples
    --------
    >>> missing_amount(568_042_498_000, [271_674_498_000, 296_368_000_000])
    0
    >>> missing_amount(10, [4, None]) is None
    True
    """
    known = list(parts)
    if total is None or not known or any(part is None for part in known):
        return None
    return total - sum(part for part in known if part is not None)


def _kind(line: Line) -> str:
    return line.kind


def _grouped(lines: Iterable[Line], key: Callable[[Line], str]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return dict(groups)


def _sold_by(rows: Sequence[Line]) -> dict[str, Sum]:
    sides = {side: sum_of(row for row in rows if row.seller_side == side) for side in SIDES}
    check(sum_of(rows), sides.values())
    return sides
