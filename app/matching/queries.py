"""Reads for ranking, review and answers, scoped to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.accounts.models import Person
from app.accounts.values import Purpose
from app.algorithms import listing as compared
from app.algorithms.coding import code_listing
from app.algorithms.measures import to_month
from app.algorithms.ranker import PairRanker
from app.algorithms.terms import with_terms
from app.commodities.catalogue import Catalogue
from app.commodities.models import Commodity
from app.commodities.queries import catalogue
from app.enterprises.models import Enterprise
from app.enterprises.queries import owner_agreed_to
from app.enterprises.values import EnterpriseState
from app.kit.audit import AuditEntry
from app.kit.jobs import Job
from app.learning.queries import model_in_use
from app.listings.models import Listing
from app.listings.values import STALE_AFTER, ListingState, Period, Side
from app.matching.models import DecisionBatch, PartnerAnswer, Proposal, RankingRun
from app.matching.values import (
    Answer,
    Contribution,
    Fit,
    NotReason,
    PairSide,
    Progress,
    ProposalState,
    QueueFilters,
    SideCount,
)
from app.missions import queries as missions
from app.missions.models import Mission, Participation
from app.missions.values import MissionState, ParticipationState
from app.regions.models import Regency

RANK_JOB = "matching.rank_mission"

SEASON_MONTHS = 4  # a season without months is taken to last four, the shorter half of the harvests in the lists
AGREEING = (Answer.WANT, Answer.MAY)
SHOWN_CARRIES, SHOWN_COSTS = 5, 3


def ready_firms(mission_id: Any) -> Select[str]:
    """Return a select of the ids of firms that take part, are active, and whose owner lets partners see them."""
    return _ready(Enterprise.id).where(Participation.mission_id == mission_id)


def _ready(*columns: Any) -> Select[Any]:
    return (
        select(*columns).select_from(Enterprise).join(Participation, Participation.enterprise_id == Enterprise.id)
        .join(Person, Person.id == Enterprise.owner_id)
        .where(
            Person.is_active.is_(True), Participation.state == ParticipationState.CONFIRMED,
            Enterprise.state == EnterpriseState.ACTIVE, owner_agreed_to(Purpose.PARTNERS),
        )
    )


def rankable_listings(mission_id: str, now: datetime) -> Select[Listing]:
    """Return a select of the open listings of ready firms that were confirmed in the last 180 days."""
    return (
        select(Listing).join(Listing.enterprise).join(Enterprise.regency)
        .options(contains_eager(Listing.enterprise).contains_eager(Enterprise.regency))
        .where(
            Listing.state == ListingState.OPEN, Listing.renewed_at >= now - STALE_AFTER,
            Listing.enterprise_id.in_(ready_firms(mission_id)),
        )
        .order_by(Listing.id)
    )


@dataclass(frozen=True, slots=True)
class Market:
    """The two sides of a ranking: positions in `offers` and `needs` are positions in the lists of ids."""

    offer_ids: tuple[str, ...]
    offers: tuple[compared.Listing, ...]
    need_ids: tuple[str, ...]
    needs: tuple[compared.Listing, ...]


def market_of(session: Session, mission_id: str, now: datetime) -> Market:
    """Return everything that takes part in a ranking, as the methods compare it."""
    goods = catalogue(session)
    rows = session.scalars(rankable_listings(mission_id, now)).all()
    offers = [row for row in rows if row.side is Side.OFFER]
    needs = [row for row in rows if row.side is Side.NEED]
    return Market(
        offer_ids=tuple(row.id for row in offers), offers=tuple(as_compared(row, goods, now) for row in offers),
        need_ids=tuple(row.id for row in needs), needs=tuple(as_compared(row, goods, now) for row in needs),
    )


def ranker(session: Session) -> PairRanker:
    """Return the ranker of proposals, not yet fitted: every page that ranks again has to use this one."""
    return PairRanker(model=model_in_use(session), tree=catalogue(session).tree)


def as_compared(row: Listing, goods: Catalogue, now: datetime) -> compared.Listing:
    """Return a listing as the methods compare it; its firm and regency have to be loaded.

    Where the owner chose no commodity, the one that the text clearly names counts.
    """
    place = row.enterprise.regency
    text = f"{row.title}\n{row.description}" if row.description else row.title
    named = compared.Listing(text, commodity=row.commodity_code, province=place.province_code)
    coded = code_listing(named, goods.tagger)
    good = goods.goods.get(coded.commodity or "")
    held = row.enterprise.certificates if row.side is Side.OFFER else []
    found = replace(
        coded, certificates=frozenset([*row.certificates, *held]), months=frozenset(row.months),
        latitude=place.latitude, longitude=place.longitude, age_days=max(0, (now - row.renewed_at).days),
        keeping=good.keeping.value if good else "durable", is_cold_chain=good.is_cold_chain if good else False,
    )
    return with_terms(
        found, unit=row.unit_code, defined_kg=goods.kg_per_unit(coded.commodity, row.unit_code),
        quantity_month=_a_month(row), price=None if row.price_amount is None else float(row.price_amount),
        minimum_order=None if row.minimum_order is None or row.side is Side.NEED else float(row.minimum_order),
        packing=row.packing,
    )


def _a_month(row: Listing) -> float | None:
    if row.quantity is None:
        return None
    if row.period is Period.SEASON:
        return float(row.quantity) / (len(row.months) or SEASON_MONTHS)
    return to_month(float(row.quantity), row.period.value)


@dataclass(frozen=True, slots=True)
class Lacks:
    """What keeps the listings of a firm from being matched better."""

    listings: int
    without_volume: int
    without_price: int
    stale: int


def lacks_of(session: Session, enterprise_id: str, now: datetime) -> Lacks:
    """Return how many open listings a firm has, and how many lack a volume, a price, or a confirmation."""

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = session.execute(
        select(
            func.count(), count(Listing.quantity.is_(None)), count(Listing.price_amount.is_(None)),
            count(Listing.renewed_at < now - STALE_AFTER),
        )
        .where(Listing.enterprise_id == enterprise_id, Listing.state == ListingState.OPEN)
    ).one()
    return Lacks(*(int(number) for number in row))


def participating_missions(session: Session, enterprise_id: str) -> Sequence[Mission]:
    """Return the missions that a firm takes part in and that are not over, the nearest first."""
    return session.scalars(
        select(Mission).join(Participation, Participation.mission_id == Mission.id)
        .where(
            Participation.enterprise_id == enterprise_id, Participation.state == ParticipationState.CONFIRMED,
            Mission.state.in_((MissionState.OPEN, MissionState.HELD)),
        )
        .order_by(Mission.held_on, Mission.id)
    ).all()


Need, Offer = aliased(Listing, name="need"), aliased(Listing, name="offer")
Buyer, Seller = aliased(Enterprise, name="buyer"), aliased(Enterprise, name="seller")
BuyerPlace, SellerPlace = aliased(Regency, name="buyer_place"), aliased(Regency, name="seller_place")
BuyerSays, SellerSays = aliased(PartnerAnswer, name="buyer_says"), aliased(PartnerAnswer, name="seller_says")
BOTH_AGREE = and_(BuyerSays.answer.in_(AGREEING), SellerSays.answer.in_(AGREEING))
ONE_AGREES = or_(
    and_(BuyerSays.answer.in_(AGREEING), SellerSays.answer.is_(None)),
    and_(SellerSays.answer.in_(AGREEING), BuyerSays.answer.is_(None)),
)
EAGER = (
    contains_eager(Proposal.need.of_type(Need)).contains_eager(Need.enterprise.of_type(Buyer))
    .contains_eager(Buyer.regency.of_type(BuyerPlace)),
    contains_eager(Proposal.offer.of_type(Offer)).contains_eager(Offer.enterprise.of_type(Seller))
    .contains_eager(Seller.regency.of_type(SellerPlace)),
    contains_eager(Proposal.need.of_type(Need)).joinedload(Need.commodity),
    contains_eager(Proposal.need.of_type(Need)).joinedload(Need.unit),
    contains_eager(Proposal.offer.of_type(Offer)).joinedload(Offer.commodity),
    contains_eager(Proposal.offer.of_type(Offer)).joinedload(Offer.unit),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposal with what both sides have said."""

    proposal: Proposal
    buyer_says: Answer | None
    seller_says: Answer | None
    buyer_reason: NotReason | None
    seller_reason: NotReason | None

    @property
    def is_agreed(self) -> bool:
        """Whether both sides said that they want to or may meet."""
        return self.buyer_says in AGREEING and self.seller_says in AGREEING

    def says(self, side: PairSide) -> Answer | None:
        """Return what one side said."""
        return self.buyer_says if side is PairSide.BUYER else self.seller_says

    def reason(self, side: PairSide) -> NotReason | None:
        """Return why one side said no."""
        return self.buyer_reason if side is PairSide.BUYER else self.seller_reason


