"""Traps that the chosen parts set and others fell into, one test for each that no other file holds.

The world of this file is loud: every text that a person can type carries markup, template signs and format signs.
"""

import html
import importlib
import inspect
import io
import logging
import re
import shutil
import time as stopwatch
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask, abort
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts import actions as accounts
from app.accounts.models import Person
from app.accounts.values import MyDetails, PasswordTry, Purpose, Role, StaffDetails
from app.config import DEMO_SECRET_KEY, ROOT, BadSetting, read_settings
from app.deals import actions as deals
from app.deals import queries as deal_queries
from app.enterprises import actions as enterprises
from app.enterprises import queries as enterprise_queries
from app.enterprises.models import Enterprise
from app.enterprises.values import AssistDetails, BasicDetails, MoreDetails, TradeSide
from app.evaluation.queries import heard_decisions
from app.kit import audit, proofs
from app.kit.audit import AuditEntry
from app.kit.db import Base, GuardedSession
from app.kit.ids import new_id
from app.kit.messages import OutgoingMessage
from app.kit.tries import SignInEvent
from app.learning import actions as learning
from app.learning.models import RankingModel
from app.listings import actions as listings
from app.listings import queries as listing_queries
from app.listings.values import ListingDetails, Side
from app.main import create_app
from app.matching import actions as matching
from app.matching import queries as matching_queries
from app.matching.models import DecisionBatch, PartnerAnswer
from app.matching.values import Answer, Decision
from app.missions import actions as missions
from app.missions import queries as mission_queries
from app.missions.values import Funding, MissionDetails, ParticipationDetails
from app.web import access
from app.web.database import get_session
from tests.checking_client import CheckingClient, problems_of
from tests.conftest import settings_for
from tests.deals.helpers import details as deal_details
from tests.deals.helpers import make_deal, make_scene
from tests.factories import ELSEWHERE, HOSTING, VISITING, make_consents, make_person, regency_of
from tests.rules.test_access import address, body, outcome, rows
from tests.rules.world import MOMENT, World, open_world

PAYLOAD = "zzmark\"'><svg/onload=alert(1)>{{7*7}}{0.__class__}%(x)s%s"
# Columns that hold what somebody typed. A new column with text needs a place here or among the others below.
TYPED = {
    "audit_entry": {"reason"}, "mission": {"name", "venue", "host_city"}, "person": {"name"},
    "enterprise": {"name", "about"}, "listing": {"title", "description", "packing"}, "participation": {"nominated_by"},
    "deal_entry": {"goods", "value_reason", "form_number", "note", "reason"}, "outgoing_message": {"subject", "body"},
    "job": {"error"},
}
# Columns whose words come from us or are checked to be numbers, addresses and codes.
OURS = {
    "audit_entry": {"actor_id", "actor_name", "action", "subject_type", "subject_id"},
    "job": {"kind", "subject", "created_by"}, "outgoing_message": {"channel", "recipient"},
    "login_code": {"identity", "digest"}, "sign_in_event": {"kind", "identity", "network"},
    "person": {"phone", "email", "password_hash", "totp_secret", "locale"}, "consent": {"version", "recorded_by"},
    "enterprise": {"nib", "npwp", "owner_gender"}, "ranking_run": {"model_version"}, "ranking_model": {"champion_version"}, "recovery_code": {"digest"},
    "deal": {"idempotency_key"},
    "commodity_family": {"name_id", "name_en"}, "province": {"name", "short_name", "time_zone"},
    "unit": {"name_id", "name_en", "kind"}, "commodity": {"name_id", "name_en", "hs_heading", "kbki_code"},
    "commodity_family_word": {"word"}, "commodity_group": {"name_id", "name_en"}, "commodity_group_word": {"word"},
    "commodity_group_member": {"member_code"},
    "other_mission": {"name", "venue", "host_city", "notes"},
    "regency": {"name", "kind", "capital", "island"}, "commodity_unit": {"note"}, "commodity_word": {"word"},
    "mission_source": {"url"}, "published_total": {"notes"},
}


