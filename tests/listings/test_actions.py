"""Changes of offers and needs, on both databases."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.enterprises.models import Enterprise
from app.enterprises.queries import enterprise_of
from app.enterprises.values import EnterpriseState
from app.kit.audit import AuditEntry
from app.kit.errors import NotAllowed, Refused
from app.kit.ids import new_id
from app.listings import actions, policy, queries
from app.listings.models import Listing
from app.listings.values import STALE_AFTER, ListingDetails, ListingState, Period, Side, is_stale
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_listing, make_person

COPRA = ListingDetails(
    side=Side.OFFER, commodity_code="kopra", title="Kopra asap", quantity=Decimal(160), unit_code="karung",
    months=(3, 4), certificates=("halal",),
)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def firm(session: Session) -> Enterprise:
    """An active firm as a page loads it."""
    owner = make_person(session)
    make_enterprise(session, owner, VISITING)
    found = enterprise_of(session, owner)
    assert found is not None
    return found


def trail(session: Session, listing: Listing) -> list[AuditEntry]:
    session.flush()
    own = select(AuditEntry).where(AuditEntry.subject_type == "listing", AuditEntry.subject_id == listing.id)
    return list(session.scalars(own.order_by(AuditEntry.at)))


def test_a_listing_is_added_and_told(session: Session, firm: Enterprise) -> None:
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)

    assert (listing.state, listing.renewed_at, listing.months) == (ListingState.OPEN, NOW, [3, 4])
    assert [entry.action for entry in trail(session, listing)] == ["listing.add"]


def test_the_key_of_the_form_becomes_the_id_once(session: Session, firm: Enterprise) -> None:
    key = new_id()

    made = {actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW, key=key).id
            for _ in range(3)}

    assert made == {key}
    assert session.scalar(select(func.count()).select_from(Listing)) == 1


@pytest.mark.parametrize("key", ["", "kurang", "U" * 20, "i" * 20, "'; drop table listing; --", "0" * 21])
def test_a_key_that_is_none_is_not_used(session: Session, firm: Enterprise, key: str) -> None:
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW, key=key)

    assert listing.id != key and len(listing.id) == 20


def test_two_browsers_with_one_key_make_one_listing(
    session: Session, firm: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_id()
    actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW, key=key)
    session.flush()
    session.expunge_all()
    again = enterprise_of(session, session.get_one(Person, firm.owner_id))
    real, asked = queries.listing_with_id, []

    def not_yet(session: Session, listing_id: str) -> Listing | None:
        asked.append(listing_id)
        return None if len(asked) == 1 else real(session, listing_id)

    monkeypatch.setattr(queries, "listing_with_id", not_yet)
    slower = actions.add_listing(session, actor=again.owner, enterprise=again, details=COPRA, now=NOW, key=key)

    assert slower.id == key
    assert session.scalar(select(func.count()).select_from(Listing)) == 1


def test_all_twelve_months_are_the_whole_year(session: Session, firm: Enterprise) -> None:
    details = replace(COPRA, months=tuple(range(1, 13)))

    assert actions.add_listing(session, actor=firm.owner, enterprise=firm, details=details, now=NOW).months == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"commodity_code": "bukan-barang"}, "commodity_code"), ({"unit_code": "gentong"}, "unit_code"),
        ({"unit_code": None}, "unit_code"), ({"title": "   "}, "title"), ({"months": (0,)}, "months"),
        ({"months": (13,)}, "months"),
    ],
)
def test_what_no_form_should_send_is_refused_too(
    session: Session, firm: Enterprise, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        actions.add_listing(session, actor=firm.owner, enterprise=firm, details=replace(COPRA, **changes), now=NOW)

    assert refusal.value.field == field


def test_a_firm_does_not_fill_the_ranking(
    session: Session, firm: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN_LISTINGS", 1)
    actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)
    session.flush()

    with pytest.raises(Refused):
        actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)


def test_a_change_renews_and_tells_only_what_changed(session: Session, firm: Enterprise) -> None:
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)

    actions.revise_listing(
        session, actor=firm.owner, listing=listing, details=replace(COPRA, price_amount=9000), now=LATER
    )

    assert (listing.price_amount, listing.renewed_at) == (9000, LATER)
    entry = trail(session, listing)[-1]
    assert (entry.before, entry.after) == ({"price_amount": None}, {"price_amount": 9000})


def test_saving_without_a_change_is_written_down_as_a_renewal(session: Session, firm: Enterprise) -> None:
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)

    actions.revise_listing(session, actor=firm.owner, listing=listing, details=COPRA, now=LATER)

    entry = trail(session, listing)[-1]
    assert (entry.action, entry.after) == ("listing.renew", {"renewed_at": str(LATER)})


def test_closing_and_opening_again_keep_the_listing(session: Session, firm: Enterprise) -> None:
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)

    for _ in range(2):
        actions.close_listing(session, actor=firm.owner, listing=listing, now=LATER)
    closed = listing.state
    actions.renew_listing(session, actor=firm.owner, listing=listing, now=LATER + timedelta(hours=1))

    assert (closed, listing.state) == (ListingState.CLOSED, ListingState.OPEN)
    assert [entry.action for entry in trail(session, listing)] == ["listing.add", "listing.close", "listing.renew"]


WHO = [("owner", None, False), ("organiser", VISITING, True), ("office", VISITING, True),
       ("organiser", HOSTING, False), ("office", HOSTING, False), ("admin", None, False)]


@pytest.mark.parametrize(("role", "province", "may"), WHO)
def test_only_own_staff_helps_an_owner(
    session: Session, firm: Enterprise, role: str, province: str | None, may: bool
) -> None:
    person = make_person(session, role, province)
    listing = actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)

    assert (policy.can_add(person, firm), policy.can_edit(person, listing)) == (may, may)
    if may:
        return
    for change in (
        lambda: actions.add_listing(session, actor=person, enterprise=firm, details=COPRA, now=NOW),
        lambda: actions.revise_listing(session, actor=person, listing=listing, details=COPRA, now=NOW),
        lambda: actions.close_listing(session, actor=person, listing=listing, now=NOW),
        lambda: actions.renew_listing(session, actor=person, listing=listing, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_a_closed_firm_adds_nothing(session: Session, firm: Enterprise) -> None:
    firm.state = EnterpriseState.CLOSED

    with pytest.raises(NotAllowed):
        actions.add_listing(session, actor=firm.owner, enterprise=firm, details=COPRA, now=NOW)


def test_a_listing_goes_stale_after_half_a_year() -> None:
    assert not is_stale(NOW - STALE_AFTER, NOW)
    assert is_stale(NOW - STALE_AFTER - timedelta(seconds=1), NOW)


@pytest.mark.parametrize(
    ("changes", "kg"),
    [
        ({"quantity": Decimal("2.5"), "unit_code": "ton"}, 2500), ({"quantity": Decimal(12), "unit_code": "ton", "period": Period.YEAR}, 1000),
        ({"quantity": Decimal(3), "unit_code": "kg", "period": Period.WEEK}, 13), ({"unit_code": "lembar"}, None),
        ({"quantity": Decimal(4), "unit_code": "ton", "period": Period.SEASON}, 4000), ({"quantity": None}, None),
    ],
)
def test_amounts_come_to_kilograms_a_month(session: Session, changes: dict[str, object], kg: float | None) -> None:
    listing = make_listing(session, **changes)

    found = queries.monthly_kg(session, listing)

    assert found == (None if kg is None else pytest.approx(kg))
