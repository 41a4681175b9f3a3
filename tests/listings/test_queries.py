"""Who sees which firm in the directory, and what the searches find, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.enterprises.values import EnterpriseState, SizeClass, TradeSide
from app.listings import actions, queries
from app.listings.values import DirectoryFilters, ListingState, Side
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person


def names(session: Session, person: object, **filters: str) -> list[str]:
    found = queries.search_firms(session, person, DirectoryFilters(**filters))
    return [firm.name for firm in queries.found_firms(session, found.ids)]


def test_the_directory_shows_what_the_owners_agreed_to(session: Session) -> None:
    make_enterprise(session, province=VISITING, name="A milik sendiri", consents=())
    make_enterprise(session, province=VISITING, name="B sendiri, draf", state=EnterpriseState.DRAFT)
    make_enterprise(session, province=HOSTING, name="C seberang, setuju")
    make_enterprise(session, province=HOSTING, name="D seberang, tidak", consents=())
    make_enterprise(session, province=HOSTING, name="E seberang, draf", state=EnterpriseState.DRAFT)

    own_office, admin = make_person(session, "office", VISITING), make_person(session, "admin")

    assert [name[0] for name in names(session, own_office)] == ["A", "B", "C"]
    assert [name[0] for name in names(session, admin)] == ["A", "B", "C", "D", "E"]


def test_an_owner_finds_only_the_own_firm(session: Session) -> None:
    owner = make_person(session)
    make_enterprise(session, owner, name="Sendiri")
    make_enterprise(session, name="Orang lain")

    assert names(session, owner) == ["Sendiri"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("jaya", ["UD Jaya"]), ("JAYA", ["UD Jaya"]), ("cengke", ["UD Rempah"]), ("fuli", []),
        ("asalan", ["UD Rempah"]), ("50%", ["Toko 50% Murah"]), ("_", []), ("tutup", []),
    ],
)
def test_words_are_looked_for_in_names_listings_and_goods(session: Session, words: str, found: list[str]) -> None:
    make_enterprise(session, name="UD Jaya")
    spices = make_enterprise(session, name="UD Rempah")
    make_listing(session, spices, commodity_code="cengkih", title="Kering asalan")
    make_listing(session, spices, commodity_code=None, title="Barang tutup", state=ListingState.CLOSED)
    make_enterprise(session, name="Toko 50% Murah")
    admin = make_person(session, "admin")

    assert names(session, admin, words=words) == found


def test_filters_narrow_the_directory(session: Session) -> None:
    micro = make_enterprise(session, name="Mikro", size_class=SizeClass.MICRO, trade_side=TradeSide.SELLS)
    make_enterprise(session, name="Tanpa", trade_side=TradeSide.BUYS, state=EnterpriseState.AWAITING_OWNER)
    make_enterprise(session, province=HOSTING, name="Seberang", trade_side=TradeSide.BOTH)
    admin = make_person(session, "admin")

    assert names(session, admin, size_class="micro") == ["Mikro"]
    assert names(session, admin, trade_side="sells") == ["Mikro", "Seberang"]
    assert names(session, admin, state="awaiting_owner") == ["Tanpa"]
    assert names(session, admin, regency_code=micro.regency_code) == ["Mikro", "Tanpa"]


def test_open_listings_are_counted_by_side(session: Session) -> None:
    firm = make_enterprise(session)
    for side, state in ((Side.OFFER, "open"), (Side.OFFER, "open"), (Side.OFFER, "closed"), (Side.NEED, "open")):
        make_listing(session, firm, side, state=ListingState(state))

    counts = queries.counts_of_many(session, [firm.id, "nobody"])

    assert {key: (value.offers, value.needs) for key, value in counts.items()} == {firm.id: (2, 1)}


def test_rows_tell_weight_age_and_staleness(session: Session) -> None:
    firm = make_enterprise(session)
    make_listing(session, firm, unit_code="ton", quantity=Decimal(2), renewed_at=NOW - timedelta(days=181))
    make_listing(session, firm, unit_code="karung", created_at=NOW + timedelta(seconds=1))

    old, new = queries.lines_of(session, firm.id, now=NOW)

    assert (old.kg, old.age_days, old.is_stale) == (1000, 181, True)
    assert (new.kg, new.age_days, new.is_stale) == (None, 0, False)


def test_the_history_holds_the_firm_its_goods_and_its_consents(session: Session) -> None:
    closed = []
    for owner in (make_person(session), make_person(session)):
        made = make_listing(session, make_enterprise(session, owner))
        listing = queries.listing_seen_by(session, owner, made.id)
        actions.close_listing(session, actor=owner, listing=listing, now=NOW)
        closed.append(listing)
    session.flush()

    history = queries.history_of(session, closed[0].enterprise)

    assert [(entry.action, entry.subject_id) for entry in history] == [("listing.close", closed[0].id)]


def test_a_hidden_firms_listing_is_not_found(session: Session) -> None:
    listing = make_listing(session, make_enterprise(session, province=VISITING, consents=()))

    seen = {
        who: queries.listing_seen_by(session, make_person(session, role, province), listing.id) is not None
        for who, role, province in (
            ("own", "office", VISITING), ("other", "office", HOSTING), ("owner", "owner", None), ("admin", "admin", None)
        )
    }

    assert seen == {"own": True, "other": False, "owner": False, "admin": True}
