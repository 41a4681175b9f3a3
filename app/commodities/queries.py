"""Reads of the goods. The lists change only when they are loaded again, so each process keeps them in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.text import fold
from app.commodities.models import Commodity, CommodityUnit, CommodityWord, Family, FamilyWord, Unit
from app.commodities.values import Found, Good, UnitOption, WordKind

KgFactors = Mapping[tuple[str | None, str], float]
Version = tuple[object, ...]
_KEPT_CATALOGUES = 4
_SHOWN_WORDS = 5
LONGEST_WORDS = 200  # no good is called by more; what is longer only costs time


@dataclass(frozen=True, slots=True)
class FamilyGoods:
    """A family with its goods, in the order of the list."""

    code: str
    name_id: str
    name_en: str
    goods: tuple[Good, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All goods, their words and their units, as they stood at one version of the lists."""

    families: Mapping[str, FamilyGoods]
    goods: Mapping[str, Good]
    words: Mapping[str, tuple[str, ...]]
    units: Mapping[str, UnitOption]
    usual_units: Mapping[str, tuple[str, ...]]
    kg: KgFactors
    tagger: CommodityTagger
    suggester: CommodityTagger

    def kg_per_unit(self, commodity_code: str | None, unit_code: str | None) -> float | None:
        """Return the weight of one unit of a good, or None where it is not defined."""
        if unit_code is None:
            return None
        return self.kg.get((commodity_code, unit_code), self.kg.get((None, unit_code)))

    def family_of(self, commodity_code: str) -> FamilyGoods:
        """Return the family of a good."""
        return self.families[self.goods[commodity_code].family_code]

    def unit_options(self, commodity_code: str | None) -> list[UnitOption]:
        """Return every unit, those usual for the good first, each with its weight for this good."""
        usual = self._usual_units(commodity_code)
        rest = [code for code in self.units if code not in usual]
        return [
            UnitOption(
                code, self.units[code].name_id, self.units[code].name_en, self.kg_per_unit(commodity_code, code),
                code in usual,
            )
            for code in [*usual, *rest]
        ]

    def _usual_units(self, commodity_code: str | None) -> list[str]:
        good = self.goods.get(commodity_code or "")
        if good is None:
            return [code for code in ("kg", "ton") if code in self.units]
        return list(dict.fromkeys([good.default_unit, *self.usual_units.get(good.code, ())]))

    def find(self, typed: str, limit: int = 8) -> list[Found]:
        """Return the goods whose name or any local word begins with what was typed, best first."""
        typed = typed[:LONGEST_WORDS]
        wanted = fold(typed)
        found = []
        for suggestion in self.suggester.suggestions(typed, limit):
            good = self.goods[suggestion.code]
            is_name = fold(suggestion.surface) in (fold(good.name_id), fold(good.name_en))
            found.append(Found(good, None if is_name else suggestion.surface, fold(suggestion.surface) == wanted))
        return found

    def exact(self, typed: str) -> Good | None:
        """Return the only good that is called exactly what was typed, or None when several or none are."""
        called = [found.good for found in self.find(typed) if found.is_exact]
        return called[0] if len(called) == 1 else None


_catalogues: dict[Version, Catalogue] = {}


def catalogue(session: Session) -> Catalogue:
    """Return the goods in memory, read again when the lists were loaded again: one cheap query otherwise."""
    version = _version(session)
    found = _catalogues.get(version)
    if found is None:
        found = _read(session)
        while len(_catalogues) >= _KEPT_CATALOGUES:
            _catalogues.pop(next(iter(_catalogues)), None)
        _catalogues[version] = found
    return found


def tagger(session: Session) -> CommodityTagger:
    """Return the tagger that reads what owners wrote: every Indonesian name and local word of the lists."""
    return catalogue(session).tagger


def kg_factors(session: Session) -> KgFactors:
    """Return (commodity or None, unit) → kilograms of one unit; None stands for any commodity."""
    return catalogue(session).kg


def commodity_exists(session: Session, code: str) -> bool:
    """Tell whether a code stands for a good."""
    return code in catalogue(session).goods


