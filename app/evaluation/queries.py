"""Reads for totals, for the published history, and of what people said about proposed pairs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.chances import PARTS
from app.algorithms.learning import Decisions
from app.algorithms.totals import DoesNotAddUp, KindTotal, Line, Part, by_kind, missing_amount, partition
from app.commodities import queries as commodities
from app.commodities.catalogue import Catalogue
from app.deals import queries as deals
from app.deals.models import Deal, DealEntry
from app.deals.values import UNLISTED, DealFilters, DealKind, Standing
from app.evaluation.values import MissionTotals, Slice, Slices, Source
from app.learning.values import Heard
from app.matching.models import PartnerAnswer, Proposal
from app.matching.values import Answer, NotReason, PairSide, ProposalState, RejectReason
from app.missions.models import Mission, MissionSource, OtherMission, PublishedTotal
from app.missions.values import MissionState
from app.regions.models import Province

SHOWN = 8
LARGEST = 7
# Before this year the missions had another form, and what was published contradicts itself.
FIRST_COMPARABLE_YEAR = 2018
# Reasons that speak of the two firms or of the moment, not of how well the pair fits.
SILENT_REJECTS = (RejectReason.SAME_OWNER, RejectReason.ALREADY_PARTNERS)
SILENT_ANSWERS = (NotReason.ALREADY_KNOWN, NotReason.NO_STOCK)
MAY_WEIGHT = 0.5  # "boleh" is half a yes
DEAL_WEIGHT = 2.0  # who signed meant it
_BOTH = (PairSide.BUYER, PairSide.SELLER)


@dataclass(frozen=True, slots=True)
class Published:
    """One earlier mission with what was published about it, and the gap between the total and its parts."""

    mission: Mission
    total: PublishedTotal | None
    sources: Sequence[Source]
    gap: int | None


def totals_of(
    session: Session, person: Person, mission: Mission, kind: DealKind, name: Callable[[Any], str]
) -> MissionTotals:
    """Return the totals of the deals that count now; `name` gives goods and families in the reader's language."""
    rows, goods = deals.rows_behind(session, mission), commodities.catalogue(session)
    lines = [_line(row, goods) for row in rows]
    totals = by_kind(lines)
    _compare(totals, deals.sums_by_kind(session, person, mission, DealFilters()))
    chosen = [line for line in lines if line.kind == kind]
    places = {row.seller_regency: row.seller_regency_name for row in rows}
    places |= {row.buyer_regency: row.buyer_regency_name for row in rows}
    return MissionTotals(
        by_kind=totals, kind=kind,
        families=_slices(chosen, lambda line: line.family, lambda code: _named(goods.families, code, name)),
        goods=_slices(chosen, lambda line: line.goods, lambda code: _named(goods.goods, code, name)),
        seller_places=_slices(chosen, lambda line: line.seller_place, lambda code: places[code]),
        buyer_places=_slices(chosen, lambda line: line.buyer_place, lambda code: places[code]),
    )


def _line(row: deals.Row, goods: Catalogue) -> Line:
    good = goods.goods.get(row.commodity_code or "")
    return Line(
        kind=row.kind.value, seller_side=row.seller_role.value, amount=row.amount,
        family=good.family_code if good else UNLISTED, goods=good.code if good else UNLISTED,
        seller_place=row.seller_regency, buyer_place=row.buyer_regency,
    )


def _named(things: Any, code: str, name: Callable[[Any], str]) -> str:
    return name(things[code]) if code in things else ""


def _compare(totals: dict[str, KindTotal], ledger: Iterable[deals.KindSum]) -> None:
    """Refuse to show a figure unless the database, adding for itself, comes to the same rupiah."""
    ours = {
        (kind, side): (part.count, part.amount)
        for kind, total in totals.items() for side, part in total.sold_by.items() if part.count
    }
    theirs = {(row.kind.value, row.seller_role.value): (row.count, row.amount) for row in ledger}
    if ours != theirs:
        raise DoesNotAddUp(f"two ways of adding differ: {ours} and {theirs}")


