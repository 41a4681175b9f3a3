"""Invented offers and needs of any number, to measure speed and memory with; never to measure quality.

They look like what `app.matching.files` reads: few goods are common and many rare, words are those that goods are
called by, and every text has a brand that no other has, a size, praise and a way of packing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_PRAISE = (
    "kualitas super", "asalan", "grade A", "grade B", "premium", "sortir", "siap kirim tiap minggu", "stok banyak",
    "harga nego", "panen baru", "kering betul", "segar es", "beku blok", "untuk pabrik", "untuk toko", "partai besar",
    "eceran", "kadar air 12 persen", "tanpa pengawet", "asli kampung", "siap ekspor", "bisa COD", "langsung petani",
    "ukuran besar", "ukuran kecil", "kemasan rapi", "dus isi 12", "karung 25 kg", "karung 50 kg", "curah",
)  # fmt: skip
_SYLLABLES = "ba be bi bu da de di du ga gi go ha ja ka ki ko la li lo lu ma mi mo na ni no pa ri ro ru sa si su ta to"
_CERTIFICATES = ("halal", "SNI", "P-IRT", "HACCP", "BPOM", "karantina")
_UNITS, _UNIT_SHARES = ("kg", "ton", "dus", "pcs", "karung", "liter"), (0.6, 0.15, 0.08, 0.07, 0.06, 0.04)
_PERIODS = ("bulan", "minggu", "sekali")
_NO_PRICE, _NO_GOOD, _SECOND_GOOD = 0.33, 0.05, 0.1  # shares of the listings


@dataclass(frozen=True, slots=True)
class Stock:
    """What listings are invented from: for each good the words it is called by, and places by province."""

    words: Sequence[Sequence[str]]
    places: Mapping[str, Sequence[str]]


def invented_rows(n: int, stock: Stock, *, prefix: str, random_state: int) -> Iterator[dict[str, Any]]:
    """Yield `n` listings as objects of the file format.

    Parameters
    ----------
    n : int
    stock : Stock
        At least one good, each with at least one word, and one province with a place.
    prefix : str
        Of the ids.
    random_state : int
        The same number and stock give the same listings; two sides take two numbers.

    Yields
    ------
    dict
        id, title, description, province, regency, quantity, unit, period, price, certificates.

    Examples
    --------
    >>> row = next(invented_rows(1, Stock([["beras"]], {"A": ["Kota A"]}), prefix="O", random_state=1))
    >>> row["id"], row["province"], row["regency"]
    ('O-000001', 'A', 'Kota A')
    """
    market = np.random.default_rng(0)  # which goods are common and what they cost is the same for both sides
    order = market.permutation(len(stock.words))
    base_price = market.lognormal(10.0, 1.2, len(stock.words))
    rng = np.random.default_rng(random_state)
    popularity = 1.0 / np.arange(10, 10 + len(order))  # Zipf with a flat head
    chosen = order[rng.choice(len(order), n, p=popularity / popularity.sum())]
    places = [(province, place) for province in sorted(stock.places) for place in stock.places[province]]
    for number, good in enumerate(chosen.tolist(), 1):
        province, place = places[int(rng.integers(len(places)))]
        yield {
            "id": f"{prefix}-{number:06}", "province": province, "regency": place,
            **_words(rng, stock, good), **_terms(rng, float(base_price[good])),
        }


def _words(rng: np.random.Generator, stock: Stock, good: int) -> dict[str, str]:
    named = _brand(rng) if rng.random() < _NO_GOOD else _one(rng, stock.words[good])
    praise = [_one(rng, _PRAISE) for _ in range(1 + int(rng.integers(3)))]
    description = [*praise[1:], f"cap {_brand(rng)}"]
    if rng.random() < _SECOND_GOOD:
        description.append("ada juga " + _one(rng, stock.words[int(rng.integers(len(stock.words)))]))
    return {"title": f"{named} {praise[0]}", "description": ", ".join(description)}


def _terms(rng: np.random.Generator, price: float) -> dict[str, Any]:
    unit = _UNITS[int(rng.choice(len(_UNITS), p=_UNIT_SHARES))]
    has_price = rng.random() >= _NO_PRICE
    return {
        "quantity": round(float(rng.lognormal(7.0, 1.5)), 1), "unit": unit, "period": _one(rng, _PERIODS),
        "price": round(price * float(rng.lognormal(0.0, 0.25))) if has_price else None,
        "certificates": sorted({_one(rng, _CERTIFICATES) for _ in range(int(rng.integers(3)))}),
    }


def _brand(rng: np.random.Generator) -> str:
    syllables = _SYLLABLES.split()
    return "".join(_one(rng, syllables) for _ in range(3 + int(rng.integers(2))))


def _one(rng: np.random.Generator, of: Sequence[str]) -> str:
    return of[int(rng.integers(len(of)))]
