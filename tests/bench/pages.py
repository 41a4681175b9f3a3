"""The busiest pages at 20 parallel clients against the demo: p50 and p95, as multiples of an empty page."""

import http.client
import statistics
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event

from tests.bench.demo_server import Demo

CLIENTS = 20
ROUNDS = 15


def busiest(demo: Demo) -> list[tuple[str, str, str | None]]:
    """Return (name, path, who) of the pages, the empty page first."""
    staff = next(key for key in demo.cookies if key.startswith("organiser"))
    office = next(key for key in demo.cookies if key.startswith("office"))
    mission = f"/missions/{demo.mission.id}"
    return [
        ("empty page", "/healthz", None), ("landing", "/", None), ("partners of an owner", "/my/partners", "owner-a"),
        ("queue of an organiser", f"{mission}/queue", staff), ("directory", "/enterprises", staff),
        ("totals of an office", f"{mission}/totals", office), ("list of deals", f"{mission}/deals", office),
    ]


def measure(demo: Demo) -> dict[str, Any]:
    """Return figures of each page and print them."""
    figures: dict[str, Any] = {}
    base = 0.0
    print(f"\nPages, {CLIENTS} parallel clients x {ROUNDS} requests (ms; ratio to an empty page; SQL queries; bytes gzip)")
    for name, path, who in busiest(demo):
        cookie = demo.cookies[who] if who else None
        times, errors, size = _load(demo.url, path, cookie)
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
        base = base or p50
        queries = count_queries(demo, path, cookie)
        figures[name] = {"p50_ms": p50, "p95_ms": p95, "ratio": p50 / base, "queries": queries, "errors": errors, "bytes": size}
        print(f"  {name:24} p50 {p50:7.1f}  p95 {p95:7.1f}  x{p50 / base:5.1f}  {queries:3} queries  {errors} errors  {size} B")
    return figures


def _load(url: str, path: str, cookie: str | None) -> tuple[list[float], int, int]:
    times: list[float] = []
    errors: list[int] = []
    sizes: list[int] = []
    lock = threading.Lock()

    def one_client() -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        headers = {"Accept-Encoding": "gzip", **({"Cookie": cookie} if cookie else {})}
        for _ in range(ROUNDS):
            started = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            took = (time.perf_counter() - started) * 1000
            with lock:
                times.append(took)
                sizes.append(len(body))
                if answer.status != 200:
                    errors.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=one_client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(errors), max(sizes)


def count_queries(demo: Demo, path: str, cookie: str | None) -> int:
    """Return the number of statements that one view of a page sends to the database."""
    seen: list[str] = []
    engine = demo.app.extensions["database"].engine

    def note(_c: Any, _cu: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    browser = demo.app.test_client()
    if cookie:
        browser.set_cookie(*cookie.split("=", 1), domain="localhost")
    browser.get(path)  # the lists of goods are read once a process
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200, path
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(1 for statement in seen if statement.lstrip().upper().startswith(("SELECT", "WITH")))