def make_loud(session: Session) -> None:
    """Put the payload into every typed text of new rows."""

    def shout(flushed: Session, *_: Any) -> None:
        for row in flushed.new:
            for name in TYPED.get(row.__tablename__, ()):
                setattr(row, name, f"{getattr(row, name) or ''}{PAYLOAD}")

    event.listen(session, "before_flush", shout)


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, still_clock: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The whole product with loud words in it, on SQLite."""
    folder = tmp_path_factory.mktemp("loud")
    shutil.copyfile(sqlite_template, folder / "loud.db")
    app = create_app(settings_for(f"sqlite:///{folder / 'loud.db'}", folder, public_url="http://titik.example"))
    app.testing = False
    with open_world(app, make_loud) as opened:
        yield opened
    app.extensions["database"].engine.dispose()


def pages(world: World) -> Iterator[tuple[str, str, Any]]:
    """Ask for every page as everybody who may see it: (who, address, answer)."""
    for row in rows():
        if row.method != "GET" or row.endpoint == "static":
            continue
        path = address(world, row.endpoint, row.thing)
        for who, expected in row.cells.items():
            if expected == "o":
                yield who, path, world.ask(who, "GET", path)
    for who in ("newcomer", "drafter", "waiting"):
        for path in ("/", "/me", "/register", "/register/needs", "/register/consent", "/register/confirm", "/missions"):
            yield who, path, world.ask(who, "GET", path)


# --- text stays text ----------------------------------------------------------------------------------------------


def test_every_column_with_text_is_typed_or_ours() -> None:
    from sqlalchemy import Enum, String

    for table in Base.metadata.sorted_tables:
        keys = {column.name for column in table.columns if column.foreign_keys or column.primary_key}
        words = {
            column.name for column in table.columns if isinstance(column.type, String) and not isinstance(column.type, Enum)
        }
        assert words - keys == TYPED.get(table.name, set()) | OURS.get(table.name, set()), table.name


def test_what_people_type_is_shown_and_never_run(world: World) -> None:
    """On every page of everybody: no raw markup, nothing evaluated, nothing formatted, nothing escaped twice."""
    shown: dict[str, int] = {}
    with world.taken_back() as session:
        _write_down_a_change(world, session)
        for who, path, answer in pages(world):
            if answer.mimetype != "text/html":
                continue
            assert "<svg/onload" not in answer.text, (who, path)
            problems = problems_of(answer.text) if "<!doctype" in answer.text[:200].lower() else []
            assert problems == [], (who, path, problems)
            for found in re.finditer("zzmark", answer.text):
                part = answer.text[found.start() : found.start() + 600]
                assert html.unescape(unquote(part)).startswith(PAYLOAD), (who, path, part[:200])
                shown[answer.request.path] = shown.get(answer.request.path, 0) + 1

    assert len(shown) >= 30, "the loud words no longer reach the pages"


def _write_down_a_change(world: World, session: Session) -> None:
    """An entry of the trail whose kept values are loud, too."""
    audit.record(
        session, actor=session.get_one(Person, world.rows.people["office_v"].id), action="enterprise.revise",
        subject=("enterprise", world.rows.firms["buyer"].id), now=MOMENT, before={"name": PAYLOAD},
        after={"name": f"{PAYLOAD} baru", "certificates": [PAYLOAD]}, reason=PAYLOAD,
    )
    session.commit()


FORMULAS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://evil.example\")", "http://evil.example", "%0A=1", "|calc",
            "{=1+1}", "\u00a0=1", " =cmd|' /C calc'!A0")


@pytest.mark.parametrize("formula", FORMULAS)
def test_saved_files_hold_no_formula(world: World, formula: str) -> None:
    """From the names and the form of a deal to the file that an office saves."""
    firms, mission = world.rows.firms, world.rows.missions["one"]
    with world.taken_back() as session:
        for key in ("seller", "buyer"):
            session.get_one(Enterprise, firms[key].id).name = formula
        session.get_one(Person, world.rows.people["office_v"].id).name = formula
        session.commit()
        loud = dict.fromkeys(("goods", "value_reason", "form_number", "note"), formula)
        form = body(world, next(row for row in rows() if str(row) == "POST deals.new one"))
        recorded = world.ask(
            "office_v", "POST", address(world, "deals.new", "one"), form | loud | {"commodity_code": "own", "value_amount": "9"}
        )
        assert recorded.status_code in (303, 422), recorded.status_code
        if recorded.status_code == 422:  # another doubt to tick: the page names it
            seen = re.search(r'name="seen"[^>]*value="([^"]+)"', recorded.text)
            again = form | loud | {"commodity_code": "own", "value_amount": "9", "seen": html.unescape(seen[1]) if seen else ""}
            recorded = world.ask("office_v", "POST", address(world, "deals.new", "one"), again)
        assert recorded.status_code == 303
        book, plain = (
            world.ask("office_v", "GET", f"/missions/{mission.id}/deals.{kind}").data for kind in ("xlsx", "csv")
        )

    cells = [cell for sheet in openpyxl.load_workbook(io.BytesIO(book)) for line in sheet.iter_rows() for cell in line]
    assert any(formula.strip() in str(cell.value) for cell in cells)
    assert [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert not [name for name in archive.namelist() if "external" in name.lower() or name.endswith("vbaProject.bin")]
        assert not [name for name in archive.namelist() if b'TargetMode="External"' in archive.read(name)]
    starts = [cell.strip('"').lstrip(" \u00a0") for line in plain.decode("utf-8-sig").splitlines() for cell in line.split(";")]
    assert [cell for cell in starts if cell.startswith(("=", "+", "-", "@", "|", "%"))] == []


# --- phone numbers ------------------------------------------------------------------------------------------------


def _numbers(answer: Any) -> str:
    """Return what a page or file says with everything out that stands between digits."""
    content = answer.data
    if answer.mimetype.endswith("sheet"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return re.sub(r"(?<=\d)[-. \u00a0]+(?=\d)", "", content.decode())


def _owners(world: World) -> dict[str, tuple[str, str]]:
    """Return firm → the national digits of its owner's number and the firm's province."""
    with world.taken_back() as session:
        found = session.scalars(select(Enterprise).options(enterprise_queries.WITH_PLACE, *enterprise_queries.WITH_PEOPLE))
        return {firm.id: (str(firm.owner.phone)[3:], firm.regency.province_code) for firm in found}


def _may_read(world: World, who: str, firm_id: str, path: str) -> bool:
    """Admins read numbers, staff those of their own province, owners their own; a pair each other's on one page."""
    firms = world.rows.firms
    provinces = {"v": VISITING, "h": HOSTING, "x": ELSEWHERE}
    own = {"party": "buyer", "neighbour": "neighbour", "partner": "seller", "drafter": "drafted", "waiting": "waiting"}
    if who == "admin" or provinces.get(who[-1] if "_" in who else "") == _owners(world)[firm_id][1]:
        return True
    if who in own and firms[own[who]].id == firm_id:
        return True
    pair = {"party": "seller", "partner": "buyer"}
    return path == "/my/partners" and who in pair and firms[pair[who]].id == firm_id


