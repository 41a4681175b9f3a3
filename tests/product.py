"""The product as its users meet it: a real web server and a real worker, each a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

FLASK = (sys.executable, "-m", "flask", "--app", "app.main")
ENDINGS = {"web": signal.SIGTERM, "worker": signal.SIGINT}
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A product that is up: its address and its processes by name."""

    url: str
    processes: "dict[str, subprocess.Popen[bytes]]"

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """Hold a process still for a while, as a busy machine would."""
        self.processes[name].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.processes[name].send_signal(signal.SIGCONT)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(folder: Path, port: int, database_url: str | None = None) -> dict[str, str]:
    """The settings of a demo installation in a folder of its own; nothing of the caller's database leaks in."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY", "PUBLIC_URL")}
    chosen = {"DATABASE_URL": database_url} if database_url else {}
    return {**kept, **chosen, "TITIK_DEMO": "1", "DATA_DIR": str(folder), "PORT": str(port)}


@contextmanager
def serving(environment: dict[str, str], *programs: str) -> Iterator[Running]:
    """Start `flask web` and other programs, wait until pages come, yield, end them all."""
    folder = Path(environment["DATA_DIR"])
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("web", *programs):
            with (folder / f"{name}.log").open("wb") as log:
                children[name] = subprocess.Popen(
                    [*FLASK, name], env={**environment, "PARENT_PID": str(os.getpid())}, stdout=log, stderr=log
                )
        url = f"http://127.0.0.1:{environment['PORT']}"
        _wait_for(url, children["web"], folder / "web.log")
        yield Running(url, children)
    finally:
        for name, child in children.items():
            child.send_signal(ENDINGS[name])
        for child in children.values():
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def signed_cookie(app: Flask, token: str) -> tuple[str, str]:
    """Name and value of the cookie that a browser would hold after signing in with this token."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return app.config["SESSION_COOKIE_NAME"], signer.dumps({"_user_id": token, "_fresh": True})
