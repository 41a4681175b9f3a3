"""Reads of the goods. The lists change only when they are loaded again, so each process keeps them in memory."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.algorithms.commodity_tagger import CommodityTagger
from app.commodities.catalogue import Catalogue, KgFactors, Lists, build_catalogue
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

Version = tuple[object, ...]
_KEPT_CATALOGUES = 4
_catalogues: dict[Version, Catalogue] = {}


def catalogue(session: Session) -> Catalogue:
    """Return the goods in memory, read again when the lists were loaded again: one cheap query otherwise."""
    version = _version(session)
    found = _catalogues.get(version)
    if found is None:
        found = _read(session)
        found.find("beras")  # builds what finds goods by their beginnings, so that no visitor waits for it
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
        select(func.max(FamilyWord.id)).scalar_subquery(), select(func.max(GroupWord.id)).scalar_subquery(),
        select(func.max(GroupMember.id)).scalar_subquery(), select(func.max(StandIn.id)).scalar_subquery(),
        select(func.max(Material.id)).scalar_subquery(),
    )
    return tuple(session.execute(counted).one())


def _read(session: Session) -> Catalogue:
    def rows(table: Any, *order: Any) -> Sequence[Any]:
        # Plain rows: a hundred thousand objects that the session watches would take seconds.
        return session.execute(select(*table.__table__.columns).order_by(*order)).all()

    return build_catalogue(Lists(
        families=rows(Family, Family.position, Family.code),
        goods=rows(Commodity, Commodity.name_id),
        words=rows(CommodityWord, CommodityWord.commodity_code, CommodityWord.word),
        family_words=rows(FamilyWord, FamilyWord.family_code, FamilyWord.word),
        units=rows(Unit, Unit.code),
        usual_units=rows(CommodityUnit, CommodityUnit.commodity_code, CommodityUnit.unit_code),
        groups=rows(CommodityGroup, CommodityGroup.code),
        group_words=rows(GroupWord, GroupWord.group_code, GroupWord.word),
        group_members=rows(GroupMember, GroupMember.group_code, GroupMember.member_code),
        stand_ins=rows(StandIn, StandIn.asked_code, StandIn.offered_code),
        materials=rows(Material, Material.product_code, Material.material_code),
    ))
