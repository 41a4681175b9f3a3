"""The table of firms."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.enterprises.values import EnterpriseState, SizeClass, TradeSide
from app.kit.db import Base
from app.kit.ids import new_id
from app.regions.models import Regency


class Enterprise(Base):
    """A firm of one owner in one kabupaten or kota."""

    __tablename__ = "enterprise"
    __table_args__ = (
        CheckConstraint("annual_turnover IS NULL OR annual_turnover >= 0", name="turnover_not_negative"),
        CheckConstraint("workers IS NULL OR workers >= 0", name="workers_not_negative"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), unique=True)
    name: Mapped[str]
    regency_code: Mapped[str] = mapped_column(ForeignKey("regency.code", ondelete="RESTRICT"), index=True)
    trade_side: Mapped[TradeSide]
    state: Mapped[EnterpriseState] = mapped_column(index=True)
    nib: Mapped[str | None] = mapped_column(unique=True)
    npwp: Mapped[str | None]
    certificates: Mapped[list[str]] = mapped_column(default=list)
    about: Mapped[str] = mapped_column(Text, default="")
    annual_turnover: Mapped[int | None]
    capital: Mapped[int | None]
    workers: Mapped[int | None]
    outside_buyers: Mapped[int | None]
    founded_year: Mapped[int | None]
    owner_gender: Mapped[str | None]
    size_class: Mapped[SizeClass | None]
    assisted_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    confirmed_at: Mapped[datetime | None]
    verified_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    verified_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    owner: Mapped[Person] = relationship(lazy="raise", foreign_keys=[owner_id])
    assisted_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[assisted_by_id])
    verified_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[verified_by_id])
    regency: Mapped[Regency] = relationship(lazy="raise")
