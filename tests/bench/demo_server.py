"""The demo as its users meet it: a real server process on a fresh database, with people already signed in."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from app.accounts.actions import start_session
from app.accounts.models import Person
from app.accounts.values import Role
from app.config import read_settings
from app.demo import showcase
from app.main import create_app
from app.missions.models import Mission
from app.missions.queries import open_missions
from tests.product import FLASK, environment_of, free_port, serving, signed_cookie


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the server is, who is signed in, and the application for counting queries in this process."""

    url: str
    app: Flask
    cookies: dict[str, str]
    people: dict[str, Person]
    mission: Mission


@contextmanager
def running(database_url: str | None = None) -> Iterator[Demo]:
    """Prepare the demo, start the server, yield, stop."""
    with tempfile.TemporaryDirectory(prefix="titik-demo-") as folder:
        environment = environment_of(Path(folder), free_port(), database_url)
        subprocess.run([*FLASK, "seed"], env=environment, check=True, capture_output=True)
        with serving(environment) as product:
            demo = _signed_in(product.url, environment)
            yield demo
            demo.app.extensions["database"].engine.dispose()


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
            name, value = signed_cookie(app, start_session(session, person=person, now=datetime.now(UTC)))
            cookies[key] = f"{name}={value}"
    return Demo(url=url, app=app, cookies=cookies, people=people, mission=mission)


def _owner_key(people: dict[str, Person]) -> str:
    return "owner-a" if "owner-a" not in people else "owner-b"