def test_no_number_of_an_owner_reaches_anybody_else(world: World) -> None:
    owners, leaks, seen = _owners(world), [], 0
    for who, path, answer in pages(world):
        said = _numbers(answer)
        for firm_id, (digits, _) in owners.items():
            if digits in said:
                seen += 1
                if not _may_read(world, who, firm_id, path):
                    leaks.append((who, path))

    assert leaks == []
    assert seen >= 10, "the search no longer finds what is there"


@pytest.mark.parametrize("missing", [None, "consent_of_buyer", "consent_of_seller", "answer", "refusal", "decision"])
def test_a_pair_gets_its_numbers_only_with_both_answers_and_both_consents(world: World, missing: str | None) -> None:
    found, owners = world.rows, _owners(world)
    theirs = {"party": owners[found.firms["seller"].id][0], "partner": owners[found.firms["buyer"].id][0]}
    with world.taken_back() as session:
        answers = session.scalars(select(PartnerAnswer).where(PartnerAnswer.proposal_id == found.proposals["one"].id)).all()
        if missing in ("consent_of_buyer", "consent_of_seller"):
            owner = found.people["party" if missing == "consent_of_buyer" else "partner"]
            make_consents(session, owner, Purpose.PARTNERS, now=MOMENT)
        elif missing == "answer":
            session.delete(answers[0])
        elif missing == "refusal":
            answers[1].answer = Answer.NOT
        elif missing == "decision":
            session.get_one(type(found.proposals["one"]), found.proposals["one"].id).state = "rejected"
        session.commit()
        read = [
            (who, path) for who, digits in theirs.items()
            for path in ("/my/partners", "/", "/my/deals", f"/deals/{found.deals['one'].id}", "/missions", "/me/data.json")
            if digits in _numbers(world.ask(who, "GET", path))
        ]

    assert read == ([("party", "/my/partners"), ("partner", "/my/partners")] if missing is None else [])


# --- browsers, caches and other people's addresses ------------------------------------------------------------------


def test_nothing_of_a_signed_in_person_is_kept_by_a_cache(world: World) -> None:
    for who, path, answer in pages(world):
        if who != "nobody":
            assert answer.headers["Cache-Control"] == "no-store", (who, path)
        assert "Cookie" in answer.headers["Vary"], (who, path)
    for path in ("/no-such-page", "/staff", f"/deals/{world.rows.deals['two'].id}"):
        assert world.ask("party", "GET", path).headers["Cache-Control"] == "no-store"


def test_the_host_of_a_request_is_never_repeated(world: World) -> None:
    """Neither in pages and redirects nor in what is sent to people."""
    false = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for row in rows():
        who = next((name for name, cell in row.cells.items() if cell in "os"), None)
        form = body(world, row) if row.method == "POST" else None
        for path in (address(world, row.endpoint, row.thing),) if who else ():
            with world.taken_back() as session:
                answer = world.ask(who or "", row.method, path, form, headers=false)
                sent = "".join(session.scalars(select(OutgoingMessage.body)))
                assert b"evil.example" not in answer.data + answer.headers.get("Location", "").encode(), str(row)
                assert "evil.example" not in sent, str(row)
    doubled = world.ask("admin", "GET", "/", headers=false, environ_overrides={"PATH_INFO": "//missions"})
    assert "Location" not in doubled.headers and "evil" not in doubled.text
    waiting = world.ask("office_v", "GET", "/enterprises/new", headers=false).text
    assert "titik.example" in unquote(waiting), "the invitation names the address from the settings"


