"""The queue and the owners' cards through a browser that checks every page."""

import html as markup
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Person
from app.accounts.values import Purpose
from app.kit import clock
from app.kit.jobs import Job, JobState
from app.matching.models import PartnerAnswer, Proposal
from app.matching.values import Answer, ProposalState
from app.missions.values import MissionState
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.counting import statements_behind
from tests.factories import HOSTING, NOW, VISITING, make_consents, make_enterprise, make_person
from tests.matching.market import Market, make_market, ranked_market


@pytest.fixture(autouse=True)
def time_stands(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The clock of the pages shows the time of the factories; tests move it on."""
    shown = [NOW]
    monkeypatch.setattr(clock, "now", lambda: shown[0])
    yield shown


def enter(client: CheckingClient, session: Session, person: Person) -> None:
    session.flush()
    session.refresh(person)
    session.commit()
    sign_in(client, person)


def page_of(client: CheckingClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return markup.unescape(response.get_data(as_text=True))


def sent(client: CheckingClient, market: Market, address: str, data: dict[str, object] | None = None) -> TestResponse:
    """Post a form, after letting go of the write lock that the arranging session took by looking."""
    market.session.rollback()
    return client.send(address, data)


def state_of(market: Market) -> ProposalState:
    market.session.expire_all()
    return market.proposal().state


@pytest.fixture
def market(app_session: Session) -> Market:
    return ranked_market(app_session)


@pytest.fixture
def queue(client: CheckingClient, app_session: Session, market: Market) -> str:
    """Address of the queue, with its organiser signed in."""
    enter(client, app_session, market.organiser)
    return f"/missions/{market.mission.id}/queue"


def decide(client: CheckingClient, market: Market, data: dict[str, object], query: str = "") -> TestResponse:
    return sent(client, market, f"/missions/{market.mission.id}/decisions{query}", {"seen_at": NOW.isoformat(), **data})


def test_queue_says_why_and_what_is_weak(client: CheckingClient, market: Market, queue: str) -> None:
    text = page_of(client, queue)

    assert market.seller.firm.name in text and market.buyer.firm.name in text
    assert "Barang sama: " in text and "Kurang:" in text
    assert "1 usulan, 0 sudah diputus." in text
    assert "Cocok" in text and "Pemerataan" in text
    assert "Yang menopang dan yang mengurangi" in text


def test_office_reads_without_buttons(client: CheckingClient, app_session: Session, market: Market) -> None:
    enter(client, app_session, make_person(app_session, "office", HOSTING))

    text = page_of(client, f"/missions/{market.mission.id}/queue")

    assert market.seller.firm.name in text
    assert 'data-key="a"' not in text and "Cocokkan lagi" not in text
    assert decide(client, market, {"one": f"accept:{market.proposal().id}"}).status_code == 403


@pytest.mark.parametrize(("role", "province", "status"), [("organiser", "73", 404), ("office", "73", 404), ("owner", None, 403)])
def test_strangers_find_no_queue(
    client: CheckingClient, app_session: Session, market: Market, role: str, province: str | None, status: int
) -> None:
    proposal = market.proposal().id
    enter(client, app_session, make_person(app_session, role, province))

    for address in (f"/missions/{market.mission.id}/queue", f"/missions/{market.mission.id}/ranking/progress",
                    f"/proposals/{proposal}"):
        page_of(client, address, status)


def test_phone_numbers_never_stand_on_staff_pages(client: CheckingClient, app_session: Session, market: Market) -> None:
    market.agree()
    enter(client, app_session, market.organiser)

    for address in (f"/missions/{market.mission.id}/queue?state=all", f"/proposals/{market.proposal().id}"):
        text = page_of(client, address)
        for side in (market.seller, market.buyer):
            assert str(side.owner.phone)[3:] not in text.replace("-", "")


def test_accepting_offers_the_way_back(
    client: CheckingClient, app_session: Session, market: Market, queue: str, time_stands: list[datetime]
) -> None:
    response = decide(client, market, {"one": f"accept:{market.proposal().id}"}, "?state=all")
    assert response.status_code == 303
    assert state_of(market) is ProposalState.ACCEPTED

    text = page_of(client, str(response.location))
    undo = re.search(r'action="(/decisions/[^"]+)"', text)
    assert "1 usulan diterima." in text and 'data-countdown="30"' in text and undo
    assert sent(client, market, undo.group(1)).status_code == 303

    assert state_of(market) is ProposalState.PROPOSED


def test_after_half_a_minute_the_way_back_is_closed(
    client: CheckingClient, app_session: Session, market: Market, queue: str, time_stands: list[datetime]
) -> None:
    response = decide(client, market, {"one": f"accept:{market.proposal().id}"})
    undo = re.search(r'action="(/decisions/[^"]+)"', page_of(client, str(response.location)))
    assert undo
    time_stands[0] = NOW.replace(minute=NOW.minute + 1)

    refused = sent(client, market, undo.group(1))

    assert refused.status_code == 409 and "Waktu mengurungkan sudah lewat" in refused.get_data(as_text=True)
    assert state_of(market) is ProposalState.ACCEPTED


def test_somebody_elses_way_back_does_not_exist(
    client: CheckingClient, app_session: Session, market: Market, queue: str
) -> None:
    response = decide(client, market, {"one": f"accept:{market.proposal().id}"})
    undo = re.search(r'action="(/decisions/[^"]+)"', page_of(client, str(response.location)))
    assert undo
    enter(client, app_session, make_person(app_session, "organiser", VISITING))

    assert sent(client, market, undo.group(1)).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"one": "accept:"}, 422, "Centang dulu"), ({"one": "burn:x"}, 422, "Pilih keputusannya"),
        ({"decision": "accept"}, 422, "Centang dulu"), ({}, 422, "Pilih keputusannya"),
        ({"one": "accept:" + "0" * 20}, 404, "tidak ada lagi"), ({"one": "accept:%27;--"}, 404, "tidak ada lagi"),
        ({"whole": "page"}, 422, "Tidak ada usulan kuat"),
    ],
)
def test_what_no_button_sends_is_refused_on_the_page(
    client: CheckingClient, market: Market, queue: str, data: dict[str, object], status: int, message: str
) -> None:
    response = decide(client, market, data)

    assert response.status_code == status
    text = response.get_data(as_text=True)
    assert message in text and market.seller.firm.name in text


def test_reject_without_reason_keeps_the_ticks(client: CheckingClient, market: Market, queue: str) -> None:
    proposal = market.proposal().id

    response = decide(client, market, {"decision": "reject", "ids": proposal})

    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Pilih alasan menolak" in text
    assert re.search(rf'name="ids" value="{proposal}" checked', text)


def test_reason_of_a_reject_stands_in_the_queue_and_the_history(
    client: CheckingClient, app_session: Session, market: Market, queue: str
) -> None:
    proposal = market.proposal().id
    decide(client, market, {"one": f"reject:{proposal}:shipping"})

    assert "Sulit dikirim" in page_of(client, f"{queue}?state=rejected")
    history = page_of(client, f"/proposals/{proposal}")
    assert "Ditolak: Sulit dikirim" in history and market.organiser.name in history


@pytest.mark.parametrize("button", [{"whole": "filter"}, {"whole": "page"}, {"decision": "accept"}])
def test_many_are_accepted_at_once(
    client: CheckingClient, app_session: Session, market: Market, button: dict[str, object]
) -> None:
    for number in range(3):
        market.add(HOSTING, "offer", title=f"Kopra {number}")
    market.rank()
    for row in market.proposals():
        row.fit = row.fit.STRONG
    enter(client, app_session, market.organiser)
    ids = [row.id for row in market.proposals()]

    response = decide(client, market, {**button, "row": ids, "ids": ids})

    assert "4 usulan diterima." in page_of(client, str(response.location))
    app_session.expire_all()
    assert {row.state for row in market.proposals()} == {ProposalState.ACCEPTED}


def test_work_goes_on_at_the_next_row(client: CheckingClient, app_session: Session, market: Market) -> None:
    market.add(HOSTING, "offer", title="Kopra hitam")
    market.rank()
    enter(client, app_session, market.organiser)
    first, second = [row.id for row in market.proposals()]

    response = decide(client, market, {"one": f"pin:{first}", "row": [first, second]}, "?state=all&fit=")

    assert f"selected={second}" in str(response.location)
    assert "state=all" in str(response.location)
    text = page_of(client, str(response.location))
    assert re.search(rf'id="p-{second}" aria-current="true"', text)
    assert text.index(f"p-{first}") < text.index(f"p-{second}"), "pinned pairs stand on top"


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("", True), ("?state=rejected", False), ("?state=both", False), ("?pinned=1", False), (f"?seller={HOSTING}", True),
        (f"?seller={VISITING}", False), ("?family=none", False), ("?q=zzz", False), ("?fit=x&state=y&page=z", True),
        ("?page=9999", True),
    ],
)
def test_filters_live_in_the_address(
    client: CheckingClient, market: Market, queue: str, query: str, is_shown: bool
) -> None:
    assert (f"p-{market.proposal().id}" in page_of(client, f"{queue}{query}")) is is_shown


def test_what_found_nothing_has_its_own_list(client: CheckingClient, app_session: Session, market: Market) -> None:
    market.add(VISITING, "need", commodity_code=None, title="Cari mesin cetak tiga dimensi")
    market.rank()
    enter(client, app_session, market.organiser)

    text = page_of(client, f"/missions/{market.mission.id}/queue?tab=unmatched")

    assert "Cari mesin cetak tiga dimensi" in text and "Kopra putih" not in text
    assert "1 usaha tanpa usulan" in text


def test_the_panel_comes_as_a_fragment(client: CheckingClient, market: Market, queue: str) -> None:
    response = client.get(f"/proposals/{market.proposal().id}", headers={"HX-Request": "true"})

    text = response.get_data(as_text=True)
    assert response.status_code == 200 and "<html" not in text and 'id="panel-title"' in text


def test_pair_page_shows_both_sides_in_full(client: CheckingClient, market: Market, queue: str) -> None:
    text = page_of(client, f"/proposals/{market.proposal().id}")

    assert "Kopra putih" in text and "Cari kopra putih" in text
    assert text.count("Belum menjawab") == 2 and "Untung bagi kedua pihak" in text


def test_ranking_runs_in_the_background_and_fills_the_queue(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    enter(client, app_session, market.organiser)
    address = f"/missions/{market.mission.id}"
    assert "Belum pernah dicocokkan" in page_of(client, f"{address}/queue")

    assert sent(client, market, f"{address}/ranking").status_code == 303

    assert client.get(f"{address}/ranking/progress").get_json() == {"share": 1.0, "text": "Selesai", "is_done": True}
    assert market.seller.firm.name in page_of(client, f"{address}/queue")
    assert app_session.scalar(select(func.count()).select_from(Proposal)) == 1


def test_running_ranking_shows_its_progress_and_refuses_another(
    client: CheckingClient, app_session: Session, market: Market
) -> None:
    app_session.add(Job(
        kind="matching.rank_mission", subject=market.mission.id, arguments={}, state=JobState.RUNNING, progress=55,
        created_at=NOW,
    ))
    enter(client, app_session, market.organiser)
    address = f"/missions/{market.mission.id}"

    state = client.get(f"{address}/ranking/progress").get_json()
    text = page_of(client, f"{address}/queue")
    refused = sent(client, market, f"{address}/ranking")

    assert state == {"share": 0.55, "text": "Membandingkan pasangan", "is_done": False}
    assert "data-progress-url" in text and "Cocokkan lagi" not in text
    assert refused.status_code == 409 and "masih berjalan" in refused.get_data(as_text=True)


def test_failed_ranking_says_so_and_can_be_tried_again(
    client: CheckingClient, app_session: Session, market: Market
) -> None:
    app_session.add(Job(
        kind="matching.rank_mission", subject=market.mission.id, arguments={}, state=JobState.FAILED,
        created_at=NOW.replace(year=2028),
    ))
    enter(client, app_session, market.organiser)

    text = page_of(client, f"/missions/{market.mission.id}/queue")

    assert "Pencocokan terakhir gagal" in text and "Cocokkan lagi" in text


def test_long_queue_asks_at_most_eight_questions(
    app: Flask, client: CheckingClient, app_session: Session, market: Market
) -> None:
    for number in range(24):
        market.add(HOSTING, "offer", title=f"Kopra {number}")
        market.add(VISITING, "need", title=f"Cari kopra {number}")
    market.rank()
    enter(client, app_session, market.organiser)
    address = f"/missions/{market.mission.id}/queue"

    for page in (address, f"{address}?page=2&state=all", f"{address}?tab=unmatched"):
        assert len(statements_behind(app, client, page)) <= 8, page


@pytest.fixture
def accepted(app_session: Session) -> Market:
    market = ranked_market(app_session)
    market.proposal().state = ProposalState.ACCEPTED
    app_session.flush()
    return market


def answer(client: CheckingClient, market: Market, **data: str) -> TestResponse:
    return sent(client, market, f"/proposals/{market.proposal().id}/answer", data)


def test_owner_sees_a_card_without_the_number(client: CheckingClient, app_session: Session, accepted: Market) -> None:
    enter(client, app_session, accepted.seller.owner)

    text = page_of(client, "/my/partners")

    assert accepted.buyer.firm.name in text and "Anda menjual kepada" in text
    assert "Mencari barang yang Anda jual: " in text
    assert "Kurang:" in text and "Bisa Anda benahi:" in text and f"/listings/{accepted.seller.listing.id}/edit" in text
    assert str(accepted.buyer.owner.phone)[3:] not in text.replace("-", "") and "wa.me" not in text


def test_numbers_come_after_both_yes(client: CheckingClient, app_session: Session, accepted: Market) -> None:
    enter(client, app_session, accepted.seller.owner)
    assert answer(client, accepted, answer="want").status_code == 303
    waiting = page_of(client, "/my/partners")
    enter(client, app_session, accepted.buyer.owner)
    assert answer(client, accepted, answer="may").status_code == 303

    text = page_of(client, "/my/partners")

    assert "Belum menjawab" in waiting and "wa.me" not in waiting
    assert "Saling mau" in text
    link = re.search(r'href="(https://wa\.me/\d+\?text=[^"]+)"', text)
    assert link and link.group(1).startswith(f"https://wa.me/{str(accepted.seller.owner.phone)[1:]}?text=Salam%2C%20saya")
    assert "Kopra%20putih" in link.group(1) and "%20" in link.group(1) and " " not in link.group(1)


def test_without_both_consents_the_organisers_connect_them(
    client: CheckingClient, app_session: Session, accepted: Market
) -> None:
    make_consents(app_session, accepted.buyer.owner, Purpose.PARTNERS, now=NOW.replace(minute=1))
    for side, owner in (("seller", accepted.seller.owner), ("buyer", accepted.buyer.owner)):
        app_session.add(PartnerAnswer(
            proposal_id=accepted.proposal().id, side=side, answer=Answer.WANT, reason=None, answered_by_id=owner.id,
            answered_at=NOW,
        ))
    for side in (accepted.seller, accepted.buyer):
        enter(client, app_session, side.owner)
        text = page_of(client, "/my/partners")
        assert "Panitia akan menghubungkan" in text and "wa.me" not in text
        other = accepted.buyer if side is accepted.seller else accepted.seller
        assert str(other.owner.phone)[3:] not in text.replace("-", "")


def test_what_the_other_said_is_hidden_until_own_answer(
    client: CheckingClient, app_session: Session, accepted: Market
) -> None:
    accepted.answer(accepted.buyer, Answer.WANT)
    enter(client, app_session, accepted.seller.owner)

    before = page_of(client, "/my/partners")
    answer(client, accepted, answer="not", reason="no_stock")
    after = page_of(client, "/my/partners")

    assert "Mereka:" not in before
    assert "<strong>Bukan</strong> (Barang sedang kosong)" in after and "Mereka: <strong>Mau</strong>" in after


@pytest.mark.parametrize(
    ("data", "message"), [({"answer": "not"}, "Pilih alasannya"), ({"answer": "x"}, "Pilih Mau"), ({}, "Pilih Mau")]
)
def test_unclear_answers_come_back_with_a_message(
    client: CheckingClient, app_session: Session, accepted: Market, data: dict[str, str], message: str
) -> None:
    enter(client, app_session, accepted.seller.owner)

    response = answer(client, accepted, **data)

    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert text.count(message) >= 2 and "<details open>" in text
    assert f'href="#m-{accepted.proposal().id}"' in text
    assert app_session.scalar(select(func.count()).select_from(PartnerAnswer)) == 0


def test_owner_of_another_firm_cannot_answer(client: CheckingClient, app_session: Session, accepted: Market) -> None:
    stranger = make_person(app_session)
    make_enterprise(app_session, stranger)
    enter(client, app_session, stranger)

    assert answer(client, accepted, answer="want").status_code == 404


def test_staff_cannot_open_an_owners_page(client: CheckingClient, app_session: Session, accepted: Market) -> None:
    enter(client, app_session, accepted.organiser)

    page_of(client, "/my/partners", 403)


def test_nothing_yet_says_what_helps(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    outsider = make_person(app_session)
    make_enterprise(app_session, outsider)
    enter(client, app_session, market.seller.owner)
    waiting = page_of(client, "/my/partners")
    enter(client, app_session, outsider)

    assert "Belum ada calon mitra" in waiting and "1 barang belum ada harganya." in waiting
    assert "Anda belum ikut misi" in page_of(client, "/my/partners")


def test_at_most_five_cards_wait(app: Flask, client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    for number in range(7):
        market.add(VISITING, "need", title=f"Cari kopra {number}")
    market.rank()
    for row in market.proposals():
        row.state = ProposalState.ACCEPTED
    enter(client, app_session, market.seller.owner)

    assert page_of(client, "/my/partners").count('class="card match"') == 5
    assert len(statements_behind(app, client, "/my/partners")) <= 8


def test_pairs_of_a_closed_mission_are_gone(client: CheckingClient, app_session: Session, accepted: Market) -> None:
    accepted.mission.state = MissionState.CLOSED
    enter(client, app_session, accepted.seller.owner)

    assert accepted.buyer.firm.name not in page_of(client, "/my/partners")
