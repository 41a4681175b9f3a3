"""Rupiah and quantities, read as Indonesians write them and shown as they read them."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

LARGEST_AMOUNT = 10**15
LARGEST_QUANTITY = Decimal(10) ** 12
_SCALES = (
    (re.compile(r"(?:ribu|rb|thousand)$"), 10**3),
    (re.compile(r"(?:juta|jt|million)$"), 10**6),
    (re.compile(r"(?:miliar|milyar|mlr|m|billion)$"), 10**9),
    (re.compile(r"(?:triliun|trilyun|t|trillion)$"), 10**12),
)


class NotANumber(ValueError):
    """The text is not a number that a person would write."""


def parse_number(text: str) -> Decimal:
    """Return the number in a text such as 1.000,50, 1000.50, 1.000 or 12,5; raises NotANumber.

    One separator followed by exactly three digits is read as a thousands mark, as Indonesians write it.
    """
    plain = text.strip().replace(" ", "").replace("\u00a0", "")
    if not re.fullmatch(r"[+-]?[0-9]+(?:[.,][0-9]+)*", plain, flags=re.ASCII):
        raise NotANumber(text)
    commas, dots = plain.count(","), plain.count(".")
    if commas and dots:
        decimal_mark = "," if plain.rfind(",") > plain.rfind(".") else "."
        thousands = "." if decimal_mark == "," else ","
        if plain.count(decimal_mark) > 1:
            raise NotANumber(text)
        head, tail = plain.split(decimal_mark)
        return _decimal(_grouped(head, thousands, text) + "." + tail, text)
    mark = "," if commas else "."
    if commas + dots > 1:
        return _decimal(_grouped(plain, mark, text), text)
    if commas + dots == 1 and len(plain.split(mark)[1]) == 3 and plain.split(mark)[0].lstrip("+-") != "0":
        return _decimal(plain.replace(mark, ""), text)
    return _decimal(plain.replace(",", "."), text)


def _grouped(text: str, mark: str, original: str) -> str:
    groups = text.split(mark)
    if any(len(group) != 3 for group in groups[1:]):
        raise NotANumber(original)
    return "".join(groups)


def _decimal(text: str, original: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as bad:
        raise NotANumber(original) from bad


def parse_rupiah(text: str) -> int:
    """Return whole rupiah from Rp 12.500.000, 12500000, 12,5 juta, 1,2 miliar or 1.2 billion; raises NotANumber."""
    plain = re.sub(r"^(?:rp\.?|idr)\s*", "", text.strip().lower())
    plain = re.sub(r",-$|,00$|\.00$", "", plain)
    for pattern, scale in _SCALES:
        if pattern.search(plain):
            return _whole(parse_number(pattern.sub("", plain)) * scale)
    return _whole(parse_number(plain))


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(rounding=ROUND_HALF_UP))


def times(quantity: Decimal, unit_price: int) -> int:
    """Return quantity x unit price in whole rupiah, halves rounded up."""
    return _whole(quantity * unit_price)
