"""Listings as columns: one array per field, so that a million pairs are compared without a loop."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.algorithms.forms import STATES, state_in
from app.algorithms.listing import Listing
from app.algorithms.measures import known

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

T = TypeVar("T", bound=Any)

ALL_YEAR = (1 << 12) - 1
MAX_COMMODITIES = 6  # of one listing
NO_CODE = -1

# A group that a listing stands in: its lineage, or ("", family) for "anything of this family".
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values that occur in the listings of both sides, each with a number in sorted order."""

    groups: Mapping[Group, int]
    group_family: tuple[str | None, ...]
    families: Mapping[str, int]
    provinces: Mapping[str, int]
    units: Mapping[str, int]
    kinds: Mapping[str, int]
    certificates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """One side's listings; arrays of shape (n,) unless said otherwise. Codes are -1 and numbers NaN where unknown.

    group : int array of shape (n, MAX_COMMODITIES)
        Numbers of the listing's groups, the main one first.
    certificates : uint8 array of shape (n, n_bytes)
        Packed bits.
    months : uint16, bit m-1 set for month m; all twelve when the listing is not bound to a season.
    order : int
        Place of the listing when all are sorted by content: breaks ties without looking at input order.
    """

    group: Indices
    family: Indices
    province: Indices
    unit: Indices
    kind: Indices
    state: Indices
    latitude: Floats
    longitude: Floats
    quantity_kg: Floats
    quantity_unit: Floats
    price_kg: Floats
    price_unit: Floats
    minimum_kg: Floats
    minimum_unit: Floats
    unit_liter: Floats
    confidence: Floats
    unit_pieces: Floats
    certificates: NDArray[np.uint8]
    months: NDArray[np.uint16]
    is_seasonal: NDArray[np.bool_]
    keeping: Indices
    is_cold_chain: NDArray[np.bool_]
    age_days: Floats
    order: Indices

    def __len__(self) -> int:
        return len(self.province)

    def with_certificates(self, n_bytes: int) -> "Columns":
        """Return the same listings, their certificates packed into `n_bytes`, at least as many as now."""
        more = n_bytes - self.certificates.shape[1]
        return replace(self, certificates=np.pad(self.certificates, ((0, 0), (0, more)))) if more else self


KEEPING: tuple[str, ...] = ("fresh", "weeks", "months", "durable")


def groups_of(listing: Listing) -> list[Group]:
    """Return the groups of a listing: its lineages, then its family when it names no main commodity.

    >>> groups_of(Listing("aneka rempah", family="rempah"))
    [('', 'rempah')]
    """
    found: list[Group] = [lineage for lineage in listing.lineages if lineage]
    if listing.commodity is None and listing.family is not None:
        found.insert(0, ("", listing.family))
    return found[:MAX_COMMODITIES]


def vocabulary_of(listings: Sequence[Listing]) -> Vocabulary:
    """Return the vocabulary of `listings` (offers and needs together)."""
    family_of: dict[Group, str | None] = {}
    for listing in sorted(listings, key=lambda x: x.family or "", reverse=True):
        for place, group in enumerate(groups_of(listing)):
            if place == 0 or group not in family_of:
                family_of[group] = listing.family
    groups = _numbered(family_of)
    return Vocabulary(
        groups=groups,
        group_family=tuple(family_of[group] for group in groups),
        families=_numbered(x.family for x in listings),
        provinces=_numbered(x.province for x in listings),
        units=_numbered(x.unit for x in listings),
        kinds=_numbered(_kind(x) for x in listings),
        certificates=_numbered(c for x in listings for c in x.certificates),
    )


def extended(vocabulary: Vocabulary, listing: Listing) -> Vocabulary:
    """Return `vocabulary` with the values of one more listing; those that it has keep their numbers."""
    groups = _appended(vocabulary.groups, groups_of(listing))
    more = (listing.family,) * (len(groups) - len(vocabulary.groups))
    return Vocabulary(
        groups=groups,
        group_family=(*vocabulary.group_family, *more),
        families=_appended(vocabulary.families, [listing.family]),
        provinces=_appended(vocabulary.provinces, [listing.province]),
        units=_appended(vocabulary.units, [listing.unit]),
        kinds=_appended(vocabulary.kinds, [_kind(listing)]),
        certificates=_appended(vocabulary.certificates, sorted(listing.certificates)),
    )