def _slices(lines: Sequence[Line], key: Callable[[Line], str], name: Callable[[str], str]) -> Slices:
    """Return bars that each stand for one direction of sale, so that a sign in front of them is true."""
    parts: list[tuple[str, str, Part]] = []
    for part in partition(lines, lambda line: f"{line.seller_side}|{key(line)}"):
        side, code = part.key.split("|", 1)
        parts.append((side, code, part))
    longest = parts[0][2].all.amount if parts else 0
    return Slices(
        top=[Slice(code, name(code), side, part.all, part.all.share_of(longest)) for side, code, part in parts[:SHOWN]],
        rest_count=sum(part.all.count for *_, part in parts[SHOWN:]),
        rest_amount=sum(part.all.amount for *_, part in parts[SHOWN:]),
    )


def largest_deals(session: Session, person: Person, mission: Mission, kind: DealKind) -> Sequence[DealEntry]:
    """Return the largest deals of one kind."""
    found = deals.deals_seen_by(person, mission, DealFilters(kind=kind)).order_by(None)
    return session.scalars(found.order_by(DealEntry.value_amount.desc(), DealEntry.id).limit(LARGEST)).all()


def entries_to_save(session: Session, person: Person, mission: Mission, standing: Standing) -> Sequence[DealEntry]:
    """Return every deal of a mission for a file, in the order of recording."""
    found = deals.deals_seen_by(person, mission, DealFilters(standing=standing)).order_by(None)
    return session.scalars(found.order_by(Deal.recorded_at, Deal.id)).all()


def mission_on_show(session: Session) -> Mission | None:
    """Return the mission that the public pages speak of: the open one with the nearest day, else the one held last."""
    is_past = case((Mission.state == MissionState.OPEN, 0), else_=1)
    nearest = case((is_past == 0, Mission.held_on))
    return session.scalar(
        select(Mission).where(Mission.state.in_((MissionState.OPEN, MissionState.HELD)))
        .order_by(is_past, nearest, Mission.held_on.desc(), Mission.id).limit(1)
    )


def pair_history(session: Session, pair: tuple[str, str] | None) -> list[Published]:
    """Return the comparable missions of two provinces with a published total; the newest pair when none is given."""
    with_total = (
        select(Mission, PublishedTotal).join(PublishedTotal, PublishedTotal.mission_id == Mission.id)
        .where(PublishedTotal.total_amount.is_not(None)).order_by(Mission.held_on.desc(), Mission.id)
    )
    if pair is None:
        newest = session.execute(with_total.limit(1)).first()
        if newest is None:
            return []
        pair = newest[0].province_codes
    rows = [
        (mission, total) for mission, total in session.execute(with_total.where(_between(*pair)))
        if mission.held_on.year >= FIRST_COMPARABLE_YEAR
    ]
    return _published(session, list(reversed(rows)))


def earlier_missions(hosting_code: str | None) -> Any:
    """Return the select of all missions from before the platform with what was published, newest first."""
    found = (
        select(Mission, PublishedTotal).outerjoin(PublishedTotal, PublishedTotal.mission_id == Mission.id)
        .where(Mission.state == MissionState.HISTORY)
    )
    if hosting_code:
        found = found.where(Mission.hosting_province_code == hosting_code)
    return found.order_by(Mission.held_on.desc(), Mission.id)


def with_sources(session: Session, rows: Sequence[Any]) -> list[Published]:
    """Return rows of `earlier_missions` with their sources, in one more query for the whole page."""
    return _published(session, [(mission, total) for mission, total in rows])


def other_missions(session: Session) -> list[tuple[OtherMission, list[Source]]]:
    """Return the earlier missions that were not between two provinces, newest first, with their sources."""
    rows = session.scalars(select(OtherMission).order_by(OtherMission.held_on.desc(), OtherMission.id))
    return [(row, [Source(host=urlsplit(url).hostname or url, url=url) for url in row.sources]) for row in rows]


def hosts_of_history(session: Session) -> Sequence[Province]:
    """Return the provinces that have hosted an earlier mission, by name."""
    hosts = select(Mission.hosting_province_code).where(Mission.state == MissionState.HISTORY)
    return session.scalars(select(Province).where(Province.code.in_(hosts)).order_by(Province.name)).all()


def _published(session: Session, rows: Sequence[tuple[Mission, PublishedTotal | None]]) -> list[Published]:
    sources: dict[str, list[Source]] = {}
    for row in session.scalars(
        select(MissionSource).where(MissionSource.mission_id.in_([mission.id for mission, _ in rows]))
        .order_by(MissionSource.url)
    ):
        parts = urlsplit(row.url)
        if parts.scheme in ("http", "https") and parts.hostname:
            source = Source(parts.hostname.removeprefix("www."), row.url)
            sources.setdefault(row.mission_id, []).append(source)
    return [Published(mission, total, sources.get(mission.id, []), _gap(total)) for mission, total in rows]


