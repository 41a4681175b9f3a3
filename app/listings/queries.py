"""Reads of offers and needs, and of the directory, which shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, and_, cast, extract, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.models import Person
from app.algorithms.measures import price_per_kg, to_month
from app.algorithms.search import Fit, Hits, Positions, Query, best_first, wider_groups
from app.commodities import queries as commodities
from app.commodities.catalogue import Catalogue
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState, TradeSide
from app.kit.audit import AuditEntry
from app.listings.catalogue import Called, Directory, FirmText, ListingText, build_directory
from app.listings.models import Listing
from app.listings.values import DirectoryFilters, GoodsFilters, ListingState, Period, Side, is_stale
from app.regions.models import Province, Regency

WITH_GOODS = (joinedload(Listing.commodity), joinedload(Listing.unit))
SHOWN_HISTORY = 50
SHOWN_WIDER = 5
MOST_NAMED = 3_000  # ids in one statement; more are filtered here
SURE = 0.8  # weaker words may be typing errors: other goods are proposed then
_directories: WeakKeyDictionary[Engine | Connection, tuple[tuple[object, ...], Directory]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class ListingLine:
    """A listing with what its row shows: the weight of one unit and how old it is."""

    listing: Listing
    kg: float | None
    age_days: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ListingCounts:
    """How many open offers and needs a firm has."""

    offers: int = 0
    needs: int = 0


def listings_of(session: Session, enterprise_id: str, *, side: Side | None = None) -> list[Listing]:
    """Return the firm's listings, open ones first, in the order in which they were written."""
    found = select(Listing).where(Listing.enterprise_id == enterprise_id).options(*WITH_GOODS)
    if side is not None:
        found = found.where(Listing.side == side)
    return list(session.scalars(found.order_by(Listing.state.desc(), Listing.created_at, Listing.id)))


def lines_of(session: Session, enterprise_id: str, *, now: datetime, side: Side | None = None) -> list[ListingLine]:
    """Return the firm's listings as rows."""
    return _lines(listings_of(session, enterprise_id, side=side), commodities.catalogue(session), now)


def _lines(listings: Iterable[Listing], goods: Catalogue, now: datetime) -> list[ListingLine]:
    return [
        ListingLine(
            listing, goods.kg_per_unit(listing.commodity_code, listing.unit_code), (now - listing.renewed_at).days,
            is_stale(listing.renewed_at, now),
        )
        for listing in listings
    ]


def open_count(session: Session, enterprise_id: str) -> int:
    """Return how many open listings a firm has."""
    is_open = and_(Listing.enterprise_id == enterprise_id, Listing.state == ListingState.OPEN)
    return session.scalar(select(func.count()).select_from(Listing).where(is_open)) or 0


def counts_of_many(session: Session, enterprise_ids: Iterable[str]) -> dict[str, ListingCounts]:
    """Return the open offers and needs of several firms in one query."""
    rows = session.execute(
        select(Listing.enterprise_id, Listing.side, func.count())
        .where(Listing.enterprise_id.in_(list(enterprise_ids)), Listing.state == ListingState.OPEN)
        .group_by(Listing.enterprise_id, Listing.side)
    )
    found: dict[str, dict[Side, int]] = {}
    for enterprise_id, side, count in rows:
        found.setdefault(enterprise_id, {})[side] = count
    return {
        enterprise_id: ListingCounts(offers=counts.get(Side.OFFER, 0), needs=counts.get(Side.NEED, 0))
        for enterprise_id, counts in found.items()
    }


def listing_seen_by(session: Session, person: Person, listing_id: str) -> Listing | None:
    """Return one listing with its firm, or None when the firm is not for this person's eyes."""
    firm = contains_eager(Listing.enterprise)
    found: Listing | None = session.scalar(
        select(Listing).join(Listing.enterprise).join(Enterprise.regency)
        .where(Listing.id == listing_id, enterprises.is_seen_by(person))
        .options(*WITH_GOODS, firm.contains_eager(Enterprise.regency).joinedload(Regency.province))
    )
    return found


