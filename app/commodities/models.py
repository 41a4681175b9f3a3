"""Tables of goods, their words and their units."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.commodities.values import Form, Keeping, WordKind
from app.kit.db import Base
from app.kit.ids import new_id


class Family(Base):
    """A family of goods, for example spices."""

    __tablename__ = "commodity_family"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_id: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]


class Unit(Base):
    """A unit of trade; `kg_factor` only where it holds for every good."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_id: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    kg_factor: Mapped[float | None]
    aliases: Mapped[list[str]]


class Commodity(Base):
    """A good as it is traded."""

    __tablename__ = "commodity"

    code: Mapped[str] = mapped_column(primary_key=True)
    family_code: Mapped[str] = mapped_column(ForeignKey("commodity_family.code", ondelete="RESTRICT"), index=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    name_id: Mapped[str]
    name_en: Mapped[str]
    hs_heading: Mapped[str | None]
    kbki_code: Mapped[str | None]
    default_unit: Mapped[str] = mapped_column(ForeignKey("unit.code", ondelete="RESTRICT"))
    keeping: Mapped[Keeping]
    is_cold_chain: Mapped[bool]
    form: Mapped[Form]

    family: Mapped[Family] = relationship(lazy="raise")


class CommodityWord(Base):
    """A word or phrase by which traders call a good; the same word may name several goods."""

    __tablename__ = "commodity_word"
    __table_args__ = (UniqueConstraint("commodity_code", "word"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    commodity_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    word: Mapped[str] = mapped_column(index=True)
    kind: Mapped[WordKind]


class FamilyWord(Base):
    """A word that names a whole family: rempah, hasil laut, bahan pokok."""

    __tablename__ = "commodity_family_word"
    __table_args__ = (UniqueConstraint("family_code", "word"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    family_code: Mapped[str] = mapped_column(ForeignKey("commodity_family.code", ondelete="RESTRICT"))
    word: Mapped[str]


class CommodityUnit(Base):
    """A unit in which a good is usually traded, with its weight where that is defined."""

    __tablename__ = "commodity_unit"
    __table_args__ = (UniqueConstraint("commodity_code", "unit_code"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    commodity_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code", ondelete="RESTRICT"))
    kg_per_unit: Mapped[float | None]
    note: Mapped[str] = mapped_column(default="")
