"""Exports: text stays text in .xlsx and .csv, numbers are numbers, Indonesian Excel opens them."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from app.web.spreadsheets import csv_file, safe_text, xlsx_file

PAYLOADS = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=cmd|' /C calc'!A0", "{=1+1}", "http://evil.example",
    "=HYPERLINK(\"http://evil.example\")", "%0A=1", "|calc", "mailto:x@evil.example", "'=1", "=\u0000", "\ufeff=1",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_workbook_holds_no_formula_and_no_link(payload: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_file([("Data", ["Nama"], [[payload.replace(chr(0), "")]])])))
    cell = book.active["A2"]

    assert cell.data_type in ("s", "inlineStr")
    assert cell.hyperlink is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_csv_cell_never_starts_a_formula(payload: str) -> None:
    text = csv_file(["Nama"], [[payload]]).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1][0]

    assert not cell.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "|", "%"))


def test_numbers_money_dates_and_phones_arrive_as_such() -> None:
    rows = [["0812", 12_500_000, Decimal("1.5"), date(2027, 3, 11), None]]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file([("Data", list("abcde"), rows)]))).active

    assert [cell.value for cell in sheet[2]][:3] == ["0812", 12_500_000, 1.5]
    assert sheet["D2"].value.date() == date(2027, 3, 11)
    assert sheet["E2"].value is None


def test_a_csv_opens_in_indonesian_excel() -> None:
    content = csv_file(["Nilai", "Jumlah"], [[12_500_000, Decimal("1.50")], ["+62812", None]])

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "Nilai;Jumlah\r\n12500000;1,5\r\n'+62812;\r\n"


def test_safe_text_leaves_plain_text_alone() -> None:
    assert safe_text("UD Satria Abadi") == "UD Satria Abadi"
