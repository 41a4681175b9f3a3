"""Pages of deals through a browser that checks them: signed out, wrong person, invalid, allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.deals.models import Deal, DealEntry
from app.deals.values import DealKind
from app.enterprises.models import Enterprise
from app.kit import clock
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.deals.helpers import Scene, correct, details, form_of, make_deal, make_firm, make_scene, void
from tests.factories import ELSEWHERE, HOSTING, NOW, VISITING, make_enterprise, make_person


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the same clock as the rows of the tests."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def scene(app_session: Session) -> Scene:
    """A committed mission with an office and a firm on each side."""
    made = make_scene(app_session)
    app_session.commit()
    return made


def owner_of(session: Session, firm: Enterprise) -> Person:
    person = session.get_one(Person, firm.owner_id)
    session.commit()
    return person


def recorded(session: Session, scene: Scene, **changes: Any) -> Deal:
    deal = make_deal(session, scene, **changes)
    session.commit()
    return deal


def deal_count(session: Session) -> int:
    count = session.scalar(select(func.count()).select_from(Deal)) or 0
    session.rollback()
    return count


def new_address(scene: Scene, seller: Enterprise | None = None, buyer: Enterprise | None = None) -> str:
    seller, buyer = seller or scene.hosting, buyer or scene.visiting
    return f"/missions/{scene.mission.id}/deals/new?seller={seller.id}&buyer={buyer.id}"


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT")):
            statements.append(statement)

    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


# Recording


def test_nobody_records_without_signing_in(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    answer = client.send(new_address(scene), form_of(details(scene.hosting, scene.visiting)))

    assert answer.status_code == 303 and "/sign-in" in answer.location
    assert deal_count(app_session) == 0


@pytest.mark.parametrize("role", ["owner", "organiser", "admin"])
def test_other_roles_do_not_record(client: CheckingClient, app_session: Session, scene: Scene, role: str) -> None:
    person = make_person(app_session, role)
    app_session.commit()
    sign_in(client, person)

    answer = client.send(new_address(scene), form_of(details(scene.hosting, scene.visiting)))

    assert answer.status_code == 403
    assert deal_count(app_session) == 0


def test_office_of_a_third_province_does_not_find_the_mission(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    stranger = make_person(app_session, "office", ELSEWHERE)
    app_session.commit()
    sign_in(client, stranger)

    assert client.get(f"/missions/{scene.mission.id}/deals").status_code == 404
    assert client.send(new_address(scene), form_of(details(scene.hosting, scene.visiting))).status_code == 404


@pytest.mark.parametrize(("changes", "said"), [
    ({"goods": ""}, "Tulis barangnya."),
    ({"quantity": "-3"}, "Jumlah harus lebih dari nol."),
    ({"quantity": "banyak"}, "Tulis jumlah dengan angka saja"),
    ({"unit_code": "karton besar"}, "Pilih satu dari daftar ini."),
    ({"unit_price_amount": "mahal"}, "Tulis harga dengan angka"),
    ({"quantity": "", "unit_code": ""}, "Isi volume dan harga satuan"),
    ({"quantity": "", "value_amount": "5 juta"}, "Volume dan satuan harus diisi bersama."),
    ({"value_amount": "1 juta"}, "Tulis alasannya."),
    ({"signed_on": "kemarin"}, "Tulis tanggal seperti"),
    ({"signed_on": "2099-01-01"}, "Tanggal tanda tangan belum terjadi."),
    ({"kind": "gift"}, "Pilih satu dari daftar ini."),
    ({"form_number": "9" * 61}, "Terlalu panjang"),
    ({"key": "x"}, "Muat ulang, lalu isi lagi."),
    ({"quantity": "999999999999", "unit_price_amount": "999999999999999"}, "Periksa lagi jumlah nolnya."),
])
def test_wrong_input_is_named_beside_its_field_and_kept(
    client: CheckingClient, app_session: Session, scene: Scene, changes: dict[str, str], said: str
) -> None:
    sign_in(client, scene.office)

    answer = client.send(new_address(scene), form_of(details(scene.hosting, scene.visiting, note="Jangan hilang"), **changes))

    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in html and "Jangan hilang" in html
    assert deal_count(app_session) == 0


def test_office_records_a_deal_and_sees_it(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting, form_number="PKT-007"))

    answer = client.send(new_address(scene), told)
    page = client.get(answer.location).get_data(as_text=True)

    assert answer.status_code == 303
    assert "Kesepakatan PKT-007" in page and "Rp\u00a0216.000.000" in page and "Nomor terima" in page
    assert "PKT-007" in client.get(f"/missions/{scene.mission.id}/deals").get_data(as_text=True)


def test_sending_twice_leads_to_the_same_deal(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting))

    first, second = client.send(new_address(scene), told), client.send(new_address(scene), told)

    assert first.location == second.location
    assert deal_count(app_session) == 1


def test_the_key_of_another_deal_is_refused_and_nothing_is_lost(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting))
    client.send(new_address(scene), told)

    answer = client.send(new_address(scene), told | {"quantity": "99"})

    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Buka yang tersimpan" in html and 'value="99"' in html and told["key"] not in html
    assert deal_count(app_session) == 1


def test_a_likely_double_is_shown_and_saved_after_a_tick(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    recorded(app_session, scene, form_number="PKT-018")
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting, form_number="pkt 018"))

    asked = client.send(new_address(scene), told)
    html = asked.get_data(as_text=True)
    seen = html.split('name="seen"')[1].split('value="')[1].split('"')[0]
    without_tick = client.send(new_address(scene), told | {"seen": seen})
    confirmed = client.send(new_address(scene), told | {"seen": seen, "is_checked": "y"})

    assert asked.status_code == without_tick.status_code == 422
    assert "Tampaknya sudah dicatat" in html and "PKT-018" in html
    assert confirmed.status_code == 303
    assert deal_count(app_session) == 2


def test_two_firms_of_one_province_are_refused_before_anything_is_filled_in(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    neighbor = make_firm(app_session, scene.mission, HOSTING)
    app_session.commit()
    sign_in(client, scene.office)

    answer = client.get(new_address(scene, scene.hosting, neighbor))

    assert answer.status_code == 422
    assert "dari provinsi yang sama" in answer.get_data(as_text=True)


def test_part_of_a_name_finds_firms_without_script(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    make_firm(app_session, scene.mission, VISITING, name="UD Gista Jaya")
    make_firm(app_session, scene.mission, VISITING, name="CV Lain Sekali")
    make_enterprise(app_session, province=VISITING, name="Gista Bukan Peserta")
    app_session.commit()
    sign_in(client, scene.office)

    html = client.get(f"/missions/{scene.mission.id}/deals/new?buyer_name=gista").get_data(as_text=True)
    buyers = html.split('id="h-buyer"')[1]

    assert "UD Gista Jaya" in buyers
    assert "CV Lain Sekali" not in buyers and "Bukan Peserta" not in html


def test_calculating_first_saves_nothing(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    sign_in(client, scene.office)

    answer = client.send(new_address(scene), form_of(details(scene.hosting, scene.visiting), preview="value"))

    assert answer.status_code == 200
    assert "Rp\u00a0216.000.000" in answer.get_data(as_text=True)
    assert deal_count(app_session) == 0


def test_goods_that_could_be_several_are_asked_about(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting, goods="ikan la", commodity_code=None))

    asked = client.send(new_address(scene), told)
    own = client.send(new_address(scene), told | {"commodity_code": "own"})

    assert asked.status_code == 422 and "Pilih barang yang paling sesuai" in asked.get_data(as_text=True)
    assert own.status_code == 303
    app_session.expire_all()
    assert app_session.scalars(select(DealEntry.commodity_code)).one() is None


def test_a_file_instead_of_text_is_no_fault(client: CheckingClient, scene: Scene) -> None:
    from io import BytesIO

    sign_in(client, scene.office)
    files = {name: (BytesIO(b"x"), "x.txt") for name in ("goods", "quantity", "signed_on", "note", "seen", "key", "term")}

    answer = client.send(new_address(scene), files, content_type="multipart/form-data")

    assert answer.status_code == 422


# Reading


def test_lists_show_sums_for_each_kind_and_never_one_for_all(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    make_deal(app_session, scene)
    make_deal(app_session, scene, scene.visiting, scene.hosting, commodity_code=None, goods="Beras")
    recorded(app_session, scene, kind=DealKind.INVESTMENT, commodity_code=None, goods="Gudang dingin", quantity=Decimal(1),
             unit_code="unit", unit_price_amount=45_000_000)
    sign_in(client, scene.office)

    html = client.get(f"/missions/{scene.mission.id}/deals").get_data(as_text=True)

    assert "Rp\u00a0432\u00a0juta" in html and "Rp\u00a045\u00a0juta" in html
    assert "477" not in html


@pytest.mark.parametrize(("query", "is_found"), [
    ("q=kopra", True), ("q=PKT-9", True), ("q=%25", False), ("q=_", False), ("q=tidak ada", False), ("kind=commitment", True),
    ("kind=investment", False), ("kind=nonsense", True), ("sold_by=hosting", True), ("sold_by=visiting", False),
    ("family=kelapa", True), ("family=rempah", False), ("commodity=kopra", True), ("commodity=-", False),
    ("standing=void", False), ("standing=all", True), ("by=nobody", False), ("page=99", True), ("page=x", True),
])
def test_the_list_is_narrowed_by_what_stands_in_the_address(
    client: CheckingClient, app_session: Session, scene: Scene, query: str, is_found: bool
) -> None:
    recorded(app_session, scene, form_number="PKT-9")
    sign_in(client, scene.other_office)

    answer = client.get(f"/missions/{scene.mission.id}/deals?{query}")

    assert answer.status_code == 200
    assert ("PKT-9</a>" in answer.get_data(as_text=True)) is is_found


def test_the_list_takes_few_queries_whatever_its_length(
    client: CheckingClient, app: Flask, app_session: Session, scene: Scene
) -> None:
    for number in range(30):
        buyer = make_firm(app_session, scene.mission, VISITING)
        make_deal(app_session, scene, buyer=buyer, form_number=f"PKT-{number}")
    app_session.commit()
    sign_in(client, scene.office)
    client.get(f"/missions/{scene.mission.id}/deals")

    with counted_queries(app) as statements:
        client.get(f"/missions/{scene.mission.id}/deals")

    assert len(statements) <= 8, statements


def test_both_offices_organisers_and_admins_read_a_deal_and_strangers_do_not(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    deal = recorded(app_session, scene)
    readers = [scene.office, scene.other_office, make_person(app_session, "organiser", HOSTING),
               make_person(app_session, "admin"), owner_of(app_session, scene.hosting), owner_of(app_session, scene.visiting)]
    strangers = [make_person(app_session, "office", ELSEWHERE), make_person(app_session, "organiser", ELSEWHERE),
                 owner_of(app_session, make_enterprise(app_session, province=HOSTING))]
    app_session.commit()

    seen = []
    for person in readers + strangers:
        sign_in(client, person)
        seen.append(client.get(f"/deals/{deal.id}").status_code)

    assert seen == [200] * len(readers) + [404] * len(strangers)


def test_owners_do_not_read_the_whole_list(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    recorded(app_session, scene)
    sign_in(client, owner_of(app_session, scene.hosting))

    assert client.get(f"/missions/{scene.mission.id}/deals").status_code == 403


def test_owners_find_their_promises(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    recorded(app_session, scene, goods="Kopra putih")
    sign_in(client, owner_of(app_session, scene.visiting))
    buyer_page = client.get("/my/deals").get_data(as_text=True)
    sign_in(client, owner_of(app_session, scene.hosting))
    seller_page = client.get("/my/deals").get_data(as_text=True)

    assert "Anda membeli" in buyer_page and scene.hosting.name in buyer_page and "Kopra putih" in buyer_page
    assert "Anda menjual" in seller_page and scene.visiting.name in seller_page


def test_an_owner_without_deals_is_told_what_comes(client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()
    sign_in(client, person)

    assert "Belum ada janji" in client.get("/my/deals").get_data(as_text=True)


def test_pages_of_deals_never_show_a_phone(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene)
    phones = [owner_of(app_session, firm).phone or "" for firm in (scene.visiting, scene.hosting)]
    sign_in(client, scene.office)

    html = "".join(
        client.get(path).get_data(as_text=True)
        for path in (f"/deals/{deal.id}", f"/missions/{scene.mission.id}/deals", f"/deals/{deal.id}/correct")
    )

    assert not any(phone in html or phone.replace("+62", "0") in html for phone in phones)


def test_words_of_people_stay_words(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    payload = "<script>alert(1)</script>"
    scene.hosting.name = payload
    app_session.merge(scene.hosting)
    deal = recorded(app_session, scene, goods=payload, note=payload, form_number=payload)
    correct(app_session, scene, deal, note=payload + "2", goods=payload)
    app_session.commit()
    sign_in(client, scene.office)

    for path in (f"/deals/{deal.id}", f"/deals/{deal.id}/correct", f"/missions/{scene.mission.id}/deals"):
        assert payload not in client.get(path).get_data(as_text=True)


# Correcting


def test_a_correction_shows_before_after_and_reason(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene)
    sign_in(client, scene.other_office)
    told = form_of(details(scene.hosting, scene.visiting, quantity=Decimal(30)), version="1", reason="Lembar asli 30 ton")

    answer = client.send(f"/deals/{deal.id}/correct", told)
    html = client.get(answer.location).get_data(as_text=True)

    assert answer.status_code == 303
    assert "Lembar asli 30 ton" in html and "<del>24 ton</del>" in html and "<ins>30 ton</ins>" in html
    assert scene.other_office.name in html and scene.office.name in html


def test_a_correction_without_reason_is_refused(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene)
    sign_in(client, scene.office)

    answer = client.send(f"/deals/{deal.id}/correct", form_of(details(scene.hosting, scene.visiting, quantity=Decimal(30)), version="1"))

    assert answer.status_code == 422 and "Tulis alasannya." in answer.get_data(as_text=True)


def test_whoever_comes_second_sees_both_versions_and_keeps_the_input(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    deal = recorded(app_session, scene)
    correct(app_session, scene, deal, quantity=Decimal(30))
    app_session.commit()
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting, quantity=Decimal(41)), version="1", reason="Hitung ulang")

    late = client.send(f"/deals/{deal.id}/correct", told)
    html = late.get_data(as_text=True)
    decided = client.send(f"/deals/{deal.id}/correct", told | {"version": "2"})

    assert late.status_code == 409
    assert "30 ton" in html and 'value="41"' in html and "Hitung ulang" in html and "versi 2" in html
    assert 'name="version" type="hidden" value="2"' in html
    assert decided.status_code == 303


def test_only_offices_of_the_mission_correct_and_call_off(
    client: CheckingClient, app_session: Session, scene: Scene
) -> None:
    deal = recorded(app_session, scene)
    people = [(owner_of(app_session, scene.hosting), 403), (make_person(app_session, "organiser", HOSTING), 403),
              (make_person(app_session, "admin"), 403), (make_person(app_session, "office", ELSEWHERE), 404)]
    app_session.commit()

    for person, expected in people:
        sign_in(client, person)
        for page in ("correct", "void"):
            assert client.get(f"/deals/{deal.id}/{page}").status_code == expected
            assert client.send(f"/deals/{deal.id}/{page}", {"reason": "Coba", "version": "1"}).status_code == expected
    app_session.expire_all()
    assert app_session.scalars(select(DealEntry)).one().version == 1


def test_a_called_off_deal_leaves_the_list_and_says_why(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene, form_number="PKT-5")
    sign_in(client, scene.office)

    answer = client.send(f"/deals/{deal.id}/void", {"reason": "Pembeli mundur", "version": "1"})
    page = client.get(answer.location).get_data(as_text=True)
    listed = client.get(f"/missions/{scene.mission.id}/deals").get_data(as_text=True)

    assert "Dibatalkan" in page and "Pembeli mundur" in page and "/correct" not in page
    assert "PKT-5" not in listed


def test_calling_off_after_a_correction_asks_again(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene)
    correct(app_session, scene, deal, quantity=Decimal(30))
    app_session.commit()
    sign_in(client, scene.office)

    answer = client.send(f"/deals/{deal.id}/void", {"reason": "Pembeli mundur", "version": "1"})

    assert answer.status_code == 409 and "30 ton" in answer.get_data(as_text=True)


def test_a_deal_called_off_meanwhile_is_not_corrected(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    deal = recorded(app_session, scene)
    void(app_session, scene, deal)
    app_session.commit()
    sign_in(client, scene.office)
    told = form_of(details(scene.hosting, scene.visiting, quantity=Decimal(30)), version="1", reason="Salah ketik")

    assert client.get(f"/deals/{deal.id}/correct").status_code == 303
    assert client.send(f"/deals/{deal.id}/correct", told).status_code == 409
