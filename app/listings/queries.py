"""Reads of offers and needs, and of the directory, which shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.models import Person
from app.algorithms.measures import to_month
from app.commodities import queries as commodities
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.values import TradeSide
from app.kit.audit import AuditEntry
from app.listings.models import Listing
from app.listings.values import DirectoryFilters, ListingState, Period, Side, is_stale
from app.regions.models import Regency

WITH_GOODS = (joinedload(Listing.commodity), joinedload(Listing.unit))
SHOWN_HISTORY = 50
GOODS_SEARCHED = 25


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
    goods = commodities.catalogue(session)
    return [
        ListingLine(
            listing, goods.kg_per_unit(listing.commodity_code, listing.unit_code), (now - listing.renewed_at).days,
            is_stale(listing.renewed_at, now),
        )
        for listing in listings_of(session, enterprise_id, side=side)
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


def directory(session: Session, person: Person, filters: DirectoryFilters) -> Select[Any]:
    """Return the ordered select of the firms that a person may see, narrowed by the filters."""
    found = enterprises.enterprises_seen_by(person)
    if filters.words:
        found = found.where(_has_words(session, filters.words))
    if filters.regency_code:
        found = found.where(Enterprise.regency_code == filters.regency_code)
    if filters.state:
        found = found.where(Enterprise.state == filters.state)
    if filters.trade_side:
        found = found.where(Enterprise.trade_side.in_({filters.trade_side, TradeSide.BOTH.value}))
    if filters.size_class:
        found = found.where(Enterprise.size_class == filters.size_class)
    return found.order_by(func.lower(Enterprise.name), Enterprise.id)


def _has_words(session: Session, words: str) -> ColumnElement[bool]:
    """Return the condition that name or open listings hold the words, or that a listing is of goods called so."""
    codes = [found.good.code for found in commodities.catalogue(session).find(words, GOODS_SEARCHED)]
    in_listing = or_(
        func.lower(Listing.title).contains(words.lower(), autoescape=True), Listing.commodity_code.in_(codes)
    )
    offers_it = select(Listing.id).where(
        Listing.enterprise_id == Enterprise.id, Listing.state == ListingState.OPEN, in_listing
    )
    return or_(func.lower(Enterprise.name).contains(words.lower(), autoescape=True), offers_it.exists())


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
