"""Front pages of every role, the menu, help and the probes."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.values import Purpose
from app.enterprises.values import EnterpriseState
from app.home import queries
from app.kit import clock
from app.kit.ids import new_id
from app.kit.jobs import Job, JobState
from app.matching.models import PartnerAnswer, Proposal, RankingRun
from app.matching.values import Answer, Fit, PairSide, ProposalState
from app.missions.values import MissionState
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.deals.helpers import Scene, make_deal, make_scene
from tests.deals.test_views import counted_queries
from tests.factories import ELSEWHERE, HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def scene(app_session: Session) -> Scene:
    """A committed mission with a firm on each side."""
    made = make_scene(app_session)
    app_session.commit()
    return made


def make_pair(session: Session, scene: Scene, *answers: Answer | None, state: ProposalState = ProposalState.ACCEPTED,
              **offer: Any) -> Proposal:
    """A proposal of the host's copra to the visitor, with the buyer's and the seller's answers."""
    run = RankingRun(
        id=new_id(), mission_id=scene.mission.id, model_version="test", need_count=1, offer_count=1, proposal_count=1,
        unmet_need_count=0, pair_count=1, started_at=NOW, ended_at=NOW,
    )
    session.add(run)
    session.flush()
    pair = Proposal(
        id=new_id(), mission_id=scene.mission.id, run_id=run.id, score=0.9, buyer_chance=0.9, seller_chance=0.9,
        need_id=make_listing(session, scene.visiting, "need", unit_code="ton").id, fit=Fit.STRONG, parts={}, reasons=[],
        offer_id=make_listing(session, scene.hosting, "offer", **offer).id, state=state, decided_at=NOW,
    )
    session.add(pair)
    session.flush()
    for side, answer in zip(PairSide, answers, strict=False):
        if answer is not None:
            session.add(PartnerAnswer(
                proposal_id=pair.id, side=side, answer=answer, answered_by_id=scene.office.id, answered_at=NOW,
            ))
    session.commit()
    return pair


def owner_of(session: Session, scene: Scene) -> Person:
    person = session.get_one(Person, scene.visiting.owner_id)
    session.commit()
    return person


def page(client: CheckingClient, person: Person, path: str = "/") -> str:
    sign_in(client, person)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# The landing page


def test_landing_works_without_any_mission(client: CheckingClient) -> None:
    html = client.get("/").get_data(as_text=True)

    assert "Daftarkan usaha saya" in html and "Masuk petugas" in html and "Belum ada misi yang dibuka" in html


