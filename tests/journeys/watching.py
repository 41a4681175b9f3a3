"""A browser that notices everything: faults, foreign requests, bytes; and looks at each page with axe, light and dark."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What a change of colours can break; everything else is the same in both schemes.
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
TALLEST = 12_000
# Pictures of every page are kept where this variable says, for people who look at them.
PICTURES = os.environ.get("TITIK_SHOTS", "")


@dataclass(frozen=True, slots=True)
class Screen:
    """A device: the cheap phone of an owner, or the laptop of an office."""

    width: int
    height: int
    is_phone: bool

    def options(self) -> dict[str, Any]:
        """How Playwright calls these."""
        return {
            "viewport": {"width": self.width, "height": self.height}, "has_touch": self.is_phone,
            "is_mobile": self.is_phone, "locale": "id-ID", "timezone_id": "Asia/Jakarta", "reduced_motion": "reduce",
            "accept_downloads": True,
        }


PHONE = Screen(360, 740, is_phone=True)
LAPTOP = Screen(1280, 800, is_phone=False)


@dataclass
class Watcher:
    """One person's browser. Whatever goes wrong in it is kept in `faults`."""

    context: BrowserContext
    site: str
    screen: Screen
    name: str
    has_script: bool = True
    faults: list[str] = field(default_factory=list)
    bytes_received: int = 0
    bytes_sent: int = 0
    _seen: int = 0

    def open_page(self) -> Page:
        """A new tab whose traffic is counted."""
        page = self.context.new_page()
        line = self.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.loadingFinished", lambda event: self._count(received=int(event["encodedDataLength"])))
        line.on("Network.requestWillBeSent", lambda event: self._count(sent=_size_of_request(event["request"])))
        return page

    def _count(self, *, received: int = 0, sent: int = 0) -> None:
        self.bytes_received += received
        self.bytes_sent += sent

    def watch(self) -> None:
        """Note what browsers otherwise keep to themselves."""
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda fault: self.faults.append(f"script: {fault.error}"))
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.site:
            self.faults.append(f"request to another origin: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")

    def press(self, thing: Locator) -> None:
        """Touch on a phone, click on a laptop."""
        if self.screen.is_phone:
            thing.tap()
        else:
            thing.click()

    def go(self, thing: Locator) -> None:
        """Press what leads to another page, and wait for that."""
        with thing.page.expect_event("load"):
            self.press(thing)

    def look(self, page: Page, name: str) -> None:
        """Find nothing wrong with a page: axe in both colour schemes, no scrolling sideways; and keep its picture."""
        self._seen += 1
        page.wait_for_load_state()
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > self.screen.width:
            self.faults.append(f"{name}: {wide} px wide on a screen of {self.screen.width}")
        if not self.has_script:
            # axe needs scripts; the page is the same as with them.
            self._picture(page, f"{self._seen:02}-{self.name}-{name}")
            return
        # Seen at full height, nothing hides behind the bars that stay at the bottom.
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": self.screen.width, "height": min(max(tall, self.screen.height), TALLEST)})
        for scheme, asked in (
            ("light", {"type": "tag", "values": STANDARDS}), ("dark", {"type": "rule", "values": RULES_OF_COLOUR})
        ):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
            self._picture(page, f"{self._seen:02}-{self.name}-{name}-{scheme}")
            self.faults += [f"{name}, {scheme}: {violation}" for violation in violations(page, asked)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": self.screen.width, "height": self.screen.height})

    def explain(self, fault: Exception) -> None:
        """Say on a failure where this person was, what had gone wrong before, and what the page said."""
        for page in self.context.pages:
            self._picture(page, f"{self._seen:02}-{self.name}-failed")
            said = page.locator("h1, [role=alert], [role=status]").all_inner_texts()
            fault.add_note(f"{self.name} at {page.url}: {' | '.join(said)}")
        for earlier in self.faults:
            fault.add_note(earlier)

    def _picture(self, page: Page, name: str) -> None:
        if PICTURES:
            folder = Path(PICTURES) / str(self.screen.width)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png", full_page=True)


def _size_of_request(request: dict[str, Any]) -> int:
    headers = sum(len(name) + len(str(value)) + 4 for name, value in request["headers"].items())
    return len(request["url"]) + headers + len(request.get("postData", ""))


def violations(page: Page, asked: dict[str, Any]) -> list[str]:
    """What axe finds on a page, one line for each element. Evaluating text is not subject to the page's policy."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("asked => axe.run(document, {runOnly: asked, resultTypes: ['violations']})", asked)
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for rule in found["violations"] for node in rule["nodes"]
    ]


@contextmanager
def watched(browser: Browser, site: str, screen: Screen, name: str, **options: Any) -> Iterator[Watcher]:
    """Open somebody's browser; close it, and fail when anything in it went wrong."""
    context = browser.new_context(**screen.options() | options)
    context.set_default_timeout(15_000)
    watcher = Watcher(context, site, screen, name, has_script=options.get("java_script_enabled", True))
    watcher.watch()
    try:
        yield watcher
    except Exception as fault:
        watcher.explain(fault)
        raise
    finally:
        context.close()
    assert not watcher.faults, "\n".join(watcher.faults)
