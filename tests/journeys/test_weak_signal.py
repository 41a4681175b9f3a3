"""A phone that loses the network: what was typed is still there afterwards, and is sent once."""

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Error, Route, expect

from app.listings.models import Listing
from tests.journeys.conftest import Site
from tests.journeys.people import describe_firm, describe_good, owner_at, sign_in_as_owner
from tests.journeys.watching import PHONE

pytestmark = pytest.mark.browser
USUAL_UNITS = 3  # of cloves; without a good there are two


def test_typed_text_survives_a_lost_network(chromium: Browser, site: Site) -> None:
    with owner_at(chromium, site.url, PHONE, phone="081234567004", firm="UD Sinyal Lemah", regency="8204") as owner:
        sign_in_as_owner(owner)
        describe_firm(owner, "sells")
        describe_good(owner, typed="cen", good="cengkih", quantity="750", unit="ton")
        expect(owner.page.locator("[data-draft-state]")).to_have_text("Tersimpan di HP ini, belum terkirim.")
        form = owner.page.url

        owner.watcher.context.set_offline(True)
        with owner.page.expect_event("requestfailed"):
            owner.watcher.press(owner.page.get_by_role("button", name="Lanjut"))
        with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
            owner.page.goto(form)
        owner.watcher.context.set_offline(False)
        owner.page.goto(form)

        expect(owner.page.locator("[name=title]")).to_have_value("cen")
        expect(owner.page.locator("[name=quantity]")).to_have_value("750")
        expect(owner.page.locator("[name=unit_code]")).to_have_value("ton")
        expect(owner.page.locator("[data-draft-state]")).to_have_text("Isian Anda tadi masih ada di HP ini.")
        owner.look("restored")
        owner.go_on("Cari")
        owner.tick("commodity_code", "cengkih")
        owner.go_on("Lanjut")
        expect(owner.page.get_by_role("heading", name="Izin")).to_be_visible()
        assert not owner.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))")
    with site.session() as session:
        (listing,) = session.query(Listing)
        assert (listing.commodity_code, listing.quantity, listing.unit_code) == ("cengkih", Decimal(750), "ton")


def test_a_picked_unit_survives_the_late_list_of_units(chromium: Browser, site: Site) -> None:
    late: list[Route] = []
    with owner_at(chromium, site.url, PHONE, phone="081234567005", firm="UD Jaringan Pelan", regency="8271") as owner:
        sign_in_as_owner(owner)
        describe_firm(owner, "sells")
        owner.page.route("**/commodities/units?*", lambda route: late.append(route))
        describe_good(owner, typed="cen", good="cengkih", quantity="2", unit="ton")
        owner.look("before-the-units")
        for route in late:
            route.continue_()
        expect(owner.page.locator("[name=unit_code] optgroup").first.locator("option")).to_have_count(USUAL_UNITS)
        expect(owner.page.locator("[name=unit_code]")).to_have_value("ton")