def listing_with_id(session: Session, listing_id: str) -> Listing | None:
    """Return the listing that a form's key already made, whoever owns it."""
    return session.get(Listing, listing_id)


def monthly_kg(session: Session, listing: Listing) -> float | None:
    """Return the kilograms a month of a listing; a season counts like a single delivery."""
    kg = commodities.catalogue(session).kg_per_unit(listing.commodity_code, listing.unit_code)
    if kg is None or listing.quantity is None:
        return None
    period = Period.ONCE if listing.period is Period.SEASON else listing.period
    return to_month(float(listing.quantity) * kg, period.value)


def _firms_seen_by(person: Person, filters: DirectoryFilters) -> Select[Any]:
    found = enterprises.enterprises_seen_by(person)
    for column, value in (
        (Regency.province_code, filters.province_code), (Enterprise.regency_code, filters.regency_code),
        (Enterprise.state, filters.state), (Enterprise.size_class, filters.size_class),
    ):
        if value:
            found = found.where(column == value)
    if filters.trade_side:
        found = found.where(Enterprise.trade_side.in_({filters.trade_side, TradeSide.BOTH.value}))
    return found


@dataclass(frozen=True, slots=True)
class Wider:
    """Goods to look for instead, and how many rows they would find."""

    called: Called
    count: int


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: ids best first, how the words were understood, and what else to try where little fits.

    `fits` holds how each id answers the words (values of `Fit`); `outside` counts what the words find without the
    other filters, where nothing was found with them.
    """

    ids: Sequence[str]
    understood: tuple[Called, ...] = ()
    is_literal: bool = False
    meant: tuple[Called, ...] = ()
    wider: tuple[Wider, ...] = ()
    outside: int = 0
    fits: Mapping[str, int] = field(default_factory=dict)
    directory: Directory | None = field(default=None, repr=False)

    def called(self, listing_id: str) -> Called | None:
        """Return what a listing is about, as its owner chose it or as it was read from its words."""
        return None if self.directory is None else self.directory.listing_called(listing_id)


def search_firms(session: Session, person: Person, filters: DirectoryFilters) -> Search:
    """Return the firms that a person may see and that are called so, are there, or trade in what the words mean."""
    narrowed = _firms_seen_by(person, filters).order_by(func.lower(Enterprise.name), Enterprise.id)
    if not filters.words:
        return Search(session.scalars(narrowed.with_only_columns(Enterprise.id)).all())
    found = in_memory(session)
    query = found.query(filters.words, is_literal=filters.is_literal)
    # What was saved a moment ago, after the memory was filled, is found by the next search.
    seen = [firm_id for firm_id in session.scalars(narrowed.with_only_columns(Enterprise.id))
            if firm_id in found.firm_places]
    shown = np.array([found.firm_places[firm_id] for firm_id in seen], dtype=np.intp)
    hits = found.firm_hits(query)
    order = best_first(hits, shown, -np.arange(len(shown), dtype=np.float64), has_goods=bool(query.asked))
    return _told(found, query, hits, order, [found.firm_ids[place] for place in order])


def search_listings(session: Session, person: Person, filters: GoodsFilters) -> Search:
    """Return the open offers and needs of firms that a person may see, by fit and then by freshness."""
    found = in_memory(session)
    query = found.query(filters.words, is_literal=filters.is_literal)
    if query.is_empty:
        shown = _shown_listings(session, person, filters, found)
        order = shown[np.argsort(-found.freshness[shown], kind="stable")]
        return Search([found.listing_ids[place] for place in order], directory=found)
    hits = found.listings.hits(query)
    order = _answering(session, person, filters, found, query, hits)
    told = _told(found, query, hits, order, [found.listing_ids[place] for place in order])
    if told.ids:
        return told
    outside = 0
    if filters != filters.only_words:
        outside = len(_answering(session, person, filters.only_words, found, query, hits))
    wider = _wider(found, query, _shown_listings(session, person, filters, found)) if query.asked else ()
    return replace(told, wider=wider, outside=outside)


def _answering(
    session: Session, person: Person, filters: GoodsFilters, found: Directory, query: Query, hits: Hits
) -> Positions:
    shown = _shown_listings(session, person, filters, found, np.flatnonzero(hits.fit))
    return best_first(hits, shown, found.freshness[shown], has_goods=bool(query.asked))


def _told(found: Directory, query: Query, hits: Hits, order: Positions, ids: Sequence[str]) -> Search:
    understood = tuple(called for group in query.asked if (called := found.called(group)) is not None)
    is_sure = bool(query.asked) or query.is_literal or hits.strength[order].max(initial=0.0) >= SURE
    near = () if is_sure else found.names.nearest(query.text)
    meant = tuple(found.goods.goods[code] for code in near)
    fits = dict(zip(ids, hits.fit[order].tolist(), strict=True))
    return Search(ids, understood, query.is_literal, meant, fits=fits, directory=found)


def _wider(found: Directory, query: Query, shown: Positions) -> tuple[Wider, ...]:
    """Return wider and neighboring goods of which there is something to show."""
    rows = []
    for group in wider_groups(query.asked, found.goods.tree):
        called = found.called(group)
        # The link brings the name back as words, which have to be understood as these goods.
        if called is None or group not in found.query(called.name_id, is_literal=False).asked:
            continue
        fit = found.listings.hits(Query(called.name_id, (group,), (called.name_id,))).fit[shown]
        if count := int((fit >= Fit.MEMBER).sum()):
            rows.append(Wider(called, count))
    return tuple(rows[:SHOWN_WIDER])


def _shown_listings(
    session: Session, person: Person, filters: GoodsFilters, found: Directory, among: Positions | None = None
) -> Positions:
    """Return the positions of the listings that the filters leave and a person may see, in rising order."""
    if filters.family_code:
        family = np.flatnonzero(found.listings.of_family(filters.family_code))
        among = family if among is None else np.intersect1d(among, family)
    conditions = [enterprises.is_seen_by(person), *_conditions(filters)]
    if among is not None and len(among) <= MOST_NAMED:
        conditions.append(Listing.id.in_([found.listing_ids[place] for place in among]))
    columns = (Listing.price_amount, Listing.unit_code) if filters.compares_prices else ()
    rows: Sequence[Any] = session.execute(
        select(Listing.id, *columns).join(Listing.enterprise).join(Enterprise.regency)
        .where(Listing.state == ListingState.OPEN, Enterprise.state != EnterpriseState.CLOSED, *conditions)
    ).all()
    # What was saved a moment ago, after the memory was filled, is found by the next search.
    rows = [row for row in rows if row[0] in found.listing_places]
    if filters.compares_prices:
        rows = [row for row in rows if filters.takes_price(_price_kg(found, *row))]
    places = np.sort(np.array([found.listing_places[row[0]] for row in rows], dtype=np.intp))
    return places if among is None else np.intersect1d(places, among)


def _price_kg(found: Directory, listing_id: str, price: int | None, unit: str | None) -> float | None:
    kg = found.goods.kg_per_unit(found.commodity_of(listing_id), unit)
    return price_per_kg(None if price is None else float(price), kg)


def _conditions(filters: GoodsFilters) -> list[ColumnElement[bool]]:
    found = [
        column == value
        for column, value in (
            (Listing.side, filters.side), (Regency.province_code, filters.province_code),
            (Enterprise.regency_code, filters.regency_code),
        )
        if value
    ]
    if filters.has_price or filters.compares_prices:
        found.append(Listing.price_amount.is_not(None))
    if filters.certificate:
        held = and_(Listing.side == Side.OFFER, _names(Enterprise.certificates, filters.certificate))
        found.append(or_(_names(Listing.certificates, filters.certificate), held))
    if filters.month is not None:  # no month named means all year
        text = func.replace(func.replace(cast(Listing.months, Text), "[", " "), "]", ",")
        found.append(or_(text == " ,", text.contains(f" {filters.month},")))
    return found


def _names(column: Any, value: str) -> ColumnElement[bool]:
    """Return the condition that a stored list holds a word; the same on both databases, which store it as JSON text."""
    named: ColumnElement[bool] = cast(column, Text).contains(f'"{value}"', autoescape=True)
    return named


def found_lines(session: Session, ids: Sequence[str], *, goods: Catalogue, now: datetime) -> list[ListingLine]:
    """Return listings as rows in the order of their ids, with their firms and places; ids come from a search."""
    firm = joinedload(Listing.enterprise)
    rows = session.scalars(
        select(Listing).where(Listing.id.in_(ids))
        .options(*WITH_GOODS, firm.joinedload(Enterprise.regency).joinedload(Regency.province))
    )
    by_id = {row.id: row for row in rows}
    return _lines([by_id[listing_id] for listing_id in ids], goods, now)


def found_firms(session: Session, ids: Sequence[str]) -> list[Enterprise]:
    """Return firms with their places in the order of their ids; ids come from a search."""
    rows = session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)).options(enterprises.WITH_PLACE))
    by_id = {row.id: row for row in rows}
    return [by_id[enterprise_id] for enterprise_id in ids]


def in_memory(session: Session) -> Directory:
    """Return all open listings and firms in memory; read again when one of them changed, one query otherwise.

    Nothing here is for anybody's eyes yet: every search asks the database who may see what.
    """
    goods, version = commodities.catalogue(session), _version(session)
    kept = _directories.get(session.get_bind())
    if kept is not None and kept[0] == version and kept[1].goods is goods:
        return kept[1]
    made = build_directory(_listing_texts(session), _firm_texts(session), goods, None if kept is None else kept[1])
    _directories[session.get_bind()] = (version, made)
    return made


def _version(session: Session) -> tuple[object, ...]:
    """Return what changes whenever a listing or a firm does: each change sets one of the times."""
    listings = select(
        func.count(), func.max(Listing.renewed_at), func.sum(extract("epoch", Listing.renewed_at)),
        func.sum(func.length(Listing.title)), func.count(Listing.commodity_code),
    ).where(Listing.state == ListingState.OPEN).subquery()
    firms = select(
        func.count(), func.max(Enterprise.updated_at), func.sum(extract("epoch", Enterprise.updated_at)),
        func.sum(func.length(Enterprise.name)),
    ).subquery()
    return tuple(session.execute(select(listings, firms).join(firms, true())).one())


def _listing_texts(session: Session) -> list[ListingText]:
    rows = session.execute(
        select(Listing.id, Listing.enterprise_id, Listing.title, Listing.description, Listing.commodity_code,
               Listing.renewed_at)
        .where(Listing.state == ListingState.OPEN).order_by(Listing.id)
    )
    return [ListingText(*row[:-1], row[-1].timestamp()) for row in rows]


def _firm_texts(session: Session) -> list[FirmText]:
    rows = session.execute(
        select(Enterprise.id, Enterprise.name, Regency.name, Regency.capital, Province.name)
        .join(Enterprise.regency).join(Regency.province).order_by(Enterprise.id)
    )
    return [FirmText(row[0], row[1], "\n".join(row[2:])) for row in rows]


def history_of(session: Session, enterprise: Enterprise) -> list[AuditEntry]:
    """Return the newest changes of a firm, its listings and its owner's consents."""
    own_listings = select(Listing.id).where(Listing.enterprise_id == enterprise.id)
    is_its = or_(
        and_(AuditEntry.subject_type == "enterprise", AuditEntry.subject_id == enterprise.id),
        and_(AuditEntry.subject_type == "listing", AuditEntry.subject_id.in_(own_listings)),
        and_(AuditEntry.action == "person.consent", AuditEntry.subject_id == enterprise.owner_id),
    )
    return list(
        session.scalars(
            select(AuditEntry).where(is_its).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(SHOWN_HISTORY)
        )
    )
