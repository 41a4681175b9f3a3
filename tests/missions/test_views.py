"""The pages of missions through a browser that checks them."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.missions.models import Mission, Participation
from app.missions.values import ParticipationState
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.counting import statements_behind
from tests.factories import (
    ELSEWHERE,
    HOSTING,
    VISITING,
    make_enterprise,
    make_mission,
    make_participation,
    make_person,
)
from tests.missions.test_forms import GOOD


def signed_in(client: CheckingClient, session: Session, person: Person) -> Person:
    session.commit()
    sign_in(client, person)
    return person


def page_of(client: CheckingClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.get_data(as_text=True)


def test_signed_out_people_are_led_to_sign_in(client: CheckingClient) -> None:
    assert client.get("/missions").status_code == 303


def test_list_shows_coming_missions_and_history(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    signed_in(client, app_session, make_person(app_session, "organiser", HOSTING))

    html = page_of(client, "/missions")

    assert mission.name in html
    assert "Riwayat misi dagang" in html and "568,04" in html
    assert "1 Januari" not in html, "a year is no day"


def test_both_clocks_and_signs_stand_on_the_page(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    make_participation(app_session, mission, make_enterprise(app_session))
    signed_in(client, app_session, make_person(app_session, "office", HOSTING))

    html = page_of(client, f"/missions/{mission.id}")

    assert "06.00 WIB" in html and "08.00 WIT" in html
    assert 'class="p-a"' in html and 'class="p-b"' in html
    assert "1 usaha" in html and "486" in html


@pytest.mark.parametrize("page", ["", "/participants", "/edit", "/participants/add"])
def test_other_province_finds_nothing(client: CheckingClient, app_session: Session, page: str) -> None:
    mission = make_mission(app_session)
    signed_in(client, app_session, make_person(app_session, "organiser", ELSEWHERE))

    assert client.get(f"/missions/{mission.id}{page}").status_code == 404


def test_organiser_drafts_opens_and_fills_a_mission(client: CheckingClient, app_session: Session) -> None:
    firm = make_enterprise(app_session)
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))

    made = client.send("/missions/new", GOOD)
    assert made.status_code == 303
    address = str(made.location)
    assert "Konsep" in page_of(client, address)
    assert client.send(f"{address}/open").status_code == 303
    assert firm.name in page_of(client, f"{address}/participants/add")
    added = client.send(
        f"{address}/participants/add", {"enterprises": firm.id, "nominated_by": "Bank", "funded_by": "nominator"}
    )
    assert added.status_code == 303
    html = page_of(client, f"{address}/participants")

    assert firm.name in html and "Dibiayai pengusul" in html


def test_new_mission_starts_from_the_last_one(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session, venue="Gedung Lama")
    signed_in(client, app_session, make_person(app_session, "organiser", HOSTING))

    html = page_of(client, "/missions/new")

    assert 'value="Gedung Lama"' in html and 'value="08:00"' in html
    assert mission.held_on.isoformat() not in html


def test_wrong_details_come_back_with_what_was_typed(client: CheckingClient, app_session: Session) -> None:
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))

    response = client.send("/missions/new", GOOD | {"held_on": "besok", "venue": "Hotel Baru"})

    html = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Tulis tanggal seperti" in html and 'value="besok"' in html and 'value="Hotel Baru"' in html
    assert app_session.scalar(select(Mission.id).where(Mission.venue == "Hotel Baru")) is None


def test_foreign_provinces_are_refused_beside_the_field(client: CheckingClient, app_session: Session) -> None:
    signed_in(client, app_session, make_person(app_session, "organiser", ELSEWHERE))

    response = client.send("/missions/new", GOOD)

    assert response.status_code == 422
    assert "Provinsi Anda sendiri" in response.get_data(as_text=True)


def test_changed_hours_are_stored(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))

    assert client.send(f"/missions/{mission.id}/edit", GOOD | {"opens_at": "07.30"}).status_code == 303

    assert "05.30 WIB" in page_of(client, f"/missions/{mission.id}")


@pytest.mark.parametrize(
    ("role", "province", "address", "status"),
    [
        ("office", VISITING, "open", 403), ("owner", None, "open", 403), ("organiser", ELSEWHERE, "open", 404),
        ("office", HOSTING, "hold", 403), ("organiser", VISITING, "join", 403), ("organiser", VISITING, "hold", 409),
    ],
)
def test_who_may_not_change_is_refused(
    client: CheckingClient, app_session: Session, role: str, province: str | None, address: str, status: int
) -> None:
    mission = make_mission(app_session)
    signed_in(client, app_session, make_person(app_session, role, province))

    assert client.send(f"/missions/{mission.id}/{address}").status_code == status


def test_owner_joins_with_one_tap(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    owner = make_person(app_session)
    make_enterprise(app_session, owner)
    signed_in(client, app_session, owner)

    assert "Ikut misi ini" in page_of(client, f"/missions/{mission.id}")
    assert client.send(f"/missions/{mission.id}/join").status_code == 303

    html = page_of(client, f"/missions/{mission.id}")
    assert "Usaha Anda ikut misi ini." in html and "Ikut misi ini</button>" not in html


def test_owner_without_a_firm_is_led_to_register(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    signed_in(client, app_session, make_person(app_session))

    assert client.get(f"/missions/{mission.id}").status_code == 404
    assert client.send(f"/missions/{mission.id}/join").status_code == 404


def test_removing_without_a_reason_says_so(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    firm = make_enterprise(app_session)
    make_participation(app_session, mission, firm)
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))
    address = f"/missions/{mission.id}/participants/{firm.id}/remove"

    refused = client.send(address, {"reason": ""})
    done = client.send(address, {"reason": "Batal berangkat"})

    assert refused.status_code == 422 and "Tulis alasannya" in refused.get_data(as_text=True)
    assert done.status_code == 303
    app_session.expire_all()
    assert app_session.scalars(select(Participation)).one().state is ParticipationState.WITHDRAWN


def test_ticking_nothing_comes_back_with_a_message(client: CheckingClient, app_session: Session) -> None:
    mission = make_mission(app_session)
    make_enterprise(app_session)
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))

    response = client.send(f"/missions/{mission.id}/participants/add", {"funded_by": "own", "nominated_by": "Kadin"})

    html = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Centang dulu" in html and 'value="Kadin"' in html


def test_lists_ask_few_questions_whatever_their_length(
    app: Flask, client: CheckingClient, app_session: Session
) -> None:
    mission = make_mission(app_session)
    for _ in range(30):
        make_participation(app_session, mission, make_enterprise(app_session))
    signed_in(client, app_session, make_person(app_session, "organiser", VISITING))

    for address in ("/missions", f"/missions/{mission.id}", f"/missions/{mission.id}/participants"):
        assert len(statements_behind(app, client, address)) <= 8, address
