"""Valid rows for tests: each make_… adds one to the session and flushes; keywords change it. Append yours below."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Consent, Person
from app.accounts.values import CONSENT_VERSION, Purpose, Role
from app.algorithms.chances import COLD_START, SideModel
from app.algorithms.learning import Verdict
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState, TradeSide
from app.kit.ids import new_id
from app.learning.models import RankingModel
from app.learning.values import ModelState
from app.listings.models import Listing
from app.listings.values import ListingState, Period, Side
from app.missions.models import Mission, Participation
from app.missions.values import Funding, MissionState, ParticipationState
from app.regions.models import Regency

NOW = datetime(2027, 2, 15, 3, 0, tzinfo=UTC)
VISITING, HOSTING, ELSEWHERE = "35", "82", "73"
_number = count(1)


def make_person(session: Session, role: Role | str = Role.OWNER, province: str | None = None, **changes: Any) -> Person:
    """A person who can sign in; provincial staff get the visiting province unless told otherwise."""
    number = next(_number)
    role = Role(role)
    if role in (Role.ORGANISER, Role.OFFICE):
        province = province or VISITING
    values: dict[str, Any] = {
        "id": new_id(), "name": f"Orang Contoh {number}", "role": role, "province_code": province,
        "phone": f"+62812{number:08d}", "email": None, "created_at": NOW, "is_active": True,
    }
    if role is not Role.OWNER:
        values["email"] = f"staf{number}@contoh.example"
    person = Person(**values | changes)
    session.add(person)
    session.flush()
    return person


def make_consents(session: Session, person: Person, *given: Purpose, now: datetime = NOW) -> None:
    """Answer all four questions: yes to the purposes named, no to the others."""
    for purpose in Purpose:
        session.add(Consent(
            person_id=person.id, purpose=purpose, version=CONSENT_VERSION, is_given=purpose in given, given_at=now,
            recorded_by=None,
        ))
    session.flush()


def make_enterprise(
    session: Session, owner: Person | None = None, province: str = VISITING, *,
    consents: tuple[Purpose, ...] = (Purpose.PARTNERS,), **changes: Any,
) -> Enterprise:
    """An active firm in the first regency of a province; its owner answered the consents."""
    number = next(_number)
    owner = owner or make_person(session)
    make_consents(session, owner, *consents)
    values: dict[str, Any] = {
        "id": new_id(), "owner_id": owner.id, "name": f"UD Contoh {number}", "regency_code": regency_of(session, province),
        "trade_side": TradeSide.BOTH, "state": EnterpriseState.ACTIVE, "certificates": [], "created_at": NOW,
        "updated_at": NOW,
    }
    enterprise = Enterprise(**values | changes)
    session.add(enterprise)
    session.flush()
    return enterprise


def regency_of(session: Session, province: str) -> str:
    """Code of the first regency of a province."""
    found = session.scalar(
        select(Regency.code).where(Regency.province_code == province).order_by(Regency.code).limit(1)
    )
    assert found, f"no regency of province {province} is loaded"
    return found


def make_listing(
    session: Session, enterprise: Enterprise | None = None, side: Side | str = Side.OFFER, **changes: Any
) -> Listing:
    """An open listing of 2 tons of copra a month, confirmed now."""
    enterprise = enterprise or make_enterprise(session)
    values: dict[str, Any] = {
        "id": new_id(), "enterprise_id": enterprise.id, "side": Side(side), "commodity_code": "kopra", "title": "Kopra",
        "quantity": Decimal(2), "unit_code": "ton", "period": Period.MONTH, "months": [], "certificates": [],
        "state": ListingState.OPEN, "renewed_at": NOW, "created_at": NOW,
    }
    listing = Listing(**values | changes)
    session.add(listing)
    session.flush()
    return listing


def make_mission(session: Session, visiting: str = VISITING, hosting: str = HOSTING, **changes: Any) -> Mission:
    """An open mission two months from now, from 08.00 to 17.00 of the hosting province."""
    held_on = date(2027, 4, 15)
    opens_at = datetime(2027, 4, 14, 23, 0, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": new_id(), "name": f"Misi Contoh {next(_number)}", "held_on": held_on, "venue": "Aula Contoh",
        "host_city": "Kota Contoh", "visiting_province_code": visiting, "hosting_province_code": hosting,
        "opens_at": opens_at, "closes_at": opens_at + timedelta(hours=9), "cutoff_at": opens_at + timedelta(hours=9),
        "slot_minutes": 20, "slot_count": 18, "table_count": 27, "state": MissionState.OPEN, "created_at": NOW,
    }
    mission = Mission(**values | changes)
    session.add(mission)
    session.flush()
    return mission


def make_participation(session: Session, mission: Mission, enterprise: Enterprise, **changes: Any) -> Participation:
    """A firm confirmed in a mission."""
    values: dict[str, Any] = {
        "id": new_id(), "mission_id": mission.id, "enterprise_id": enterprise.id, "nominated_by": "Kadin",
        "funded_by": Funding.OWN, "state": ParticipationState.CONFIRMED, "joined_at": NOW,
    }
    participation = Participation(**values | changes)
    session.add(participation)
    session.flush()
    return participation


def make_model(session: Session, number: int = 1, **changes: Any) -> RankingModel:
    """A learned model in use that weighs as the cold start does."""

    def side(model: SideModel) -> dict[str, Any]:
        return {"intercept": model.intercept, "weights": dict(model.weights)}

    quality = {"log_loss": 0.5, "brier": 0.2, "ndcg": 0.9, "lists": 12, "kept": 1.0}
    values: dict[str, Any] = {
        "id": new_id(), "number": number, "state": ModelState.IN_USE, "verdict": Verdict.BETTER, "created_at": NOW,
        "heard_from": NOW, "heard_until": NOW, "later_from": NOW, "decision_count": 90, "yes_count": 50,
        "left_out_count": 3, "champion_version": COLD_START.version, "used_since": NOW,
        "figures": {"challenger": quality, "champion": quality | {"log_loss": 0.6}, "past_rows": 120, "later_rows": 60},
        "weights": {"buyer": side(COLD_START.buyer), "seller": side(COLD_START.seller)},
    }
    model = RankingModel(**values | changes)
    session.add(model)
    session.flush()
    return model