def _joined(*columns: Any) -> Select[Any]:
    """Return a select over all pairs with both listings, firms, places and answers joined."""
    return (
        select(*columns).select_from(Proposal)
        .join(Proposal.need.of_type(Need)).join(Need.enterprise.of_type(Buyer)).join(Buyer.regency.of_type(BuyerPlace))
        .join(Proposal.offer.of_type(Offer)).join(Offer.enterprise.of_type(Seller))
        .join(Seller.regency.of_type(SellerPlace))
        .outerjoin(BuyerSays, and_(BuyerSays.proposal_id == Proposal.id, BuyerSays.side == PairSide.BUYER))
        .outerjoin(SellerSays, and_(SellerSays.proposal_id == Proposal.id, SellerSays.side == PairSide.SELLER))
    )


def _pairs() -> Select[Any]:
    """Return the select of whole pairs: one query whatever is shown of them."""
    says = (BuyerSays.answer, SellerSays.answer, BuyerSays.reason, SellerSays.reason)
    return _joined(Proposal, *says).options(*EAGER)


def _is_shown(mission_id: Any) -> list[ColumnElement[bool]]:
    """Return the conditions under which staff see a pair: current or decided, both firms ready."""
    ready = ready_firms(mission_id)
    return [
        Proposal.mission_id == mission_id, Proposal.is_current.is_(True), Buyer.id.in_(ready), Seller.id.in_(ready)
    ]


