"""The pages of a firm: what is added later, and what officers fill in."""

import io
import re
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.listings.models import Listing
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.factories import HOSTING, VISITING, make_enterprise, make_listing, make_person, regency_of

ALL_YES = {"partners": "yes", "phone": "no", "statistics": "no", "press": "no"}


def read(session: Session, query: Select[Any]) -> list[Any]:
    session.expire_all()
    found = list(session.scalars(query))
    session.commit()
    return found


@pytest.fixture
def firm(client: CheckingClient, app_session: Session) -> Enterprise:
    """An active firm whose owner sits at the browser."""
    owner = make_person(app_session)
    made = make_enterprise(app_session, owner, name="UD Maju")
    app_session.commit()
    sign_in(client, owner)
    return made


@pytest.fixture
def officer(app_session: Session) -> Person:
    """Somebody of the visiting province's trade office."""
    made = make_person(app_session, "office", VISITING, name="Pak Petugas")
    app_session.commit()
    return made


@pytest.fixture
def assisted(app_session: Session) -> dict[str, str]:
    """What an officer types in for an owner."""
    regency = regency_of(app_session, VISITING)
    app_session.commit()
    return {
        "phone": "0812-9999-0001", "owner_name": "Bu Rahma", "name": "UD Rahma & Anak", "regency_code": regency,
        "trade_side": "both",
    }


def test_details_are_saved_and_a_receipt_is_given(
    client: CheckingClient, app_session: Session, firm: Enterprise
) -> None:
    saved = client.send("/my/enterprise", {"nib": "1234567890123", "annual_turnover": "350 juta"}, token_from="/my/enterprise")
    page = client.get(saved.location).get_data(as_text=True)

    found = read(app_session, select(Enterprise).where(Enterprise.id == firm.id))[0]
    assert (found.nib, found.annual_turnover, found.size_class) == ("1234567890123", 350_000_000, "micro")
    assert f'data-receipt="more-{firm.id}"' in page


def test_the_size_class_and_both_criteria_are_explained(client: CheckingClient, firm: Enterprise) -> None:
    client.send("/my/enterprise", {"annual_turnover": "3 miliar"}, token_from="/my/enterprise")

    page = client.get("/my/enterprise").get_data(as_text=True)

    assert "<strong>Usaha kecil</strong></p>" in page
    assert "penjualan sampai Rp\xa015\xa0miliar setahun, atau modal sampai Rp\xa05\xa0miliar" in page


def test_a_taken_business_number_is_told_beside_the_field(
    client: CheckingClient, app_session: Session, firm: Enterprise
) -> None:
    make_enterprise(app_session, nib="1234567890123", name="UD Rahasia")
    app_session.commit()

    refused = client.send("/my/enterprise", {"nib": "1234567890123", "workers": "7"}, token_from="/my/enterprise")

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "NIB ini sudah dipakai usaha lain" in page and "UD Rahasia" not in page
    assert 'value="1234567890123"' in page and 'value="7"' in page
    assert read(app_session, select(Enterprise.workers).where(Enterprise.id == firm.id)) == [None]


def test_wrong_numbers_keep_what_was_typed(client: CheckingClient, firm: Enterprise) -> None:
    refused = client.send(
        "/my/enterprise", {"nib": "123", "npwp": "45", "capital": "kira-kira", "about": "Sejak 1998"},
        token_from="/my/enterprise",
    )

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    for kept in ('value="123"', 'value="45"', 'value="kira-kira"', "Sejak 1998"):
        assert kept in page


@pytest.mark.parametrize("field", ["nib", "certificates", "about", "annual_turnover", "workers", "owner_gender"])
def test_a_file_instead_of_text_is_no_fault_of_ours(client: CheckingClient, firm: Enterprise, field: str) -> None:
    answer = client.send(
        "/my/enterprise", {field: (io.BytesIO(b"\x00\xff"), "foto.jpg")}, token_from="/my/enterprise",
        content_type="multipart/form-data",
    )

    assert answer.status_code in (303, 422)


def test_an_officer_fills_in_and_the_owner_confirms(
    client: CheckingClient, app_session: Session, officer: Person, assisted: dict[str, str]
) -> None:
    sign_in(client, officer)
    goods = client.send("/enterprises/new", assisted, token_from="/enterprises/new").location
    client.send(
        goods, {"title": "kopra", "commodity_code": "kopra", "quantity": "2", "unit_code": "ton", "period": "month"},
        token_from=goods,
    )
    waiting = client.get("/enterprises/new").get_data(as_text=True)
    firm = read(app_session, select(Enterprise))[0]
    owner = read(app_session, select(Person).where(Person.id == firm.owner_id))[0]
    sign_in(client, owner)
    asked = client.get("/register", follow_redirects=True)
    shown = asked.get_data(as_text=True)
    done = client.send("/register/confirm", ALL_YES, token_from="/register/confirm")

    assert asked.request.path == "/register/confirm"
    for told in ("Diisikan oleh Pak Petugas", "UD Rahma &amp; Anak", "kopra", "Benar, ini usaha saya"):
        assert told in shown
    assert " checked" not in shown
    text = unquote(re.search(r'href="(https://wa\.me/6281299990001[^"]*)"', waiting)[1])
    assert "Halo Bu Rahma, data usaha UD Rahma & Anak sudah kami isikan" in text and "/sign-in" in text
    assert done.location == "/register/done"
    confirmed = read(app_session, select(Enterprise))[0]
    assert (confirmed.state, confirmed.assisted_by_id) == (EnterpriseState.ACTIVE, officer.id)
    assert confirmed.confirmed_at is not None


