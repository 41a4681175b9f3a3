"""Tables of deals. The facts live in `deal_entry`, which the database refuses to change or delete."""

from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.commodities.models import Commodity, Unit
from app.deals.values import DealKind, Term
from app.enterprises.models import Enterprise
from app.kit.append_only import keep_append_only
from app.kit.db import Base
from app.kit.ids import new_id
from app.matching.models import Proposal
from app.missions.models import Mission
from app.missions.values import MissionRole


class Deal(Base):
    """A deal; `version` points at the entry that counts."""

    __tablename__ = "deal"
    __table_args__ = (
        UniqueConstraint("recorded_by_id", "idempotency_key"),
        Index("ix_deal_mission", "mission_id", "is_void"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    proposal_id: Mapped[str | None] = mapped_column(ForeignKey("proposal.id", ondelete="RESTRICT"))
    idempotency_key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    is_void: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime]

    mission: Mapped[Mission] = relationship(lazy="raise")
    proposal: Mapped[Proposal | None] = relationship(lazy="raise")
    recorded_by: Mapped[Person] = relationship(lazy="raise")


class DealEntry(Base):
    """One version of the facts of a deal. Append-only: a correction is a new entry with a reason."""

    __tablename__ = "deal_entry"
    __table_args__ = (
        UniqueConstraint("deal_id", "version"),
        CheckConstraint("value_amount >= 0", name="value_not_negative"),
        CheckConstraint("seller_id <> buyer_id", name="two_parties"),
        ForeignKeyConstraint(["deal_id"], ["deal.id"], ondelete="RESTRICT"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    deal_id: Mapped[str]
    version: Mapped[int]
    seller_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="RESTRICT"))
    buyer_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="RESTRICT"))
    seller_role: Mapped[MissionRole]
    commodity_code: Mapped[str | None] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"))
    goods: Mapped[str]
    quantity: Mapped[Decimal | None]
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code", ondelete="RESTRICT"))
    unit_price_amount: Mapped[int | None]
    computed_amount: Mapped[int | None]
    value_amount: Mapped[int]
    value_reason: Mapped[str] = mapped_column(Text, default="")
    term: Mapped[Term]
    kind: Mapped[DealKind]
    form_number: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    is_void: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    entered_by_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    entered_at: Mapped[datetime]

    deal: Mapped[Deal] = relationship(lazy="raise")
    entered_by: Mapped[Person] = relationship(lazy="raise")
    seller: Mapped[Enterprise] = relationship(lazy="raise", foreign_keys=[seller_id])
    buyer: Mapped[Enterprise] = relationship(lazy="raise", foreign_keys=[buyer_id])
    commodity: Mapped[Commodity | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")


keep_append_only(cast(Table, DealEntry.__table__))
