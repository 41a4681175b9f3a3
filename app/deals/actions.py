"""Changes of deals. Facts are only ever added; a correction is a new entry with its reason."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.plausibility import Price, price_off, same_goods, same_number, value_off, values_are_close
from app.commodities import queries as commodities
from app.deals import policy, queries
from app.deals.models import Deal, DealEntry
from app.deals.values import DealDetails, DealFacts, DealKind, Doubt, DoubtKind
from app.enterprises.models import Enterprise
from app.kit import audit, money
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.matching.models import Proposal
from app.missions.models import Mission
from app.missions.values import MissionRole

FACTS = tuple(field.name for field in fields(DealFacts))
DAYS_BEFORE_MISSION = 366


class KeyUsed(Conflict):
    """The key of this form already made another deal."""

    def __init__(self, deal_id: str) -> None:
        super().__init__(_l("Isian ini sudah tersimpan sebagai kesepakatan lain. Yang sudah tersimpan tidak berubah."))
        self.deal_id = deal_id


class Overtaken(Conflict):
    """Somebody corrected the deal after this person opened it."""


class NeedsChecking(Refused):
    """The deal may be right, but a person should look at it once more and say so."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__(_l("Ada yang perlu dicek dulu sebelum disimpan."))
        self.doubts = tuple(doubts)


def record_deal(
    session: Session, *, actor: Person, mission: Mission, details: DealDetails, key: str, now: datetime,
    proposal: Proposal | None = None, checked: frozenset[str] = frozenset(),
) -> Deal:
    """This will write down a deal once: the same key again returns the same deal. `checked` = marks of doubts seen."""
    if not policy.can_record(actor, mission):
        raise NotAllowed(_l("Hanya kantor dagang dari provinsi misi ini yang boleh mencatat kesepakatan."))
    _take_turns(session, mission)
    earlier = queries.deal_by_key(session, actor, key)
    if earlier is not None:
        return _repeated(session, earlier, mission, proposal, details)
    facts = _facts(session, mission, details, now=now)
    _check_pair(proposal, facts)
    doubts = _unseen(session, mission, facts, proposal=proposal, besides=None, checked=checked)
    if doubts:
        raise NeedsChecking(doubts)
    deal = Deal(
        id=new_id(), mission_id=mission.id, proposal_id=proposal.id if proposal else None, idempotency_key=key,
        version=1, recorded_by_id=actor.id, recorded_at=now,
    )
    _insert(session, deal)
    _add_entry(session, deal, facts, version=1, actor=actor, now=now)
    after = asdict(facts) | {"checked": sorted(checked)}
    audit.record(session, actor=actor, action="deal.record", subject=("deal", deal.id), now=now, after=after)
    session.flush()
    return deal


def correct_deal(
    session: Session, *, actor: Person, entry: DealEntry, details: DealDetails, reason: str, seen_version: int,
    now: datetime, checked: frozenset[str] = frozenset(),
) -> DealEntry:
    """This will add an entry that counts from now on; the one corrected stays readable."""
    deal, mission = entry.deal, entry.deal.mission
    _check_correction(actor, entry, reason)
    _take_turns(session, mission)
    facts = _facts(session, mission, details, now=now, known=(entry.seller_id, entry.buyer_id))
    before = {name: getattr(entry, name) for name in FACTS}
    changed = [name for name, value in asdict(facts).items() if value != before[name]]
    if entry.version == seen_version and not changed:
        raise Refused(_l("Belum ada yang berubah. Ubah dulu isian yang salah."))
    _step(session, deal, seen_version, is_void=False)
    # What was ticked when the deal was recorded is not asked again.
    old = _unseen(session, mission, DealFacts(**before), proposal=None, besides=deal.id, checked=frozenset())
    settled = checked | {doubt.mark for doubt in old}
    doubts = _unseen(session, mission, facts, proposal=None, besides=deal.id, checked=settled)
    if doubts:
        raise NeedsChecking(doubts)
    added = _add_entry(session, deal, facts, version=seen_version + 1, actor=actor, now=now, reason=reason)
    audit.record(
        session, actor=actor, action="deal.correct", subject=("deal", deal.id), now=now, reason=reason,
        before={name: before[name] for name in changed},
        after={name: getattr(facts, name) for name in changed} | {"checked": sorted(checked)},
    )
    session.flush()
    return added


