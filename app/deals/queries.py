"""Reads of deals. Only the entry that counts is listed; the earlier ones stay readable on the deal's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.accounts.models import Person
from app.accounts.values import PROVINCIAL_STAFF, Role
from app.algorithms.plausibility import Price
from app.commodities import queries as commodities
from app.commodities.models import Commodity, Family
from app.deals.models import Deal, DealEntry
from app.deals.values import UNLISTED, DealFilters, DealKind, Standing
from app.enterprises.models import Enterprise
from app.listings.models import Listing
from app.listings.values import ListingState
from app.matching.models import Proposal
from app.missions import queries as missions
from app.missions.models import Mission, Participation
from app.missions.values import MissionRole, ParticipantFilters, ParticipationState
from app.regions.models import Regency

CURRENT = and_(DealEntry.deal_id == Deal.id, DealEntry.version == Deal.version)
FOUND_AT_ONCE = 8
_seller, _buyer = aliased(Enterprise), aliased(Enterprise)
_seller_regency, _buyer_regency = aliased(Regency), aliased(Regency)
_PARTIES = (
    contains_eager(DealEntry.seller.of_type(_seller)).contains_eager(_seller.regency.of_type(_seller_regency)),
    contains_eager(DealEntry.buyer.of_type(_buyer)).contains_eager(_buyer.regency.of_type(_buyer_regency)),
)


@dataclass(frozen=True, slots=True)
class KindSum:
    """Number and sum of one kind sold by one side."""

    kind: DealKind
    seller_role: MissionRole
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Row:
    """One deal as totals are made of it; places are (code, name)."""

    kind: DealKind
    seller_role: MissionRole
    amount: int
    commodity_code: str | None
    seller_regency: str
    seller_regency_name: str
    buyer_regency: str
    buyer_regency_name: str


def deals_seen_by(person: Person, mission: Mission, filters: DealFilters) -> Select[DealEntry]:
    """Return the select of a mission's current entries, newest first, with their firms and goods."""
    found: Select[DealEntry] = (
        _narrowed(select(DealEntry), person, mission, filters)
        .options(
            contains_eager(DealEntry.deal).joinedload(Deal.recorded_by), *_PARTIES, joinedload(DealEntry.commodity),
            joinedload(DealEntry.unit),
        )
        .order_by(Deal.recorded_at.desc(), Deal.id.desc())
    )
    return found


def sums_by_kind(session: Session, person: Person, mission: Mission, filters: DealFilters) -> list[KindSum]:
    """Return number and sum by kind and seller's side, added up by the database."""
    columns = select(DealEntry.kind, DealEntry.seller_role, func.count(), func.sum(DealEntry.value_amount))
    grouped = _narrowed(columns, person, mission, filters).group_by(DealEntry.kind, DealEntry.seller_role)
    return [KindSum(kind, role, count, int(amount)) for kind, role, count, amount in session.execute(grouped)]


def choices_in(session: Session, mission: Mission) -> tuple[dict[str, str], dict[str, Family]]:
    """Return who recorded deals in a mission, and the families of goods that occur in them."""
    found = session.execute(
        select(Person.id, Person.name, Family)
        .select_from(Deal).join(DealEntry, CURRENT).join(Person, Person.id == Deal.recorded_by_id)
        .outerjoin(Commodity, Commodity.code == DealEntry.commodity_code)
        .outerjoin(Family, Family.code == Commodity.family_code)
        .where(Deal.mission_id == mission.id).distinct()
    ).all()
    people = {person_id: name for person_id, name, _ in found}
    families = {family.code: family for *_, family in found if family is not None}
    return people, families


def deal_seen_by(session: Session, person: Person, deal_id: str) -> DealEntry | None:
    """Return the entry of a deal that counts, with deal, mission, firms, goods and proposal."""
    found: DealEntry | None = session.scalar(
        _with_parties(select(DealEntry))
        .join(Mission, Mission.id == Deal.mission_id)
        .where(Deal.id == deal_id, or_(_shared_with(person), _is_party(person)))
        .options(
            contains_eager(DealEntry.deal).contains_eager(Deal.mission),
            contains_eager(DealEntry.deal).joinedload(Deal.recorded_by),
            *_PARTIES, joinedload(DealEntry.commodity), joinedload(DealEntry.unit),
        )
        .execution_options(populate_existing=True)
    )
    return found


