"""Tables of missions, participations and published totals of earlier missions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise
from app.kit.db import Base
from app.kit.ids import new_id
from app.missions.values import DatePrecision, Funding, MissionRole, MissionState, ParticipationState
from app.regions.models import Province


class Mission(Base):
    """One mission between two provinces on one day."""

    __tablename__ = "mission"
    __table_args__ = (
        CheckConstraint("visiting_province_code <> hosting_province_code", name="two_provinces"),
        CheckConstraint("opens_at IS NULL OR closes_at > opens_at", name="ends_after_start"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    held_on: Mapped[date]
    venue: Mapped[str]
    host_city: Mapped[str]
    visiting_province_code: Mapped[str] = mapped_column(ForeignKey("province.code", ondelete="RESTRICT"))
    hosting_province_code: Mapped[str] = mapped_column(ForeignKey("province.code", ondelete="RESTRICT"))
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    cutoff_at: Mapped[datetime | None]
    slot_minutes: Mapped[int | None]
    slot_count: Mapped[int | None]
    table_count: Mapped[int | None]
    state: Mapped[MissionState]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    visiting_province: Mapped[Province] = relationship(lazy="joined", foreign_keys=[visiting_province_code])
    hosting_province: Mapped[Province] = relationship(lazy="joined", foreign_keys=[hosting_province_code])

    @property
    def province_codes(self) -> tuple[str, str]:
        """The two provinces, visiting first."""
        return self.visiting_province_code, self.hosting_province_code

    def role_of(self, province_code: str) -> MissionRole | None:
        """Return the part that a province plays here, or None."""
        if province_code == self.visiting_province_code:
            return MissionRole.VISITING
        return MissionRole.HOSTING if province_code == self.hosting_province_code else None


class Participation(Base):
    """A firm in a mission: who nominated it and who pays."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("mission_id", "enterprise_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="RESTRICT"), index=True)
    nominated_by: Mapped[str] = mapped_column(default="")
    funded_by: Mapped[Funding] = mapped_column(default=Funding.OWN)
    state: Mapped[ParticipationState] = mapped_column(default=ParticipationState.CONFIRMED)
    joined_at: Mapped[datetime]

    mission: Mapped[Mission] = relationship(lazy="raise")
    enterprise: Mapped[Enterprise] = relationship(lazy="raise")


class PublishedTotal(Base):
    """What was published about a mission: promises as the press and offices printed them, not checked by us."""

    __tablename__ = "published_total"

    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"), primary_key=True)
    visiting_firm_count: Mapped[int | None]
    hosting_firm_count: Mapped[int | None]
    total_amount: Mapped[int | None]
    visiting_sold_amount: Mapped[int | None]
    visiting_bought_amount: Mapped[int | None]
    investment_amount: Mapped[int | None]
    letter_of_intent_amount: Mapped[int | None]
    # day, month or year: how much of the mission's date was published.
    date_precision: Mapped[DatePrecision] = mapped_column(default=DatePrecision.DAY)
    notes: Mapped[str] = mapped_column(Text, default="")

    mission: Mapped[Mission] = relationship(lazy="raise")


class MissionSource(Base):
    """Where a published figure can be read."""

    __tablename__ = "mission_source"
    __table_args__ = (UniqueConstraint("mission_id", "url"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mission_id: Mapped[str] = mapped_column(ForeignKey("mission.id", ondelete="RESTRICT"))
    url: Mapped[str] = mapped_column(Text)


class OtherMission(Base):
    """An earlier mission that was not one between two provinces: several partners at once, or a place abroad."""

    __tablename__ = "other_mission"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    held_on: Mapped[date]
    date_precision: Mapped[DatePrecision]
    venue: Mapped[str]
    host_city: Mapped[str]
    visiting_province_code: Mapped[str] = mapped_column(ForeignKey("province.code", ondelete="RESTRICT"))
    visiting_firm_count: Mapped[int | None]
    hosting_firm_count: Mapped[int | None]
    total_amount: Mapped[int | None]
    notes: Mapped[str] = mapped_column(Text, default="")
    sources: Mapped[list[str]]

    visiting_province: Mapped[Province] = relationship(lazy="joined")
