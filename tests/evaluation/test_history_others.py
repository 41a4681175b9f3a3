"""Missions of several parties are shown with what is known of their date."""

from tests.checking_client import CheckingClient


def test_missions_of_many_parties_stand_on_the_last_page(client: CheckingClient) -> None:
    last = client.get("/history?page=99").get_data(as_text=True)

    assert "Misi Dagang Antardaerah Surabaya 2019, 2019" in last
    assert "1 Januari 2019" not in last


def test_they_are_left_out_while_one_host_is_asked_for(client: CheckingClient) -> None:
    narrowed = client.get("/history?host=82").get_data(as_text=True)

    assert "Antardaerah" not in narrowed