def void_deal(
    session: Session, *, actor: Person, entry: DealEntry, reason: str, seen_version: int, now: datetime
) -> DealEntry:
    """This will call a deal off: it leaves every total and stays readable with its reason."""
    _check_correction(actor, entry, reason)
    _take_turns(session, entry.deal.mission)
    _step(session, entry.deal, seen_version, is_void=True)
    facts = DealFacts(**{name: getattr(entry, name) for name in FACTS})
    added = _add_entry(
        session, entry.deal, facts, version=seen_version + 1, actor=actor, now=now, reason=reason, is_void=True
    )
    audit.record(
        session, actor=actor, action="deal.void", subject=("deal", entry.deal_id), now=now, reason=reason,
        before={"is_void": False, "value_amount": facts.value_amount}, after={"is_void": True},
    )
    session.flush()
    return added


def direction(mission: Mission, seller: Enterprise, buyer: Enterprise) -> MissionRole:
    """Return the part of the seller's province in the mission; refuses two firms of one province and strangers."""
    if seller.id == buyer.id:
        raise Refused(_l("Penjual dan pembeli harus dua usaha yang berbeda."), field="buyer_id")
    roles = [mission.role_of(firm.regency.province_code) for firm in (seller, buyer)]
    if None in roles:
        raise Refused(_l("Salah satu usaha bukan dari dua provinsi misi ini."), field="seller_id")
    if roles[0] is roles[1]:
        raise Refused(_l(
            "%(seller)s dan %(buyer)s dari provinsi yang sama. Kesepakatan misi ini harus antara %(visiting)s dan "
            "%(hosting)s.", seller=seller.name, buyer=buyer.name, visiting=mission.visiting_province.short_name,
            hosting=mission.hosting_province.short_name,
        ), field="buyer_id")
    return roles[0] or MissionRole.VISITING


def _take_turns(session: Session, mission: Mission) -> None:
    """Let one deal of a mission be written at a time, so that two officers cannot both miss a double."""
    session.execute(select(Mission.id).where(Mission.id == mission.id).with_for_update(key_share=True))


def _repeated(
    session: Session, deal: Deal, mission: Mission, proposal: Proposal | None, details: DealDetails
) -> Deal:
    entry = queries.first_entry(session, deal)
    told = {name: value for name, value in asdict(details).items() if name not in ("value_amount", "value_reason")}
    is_same = all(getattr(entry, name) == value for name, value in told.items())
    same_value = (details.value_amount or _computed(details)) == entry.value_amount
    same_place = (deal.mission_id, deal.proposal_id) == (mission.id, proposal.id if proposal else None)
    if not (is_same and same_value and same_place):
        raise KeyUsed(deal.id)
    return deal


def _facts(
    session: Session, mission: Mission, details: DealDetails, *, now: datetime, known: Sequence[str] = ()
) -> DealFacts:
    firms = queries.parties(session, mission, (details.seller_id, details.buyer_id), also=known)
    for field, firm_id in (("seller_id", details.seller_id), ("buyer_id", details.buyer_id)):
        if firm_id not in firms:
            raise Refused(_l("Usaha ini tidak ikut misi, jadi kesepakatannya tidak bisa dicatat di sini."), field=field)
    role = direction(mission, firms[details.seller_id], firms[details.buyer_id])
    _check_day(mission, details.signed_on, now)
    computed = _computed(details)
    return DealFacts(**asdict(details) | {
        "seller_role": role, "computed_amount": computed, "value_amount": _value(details, computed),
        "value_reason": "" if details.value_amount in (None, computed) else details.value_reason,
    })


def _computed(details: DealDetails) -> int | None:
    if details.quantity is None or details.unit_price_amount is None:
        return None
    return money.times(details.quantity, details.unit_price_amount)


def _value(details: DealDetails, computed: int | None) -> int:
    """Return the value that counts; it differs from volume times price only with a reason."""
    if (details.quantity is None) != (details.unit_code is None):
        empty = "quantity" if details.quantity is None else "unit_code"
        raise Refused(_l("Volume dan satuan harus diisi bersama."), field=empty)
    value = computed if details.value_amount is None else details.value_amount
    if value is None:
        raise Refused(_l("Isi volume dan harga satuan, atau tulis nilainya."), field="value_amount")
    if not 0 < value <= money.LARGEST_AMOUNT or (computed or 0) > money.LARGEST_AMOUNT:
        raise Refused(_l("Nilai ini tidak masuk akal. Periksa lagi jumlah nolnya."), field="value_amount")
    differs = details.value_amount not in (None, computed)
    if differs and not details.value_reason and (computed is not None or details.kind is DealKind.COMMITMENT):
        raise Refused(
            _l("Nilai ini tidak sama dengan volume dikali harga satuan. Tulis alasannya."), field="value_reason"
        )
    return value


