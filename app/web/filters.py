"""How numbers, money and moments are shown. Templates format through these and compute nothing."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

_UNCOUNTED = ("head", "dozen", "score", "gross", "ons")
_LARGE = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"))
ZONE_LABELS = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def language() -> str:
    """Return the language of this request: id or en."""
    return str(getattr(get_locale(), "language", "id"))


def rupiah(amount: int | None) -> str:
    """Return Rp 12.500.000."""
    if amount is None:
        return "–"
    figure = format_decimal(amount, format="#,##0", locale=language())
    return f"Rp\u00a0{figure}"


def rupiah_short(amount: int | None) -> str:
    """Return Rp 12,5 miliar, with at most two decimals; below a million the whole figure."""
    if amount is None:
        return "–"
    for size, word in _LARGE:
        if abs(amount) >= size:
            figure = format_decimal(Decimal(amount) / size, format="#,##0.##", locale=language())
            return f"Rp\u00a0{figure}\u00a0{_scale(word)}"
    return rupiah(amount)


def _scale(word: str) -> str:
    return str({"triliun": _("triliun"), "miliar": _("miliar"), "juta": _("juta")}[word])


def number(value: Decimal | int | float | None) -> str:
    """Return 1.234,5 with at most three decimals."""
    return "–" if value is None else str(format_decimal(value, format="#,##0.###", locale=language()))


def named(thing: Any) -> str:
    """Return the name of a good, a family or a unit in the language of this request."""
    return "–" if thing is None else str(thing.name_en if language() == "en" else thing.name_id)


def counted(unit: Any, quantity: Decimal | int | float | None) -> str:
    """Return the name of a unit behind a quantity: 1 sack, 20 sacks. Indonesian knows no plural."""
    name = named(unit)
    if language() != "en" or unit is None or quantity == 1:
        return name
    noun, *rest = re.split(r"(?= \(| of )", name, maxsplit=1)
    return _plural(noun) + "".join(rest)


def _plural(noun: str) -> str:
    if noun in _UNCOUNTED:
        return noun
    if noun == "person":
        return "people"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("ch", "sh", "s", "x")) else "s")


def percent(share: float | None) -> str:
    """Return 45 % from 0.45."""
    return "–" if share is None else f"{format_decimal(round(share * 100), locale=language())}\u00a0%"


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """Return 12 Maret 2025; a moment needs the zone whose day is meant."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone or "Asia/Jakarta"))
    return str(format_date(value, format="d MMMM y", locale=language()))


def clock_in(moment: datetime, zone: str) -> str:
    """Return 09.00 WIB."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%H.%M} {ZONE_LABELS.get(zone, local.tzname() or zone)}"


def day_in(moment: datetime, zone: str) -> str:
    """Return the day and the clock in one zone: 12 Mar 2025, 09.00 WIB."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{format_date(local, format='d MMM y', locale=language())}, {clock_in(moment, zone)}"


def phone_shown(phone: str | None) -> str:
    """Return 0812-3456-7890 from +6281234567890."""
    if not phone:
        return "–"
    plain = "0" + phone.removeprefix("+62") if phone.startswith("+62") else phone
    return "-".join(part for part in (plain[:4], plain[4:8], plain[8:]) if part)


def whatsapp_url(phone: str, text: str = "") -> str:
    """Return the address that opens WhatsApp on a number with a ready text."""
    address = "https://wa.me/" + phone.removeprefix("+")
    plain = text.unescape() if isinstance(text, Markup) else text  # templates hand over escaped sentences
    return f"{address}?text={quote(plain, safe='')}" if text else address


def init_filters(app: Flask) -> None:
    """Make the filters known to the templates."""
    shown = (rupiah, rupiah_short, number, named, counted, percent, day, clock_in, day_in, phone_shown, whatsapp_url)
    for function in shown:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["quantity"] = number
