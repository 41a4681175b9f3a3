"""What a mission form accepts."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.missions.forms import MissionForm, ParticipationForm, participant_filters
from app.missions.values import Funding, ParticipantFilters

GOOD = {
    "name": "Misi Uji", "held_on": "15/04/2027", "venue": "Hotel", "host_city": "Kota", "visiting_province_code": "35",
    "hosting_province_code": "82", "opens_at": "09.00", "closes_at": "16:00", "cutoff_at": "17:00", "slot_minutes": "20",
    "slot_count": "18", "table_count": "27",
}


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def typed(**changes: str) -> MissionForm:
    form = MissionForm(MultiDict(GOOD | changes), meta={"csrf": False})
    form.offer_provinces([("35", "A"), ("82", "B")])
    form.validate()
    return form


def test_day_and_hours_are_read_as_they_are_written_here() -> None:
    details = typed().details()

    assert (details.held_on, details.opens_at, details.closes_at) == (date(2027, 4, 15), time(9), time(16))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": "31/02/2027"}, "held_on"), ({"held_on": ""}, "held_on"), ({"held_on": "15/04/0027"}, "held_on"),
        ({"opens_at": "25.00"}, "opens_at"), ({"closes_at": "08.00"}, "closes_at"), ({"cutoff_at": "08.00"}, "cutoff_at"),
        ({"slot_count": "22"}, "slot_count"), ({"slot_count": "-1"}, "slot_count"), ({"table_count": "banyak"}, "table_count"),
        ({"visiting_province_code": "99"}, "visiting_province_code"), ({"name": " "}, "name"), ({"name": "x" * 121}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes: dict[str, str], field: str) -> None:
    form = typed(**changes)

    assert list(form.errors) == [field]
    assert form[field].errors


def test_the_day_holds_as_many_turns_as_fit() -> None:
    assert "21" in str(typed(slot_count="22").errors["slot_count"])
    assert typed(slot_count="21").errors == {}


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        ([("enterprises", "a"), ("listed", "a"), ("listed", "b")], ["a"]),
        ([("enterprises", "a"), ("listed", "a"), ("listed", "b"), ("whole_page", "1")], ["a", "b"]),
    ],
)
def test_ticked_firms_or_the_whole_page_are_chosen(sent: list[tuple[str, str]], chosen: list[str]) -> None:
    form = ParticipationForm(MultiDict([*sent, ("funded_by", "own")]), meta={"csrf": False})

    assert form.validate()
    assert form.chosen() == chosen
    assert form.details().funded_by is Funding.OWN


def test_nothing_ticked_is_refused() -> None:
    form = ParticipationForm(MultiDict({"funded_by": "own"}), meta={"csrf": False})

    assert not form.validate()
    assert form.errors["enterprises"]


@pytest.mark.parametrize("nonsense", [{"funded": "free", "state": "1", "earlier": "yes"}, {"funded": "", "q": ""}])
def test_nonsense_in_the_address_filters_nothing(nonsense: dict[str, Any]) -> None:
    assert participant_filters(nonsense) == ParticipantFilters()
