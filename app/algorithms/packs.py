"""What one unit of a listing holds: kilograms, liters, pieces. The sizes of packs stand in the text only."""

import re
from dataclasses import dataclass
from typing import TypeVar

from app.algorithms.measures import known
from app.algorithms.text import fold, word_set

# Units that hold a fixed number of pieces by themselves.
_PIECES: dict[str, float] = {"lusin": 12.0, "kodi": 20.0, "gros": 144.0, "slop": 10.0}

# Units that are one piece each and may be compared with one another when no size is known.
SINGLE_ITEMS = word_set(
    "pcs unit botol bungkus pak sachet pouch toples cup kaleng galon tabung set"
)
# Items that carry a size of their own in the text ("botol 600 ml"); an animal or a plank does not.
_SIZED = frozenset({"pcs", "botol", "bungkus", "pak", "sachet", "pouch", "toples", "cup", "kaleng", "galon", "tabung"})
_PACKS = frozenset({"karung", "dus", "peti", "keranjang", "jerigen", "drum", "bal", "ikat", "rol", "paket", "polybag"})

_KG = {"kg": 1.0, "kilo": 1.0, "kilogram": 1.0, "gr": 0.001, "gram": 0.001, "g": 0.001, "grm": 0.001, "ons": 0.1}
_LITER = {"liter": 1.0, "ltr": 1.0, "lt": 1.0, "l": 1.0, "ml": 0.001, "cc": 0.001}
_SIZE_UNIT = "kg|kilogram|kilo|gram|grm|gr|g|ons|liter|ltr|lt|ml|cc|l"
_MEASURE = re.compile(rf"(?<![\d.,])(\d+(?:[.,]\d+)?(?:/\d+)?)\s*({_SIZE_UNIT})\b")
_TIMES = re.compile(rf"(?<![\d.,])(\d+)\s*[x×]\s*(\d+(?:[.,]\d+)?)\s*({_SIZE_UNIT})\b")
_COUNT = re.compile(
    r"\b(?:isi|berisi|@)\s*(\d+)\b(?!\s*(?:kg|kilo|gr|gram|g|ons|liter|ltr|lt|l|ml|cc)\b)"
    r"|\b(?:dus|karton|box|bal|pak|pack|slop)\s*(?:/|=|isi)\s*(\d+)\s*(?:pcs|botol|bungkus|pouch|sachet|cup|kaleng|buah)"
)
# Before or after these a weight is an amount, a limit or a capacity, not the size of a pack.
_AMOUNT_BEFORE = re.compile(
    r"(?:min|minim|minimal|minimum|maks|max|maksimal|stok|stock|kapasitas|order|butuh|kebutuhan|sekitar|mulai|total|berat)"
    r"[\s.:]*$"
)
_AMOUNT_AFTER = re.compile(r"^\s*(?:/|per\b|se)\s*(?:bulan|bln|minggu|mgg|hari|tahun|thn|kirim|panen|jam)")
T = TypeVar("T")

_LARGEST_ITEM_KG, _SMALLEST_PACK_KG = 60.0, 2.0


@dataclass(frozen=True, slots=True)
class Contents:
    """What one unit holds; None where it is not known."""

    kg: float | None = None
    liter: float | None = None
    pieces: float | None = None


def contents_of(unit: str | None, text: str, kg: float | None = None, liter: float | None = None) -> Contents:
    """Return what one `unit` of the goods in `text` holds.

    Parameters
    ----------
    unit : str or None
        Code of the unit.
    text : str
        Title and description as typed.
    kg, liter : float or None
        Defined weight or volume of one unit (units of mass and volume, customary sacks); the text wins for packs.

    Returns
    -------
    Contents

    Examples
    --------
    >>> contents_of("karung", "Gula pasir karung 50kg")
    Contents(kg=50.0, liter=None, pieces=None)
    >>> contents_of("dus", "Minyak goreng pouch 1 liter, dus isi 12")
    Contents(kg=None, liter=12.0, pieces=12.0)
    >>> contents_of("botol", "Sirup pala 250 ml")
    Contents(kg=None, liter=0.25, pieces=1.0)
    >>> contents_of("kg", "kopra kering karung 60 kg", kg=1.0)
    Contents(kg=1.0, liter=None, pieces=None)
    """
    pieces = _PIECES.get(unit or "", 1.0 if unit in SINGLE_ITEMS else None)
    if unit not in _SIZED and unit not in _PACKS:
        return Contents(known(kg), known(liter), pieces)
    said = fold(text)
    if unit in _PACKS:
        return _pack(unit or "", said, known(kg), known(liter), pieces)
    size = _only(_sizes(said, largest=_LARGEST_ITEM_KG))
    if size is None:
        return Contents(known(kg), known(liter), pieces)
    return Contents(*size, pieces)


def _pack(unit: str, text: str, kg: float | None, liter: float | None, pieces: float | None) -> Contents:
    """Return what a sack, a carton or a crate holds: its own weight, or so many items of one size."""
    if times := _only([(int(n), *_measure(size, name)) for n, size, name in _TIMES.findall(text)]):
        count, one_kg, one_liter = times
        return Contents(_product(one_kg, count), _product(one_liter, count), float(count))
    of_unit = rf"\b{_words(unit)}\s*(?:ber)?isi\s*(\d+)\b(?!\s*(?:{_SIZE_UNIT})\b)"
    pieces_said = _only([float(n) for n in re.findall(of_unit, text)])
    pieces_said = pieces_said or _only([float(a or b) for a, b in _COUNT.findall(text)])
    next_to_unit = rf"\b{_words(unit)}\s*(?:@|isi|/|:|=)?\s*{_MEASURE.pattern}"
    beside = _only([_measure(n, name) for n, name in re.findall(next_to_unit, text)])
    sizes = _sizes(text, largest=1500.0)
    if beside is None and pieces_said is not None and (size := _only(sizes)) and (size[0] or size[1] or 99) < 25:
        return Contents(_product(size[0], pieces_said), _product(size[1], pieces_said), pieces_said)
    if beside is not None:
        return Contents(*beside, pieces_said or pieces)
    if (size := _only(sizes)) and (size[0] or size[1] or 0.0) >= _SMALLEST_PACK_KG:
        return Contents(*size, pieces_said or pieces)
    return Contents(kg, liter, pieces_said or pieces)


def _sizes(text: str, largest: float) -> list[tuple[float | None, float | None]]:
    """Return the sizes that `text` names, without amounts, limits and capacities."""
    found = []
    for match in _MEASURE.finditer(text):
        is_amount = _AMOUNT_BEFORE.search(text[: match.start()]) or _AMOUNT_AFTER.search(text[match.end() :])
        size = _measure(match[1], match[2])
        if not is_amount and 0 < (size[0] or size[1] or 0.0) <= largest:
            found.append(size)
    return found


def _measure(number: str, unit: str) -> tuple[float | None, float | None]:
    top, _, bottom = number.replace(",", ".").partition("/")
    amount = float(top) / float(bottom) if bottom and float(bottom) else float(top)
    if unit in _KG:
        return amount * _KG[unit], None
    return None, amount * _LITER[unit]


def _words(unit: str) -> str:
    return {"karung": "(?:karung|krg|sak|zak)", "dus": "(?:dus|karton|box|boks|kotak)"}.get(unit, unit)


def _product(size: float | None, count: float) -> float | None:
    return None if size is None else round(size * count, 6)


def _only(values: list[T]) -> T | None:
    """Return the one value that all agree on."""
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else None
