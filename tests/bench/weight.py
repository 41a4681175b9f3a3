"""Bytes over the line of each owner page in a real browser: first view (empty cache) and later view."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.bench.demo_server import Demo
from tests.chromium import open_chromium

OWNER_PAGES = ("/", "/my/partners", "/my/listings", "/my/deals", "/my/enterprise", "/me", "/help", "/commodities")
PUBLIC_PAGES = ("/", "/sign-in")
FIRST_LIMIT, LATER_LIMIT = 100_000, 30_000


def measure(demo: Demo) -> dict[str, Any]:
    """Return first and later bytes of each page and print them with the limits."""
    figures: dict[str, Any] = {}
    print("\nWeight of owner pages (bytes received: first view, later view; limits 100,000 and 30,000)")
    with open_chromium() as browser:
        for who, paths in (("nobody", PUBLIC_PAGES), ("owner-a", OWNER_PAGES)):
            for path in paths:
                first, later = _views(browser, demo, path, None if who == "nobody" else demo.cookies[who])
                figures[f"{who} {path}"] = {"first": first, "later": later}
                mark = "" if first < FIRST_LIMIT and later < LATER_LIMIT else "  OVER THE LIMIT"
                print(f"  {who:8} {path:16} {first:7} {later:7}{mark}")
    return figures


def _views(browser: Browser, demo: Demo, path: str, cookie: str | None) -> tuple[int, int]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    if cookie:
        name, value = cookie.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": demo.url}])
    first = _bytes_of(context, demo.url + path)
    later = _bytes_of(context, demo.url + path)
    context.close()
    return first, later


def _bytes_of(context: BrowserContext, url: str) -> int:
    page: Page = context.new_page()
    received: list[float] = []
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    page.close()
    return int(sum(received))