def versions_of(session: Session, deal_id: str) -> list[DealEntry]:
    """Return every entry of a deal, newest first, with who entered it. Ask `deal_seen_by` first."""
    return list(session.scalars(
        select(DealEntry).where(DealEntry.deal_id == deal_id).order_by(DealEntry.version.desc())
        .options(
            joinedload(DealEntry.entered_by), joinedload(DealEntry.seller), joinedload(DealEntry.buyer),
            joinedload(DealEntry.commodity), joinedload(DealEntry.unit),
        )
    ))


def rows_behind(session: Session, mission: Mission) -> list[Row]:
    """Return what the totals of a mission are made of: the deals that count. Ask `can_see_deals` first."""
    return [Row(*found) for found in session.execute(
        _with_parties(select(
            DealEntry.kind, DealEntry.seller_role, DealEntry.value_amount, DealEntry.commodity_code,
            _seller_regency.code, _seller_regency.name, _buyer_regency.code, _buyer_regency.name,
        ))
        .where(Deal.mission_id == mission.id, DealEntry.is_void.is_(False)).order_by(Deal.id)
    )]


def own_deals(person: Person) -> Select[DealEntry]:
    """Return the select of the deals in which an owner's firm is a party, newest first."""
    found: Select[DealEntry] = (
        _with_parties(select(DealEntry)).join(Mission, Mission.id == Deal.mission_id).where(_is_party(person))
        .options(
            contains_eager(DealEntry.deal).contains_eager(Deal.mission), *_PARTIES, joinedload(DealEntry.unit),
        )
        .order_by(DealEntry.is_void, DealEntry.signed_on.desc(), Deal.id.desc())
    )
    return found


def deal_by_key(session: Session, person: Person, key: str) -> Deal | None:
    """Return the deal that this person recorded with a key."""
    return session.scalar(select(Deal).where(Deal.recorded_by_id == person.id, Deal.idempotency_key == key))


def first_entry(session: Session, deal: Deal) -> DealEntry:
    """Return the entry with which a deal was recorded."""
    return session.scalars(select(DealEntry).where(DealEntry.deal_id == deal.id, DealEntry.version == 1)).one()


def current_entries(session: Session, deal_ids: Iterable[str]) -> list[DealEntry]:
    """Return the entries that count of several deals, with their firms."""
    return list(session.scalars(
        select(DealEntry).join(Deal, CURRENT).where(Deal.id.in_(list(deal_ids))).order_by(Deal.id)
        .options(contains_eager(DealEntry.deal), joinedload(DealEntry.seller), joinedload(DealEntry.buyer))
    ))


def other_entries(session: Session, mission: Mission, *, besides: str | None) -> list[DealEntry]:
    """Return the entries that count in a mission, apart from one deal's; for comparing a new one with them."""
    return list(session.scalars(
        select(DealEntry).join(Deal, CURRENT)
        .where(Deal.mission_id == mission.id, Deal.is_void.is_(False), Deal.id != (besides or ""))
        .order_by(Deal.recorded_at, Deal.id)
    ))


def parties(
    session: Session, mission: Mission, ids: Iterable[str], *, also: Iterable[str] = ()
) -> dict[str, Enterprise]:
    """Return those of the firms that take part in a mission, or stand in `also`, with their regencies."""
    taking_part = and_(
        Participation.mission_id == mission.id, Participation.state != ParticipationState.WITHDRAWN,
    )
    found = session.scalars(
        select(Enterprise).outerjoin(Participation, and_(Participation.enterprise_id == Enterprise.id, taking_part))
        .where(Enterprise.id.in_(list(ids)), or_(Participation.id.is_not(None), Enterprise.id.in_(list(also))))
        .options(joinedload(Enterprise.regency).joinedload(Regency.province))
    )
    return {firm.id: firm for firm in found}


def firms_called(session: Session, person: Person, mission: Mission, text: str) -> list[Enterprise]:
    """Return the first firms of a mission whose name holds a text, of those that this person may see."""
    wanted = missions.participants_seen_by(person, mission.id, ParticipantFilters(text=text))
    return [row.enterprise for row in session.scalars(wanted.limit(FOUND_AT_ONCE))]


