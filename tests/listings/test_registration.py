"""The owner's way from the first answer to a registered firm, without JavaScript."""

import io
import re
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Consent, Person
from app.accounts.values import Purpose
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState, TradeSide
from app.kit.audit import AuditEntry
from app.listings.models import Listing
from app.listings.values import ListingState, Side
from tests.accounts.helpers import sign_in, sign_out
from tests.checking_client import CheckingClient
from tests.factories import VISITING, make_enterprise, make_person, regency_of

ALL_YES = {"partners": "yes", "phone": "yes", "statistics": "yes", "press": "yes"}
COPRA = {"title": "kopra", "commodity_code": "kopra", "quantity": "160", "unit_code": "karung", "period": "month"}


@pytest.fixture
def owner(client: CheckingClient, app_session: Session) -> Person:
    """A signed-in owner who has registered nothing yet."""
    person = make_person(app_session)
    app_session.commit()
    sign_in(client, person)
    return person


@pytest.fixture
def basics(app_session: Session) -> dict[str, str]:
    """What the first step is answered with."""
    regency = regency_of(app_session, VISITING)
    app_session.commit()  # an open transaction would keep the pages from writing
    return {"name": "UD Kelapa Jaya", "regency_code": regency, "trade_side": "both"}


def send(client: CheckingClient, path: str, data: dict[str, Any], **kwargs: Any) -> TestResponse:
    return client.send(path, dict(data), token_from=path, **kwargs)


def read(session: Session, query: Select[Any]) -> list[Any]:
    """Look at what pages committed, and let go of the database again."""
    session.expire_all()
    found = list(session.scalars(query))
    session.commit()
    return found


def firm_of(session: Session, owner: Person) -> Enterprise:
    return read(session, select(Enterprise).where(Enterprise.owner_id == owner.id))[0]


def listings_of(session: Session, side: Side | None = None) -> list[Listing]:
    found = read(session, select(Listing).order_by(Listing.created_at, Listing.id))
    return [listing for listing in found if side is None or listing.side is side]


