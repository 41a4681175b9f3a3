"""One real Chromium for all browser tests: CHROMIUM, the system's, or the one Playwright installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Bytes and origins are counted: the browser itself must not talk to anybody.
QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)


def _installed() -> str | None:
    given = os.environ.get("CHROMIUM")
    return given or next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start the browser; without a sandbox only for root, where Chromium has none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_installed(), args=[*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        )
        try:
            yield browser
        finally:
            browser.close()
