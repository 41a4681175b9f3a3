"""Reads of provinces and regencies, on both databases."""

from sqlalchemy.orm import Session

from app.regions import queries
from tests.factories import HOSTING, VISITING


def test_regencies_are_grouped_by_their_province(session: Session) -> None:
    grouped = queries.regency_choices(session)

    names = {province.code: province.name for province in queries.provinces(session)}
    assert {code[:2] for code, _ in grouped[names[HOSTING]]} == {HOSTING}
    assert len(grouped[names[VISITING]]) == 38


def test_a_province_alone_shows_only_its_regencies(session: Session) -> None:
    only = queries.regency_choices(session, HOSTING)

    assert len(only) == 1
    assert [row.province.code for row in queries.regencies(session, HOSTING)] == [HOSTING] * 10


def test_an_unknown_code_is_no_regency(session: Session) -> None:
    assert queries.regency(session, "9999") is None