def test_an_owner_may_correct_before_confirming(
    client: CheckingClient, app_session: Session, officer: Person, assisted: dict[str, str]
) -> None:
    sign_in(client, officer)
    client.send("/enterprises/new", assisted, token_from="/enterprises/new")
    firm = read(app_session, select(Enterprise))[0]
    sign_in(client, read(app_session, select(Person).where(Person.id == firm.owner_id))[0])

    corrected = client.send(
        "/register?again=1", {"name": "UD Rahma", "regency_code": assisted["regency_code"], "trade_side": "sells"},
        token_from="/register?again=1",
    )

    assert corrected.location == "/register/confirm"
    found = read(app_session, select(Enterprise))[0]
    assert (found.name, found.state) == ("UD Rahma", EnterpriseState.AWAITING_OWNER)


def test_the_assist_page_offers_only_own_regencies(
    client: CheckingClient, app_session: Session, officer: Person, assisted: dict[str, str]
) -> None:
    elsewhere = regency_of(app_session, HOSTING)
    app_session.commit()
    sign_in(client, officer)

    refused = client.send("/enterprises/new", assisted | {"regency_code": elsewhere}, token_from="/enterprises/new")

    assert f'value="{elsewhere}"' not in client.get("/enterprises/new").get_data(as_text=True)
    assert refused.status_code == 422
    assert read(app_session, select(Enterprise)) == []


def test_a_phone_with_a_firm_is_refused_and_nothing_is_lost(
    client: CheckingClient, app_session: Session, officer: Person, assisted: dict[str, str]
) -> None:
    make_enterprise(app_session, make_person(app_session, phone="+6281299990001"), name="UD Lama")
    app_session.commit()
    sign_in(client, officer)

    refused = client.send("/enterprises/new", assisted, token_from="/enterprises/new")

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Nomor HP ini sudah punya usaha" in page and 'value="Bu Rahma"' in page and 'value="0812-9999-0001"' in page


def test_staff_complete_a_firm_of_their_province_only(
    client: CheckingClient, app_session: Session, officer: Person
) -> None:
    own = make_enterprise(app_session, province=VISITING)
    other = make_enterprise(app_session, province=HOSTING)
    hidden = make_enterprise(app_session, province=HOSTING, consents=())
    app_session.commit()
    sign_in(client, officer)

    statuses = [client.get(f"/my/enterprise?enterprise={firm.id}").status_code for firm in (own, other, hidden)]
    saved = client.send(f"/my/enterprise?enterprise={own.id}", {"workers": "5"}, token_from=f"/my/enterprise?enterprise={own.id}")

    assert statuses == [200, 403, 404]
    assert saved.location == f"/enterprises/{own.id}"
    assert read(app_session, select(Enterprise.workers).where(Enterprise.id == own.id)) == [5]


def test_an_owner_cannot_reach_another_firm_by_its_id(
    client: CheckingClient, app_session: Session, firm: Enterprise
) -> None:
    other = make_listing(app_session).enterprise_id
    app_session.commit()

    statuses = [
        client.get(f"/my/enterprise?enterprise={other}").status_code, client.get(f"/enterprises/{other}").status_code,
        client.send(f"/enterprises/{other}/verify", {}, token_from="/my/enterprise").status_code,
    ]

    assert statuses == [404, 404, 403]


def test_the_stamp_shows_date_and_name(client: CheckingClient, app_session: Session, officer: Person) -> None:
    firm = make_enterprise(app_session, province=VISITING)
    app_session.commit()
    sign_in(client, officer)
    path = f"/enterprises/{firm.id}"

    client.send(f"{path}/verify", {"is_verified": "yes"}, token_from="/enterprises/new")
    stamped = client.get(path).get_data(as_text=True)
    client.send(f"{path}/verify", {"is_verified": "no"}, token_from="/enterprises/new")
    taken = client.get(path).get_data(as_text=True)

    assert re.search(r"Sudah diperiksa \d+ \w+ \d{4} oleh Pak Petugas", stamped)
    assert "Belum diperiksa" in taken and "Ditandai sudah diperiksa" in taken


def test_an_office_elsewhere_stamps_nothing(client: CheckingClient, app_session: Session, officer: Person) -> None:
    firm = make_enterprise(app_session, province=HOSTING)
    app_session.commit()
    sign_in(client, officer)

    refused = client.send(f"/enterprises/{firm.id}/verify", {}, token_from="/enterprises/new")

    assert refused.status_code == 403
    assert read(app_session, select(Enterprise.verified_at).where(Enterprise.id == firm.id)) == [None]


def test_no_listing_is_touched_by_a_refused_step(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    before = read(app_session, select(Listing.id))

    answer = client.post("/my/enterprise", data={"nib": "1234567890123"})

    assert answer.status_code == 400
    assert read(app_session, select(Enterprise.nib).where(Enterprise.id == firm.id)) == [None]
    assert read(app_session, select(Listing.id)) == before
