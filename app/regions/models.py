"""Tables of provinces and regencies."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.db import Base


class Province(Base):
    """A province, by its BPS code of two digits."""

    __tablename__ = "province"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    short_name: Mapped[str]
    time_zone: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]


class Regency(Base):
    """A kabupaten or kota, by its BPS code of four digits."""

    __tablename__ = "regency"

    code: Mapped[str] = mapped_column(primary_key=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code", ondelete="RESTRICT"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    capital: Mapped[str]
    island: Mapped[str]
    latitude: Mapped[float]
    longitude: Mapped[float]

    province: Mapped[Province] = relationship(lazy="raise")