def _check_day(mission: Mission, signed_on: date, now: datetime) -> None:
    zones = (mission.visiting_province.time_zone, mission.hosting_province.time_zone)
    if signed_on > max(now.astimezone(ZoneInfo(zone)).date() for zone in zones):
        raise Refused(_l("Tanggal tanda tangan belum terjadi."), field="signed_on")
    if (mission.held_on - signed_on).days > DAYS_BEFORE_MISSION:
        raise Refused(_l("Tanggal tanda tangan lebih dari setahun sebelum misi."), field="signed_on")


def _check_pair(proposal: Proposal | None, facts: DealFacts) -> None:
    if proposal is None:
        return
    if (proposal.offer.enterprise_id, proposal.need.enterprise_id) != (facts.seller_id, facts.buyer_id):
        raise Refused(
            _l("Penjual dan pembelinya lain dari pasangan usulan. Catat tanpa usulan."), field="seller_id"
        )


def _unseen(
    session: Session, mission: Mission, facts: DealFacts, *, proposal: Proposal | None, besides: str | None,
    checked: frozenset[str],
) -> list[Doubt]:
    """Return the doubts that nobody has ticked yet."""
    others = queries.other_entries(session, mission, besides=besides)
    numbers = [one.deal_id for one in others if same_number(one.form_number, facts.form_number)]
    twins = [one.deal_id for one in others if _is_likely_same(one, facts)]
    values = [one.value_amount for one in others if one.kind is facts.kind]
    found = [
        *(Doubt(DoubtKind.SAME_NUMBER, deal_id) for deal_id in numbers),
        *(Doubt(DoubtKind.SAME_DEAL, deal_id) for deal_id in twins),
        *_figures_off(session, mission, facts, proposal, values),
    ]
    return [doubt for doubt in found if doubt.mark not in checked]


def _is_likely_same(one: DealEntry, facts: DealFacts) -> bool:
    """The same two firms, whoever sells, with the same goods and nearly the same value."""
    if {one.seller_id, one.buyer_id} != {facts.seller_id, facts.buyer_id}:
        return False
    if one.commodity_code and facts.commodity_code:
        is_same = one.commodity_code == facts.commodity_code
    else:
        is_same = same_goods(one.goods, facts.goods)
    return is_same and values_are_close(one.value_amount, facts.value_amount)


def _figures_off(
    session: Session, mission: Mission, facts: DealFacts, proposal: Proposal | None, values: Sequence[int]
) -> list[Doubt]:
    found = []
    if facts.quantity:
        kg = commodities.catalogue(session).kg_per_unit(facts.commodity_code, facts.unit_code)
        implied = Price(float(facts.value_amount / facts.quantity), facts.unit_code, kg)
        times = price_off(implied, queries.known_prices(session, mission, facts.commodity_code, proposal))
        if times is not None:
            found.append(Doubt(DoubtKind.PRICE, times=times))
    times = value_off(facts.value_amount, values)
    if times is not None:
        found.append(Doubt(DoubtKind.VALUE, times=times))
    return found


def _insert(session: Session, deal: Deal) -> None:
    try:
        with session.begin_nested():
            session.add(deal)
            session.flush()
    except IntegrityError as clash:
        raise Conflict(_l("Kunci isian ini baru saja dipakai. Muat ulang halaman, lalu isi lagi.")) from clash


def _add_entry(
    session: Session, deal: Deal, facts: DealFacts, *, version: int, actor: Person, now: datetime, reason: str = "",
    is_void: bool = False,
) -> DealEntry:
    values: dict[str, Any] = asdict(facts)
    entry = DealEntry(
        id=new_id(), deal_id=deal.id, version=version, entered_by_id=actor.id, entered_at=now, reason=reason,
        is_void=is_void, **values,
    )
    session.add(entry)
    return entry


def _check_correction(actor: Person, entry: DealEntry, reason: str) -> None:
    if not policy.can_correct(actor, entry.deal.mission):
        raise NotAllowed(_l("Hanya kantor dagang dari provinsi misi ini yang boleh mengubah kesepakatan."))
    if entry.is_void:
        raise Conflict(_l("Kesepakatan ini sudah dibatalkan. Bila ternyata jadi, catat sebagai kesepakatan baru."))
    if len(reason.strip()) < 3:
        raise Refused(_l("Tulis alasannya, supaya orang lain paham kenapa angkanya berubah."), field="reason")


def _step(session: Session, deal: Deal, seen_version: int, *, is_void: bool) -> None:
    """Move the deal to its next entry, unless somebody else was first."""
    moved = session.execute(
        update(Deal).where(Deal.id == deal.id, Deal.version == seen_version, Deal.is_void.is_(False))
        .values(version=seen_version + 1, is_void=is_void).returning(Deal.id)
    ).first()
    if moved is None:
        raise Overtaken(_l("Kesepakatan ini baru saja diubah orang lain. Isian Anda masih ada di bawah."))
