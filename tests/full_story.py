"""Rows in every table: one whole job from a person to a corrected deal, for tests of migrations and backups."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from app.accounts.models import BrowserSession, Person, RecoveryCode
from app.accounts.values import Purpose, Role
from app.deals.models import Deal, DealEntry
from app.deals.values import DealKind, Term
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.kit import audit, jobs
from app.kit.ids import new_id
from app.kit.messages import add_message
from app.learning.models import RankingModel
from app.learning.queries import row_in_use
from app.learning.values import ModelState
from app.listings.models import Listing
from app.listings.values import Side
from app.matching import actions as matching
from app.matching.models import DecisionBatch, PartnerAnswer, Proposal, RankingRun
from app.matching.values import Answer, Decision, Fit, PairSide, ProposalState
from app.missions.models import Mission
from app.missions.values import MissionRole, MissionState
from app.regions.models import Regency
from tests.factories import (
    ELSEWHERE,
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_listing,
    make_mission,
    make_model,
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
    make_model(session, trained_by_id=admin.id)
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
        "score": 0.8, "buyer_chance": 0.8, "seller_chance": 0.8, "fit": Fit.STRONG, "rank_for_need": 1, "rank_for_offer": 1,
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


@dataclass(frozen=True, slots=True)
class TwoMissions:
    """Two open missions that share their hosting province, so that staff there see both; and one of everything.

    The twin is a third one, with the provinces, the firms and even the pair of the first: nothing but its own id
    keeps the two apart.
    """

    people: dict[str, Person]
    missions: dict[str, Mission]
    firms: dict[str, Enterprise]
    listings: dict[str, Listing]
    proposals: dict[str, Proposal]
    deals: dict[str, Deal]
    models: dict[str, RankingModel]
    batch_id: str


def make_two_missions(session: Session, now: datetime) -> TwoMissions:
    """Add the full story, a second mission with a third province, staff of all three and firms in every state.

    `now` is a moment at which both missions are being held and the last decision can still be undone.
    """
    story = make_full_story(session)
    _add_place_elsewhere(session)
    people = _people_of(session, story)
    second = make_mission(session, visiting=ELSEWHERE, hosting=HOSTING)
    missions = {
        "one": story.mission, "two": second, "twin": make_mission(session, held_on=date(2027, 4, 16)), "draft": make_mission(session, state=MissionState.DRAFT),
        "past": make_mission(session, state=MissionState.HISTORY, held_on=date(2024, 5, 2)),
    }
    firms = _firms_of(session, story, people)
    agreed = (Purpose.PARTNERS, Purpose.PHONE)
    far = make_enterprise(session, people["far"], ELSEWHERE, consents=agreed)
    near = make_enterprise(session, province=HOSTING, consents=agreed)
    twin = missions["twin"]
    for firm, mission in (
        (firms["neighbour"], story.mission), (far, second), (near, second), (story.buyer, twin), (story.seller, twin),
    ):
        make_participation(session, mission, firm)
    listings = {
        "need": story.need, "open": make_listing(session, firms["neighbour"], Side.NEED),
        "hidden": make_listing(session, firms["hidden"]), "drafted": make_listing(session, firms["drafted"], Side.NEED),
    }
    wish, ware = make_listing(session, far, Side.NEED), make_listing(session, near, Side.OFFER)
    proposals = {
        "one": story.proposal, "two": make_proposal(session, second, wish, ware, state=ProposalState.ACCEPTED),
        "open": make_proposal(session, story.mission, listings["open"], story.offer),
        "twin": make_proposal(session, twin, story.need, story.offer, state=ProposalState.ACCEPTED),
    }
    for mission in (story.mission, second, twin):
        matching.rank_mission(session, mission=mission, now=now)
    deals = {
        "one": story.deal,
        "two": make_deal(session, second, proposals["two"], near, far, people["office_x"]),
        "twin": make_deal(session, twin, proposals["twin"], story.seller, story.buyer, story.office),
    }
    decided = matching.decide(
        session, actor=people["organiser_v"], mission=story.mission, ids=[proposals["open"].id],
        decision=Decision.PIN, reason=None, seen_at=now, now=now,
    )
    session.flush()
    firms |= {"far": far, "near": near}
    models = {"in_use": row_in_use(session), "retired": make_model(session, 2, state=ModelState.RETIRED)}
    for group in (people, missions, firms, listings, proposals, deals, models):
        for row in group.values():
            session.refresh(row)  # ranking forgets what was loaded
    return TwoMissions(people, missions, firms, listings, proposals, deals, models, decided.batch_id or "")


def _add_place_elsewhere(session: Session) -> None:
    """The lists name the regencies of the first two provinces only."""
    session.merge(Regency(
        code=f"{ELSEWHERE}71", province_code=ELSEWHERE, name="Kota Contoh", kind="kota", capital="Contoh",
        island="Contoh", latitude=-5.1, longitude=119.4,
    ))
    session.flush()


def _people_of(session: Session, story: Story) -> dict[str, Person]:
    people = {
        "party": session.get_one(Person, story.buyer.owner_id), "partner": session.get_one(Person, story.seller.owner_id),
        "organiser_h": story.organiser, "office_h": story.office, "admin": story.admin,
    }
    for letter, province in (("v", VISITING), ("x", ELSEWHERE)):
        people[f"organiser_{letter}"] = make_person(session, Role.ORGANISER, province)
        people[f"office_{letter}"] = make_person(session, Role.OFFICE, province)
    for name in ("neighbour", "drafter", "waiting", "newcomer", "far"):
        people[name] = make_person(session, name=f"Pemilik {name}")
    return people


def _firms_of(session: Session, story: Story, people: dict[str, Person]) -> dict[str, Enterprise]:
    """Firms of the visiting province in every state, and one elsewhere whose owner lets nobody see it."""
    draft, awaiting = EnterpriseState.DRAFT, EnterpriseState.AWAITING_OWNER
    return {
        "buyer": story.buyer, "seller": story.seller,
        "neighbour": make_enterprise(session, people["neighbour"], VISITING),
        "spare": make_enterprise(session, province=VISITING),
        "hidden": make_enterprise(session, province=ELSEWHERE, consents=()),
        "drafted": make_enterprise(session, people["drafter"], VISITING, consents=(), state=draft),
        "waiting": make_enterprise(
            session, people["waiting"], VISITING, consents=(), state=awaiting, assisted_by_id=people["office_v"].id
        ),
    }