def test_cookies_belong_to_this_host_and_to_https(sqlite_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(sqlite_url, tmp_path, public_url="https://titik.example"))
    client = app.test_client()
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    chosen = client.post("/language", data={"locale": "en", "csrf_token": token[1]}, headers={"Cookie": _cookie(page)})

    session_cookie, language = page.headers["Set-Cookie"], chosen.headers.getlist("Set-Cookie")
    assert session_cookie.startswith("__Host-titik=")
    for cookie in (session_cookie, *language):
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")[1:]), cookie
        assert "domain" not in cookie.lower()
    assert any(cookie.startswith("locale=en") for cookie in language)
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    app.extensions["database"].engine.dispose()


def _cookie(answer: Any) -> str:
    return str(answer.headers["Set-Cookie"].partition(";")[0])


@pytest.mark.parametrize(("proxies", "network"), [(0, "127.0.0.0/24"), (1, "198.51.100.0/24")])
def test_a_forwarded_address_is_believed_from_a_known_proxy_only(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: int, network: str
) -> None:
    """In the limits and in the log; what the client itself put in front of the proxy's word never counts."""
    app = create_app(settings_for(sqlite_url, tmp_path, trusted_proxies=proxies))
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/staff/sign-in").text)
    with caplog.at_level(logging.INFO):
        client.post(
            "/staff/sign-in", data={"email": "a@b.example", "password": "salah semua", "csrf_token": token[1] if token else ""},
            headers={"X-Forwarded-For": "203.0.113.66, 198.51.100.7", "X-Real-IP": "203.0.113.66"},
        )

    with app.extensions["database"].open() as session:
        assert session.scalars(select(SignInEvent.network)).all() == [network]
    assert network in caplog.text and "203.0.113" not in caplog.text
    app.extensions["database"].engine.dispose()


# --- sign-in and rights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "change-me", "x" * 31, DEMO_SECRET_KEY])
def test_a_real_installation_refuses_a_weak_secret(key: str) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        read_settings({"SECRET_KEY": key})

    assert read_settings({"SECRET_KEY": "a" * 20 + "b" * 20}).secret_key == "a" * 20 + "b" * 20
    assert read_settings({"TITIK_DEMO": "1"}).secret_key == DEMO_SECRET_KEY


def test_no_secret_written_in_the_repository_starts_a_real_installation() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile", ROOT / ".ci" / "run"]
    found = {key for path in texts for key in re.findall(r"SECRET_KEY\s*[=:]\s*['\"]?([\w.+/-]{8,})", path.read_text())}

    for key in found | {DEMO_SECRET_KEY}:
        with pytest.raises(BadSetting):
            read_settings({"SECRET_KEY": key})


def test_people_of_the_demo_are_nobody_in_a_real_installation(world: World) -> None:
    settings = world.app.config["SETTINGS"]
    with world.taken_back() as session:
        session.get_one(Person, world.rows.people["office_h"].id).is_demo = True
        session.commit()
        assert outcome(world.ask("office_h", "GET", "/me")) == "o"
        try:
            world.app.config["SETTINGS"] = replace(settings, is_demo=False)
            assert outcome(world.ask("office_h", "GET", "/me")) == "s"
            assert outcome(world.ask("office_v", "GET", "/me")) == "o"
        finally:
            world.app.config["SETTINGS"] = settings


def test_an_old_cookie_is_dead_after_signing_out(world: World) -> None:
    with world.taken_back():
        world.ask("party", "POST", "/sign-out", {})
        assert outcome(world.ask("party", "GET", "/me")) == "s"
        assert outcome(world.ask("partner", "GET", "/me")) == "o"


def test_an_old_cookie_is_dead_after_a_block_and_after_a_new_role(world: World) -> None:
    officer = world.rows.people["office_v"]
    form = body(world, next(row for row in rows() if str(row) == "POST accounts.edit_staff officer"))
    for path, data in ((f"/staff/{officer.id}/block", {"reason": "pindah"}), (f"/staff/{officer.id}", form)):
        with world.taken_back():
            assert outcome(world.ask("office_v", "GET", "/me")) == "o"
            assert outcome(world.ask("admin", "POST", path, data)) == "o"
            assert outcome(world.ask("office_v", "GET", "/me")) == "s"


def test_a_moved_officer_has_the_rights_of_the_new_province_alone(world: World) -> None:
    """Nothing of the old office goes along: the officer's row of the table becomes the other office's."""
    wrong = []
    with world.taken_back() as session:
        session.get_one(Person, world.rows.people["office_v"].id).province_code = HOSTING
        session.commit()
        for row in rows():
            if row.method == "GET":
                found = outcome(world.ask("office_v", "GET", address(world, row.endpoint, row.thing)))
                wrong += [(str(row), found)] if found != row.cells["office_h"] else []
        trail = world.ask("office_v", "GET", "/trail?subject=enterprise").text

    assert wrong == []
    assert world.rows.firms["spare"].id not in trail


