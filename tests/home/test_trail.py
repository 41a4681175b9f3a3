"""The trail: who may read what of it, and that it speaks in words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.home import queries
from app.home.values import TrailFilters
from app.kit import audit, clock
from app.kit.audit import AuditEntry
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.deals.helpers import correct, make_deal, make_scene
from tests.deals.test_views import counted_queries
from tests.factories import ELSEWHERE, HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def note(session: Session, kind: str, subject_id: str, action: str = "enterprise.change", actor: object = None, **more: object) -> None:
    audit.record(session, actor=actor, action=action, subject=(kind, subject_id), now=more.pop("now", NOW), **more)
    session.flush()


def seen(session: Session, person: object, **filters: object) -> list[AuditEntry]:
    return list(session.scalars(queries.trail_seen_by(person, TrailFilters(**filters))))


def test_admins_read_all_and_owners_nothing(session: Session) -> None:
    note(session, "enterprise", "x" * 20)

    assert len(seen(session, make_person(session, "admin"))) == 1
    assert seen(session, make_person(session)) == []


@pytest.mark.parametrize("role", ["organiser", "office"])
def test_staff_read_acts_on_firms_goods_and_owners_of_their_province(session: Session, role: str) -> None:
    ours, theirs = make_enterprise(session, province=VISITING), make_enterprise(session, province=HOSTING)
    for firm in (ours, theirs):
        note(session, "enterprise", firm.id)
        note(session, "listing", make_listing(session, firm).id, "listing.add")
        note(session, "person", firm.owner_id, "person.consent")

    found = seen(session, make_person(session, role, VISITING))

    assert {entry.subject_type for entry in found} == {"enterprise", "listing", "person"}
    assert len(found) == 3 and theirs.id not in {entry.subject_id for entry in found}


def test_staff_read_what_colleagues_did(session: Session) -> None:
    colleague, stranger = make_person(session, "organiser", VISITING), make_person(session, "organiser", ELSEWHERE)
    note(session, "person", "p" * 20, "person.change", actor=colleague)
    note(session, "person", "q" * 20, "person.change", actor=stranger)

    found = seen(session, make_person(session, "office", VISITING))

    assert [entry.subject_id for entry in found] == ["p" * 20]


def test_both_provinces_of_a_deal_read_its_changes_and_a_third_does_not(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)
    correct(session, scene, deal, note="Dikirim bertahap")

    counts = [
        len([entry for entry in seen(session, make_person(session, "office", province)) if entry.subject_id == deal.id])
        for province in (VISITING, HOSTING, ELSEWHERE)
    ]

    assert counts == [2, 2, 0]


def test_the_trail_is_narrowed_by_act_subject_actor_and_day(session: Session) -> None:
    admin, actor = make_person(session, "admin"), make_person(session, "office", VISITING, name="Siti Aminah")
    note(session, "deal", "d" * 20, "deal.void", actor=actor, reason="Batal")
    note(session, "enterprise", "e" * 20, now=NOW - timedelta(days=3))

    assert [entry.action for entry in seen(session, admin, action="deal.void")] == ["deal.void"]
    assert [entry.action for entry in seen(session, admin, subject="enterprise")] == ["enterprise.change"]
    assert [entry.action for entry in seen(session, admin, subject="deal:" + "d" * 20)] == ["deal.void"]
    assert [entry.action for entry in seen(session, admin, actor="aminah")] == ["deal.void"]
    assert seen(session, admin, actor="%") == []
    assert [entry.action for entry in seen(session, admin, since=NOW.date())] == ["deal.void"]
    assert [entry.action for entry in seen(session, admin, until=(NOW - timedelta(days=1)).date())] == ["enterprise.change"]


@pytest.mark.parametrize(("role", "expected"), [("owner", 403), ("organiser", 200), ("office", 200), ("admin", 200)])
def test_the_trail_is_for_staff(client: CheckingClient, app_session: Session, role: str, expected: int) -> None:
    person = make_person(app_session, role)
    app_session.commit()
    signed_out = client.get("/trail")
    sign_in(client, person)

    assert "/sign-in" in signed_out.location
    assert client.get("/trail").status_code == expected


def test_an_entry_shows_before_after_and_reason(client: CheckingClient, app_session: Session) -> None:
    scene = make_scene(app_session)
    deal = make_deal(app_session, scene)
    correct(app_session, scene, deal, note="Dikirim bertahap", reason="Tambahan dari pembeli")
    app_session.commit()
    sign_in(client, scene.office)

    html = client.get("/trail?action=deal.correct").get_data(as_text=True)

    assert "mengoreksi kesepakatan" in html and "Tambahan dari pembeli" in html and "Dikirim bertahap" in html
    assert f"/deals/{deal.id}" in html


@pytest.mark.parametrize("query", ["since=kemarin", "until=9999-99-99", "since=0001-01-01", "subject=:::", "page=0"])
def test_nonsense_in_the_address_is_ignored(client: CheckingClient, app_session: Session, query: str) -> None:
    admin = make_person(app_session, "admin")
    app_session.commit()
    sign_in(client, admin)

    assert client.get(f"/trail?{query}").status_code == 200


def test_the_trail_takes_few_queries(client: CheckingClient, app: Flask, app_session: Session) -> None:
    scene = make_scene(app_session)
    for number in range(60):
        note(app_session, "enterprise", scene.visiting.id, actor=scene.office, reason=str(number))
    app_session.commit()
    sign_in(client, scene.office)

    with counted_queries(app) as statements:
        html = client.get("/trail").get_data(as_text=True)

    assert len(statements) <= 8, statements
    assert "Halaman 1 dari 2" in html


def test_every_act_that_is_recorded_has_words(app: Flask) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").glob("*/actions.py"))
    acts = set(re.findall(r'"((?:deal|mission|participation|proposal|enterprise|listing|person)\.[a-z_]+)"', code))

    with app.test_request_context("/"):
        words = app.jinja_env.get_template("home/_trail.html").module.act
        missing = sorted(act for act in acts if str(words(act)).strip() == act)

    assert len(acts) > 25 and missing == []
