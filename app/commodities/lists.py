"""The lists of goods as they stand in seed_data/: what is loaded into the tables, and what works without them."""

import csv
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from app.commodities.catalogue import Catalogue, Lists, build_catalogue
from app.commodities.models import (
    Commodity,
    CommodityGroup,
    CommodityUnit,
    CommodityWord,
    Family,
    FamilyWord,
    GroupMember,
    GroupWord,
    Material,
    StandIn,
    Unit,
)
from app.commodities.values import Form, Keeping, WordKind
from app.config import ROOT
from app.kit.db import Base

SEED = ROOT / "seed_data"
Row = dict[str, str]
Reader = Callable[[str], Any]
T = TypeVar("T", bound=Base)


def rows_of(name: str) -> list[Row]:
    """Return the rows of one list in seed_data/."""
    with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _maybe(text: str) -> str | None:
    return text or None


def _maybe_float(text: str) -> float | None:
    return float(text) if text else None


def _flag(text: str) -> bool:
    return text == "1"


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


# list -> its table and how cells that are no plain text are read
TABLES: Mapping[str, tuple[type[Base], Mapping[str, Reader]]] = {
    "units": (Unit, {"kg_factor": _maybe_float, "aliases": _several}),
    "commodity_families": (Family, {"position": int}),
    "commodities": (
        Commodity,
        {
            "parent_code": _maybe, "hs_heading": _maybe, "kbki_code": _maybe, "is_cold_chain": _flag,
            "keeping": Keeping, "form": Form,
        },
    ),
    "commodity_words": (CommodityWord, {"kind": WordKind}),
    "family_words": (FamilyWord, {}),
    "commodity_units": (CommodityUnit, {"kg_per_unit": _maybe_float}),
    "commodity_groups": (CommodityGroup, {}),
    "commodity_group_words": (GroupWord, {}),
    "commodity_group_members": (GroupMember, {"is_edge": _flag}),
    "commodity_stand_ins": (StandIn, {"value": int}),
    "commodity_materials": (Material, {}),
}  # fmt: skip


def values_of(name: str, row: Row) -> dict[str, Any]:
    """Return the cells of one row, read as its table wants them."""
    table, readers = TABLES[name]
    columns = table.__mapper__.column_attrs.keys()
    return {cell: readers.get(cell, str)(text) for cell, text in row.items() if cell in columns}


@lru_cache(maxsize=1)
def catalogue_of_files() -> Catalogue:
    """Return the catalogue of the lists in seed_data/, for commands that run without a database."""
    goods = _all("commodities", Commodity)
    return build_catalogue(Lists(
        families=_all("commodity_families", Family), goods=sorted(goods, key=lambda row: row.name_id),
        words=_all("commodity_words", CommodityWord), family_words=_all("family_words", FamilyWord),
        units=_all("units", Unit), usual_units=_all("commodity_units", CommodityUnit),
        groups=_all("commodity_groups", CommodityGroup), group_words=_all("commodity_group_words", GroupWord),
        group_members=_all("commodity_group_members", GroupMember), stand_ins=_all("commodity_stand_ins", StandIn),
        materials=_all("commodity_materials", Material),
    ))


def _all(name: str, table: type[T]) -> list[T]:
    """Return the rows of a list with the attributes of its table; no session will ever know them."""
    _, readers = TABLES[name]
    columns = table.__mapper__.column_attrs.keys()
    rows = [
        SimpleNamespace(**{cell: readers.get(cell, str)(text) for cell, text in row.items() if cell in columns})
        for row in rows_of(name)
    ]
    return cast("list[T]", rows)