def shown_pairs(mission_id: str) -> Select[Any]:
    """Return the pairs of a mission that staff see."""
    return _pairs().where(*_is_shown(mission_id))


def shown_firms(mission_id: str) -> Select[Any]:
    """Return (buyer, seller, score, pinned) of the pairs that staff see and nobody turned down: ids of firms."""
    columns = (Buyer.id, Seller.id, Proposal.score, Proposal.is_pinned)
    return _joined(*columns).where(*_is_shown(mission_id), Proposal.state != ProposalState.REJECTED)


def pair_seen_by(session: Session, person: Person, proposal_id: str) -> Pair | None:
    """Return one pair for staff of its mission, with the mission; None when it does not exist for this person."""
    seen = missions.seen_missions(person).with_only_columns(Mission.id)
    ready = ready_firms(Proposal.mission_id).correlate(Proposal)
    row = session.execute(
        _pairs().options(joinedload(Proposal.mission))
        .where(Proposal.id == proposal_id, Proposal.mission_id.in_(seen), Buyer.id.in_(ready), Seller.id.in_(ready))
    ).one_or_none()
    return None if row is None else Pair(*row)


def pairs_to_decide(session: Session, mission_id: str, ids: Sequence[str]) -> Sequence[Pair]:
    """Return the pairs among these ids that staff of the mission see, locked until the transaction ends."""
    _lock(session, ids)
    rows = session.execute(
        shown_pairs(mission_id).where(Proposal.id.in_(ids)).order_by(Proposal.id),
        execution_options={"populate_existing": True},
    )
    return [Pair(*row) for row in rows]


def _lock(session: Session, ids: Sequence[str]) -> None:
    # Locked first and read after: a read that waits for a lock would join the answers as they stood before.
    session.execute(select(Proposal.id).where(Proposal.id.in_(ids)).order_by(Proposal.id).with_for_update())


def queue_of(mission_id: str, filters: QueueFilters) -> Select[Any]:
    """Return the review queue: pinned pairs first, then strong, good and doubtful ones, each by score."""
    found = shown_pairs(mission_id).where(*_conditions(filters))
    level = case((Proposal.fit == Fit.STRONG, 0), (Proposal.fit == Fit.GOOD, 1), else_=2)
    return found.order_by(Proposal.is_pinned.desc(), level, Proposal.score.desc(), Proposal.id)


