"""All goods in memory: built from rows of the tables, or from the lists in seed_data/ where there is no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.algorithms.commodity_tagger import MATERIALS_OF, CommodityTagger
from app.algorithms.commodity_tree import CommodityTree, Group
from app.algorithms.text import fold, tokens, word_set
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
from app.commodities.values import Found, Good, UnitOption, WordKind

KgFactors = Mapping[tuple[str | None, str], float]
_SHOWN_WORDS = 5
_ENGLISH_LETTERS = 4  # a single shorter English word is more often a brand or a size
_NO_ENGLISH = word_set("ring door cover super light house power water gold silver green white black line sand pack")
LONGEST_WORDS = 200  # no good is called by more; what is longer only costs time


@dataclass(frozen=True, slots=True)
class FamilyGoods:
    """A family with its goods, in the order of the list."""

    code: str
    name_id: str
    name_en: str
    goods: tuple[Good, ...]


@dataclass(frozen=True, slots=True)
class GroupName:
    """Goods that are named as a whole across families: "isi warung"."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All goods, their words and their units, as they stood at one version of the lists."""

    families: Mapping[str, FamilyGoods]
    groups: Mapping[str, GroupName]
    goods: Mapping[str, Good]
    words: Mapping[str, tuple[str, ...]]
    units: Mapping[str, UnitOption]
    unit_codes: Mapping[str, str]
    usual_units: Mapping[str, tuple[str, ...]]
    kg: KgFactors
    tagger: CommodityTagger
    suggester: CommodityTagger

    def kg_per_unit(self, commodity_code: str | None, unit_code: str | None) -> float | None:
        """Return the weight of one unit of a good, or None where it is not defined."""
        if unit_code is None:
            return None
        return self.kg.get((commodity_code, unit_code), self.kg.get((None, unit_code)))

    @property
    def tree(self) -> CommodityTree:
        """Return who is whose parent, group and substitute."""
        return self.tagger.tree

    def unit_named(self, typed: str) -> str | None:
        """Return the code of a unit as people type it ("zak", "KG"), or None when nobody calls a unit so."""
        return self.unit_codes.get(" ".join(fold(typed).replace(".", " ").split()))

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



@dataclass(frozen=True, slots=True)
class Lists:
    """The rows that a catalogue is built from, in the order in which they are to be shown."""

    families: Sequence[Family] = ()
    goods: Sequence[Commodity] = ()
    words: Sequence[CommodityWord] = ()
    family_words: Sequence[FamilyWord] = ()
    units: Sequence[Unit] = ()
    usual_units: Sequence[CommodityUnit] = ()
    groups: Sequence[CommodityGroup] = ()
    group_words: Sequence[GroupWord] = ()
    group_members: Sequence[GroupMember] = ()
    stand_ins: Sequence[StandIn] = ()
    materials: Sequence[Material] = ()


def build_catalogue(lists: Lists) -> Catalogue:
    """Return the catalogue of these lists."""
    goods = {row.code: _good(row) for row in lists.goods}
    return Catalogue(
        families={
            row.code: FamilyGoods(row.code, row.name_id, row.name_en, _goods_of(row.code, goods))
            for row in lists.families
        },
        groups={row.code: GroupName(row.code, row.name_id, row.name_en) for row in lists.groups},
        goods=goods,
        words=_shown_words(goods, lists.words),
        units={row.code: UnitOption(row.code, row.name_id, row.name_en, row.kg_factor, False) for row in lists.units},
        unit_codes=_unit_codes(lists.units),
        usual_units=_grouped((row.commodity_code, row.unit_code) for row in lists.usual_units),
        kg={(None, row.code): row.kg_factor for row in lists.units if row.kg_factor is not None}
        | {
            (row.commodity_code, row.unit_code): row.kg_per_unit
            for row in lists.usual_units if row.kg_per_unit is not None
        },
        tagger=_tagger(lists, with_english=False),
        suggester=_tagger(lists, with_english=True),
    )


def _goods_of(family_code: str, goods: Mapping[str, Good]) -> tuple[Good, ...]:
    return tuple(good for good in goods.values() if good.family_code == family_code)


def _good(row: Commodity) -> Good:
    return Good(
        row.code, row.parent_code, row.family_code, row.name_id, row.name_en, row.default_unit, row.form, row.keeping,
        row.is_cold_chain,
    )


def _indonesian(words: Sequence[CommodityWord]) -> list[CommodityWord]:
    return [word for word in words if word.kind is not WordKind.ENGLISH]


def _tagger(lists: Lists, *, with_english: bool) -> CommodityTagger:
    # English names help who types one in, but misread Indonesian texts: "ring" and "door" are brands and sizes there.
    surfaces = [(row.name_id, row.code) for row in lists.goods]
    words = lists.words if with_english else [*_indonesian(lists.words), *_plain_english(lists)]
    surfaces += [(row.word, row.commodity_code) for row in words]
    if with_english:
        surfaces += [(row.name_en, row.code) for row in lists.goods]
    wholes = [(row.name_id, row.code) for row in lists.families]
    wholes += [(row.word, row.family_code) for row in lists.family_words]
    wholes += [(row.name_id, row.code) for row in lists.groups]
    wholes += [(row.word, row.group_code) for row in lists.group_words]
    return CommodityTagger(surfaces, wholes, _tree(lists))


def _plain_english(lists: Lists) -> list[CommodityWord]:
    """Return the English names that no Indonesian text means otherwise: of several words, or long and unmistakable."""
    spoken = {word for row in _indonesian(lists.words) for word in tokens(row.word)}
    spoken |= {word for row in lists.goods for word in tokens(row.name_id)}
    names = [CommodityWord(commodity_code=row.code, word=row.name_en, kind=WordKind.ENGLISH) for row in lists.goods]
    found, never = [], spoken | _NO_ENGLISH
    for row in [*names, *(row for row in lists.words if row.kind is WordKind.ENGLISH)]:
        cut = tokens(row.word)
        if len(cut) > 1 or (cut and len(cut[0]) >= _ENGLISH_LETTERS and cut[0] not in never):
            found.append(row)
    return found


def _tree(lists: Lists) -> CommodityTree:
    core: dict[str, set[str]] = {row.code: set() for row in lists.groups}
    edge: dict[str, set[str]] = {row.code: set() for row in lists.groups}
    for row in lists.group_members:
        (edge if row.is_edge else core)[row.group_code].add(row.member_code)
    return CommodityTree(
        parents={row.code: row.parent_code or "" for row in lists.goods},
        families={row.code: row.family_code for row in lists.goods},
        kinds={row.code: row.form for row in lists.goods},
        groups={code: Group(frozenset(core[code]), frozenset(edge[code])) for code in core} | _materials(lists),
        stand_ins={(row.asked_code, row.offered_code): row.value for row in lists.stand_ins},
    )


def _materials(lists: Lists) -> dict[str, Group]:
    made_of: dict[str, set[str]] = {}
    for row in lists.materials:
        made_of.setdefault(row.product_code, set()).add(row.material_code)
    return {MATERIALS_OF + code: Group(frozenset(materials)) for code, materials in made_of.items()}


def _unit_codes(units: Iterable[Unit]) -> dict[str, str]:
    return {" ".join(fold(name).split()): row.code for row in units for name in (*row.aliases, row.name_id, row.code)}


def _shown_words(goods: Mapping[str, Good], words: Sequence[CommodityWord]) -> dict[str, tuple[str, ...]]:
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
