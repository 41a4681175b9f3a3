"""All open listings and all firms in memory, read for the search. Who may see what is asked of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.algorithms.coding import code_listing
from app.algorithms.listing import Listing as Compared
from app.algorithms.search import (
    Document,
    Fit,
    Fits,
    Flags,
    Floats,
    GoodNames,
    Group,
    Hits,
    Positions,
    Query,
    SearchIndex,
    read_document,
    read_query,
)
from app.algorithms.text import normalise
from app.commodities.catalogue import Catalogue, FamilyGoods, GroupName
from app.commodities.values import Good

_WRITES_SO = 0.9  # a firm that only writes so comes after one that is called so
Called = Good | FamilyGoods | GroupName


class ListingText(NamedTuple):
    """What a listing is found by, and when it was renewed, in seconds since 1970."""

    id: str
    enterprise_id: str
    title: str
    description: str
    commodity_code: str | None
    renewed_at: float


class FirmText(NamedTuple):
    """What a firm is found by; `place` names its kabupaten, its capital and its province."""

    id: str
    name: str
    place: str


class _Told(NamedTuple):
    title: str
    description: str
    commodity_code: str | None
    firm: str


@dataclass(frozen=True)
class Directory:
    """Listings and firms by position, as they stood at one version of the tables."""

    goods: Catalogue
    listing_places: Mapping[str, int]
    firm_places: Mapping[str, int]
    listing_ids: tuple[str, ...]
    firm_ids: tuple[str, ...]
    listings: SearchIndex
    firms: SearchIndex
    firm_of: Positions
    freshness: Floats
    documents: tuple[Document, ...]
    read: Mapping[_Told, Document]

    def query(self, words: str, *, is_literal: bool) -> Query:
        """Return what the words ask for."""
        return read_query(words, self.goods.tagger, self._wholes, is_literal=is_literal)

    def firm_hits(self, query: Query) -> Hits:
        """Return how each firm answers: by its name or place, or by the best of its listings."""
        own, found = self.firms.hits(query), self.listings.hits(query)
        steps = len(Fit)
        best = own.fit + steps * own.is_whole.astype(np.int8)
        of_listings = np.where(found.fit > 0, found.fit + steps * found.is_whole.astype(np.int8), 0).astype(np.int8)
        np.maximum.at(best, self.firm_of, of_listings)
        strength = own.strength.copy()
        np.maximum.at(strength, self.firm_of, _WRITES_SO * found.strength)
        fit: Fits = best % steps
        is_whole: Flags = best >= steps
        return Hits(fit, strength, is_whole)

    def called(self, group: Group) -> Called | None:
        """Return the good, the family or the group of goods that a group of codes stands for."""
        code = group[0] or group[1]
        wholes: Mapping[str, Called] = {**self.goods.families, **self.goods.groups}
        return self.goods.goods.get(code) if group[0] else wholes.get(code)

    def commodity_of(self, listing_id: str) -> str | None:
        """Return the good of a listing, as chosen or as read from its text."""
        document = self.documents[self.listing_places[listing_id]]
        return next((group[0] for group in document.goods if group[0]), None)

    def listing_called(self, listing_id: str) -> Called | None:
        """Return what a listing is about, as chosen or as read; None where neither names anything."""
        place = self.listing_places.get(listing_id)
        goods = () if place is None else self.documents[place].goods
        return self.called(goods[0]) if goods else None

    @cached_property
    def names(self) -> GoodNames:
        """The names of goods, for "did you mean"."""
        names = [(good.name_id, good.code) for good in self.goods.goods.values()]
        return GoodNames(names + [(word, code) for code, words in self.goods.words.items() for word in words])

    @cached_property
    def _wholes(self) -> dict[str, list[Group]]:
        found: dict[str, list[Group]] = {}
        wholes: list[FamilyGoods | GroupName] = [*self.goods.families.values(), *self.goods.groups.values()]
        for whole in wholes:
            found.setdefault(normalise(whole.name_id), []).append(("", whole.code))
        return found


def build_directory(
    listings: Sequence[ListingText], firms: Sequence[FirmText], goods: Catalogue, before: Directory | None = None
) -> Directory:
    """Return the directory of these rows; texts that `before` has read with the same goods are not read again."""
    known = before.read if before is not None and before.goods is goods else {}
    firm_places = {firm.id: place for place, firm in enumerate(firms)}
    words = [f"{firm.name}\n{firm.place}" for firm in firms]
    read: dict[_Told, Document] = {}
    documents = []
    for row in listings:
        told = _Told(row.title, row.description, row.commodity_code, words[firm_places[row.enterprise_id]])
        read[told] = known.get(told) or read.get(told) or _read(told, goods)
        documents.append(read[told])
    return Directory(
        goods, {row.id: place for place, row in enumerate(listings)}, firm_places,
        tuple(row.id for row in listings), tuple(firm.id for firm in firms), SearchIndex(documents, goods.tree),
        SearchIndex([read_document(text) for text in words], goods.tree),
        np.array([firm_places[row.enterprise_id] for row in listings], dtype=np.intp),
        np.array([row.renewed_at for row in listings], dtype=np.float64), tuple(documents), read,
    )


def _read(told: _Told, goods: Catalogue) -> Document:
    # The description says which goods are meant, but its words are not shown in the directory: nobody finds by them.
    text = f"{told.title}\n{told.description}" if told.description else told.title
    coded = code_listing(Compared(text, commodity=told.commodity_code), goods.tagger)
    return read_document(told.title, told.firm, coded)
