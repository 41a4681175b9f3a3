"""The only writer of exports. Text stays text: no formula, no link, phones keep their zero."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from flask import Response

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | Decimal | date | datetime | None


def safe_text(text: str) -> str:
    """Return text that no spreadsheet reads as a formula, also behind blanks."""
    return "'" + text if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_STARTS) else text


def xlsx_file(sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Return a workbook; each sheet is (name, headings, rows). Dates are real dates, money real numbers."""
    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(memory, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        styles = {
            int: book.add_format({"num_format": "#,##0"}), Decimal: book.add_format({"num_format": "#,##0.###"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        for name, headings, rows in sheets:
            sheet = book.add_worksheet(name[:31])
            widths = [len(heading) for heading in headings]
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, styles)
                    widths[column] = max(widths[column], len(str(cell or "")))
            for column, width in enumerate(widths):
                sheet.set_column(column, column, min(max(width + 2, 8), 48))
            sheet.freeze_panes(1, 0)
    return memory.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, styles: dict[type, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_string(row, column, cell.isoformat(sep=" ", timespec="minutes"))
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, styles[date])
    elif isinstance(cell, Decimal | float):
        sheet.write_number(row, column, float(cell), styles[Decimal])
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell, styles[int])
    else:
        sheet.write_string(row, column, safe_text(cell))


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV as Indonesian Excel opens it: semicolons, a byte order mark, decimal commas, ISO dates."""
    memory = io.StringIO()
    writer = csv.writer(memory, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + memory.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, Decimal | float):
        return f"{Decimal(str(cell)).normalize():f}".replace(".", ",")
    return safe_text(cell) if isinstance(cell, str) else str(cell)


def download(content: bytes, *, name: str, kind: str) -> Response:
    """Return a file for saving, never for showing."""
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
