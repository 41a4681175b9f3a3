"""Owners sign in through the pages: same answer to everybody, one door, one time."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import BrowserSession, Person
from app.accounts.views import load_person
from app.kit.codes import LoginCode
from app.kit.messages import OutgoingMessage
from app.kit.tries import SignInEvent
from tests.accounts.helpers import PHONE, Clock, sent_codes, sign_in, submit, wrong
from tests.checking_client import CheckingClient
from tests.factories import NOW, make_person

NAMES = ("known", "unknown", "blocked", "staff")


def newest_code(session: Session) -> str:
    """The code sent last. A reading session holds the write lock on SQLite, so it is let go on both sides."""
    session.rollback()
    code = sent_codes(session)[-1]
    session.rollback()
    return code


def ask(client: CheckingClient, identity: str = "0812-3456-7890", path: str = "/sign-in") -> str:
    response = submit(client, path, identity=identity)
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location


def test_new_owner_registers_with_number_and_code(client: CheckingClient, app_session: Session, time: Clock) -> None:
    where = ask(client)
    response = submit(client, where, code=newest_code(app_session))

    assert response.status_code == 303
    assert response.location == "/register"
    person = app_session.scalars(select(Person)).one()
    assert (person.phone, person.role) == (PHONE, "owner")
    assert client.get("/me").status_code == 200


def test_known_owner_gets_where_they_wanted_to_go(client: CheckingClient, app_session: Session, time: Clock) -> None:
    make_person(app_session, phone=PHONE)
    app_session.commit()
    wanted = client.get("/me")
    assert wanted.location == "/sign-in?next=/me"

    where = ask(client, path=wanted.location)
    response = submit(client, where, code=newest_code(app_session))

    assert response.location == "/me"


def test_all_spellings_of_one_number_are_one_account(
    app: Flask, app_session: Session, time: Clock
) -> None:
    for typed in ("0812-3456-7890", "+62 812 3456 7890", "62812 34567890"):
        browser = app.test_client()
        assert isinstance(browser, CheckingClient)
        submit(browser, ask(browser, typed), code=newest_code(app_session))
        time.move(minutes=2)

    assert app_session.scalar(select(func.count()).select_from(Person)) == 1


def addresses(session: Session) -> dict[str, str]:
    made = {
        "known": make_person(session, phone="+6281234567801").phone,
        "unknown": "+6281234567802",
        "blocked": make_person(session, phone="+6281234567803", is_active=False).phone,
        "staff": make_person(session, "admin", phone="+6281234567804").phone,
    }
    session.commit()
    return {name: str(phone) for name, phone in made.items()}


def test_everybody_sees_the_same(app: Flask, app_session: Session, time: Clock) -> None:
    seen: dict[str, list[tuple[object, ...]]] = {}
    for name, phone in addresses(app_session).items():
        browser = app.test_client()
        assert isinstance(browser, CheckingClient)
        answers = [submit(browser, "/sign-in", identity=phone)]
        answers.append(browser.get("/sign-in/code"))
        answers.append(submit(browser, "/sign-in/code", code="000000"))
        answers.append(submit(browser, "/sign-in/again"))
        seen[name] = [
            (answer.status_code, answer.location, sorted(answer.headers.keys()), without_own(answer.get_data(as_text=True)))
            for answer in answers
        ]

    assert [answer[0] for answer in seen["known"]] == [303, 200, 200, 303]
    assert seen["known"] == seen["unknown"] == seen["blocked"] == seen["staff"]


def without_own(page: str) -> str:
    """The page without the number that was typed and the tokens of this browser."""
    page = re.sub(r"0812-3456-780\d", "NUMBER", page)
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", page)


def test_only_owners_and_new_people_get_a_message(app: Flask, app_session: Session, time: Clock) -> None:
    found = addresses(app_session)
    for phone in found.values():
        browser = app.test_client()
        assert isinstance(browser, CheckingClient)
        ask(browser, phone)

    app_session.rollback()
    assert set(app_session.scalars(select(OutgoingMessage.recipient))) == {found["known"], found["unknown"]}
    assert app_session.scalar(select(func.count()).select_from(LoginCode)) == 4


def test_wrong_code_is_counted_and_said(client: CheckingClient, app_session: Session, time: Clock) -> None:
    where = ask(client)
    code = newest_code(app_session)

    answers = [submit(client, where, code=wrong(code)) for _ in range(5)]
    last = submit(client, where, code=code)

    assert [answer.status_code for answer in answers] == [200] * 5
    assert "Masih bisa dicoba 4 kali" in answers[0].get_data(as_text=True)
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    assert "Minta kode baru" in last.get_data(as_text=True)
    assert client.get("/me").status_code == 303
    app_session.rollback()
    assert app_session.scalar(select(func.count()).select_from(SignInEvent).where(SignInEvent.kind == "check")) == 5


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1" * 4000])
def test_what_cannot_be_a_code_costs_nothing(
    client: CheckingClient, app_session: Session, time: Clock, typed: str
) -> None:
    where = ask(client)

    response = submit(client, where, code=typed)

    assert response.status_code == 422
    app_session.rollback()
    assert app_session.scalars(select(LoginCode.attempts)).one() == 0


def test_expired_code_says_so(client: CheckingClient, app_session: Session, time: Clock) -> None:
    where = ask(client)
    time.move(minutes=10)

    response = submit(client, where, code=newest_code(app_session))

    assert response.status_code == 422
    assert "tidak berlaku" in response.get_data(as_text=True)


def test_code_works_only_in_the_browser_that_asked(app: Flask, app_session: Session, time: Clock) -> None:
    first, second = app.test_client(), app.test_client()
    assert isinstance(first, CheckingClient)
    assert isinstance(second, CheckingClient)
    where = ask(first)

    response = submit(second, "/sign-in/code", code=newest_code(app_session))
    assert response.location == "/sign-in"
    assert submit(first, where, code=newest_code(app_session)).status_code == 303


def test_code_can_be_sent_again_after_a_minute(client: CheckingClient, app_session: Session, time: Clock) -> None:
    where = ask(client)
    first = newest_code(app_session)

    early = client.send("/sign-in/again", token_from=where)
    page = client.get(early.location).get_data(as_text=True)
    time.move(seconds=61)
    client.send("/sign-in/again", token_from=where)

    assert "Tunggu 60 detik" in page
    assert 'data-countdown="60"' in page
    second = newest_code(app_session)
    assert submit(client, where, code=first).status_code in (200, 422)
    assert submit(client, where, code=second).status_code == 303


def test_form_sent_twice_sends_one_message(client: CheckingClient, app_session: Session, time: Clock) -> None:
    token = client.token("/sign-in")
    with client.session_transaction() as cookie:
        before = dict(cookie)
    first = client.post("/sign-in", data={"identity": PHONE, "csrf_token": token})
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(before)
    second = client.post("/sign-in", data={"identity": PHONE, "csrf_token": token})

    assert (first.status_code, second.status_code) == (303, 303)
    app_session.rollback()
    assert len(sent_codes(app_session)) == 1


def test_second_browser_within_a_minute_is_told_to_wait(app: Flask, time: Clock) -> None:
    first, second = app.test_client(), app.test_client()
    assert isinstance(first, CheckingClient)
    assert isinstance(second, CheckingClient)
    ask(first)
    time.move(seconds=20)

    response = submit(second, "/sign-in", identity=PHONE)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "40")
    assert "Tunggu 40 detik" in response.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["", "021-555", "<b>", "ibu@", "x" * 3000])
def test_bad_number_is_explained_beside_the_field(client: CheckingClient, typed: str) -> None:
    response = submit(client, "/sign-in", identity=typed)

    assert response.status_code == 422
    assert 'id="identity-error"' in response.get_data(as_text=True)


def test_file_instead_of_a_number_is_no_number(client: CheckingClient) -> None:
    data = {"identity": (BytesIO(b"\x00\xff"), "nomor.txt"), "csrf_token": client.token("/sign-in")}

    assert client.post("/sign-in", data=data, content_type="multipart/form-data").status_code == 422


def test_language_of_the_page_is_the_language_of_the_message(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    client.set_cookie("locale", "en")
    ask(client)
    submit(client, "/sign-in/code", code=newest_code(app_session))

    assert app_session.scalars(select(Person.locale)).one() == "en"


PAYLOADS = [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/%09/evil.example", "javascript:alert(1)", "/%5cevil.example", "http:evil.example", " //evil.example",
    "///evil.example", "/%2f/evil.example", "/\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_next_never_leads_to_another_site(
    client: CheckingClient, app_session: Session, time: Clock, payload: str
) -> None:
    make_person(app_session, phone=PHONE)
    app_session.commit()
    where = client.send("/sign-in", {"identity": PHONE}, query_string={"next": payload}, token_from="/sign-in").location

    response = client.send(
        "/sign-in/code", {"code": newest_code(app_session)}, query_string={"next": payload}, token_from="/sign-in/code"
    )

    assert "evil" not in where
    assert response.status_code == 303
    assert response.location.startswith("/")
    assert not any(word in response.location for word in ("evil", "javascript", "\\", "\n"))


@pytest.mark.parametrize("path", [
    "/sign-in", "/sign-in/code", "/sign-in/again", "/sign-out", "/staff/sign-in", "/staff/second-factor", "/staff/set-up",
])
def test_forms_without_a_token_get_a_page_in_words(client: CheckingClient, path: str) -> None:
    response = client.post(path, data={"identity": PHONE, "code": "123456"})

    assert response.status_code == 400
    assert "terlalu lama terbuka" in response.get_data(as_text=True)


def test_token_of_another_browser_is_refused(app: Flask, client: CheckingClient) -> None:
    other = app.test_client()
    assert isinstance(other, CheckingClient)
    client.get("/sign-in")

    assert client.post("/sign-in", data={"identity": PHONE, "csrf_token": other.token("/sign-in")}).status_code == 400


def test_signing_in_starts_the_browser_anew(client: CheckingClient, app_session: Session, time: Clock) -> None:
    where = ask(client)
    with client.session_transaction() as cookie:
        cookie["planted"] = "before"
        old_token = cookie["csrf_token"]
    submit(client, where, code=newest_code(app_session))

    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert "code" not in cookie
        assert cookie.get("csrf_token") != old_token
        assert cookie.permanent


def test_cookie_replayed_after_signing_out_is_dead(app: Flask, client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()
    sign_in(client, person)
    stolen = client.get_cookie("titik")
    assert stolen is not None
    assert client.get("/me").status_code == 200

    assert client.send("/sign-out", token_from="/me").status_code == 303

    thief = app.test_client()
    thief.set_cookie("titik", stolen.value)
    assert thief.get("/me").status_code == 303
    assert client.get("/me").status_code == 303


def test_signing_out_twice_is_no_error(client: CheckingClient) -> None:
    assert client.send("/sign-out", token_from="/sign-in").status_code == 303


def test_cookie_is_kept_from_scripts_and_other_sites(client: CheckingClient) -> None:
    header = client.get("/sign-in").headers["Set-Cookie"]

    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_who_is_signed_in_needs_no_sign_in_page(client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()
    sign_in(client, person)

    for path in ("/sign-in", "/sign-in/code", "/staff/sign-in"):
        assert client.get(path).status_code == 303


def test_expired_session_is_explained(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person = make_person(app_session)
    app_session.commit()
    sign_in(client, person)
    time.move(days=30)

    response = client.get("/me", follow_redirects=True)

    assert "sudah habis" in response.get_data(as_text=True)
    assert response.request.args["next"] == "/me"


def test_signed_out_cookie_can_sign_in_again(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person = make_person(app_session, phone=PHONE)
    app_session.commit()
    sign_in(client, person)
    time.move(days=31)

    submit(client, ask(client), code=newest_code(app_session))

    assert client.get("/me").status_code == 200


def test_forwarded_address_counts_only_behind_a_known_proxy(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    client.post(
        "/sign-in", data={"identity": PHONE, "csrf_token": client.token("/sign-in")},
        headers={"X-Forwarded-For": "198.51.100.7"},
    )

    app_session.rollback()
    assert app_session.scalars(select(SignInEvent.network)).one() == "127.0.0.0/24"


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.9", "203.0.113.0/24"), ("unix:", "unknown"),
])
def test_neighbours_count_as_one_network(
    client: CheckingClient, app_session: Session, time: Clock, address: str, network: str
) -> None:
    client.post(
        "/sign-in", data={"identity": PHONE, "csrf_token": client.token("/sign-in")},
        environ_overrides={"REMOTE_ADDR": address},
    )

    app_session.rollback()
    assert app_session.scalars(select(SignInEvent.network)).one() == network


def test_number_that_cannot_be_reached_is_said_before_a_code_is_made(
    app: Flask, client: CheckingClient, app_session: Session
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], code_channel="smtp", smtp_url="smtp://x", gateway_url="")

    response = submit(client, "/sign-in", identity=PHONE)

    assert response.status_code == 422
    assert "Pakai cara lain" in unescape(response.get_data(as_text=True))
    assert app_session.scalars(select(LoginCode)).all() == []


def test_blocked_person_is_out_with_the_next_request(app: Flask, client: CheckingClient, app_session: Session) -> None:
    person = make_person(app_session)
    app_session.commit()
    token = sign_in(client, person)
    person.is_active = False
    app_session.commit()

    assert client.get("/me").status_code == 303
    with app.test_request_context():
        assert load_person(token) is None


def test_browser_sessions_are_kept_as_digests(client: CheckingClient, app_session: Session, time: Clock) -> None:
    submit(client, ask(client), code=newest_code(app_session))

    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    row = app_session.scalars(select(BrowserSession)).one()
    assert token not in row.digest
    assert row.expires_at == NOW + timedelta(days=30)
    assert queries.person_behind(app_session, token, NOW) is not None
