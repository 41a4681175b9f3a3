"""The search of the directory on both databases: what it finds, for whom, in which order."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.search import Fit
from app.commodities.queries import catalogue
from app.enterprises.queries import enterprise_of
from app.enterprises.values import EnterpriseState
from app.listings import actions, queries
from app.listings.models import Listing
from app.listings.values import DirectoryFilters, GoodsFilters, ListingDetails, ListingState, Side
from app.regions.models import Regency
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person


def titles(session: Session, person: Person, words: str = "", **filters: Any) -> list[str]:
    found = queries.search_listings(session, person, GoodsFilters(words=words, **filters))
    return [line.listing.title for line in queries.found_lines(session, found.ids, goods=catalogue(session), now=NOW)]


@pytest.fixture
def admin(session: Session) -> Person:
    return make_person(session, "admin")


def test_goods_are_found_under_every_name(session: Session, admin: Person) -> None:
    firm = make_enterprise(session, name="UD Jaya")
    for title in ("cengke kring", "Minyak sayur curah", "ikan momar segar", "bagea kenari", "Ketumbar Jawa", "Kursi rotan"):
        make_listing(session, firm, commodity_code=None, title=title)
    make_listing(session, firm, commodity_code="cengkih", title="Kualitas ekspor")

    assert set(titles(session, admin, "CENGKEH")) >= {"cengke kring", "Kualitas ekspor"}
    assert "Minyak sayur curah" in titles(session, admin, "migor")
    assert titles(session, admin, "iwak layang")[0] == "ikan momar segar"
    assert "bagea kenari" in titles(session, admin, "oleh2 ternate")
    assert "Ketumbar Jawa" in titles(session, admin, "bumbu dapur")
    assert titles(session, admin, "kursi") == ["Kursi rotan"]


def test_the_closest_goods_come_first_and_then_the_freshest(session: Session, admin: Person) -> None:
    firm = make_enterprise(session)
    for title, code, age in (
        ("lama", "ikan-cakalang", 9), ("baru", "ikan-cakalang", 1), ("umum", "ikan-laut", 0), ("rempah", "cengkih", 0),
    ):
        make_listing(session, firm, title=title, commodity_code=code, renewed_at=NOW - timedelta(days=age))
    named = make_enterprise(session, name="Toko Cakalang")
    make_listing(session, named, title="garam")

    found = queries.search_listings(session, admin, GoodsFilters(words="cakalang"))

    lines = queries.found_lines(session, found.ids, goods=catalogue(session), now=NOW)
    assert [line.listing.title for line in lines] == ["baru", "lama", "umum", "garam"]
    assert list(found.fits.values()) == [Fit.SAME, Fit.SAME, Fit.WIDER, Fit.WORDS]
    assert [thing.code for thing in found.understood] == ["ikan-cakalang"]


def test_a_search_shows_only_what_the_owners_agreed_to(session: Session, admin: Person) -> None:
    own_hidden = make_enterprise(session, province=VISITING, consents=())
    shown, hidden = make_enterprise(session, province=HOSTING), make_enterprise(session, province=HOSTING, consents=())
    draft = make_enterprise(session, province=HOSTING, state=EnterpriseState.DRAFT)
    closed = make_enterprise(session, province=VISITING, state=EnterpriseState.CLOSED)
    for title, firm in (("a", own_hidden), ("b", shown), ("c", hidden), ("d", draft), ("e", closed)):
        make_listing(session, firm, title=f"pala {title}", commodity_code="biji-pala")
    make_listing(session, shown, title="pala tutup", commodity_code="biji-pala", state=ListingState.CLOSED)
    office, owner = make_person(session, "office", VISITING), make_person(session)

    seen = {who: sorted(titles(session, who, "pala")) for who in (office, admin, owner)}

    assert seen == {office: ["pala a", "pala b"], admin: ["pala a", "pala b", "pala c", "pala d"], owner: []}


def test_the_words_of_a_description_are_not_searched(session: Session, admin: Person) -> None:
    make_listing(session, title="Meja", commodity_code=None, description="hubungi bu Zubaedah")

    assert titles(session, admin, "zubaedah") == titles(session, admin, "bu zubaedah", is_literal=True) == []


def test_names_and_towns_are_found_with_typos(session: Session, admin: Person) -> None:
    firm = make_enterprise(session, name="CV Cendrawasih Timur", province=HOSTING)
    make_listing(session, firm, title="Barang lain", commodity_code=None)
    town = session.get(Regency, firm.regency_code)
    assert town is not None

    assert titles(session, admin, "cendrawashi") == titles(session, admin, town.name) == ["Barang lain"]
    assert titles(session, admin, "cendrawashi", is_literal=True) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"side": "need"}, ["b"]), ({"province_code": HOSTING}, ["b"]), ({"family_code": "rempah"}, ["c"]),
        ({"certificate": "halal"}, ["a", "c"]), ({"certificate": "sni"}, []), ({"month": 1}, ["a", "b"]),
        ({"month": 12}, ["a", "c"]), ({"month": 2}, ["a"]), ({"has_price": True}, ["a", "c"]),
        ({"price_from": 9000}, ["a", "c"]), ({"price_to": 9000}, ["a"]), ({"price_from": 10000, "price_to": 60000}, ["c"]),
        ({}, ["a", "b", "c"]),
    ],
)
def test_filters_narrow_the_goods(session: Session, admin: Person, filters: dict[str, Any], found: list[str]) -> None:
    halal = make_enterprise(session, certificates=["halal"])
    make_listing(session, halal, title="a", price_amount=9_000_000, unit_code="ton")
    needing = make_enterprise(session, province=HOSTING, certificates=["halal"])
    make_listing(session, needing, Side.NEED, title="b", months=[1, 11])
    make_listing(
        session, make_enterprise(session), title="c cengkeh", commodity_code=None, months=[12], certificates=["halal", "p-irt"],
        price_amount=60_000, unit_code="kg",
    )

    assert sorted(title[0] for title in titles(session, admin, **filters)) == found


def test_a_filter_by_kabupaten_joins_the_words(session: Session, admin: Person) -> None:
    here, there = make_enterprise(session), make_enterprise(session, province=HOSTING)
    for firm in (here, there):
        make_listing(session, firm, title=firm.regency_code)

    assert titles(session, admin, "kopra", regency_code=there.regency_code) == [there.regency_code]


def test_nothing_found_names_what_else_there_is(session: Session, admin: Person) -> None:
    make_listing(session, title="Lada hitam", commodity_code="lada-hitam")
    hidden = make_enterprise(session, province=HOSTING, consents=())
    make_listing(session, hidden, title="Cengkih", commodity_code="cengkih")
    office = make_person(session, "office", VISITING)

    empty = queries.search_listings(session, office, GoodsFilters(words="fuli"))
    narrowed = queries.search_listings(session, office, GoodsFilters(words="lada hitam", side="need"))

    assert [(row.called.code, row.count) for row in empty.wider] == [("rempah", 1)]
    assert (list(narrowed.ids), narrowed.outside, empty.outside) == ([], 1, 0)


def test_a_typing_error_proposes_goods(session: Session, admin: Person) -> None:
    found = queries.search_listings(session, admin, GoodsFilters(words="kakoa"))

    assert not found.understood and list(found.ids) == []
    assert any("kakao" in thing.code for thing in found.meant)


def test_changes_are_found_by_the_next_search(session: Session) -> None:
    owner = make_person(session)
    make_enterprise(session, owner)
    admin = make_person(session, "admin")
    listing = make_listing(session, enterprise_of(session, owner), title="Batik tulis", commodity_code=None, quantity=Decimal(1))
    before = titles(session, admin, "batik")

    loaded = queries.listing_seen_by(session, owner, listing.id)
    assert loaded is not None
    details = renamed(loaded, "Songket tenun")
    actions.revise_listing(session, actor=owner, listing=loaded, details=details, now=NOW + timedelta(seconds=5))
    revised = titles(session, admin, "batik"), titles(session, admin, "songket")
    actions.close_listing(session, actor=owner, listing=loaded, now=NOW + timedelta(seconds=6))

    assert before == ["Batik tulis"] and revised == ([], ["Songket tenun"])
    assert titles(session, admin, "songket") == []


def renamed(listing: Listing, title: str) -> ListingDetails:
    return ListingDetails(
        side=listing.side, commodity_code=None, title=title, quantity=listing.quantity, unit_code=listing.unit_code
    )


def test_firms_are_found_by_name_and_by_what_they_trade(session: Session, admin: Person) -> None:
    trades = make_enterprise(session, name="UD Sumber")
    make_listing(session, trades, title="cengke", commodity_code=None)
    make_enterprise(session, name="Cengkih Abadi")
    make_enterprise(session, name="Lain")

    found = queries.search_firms(session, admin, DirectoryFilters(words="cengkeh"))
    literal = queries.search_firms(session, admin, DirectoryFilters(words="cengke", is_literal=True))
    there = queries.search_firms(session, admin, DirectoryFilters(words="sumbre", province_code=HOSTING))

    assert [firm.name for firm in queries.found_firms(session, found.ids)] == ["UD Sumber", "Cengkih Abadi"]
    assert [firm.name for firm in queries.found_firms(session, literal.ids)] == ["UD Sumber"]
    assert list(there.ids) == []
