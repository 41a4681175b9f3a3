"""The pages of goods after the registration, and the directory."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, event, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.values import Purpose
from app.enterprises.models import Enterprise
from app.kit import clock
from app.listings.models import Listing
from app.listings.values import ListingState, Side
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person

WHOLE = {
    "title": "Kopra asap", "commodity_code": "kopra", "quantity": "3", "unit_code": "ton", "period": "month",
    "price_amount": "9.500.000", "minimum_order": "1", "packing": "karung 50 kg", "description": "kadar air 5 persen",
}


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


@contextmanager
def counted(client: CheckingClient) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(statement)

    engine = client.application.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_an_empty_list_says_what_to_do(client: CheckingClient, firm: Enterprise) -> None:
    page = client.get("/my/listings").get_data(as_text=True)

    assert "Belum ada yang dicari" in page and "Belum ada yang ditawarkan" in page
    assert 'href="/my/listings/new?side=need"' in page


def test_a_new_need_stands_in_the_list(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    path = "/my/listings/new?side=need"

    saved = client.send(path, {k: WHOLE[k] for k in ("title", "commodity_code", "quantity", "unit_code", "period")}, token_from=path)

    assert saved.location == "/my/listings"
    page = client.get("/my/listings").get_data(as_text=True)
    assert "Kopra asap" in page and "3 ton sebulan" in page and 'data-receipt="need"' in page
    assert [row.side for row in read(app_session, select(Listing))] == [Side.NEED]


def test_the_weight_of_packs_is_written_out(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    from app.commodities.models import CommodityUnit

    app_session.query(CommodityUnit).filter_by(commodity_code="kopra", unit_code="karung").update({"kg_per_unit": 75})
    make_listing(app_session, firm, quantity=160, unit_code="karung")
    app_session.commit()

    assert "160 karung × 75 kg = 12 ton sebulan" in client.get("/my/listings").get_data(as_text=True)


def test_every_term_can_be_added_later(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    listing = make_listing(app_session, firm)
    app_session.commit()
    path = f"/listings/{listing.id}/edit"

    saved = client.send(path, WHOLE | {"months": ["3", "4"], "certificates": ["halal"]}, token_from=path)

    assert saved.location == "/my/listings"
    found = read(app_session, select(Listing))[0]
    assert (found.price_amount, found.months, found.certificates) == (9_500_000, [3, 4], ["halal"])
    page = client.get(path).get_data(as_text=True)
    assert 'value="9.500.000"' in page and 'value="karung 50 kg"' in page and "kadar air 5 persen" in page


def test_wrong_terms_keep_what_was_typed(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    listing = make_listing(app_session, firm)
    app_session.commit()
    path = f"/listings/{listing.id}/edit"

    refused = client.send(path, WHOLE | {"price_amount": "mahal", "months": ["99"]}, token_from=path)

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'value="mahal"' in page and "kadar air 5 persen" in page and "Pilih hanya dari daftar ini." in page
    assert read(app_session, select(Listing.price_amount)) == [None]


def test_own_words_stay_own_words_when_edited(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    listing = make_listing(app_session, firm, commodity_code=None, title="kelapa istimewa", unit_code="kg")
    app_session.commit()
    path = f"/listings/{listing.id}/edit"

    page = client.get(path).get_data(as_text=True)
    saved = client.send(path, WHOLE | {"title": "kelapa istimewa", "commodity_code": "own"}, token_from=path)

    assert 'value="own" checked' in page
    assert saved.status_code == 303
    assert read(app_session, select(Listing.commodity_code)) == [None]


@pytest.mark.parametrize("field", ["price_amount", "minimum_order", "months", "packing", "description", "certificates"])
def test_a_file_instead_of_text_is_no_fault_of_ours(
    client: CheckingClient, app_session: Session, firm: Enterprise, field: str
) -> None:
    listing = make_listing(app_session, firm)
    app_session.commit()
    path = f"/listings/{listing.id}/edit"

    answer = client.send(
        path, WHOLE | {field: (io.BytesIO(b"\x00\xff"), "foto.jpg")}, token_from=path,
        content_type="multipart/form-data",
    )

    assert answer.status_code in (303, 422)


def test_a_stale_listing_is_greyed_and_one_tap_brings_it_back(
    client: CheckingClient, app_session: Session, firm: Enterprise
) -> None:
    listing = make_listing(app_session, firm, renewed_at=clock.now() - timedelta(days=181))
    app_session.commit()
    before = client.get("/my/listings").get_data(as_text=True)

    client.send(f"/listings/{listing.id}/renew", {}, token_from="/my/listings")
    after = client.get("/my/listings").get_data(as_text=True)

    assert "lebih dari 180 hari tidak diperbarui" in before and "card-flat" in before and "Masih tersedia" in before
    assert "lebih dari 180 hari" not in after and "Diperbarui hari ini" in after


def test_a_closed_listing_can_be_opened_again(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    listing = make_listing(app_session, firm)
    app_session.commit()

    client.send(f"/listings/{listing.id}/close", {}, token_from="/my/listings")
    page = client.get("/my/listings").get_data(as_text=True)
    client.send(f"/listings/{listing.id}/renew", {}, token_from="/my/listings")

    assert "Yang sudah ditutup (1)" in page and "Buka lagi" in page
    assert read(app_session, select(Listing.state)) == [ListingState.OPEN]


def test_closing_leads_nowhere_else_than_this_site(
    client: CheckingClient, app_session: Session, firm: Enterprise
) -> None:
    listing = make_listing(app_session, firm)
    app_session.commit()

    answer = client.send(f"/listings/{listing.id}/close", {"next": "//evil.example"}, token_from="/my/listings")

    assert answer.location == "/my/listings"


@pytest.mark.parametrize("action", ["edit", "close", "renew"])
def test_somebody_elses_listing_is_not_there(
    client: CheckingClient, app_session: Session, firm: Enterprise, action: str
) -> None:
    theirs = make_listing(app_session)
    app_session.commit()

    answer = client.send(f"/listings/{theirs.id}/{action}", WHOLE, token_from="/my/listings")

    assert answer.status_code == 404
    assert read(app_session, select(Listing.title)) == ["Kopra"]


def test_an_office_elsewhere_sees_but_does_not_touch(client: CheckingClient, app_session: Session) -> None:
    listing = make_listing(app_session, make_enterprise(app_session, province=VISITING))
    stranger = make_person(app_session, "office", HOSTING)
    app_session.commit()
    sign_in(client, stranger)

    answers = [
        client.send(f"/listings/{listing.id}/close", {}, token_from="/enterprises/new").status_code,
        client.get(f"/enterprises/{listing.enterprise_id}/listings/new").status_code,
    ]

    assert answers == [403, 403]
    assert "Tutup" not in client.get(f"/enterprises/{listing.enterprise_id}").get_data(as_text=True)


def test_other_provinces_staff_see_no_phone_no_figures_no_history(client: CheckingClient, app_session: Session) -> None:
    owner = make_person(app_session, phone="+6281234567890", name="Bu Pemilik")
    firm = make_enterprise(
        app_session, owner, VISITING, nib="1234567890123", npwp="3578012345670001", annual_turnover=123_000_000,
        about="Sejak 1998",
    )
    make_listing(app_session, firm, title="Kopra asap")
    own, other = make_person(app_session, "office", VISITING), make_person(app_session, "office", HOSTING)
    app_session.commit()
    secrets = ("0812-3456-7890", "81234567890", "1234567890123", "0001", "123.000.000", "Bu Pemilik", 'id="history"')

    sign_in(client, own)
    fully = client.get(f"/enterprises/{firm.id}").get_data(as_text=True)
    sign_in(client, other)
    partly = client.get(f"/enterprises/{firm.id}").get_data(as_text=True)

    assert "Kopra asap" in partly and "Sejak 1998" in partly
    assert [secret for secret in secrets if secret in partly] == []
    assert "0812-3456-7890" in fully and "•••• 0001" in fully and "3578012345670001" not in fully


def test_a_withdrawn_consent_takes_the_firm_out_of_sight(client: CheckingClient, app_session: Session) -> None:
    firm = make_enterprise(app_session, province=VISITING, consents=(Purpose.PHONE,))
    other = make_person(app_session, "organiser", HOSTING)
    app_session.commit()
    sign_in(client, other)

    assert client.get(f"/enterprises/{firm.id}").status_code == 404
    assert firm.name not in client.get("/enterprises").get_data(as_text=True)


def test_the_directory_is_searched_filtered_and_paged(client: CheckingClient, app_session: Session) -> None:
    office = make_person(app_session, "office", VISITING)
    for number in range(30):
        make_enterprise(app_session, name=f"Usaha {number:02d}")
    spices = make_enterprise(app_session, name="Rempah Utama")
    make_listing(app_session, spices, commodity_code="cengkih", title="kering asalan")
    app_session.commit()
    sign_in(client, office)

    first = client.get("/enterprises").get_data(as_text=True)
    second = client.get("/enterprises?page=2").get_data(as_text=True)
    found = client.get("/enterprises?q=cengke&side=sells").get_data(as_text=True)
    nothing = client.get("/enterprises?q=zzqx").get_data(as_text=True)

    assert "31 usaha" in first and "Halaman 1 dari 2" in first and "Usaha 29" in second
    assert re.findall(r'href="/enterprises/[0-9a-z]{20}">([^<]+)', found) == ["Rempah Utama"]
    assert 'value="cengke"' in found
    assert "Tidak ada usaha yang cocok" in nothing


@pytest.mark.parametrize("query", ["page=999999", "page=-1", "state=nonsense", "side=x&size=y", "regency=0", "q=%25%5F'"])
def test_odd_filters_get_a_page(client: CheckingClient, app_session: Session, query: str) -> None:
    admin = make_person(app_session, "admin")
    app_session.commit()
    sign_in(client, admin)

    assert client.get(f"/enterprises?{query}").status_code == 200
    assert client.get(f"/listings?{query}&month=13&price_from=-1&family=x").status_code == 200


def test_goods_are_searched_in_every_wording(client: CheckingClient, app_session: Session) -> None:
    office = make_person(app_session, "office", VISITING)
    firm = make_enterprise(app_session, province=HOSTING, name="UD Rempah <b>")
    make_listing(
        app_session, firm, title="cengke kring", commodity_code=None, price_amount=90_000, unit_code="kg", certificates=["halal"],
        months=[1, 2],
    )
    make_listing(app_session, firm, Side.NEED, title="Minyak sayur", commodity_code="minyak-goreng")
    hidden = make_enterprise(app_session, province=HOSTING, name="Toko Rahasia", consents=())
    make_listing(app_session, hidden, title="cengkih rahasia", commodity_code="cengkih")
    app_session.commit()
    sign_in(client, office)

    everything = client.get("/listings").get_data(as_text=True)
    found = client.get("/listings?q=Cengkeh&side=offer&price=1&month=2&certificate=halal").get_data(as_text=True)
    literal = client.get("/listings?q=Cengkeh&exact=1").get_data(as_text=True)
    firms = client.get("/enterprises?q=migor").get_data(as_text=True)

    assert "2 barang" in everything and "ahasia" not in everything + found + firms
    assert "cengke kring" in found and "terbaca sebagai Cengkih" in found and "Rp\xa090.000" in found.replace(" ", "\xa0")
    assert "Cari hanya tulisan “Cengkeh”" in found and "exact=1" in found and "month=2" in found
    assert "Tidak ada barang yang cocok" in literal and "Cari menurut arti barangnya" in literal
    assert "UD Rempah &lt;b&gt;" in firms and "Minyak goreng" in firms and 'href="/listings?q=migor"' in firms


def test_an_empty_search_says_what_else_there_is(client: CheckingClient, app_session: Session) -> None:
    admin = make_person(app_session, "admin")
    make_listing(app_session, title="Lada hitam", commodity_code="lada-hitam")
    app_session.commit()
    sign_in(client, admin)

    wider = client.get("/listings?q=fuli").get_data(as_text=True)
    outside = client.get("/listings?q=lada+hitam&side=need&price_from=x").get_data(as_text=True)
    meant = client.get("/listings?q=kakoa").get_data(as_text=True)

    assert "Yang lebih umum atau mirip" in wider and "1 barang" in wider
    assert "Ada 1 barang di luar saringan ini" in outside and "Tulis harga dengan angka" in outside
    assert "Mungkin maksud Anda:" in meant


def test_long_lists_of_goods_are_paged(client: CheckingClient, app_session: Session) -> None:
    admin = make_person(app_session, "admin")
    firm = make_enterprise(app_session)
    for number in range(30):
        make_listing(app_session, firm, title=f"Kopra {number:02d}", created_at=NOW, renewed_at=NOW - timedelta(days=number))
    app_session.commit()
    sign_in(client, admin)

    first = client.get("/listings?q=kopra").get_data(as_text=True)
    second = client.get("/listings?q=kopra&page=2").get_data(as_text=True)

    assert "Halaman 1 dari 2" in first and "Kopra 24" in first and "Kopra 25" not in first
    assert "Kopra 29" in second and "page=1" in second


def test_pages_need_few_queries_whatever_their_length(client: CheckingClient, app_session: Session) -> None:
    office = make_person(app_session, "office", VISITING)
    firm = make_enterprise(app_session, province=VISITING)
    for number in range(40):
        make_enterprise(app_session, name=f"Usaha {number:02d}")
        make_listing(app_session, firm, title=f"Kopra {number}")
    app_session.commit()
    sign_in(client, office)
    client.get("/listings?q=kopra")  # goods and listings are in memory now

    spent = {}
    for path in ("/enterprises", "/enterprises?q=kopra", "/listings", "/listings?q=kopra", f"/enterprises/{firm.id}",
                 "/enterprises/new"):
        with counted(client) as statements:
            assert client.get(path).status_code == 200
        spent[path] = len(statements)

    assert max(spent.values()) <= 8, spent


def test_the_owners_list_needs_few_queries(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    for number in range(40):
        make_listing(app_session, firm, title=f"Kopra {number}")
    app_session.commit()
    client.get("/my/listings")

    with counted(client) as statements:
        client.get("/my/listings")

    assert len(statements) <= 8, statements


def test_an_owner_does_not_browse_the_directory(client: CheckingClient, firm: Enterprise) -> None:
    assert client.get("/enterprises").status_code == 403
    assert client.get("/listings").status_code == 403
    assert client.get(f"/enterprises/{firm.id}").status_code == 200


def test_the_firm_reads_its_own_history(client: CheckingClient, app_session: Session, firm: Enterprise) -> None:
    client.send("/my/enterprise", {"workers": "5"}, token_from="/my/enterprise")
    client.send("/my/enterprise", {"workers": "8"}, token_from="/my/enterprise")

    page = client.get(f"/enterprises/{firm.id}").get_data(as_text=True)

    assert "pekerja: 5 → 8" in page and "pekerja: – → 5" in page


def test_admins_read_but_change_nothing(client: CheckingClient, app_session: Session) -> None:
    firm = make_enterprise(app_session, consents=())
    listing = make_listing(app_session, firm)
    admin = make_person(app_session, "admin")
    app_session.commit()
    sign_in(client, admin)

    assert client.get(f"/enterprises/{firm.id}").status_code == 200
    assert client.send(f"/listings/{listing.id}/close", {}, token_from="/sign-in").status_code == 403
    assert read(app_session, select(Person.id).where(Person.id == admin.id)) == [admin.id]