def test_a_colleague_from_elsewhere_brings_no_secrets_along(world: World) -> None:
    """What an officer once did for a firm stays with the firm's province."""
    with world.taken_back() as session:
        officer = session.get_one(Person, world.rows.people["office_v"].id)
        audit.record(
            session, actor=officer, action="enterprise.complete", subject=("enterprise", world.rows.firms["spare"].id),
            now=MOMENT, before={"annual_turnover": None}, after={"annual_turnover": 987_654_321},
        )
        session.commit()
        assert "987" in world.ask("organiser_v", "GET", "/trail").text
        officer.province_code = HOSTING
        session.commit()
        hosting, visiting = (world.ask(f"organiser_{letter}", "GET", "/trail").text for letter in "hv")

    assert "987654321" not in hosting.replace(".", "")
    assert "987654321" in visiting.replace(".", "")


def test_limits_hold_after_a_restart(sqlite_url: str, tmp_path: Path) -> None:
    statuses = []
    for _start in range(2):
        app = create_app(settings_for(sqlite_url, tmp_path))
        app.test_client_class = CheckingClient
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        for _try in range(6):
            form = {"email": "a@b.example", "password": "salah semua"}
            statuses.append(client.send("/staff/sign-in", form, token_from="/staff/sign-in").status_code)
        app.extensions["database"].engine.dispose()

    assert statuses == [200] * 10 + [429] * 2


# --- bodies that are too large ----------------------------------------------------------------------------------------


def _parts(count: int) -> tuple[bytes, str]:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    return part * count + b"--x--\r\n", "multipart/form-data; boundary=x"


ENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(("content", "kind"), [
    (b"name=" + b"a" * 3_000_000, ENCODED), _parts(30_000), _parts(100_000),
    (b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + b"b" * 1_000_000 + b"\r\n--x--", "multipart/form-data; boundary=x"),
], ids=["3 MB", "30,000 parts", "100,000 parts", "1 MB field"])
@pytest.mark.parametrize("path", ["/sign-in", "/me", "/no-such-page"])
def test_a_body_that_is_too_large_gets_a_page_at_once(world: World, path: str, content: bytes, kind: str) -> None:
    start = stopwatch.process_time()
    answer = world.ask("party", "POST", path, content, content_type=kind, headers={"X-CSRFToken": world.token})
    seconds = stopwatch.process_time() - start

    assert answer.status_code == 413
    assert "<h1" in answer.text and problems_of(answer.text) == []
    assert seconds < 2


MARKS = "\u0301\u0323" * 450_000


@pytest.mark.parametrize("content", [
    b"name=" + b"a" * 1_900_000, b"a=1&" * 480_000, f"name={MARKS}".encode(), ("name=" + "\ufdfa" * 600_000).encode(),
], ids=["one field", "480,000 fields", "marks to be sorted", "signs that grow"])
@pytest.mark.parametrize(("who", "path", "name"), [
    ("nobody", "/sign-in", "identity"), ("nobody", "/staff/sign-in", "password"), ("party", "/me", "name"),
    ("office_v", "/me/password", "password"), ("party", "/my/listings/new", "title"),
])
def test_a_body_that_is_just_allowed_costs_little(world: World, who: str, path: str, name: str, content: bytes) -> None:
    """Two megabytes of combining marks once held up the whole server for more than a minute."""
    start = stopwatch.process_time()
    answer = world.ask(
        who, "POST", path, content.replace(b"name=", name.encode() + b"="), content_type=ENCODED,
        headers={"X-CSRFToken": world.token},
    )

    assert answer.status_code == 422
    assert stopwatch.process_time() - start < 2


def test_a_lone_carriage_return_costs_little(world: World) -> None:
    start = stopwatch.process_time()
    broken, headers = b"--x\r\n\r\n\r" + b"a" * 1_900_000, {"X-CSRFToken": world.token}
    answer = world.ask("party", "POST", "/me", broken, content_type="multipart/form-data; boundary=x", headers=headers)

    assert answer.status_code in (400, 413, 422)
    assert stopwatch.process_time() - start < 2


# --- what is written down stays, and everything is written down --------------------------------------------------------