def test_landing_counts_what_is_there_and_shows_both_provinces(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    make_pair(app_session, scene, Answer.WANT, Answer.MAY)

    html = client.get("/").get_data(as_text=True)

    figures = html.split('<dl class="figs">')[1].split("</dl>")[0]
    numbers = [part.split("</dd>")[0] for part in figures.split("<dd>")[1:]]
    assert numbers == ["2", "1", "1", "1"]
    assert all(f">{province.short_name}</tspan>" in html
               for province in (scene.mission.visiting_province, scene.mission.hosting_province))
    assert "06.00 WIB" in html and "08.00 WIT" in html


def test_landing_shows_needs_without_names_or_words_of_owners(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    make_listing(app_session, scene.visiting, "need", title="Hubungi Pak Budi 0812", description="rahasia")
    app_session.commit()

    html = client.get("/").get_data(as_text=True)

    assert "Kopra" in html and "2 ton sebulan" in html and "belum ada penjual" in html
    assert "Pak Budi" not in html and "rahasia" not in html and scene.visiting.name not in html


def test_landing_leaves_out_firms_that_did_not_agree_to_be_shown(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    from tests.factories import make_participation

    hidden = make_enterprise(app_session, province=VISITING, consents=(Purpose.STATISTICS,))
    make_participation(app_session, scene.mission, hidden)
    make_listing(app_session, hidden, "need", commodity_code="cengkih")
    app_session.commit()

    assert "Cengkih" not in client.get("/").get_data(as_text=True)


def test_landing_calls_earlier_totals_promises(client: CheckingClient, scene: Scene) -> None:
    html = client.get("/").get_data(as_text=True)

    assert "4 misi sebelumnya" in html and "Rp\u00a0568,04\u00a0miliar" in html
    assert "janji (komitmen) yang diumumkan" in html


def test_landing_takes_few_queries(client: CheckingClient, app: Flask, app_session: Session, scene: Scene) -> None:
    make_pair(app_session, scene, Answer.WANT, Answer.MAY)
    client.get("/")

    with counted_queries(app) as statements:
        client.get("/")

    assert len(statements) <= 9, statements


# Owners


def test_an_owner_without_a_firm_is_led_to_registration(client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()

    html = page(client, person)

    assert "Mulai mendaftar" in html and 'href="/register"' in html


@pytest.mark.parametrize(("state", "said"), [
    (EnterpriseState.DRAFT, "Lanjutkan pendaftaran"), (EnterpriseState.AWAITING_OWNER, "Periksa dan setujui"),
])
def test_an_unfinished_registration_comes_first(
    client: CheckingClient, app_session: Session, state: EnterpriseState, said: str
) -> None:
    firm = make_enterprise(app_session, state=state)
    person = app_session.get_one(Person, firm.owner_id)
    app_session.commit()

    html = page(client, person)

    assert said in html and html.count("btn-main") == 1


def test_an_owner_sees_answers_waiting_before_renewals(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    make_pair(app_session, scene, None, Answer.WANT)
    make_listing(app_session, scene.visiting, "offer", renewed_at=NOW.replace(year=2026))
    app_session.commit()

    html = page(client, owner_of(app_session, scene))

    assert html.index("1 calon mitra menunggu") < html.index("1 barang perlu dipastikan lagi")
    assert html.count("btn-main") == 1


def test_an_owner_with_nothing_to_do_is_told_so(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    make_pair(app_session, scene, Answer.WANT, Answer.WANT)
    make_deal(app_session, scene)
    app_session.commit()

    html = page(client, owner_of(app_session, scene))

    assert "Semua sudah beres" in html and "btn-main" not in html
    standing = html.split('id="h-standing"')[1].split("</section>")[0]
    assert [part.split("<")[0] for part in standing.split('num strong">')[1:]] == ["1", "1", "1"]


def test_an_owner_outside_the_open_mission_is_invited(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    firm = make_enterprise(app_session, province=VISITING)
    make_listing(app_session, firm)
    person = app_session.get_one(Person, firm.owner_id)
    app_session.commit()

    assert f"Misi terbuka: {scene.mission.name}" in page(client, person)


# Staff


def test_an_organiser_sees_what_is_left(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    make_pair(app_session, scene, state=ProposalState.PROPOSED)
    make_pair(app_session, scene, Answer.WANT, None)
    make_listing(app_session, scene.hosting, "need", commodity_code="cengkih")
    make_enterprise(app_session, province=HOSTING, state=EnterpriseState.AWAITING_OWNER)
    organiser = make_person(app_session, "organiser", HOSTING)
    app_session.commit()

    html = page(client, organiser)

    for said in ("1 usulan belum diputuskan", "1 usaha belum menjawab", "1 kebutuhan tanpa penjual", "1 usaha menunggu"):
        assert said in html
    assert html.count("btn-main") == 1


def test_an_office_is_shown_agreed_pairs_until_they_are_recorded(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    pair = make_pair(app_session, scene, Answer.WANT, Answer.MAY, price_amount=9_000_000)
    address = f"/missions/{scene.mission.id}/deals/new?proposal={pair.id}"

    before = page(client, scene.office)
    form = client.get(address).get_data(as_text=True)
    fields = {part.split('"')[0]: part.split('value="')[1].split('"')[0]
              for part in form.split(' name="')[1:] if 'value="' in part.split(">")[0]}
    told = {name: fields[name] for name in ("key", "seller_id", "buyer_id", "goods", "quantity", "unit_price_amount", "signed_on")}
    answer = client.send(address, told | {
        "commodity_code": "kopra", "unit_code": "ton", "term": "month", "kind": "commitment",
    })
    after = page(client, scene.office)

    assert address in before and "Belum ada kesepakatan yang dicatat." in before
    assert (told["quantity"], told["unit_price_amount"]) == ("2", "9.000.000")
    assert (told["seller_id"], told["buyer_id"]) == (scene.hosting.id, scene.visiting.id)
    assert answer.status_code == 303
    assert address not in after and "Rp\u00a018\u00a0juta" in after and "mencatat kesepakatan" in after


def test_pairs_with_one_silent_side_are_not_offered_for_recording(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    pair = make_pair(app_session, scene, Answer.WANT, None)

    assert pair.id not in page(client, scene.office)


def test_the_other_firms_of_a_proposal_are_refused(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    pair = make_pair(app_session, scene, Answer.WANT, Answer.WANT)
    other = make_scene(app_session)
    app_session.commit()
    sign_in(client, scene.office)

    assert client.get(f"/missions/{other.mission.id}/deals/new?proposal={pair.id}").status_code == 404


def test_an_admin_sees_people_failed_work_and_versions(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    app_session.add(Job(kind="matching.rank_mission", subject="x", arguments={}, state=JobState.FAILED,
                        error="ValueError: rusak", created_at=NOW))
    admin = make_person(app_session, "admin")
    app_session.commit()

    html = page(client, admin)

    assert "ValueError: rusak" in html and "SQLite" in html and scene.mission.name in html


@pytest.mark.parametrize("role", ["organiser", "office"])
def test_staff_of_a_province_without_mission_are_told_what_comes(
    client: CheckingClient, app_session: Session, role: str
) -> None:
    person = make_person(app_session, role, ELSEWHERE)
    app_session.commit()

    html = page(client, person)

    assert "Belum ada misi yang terbuka" in html
    assert "Cocokkan" not in html and ">Kesepakatan<" not in html


def test_a_draft_does_not_become_the_mission_of_the_menu(client: CheckingClient, app_session: Session) -> None:
    scene = make_scene(app_session, state=MissionState.DRAFT)
    app_session.commit()

    assert "Belum ada misi yang terbuka" in page(client, scene.office)


@pytest.mark.parametrize(("role", "labels"), [
    ("owner", ["Beranda", "Barang saya", "Mitra", "Janji"]),
    ("organiser", ["Beranda", "Misi", "Usaha", "Cocokkan", "Jejak"]),
    ("office", ["Beranda", "Misi", "Usaha", "Kesepakatan", "Angka", "Riwayat", "Jejak"]),
    ("admin", ["Beranda", "Misi", "Usaha", "Petugas", "Jejak"]),
])
def test_each_role_has_its_menu_with_the_present_page_marked(
    client: CheckingClient, app_session: Session, scene: Scene, role: str, labels: list[str]
) -> None:
    person = make_person(app_session, role)
    app_session.commit()

    html = page(client, person)

    menu = html.split('aria-label="Menu utama">')[1].split("</nav>")[0]
    assert [part.split("<")[0] for part in menu.split(">")[1::2]] == labels
    assert menu.count('aria-current="page"') == 1 and 'aria-current="page">Beranda' in menu


def test_every_link_of_every_menu_opens(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    owner = owner_of(app_session, scene)
    people = [owner, scene.office, make_person(app_session, "organiser", HOSTING), make_person(app_session, "admin")]
    app_session.commit()

    for person in people:
        menu = page(client, person).split('aria-label="Menu utama">')[1].split("</nav>")[0]
        for link in [part.split('"')[0] for part in menu.split('href="')[1:]]:
            assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("role", ["owner", "organiser", "office", "admin"])
def test_front_pages_take_few_queries(
    client: CheckingClient, app: Flask, app_session: Session, scene: Scene, role: str
) -> None:
    for _ in range(12):
        make_pair(app_session, scene, Answer.WANT, Answer.MAY)
    person = owner_of(app_session, scene) if role == "owner" else make_person(app_session, role)
    app_session.commit()
    page(client, person)

    with counted_queries(app) as statements:
        client.get("/")

    assert len(statements) <= 8, statements


# Help and probes


def test_help_is_open_to_all_and_switches_the_language(client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()

    assert "Apa yang terjadi dengan data saya" in client.get("/help").get_data(as_text=True)
    assert client.send("/language", {"locale": "en", "next": "/help"}).status_code == 303
    assert 'lang="en"' in client.get("/help").get_data(as_text=True)
    assert page(client, person, "/help")


def test_healthz_needs_no_database(client: CheckingClient, app: Flask) -> None:
    with counted_queries(app) as statements:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.data, statements) == (200, b"ok", [])


def test_readyz_tells_engine_warning_and_waiting_work(client: CheckingClient, app_session: Session) -> None:
    app_session.add(Job(kind="x", subject="x", arguments={}, created_at=NOW.replace(hour=2, minute=59)))
    app_session.commit()

    found = client.get("/readyz").get_json()

    assert found["status"] == "ok" and found["database"] == "SQLite" and found["waiting_seconds"] == 60
    assert bool(found["warning"]) is queries.has_wal_race(found["version"])


def test_readyz_says_503_when_the_database_is_away(client: CheckingClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(queries, "engine_of", away)

    answer = client.get("/readyz")

    assert answer.status_code == 503 and answer.get_json() == {"status": "no database"}


def test_readiness_speaks_of_both_engines(session: Session) -> None:
    found = queries.readiness(session, NOW)

    assert found is not None and found.engine.name in ("SQLite", "PostgreSQL") and found.failed_jobs == 0


@pytest.mark.parametrize(("version", "is_affected"), [
    ("3.40.1", True), ("3.44.5", True), ("3.44.6", False), ("3.45.0", True), ("3.50.6", True), ("3.50.7", False),
    ("3.51.2", True), ("3.51.3", False), ("3.52.0", False),
])
def test_versions_with_the_wal_fault_are_known(version: str, is_affected: bool) -> None:
    assert queries.has_wal_race(version) is is_affected
