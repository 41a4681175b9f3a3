"""The demo as its users meet it: a real server process on a fresh database, with people already signed in."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from app.accounts.actions import start_session
from app.accounts.models import Person
from app.accounts.values import Role
from app.config import read_settings
from app.demo import showcase
from app.main import create_app
from app.missions.models import Mission
from app.missions.queries import open_missions


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the server is, who is signed in, and the application for counting queries in this process."""

    url: str
    app: Flask
    cookies: dict[str, str]
    people: dict[str, Person]
    mission: Mission


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(database_url: str | None = None) -> Iterator[Demo]:
    """Prepare the demo, start the server, yield, stop."""
    with tempfile.TemporaryDirectory(prefix="titik-demo-") as folder:
        port = free_port()
        environment = {**os.environ, "TITIK_DEMO": "1", "DATA_DIR": folder, "PORT": str(port)}
        if database_url:
            environment["DATABASE_URL"] = database_url
        flask = [sys.executable, "-m", "flask", "--app", "app.main"]
        subprocess.run([*flask, "seed"], env=environment, check=True, capture_output=True)
        server = subprocess.Popen([*flask, "web"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield _signed_in(url, environment)
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the demo server did not start")


def _signed_in(url: str, environment: dict[str, str]) -> Demo:
    app = create_app(read_settings(environment))
    database = app.extensions["database"]
    cookies: dict[str, str] = {}
    people: dict[str, Person] = {}
    with database.unit_of_work() as session:
        mission = open_missions(session)[0]
        for person in showcase(session):
            key = f"{person.role}-{person.province_code or 'all'}" if person.role is not Role.OWNER else _owner_key(people)
            people[key] = person
            cookies[key] = _cookie(app, start_session(session, person=person, now=datetime.now(UTC)))
    return Demo(url=url, app=app, cookies=cookies, people=people, mission=mission)


def _owner_key(people: dict[str, Person]) -> str:
    return "owner-a" if "owner-a" not in people else "owner-b"


def _cookie(app: Flask, token: str) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True})}"