@pytest.mark.parametrize("table", ["deal_entry", "audit_entry"])
def test_an_entry_cannot_be_replaced_by_another(session: Session, table: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused in tests/deals; REPLACE and upserts are the ways around them."""
    make_deal(session, make_scene(session))
    session.flush()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    columns = [column.name for column in Base.metadata.tables[table].columns]
    names, same = ", ".join(f'"{name}"' for name in columns), f"SELECT * FROM {table} LIMIT 1"
    ways = [f"INSERT INTO {table} ({names}) {same} ON CONFLICT (id) DO UPDATE SET reason = 'lain'"]
    if is_sqlite:
        ordered = session.execute(text(f"SELECT * FROM {table} LIMIT 1")).keys()
        names = ", ".join(f'"{name}"' for name in ordered)
        where = "WHERE true ON CONFLICT (id) DO UPDATE SET reason = 'lain'"
        ways = [
            f"REPLACE INTO {table} ({names}) {same}", f"INSERT OR REPLACE INTO {table} ({names}) {same}",
            f"INSERT INTO {table} ({names}) SELECT * FROM {table} {where}", f"UPDATE OR REPLACE {table} SET reason = 'lain'",
        ]
    else:
        ordered = session.execute(text(f"SELECT * FROM {table} LIMIT 1")).keys()
        ways = [way.replace(names, ", ".join(f'"{name}"' for name in ordered)) for way in ways]
    for way in ways:
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(way))


def test_a_failed_commit_is_a_fault_and_saves_nothing(
    app: Flask, client: CheckingClient, app_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.accounts.helpers import sign_in

    app.testing = False
    person = make_person(app_session, name="Nama Lama")
    app_session.commit()
    sign_in(client, person)
    token = client.token("/me")

    def fail(_session: Session) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(GuardedSession, "commit", fail)
        answer = client.post("/me", data={"name": "Nama Baru", "locale": "id", "csrf_token": token})

    app_session.refresh(person)
    assert answer.status_code == 500 and "disk" not in answer.text
    assert person.name == "Nama Lama"


def test_an_answer_that_refuses_saves_nothing(app: Flask, client: CheckingClient, app_session: Session) -> None:
    """Whatever was flushed before somebody said no goes away with it."""

    @access.public
    def change_and_refuse() -> None:
        make_person(get_session(), name="Setengah Jadi")
        abort(409)

    app.add_url_rule("/half-done", "half_done", change_and_refuse, methods=["POST"])
    answer = client.send("/half-done", token_from="/sign-in")

    assert answer.status_code == 409
    assert app_session.scalars(select(Person)).all() == []


# Functions that change no deal, decision, role, consent, firm, mission or setting.
NOT_WRITTEN_DOWN = {
    "accounts.start_session": "a browser", "accounts.end_session": "a browser", "accounts.end_sessions": "browsers",
    "accounts.confirm_again": "how fresh a browser is", "accounts.ask_code": "codes and counters",
    "accounts.check_code": "codes and counters; a new account is written down by create_person",
    "accounts.open_password_try": "a counter", "accounts.pass_password": "a counter", "accounts.send_message": "a message",
    "matching.prepare_ranking": "nothing: it only reads", "learning.train_model": "nothing: it only reads",
    "matching.prepare_listing": "nothing: it only reads",
    "matching.store_listing": "proposals of one listing, as store_ranking would; no decision changes",
}
PACKAGES = ("accounts", "commodities", "deals", "enterprises", "evaluation", "home", "learning", "listings", "matching", "missions")


def every_action() -> list[str]:
    """Return the public functions of all action modules that get a session."""
    found = []
    for package in PACKAGES:
        if not (ROOT / "app" / package / "actions.py").exists():
            continue
        module = importlib.import_module(f"app.{package}.actions")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and next(iter(inspect.signature(function).parameters), "") == "session":
                found.append(f"{package}.{name}")
    return found


@pytest.mark.parametrize("name", sorted(set(every_action()) - set(NOT_WRITTEN_DOWN)))
def test_every_act_leaves_an_entry_in_the_trail(world: World, name: str) -> None:
    assert name in ACTS, "a new action needs a line in ACTS, or a reason in NOT_WRITTEN_DOWN"
    with world.taken_back() as session:
        ready = _Actors(world, session)
        before = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        ACTS[name](session, ready)
        session.flush()
        written = session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)).all()

    assert len(written) > before
    assert all(entry.action and entry.subject_id for entry in written)


def test_the_list_of_acts_names_none_that_is_gone() -> None:
    assert set(ACTS) | set(NOT_WRITTEN_DOWN) == set(every_action())


class _Actors:
    """The people and things of the world in one session, loaded as the views load them."""

    def __init__(self, world: World, session: Session) -> None:
        self._rows, self._session = world.rows, session

    def who(self, name: str) -> Person:
        return self._session.get_one(Person, self._rows.people[name].id)

    def mission(self, name: str) -> Any:
        return mission_queries.mission_seen_by(self._session, self.who("admin"), self._rows.missions[name].id)

    def firm(self, name: str) -> Any:
        return enterprise_queries.enterprise_seen_by(self._session, self.who("admin"), self._rows.firms[name].id)

    def listing(self, name: str) -> Any:
        return listing_queries.listing_seen_by(self._session, self.who("admin"), self._rows.listings[name].id)

    def entry(self, name: str) -> Any:
        return deal_queries.deal_seen_by(self._session, self.who("admin"), self._rows.deals[name].id)

    def pair(self, owner: str, name: str) -> Any:
        return matching_queries.pair_to_answer(self._session, self.who(owner), self._rows.proposals[name].id)

    def participation(self, mission: str, firm: str) -> Any:
        return mission_queries.participation_of(self._session, self._rows.missions[mission].id, self._rows.firms[firm].id)

    def proposal_ids(self, name: str) -> list[str]:
        return [self._rows.proposals[name].id]

    def model(self, name: str) -> RankingModel:
        return self._session.get_one(RankingModel, self._rows.models[name].id)

    def batch(self) -> DecisionBatch:
        return self._session.get_one(DecisionBatch, self._rows.batch_id)


def _set_up(session: Session, ready: _Actors) -> Any:
    person = ready.who("office_v")
    person.totp_secret, person.totp_confirmed_at = proofs.random_totp_secret(), None
    session.flush()
    typed = proofs.totp_code(person.totp_secret, proofs.totp_step(MOMENT))
    return accounts.set_up_staff(session, person=person, typed=typed, password_hash="h", network="n", now=MOMENT)


def _use_recovery_code(session: Session, ready: _Actors) -> Any:
    person = ready.who("office_v")
    code = accounts.renew_recovery_codes(session, actor=person, now=MOMENT)[0]
    session.flush()
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    assert accounts.pass_second_factor(session, person=person, typed=code, network="n", now=MOMENT)
    session.flush()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) != before


def _change_password(session: Session, ready: _Actors) -> Any:
    person = ready.who("office_v")
    person.password_hash = "old"
    return accounts.change_password(
        session, actor=person, tried=PasswordTry("x", "old"), password_hash="new", token="t", now=MOMENT
    )


def _first_admin(session: Session, ready: _Actors) -> Any:
    ready.who("admin").is_active = False
    session.flush()
    return accounts.add_first_admin(session, name="Admin", email="a@b.example", password_hash="h", now=MOMENT)


def _unblock(session: Session, ready: _Actors) -> Any:
    ready.who("party").is_active = False
    return accounts.unblock_person(
        session, actor=ready.who("admin"), person=ready.who("party"), reason="salah", now=MOMENT
    )


def _basic(session: Session) -> BasicDetails:
    return BasicDetails("UD Lain", regency_of(session, VISITING), TradeSide.BOTH)


def _plan(name: str = "Misi Lain") -> MissionDetails:
    return MissionDetails(
        name, date(2027, 4, 15), "Aula", "Kota", VISITING, HOSTING, time(8), time(17), time(17), 20, 18, 27
    )


STAFF = StaffDetails("Petugas", None, "petugas@b.example", Role.OFFICE, HOSTING)
OWN = ParticipationDetails("Kadin", Funding.OWN)
KOPRA = ListingDetails(Side.OFFER, "kopra", "Kopra", quantity=Decimal(3), unit_code="ton")
ACTS: dict[str, Callable[[Session, _Actors], Any]] = {
    "accounts.create_person": lambda s, o: accounts.create_person(s, role=Role.OWNER, phone="+6281299990001", now=MOMENT),
    "accounts.register_owner": lambda s, o: accounts.register_owner(
        s, actor=o.who("office_v"), name="Bu", phone="+6281299990002", now=MOMENT),
    "accounts.change_me": lambda s, o: accounts.change_me(s, actor=o.who("party"), details=MyDetails("Bu", "en"), now=MOMENT),
    "accounts.set_up_staff": _set_up,
    "accounts.renew_recovery_codes": lambda s, o: accounts.renew_recovery_codes(s, actor=o.who("office_v"), now=MOMENT),
    "accounts.pass_second_factor": _use_recovery_code,
    "accounts.record_staff_sign_in": lambda s, o: accounts.record_staff_sign_in(
        s, person=o.who("office_v"), network="n", now=MOMENT),
    "accounts.change_password": _change_password,
    "accounts.add_first_admin": _first_admin,
    "accounts.add_staff": lambda s, o: accounts.add_staff(
        s, actor=o.who("admin"), details=STAFF, password_hash="h", now=MOMENT),
    "accounts.change_staff": lambda s, o: accounts.change_staff(
        s, actor=o.who("admin"), person=o.who("office_v"), details=STAFF, now=MOMENT),
    "accounts.block_person": lambda s, o: accounts.block_person(
        s, actor=o.who("admin"), person=o.who("party"), reason="x", now=MOMENT),
    "accounts.unblock_person": _unblock,
    "accounts.reset_sign_in": lambda s, o: accounts.reset_sign_in(
        s, actor=o.who("admin"), person=o.who("office_v"), password_hash="h", reason="x", now=MOMENT),
    "accounts.record_consents": lambda s, o: accounts.record_consents(
        s, actor=o.who("party"), person=o.who("party"), answers={Purpose.PHONE: False}, now=MOMENT),
    "enterprises.register_enterprise": lambda s, o: enterprises.register_enterprise(
        s, actor=o.who("newcomer"), details=_basic(s), now=MOMENT),
    "enterprises.revise_enterprise": lambda s, o: enterprises.revise_enterprise(
        s, actor=o.who("party"), enterprise=o.firm("buyer"), details=_basic(s), now=MOMENT),
    "enterprises.complete_enterprise": lambda s, o: enterprises.complete_enterprise(
        s, actor=o.who("party"), enterprise=o.firm("buyer"), now=MOMENT,
        details=MoreDetails("1234567890123", None, (), "", None, None, 4, None, None, None)),
    "enterprises.assist_enterprise": lambda s, o: enterprises.assist_enterprise(
        s, actor=o.who("office_v"), details=AssistDetails("+6281299990003", "Bu", _basic(s)), now=MOMENT),
    "enterprises.open_enterprise": lambda s, o: enterprises.open_enterprise(
        s, actor=o.who("drafter"), enterprise=o.firm("drafted"), answers=dict.fromkeys(Purpose, True), now=MOMENT),
    "enterprises.verify_enterprise": lambda s, o: enterprises.verify_enterprise(
        s, actor=o.who("office_v"), enterprise=o.firm("buyer"), is_verified=True, now=MOMENT),
    "learning.request_training": lambda s, o: learning.request_training(s, actor=o.who("admin"), now=MOMENT),
    "learning.keep_model": lambda s, o: learning.keep_model(
        s, actor=o.who("admin"), trained=learning.train_model(s, heard=heard_decisions(s)), now=MOMENT),
    "learning.use_model": lambda s, o: learning.use_model(
        s, actor=o.who("admin"), model=o.model("retired"), reason="x", now=MOMENT),
    "learning.return_to_cold_start": lambda s, o: learning.return_to_cold_start(
        s, actor=o.who("admin"), reason="x", now=MOMENT),
    "listings.add_listing": lambda s, o: listings.add_listing(
        s, actor=o.who("party"), enterprise=o.firm("buyer"), details=KOPRA, now=MOMENT),
    "listings.revise_listing": lambda s, o: listings.revise_listing(
        s, actor=o.who("party"), listing=o.listing("need"), details=replace(KOPRA, side=Side.NEED), now=MOMENT),
    "listings.close_listing": lambda s, o: listings.close_listing(
        s, actor=o.who("party"), listing=o.listing("need"), now=MOMENT),
    "listings.renew_listing": lambda s, o: listings.renew_listing(
        s, actor=o.who("party"), listing=o.listing("need"), now=MOMENT),
    "missions.draft_mission": lambda s, o: missions.draft_mission(
        s, actor=o.who("organiser_v"), details=_plan(), now=MOMENT),
    "missions.change_mission": lambda s, o: missions.change_mission(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), details=_plan(), now=MOMENT),
    "missions.open_mission": lambda s, o: missions.open_mission(
        s, actor=o.who("organiser_v"), mission=o.mission("draft"), now=MOMENT),
    "missions.hold_mission": lambda s, o: missions.hold_mission(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), now=MOMENT),
    "missions.add_participants": lambda s, o: missions.add_participants(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), enterprises=[o.firm("spare")], details=OWN, now=MOMENT),
    "missions.remove_participant": lambda s, o: missions.remove_participant(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), participation=o.participation("one", "neighbour"),
        reason="sakit", now=MOMENT),
    "missions.join_mission": lambda s, o: missions.join_mission(
        s, actor=o.who("partner"), mission=o.mission("two"), enterprise=o.firm("seller"), now=MOMENT),
    "matching.rank_mission": lambda s, o: matching.rank_mission(s, mission=o.mission("one"), now=MOMENT),
    "matching.store_ranking": lambda s, o: matching.store_ranking(
        s, mission=o.mission("one"), ranked=matching.prepare_ranking(s, mission=o.mission("one"), now=MOMENT), now=MOMENT),
    "matching.request_ranking": lambda s, o: matching.request_ranking(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), now=MOMENT),
    "matching.decide": lambda s, o: matching.decide(
        s, actor=o.who("organiser_v"), mission=o.mission("one"), ids=o.proposal_ids("open"), decision=Decision.ACCEPT,
        reason=None, seen_at=MOMENT, now=MOMENT),
    "matching.undo": lambda s, o: matching.undo(s, actor=o.who("organiser_v"), batch=o.batch(), now=MOMENT),
    "matching.answer": lambda s, o: matching.answer(
        s, actor=o.who("far"), pair=o.pair("far", "two"), answer=Answer.MAY, reason=None, now=MOMENT),
    "deals.record_deal": lambda s, o: deals.record_deal(
        s, actor=o.who("office_v"), mission=o.mission("one"), key=new_id(), now=MOMENT,
        details=deal_details(o.firm("seller"), o.firm("buyer"), commodity_code=None, goods="Jasa angkut", quantity=None,
                             unit_code=None, unit_price_amount=None, value_amount=50_000_000, value_reason="borongan")),
    "deals.correct_deal": lambda s, o: deals.correct_deal(
        s, actor=o.who("office_v"), entry=o.entry("one"), reason="salah ketik", seen_version=2, now=MOMENT,
        details=deal_details(o.firm("seller"), o.firm("buyer"), quantity=Decimal(2001), unit_code="kg",
                             unit_price_amount=9_500)),
    "deals.void_deal": lambda s, o: deals.void_deal(
        s, actor=o.who("office_v"), entry=o.entry("one"), reason="batal saja", seen_version=2, now=MOMENT),
}