def _conditions(filters: QueueFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.text:
        text = filters.text.lower()
        wanted.append(or_(*(func.lower(firm.name).contains(text, autoescape=True) for firm in (Buyer, Seller))))
    if filters.fit is not None:
        wanted.append(Proposal.fit == filters.fit)
    if filters.seller_province:
        wanted.append(SellerPlace.province_code == filters.seller_province)
    if filters.family_code:
        of_family = select(Commodity.code).where(Commodity.family_code == filters.family_code)
        wanted.append(or_(Offer.commodity_code.in_(of_family), Need.commodity_code.in_(of_family)))
    if filters.is_pinned:
        wanted.append(Proposal.is_pinned.is_(True))
    return [*wanted, *_progress(filters.progress)]


def _progress(progress: Progress) -> list[ColumnElement[bool]]:
    accepted = Proposal.state == ProposalState.ACCEPTED
    return {
        Progress.UNDECIDED: [Proposal.state == ProposalState.PROPOSED],
        Progress.ACCEPTED: [accepted],
        Progress.ONE_SIDE: [accepted, ONE_AGREES],
        Progress.BOTH: [accepted, BOTH_AGREE],
        Progress.REJECTED: [Proposal.state == ProposalState.REJECTED],
        Progress.ALL: [],
    }[progress]


def strong_ids(
    session: Session, mission_id: str, filters: QueueFilters, limit: int, *, among: Sequence[str] | None = None
) -> Sequence[str]:
    """Return the ids of the strong, undecided pairs among what the filters leave (or of one page), best first."""
    strong = replace(filters, fit=Fit.STRONG, progress=Progress.UNDECIDED)
    found = _joined(Proposal.id).where(*_is_shown(mission_id), *_conditions(strong))
    if among is not None:
        found = found.where(Proposal.id.in_(among))
    return session.scalars(found.order_by(Proposal.score.desc(), Proposal.id).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class QueueHead:
    """What stands above the queue: the mission, its last ranking, work in progress and how much is done."""

    mission: Mission
    run: RankingRun | None
    job: Job | None
    total: int
    decided: int
    strong_left: int


def queue_head(session: Session, person: Person, mission_id: str, filters: QueueFilters) -> QueueHead | None:
    """Return the head of the queue in one query; None when the mission does not exist for this person."""
    strong = _conditions(replace(filters, fit=Fit.STRONG, progress=Progress.UNDECIDED))
    shown = _joined(Proposal.id, Proposal.state).where(*_is_shown(mission_id)).subquery()
    row = session.execute(
        missions.seen_missions(person).where(Mission.id == mission_id).add_columns(
            RankingRun, Job,
            select(func.count()).select_from(shown).scalar_subquery(),
            select(func.count()).select_from(shown).where(shown.c.state != ProposalState.PROPOSED).scalar_subquery(),
            _joined(func.count()).where(*_is_shown(mission_id), *strong).scalar_subquery(),
        )
        .outerjoin(RankingRun, RankingRun.id == _newest(RankingRun, RankingRun.mission_id, RankingRun.ended_at))
        .outerjoin(Job, Job.id == select(Job.id).where(Job.kind == RANK_JOB, Job.subject == mission_id).order_by(
            Job.created_at.desc(), Job.id.desc()).limit(1).scalar_subquery())
    ).one_or_none()
    return None if row is None else QueueHead(*row)


def _newest(table: Any, mission_column: Any, moment: Any) -> Any:
    return (
        select(table.id).where(mission_column == Mission.id).order_by(moment.desc(), table.id.desc()).limit(1)
        .correlate(Mission).scalar_subquery()
    )


def listed_scores(session: Session, mission_id: str, listing: Listing) -> dict[str, list[float]]:
    """Return the scores in the list of each partner of the other side, without those of `listing` itself."""
    own, partner, rank = (
        (Proposal.need_id, Proposal.offer_id, Proposal.rank_for_offer) if listing.side is Side.NEED
        else (Proposal.offer_id, Proposal.need_id, Proposal.rank_for_need)
    )
    found: dict[str, list[float]] = {}
    for key, score in session.execute(
        select(partner, Proposal.score).where(
            Proposal.mission_id == mission_id, Proposal.is_current.is_(True), rank.is_not(None), own != listing.id
        )
    ):
        found.setdefault(key, []).append(score)
    return found


def last_run(session: Session, mission_id: str) -> RankingRun | None:
    """Return the newest ranking of a mission."""
    return session.scalar(
        select(RankingRun).where(RankingRun.mission_id == mission_id)
        .order_by(RankingRun.ended_at.desc(), RankingRun.id.desc()).limit(1)
    )


def contributions_of(proposal: Proposal) -> list[Contribution]:
    """Return what costs the score of a pair, and what carries it: points of a hundred, the largest first.

    A part carries what the score would lose if it failed altogether; it costs what the score would win if it were
    perfect. The parts multiply, so these points do not add up to the score. A part that nobody stated carries nothing.
    """
    parts = proposal.parts
    costs = _largest(parts["costs"], SHOWN_COSTS)
    stated = {part: share for part, share in parts["carries"].items() if parts["known"][part] and part not in costs}
    carries = _largest(stated, SHOWN_CARRIES)
    return [
        Contribution(part, share, is_loss, parts["known"][part])
        for shares, is_loss in ((carries, False), (costs, True)) for part, share in shares.items()
    ]


def _largest(shares: dict[str, float], count: int) -> dict[str, float]:
    """Return the largest shares that make at least one point of a hundred."""
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return {part: share for part, share in ordered[:count] if round(share * 100) >= 1}


def nearest_alternative(session: Session, pair: Pair) -> Pair | None:
    """Return the best other pair that this need or this offer could have instead."""
    proposal = pair.proposal
    row = session.execute(
        shown_pairs(proposal.mission_id)
        .where(
            Proposal.id != proposal.id, Proposal.state != ProposalState.REJECTED,
            or_(Proposal.need_id == proposal.need_id, Proposal.offer_id == proposal.offer_id),
        )
        .order_by(Proposal.score.desc(), Proposal.id).limit(1)
    ).one_or_none()
    return None if row is None else Pair(*row)


def unmatched_listings(mission_id: str, side: Side | None, now: datetime) -> Select[Listing]:
    """Return the listings that took part and for which nothing suitable is proposed, needs first."""
    current = and_(Proposal.mission_id == mission_id, Proposal.is_current.is_(True))
    needs, offers = select(Proposal.need_id).where(current), select(Proposal.offer_id).where(current)
    found = rankable_listings(mission_id, now).options(joinedload(Listing.commodity), joinedload(Listing.unit))
    needs_first = case((Listing.side == Side.NEED, 0), else_=1)
    found = found.where(Listing.id.not_in(needs), Listing.id.not_in(offers))
    found = found.order_by(None).order_by(needs_first, Listing.title, Listing.id)
    return found if side is None else found.where(Listing.side == side)


def evenness(session: Session, mission: Mission) -> dict[str, SideCount]:
    """Return how each province fares: firms, pairs in which it sells, accepted ones, firms without any proposal."""
    ready = ready_firms(mission.id).subquery()
    current = and_(Proposal.mission_id == mission.id, Proposal.is_current.is_(True))
    is_accepted = case((Proposal.state == ProposalState.ACCEPTED, 1), else_=0)
    sells = _per_firm(Proposal.offer_id, current, is_accepted).subquery()
    buys = _per_firm(Proposal.need_id, current, is_accepted).subquery()
    is_without = case((and_(sells.c.firm.is_(None), buys.c.firm.is_(None)), 1), else_=0)
    rows = session.execute(
        select(
            Regency.province_code, func.count(), func.coalesce(func.sum(sells.c.pairs), 0),
            func.coalesce(func.sum(sells.c.accepted), 0), func.coalesce(func.sum(is_without), 0),
        )
        .select_from(Enterprise).join(Regency, Regency.code == Enterprise.regency_code)
        .outerjoin(sells, sells.c.firm == Enterprise.id).outerjoin(buys, buys.c.firm == Enterprise.id)
        .where(Enterprise.id.in_(select(ready.c.id))).group_by(Regency.province_code)
    )
    found = {code: SideCount(*(int(number) for number in numbers)) for code, *numbers in rows}
    return {code: found.get(code, SideCount(0, 0, 0, 0)) for code in mission.province_codes}


def _per_firm(column: Any, current: ColumnElement[bool], is_accepted: Any) -> Select[Any]:
    counts = (func.count().label("pairs"), func.sum(is_accepted).label("accepted"))
    return (
        select(Listing.enterprise_id.label("firm"), *counts).select_from(Proposal)
        .join(Listing, Listing.id == column).where(current).group_by(Listing.enterprise_id)
    )


def trail_of(session: Session, proposal_id: str) -> Sequence[AuditEntry]:
    """Return who decided and answered what about one pair, newest first."""
    return session.scalars(
        select(AuditEntry).where(AuditEntry.subject_type == "proposal", AuditEntry.subject_id == proposal_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    ).all()


def batch_seen_by(session: Session, person: Person, batch_id: str) -> DecisionBatch | None:
    """Return decisions that somebody took together, for the one who took them."""
    return session.scalar(
        select(DecisionBatch).where(DecisionBatch.id == batch_id, DecisionBatch.decided_by_id == person.id)
    )


def _own_pairs(person: Person) -> Select[Any]:
    """Return the accepted pairs of an owner's firm in missions that are not over; both firms ready."""
    not_over = select(Mission.id).where(Mission.state.in_((MissionState.OPEN, MissionState.HELD)))
    ready = _ready(Enterprise.id, Participation.mission_id).where(Participation.mission_id.in_(not_over))
    return _pairs().options(joinedload(Proposal.mission)).where(
        or_(Buyer.owner_id == person.id, Seller.owner_id == person.id),
        Proposal.state == ProposalState.ACCEPTED,
        tuple_(Buyer.id, Proposal.mission_id).in_(ready), tuple_(Seller.id, Proposal.mission_id).in_(ready),
    )


def _own_and_other(person: Person) -> tuple[Any, Any]:
    is_buyer = Buyer.owner_id == person.id
    return (
        case((is_buyer, BuyerSays.answer), else_=SellerSays.answer),
        case((is_buyer, SellerSays.answer), else_=BuyerSays.answer),
    )


def partners_to_answer(session: Session, person: Person, limit: int) -> Sequence[Pair]:
    """Return the pairs that wait for an owner's answer; those whose other side already wants come first."""
    own, other = _own_and_other(person)
    eagerness = case((other == Answer.WANT, 0), (other == Answer.MAY, 1), else_=2)
    rows = session.execute(
        _own_pairs(person)
        .where(
            own.is_(None), or_(other.is_(None), other != Answer.NOT),
            Need.state == ListingState.OPEN, Offer.state == ListingState.OPEN,
        )
        .order_by(eagerness, Proposal.is_pinned.desc(), Proposal.score.desc(), Proposal.id).limit(limit)
    )
    return [Pair(*row) for row in rows]


def answered_partners(person: Person) -> Select[Any]:
    """Return the pairs that an owner has answered: agreed ones first, then the newest, refused ones last."""
    own, _ = _own_and_other(person)
    place = case((BOTH_AGREE, 0), (own == Answer.NOT, 2), else_=1)
    return _own_pairs(person).where(own.is_not(None)).order_by(place, Proposal.score.desc(), Proposal.id)


def pair_to_answer(session: Session, person: Person, proposal_id: str) -> Pair | None:
    """Return one accepted pair of an owner's firm, locked, or None when it is not theirs."""
    _lock(session, [proposal_id])
    row = session.execute(
        _own_pairs(person).where(Proposal.id == proposal_id), execution_options={"populate_existing": True}
    ).one_or_none()
    return None if row is None else Pair(*row)


def side_of(person: Person, pair: Pair) -> PairSide:
    """Return on which side of one of their pairs an owner stands."""
    return PairSide.BUYER if pair.proposal.need.enterprise.owner_id == person.id else PairSide.SELLER


@dataclass(frozen=True, slots=True)
class Phones:
    """The numbers that two firms may use to reach one another."""

    buyer: str
    seller: str


def released_phones(session: Session, pairs: Sequence[Pair]) -> dict[str, Phones]:
    """Return proposal → phones, where both sides agreed to meet and both owners agreed to share their numbers.

    No other query hands an owner's number to the other province.
    """
    agreed = [pair.proposal for pair in pairs if pair.is_agreed]
    if not agreed:
        return {}
    firms = {firm.id for proposal in agreed for firm in (proposal.need.enterprise, proposal.offer.enterprise)}
    willing: dict[str, str] = {
        firm_id: phone or ""
        for firm_id, phone in session.execute(
            select(Enterprise.id, Person.phone).join(Person, Person.id == Enterprise.owner_id)
            .where(Enterprise.id.in_(firms), Person.phone.is_not(None), owner_agreed_to(Purpose.PHONE))
        )
    }
    return {
        proposal.id: Phones(willing[proposal.need.enterprise.id], willing[proposal.offer.enterprise.id])
        for proposal in agreed
        if proposal.need.enterprise.id in willing and proposal.offer.enterprise.id in willing
    }


def agreed_pairs(session: Session, mission_id: str) -> Sequence[Proposal]:
    """Return the accepted pairs of a mission in which both sides want to or may meet, by seller and buyer."""
    rows = session.execute(
        _pairs().where(Proposal.mission_id == mission_id, Proposal.state == ProposalState.ACCEPTED, BOTH_AGREE)
        .order_by(Seller.name, Buyer.name, Proposal.id)
    )
    return [row[0] for row in rows]
