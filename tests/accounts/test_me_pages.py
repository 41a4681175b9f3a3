"""What people see and change about themselves, and the demo's outbox."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import Consent, Person
from app.accounts.values import DEMO_PASSWORD, Purpose
from app.kit import proofs
from tests.accounts.helpers import Clock, give_sign_in, sign_in, submit, totp
from tests.checking_client import CheckingClient
from tests.factories import HOSTING, NOW, VISITING, make_consents, make_person


@pytest.fixture
def owner(client: CheckingClient, app_session: Session) -> Person:
    """An owner who is signed in."""
    person = make_person(app_session, name="Ibu Ani")
    app_session.commit()
    sign_in(client, person)
    return person


def test_own_page_shows_name_number_and_consents(client: CheckingClient, owner: Person) -> None:
    page = client.get("/me").get_data(as_text=True)

    assert "Ibu Ani" in page
    assert "0812-0000-" in page
    assert page.count('type="checkbox"') == 4
    assert "Ganti kata sandi" not in page


@pytest.mark.parametrize("role", ["organiser", "office", "admin"])
def test_staff_see_password_but_no_consents(client: CheckingClient, app_session: Session, role: str) -> None:
    person = make_person(app_session, role)
    app_session.commit()
    sign_in(client, person)

    page = client.get("/me").get_data(as_text=True)

    assert "Ganti kata sandi" in page
    assert 'type="checkbox"' not in page


def test_name_and_language_are_saved(client: CheckingClient, owner: Person, app_session: Session) -> None:
    response = submit(client, "/me", name=" Ibu  Ani Baru ", locale="en")

    assert response.status_code == 303
    app_session.refresh(owner)
    assert (owner.name, owner.locale) == ("Ibu Ani Baru", "en")
    assert '<html lang="en"' in client.get("/me").get_data(as_text=True)


@pytest.mark.parametrize("values", [{"name": "", "locale": "id"}, {"name": "x" * 121, "locale": "id"},
                                    {"name": "Ibu", "locale": "xx"}])
def test_bad_values_change_nothing(
    client: CheckingClient, owner: Person, app_session: Session, values: dict[str, str]
) -> None:
    assert submit(client, "/me", **values).status_code == 422
    app_session.refresh(owner)
    assert owner.name == "Ibu Ani"


def test_nothing_else_can_be_changed_through_the_form(
    client: CheckingClient, owner: Person, app_session: Session
) -> None:
    phone = owner.phone
    submit(
        client, "/me", name="Ibu", locale="id", role="admin", phone="+6281299999999", id="x", is_active="0",
        province_code=HOSTING,
    )

    app_session.refresh(owner)
    assert (owner.role, owner.phone, owner.is_active, owner.province_code) == ("owner", phone, True, None)


def test_name_is_text_wherever_it_is_shown(client: CheckingClient, owner: Person) -> None:
    submit(client, "/me", name='<script>alert(1)</script>"onload="x', locale="id")

    page = client.get("/me").get_data(as_text=True)

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_consents_are_switched_one_by_one(client: CheckingClient, owner: Person, app_session: Session) -> None:
    client.send("/me/consents", {"partners": "y", "phone": "y"}, token_from="/me")
    client.send("/me/consents", {"partners": "y"}, token_from="/me")

    found = queries.current_consents(app_session, owner.id)
    assert found == {
        Purpose.PARTNERS: True, Purpose.PHONE: False, Purpose.STATISTICS: False, Purpose.PRESS: False
    }
    assert len(app_session.scalars(select(Consent)).all()) == 5
    page = client.get("/me").get_data(as_text=True)
    assert len(re.findall(r"<input[^>]* checked[^>]*type=\"checkbox\"", page)) == 1


def test_other_browsers_can_be_signed_out(app: Flask, client: CheckingClient, owner: Person) -> None:
    other = app.test_client()
    sign_in(other, owner)
    assert "1 HP atau komputer lain" in client.get("/me").get_data(as_text=True)

    response = client.send("/me/end-other-sessions", token_from="/me")

    assert response.status_code == 303
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 303


def test_own_data_is_a_file_of_oneself_only(client: CheckingClient, owner: Person, app_session: Session) -> None:
    other = make_person(app_session, name="Orang Lain")
    make_consents(app_session, other, Purpose.PRESS)
    make_consents(app_session, owner, Purpose.PARTNERS)
    app_session.commit()

    response = client.get("/me/data.json")

    data = response.get_json()
    assert data["person"]["name"] == "Ibu Ani"
    assert [answer["is_given"] for answer in data["consents"] if answer["purpose"] == "partners"] == [True]
    assert len(data["consents"]) == 4
    assert "Orang Lain" not in response.get_data(as_text=True)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/me", "/me/consents", "/me/end-other-sessions", "/me/data.json", "/me/password"])
def test_own_pages_want_somebody_signed_in(client: CheckingClient, path: str) -> None:
    response = client.send(path, token_from="/sign-in") if "-" in path or "consents" in path else client.get(path)

    assert response.status_code == 303
    assert response.location.startswith("/sign-in")


def test_owners_have_no_password_page(client: CheckingClient, owner: Person) -> None:
    assert client.get("/me/password").status_code == 403
    assert client.send("/me/recovery-codes", token_from="/me").status_code == 403


def test_outbox_exists_in_the_demo_only(app: Flask, client: CheckingClient) -> None:
    assert client.get("/demo/outbox").status_code == 200

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], is_demo=False)

    assert client.get("/demo/outbox").status_code == 404


def test_outbox_shows_codes_and_how_to_try_each_role(
    app: Flask, client: CheckingClient, app_session: Session, time: Clock
) -> None:
    office = make_person(app_session, "office", is_demo=True, name="Petugas Contoh")
    secret = give_sign_in(office, NOW)
    for number in range(4):
        make_person(app_session, province=VISITING, is_demo=True, name=f"Pemilik {number}")
    make_person(app_session, "admin", name="Bukan Contoh")
    app_session.commit()
    submit(client, "/sign-in", identity="0812-3456-7890")

    page = client.get("/demo/outbox").get_data(as_text=True)

    assert re.search(r"\d{6} adalah kode masuk Titik Temu", page)
    assert "0812-3456-7890" in page
    assert totp(secret, NOW) in page
    assert DEMO_PASSWORD in page
    assert page.count("Pemilik ") - page.count("Pemilik usaha") == queries.SHOWN_OWNERS
    assert "Bukan Contoh" not in page


def test_outbox_shows_a_code_that_will_be_taken(client: CheckingClient, app_session: Session, time: Clock) -> None:
    office = make_person(app_session, "office", is_demo=True)
    secret = give_sign_in(office, NOW)
    step = proofs.totp_step(NOW)
    office.totp_last_step = step
    app_session.commit()
    assert proofs.totp_code(secret, step + 1) in client.get("/demo/outbox").get_data(as_text=True)

    office.totp_last_step = step + 1
    app_session.commit()
    assert "tunggu 30 detik" in client.get("/demo/outbox").get_data(as_text=True)


@pytest.mark.parametrize(("path", "most"), [("/staff", 5), ("/me", 7), ("/demo/outbox", 4)])
def test_pages_ask_the_database_little(
    app: Flask, client: CheckingClient, app_session: Session, path: str, most: int
) -> None:
    for number in range(40):
        make_person(app_session, "office", is_demo=True, province=VISITING if number % 2 else HOSTING)
    admin = make_person(app_session, "admin")
    app_session.commit()
    sign_in(client, admin)
    statements: list[str] = []
    event.listen(
        app.extensions["database"].engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )

    assert client.get(path).status_code == 200
    assert len([text for text in statements if text.startswith("SELECT")]) <= most
