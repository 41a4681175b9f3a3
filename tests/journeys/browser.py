"""How a real Chromium is found and started."""

import os
import shutil
from typing import Any

QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]


def chromium_options(_play: Any) -> dict[str, Any]:
    """Return launch options: the system's Chromium where there is one, else Playwright's own."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    # A container's root user cannot use Chromium's own sandbox.
    arguments = QUIET + (["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])
    return {"args": arguments, **({"executable_path": found} if found else {})}