def _version(session: Session) -> Version:
    counted = select(
        select(func.count()).select_from(Unit).scalar_subquery(),
        select(func.sum(func.length(Family.name_id) + func.length(Family.name_en))).scalar_subquery(),
        select(func.count(Commodity.code)).scalar_subquery(),
        select(func.sum(func.length(Commodity.name_id) + func.length(Commodity.name_en))).scalar_subquery(),
        select(func.count(CommodityWord.id)).scalar_subquery(), select(func.max(CommodityWord.id)).scalar_subquery(),
        select(func.count(CommodityUnit.id)).scalar_subquery(), select(func.max(CommodityUnit.id)).scalar_subquery(),
        select(func.sum(CommodityUnit.kg_per_unit)).scalar_subquery(),
        select(func.max(FamilyWord.id)).scalar_subquery(),
    )
    return tuple(session.execute(counted).one())


def _read(session: Session) -> Catalogue:
    goods = {row.code: _good(row) for row in session.scalars(select(Commodity).order_by(Commodity.name_id))}
    words = list(session.scalars(select(CommodityWord).order_by(CommodityWord.commodity_code, CommodityWord.word)))
    units = list(session.scalars(select(Unit)))
    usual = list(session.scalars(select(CommodityUnit).order_by(CommodityUnit.commodity_code, CommodityUnit.unit_code)))
    return Catalogue(
        families={
            row.code: FamilyGoods(row.code, row.name_id, row.name_en, _goods_of(row.code, goods))
            for row in session.scalars(select(Family).order_by(Family.position, Family.code))
        },
        goods=goods,
        words=_shown_words(goods, words),
        units={row.code: UnitOption(row.code, row.name_id, row.name_en, row.kg_factor, False) for row in units},
        usual_units=_grouped((row.commodity_code, row.unit_code) for row in usual),
        kg={(None, row.code): row.kg_factor for row in units if row.kg_factor is not None}
        | {(row.commodity_code, row.unit_code): row.kg_per_unit for row in usual if row.kg_per_unit is not None},
        tagger=_tagger(session, goods, _indonesian(words), with_english=False),
        suggester=_tagger(session, goods, words, with_english=True),
    )


def _goods_of(family_code: str, goods: Mapping[str, Good]) -> tuple[Good, ...]:
    return tuple(good for good in goods.values() if good.family_code == family_code)


def _good(row: Commodity) -> Good:
    return Good(
        row.code, row.parent_code, row.family_code, row.name_id, row.name_en, row.default_unit, row.form, row.keeping,
        row.is_cold_chain,
    )


def _indonesian(words: list[CommodityWord]) -> list[CommodityWord]:
    return [word for word in words if word.kind is not WordKind.ENGLISH]


def _tagger(
    session: Session, goods: Mapping[str, Good], words: list[CommodityWord], *, with_english: bool
) -> CommodityTagger:
    # English names help who types one in, but misread Indonesian texts: "ring" and "door" are brands and sizes there.
    surfaces = [(good.name_id, good.code) for good in goods.values()]
    surfaces += [(row.word, row.commodity_code) for row in words]
    if with_english:
        surfaces += [(good.name_en, good.code) for good in goods.values()]
    families = [(row.name_id, row.code) for row in session.scalars(select(Family).order_by(Family.position))]
    spoken = select(FamilyWord).order_by(FamilyWord.family_code, FamilyWord.word)
    families += [(row.word, row.family_code) for row in session.scalars(spoken)]
    tree = CommodityTree(
        parents={good.code: good.parent_code or "" for good in goods.values()},
        families={good.code: good.family_code for good in goods.values()},
        kinds={good.code: good.form.value for good in goods.values()},
    )
    return CommodityTagger(surfaces, families, tree)


def _shown_words(goods: Mapping[str, Good], words: list[CommodityWord]) -> dict[str, tuple[str, ...]]:
    """Return some everyday words of each good for the public list: what traders say, not misspellings."""
    said = [row for row in words if row.kind in (WordKind.LOCAL, WordKind.SYNONYM)]
    said.sort(key=lambda row: row.kind is not WordKind.LOCAL)
    grouped = _grouped(
        (row.commodity_code, row.word) for row in said if fold(row.word) != fold(goods[row.commodity_code].name_id)
    )
    return {code: found[:_SHOWN_WORDS] for code, found in grouped.items()}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