def firms_to_choose(session: Session, person: Person, mission: Mission) -> list[Enterprise]:
    """Return every firm of a mission that this person may see, by name."""
    wanted = missions.participants_seen_by(person, mission.id, ParticipantFilters())
    return [row.enterprise for row in session.scalars(wanted)]


def proposal_in(session: Session, mission: Mission, proposal_id: str) -> Proposal | None:
    """Return a proposal of a mission with both listings, their firms, goods and units."""
    need, offer = joinedload(Proposal.need), joinedload(Proposal.offer)
    return session.scalar(
        select(Proposal).where(Proposal.id == proposal_id, Proposal.mission_id == mission.id).options(
            *(side.joinedload(Listing.enterprise).joinedload(Enterprise.regency) for side in (need, offer)),
            *(side.joinedload(Listing.commodity) for side in (need, offer)),
            *(side.joinedload(Listing.unit) for side in (need, offer)),
        )
    )


def known_prices(
    session: Session, mission: Mission, commodity_code: str | None, proposal: Proposal | None
) -> list[Price]:
    """Return the prices in the proposal's own listings, or else those of the same good in the mission."""
    own = (proposal.offer_id, proposal.need_id) if proposal else ()
    shared = and_(
        Listing.commodity_code == commodity_code, Listing.state == ListingState.OPEN,
        Listing.enterprise_id.in_(select(Participation.enterprise_id).where(Participation.mission_id == mission.id)),
    )
    found = session.scalars(
        select(Listing).where(Listing.price_amount.is_not(None), or_(Listing.id.in_(own), shared)).order_by(Listing.id)
    ).all()
    kg = commodities.catalogue(session).kg_per_unit
    return [
        Price(float(one.price_amount or 0), one.unit_code, kg(one.commodity_code, one.unit_code))
        for one in [one for one in found if one.id in own] or found
    ]


def _with_parties(query: Any) -> Any:
    return (
        query.join(Deal, CURRENT)
        .join(_seller, _seller.id == DealEntry.seller_id).join(_buyer, _buyer.id == DealEntry.buyer_id)
        .join(_seller_regency, _seller_regency.code == _seller.regency_code)
        .join(_buyer_regency, _buyer_regency.code == _buyer.regency_code)
    )


def _shared_with(person: Person) -> Any:
    if person.role is Role.ADMIN:
        return Mission.id.is_not(None)
    if person.role not in PROVINCIAL_STAFF:
        return false()
    return or_(
        Mission.visiting_province_code == person.province_code, Mission.hosting_province_code == person.province_code
    )


def _is_party(person: Person) -> Any:
    return or_(_seller.owner_id == person.id, _buyer.owner_id == person.id)


def _narrowed(query: Any, person: Person, mission: Mission, filters: DealFilters) -> Any:
    """Narrow to what the person may see and asked for; what is not asked for adds no condition."""
    narrowed = (
        _with_parties(query).join(Mission, Mission.id == Deal.mission_id)
        .where(Deal.mission_id == mission.id, _shared_with(person))
    )
    if filters.standing is not Standing.ALL:
        narrowed = narrowed.where(DealEntry.is_void.is_(filters.standing is Standing.VOID))
    if filters.text:
        words = (_seller.name, _buyer.name, DealEntry.goods, DealEntry.form_number)
        narrowed = narrowed.where(or_(*(column.icontains(filters.text, autoescape=True) for column in words)))
    if UNLISTED in (filters.commodity_code, filters.family_code):
        narrowed = narrowed.where(DealEntry.commodity_code.is_(None))
    if filters.family_code not in (None, UNLISTED):
        of_family = select(Commodity.code).where(Commodity.family_code == filters.family_code)
        narrowed = narrowed.where(DealEntry.commodity_code.in_(of_family))
    equal = (
        (DealEntry.kind, filters.kind), (DealEntry.seller_role, filters.seller_role),
        (DealEntry.commodity_code, None if filters.commodity_code == UNLISTED else filters.commodity_code),
        (Deal.recorded_by_id, filters.recorded_by_id),
        (_seller.regency_code, filters.seller_regency), (_buyer.regency_code, filters.buyer_regency),
    )
    return narrowed.where(*(column == value for column, value in equal if value))