def _gap(total: PublishedTotal | None) -> int | None:
    if total is None or total.visiting_sold_amount is None or total.visiting_bought_amount is None:
        return None
    others = (total.investment_amount or 0, total.letter_of_intent_amount or 0)
    return missing_amount(total.total_amount, (total.visiting_sold_amount, total.visiting_bought_amount, *others))


def _between(one: str, other: str) -> Any:
    return or_(
        and_(Mission.visiting_province_code == one, Mission.hosting_province_code == other),
        and_(Mission.visiting_province_code == other, Mission.hosting_province_code == one),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """One decision about a pair: of an organiser or a signed deal (both sides), or an owner's answer (one side)."""

    pair: Proposal
    sides: tuple[PairSide, ...]
    is_yes: bool
    weight: float
    at: datetime


def heard_decisions(session: Session) -> Heard:
    """Return everything that people said about proposed pairs, in the order of time, as training data.

    An organiser's accept or reject and a deal that counts speak for both sides, an owner's answer for the own side.
    Left out are reasons that say nothing about fit, and pairs that were compared by other parts than today's.
    """
    everything = [*_organisers_said(session), *_owners_said(session), *_deals_said(session)]
    known = [said for said in everything if said is not None and _has_parts(said.pair)]
    known.sort(key=lambda said: (said.at, said.pair.id))
    return Heard(
        decisions=_as_rows(known), count=len(known), yes_count=sum(said.is_yes for said in known),
        left_out=len(everything) - len(known), since=known[0].at if known else None,
        until=known[-1].at if known else None,
    )


def _organisers_said(session: Session) -> Iterable[Said | None]:
    rows = session.scalars(
        select(Proposal).where(Proposal.state != ProposalState.PROPOSED, Proposal.decided_at.is_not(None))
    )
    for row in rows:
        if row.decided_at is None or row.reject_reason in SILENT_REJECTS:
            yield None
        else:
            yield Said(row, _BOTH, row.state is ProposalState.ACCEPTED, 1.0, row.decided_at)


def _owners_said(session: Session) -> Iterable[Said | None]:
    rows = session.execute(select(PartnerAnswer, Proposal).join(Proposal, Proposal.id == PartnerAnswer.proposal_id))
    for said, pair in rows:
        weight = MAY_WEIGHT if said.answer is Answer.MAY else 1.0
        is_silent = said.reason in SILENT_ANSWERS
        yield None if is_silent else Said(pair, (said.side,), said.answer is not Answer.NOT, weight, said.answered_at)


def _deals_said(session: Session) -> Iterable[Said]:
    rows = session.execute(
        select(Proposal, Deal.recorded_at).join(Deal, Deal.proposal_id == Proposal.id).where(Deal.is_void.is_(False))
    )
    return [Said(pair, _BOTH, True, DEAL_WEIGHT, at) for pair, at in rows]


def _has_parts(pair: Proposal) -> bool:
    return set(PARTS) <= set(pair.parts.get("value", ()))


def _as_rows(known: Sequence[Said]) -> Decisions:
    """Return one row for each side that a decision speaks for."""
    rows = [(said, side) for said in known for side in said.sides]

    def numbered(key: Callable[[Proposal], str]) -> NDArray[np.intp]:
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(key(said.pair), len(numbers)) for said, _ in rows], dtype=np.intp)

    values = [said.pair.parts["value"] for said, _ in rows]
    return Decisions(
        parts={part: np.array([value[part] for value in values], dtype=np.float64) for part in PARTS},
        is_buyer=np.array([side is PairSide.BUYER for _, side in rows], dtype=np.bool_),
        said_yes=np.array([said.is_yes for said, _ in rows], dtype=np.bool_),
        weight=np.array([said.weight for said, _ in rows], dtype=np.float64),
        at=np.array([said.at.timestamp() for said, _ in rows], dtype=np.float64),
        pair=numbered(lambda pair: pair.id), need=numbered(lambda pair: pair.need_id),
        offer=numbered(lambda pair: pair.offer_id),
    )
