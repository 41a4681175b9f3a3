"""Pages of totals and history, and the files read back as another program reads them."""

import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.deals.values import DealKind
from app.kit import clock
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.deals.helpers import Scene, make_deal, make_firm, make_scene, void
from tests.deals.test_views import counted_queries
from tests.factories import ELSEWHERE, HOSTING, NOW, VISITING, make_person


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def scene(app_session: Session) -> Scene:
    """Three commitments, an investment and one that was called off, committed."""
    made = make_scene(app_session)
    made.hosting.name = "=cmd|' /C calc'!A0"
    other = make_firm(app_session, made.mission, VISITING, name="@SUM(A1)")
    make_deal(app_session, made, form_number="PKT-001", note="+62812 bukan rumus")
    make_deal(app_session, made, buyer=other, form_number="=1+1", quantity=Decimal("10.5"))
    make_deal(app_session, made, made.visiting, made.hosting, commodity_code=None, goods="Semen", quantity=Decimal(100))
    make_deal(app_session, made, kind=DealKind.INVESTMENT, commodity_code=None, goods="Gudang", quantity=None,
              unit_code=None, unit_price_amount=None, value_amount=45 * 10**9)
    void(app_session, made, make_deal(app_session, made, commodity_code=None, goods="Batal", quantity=Decimal(7)))
    app_session.commit()
    return made


def totals_path(scene: Scene) -> str:
    return f"/missions/{scene.mission.id}/totals"


@pytest.mark.parametrize("page", ["totals", "deals.xlsx", "deals.csv"])
def test_totals_and_files_are_for_staff_of_the_two_provinces(
    client: CheckingClient, app_session: Session, scene: Scene, page: str
) -> None:
    owner = app_session.get_one(Person, scene.hosting.owner_id)
    people = [(scene.office, 200), (scene.other_office, 200), (make_person(app_session, "organiser", HOSTING), 200),
              (make_person(app_session, "admin"), 200), (owner, 403), (make_person(app_session, "office", ELSEWHERE), 404),
              (make_person(app_session, "organiser", ELSEWHERE), 404)]
    app_session.commit()
    path = f"/missions/{scene.mission.id}/{page}"

    assert "/sign-in" in client.get(path).location
    for person, expected in people:
        sign_in(client, person)
        assert client.get(path).status_code == expected


