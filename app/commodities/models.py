"""Tables of goods, their words and their units."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
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


class CommodityGroup(Base):
    """Goods that people name as a whole, across families: isi warung, bahan kue, oleh-oleh."""

    __tablename__ = "commodity_group"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_id: Mapped[str]
    name_en: Mapped[str]


class GroupWord(Base):
    """A word or phrase by which people ask for such a group."""

    __tablename__ = "commodity_group_word"
    __table_args__ = (UniqueConstraint("group_code", "word"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    group_code: Mapped[str] = mapped_column(ForeignKey("commodity_group.code", ondelete="RESTRICT"))
    word: Mapped[str]


class GroupMember(Base):
    """A good or a family in a group; `is_edge` where only some would count it in."""

    __tablename__ = "commodity_group_member"
    __table_args__ = (UniqueConstraint("group_code", "member_code"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    group_code: Mapped[str] = mapped_column(ForeignKey("commodity_group.code", ondelete="RESTRICT"))
    member_code: Mapped[str]
    is_edge: Mapped[bool]


class StandIn(Base):
    """What the tree does not say of two goods: 2 asked goods in another form, 1 a substitute, 0 no substitute."""

    __tablename__ = "commodity_stand_in"
    __table_args__ = (
        UniqueConstraint("asked_code", "offered_code"), CheckConstraint("value BETWEEN 0 AND 2", name="value_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    asked_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    offered_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    value: Mapped[int]


class Material(Base):
    """A good that another good is made of, as industry buys it."""

    __tablename__ = "commodity_material"
    __table_args__ = (UniqueConstraint("product_code", "material_code"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    product_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    material_code: Mapped[str] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
