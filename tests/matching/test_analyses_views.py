"""The page of exposure and the page of missing fields through a browser that checks every page."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.kit import clock
from app.listings.values import ListingState
from app.matching.values import Decision, RejectReason
from app.missions.values import MissionState
from tests.checking_client import CheckingClient
from tests.counting import statements_behind
from tests.factories import HOSTING, NOW, VISITING, make_person
from tests.matching.market import Market, make_market, ranked_market
from tests.matching.test_views import enter, page_of

MISSING = "/my/partners/missing"


@pytest.fixture(autouse=True)
def time_stands(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The clock of the pages shows the time of the factories."""
    shown = [NOW]
    monkeypatch.setattr(clock, "now", lambda: shown[0])
    yield shown


def exposure(market: Market) -> str:
    return f"/missions/{market.mission.id}/exposure"


def test_exposure_is_said_in_words_and_tables(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    lonely = market.add(HOSTING, "offer", commodity_code=None, title="Jasa cetak tiga dimensi")
    market.rank()
    enter(client, app_session, market.organiser)

    text = page_of(client, exposure(market))

    assert exposure(market) in page_of(client, f"/missions/{market.mission.id}/queue")
    assert "Belum punya mitra sama sekali" in text and "1 (33" in text
    assert "Tidak ada lawan yang cocok: 1 usaha" in text and lonely.firm.name in text
    assert re.search(r"<th scope=\"row\">2 pertemuan</th>", text)
    assert market.seller.firm.name in text and "1 mitra" in text


def test_exposure_without_proposals_says_so(client: CheckingClient, app_session: Session) -> None:
    market = ranked_market(app_session)
    market.decide(Decision.REJECT, reason=RejectReason.OTHER)
    enter(client, app_session, market.organiser)

    text = page_of(client, exposure(market))

    assert "Belum ada usulan untuk dihitung" in text and "Ketimpangan" not in text


def test_exposure_asks_the_database_as_often_for_many_firms(client: CheckingClient, app_session: Session) -> None:
    market = ranked_market(app_session)
    enter(client, app_session, market.organiser)
    few = statements_behind(client.application, client, exposure(market))
    for number in range(5):
        market.add(VISITING, "need", title=f"Cari kopra {number}")
    market.rank()
    app_session.commit()

    many = statements_behind(client.application, client, exposure(market))

    assert len(many) == len(few)


def test_owners_see_what_a_missing_field_costs(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    market.seller.listing.price_amount = 20_000_000
    for number in range(2):
        market.add(VISITING, "need", title=f"Cari kopra {number}", price_amount=16_000_000, certificates=["halal"])
    enter(client, app_session, market.seller.owner)

    text = page_of(client, MISSING)

    assert "+2 pembeli cocok" in text and "paling sering diminta: Halal" in text
    assert f"/listings/{market.seller.listing.id}/edit#certificates" in text
    assert f'href="{MISSING}"' in page_of(client, "/my/partners")
    edit = page_of(client, f"/listings/{market.seller.listing.id}/edit")
    for anchor in ("title", "price_amount", "quantity", "minimum_order", "certificates", "months"):
        assert f'id="{anchor}"' in edit


def test_a_complete_listing_is_praised(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    for side in (market.seller, market.buyer):
        side.listing.price_amount, side.listing.minimum_order = 9_000_000, Decimal(1)
    enter(client, app_session, market.seller.owner)

    assert "Listing Anda sudah lengkap" in page_of(client, MISSING)


def test_what_adds_nobody_is_not_called_a_gain(client: CheckingClient, app_session: Session) -> None:
    market = make_market(app_session)
    market.seller.listing.price_amount = 9_000_000
    enter(client, app_session, market.buyer.owner)

    text = page_of(client, MISSING)

    assert "Sekarang tidak ada isian yang menambah calon mitra" in text
    assert "nilai kecocokan dengan 1 mitra naik" in text and "per kg" in text


@pytest.mark.parametrize(("fault", "said"), [
    ("closed", "Barang Anda belum ikut dicocokkan"), ("over", "Anda belum ikut misi"),
])
def test_who_takes_no_part_hears_why(client: CheckingClient, app_session: Session, fault: str, said: str) -> None:
    market = make_market(app_session)
    if fault == "closed":
        market.seller.listing.state = ListingState.CLOSED
    else:
        market.mission.state = MissionState.CLOSED
    enter(client, app_session, market.seller.owner)

    assert said in page_of(client, MISSING)


def test_without_a_firm_the_way_leads_to_registering(client: CheckingClient, app_session: Session) -> None:
    enter(client, app_session, make_person(app_session))

    assert client.get(MISSING).location == "/register"


def test_strangers_learn_nothing_of_exposure(client: CheckingClient, app_session: Session) -> None:
    market = ranked_market(app_session)
    enter(client, app_session, make_person(app_session, "organiser", "73"))

    page_of(client, exposure(market), 404)