def test_an_owner_registers_in_four_short_steps(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    first = send(client, "/register", basics)
    needs = send(client, first.location, {**COPRA, "title": "semen", "commodity_code": "semen", "unit_code": "ton", "then": "next"})
    offers = send(client, needs.location, {**COPRA, "then": "next"})
    consent = send(client, offers.location, ALL_YES | {"press": "no"})
    done = client.get(consent.location)

    assert [r.status_code for r in (first, needs, offers, consent, done)] == [303, 303, 303, 303, 200]
    firm = firm_of(app_session, owner)
    assert (firm.state, firm.name) == (EnterpriseState.ACTIVE, "UD Kelapa Jaya")
    assert [(row.side, row.commodity_code) for row in listings_of(app_session)] == [("need", "semen"), ("offer", "kopra")]
    answers = {row.purpose: row.is_given for row in read(app_session, select(Consent))}
    assert answers == {Purpose.PARTNERS: True, Purpose.PHONE: True, Purpose.STATISTICS: True, Purpose.PRESS: False}
    assert firm.id[-6:].upper() in done.get_data(as_text=True)
    actions = set(read(app_session, select(AuditEntry.action).where(AuditEntry.actor_id == owner.id)))
    assert actions >= {"enterprise.register", "listing.add", "person.consent", "enterprise.open"}


def test_the_way_asks_for_eight_inputs_at_most(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    """Phone, then what a buyer fills in: the boxes of the two pages, not the buttons and not the hidden fields."""
    first_page = client.get("/register").get_data(as_text=True)
    needs_page = client.get(send(client, "/register", basics | {"trade_side": "buys"}).location).get_data(as_text=True)

    asked = {"phone"} | _names(first_page) | _names(needs_page)

    assert len(asked) <= 8, asked


def _names(page: str) -> set[str]:
    main = page[page.index("<main") : page.index("</main>")]
    boxes = re.findall(r"<(?:input|select|textarea)\b[^>]*>", main)
    return {re.search(r'name="([^"]+)"', box)[1] for box in boxes if 'type="hidden"' not in box}


@pytest.mark.parametrize(
    ("side", "first_step"),
    [("sells", "/register/offers"), ("buys", "/register/needs"), ("both", "/register/needs")],
)
def test_only_what_the_firm_trades_is_asked(
    client: CheckingClient, owner: Person, basics: dict[str, str], side: str, first_step: str
) -> None:
    assert send(client, "/register", basics | {"trade_side": side}).location == first_step


def test_closing_the_browser_loses_nothing(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    send(client, "/register/needs", {**COPRA, "then": "more"})
    sign_out(client)

    sign_in(client, owner)
    resumed = client.get("/register", follow_redirects=True)

    assert resumed.request.path == "/register/offers"
    assert "kopra" in client.get("/register/needs").get_data(as_text=True)


def test_resuming_leads_to_the_first_step_that_is_empty(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    steps = []
    for action in (
        lambda: send(client, "/register", basics),
        lambda: send(client, "/register/needs", {**COPRA, "then": "next"}),
        lambda: send(client, "/register/offers", {**COPRA, "then": "next"}),
        lambda: send(client, "/register/consent", ALL_YES),
    ):
        action()
        steps.append(client.get("/register", follow_redirects=True).request.path)

    assert steps == ["/register/needs", "/register/offers", "/register/consent", "/my/listings"]


def test_a_step_may_be_left_out(client: CheckingClient, owner: Person, basics: dict[str, str]) -> None:
    send(client, "/register", basics)

    page = client.get("/register/needs").get_data(as_text=True)

    assert 'href="/register/offers"' in page
    assert 'href="/register/consent"' in client.get("/register/offers").get_data(as_text=True)


def test_next_with_empty_boxes_goes_on_once_something_is_saved(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    empty = {"title": "", "quantity": "", "unit_code": "kg", "period": "month", "then": "next"}
    refused = send(client, "/register/needs", empty)
    send(client, "/register/needs", {**COPRA, "then": "more"})

    went_on = send(client, "/register/needs", empty)

    assert refused.status_code == 422
    assert (went_on.status_code, went_on.location) == (303, "/register/offers")
    assert len(listings_of(app_session)) == 1


def test_the_button_search_shows_goods_and_saves_nothing(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)

    page = send(client, "/register/needs", {"title": "cengke", "quantity": "2", "unit_code": "ton", "then": "search"})

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert 'value="cengkih"' in text and "cengke → " in text
    assert 'value="cengke"' in text and 'value="2"' in text
    assert listings_of(app_session) == []


def test_a_name_that_is_a_good_needs_no_tap(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)

    send(client, "/register/needs", {**COPRA, "commodity_code": "", "title": "Kopra", "then": "next"})

    assert [row.commodity_code for row in listings_of(app_session)] == ["kopra"]


def test_words_with_several_meanings_are_asked_back(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)

    asked = send(client, "/register/needs", {**COPRA, "commodity_code": "", "title": "kelapa k", "then": "next"})

    assert asked.status_code == 422
    assert 'type="radio" name="commodity_code"' in asked.get_data(as_text=True)
    assert listings_of(app_session) == []


@pytest.mark.parametrize(("title", "chosen"), [("kelapa istimewa", "own"), ("zzqx aneka", "")])
def test_own_words_are_kept_when_no_good_fits(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str], title: str, chosen: str
) -> None:
    send(client, "/register", basics)

    saved = send(client, "/register/needs", {**COPRA, "title": title, "commodity_code": chosen, "then": "next"})

    assert saved.status_code == 303
    assert [(row.title, row.commodity_code) for row in listings_of(app_session)] == [(title, None)]


def test_the_first_consent_is_needed_and_says_so(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)

    refused = send(client, "/register/consent", ALL_YES | {"partners": "no"})

    assert refused.status_code == 422
    assert "tidak bisa dicarikan mitra" in refused.get_data(as_text=True)
    assert firm_of(app_session, owner).state is EnterpriseState.DRAFT
    assert read(app_session, select(Consent)) == []


@pytest.mark.parametrize("missing", ["partners", "phone", "statistics", "press"])
def test_each_consent_is_answered_on_its_own(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str], missing: str
) -> None:
    send(client, "/register", basics)
    before = client.get("/register/consent").get_data(as_text=True)

    refused = send(client, "/register/consent", {k: v for k, v in ALL_YES.items() if k != missing})

    assert " checked" not in before
    assert refused.status_code == 422
    assert "Pilih Ya atau Tidak" in refused.get_data(as_text=True)
    assert firm_of(app_session, owner).state is EnterpriseState.DRAFT


def test_the_same_page_sent_twice_makes_one_listing(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    page = client.get("/register/needs").get_data(as_text=True)
    key = re.search(r'name="key"[^>]*value="([0-9a-z]{20})"', page)[1]

    answers = [send(client, "/register/needs", {**COPRA, "key": key, "then": "next"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [row.id for row in listings_of(app_session)] == [key]


def test_an_old_page_filled_in_differently_makes_a_second_listing(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    key = "0" * 20

    send(client, "/register/needs", {**COPRA, "key": key, "then": "next"})
    send(client, "/register/needs", {**COPRA, "key": key, "quantity": "5", "then": "next"})

    assert [str(row.quantity.normalize()) for row in listings_of(app_session)] == ["1.6E+2", "5"]


def test_a_key_of_somebody_elses_listing_takes_nothing_over(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    from tests.factories import make_listing

    theirs = make_listing(app_session, title="Milik orang lain")
    app_session.commit()
    send(client, "/register", basics)

    send(client, "/register/needs", {**COPRA, "key": theirs.id, "then": "next"})

    titles = {row.title: row.enterprise_id for row in listings_of(app_session)}
    assert titles["Milik orang lain"] != titles["kopra"]


def test_the_first_step_sent_twice_makes_one_firm(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    token = client.token("/register")

    answers = [client.post("/register", data={**basics, "csrf_token": token}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert firm_of(app_session, owner).name == basics["name"]


def test_the_first_step_can_be_corrected(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    page = client.get("/register?again=1").get_data(as_text=True)

    corrected = send(client, "/register?again=1", basics | {"name": "UD Kelapa Baru", "trade_side": "sells"})

    assert 'value="UD Kelapa Jaya"' in page
    assert corrected.location == "/register/offers"
    firm = firm_of(app_session, owner)
    assert (firm.name, firm.trade_side) == ("UD Kelapa Baru", TradeSide.SELLS)


def test_a_saved_listing_can_be_taken_out_again(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    send(client, "/register/needs", {**COPRA, "then": "more"})
    listing = listings_of(app_session)[0]

    closed = client.send(
        f"/listings/{listing.id}/close", {"next": "/register/needs"}, token_from="/register/needs"
    )

    assert closed.location == "/register/needs"
    assert listings_of(app_session)[0].state is ListingState.CLOSED
    assert "Sudah tersimpan" not in client.get("/register/needs").get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Tulis nama usahanya."),
        ({"name": "12345 !!"}, "perlu huruf"),
        ({"name": "x" * 121}, "Terlalu panjang"),
        ({"regency_code": ""}, "Pilih kabupaten atau kotanya."),
        ({"regency_code": "9999"}, "Pilih satu dari daftar ini."),
        ({"trade_side": ""}, "Pilih satu: menjual"),
        ({"trade_side": "steals"}, "Pilih"),
    ],
)
def test_a_wrong_first_step_says_why_and_keeps_the_rest(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str], changes: dict[str, str],
    said: str,
) -> None:
    refused = send(client, "/register", {**basics, **changes})

    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert said in text
    if "name" not in changes:
        assert 'value="UD Kelapa Jaya"' in text
    assert read(app_session, select(Enterprise)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Tulis nama barangnya."),
        ({"title": "123"}, "perlu huruf"),
        ({"commodity_code": "bukan-barang"}, "Pilih barang dari daftar"),
        ({"quantity": "-5"}, "lebih dari nol"),
        ({"quantity": "0"}, "lebih dari nol"),
        ({"quantity": "banyak"}, "angka saja"),
        ({"quantity": "1000000000001"}, "terlalu besar"),
        ({"quantity": "1e9"}, "angka saja"),
        ({"unit_code": "gentong"}, "Pilih satu dari daftar ini."),
        ({"unit_code": ""}, "Pilih satu dari daftar ini."),
        ({"period": "abad"}, "Pilih satu dari daftar ini."),
    ],
)
def test_a_wrong_listing_says_why_and_keeps_what_was_typed(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str], changes: dict[str, str],
    said: str,
) -> None:
    send(client, "/register", basics)

    refused = send(client, "/register/needs", {**COPRA, **changes, "then": "next"})

    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert said in text
    kept = {**COPRA, **changes}
    for name in ("title", "quantity"):
        if kept[name]:
            assert f'value="{kept[name]}"' in text
    assert listings_of(app_session) == []


@pytest.mark.parametrize("field", ["title", "commodity_code", "quantity", "unit_code", "period", "key"])
def test_a_file_instead_of_text_is_no_fault_of_ours(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str], field: str
) -> None:
    send(client, "/register", basics)

    answer = send(
        client, "/register/needs", {**COPRA, "then": "next", field: (io.BytesIO(b"\x00\xff"), "foto.jpg")},
        content_type="multipart/form-data",
    )

    assert answer.status_code in (303, 422)


@pytest.mark.parametrize("field", ["name", "regency_code", "trade_side"])
def test_a_file_instead_of_a_name_is_refused(
    client: CheckingClient, owner: Person, basics: dict[str, str], field: str
) -> None:
    answer = send(
        client, "/register", {**basics, field: (io.BytesIO(b"\x00\xff"), "foto.jpg")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 422


def test_a_form_without_token_changes_nothing(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    answer = client.post("/register", data=basics)

    assert answer.status_code == 400
    assert read(app_session, select(Enterprise)) == []


def test_an_amount_beyond_the_largest_trades_asks_for_a_second_look(
    client: CheckingClient, app_session: Session, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)

    saved = send(client, "/register/needs", {**COPRA, "quantity": "200.000", "unit_code": "ton", "then": "more"})

    assert saved.status_code == 303
    assert "lebih dari 100.000 ton sebulan" in client.get(saved.location).get_data(as_text=True)
    assert len(listings_of(app_session)) == 1


def test_the_phone_drops_its_draft_only_after_the_receipt(
    client: CheckingClient, owner: Person, basics: dict[str, str]
) -> None:
    send(client, "/register", basics)
    client.get("/register/needs")

    refused = send(client, "/register/needs", {**COPRA, "quantity": "x", "then": "more"}).get_data(as_text=True)
    saved = client.get(send(client, "/register/needs", {**COPRA, "then": "more"}).location).get_data(as_text=True)

    assert "data-receipt" not in refused and 'data-draft="need"' in refused
    assert 'data-receipt="need"' in saved


def test_staff_who_open_registration_get_the_assist_page(client: CheckingClient, app_session: Session) -> None:
    officer = make_person(app_session, "office", VISITING)
    app_session.commit()
    sign_in(client, officer)

    assert client.get("/register").location == "/enterprises/new"


def test_a_registered_owner_is_led_to_their_goods(client: CheckingClient, app_session: Session) -> None:
    owner = make_person(app_session)
    make_enterprise(app_session, owner)
    app_session.commit()
    sign_in(client, owner)

    assert client.get("/register").location == "/my/listings"
    assert client.get("/register/needs").location == "/my/listings"
    assert client.get("/register/done").status_code == 200
