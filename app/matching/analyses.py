"""Reads that compute: how proposals spread over the firms of a mission, and what missing fields cost an owner."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.algorithms.exposure import FloorCost, GroupSpread, Spread, cost_of_floors, spread_by_group, spread_of
from app.algorithms.missing_fields import Filling, Gain, field_gains
from app.algorithms.ranker import corpus_of
from app.algorithms.selection import Why
from app.algorithms.selection_problem import PossibleMeetings, meetings_of_pairs
from app.enterprises.models import Enterprise
from app.enterprises.values import SizeClass
from app.listings import queries as listings
from app.listings.models import Listing
from app.listings.values import Side
from app.matching import queries
from app.missions.models import Mission
from app.regions.models import Regency

MOST_MEETINGS = 8  # of one firm in a day: what still leaves time to talk and to eat
FLOORS = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class ExposedFirm:
    """A ready firm of a mission; `is_compared` when at least one of its listings takes part in the ranking."""

    id: str
    name: str
    province_code: str
    island: str
    size: SizeClass | None
    is_compared: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A firm and how many partners are proposed to it."""

    firm: ExposedFirm
    partners: int


@dataclass(frozen=True, slots=True)
class Floor:
    """What it costs when everybody gets so many meetings before anybody gets more."""

    cost: FloorCost
    below: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """How the proposals of a mission spread; `unmet` are the firms that meet nobody even with a floor of one."""

    spread: Spread
    proposals: int
    provinces: Sequence[GroupSpread]
    sizes: Sequence[GroupSpread]
    islands: Sequence[GroupSpread]
    top: Sequence[Shown]
    most_meetings: int
    floors: Sequence[Floor]
    unmet: dict[str, list[ExposedFirm]]


def exposure_of(session: Session, mission: Mission, now: datetime) -> Exposure:
    """Return how the proposals that were not turned down spread over the firms that take part.

    A firm counts each partner once, however many of their listings fit. Needs two queries and four small flows.
    """
    firms = _firms(session, mission, now)
    rows = _pairs(session, mission, firms)
    is_left = [firm.province_code == mission.visiting_province_code for firm in firms]
    found = meetings_of_pairs([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], is_left)
    partners = _partners(found, len(firms))
    spread, by_island = spread_of(partners), spread_by_group(partners, [firm.island for firm in firms])
    most = max(1, min(MOST_MEETINGS, mission.slot_count or MOST_MEETINGS))
    costs = _costs(found, [(row[0], row[1]) for row in rows if row[3]], most)
    return Exposure(
        spread=spread, proposals=len(rows),
        provinces=_grouped(partners, [firm.province_code for firm in firms], mission.province_codes),
        sizes=_grouped(partners, [firm.size for firm in firms], (*SizeClass, None)),
        islands=sorted(by_island, key=lambda one: (one.mean, one.group)),
        top=[Shown(firms[position], partners[position]) for position in spread.top], most_meetings=most,
        floors=[Floor(cost, len(cost.selection.shortfalls)) for cost in costs],
        unmet=_unmet(found, costs[FLOORS.index(1)], firms),
    )


def _firms(session: Session, mission: Mission, now: datetime) -> list[ExposedFirm]:
    compared = queries.rankable_listings(mission.id, now).with_only_columns(
        Listing.enterprise_id, maintain_column_froms=True
    )
    rows = session.execute(
        select(
            Enterprise.id, Enterprise.name, Regency.province_code, Regency.island, Enterprise.size_class,
            Enterprise.id.in_(compared.order_by(None)),
        )
        .join(Regency, Regency.code == Enterprise.regency_code)
        .where(Enterprise.id.in_(queries.ready_firms(mission.id)), Regency.province_code.in_(mission.province_codes))
        .order_by(Enterprise.name, Enterprise.id)
    )
    return [ExposedFirm(*row[:5], is_compared=bool(row[5])) for row in rows]


def _pairs(
    session: Session, mission: Mission, firms: Sequence[ExposedFirm]
) -> list[tuple[int, int, float, bool]]:
    """Return (buyer, seller, score, pinned) of each proposal, with positions of firms of two provinces."""
    place = {firm.id: position for position, firm in enumerate(firms)}
    rows = session.execute(queries.shown_firms(mission.id))
    found = [
        (place[buyer], place[seller], score, is_pinned) for buyer, seller, score, is_pinned in rows
        if buyer in place and seller in place
    ]
    return [row for row in found if firms[row[0]].province_code != firms[row[1]].province_code]


def _partners(found: PossibleMeetings, n_firms: int) -> list[int]:
    counts = Counter(found.left_firms[found.left].tolist()) + Counter(found.right_firms[found.right].tolist())
    return [counts[firm] for firm in range(n_firms)]


