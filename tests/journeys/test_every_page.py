"""Every page that a menu or a link leads to, for each role of the demo: it answers, is well made, and axe finds nothing."""

from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import APIRequestContext, Browser

from tests.bench.demo_server import Demo
from tests.checking_client import problems_of
from tests.journeys.conftest import become
from tests.journeys.watching import LAPTOP, PHONE, watched

pytestmark = pytest.mark.browser
DEPTH = 3
MOST_PAGES = 150
# A list of a hundred firms shows the same page a hundred times: a few of them are enough.
MOST_OF_A_KIND = 6


class Links(HTMLParser):
    """The addresses on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        address = dict(attributes).get("href")
        if tag == "a" and address:
            self.found.append(address)


class Crawl:
    """Follows links of one person, breadth first, and remembers one page of each kind."""

    def __init__(self, demo: Demo, request: APIRequestContext) -> None:
        self.demo, self.request = demo, request
        self.faults: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.samples: dict[str, str] = {}
        self._waiting: deque[tuple[str, int]] = deque([(f"{demo.url}/", 0)])
        self._known = {f"{demo.url}/"}

    def run(self) -> None:
        """Follow until the depth, or the number of pages, is reached."""
        while self._waiting and self.kinds.total() < MOST_PAGES:
            address, depth = self._waiting.popleft()
            kind = endpoint_of(self.demo.app, address)
            if self.kinds[kind] >= MOST_OF_A_KIND:
                continue
            self.kinds[kind] += 1
            html = self._open(address)
            if html:
                self.samples.setdefault(kind, address)
                if depth < DEPTH:
                    self._note(address, html, depth + 1)

    def _open(self, address: str) -> str:
        """Return the text of a page, or nothing when it is a file; what is wrong with it is noted."""
        answer = self.request.get(address)
        if answer.status != 200:
            self.faults.append(f"{address}: {answer.status}")
        if not answer.headers["content-type"].startswith("text/html"):
            return ""
        html = answer.text()
        self.faults += [f"{address}: {problem}" for problem in problems_of(html)]
        return html

    def _note(self, address: str, html: str, depth: int) -> None:
        links = Links()
        links.feed(html)
        for link in links.found:
            found = urldefrag(urljoin(address, link)).url
            if found.startswith(f"{self.demo.url}/") and found not in self._known:
                self._known.add(found)
                self._waiting.append((found, depth))


def endpoint_of(app: Flask, address: str) -> str:
    """The name of the page at an address; an address that leads nowhere raises."""
    endpoint, _ = app.url_map.bind("").match(urlsplit(address).path, method="GET")
    return str(endpoint)


ON_THE_PHONE = ("nobody", "owner-a", "owner-b")
ROLES = (*ON_THE_PHONE, "organiser-35", "organiser-82", "office-35", "office-82", "admin-all")
# The other province's people see the same pages with other rows: those are opened, but not looked at again.
TWINS = ("owner-b", "organiser-82", "office-35")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(chromium: Browser, demo: Demo, role: str) -> None:
    with watched(chromium, demo.url, PHONE if role in ON_THE_PHONE else LAPTOP, role) as watcher:
        become(watcher.context, demo, role)
        crawl = Crawl(demo, watcher.context.request)
        crawl.run()
        page = watcher.open_page()
        for kind, address in () if role in TWINS else crawl.samples.items():
            page.goto(address)
            watcher.look(page, kind)
    print(f"\n{role}: {crawl.kinds.total()} pages of {len(crawl.kinds)} kinds")
    assert not crawl.faults, "\n".join(crawl.faults)
    assert crawl.kinds.total() >= 10
