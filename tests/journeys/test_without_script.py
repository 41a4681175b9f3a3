"""A browser without JavaScript: an owner registers, takes part and answers."""

import pytest
from playwright.sync_api import Browser, expect

from app.kit import clock
from app.listings.values import Side
from app.matching.actions import rank_mission
from app.matching.models import Proposal
from app.matching.values import ProposalState
from app.missions.models import Mission
from app.missions.values import MissionState
from tests.factories import HOSTING, make_enterprise, make_listing, make_mission, make_participation
from tests.journeys.conftest import Site
from tests.journeys.people import Owner, describe_firm, give_consents, owner_at, sign_in_as_owner
from tests.journeys.watching import PHONE

pytestmark = pytest.mark.browser


def test_an_owner_registers_and_answers_without_script(chromium: Browser, site: Site) -> None:
    mission_id = arrange_market(site)
    with owner_at(
        chromium, site.url, PHONE, phone="081234567003", firm="UD Tanpa Skrip", regency="3578", java_script_enabled=False
    ) as owner:
        sign_in_as_owner(owner)
        describe_firm(owner, "both")
        search_and_save(owner)
        owner.follow("Lewati, isi nanti")
        give_consents(owner, "partners")
        owner.follow("Ke beranda")
        owner.follow("Lihat misinya")
        owner.go_on("Ikut misi ini")
        propose_all(site, mission_id)
        owner.page.goto(f"{site.url}/my/partners")
        answer(owner)


def arrange_market(site: Site) -> str:
    """A mission to which two firms of the hosting province already bring copra."""
    with site.session() as session:
        now = clock.now()
        mission = make_mission(session, state=MissionState.OPEN, created_at=now)
        for name in ("CV Kopra Satu", "CV Kopra Dua"):
            firm = make_enterprise(session, province=HOSTING, name=name)
            make_participation(session, mission, firm, joined_at=now)
            make_listing(session, firm, Side.OFFER, renewed_at=now, created_at=now)
        return mission.id


def search_and_save(owner: Owner) -> None:
    """The button Cari stands for the suggestions; what was typed stays."""
    owner.fill("title", "kopra")
    owner.fill("quantity", "2.000,5")
    owner.go_on("Cari")
    expect(owner.page.locator("[name=quantity]")).to_have_value("2.000,5")
    owner.tick("commodity_code", "kopra")
    owner.look("without-script")
    owner.go_on("Lanjut")


def propose_all(site: Site, mission_id: str) -> None:
    """What the worker and an organiser do: rank, and accept every pair."""
    with site.session() as session:
        mission = session.get_one(Mission, mission_id)
        run = rank_mission(session, mission=mission, now=clock.now())
        assert run.proposal_count == 2
        for proposal in session.query(Proposal):
            proposal.state = ProposalState.ACCEPTED


def answer(owner: Owner) -> None:
    """Mau is a button; Bukan opens the reasons and sends one of them."""
    cards = owner.page.get_by_role("article")
    expect(cards).to_have_count(2)
    first = cards.first.get_by_role("heading", level=2).inner_text()
    owner.watcher.go(cards.first.get_by_role("button", name="Mau"))
    expect(owner.page.get_by_role("status")).to_have_text("Jawaban Anda tersimpan.")
    open_card = cards.filter(has=owner.page.get_by_role("button", name="Boleh")).first
    owner.watcher.press(open_card.get_by_text("Bukan", exact=True))
    owner.watcher.press(open_card.locator("label:has([name=reason])").first)
    owner.look("without-script-reasons")
    owner.watcher.go(open_card.get_by_role("button", name="Kirim: bukan untuk saya"))
    answered = owner.page.get_by_role("region", name="Jawaban Anda").get_by_role("article")
    expect(answered).to_have_count(2)
    expect(answered.filter(has_text=first)).to_contain_text("Anda: Mau")
    expect(answered.filter(has_not_text=first)).to_contain_text("Anda: Bukan")