def _costs(found: PossibleMeetings, pins: Sequence[tuple[int, int]], most: int) -> list[FloorCost]:
    left = {firm: position for position, firm in enumerate(found.left_firms.tolist())}
    right = {firm: position for position, firm in enumerate(found.right_firms.tolist())}
    pinned = [(left[one], right[other]) if one in left else (left[other], right[one]) for one, other in pins]
    return cost_of_floors(
        found.left, found.right, found.score, n_left=len(left), n_right=len(right), limit=most, floors=FLOORS,
        pinned=pinned,
    )


def _grouped(
    partners: Sequence[int], groups: Sequence[Hashable], order: Sequence[Hashable]
) -> list[GroupSpread]:
    found = {one.group: one for one in spread_by_group(partners, groups)}
    return [found[group] for group in order if group in found]


def _unmet(found: PossibleMeetings, cost: FloorCost, firms: Sequence[ExposedFirm]) -> dict[str, list[ExposedFirm]]:
    """Return reason -> firms that meet nobody, by name: no listing that is compared, nobody who fits, partners full."""
    sides = {"left": found.left_firms, "right": found.right_firms}
    lists: dict[str, list[ExposedFirm]] = {"no_listing": [], Why.NO_CANDIDATES.value: [], Why.PARTNERS_FULL.value: []}
    for short in cost.selection.shortfalls:
        firm = firms[int(sides[short.side][short.firm])]
        is_silent = short.why is Why.NO_CANDIDATES and not firm.is_compared
        lists["no_listing" if is_silent else short.why.value].append(firm)
    return {why: sorted(found, key=lambda firm: firm.name) for why, found in lists.items() if found}


@dataclass(frozen=True, slots=True)
class MissingField:
    """One missing field of a listing, and what filling it in would bring.

    partners, after : firms that suit, as it stands and with the field filled in.
    stronger : firms that suit already and would fit strongly.
    raised : firms that suit already and would get a higher score.
    """

    filling: Filling
    partners: int
    after: int
    stronger: int
    raised: int

    @property
    def more(self) -> int:
        """Firms that suit only with the field filled in, less those that no longer would."""
        return self.after - self.partners

    @property
    def is_gain(self) -> bool:
        """Whether filling it in brings a partner, or makes one fit strongly, and loses none."""
        return self.more > 0 or (self.more == 0 and self.stronger > 0)


@dataclass(frozen=True, slots=True)
class Lacking:
    """An own listing with its missing fields: those that bring something, the most first, then the others."""

    listing: Listing
    gains: Sequence[MissingField]
    others: Sequence[MissingField]


def missing_fields(session: Session, enterprise_id: str, mission: Mission, now: datetime) -> list[Lacking] | None:
    """Return what the listings of a firm lack for one mission; None when none of them takes part in its ranking.

    Ranks the firm's listings again, as they are and with each field filled in, against the whole other side.
    """
    market = queries.market_of(session, mission.id, now)
    own = {row.id: row for row in listings.listings_of(session, enterprise_id)}
    firm_of = _firm_of(session, mission.id)
    corpus = corpus_of((*market.offers, *market.needs))
    found: list[Lacking] = []
    for side, ids, others in (
        (Side.NEED, market.need_ids, market.offer_ids), (Side.OFFER, market.offer_ids, market.need_ids)
    ):
        mine = [position for position, key in enumerate(ids) if key in own]
        if not mine:
            continue
        gains = field_gains(
            queries.ranker(session), market.offers, market.needs, mine, is_offer=side is Side.OFFER, corpus=corpus
        )
        firms = [firm_of[key] for key in others]
        found += [_lacking(own[ids[at]], [gain for gain in gains if gain.own == at], firms) for at in mine]
    return found or None


def _firm_of(session: Session, mission_id: str) -> dict[str, str]:
    of_ready = Listing.enterprise_id.in_(queries.ready_firms(mission_id))
    rows = session.execute(select(Listing.id, Listing.enterprise_id).where(of_ready))
    return {row.id: row.enterprise_id for row in rows}


def _lacking(listing: Listing, gains: Sequence[Gain], firms: Sequence[str]) -> Lacking:
    fields = [_missing(gain, firms) for gain in gains]
    return Lacking(
        listing,
        sorted((one for one in fields if one.is_gain), key=lambda one: (-one.more, -one.stronger)),
        [one for one in fields if not one.is_gain],
    )


def _missing(gain: Gain, firms: Sequence[str]) -> MissingField:
    def counted(positions: frozenset[int]) -> int:
        return len({firms[position] for position in positions})

    return MissingField(
        gain.filling, partners=counted(gain.before), after=counted(gain.after), stronger=counted(gain.stronger),
        raised=counted(gain.raised),
    )
