"""Markets to rank: the demo mission read from seed_data/, or invented listings of any number."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from app.algorithms.coding import code_listing
from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.listing import Listing
from app.algorithms.measures import to_month
from app.algorithms.terms import with_terms

SEED = Path(__file__).parents[2] / "seed_data"
Market = tuple[list[Listing], list[Listing]]

GRADES = [
    "kualitas super",
    "asalan",
    "grade A",
    "grade B",
    "premium",
    "sortir",
    "siap kirim tiap minggu",
    "kemasan karung 25 kg",
    "dus isi 12",
    "stok banyak",
    "harga nego",
    "panen baru",
    "kering betul",
    "segar es",
    "beku blok",
    "untuk pabrik",
    "untuk toko",
    "partai besar",
    "eceran",
    "kadar air 12 persen",
    "tanpa pengawet",
    "asli kampung",
    "siap ekspor",
    "bisa COD",
    "langsung petani",
    "ukuran besar",
    "ukuran kecil",
]
CERTIFICATES = ("halal", "SNI", "P-IRT", "HACCP", "BPOM", "karantina")


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a seed list; none when the list is absent."""
    path = SEED / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tagger() -> CommodityTagger:
    """Return a tagger of all commodities and words of seed_data/."""
    goods = rows("commodities")
    tree = CommodityTree(
        {row["code"]: row["parent_code"] for row in goods},
        {row["code"]: row["family_code"] for row in goods},
        {row["code"]: row["form"] for row in goods},
    )
    names = [(row["name_id"], row["code"]) for row in goods]
    words = [(row["word"], row["commodity_code"]) for row in rows("commodity_words")]
    families = [(row["word"], row["family_code"]) for row in rows("family_words")]
    return CommodityTagger(names + words, families, tree)


def demo_market() -> Market | None:
    """Return the offers and needs of the demo mission, or None when it is absent."""
    places = {row["code"]: row for row in rows("regencies")}
    firms = {row["key"]: row for row in rows("demo_enterprises")}
    goods = {row["code"]: row for row in rows("commodities")}
    factors = {row["code"]: number(row["kg_factor"]) for row in rows("units")}
    own = {(row["commodity_code"], row["unit_code"]): number(row["kg_per_unit"]) for row in rows("commodity_units")}
    tags = tagger()
    offers: list[Listing] = []
    needs: list[Listing] = []
    for row in rows("demo_listings"):
        firm = firms[row["enterprise_key"]]
        factor = factors.get(row["unit_code"]) or own.get((row["commodity_code"], row["unit_code"]))
        listing = _demo_listing(row, firm, places[firm["regency_code"]], goods.get(row["commodity_code"], {}), factor)
        (offers if row["side"] == "offer" else needs).append(code_listing(listing, tags))
    return (offers, needs) if offers and needs else None


def synthetic_market(n: int, random_state: int = 7) -> Market:
    """Return `n` offers and `n` needs on the words of seed_data/, few goods common and many rare.

    Half of each side lies in either of two provinces; 5 % have no commodity, 5 % a wrong one, a third no price.
    """
    rng = np.random.default_rng(random_state)
    goods = [row for row in rows("commodities") if row["family_code"]]
    words: dict[str, list[str]] = {row["code"]: [row["name_id"]] for row in goods}
    for row in rows("commodity_words"):
        words[row["commodity_code"]].append(row["word"])
    order = rng.permutation(len(goods))
    popularity = 1.0 / np.arange(10, 10 + len(goods))  # Zipf with a flat head: the most common has about 2.5 %
    parents = CommodityTree({row["code"]: row["parent_code"] for row in goods})
    base_price = rng.lognormal(10.0, 1.2, len(goods))

    def side() -> list[Listing]:
        chosen = order[rng.choice(len(goods), n, p=popularity / popularity.sum())]
        return [_invented(rng, goods, words, parents, int(good), base_price) for good in chosen]

    return side(), side()


def number(text: str) -> float | None:
    """Return the number in a cell, None when it is empty or no number."""
    try:
        return float(text)
    except ValueError:
        return None


def _demo_listing(
    row: dict[str, str], firm: dict[str, str], place: dict[str, str], good: dict[str, str], factor: float | None
) -> Listing:
    text = f"{row['title']}\n{row['description']} {row['packing']}"
    period = {"": "once", "month": "month", "week": "week", "year": "year", "once": "once"}.get(row["period"], "once")
    months = row["months"].replace(",", ";").split(";")
    changes: dict[str, Any] = {"keeping": good["keeping"]} if good else {}
    listing = Listing(
        text=text,
        commodity=row["commodity_code"] or None,
        province=place["province_code"],
        latitude=number(place["latitude"]),
        longitude=number(place["longitude"]),
        certificates=frozenset(filter(None, row["certificates"].split(";"))),
        months=frozenset(int(month) for month in months if month.strip().isdigit()),
        is_cold_chain=good.get("is_cold_chain") == "1",
        age_days=int(row["days_old"] or 0),
        **changes,
    )
    return with_terms(
        listing,
        unit=row["unit_code"] or None,
        defined_kg=factor,
        quantity_month=to_month(number(row["quantity"]), period),
        price=number(row["price_amount"]),
        minimum_order=number(row["minimum_order"]),
    )


def _invented(
    rng: np.random.Generator,
    goods: list[dict[str, str]],
    words: dict[str, list[str]],
    tree: CommodityTree,
    good: int,
    base_price: np.ndarray,
) -> Listing:
    row = goods[good]
    grades = rng.choice(GRADES, rng.integers(1, 4), replace=False)
    coded = row if rng.random() > 0.05 else goods[int(rng.integers(len(goods)))]
    code = coded["code"] if rng.random() > 0.05 else None
    volume = float(rng.lognormal(7.0, 1.5))
    return Listing(
        text=f"{rng.choice(words[row['code']])} {grades[0]}\n{', '.join(grades[1:])}",
        commodity=code,
        family=coded["family_code"] if code else None,
        lineage=tree.lineage(code) if code else (),
        form=coded["form"] if code else None,
        province="A" if rng.random() < 0.5 else "B",
        latitude=float(rng.uniform(-8, 2)),
        longitude=float(rng.uniform(111, 129)),
        quantity_month=volume,
        quantity_unit_month=volume,
        unit="kg",
        price_kg=float(base_price[good] * rng.lognormal(0.0, 0.25)) if rng.random() < 0.67 else None,
        minimum_order_kg=volume / 10 if rng.random() < 0.3 else None,
        certificates=frozenset(rng.choice(CERTIFICATES, rng.integers(0, 3)).tolist()),
        keeping=row["keeping"],  # type: ignore[arg-type]  # the seed lists hold only these words
        is_cold_chain=row["is_cold_chain"] == "1",
        age_days=int(rng.integers(0, 200)),
    )
