"""Reads of provinces and regencies."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.regions.models import Province, Regency

GroupedChoices = dict[str, list[tuple[str, str]]]


def provinces(session: Session) -> list[Province]:
    """Return all provinces by name."""
    return list(session.scalars(select(Province).order_by(Province.name, Province.code)))


def regencies(session: Session, province_code: str | None = None) -> list[Regency]:
    """Return the regencies with their provinces, by province and code; of one province when it is given."""
    found = (
        select(Regency).join(Regency.province).options(joinedload(Regency.province))
        .order_by(Province.name, Regency.code)
    )
    if province_code is not None:
        found = found.where(Regency.province_code == province_code)
    return list(session.scalars(found))


def regency(session: Session, code: str) -> Regency | None:
    """Return one regency with its province."""
    return session.scalar(select(Regency).where(Regency.code == code).options(joinedload(Regency.province)))


def regency_choices(session: Session, province_code: str | None = None) -> GroupedChoices:
    """Return province name → [(code, name)] for a select with groups."""
    grouped: GroupedChoices = {}
    for row in regencies(session, province_code):
        grouped.setdefault(row.province.name, []).append((row.code, row.name))
    return grouped