def columns_of(
    listings: Sequence[Listing], parsed: Sequence[Sequence[tuple[str, ...]]], vocabulary: Vocabulary
) -> Columns:
    """Return `listings` as columns.

    Parameters
    ----------
    listings : sequence of n Listing
    parsed : sequence of n lists of phrases
        The texts of the listings, cut by `app.algorithms.text.phrases`.
    vocabulary : Vocabulary
        Of these listings and possibly more.

    Raises
    ------
    ValueError
        If a month is not in 1..12 or a place is off the globe.
    """
    n = len(listings)
    group = np.full((n, MAX_COMMODITIES), NO_CODE, dtype=np.intp)
    held = np.zeros((n, max(1, len(vocabulary.certificates))), dtype=np.bool_)
    for row, listing in enumerate(listings):
        _check(listing)
        for place, one in enumerate(groups_of(listing)):
            group[row, place] = vocabulary.groups[one]
        for certificate in listing.certificates:
            held[row, vocabulary.certificates[certificate]] = True
    states = (_state(x, p) for x, p in zip(listings, parsed, strict=True))
    return Columns(
        group=group,
        family=_codes((x.family for x in listings), vocabulary.families, n),
        province=_codes((x.province for x in listings), vocabulary.provinces, n),
        unit=_codes((x.unit for x in listings), vocabulary.units, n),
        kind=_codes((_kind(x) for x in listings), vocabulary.kinds, n),
        state=_codes(states, {state: number for number, state in enumerate(STATES)}, n),
        latitude=_floats((x.latitude for x in listings), n),
        longitude=_floats((x.longitude for x in listings), n),
        quantity_kg=_floats((known(x.quantity_month) for x in listings), n),
        quantity_unit=_floats((known(x.quantity_unit_month) for x in listings), n),
        price_kg=_floats((known(x.price_kg) for x in listings), n),
        price_unit=_floats((known(x.price_unit) for x in listings), n),
        minimum_kg=_floats((known(x.minimum_order_kg) for x in listings), n),
        minimum_unit=_floats((known(x.minimum_order) for x in listings), n),
        confidence=_floats((x.confidence for x in listings), n),
        unit_liter=_floats((known(x.unit_liter) for x in listings), n),
        unit_pieces=_floats((known(x.unit_pieces) for x in listings), n),
        certificates=np.packbits(held, axis=1),
        months=np.array([_month_bits(x.months) for x in listings], dtype=np.uint16),
        is_seasonal=np.array([0 < len(x.months) < 12 for x in listings], dtype=np.bool_),
        keeping=np.array([KEEPING.index(x.keeping) for x in listings], dtype=np.intp),
        is_cold_chain=np.array([x.is_cold_chain for x in listings], dtype=np.bool_),
        age_days=_floats((max(0.0, float(x.age_days)) for x in listings), n),
        order=_content_order(listings),
    )


def _check(listing: Listing) -> None:
    if not listing.months <= frozenset(range(1, 13)):
        raise ValueError(f"months must be in 1..12, not {sorted(listing.months)}")
    if not -90 <= (listing.latitude or 0.0) <= 90 or not -180 <= (listing.longitude or 0.0) <= 180:
        raise ValueError(f"not a place on the globe: {listing.latitude}, {listing.longitude}")


def _numbered(values: Iterable[T | None]) -> dict[T, int]:
    present = sorted({value for value in values if value is not None})
    return {value: number for number, value in enumerate(present)}


def _appended(numbers: Mapping[T, int], values: Iterable[T | None]) -> Mapping[T, int]:
    new = [value for value in dict.fromkeys(values) if value is not None and value not in numbers]
    return {**numbers, **{value: len(numbers) + i for i, value in enumerate(new)}} if new else numbers


def _codes(values: Iterable[T | None], numbers: Mapping[T, int], count: int) -> Indices:
    codes = (NO_CODE if value is None else numbers[value] for value in values)
    return np.fromiter(codes, dtype=np.intp, count=count)


def _floats(values: Iterable[float | None], count: int) -> Floats:
    return np.fromiter((np.nan if v is None else v for v in values), dtype=np.float64, count=count)


def _kind(listing: Listing) -> str | None:
    return None if listing.form in STATES else listing.form


def _state(listing: Listing, phrases: Sequence[tuple[str, ...]]) -> str | None:
    return listing.form if listing.form in STATES else state_in(phrases)


def _month_bits(months: frozenset[int]) -> int:
    return sum(1 << (month - 1) for month in months) if months else ALL_YEAR


def _content_order(listings: Sequence[Listing]) -> Indices:
    order = np.empty(len(listings), dtype=np.intp)
    order[sorted(range(len(listings)), key=lambda row: _content(listings[row]))] = np.arange(len(listings))
    return order


def _content(listing: Listing) -> tuple[object, ...]:
    numbers = (
        listing.price_unit, listing.price_kg, listing.quantity_month, listing.quantity_unit_month,
        listing.minimum_order, listing.latitude, listing.longitude,
    )  # fmt: skip
    return (
        listing.text,
        listing.province,
        listing.codes,
        listing.family or "",
        listing.unit or "",
        tuple(n if n is not None and math.isfinite(n) else -math.inf for n in numbers),
        tuple(sorted(listing.certificates)),
        tuple(sorted(listing.months)),
        listing.age_days,
    )
