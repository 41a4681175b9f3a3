"""Rows in every table: one whole job from a person to a corrected deal, for tests of migrations and backups."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from app.accounts.models import BrowserSession, Person, RecoveryCode
from app.accounts.values import Purpose, Role
from app.deals.models import Deal, DealEntry
from app.deals.values import DealKind, Term
from app.enterprises.models import Enterprise
from app.kit import audit, jobs
from app.kit.ids import new_id
from app.kit.messages import add_message
from app.listings.models import Listing
from app.listings.values import Side
from app.matching.models import DecisionBatch, PartnerAnswer, Proposal, RankingRun
from app.matching.values import Answer, Fit, PairSide, ProposalState
from app.missions.models import Mission
from app.missions.values import MissionRole
from tests.factories import (
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_listing,
    make_mission,
    make_participation,
    make_person,
)


@dataclass(frozen=True, slots=True)
class Story:
    """The rows that tests ask for by name."""

    admin: Person
    organiser: Person
    office: Person
    mission: Mission
    buyer: Enterprise
    seller: Enterprise
    need: Listing
    offer: Listing
    proposal: Proposal
    deal: Deal


def make_full_story(session: Session) -> Story:
    """Add a firm of each province that agree on a pair, and the deal they signed, corrected once."""
    admin, organiser = make_person(session, Role.ADMIN), make_person(session, Role.ORGANISER, HOSTING)
    office, mission = make_person(session, Role.OFFICE, HOSTING), make_mission(session)
    agreed = (Purpose.PARTNERS, Purpose.PHONE, Purpose.STATISTICS)
    buyer = make_enterprise(session, province=VISITING, consents=agreed)
    seller = make_enterprise(session, province=HOSTING, consents=agreed)
    for firm in (buyer, seller):
        make_participation(session, mission, firm)
    need, offer = make_listing(session, buyer, Side.NEED), make_listing(session, seller, Side.OFFER)
    proposal = make_proposal(session, mission, need, offer, state=ProposalState.ACCEPTED)
    for side, firm in ((PairSide.BUYER, buyer), (PairSide.SELLER, seller)):
        session.add(PartnerAnswer(
            proposal_id=proposal.id, side=side, answer=Answer.WANT, answered_by_id=firm.owner_id, answered_at=NOW,
        ))
    deal = make_deal(session, mission, proposal, seller, buyer, office)
    _rows_of_the_kit(session, admin, mission)
    session.flush()
    return Story(admin, organiser, office, mission, buyer, seller, need, offer, proposal, deal)


def make_proposal(session: Session, mission: Mission, need: Listing, offer: Listing, **changes: object) -> Proposal:
    """Add a proposal with the run that made it."""
    run = RankingRun(
        id=new_id(), mission_id=mission.id, model_version="test", need_count=1, offer_count=1, proposal_count=1,
        unmet_need_count=0, pair_count=1, started_at=NOW, ended_at=NOW,
    )
    session.add(run)
    session.flush()
    values: dict[str, object] = {
        "id": new_id(), "mission_id": mission.id, "run_id": run.id, "need_id": need.id, "offer_id": offer.id,
        "score": 0.8, "buyer_gain": 0.8, "seller_gain": 0.8, "fit": Fit.STRONG, "rank_for_need": 1, "rank_for_offer": 1,
        "parts": {"commodity": 1.0}, "reasons": [], "weakness": None, "seller_fix": None, "buyer_fix": None,
        "state": ProposalState.PROPOSED,
    }
    proposal = Proposal(**values | changes)
    session.add(proposal)
    session.flush()
    return proposal


def make_deal(
    session: Session, mission: Mission, proposal: Proposal | None, seller: Enterprise, buyer: Enterprise, office: Person
) -> Deal:
    """Add a deal with two versions of its facts."""
    deal = Deal(
        id=new_id(), mission_id=mission.id, proposal_id=proposal.id if proposal else None, idempotency_key=new_id(),
        version=2, recorded_by_id=office.id, recorded_at=NOW,
    )
    session.add(deal)
    session.flush()
    for version, price in ((1, 9_000), (2, 9_500)):
        session.add(DealEntry(
            id=new_id(), deal_id=deal.id, version=version, seller_id=seller.id, buyer_id=buyer.id,
            seller_role=MissionRole.HOSTING, commodity_code="kopra", goods="Kopra", quantity=Decimal(2000),
            unit_code="kg", unit_price_amount=price, computed_amount=2000 * price, value_amount=2000 * price,
            term=Term.YEAR, kind=DealKind.COMMITMENT, form_number="PKT-1", signed_on=date(2027, 4, 15),
            reason="salah ketik harga" if version == 2 else "", entered_by_id=office.id, entered_at=NOW,
        ))
    session.flush()
    return deal


def _rows_of_the_kit(session: Session, person: Person, mission: Mission) -> None:
    session.add(BrowserSession(
        digest="d" * 64, person_id=person.id, created_at=NOW, expires_at=NOW + timedelta(days=1), fresh_until=NOW
    ))
    session.add(RecoveryCode(person_id=person.id, digest="r" * 64))
    session.add(DecisionBatch(id=new_id(), mission_id=mission.id, decided_by_id=person.id, decided_at=NOW, earlier={}))
    audit.record(session, actor=person, action="test.story", subject=("mission", mission.id), now=NOW, after={"a": 1})
    jobs.promise(session, "test.nothing", subject="story", now=NOW)
    add_message(session, channel="phone", recipient="+6281000000001", subject="", body="halo", now=NOW)
