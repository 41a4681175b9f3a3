"""The switch shows English on every page of an owner, and no Indonesian sentence stays."""

from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from app.config import ROOT
from tests.bench.demo_server import Demo
from tests.journeys.conftest import become
from tests.journeys.watching import PHONE, watched

pytestmark = pytest.mark.browser
SHORT_WORD = 5  # "ton" and "gram" are words of both languages
OWNER_PAGES = (
    "/", "/my/listings", "/my/listings/new?side=need", "/my/partners", "/my/deals", "/my/enterprise", "/register?again=1", "/me",
    "/missions", "/help", "/commodities", "/history",
)


@pytest.fixture(scope="module")
def indonesian() -> frozenset[str]:
    """The sentences and longer words, without blanks to fill, that read differently in English."""
    catalogue = read_po(BytesIO((ROOT / "app/translations/en/LC_MESSAGES/messages.po").read_bytes()))
    return frozenset(
        message.id for message in catalogue
        if isinstance(message.id, str) and len(message.id) > SHORT_WORD and message.id != message.string
        and "%(" not in message.id
    )


def sentences_of(page: Page) -> set[str]:
    """The lines that a person sees or a screen reader says."""
    seen = page.locator("body").inner_text().splitlines() + [page.title().removesuffix(" · Titik Temu")]
    said = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(one => one.ariaLabel)")
    return {line.strip() for line in [*seen, *said]}


def test_owner_reads_english_after_the_switch(chromium: Browser, demo: Demo, indonesian: frozenset[str]) -> None:
    with watched(chromium, demo.url, PHONE, "english") as watcher:
        page = watcher.open_page()
        page.goto(f"{demo.url}/sign-in")
        assert sentences_of(page) & indonesian
        watcher.go(page.get_by_role("button", name="English").locator("visible=true"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in or register")
        become(watcher.context, demo, "owner-a")
        for path in OWNER_PAGES:
            page.goto(f"{demo.url}{path}")
            expect(page.locator("html")).to_have_attribute("lang", "en")
            watcher.look(page, path.strip("/").replace("/", "-").split("?")[0] or "home")
            assert (path, sorted(sentences_of(page) & indonesian)) == (path, [])


def test_indonesian_is_what_everybody_gets_first(chromium: Browser, demo: Demo, indonesian: frozenset[str]) -> None:
    with watched(chromium, demo.url, PHONE, "indonesian") as watcher:
        page = watcher.open_page()
        page.goto(demo.url)
        expect(page.locator("html")).to_have_attribute("lang", "id")
        assert sentences_of(page) & indonesian
