"""The demo mission: invented firms and people from seed_data/demo_*.csv, loaded once and never overwritten.

After the first ranking a few days are played through the product's own actions, so that each role finds work at
every stage: pairs to review, cards to answer, pairs that agree, deals of each kind.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Consent, Person
from app.accounts.values import CONSENT_VERSION, DEMO_PASSWORD, Purpose, Role
from app.commodities.lists import Row, rows_of
from app.deals import actions as deals
from app.deals.values import DealDetails, DealKind, Term
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState, TradeSide, size_class_of
from app.kit import proofs
from app.kit.ids import new_id
from app.listings.models import Listing
from app.listings.values import Period, Side
from app.matching import actions as matching
from app.matching import queries as pairs
from app.matching.models import Proposal
from app.matching.values import Answer, Decision, Fit
from app.missions.models import Mission, Participation
from app.missions.values import Funding, MissionState
from app.regions.models import Province


def load_demo(session: Session, now: datetime) -> bool:
    """Load the demo mission; returns False when it is already there (nothing is touched then)."""
    if session.scalar(select(Mission.id).where(Mission.is_demo)):
        return False
    password_hash = proofs.hash_password(DEMO_PASSWORD)
    people = {row["key"]: _person(row, password_hash, now) for row in rows_of("demo_people")}
    session.add_all(people.values())
    session.flush()
    firms = {row["key"]: _enterprise(row, people, now) for row in rows_of("demo_enterprises")}
    session.add_all(firms.values())
    session.flush()
    session.add_all(_consents(people, now))
    session.add_all(_listing(row, firms, now) for row in rows_of("demo_listings"))
    mission = _mission(session, {row["key"]: row["value"] for row in rows_of("demo_mission")}, now)
    session.add(mission)
    session.flush()
    session.add_all(_participations(firms, mission, now))
    session.flush()
    return True


def showcase(session: Session) -> list[Person]:
    """Return the demo accounts to print: staff and one owner of each province."""
    keys = [row for row in rows_of("demo_people") if row["is_showcase"] == "1"]
    phones = [row["phone"] for row in keys if row["phone"]]
    emails = [row["email"] for row in keys if row["email"]]
    query = select(Person).where(Person.is_demo, Person.phone.in_(phones) | Person.email.in_(emails))
    order = {Role.OWNER: 0, Role.ORGANISER: 1, Role.OFFICE: 2, Role.ADMIN: 3}
    return sorted(session.scalars(query), key=lambda person: (order[person.role], person.province_code or ""))


def _person(row: Row, password_hash: str, now: datetime) -> Person:
    role = Role(row["role"])
    is_staff = role is not Role.OWNER
    return Person(
        id=new_id(), name=row["name"], phone=row["phone"] or None, email=row["email"] or None, role=role,
        province_code=row["province_code"] or None, password_hash=password_hash if is_staff else None,
        totp_secret=proofs.random_totp_secret() if is_staff else None, totp_confirmed_at=now if is_staff else None,
        is_demo=True, created_at=now,
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _enterprise(row: Row, people: dict[str, Person], now: datetime) -> Enterprise:
    turnover, capital = _whole(row["annual_turnover"]), _whole(row["capital"])
    return Enterprise(
        id=new_id(), owner_id=people[row["owner_key"]].id, name=row["name"], regency_code=row["regency_code"],
        trade_side=TradeSide(row["trade_side"]), state=EnterpriseState.ACTIVE, nib=row["nib"] or None,
        npwp=row["npwp"] or None, certificates=_list(row["certificates"]), about=row["about"],
        annual_turnover=turnover, capital=capital, workers=_whole(row["workers"]),
        outside_buyers=_whole(row["outside_buyers"]), founded_year=_whole(row["founded_year"]),
        owner_gender=row["owner_gender"] or None, size_class=size_class_of(turnover, capital),
        confirmed_at=now, is_demo=True, created_at=now, updated_at=now,
    )


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _consents(people: dict[str, Person], now: datetime) -> Iterator[Consent]:
    for person in people.values():
        if person.role is Role.OWNER:
            for purpose in Purpose:
                yield Consent(
                    person_id=person.id, purpose=purpose, version=CONSENT_VERSION, given_at=now, recorded_by=None,
                    is_given=purpose is not Purpose.PRESS,
                )


def _listing(row: Row, firms: dict[str, Enterprise], now: datetime) -> Listing:
    renewed = now - timedelta(days=int(row["days_old"] or 0))
    return Listing(
        id=new_id(), enterprise_id=firms[row["enterprise_key"]].id, side=Side(row["side"]),
        commodity_code=row["commodity_code"] or None, title=row["title"], description=row["description"],
        quantity=_decimal(row["quantity"]), unit_code=row["unit_code"] or None, period=Period(row["period"] or "month"),
        price_amount=_whole(row["price_amount"]), minimum_order=_decimal(row["minimum_order"]),
        months=[int(month) for month in _list(row["months"])], packing=row["packing"],
        certificates=_list(row["certificates"]), renewed_at=renewed, created_at=renewed,
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _mission(session: Session, values: dict[str, str], now: datetime) -> Mission:
    host = session.get_one(Province, values["hosting_province_code"])
    zone, day = ZoneInfo(host.time_zone), date.fromisoformat(values["held_on"])

    def moment(name: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(values[name]), zone)

    details: dict[str, Any] = {name: values[name] for name in ("name", "venue", "host_city")}
    return Mission(
        id=new_id(), held_on=day, visiting_province_code=values["visiting_province_code"],
        hosting_province_code=values["hosting_province_code"], opens_at=moment("opens_at_local"),
        closes_at=moment("closes_at_local"), cutoff_at=moment("cutoff_at_local"),
        slot_minutes=int(values["slot_minutes"]), slot_count=int(values["slot_count"]),
        table_count=int(values["table_count"]), state=MissionState.OPEN, is_demo=True, created_at=now, **details,
    )


def _participations(firms: dict[str, Enterprise], mission: Mission, now: datetime) -> Iterator[Participation]:
    for row in rows_of("demo_enterprises"):
        yield Participation(
            mission_id=mission.id, enterprise_id=firms[row["key"]].id, nominated_by=row["nominated_by"],
            funded_by=Funding(row["funded_by"]), joined_at=now,
        )


ACCEPTED, AGREED, SIGNED = 60, 24, 14
PER_LISTING, PER_SHOWCASE = 2, 6


def play_first_days(session: Session, mission: Mission, now: datetime) -> None:
    """Let the demo's organiser accept pairs, owners answer and the trade offices record what was signed."""
    staff = {(one.role, one.province_code): one for one in showcase(session) if one.role is not Role.OWNER}
    showcased = {one.id for one in showcase(session) if one.role is Role.OWNER}
    strong = _spread(session, mission, showcased)
    matching.decide(
        session, actor=staff[Role.ORGANISER, mission.hosting_province_code], mission=mission, reason=None,
        ids=[one.id for one in strong], decision=Decision.ACCEPT, seen_at=now, now=now,
    )
    for place, proposal in enumerate(one for one in strong if not _owners(one) & showcased):
        if place < AGREED:
            _answer(session, proposal, (True, True), now)
        if place < SIGNED:
            role = mission.province_codes[place % 2]
            _sign(session, mission, proposal, staff[Role.OFFICE, role], place, now)
    for place, proposal in enumerate(one for one in strong if _owners(one) & showcased):
        is_eager = place % 2 == 0
        who = (is_eager and _buyer(proposal) not in showcased, is_eager and _seller(proposal) not in showcased)
        _answer(session, proposal, who, now)


