"""Deals for tests: details that are valid, a mission with one firm of each province, a recorded deal."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.deals import actions, queries
from app.deals.models import Deal, DealEntry
from app.deals.values import DealDetails, DealKind, Term
from app.enterprises.models import Enterprise
from app.kit.ids import new_id
from app.missions.models import Mission
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_mission, make_participation, make_person


@dataclass(frozen=True)
class Scene:
    """A mission with an office and a firm on each side."""

    mission: Mission
    office: Person
    other_office: Person
    visiting: Enterprise
    hosting: Enterprise


def make_scene(session: Session, **changes: Any) -> Scene:
    """An open mission with two confirmed firms."""
    mission = make_mission(session, **changes)
    visiting, hosting = make_firm(session, mission, VISITING), make_firm(session, mission, HOSTING)
    return Scene(
        mission, make_person(session, "office", VISITING), make_person(session, "office", HOSTING), visiting, hosting
    )


def make_firm(session: Session, mission: Mission, province: str, **changes: Any) -> Enterprise:
    """A firm of a province that takes part in a mission."""
    firm = make_enterprise(session, province=province, **changes)
    make_participation(session, mission, firm)
    return firm


def details(seller: Enterprise, buyer: Enterprise, **changes: Any) -> DealDetails:
    """24 tons of copra at 9,000 a kg for a year: 216 million."""
    values: dict[str, Any] = {
        "seller_id": seller.id, "buyer_id": buyer.id, "commodity_code": "kopra", "goods": "Kopra asalan",
        "quantity": Decimal(24), "unit_code": "ton", "unit_price_amount": 9_000_000, "value_amount": None,
        "value_reason": "", "term": Term.YEAR, "kind": DealKind.COMMITMENT, "form_number": "",
        "signed_on": date(2027, 2, 14), "note": "",
    }
    return DealDetails(**values | changes)


def make_deal(session: Session, scene: Scene, seller: Enterprise | None = None, buyer: Enterprise | None = None,
              *, key: str | None = None, actor: Person | None = None, checked: frozenset[str] = frozenset(),
              **changes: Any) -> Deal:
    """A recorded deal; the hosting side sells unless told otherwise."""
    told = details(seller or scene.hosting, buyer or scene.visiting, **changes)
    return actions.record_deal(
        session, actor=actor or scene.office, mission=scene.mission, details=told, key=key or new_id(), now=NOW,
        checked=checked,
    )


def entry_of(session: Session, deal: Deal) -> DealEntry:
    """The entry that counts, as an admin sees it."""
    entry = queries.deal_seen_by(session, make_person(session, "admin"), deal.id)
    assert entry is not None
    return entry


def correct(
    session: Session, scene: Scene, deal: Deal, *, reason: str = "Salah ketik volume", seen: int | None = None,
    **changes: Any,
) -> DealEntry:
    """The other office corrects a deal an hour later."""
    entry = entry_of(session, deal)
    return actions.correct_deal(
        session, actor=scene.other_office, entry=entry, details=details(entry.seller, entry.buyer, **changes),
        reason=reason, seen_version=seen or entry.version, now=NOW + timedelta(hours=1),
    )


def void(session: Session, scene: Scene, deal: Deal, *, seen: int | None = None) -> DealEntry:
    """The office calls a deal off."""
    entry = entry_of(session, deal)
    return actions.void_deal(
        session, actor=scene.office, entry=entry, reason="Batal kata pembeli", seen_version=seen or entry.version,
        now=NOW,
    )


def form_of(told: DealDetails, **changes: Any) -> dict[str, Any]:
    """What a browser posts for these details."""
    shown = {
        "key": new_id(), "seller_id": told.seller_id, "buyer_id": told.buyer_id,
        "commodity_code": told.commodity_code or "", "goods": told.goods,
        "quantity": "" if told.quantity is None else f"{told.quantity:f}".replace(".", ","),
        "unit_code": told.unit_code or "", "unit_price_amount": str(told.unit_price_amount or ""),
        "value_amount": str(told.value_amount or ""), "value_reason": told.value_reason, "term": told.term.value,
        "kind": told.kind.value, "form_number": told.form_number, "signed_on": told.signed_on.isoformat(),
        "note": told.note,
    }
    return shown | changes
