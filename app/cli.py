"""Operator commands: flask serve, web, worker, seed, doctor, match, accounts."""

import os
import signal
import sqlite3
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.accounts import actions as accounts
from app.accounts.values import DEMO_PASSWORD
from app.cli_match import match
from app.commodities import queries as commodities
from app.config import Settings
from app.demo import load_demo, play_first_days, showcase
from app.kit import clock, proofs
from app.kit.db import Database
from app.kit.processes import Program, end_with_parent, is_port_free, run_together
from app.matching import actions as matching
from app.matching import queries as matching_queries
from app.missions import queries as missions
from app.seed import load_reference_lists, upgrade

LARGEST_REQUEST = 8 * 1024 * 1024  # create_app() answers with a page from 2 MB on; this one ends the connection
SQLITE_WITHOUT_WAL_RACE = (3, 51, 3)
people = AppGroup("accounts", help="Staff accounts.")


def init_commands(app: Flask) -> None:
    """Attach the commands to `flask`."""
    for command in (serve, web, worker, seed, doctor, match, people):
        app.cli.add_command(command)


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


@click.command()
def serve() -> None:
    """Prepare the database, then run web server and worker until Ctrl-C."""
    settings = _settings()
    if not is_port_free(settings.port):
        raise click.ClickException(
            f"Port {settings.port} is in use. Stop what listens there, or choose another: PORT=5001 make run"
        )
    prepare(settings)
    flask = [sys.executable, "-m", "flask", "--app", "app.main"]
    _announce(settings)
    status = run_together([
        Program("web server", [*flask, "web"], signal.SIGTERM),
        Program("worker", [*flask, "worker"], signal.SIGINT),
    ])
    sys.exit(status)


def prepare(settings: Settings) -> None:
    """Migrate, load the lists, and in demo mode load and rank the demo mission; safe to repeat."""
    click.echo("Preparing the database ...")
    upgrade(settings.database_url)
    now = clock.now()
    with _database().unit_of_work() as session:
        load_reference_lists(session)
        is_new = settings.is_demo and load_demo(session, now)
    if is_new:
        click.echo("Ranking the demo mission ...")
        rank_all_open()
        with _database().unit_of_work() as session:
            play_first_days(session, missions.open_missions(session)[0], clock.now())


def rank_all_open() -> None:
    """Rank each open mission that has no ranking yet."""
    with _database().unit_of_work() as session:
        for mission in missions.open_missions(session):
            if matching_queries.last_run(session, mission.id):
                continue
            run = matching.rank_mission(session, mission=mission, now=clock.now())
            click.echo(f"  {mission.name}: {run.proposal_count} proposals, {run.unmet_need_count} needs without one")


def _announce(settings: Settings) -> None:
    click.echo(f"\nTitik Temu: {settings.public_url}  (Ctrl-C stops web server and worker)")
    if settings.is_demo:
        with _database().open(read_only=True) as session:
            accounts_shown = showcase(session)
        click.echo("\nDemo accounts (all invented):")
        for person in accounts_shown:
            province = person.province.short_name if person.province else "-"
            address = person.email if person.password_hash else person.phone
            click.echo(f"  {person.role:<10} {province:<8} {address:<34} {person.name}")
        click.echo(
            f"\nOwners sign in at {settings.public_url}/sign-in with the phone number; the code is shown at"
            f"\n  {settings.public_url}/demo/outbox"
            f"\nStaff sign in at {settings.public_url}/staff/sign-in with e-mail, password"
            f" {DEMO_PASSWORD!r}\n  and the 6-digit code from the same outbox page.\n"
        )
    sys.stdout.flush()


@click.command()
def web() -> None:
    """Run the web server alone (waitress)."""
    import waitress  # noqa: PLC0415  # only the web process needs it

    end_with_parent()
    settings = _settings()
    _read_goods()
    host = os.environ.get("HOST", "127.0.0.1")
    waitress.serve(
        current_app._get_current_object(), host=host, port=settings.port, threads=settings.web_threads,  # type: ignore[attr-defined]
        ident=None, channel_timeout=60, max_request_body_size=LARGEST_REQUEST,
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    )


def _read_goods() -> None:
    """Read the goods once before anybody waits for them.

    A database that is away is no reason to stay away too: pages then answer 503 until it is back.
    """
    with suppress(SQLAlchemyError), _database().open(read_only=True) as session:
        commodities.catalogue(session)


@click.command()
def worker() -> None:
    """Run the background worker alone."""
    end_with_parent()
    _read_goods()
    current_app.extensions["queue"].serve()


@click.command()
def seed() -> None:
    """Migrate the database and load the reference lists (and the demo, when TITIK_DEMO=1)."""
    prepare(_settings())


@click.command()
def doctor() -> None:
    """Say what an operator should know about this installation."""
    settings = _settings()
    database = urlsplit(settings.database_url)
    click.echo(f"database    {database.scheme} {database.hostname or database.path}")
    with _database().open(read_only=True) as session:
        session.execute(text("SELECT 1"))
    if database.scheme.startswith("sqlite"):
        version = sqlite3.sqlite_version_info
        click.echo(f"sqlite      {sqlite3.sqlite_version}")
        if version < SQLITE_WITHOUT_WAL_RACE:
            click.echo("  WARNING   below 3.51.3, which fixes a rare loss in WAL mode: a real mission wants PostgreSQL")
    click.echo(f"demo        {'yes' if settings.is_demo else 'no'}")
    click.echo(f"codes go to {settings.code_channel}")


@people.command("add-admin")
@click.argument("email")
@click.option("--name", required=True)
@click.password_option()
def add_admin(email: str, name: str, password: str) -> None:
    """Create the first admin, who sets up the second factor at the first sign-in."""
    if len(password) < 12:
        raise click.ClickException("The password needs at least 12 characters.")
    password_hash = proofs.hash_password(password)
    with _database().unit_of_work() as session:
        accounts.add_first_admin(session, name=name, email=email, password_hash=password_hash, now=clock.now())
    click.echo(f"{email} can now sign in at /staff/sign-in.")