def test_totals_name_who_sells_and_check_the_sum(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    html = client.get(totals_path(scene)).get_data(as_text=True)

    for province in (scene.mission.visiting_province, scene.mission.hosting_province):
        assert f"{province.short_name} jual" in html
    assert "Rp\u00a0900.000.000 + Rp\u00a0310.500.000 = Rp\u00a01.210.500.000" in html
    assert "3 kesepakatan komitmen" in html and "Rp\u00a0216\u00a0juta" in html
    assert "46.210" not in html and "Realisasi" not in html


def test_totals_carry_both_clocks_and_say_that_they_run(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    html = client.get(totals_path(scene)).get_data(as_text=True)

    assert "10.00 WIB" in html and "12.00 WIT" in html and "Belum dibekukan" in html


def test_a_bar_leads_to_exactly_the_rows_behind_it(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)
    html = client.get(totals_path(scene)).get_data(as_text=True)
    goods = html.split('id="h-goods"')[1].split("</section>")[0]
    links = [part.split('"')[0].replace("&amp;", "&") for part in goods.split('href="')[1:]]

    listed = [client.get(link).get_data(as_text=True) for link in links]

    assert len(links) == 2
    assert "1 kesepakatan" in listed[0] and "Semen" in listed[0] and "Kopra" not in listed[0]
    assert "2 kesepakatan" in listed[1] and "Kopra asalan" in listed[1] and "Semen" not in listed[1]


def test_another_kind_can_be_broken_down(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    html = client.get(totals_path(scene) + "?kind=investment").get_data(as_text=True)

    assert "Kesepakatan terbesar: Investasi" in html and "45.000.000.000" in html


def test_totals_take_few_queries(client: CheckingClient, app: Flask, scene: Scene) -> None:
    sign_in(client, scene.office)
    client.get(totals_path(scene))

    with counted_queries(app) as statements:
        client.get(totals_path(scene))

    assert len(statements) <= 8, statements


def test_a_mission_without_deals_shows_no_figure(client: CheckingClient, app_session: Session) -> None:
    scene = make_scene(app_session)
    app_session.commit()
    sign_in(client, scene.office)

    assert "Belum ada angka" in client.get(totals_path(scene)).get_data(as_text=True)


def workbook(client: CheckingClient, scene: Scene) -> Any:
    answer = client.get(f"/missions/{scene.mission.id}/deals.xlsx")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="kesepakatan-{scene.mission.held_on}.xlsx"'
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def test_the_workbook_has_a_row_for_each_deal_that_counts(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    book = workbook(client, scene)
    rows = [dict(zip([cell.value for cell in book["Kesepakatan"][1]], [cell.value for cell in row], strict=True))
            for row in book["Kesepakatan"].iter_rows(min_row=2)]

    assert book.sheetnames == ["Kesepakatan", "Ringkasan per jenis", "Dibatalkan"]
    assert [row["Nilai (Rp)"] for row in rows] == [216_000_000, 94_500_000, 900_000_000, 45 * 10**9]
    assert rows[1]["Volume"] == 10.5 and rows[0]["Ditandatangani"].date().isoformat() == "2027-02-14"
    assert rows[0]["Arah"] == f"{scene.mission.hosting_province.short_name} jual"
    assert rows[0]["Dicatat oleh"] == scene.office.name
    assert [row[9].value for row in book["Dibatalkan"].iter_rows(min_row=2)] == ["Batal"]


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    cells = [cell for sheet in workbook(client, scene) for row in sheet.iter_rows() for cell in row]

    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    assert any(str(cell.value).startswith("'=cmd") for cell in cells)


def test_phones_of_owners_are_not_in_the_files(client: CheckingClient, app_session: Session, scene: Scene) -> None:
    owner = app_session.get_one(Person, scene.visiting.owner_id)
    app_session.commit()
    sign_in(client, scene.office)

    values = [str(cell.value) for sheet in workbook(client, scene) for row in sheet.iter_rows() for cell in row]

    assert owner.phone and not any(owner.phone[3:] in value for value in values)


def test_the_summary_has_one_line_for_each_kind_and_none_for_all(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    rows = list(workbook(client, scene)["Ringkasan per jenis"].iter_rows(min_row=2, values_only=True))

    assert rows == [
        ("Komitmen", 3, 1_210_500_000, 216_000_000, 900_000_000, 310_500_000),
        ("Investasi", 1, 45 * 10**9, 45 * 10**9, 0, 45 * 10**9),
    ]


def test_headings_follow_the_language(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)
    in_indonesian = [cell.value for cell in workbook(client, scene)["Kesepakatan"][1]]
    client.set_cookie("locale", "en")

    in_english = [cell.value for cell in workbook(client, scene).worksheets[0][1]]

    assert "Penjual" in in_indonesian and len(in_english) == len(in_indonesian)
    assert "Seller" in in_english and "Penjual" not in in_english


def test_the_csv_opens_in_indonesian_excel(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    content = client.get(f"/missions/{scene.mission.id}/deals.csv").data

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert [row["Nilai (Rp)"] for row in rows] == ["216000000", "94500000", "900000000", "45000000000"]
    assert rows[1]["Volume"] == "10,5" and rows[1]["Nomor PKT"] == "'=1+1" and rows[0]["Penjual"].startswith("'=cmd")


def test_no_other_file_kind_is_known(client: CheckingClient, scene: Scene) -> None:
    sign_in(client, scene.office)

    assert client.get(f"/missions/{scene.mission.id}/deals.pdf").status_code == 404


def test_history_is_open_to_all_and_says_that_it_tells_promises(client: CheckingClient, scene: Scene) -> None:
    html = client.get("/history").get_data(as_text=True)

    assert "Ini janji yang diumumkan, bukan barang yang terkirim." in html
    assert "Rp\u00a0568.042.498.000" in html and "kieraha.com" in html


def test_history_can_be_narrowed_to_a_host_and_paged(client: CheckingClient) -> None:
    first, second = (client.get(f"/history?page={page}").get_data(as_text=True) for page in (1, 2))
    of_one = client.get(f"/history?host={HOSTING}").get_data(as_text=True)
    of_none = client.get("/history?host=99").get_data(as_text=True)

    assert "Halaman 1 dari 4" in first and "Halaman 2 dari 4" in second
    assert of_one.count("<article") == 6
    assert "Belum ada riwayat di sini" in of_none


def test_a_day_that_was_never_published_is_not_made_up(client: CheckingClient) -> None:
    html = client.get(f"/history?host={HOSTING}").get_data(as_text=True)

    assert "1 Januari" not in html


def test_history_takes_few_queries(client: CheckingClient, app: Flask) -> None:
    client.get("/history")

    with counted_queries(app) as statements:
        client.get("/history")

    assert len(statements) <= 8, statements