def _spread(session: Session, mission: Mission, first: set[str]) -> Sequence[Proposal]:
    """Return strong pairs, at most two a need or an offer, a few of each showcase owner first."""
    rows = session.scalars(
        select(Proposal).where(Proposal.mission_id == mission.id, Proposal.fit.in_((Fit.STRONG, Fit.GOOD)))
        .options(
            joinedload(Proposal.need).joinedload(Listing.enterprise),
            joinedload(Proposal.offer).joinedload(Listing.enterprise),
        )
        .order_by(Proposal.score.desc(), Proposal.need_id, Proposal.offer_id)
    ).all()
    taken: dict[str, int] = {}
    chosen: list[Proposal] = []
    for row in sorted(rows, key=lambda one: not _owners(one) & first):
        limits = {row.need_id: PER_LISTING, row.offer_id: PER_LISTING}
        limits |= dict.fromkeys(_owners(row) & first, PER_SHOWCASE)
        if len(chosen) < ACCEPTED and all(taken.get(key, 0) < most for key, most in limits.items()):
            chosen.append(row)
            taken.update({key: taken.get(key, 0) + 1 for key in limits})
    return chosen


def _buyer(proposal: Proposal) -> str:
    return proposal.need.enterprise.owner_id


def _seller(proposal: Proposal) -> str:
    return proposal.offer.enterprise.owner_id


def _owners(proposal: Proposal) -> set[str]:
    return {_buyer(proposal), _seller(proposal)}


def _answer(session: Session, proposal: Proposal, who: tuple[bool, bool], now: datetime) -> None:
    for owner_id, answers in zip((_buyer(proposal), _seller(proposal)), who, strict=True):
        person = session.get_one(Person, owner_id)
        pair = pairs.pair_to_answer(session, person, proposal.id) if answers else None
        if pair is not None:
            matching.answer(session, actor=person, pair=pair, answer=Answer.WANT, reason=None, now=now)


def _sign(
    session: Session, mission: Mission, proposal: Proposal, office: Person, place: int, now: datetime
) -> None:
    need, offer = proposal.need, proposal.offer
    if need.quantity is None or offer.price_amount is None or need.unit_code != offer.unit_code:
        return
    details = DealDetails(
        seller_id=offer.enterprise_id, buyer_id=need.enterprise_id, goods=offer.title, note="",
        commodity_code=offer.commodity_code or need.commodity_code, quantity=need.quantity, unit_code=need.unit_code,
        unit_price_amount=offer.price_amount, value_amount=None, value_reason="", term=Term.MONTH,
        kind=DealKind.INTENT if place % 7 == 6 else DealKind.COMMITMENT, form_number=f"PKT-{place + 1:03}",
        signed_on=now.date(),
    )
    deals.record_deal(
        session, actor=office, mission=mission, details=details, key=new_id(), now=now, proposal=proposal,
        checked=frozenset(),
    )
