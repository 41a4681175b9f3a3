"""make bench: speed, memory and weight in one run; figures side by side, never a pass or fail.

    python -m tests.bench [--json FILE] [--only ranking|selection|pages|weight]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import demo_server, pages, weight


def alone(bench: str) -> Any:
    """Run a bench in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        subprocess.run([sys.executable, "-m", f"tests.bench.bench_{bench}", "--json", str(out)], check=True)
        return json.loads(out.read_text())


def main() -> None:
    """Print the figures, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=("ranking", "selection", "pages", "weight"))
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for bench in ("ranking", "selection"):
        if asked.only in (None, bench):
            figures[bench] = alone(bench)
    if asked.only in (None, "pages", "weight"):
        with demo_server.running() as demo:
            if asked.only in (None, "pages"):
                figures["pages"] = pages.measure(demo)
            if asked.only in (None, "weight"):
                figures["weight"] = weight.measure(demo)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
