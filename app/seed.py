"""seed_data/ -> the database. Every load can be run again: it brings rows up to date and loses none."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.commodities.lists import Row, rows_of, values_of
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
from app.config import ROOT
from app.kit.db import Base
from app.missions.models import Mission, MissionSource, OtherMission, PublishedTotal
from app.missions.values import DatePrecision, MissionState
from app.regions.models import Province, Regency


def alembic_config(url: str) -> Config:
    """Return Alembic's settings for one database."""
    config = Config(str(ROOT / "migrations" / "alembic.ini"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables of a database up to a revision."""
    command.upgrade(alembic_config(url), revision)


def load_reference_lists(session: Session) -> None:
    """Load regions, units, goods and the published history; rows that the lists no longer hold stay."""
    _merge(session, Province, rows_of("provinces"), latitude=float, longitude=float)
    _merge(session, Regency, rows_of("regencies"), latitude=float, longitude=float)
    plain: dict[str, type[Base]] = {"units": Unit, "commodity_families": Family, "commodity_groups": CommodityGroup}
    for name, table in plain.items():
        _fill(session, table, ("code",), [values_of(name, row) for row in rows_of(name)])
    goods = [values_of("commodities", row) for row in rows_of("commodities")]
    known = set(session.scalars(select(Commodity.code)))
    fresh = [{**row, "parent_code": None} for row in goods if row["code"] not in known]
    _fill(session, Commodity, ("code",), fresh)  # parents may stand further down in the list
    _fill(session, Commodity, ("code",), goods)
    for name, keyed, key in _KEYED:
        _fill(session, keyed, key, [values_of(name, row) for row in rows_of(name)])
    load_history(session)


_KEYED: tuple[tuple[str, type[Base], tuple[str, str]], ...] = (
    ("commodity_words", CommodityWord, ("commodity_code", "word")),
    ("family_words", FamilyWord, ("family_code", "word")),
    ("commodity_units", CommodityUnit, ("commodity_code", "unit_code")),
    ("commodity_group_words", GroupWord, ("group_code", "word")),
    ("commodity_group_members", GroupMember, ("group_code", "member_code")),
    ("commodity_stand_ins", StandIn, ("asked_code", "offered_code")),
    ("commodity_materials", Material, ("product_code", "material_code")),
)


def load_history(session: Session) -> None:
    """Load earlier missions with what was published about them and where."""
    for row in rows_of("missions"):
        session.merge(_past_mission(row))
    session.flush()
    published = ({"mission_id": row["id"], **_only(row, _PUBLISHED)} for row in rows_of("missions"))
    _merge(session, PublishedTotal, published, **_READERS)
    _merge(session, OtherMission, rows_of("missions_elsewhere"), **_READERS)
    _fill(session, MissionSource, ("mission_id", "url"), rows_of("mission_sources"))


def _past_mission(row: Row) -> Mission:
    held_on = date.fromisoformat(row["held_on"])
    return Mission(
        id=row["id"], name=row.get("name") or f"Misi Dagang {row['host_city'] or row['venue']} {held_on.year}",
        held_on=held_on, venue=row["venue"], host_city=row["host_city"],
        visiting_province_code=row["visiting_province_code"], hosting_province_code=row["hosting_province_code"],
        state=MissionState.HISTORY, created_at=datetime(2026, 11, 24, tzinfo=UTC),
    )


_PUBLISHED = (
    "visiting_firm_count", "hosting_firm_count", "total_amount", "visiting_sold_amount", "visiting_bought_amount",
    "investment_amount", "letter_of_intent_amount", "date_precision", "notes",
)


_READERS: dict[str, Callable[[str], Any]] = {
    **{name: lambda text: int(text) if text else None for name in _PUBLISHED if name.endswith(("_amount", "_count"))},
    "date_precision": DatePrecision, "held_on": date.fromisoformat, "sources": str.split,
}


def _only(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names}


def _merge(
    session: Session, table: type[Base], rows: Iterable[Mapping[str, Any]], **readers: Callable[[str], Any]
) -> None:
    columns = set(table.__mapper__.column_attrs.keys())
    for row in rows:
        session.merge(table(**{
            name: readers[name](value) if name in readers else value for name, value in row.items() if name in columns
        }))
    session.flush()


def _fill(session: Session, table: type[Base], key: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Bring a list with a natural key up to date: add what is new, refresh what is known, leave the rest.

    By plain statements: a hundred thousand rows are too many to be watched one by one.
    """
    columns = table.__table__.columns
    known = {tuple(row[name] for name in key): row for row in session.execute(select(*columns)).mappings()}
    wanted = {tuple(values[name] for name in key): dict(values) for values in rows}
    fresh = [values for one, values in wanted.items() if one not in known]
    primary = [column.name for column in table.__mapper__.primary_key]
    changed = [
        {name: known[one][name] for name in primary} | values for one, values in wanted.items()
        if one in known and any(known[one][name] != value for name, value in values.items())
    ]
    if fresh:
        session.execute(insert(table), fresh)
    if changed:
        session.execute(update(table), changed)
        session.expire_all()
