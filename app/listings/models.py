"""The table of offers and needs: one table with a side, because ranking, forms and imports treat both alike."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.commodities.models import Commodity, Unit
from app.enterprises.models import Enterprise
from app.kit.db import Base
from app.kit.ids import new_id
from app.listings.values import ListingState, Period, Side


class Listing(Base):
    """One offer or one need of one firm."""

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("price_amount IS NULL OR price_amount > 0", name="price_positive"),
        Index("ix_listing_enterprise", "enterprise_id", "side"),
        Index("ix_listing_state", "state", "side"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="RESTRICT"))
    side: Mapped[Side]
    commodity_code: Mapped[str | None] = mapped_column(ForeignKey("commodity.code", ondelete="RESTRICT"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[Decimal | None]
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code", ondelete="RESTRICT"))
    period: Mapped[Period] = mapped_column(default=Period.MONTH)
    price_amount: Mapped[int | None]
    minimum_order: Mapped[Decimal | None]
    months: Mapped[list[int]] = mapped_column(default=list)
    packing: Mapped[str] = mapped_column(default="")
    certificates: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[ListingState] = mapped_column(default=ListingState.OPEN)
    renewed_at: Mapped[datetime]
    created_at: Mapped[datetime]

    enterprise: Mapped[Enterprise] = relationship(lazy="raise")
    commodity: Mapped[Commodity | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
