"""Staff sign in with two factors, and admins look after their accounts."""

import re
import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.models import Person
from app.kit import proofs
from app.kit.audit import AuditEntry
from app.kit.tries import SignInEvent
from tests.accounts.helpers import PASSWORD, PASSWORD_HASH, Clock, give_sign_in, sign_in, submit, totp
from tests.checking_client import CheckingClient
from tests.factories import HOSTING, NOW, VISITING, make_person

NEW_PASSWORD = "lima perahu satu malam"


def officer(session: Session, **changes: Any) -> tuple[Person, str]:
    person = make_person(session, "office", **changes)
    secret = give_sign_in(person, NOW)
    session.commit()
    return person, secret


def enter_password(client: CheckingClient, person: Person, typed: str = PASSWORD, path: str = "/staff/sign-in") -> Any:
    return submit(client, path, email=person.email, password=typed)


def secret_of(session: Session, person: Person) -> str:
    """The secret that was just made, read without holding on to the database."""
    session.refresh(person)
    session.expunge_all()
    session.rollback()
    return str(person.totp_secret)


def browser(app: Flask) -> CheckingClient:
    made = app.test_client()
    assert isinstance(made, CheckingClient)
    return made


def test_password_and_code_let_staff_in(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, secret = officer(app_session)

    first = enter_password(client, person, path="/staff/sign-in?next=/me")
    second = submit(client, first.location, code=totp(secret, NOW))

    assert first.location == "/staff/second-factor?next=/me"
    assert second.location == "/me"
    assert client.get("/me").status_code == 200
    entry = app_session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id, entry.after) == ("person.sign_in", person.id, {"network": "127.0.0.0/24"})


def test_staff_session_ends_after_twelve_hours(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, secret = officer(app_session)
    submit(client, enter_password(client, person).location, code=totp(secret, NOW))
    with client.session_transaction() as cookie:
        assert not cookie.permanent

    time.move(hours=11, minutes=59)
    assert client.get("/me").status_code == 200
    time.move(minutes=1)
    assert client.get("/me").status_code == 303


def test_password_alone_opens_nothing(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, _ = officer(app_session)
    enter_password(client, person)

    assert client.get("/me").status_code == 303


def test_second_step_without_the_first_starts_over(client: CheckingClient) -> None:
    for path in ("/staff/second-factor", "/staff/set-up"):
        assert client.get(path).location == "/staff/sign-in"


def test_five_minutes_lie_between_the_steps_at_most(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, secret = officer(app_session)
    where = enter_password(client, person).location
    token = client.token(where)
    now = time.move(minutes=5, seconds=1)

    response = client.post(where, data={"code": totp(secret, now), "csrf_token": token})

    assert response.location == "/staff/sign-in"


@pytest.mark.parametrize("change", ["password", "block", "role"])
def test_what_changed_between_the_steps_counts(
    client: CheckingClient, app_session: Session, time: Clock, change: str
) -> None:
    person, secret = officer(app_session)
    where = enter_password(client, person).location
    token = client.token(where)
    match change:
        case "password":
            person.password_hash = "other"
        case "block":
            person.is_active = False
        case _:
            person.role = "owner"  # type: ignore[assignment]
    app_session.commit()

    response = client.post(where, data={"code": totp(secret, NOW), "csrf_token": token})

    assert response.location == "/staff/sign-in"


def test_code_is_refused_the_second_time(app: Flask, app_session: Session, time: Clock) -> None:
    person, secret = officer(app_session)
    code = totp(secret, NOW)
    first, second = browser(app), browser(app)
    submit(first, enter_password(first, person).location, code=code)

    response = submit(second, enter_password(second, person).location, code=f"{code[:3]} {code[3:]}")

    assert response.status_code == 200
    assert "sudah terpakai" in response.get_data(as_text=True)
    assert second.get("/me").status_code == 303


def test_recovery_code_lets_in_once(app: Flask, app_session: Session, time: Clock) -> None:
    person, _ = officer(app_session)
    code = actions.renew_recovery_codes(app_session, actor=person, now=NOW)[0]
    app_session.commit()
    first, second = browser(app), browser(app)

    assert submit(first, enter_password(first, person).location, code=code).status_code == 303
    assert submit(second, enter_password(second, person).location, code=code).status_code == 200


def test_wrong_codes_are_limited(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, secret = officer(app_session)
    where = enter_password(client, person).location
    answers = [submit(client, where, code="000 000").status_code for _ in range(10)]

    last = submit(client, where, code=totp(secret, NOW))

    assert answers == [200] * 10
    assert last.status_code == 429


def test_wrong_passwords_are_limited_and_kept_in_the_database(
    app: Flask, client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person, _ = officer(app_session)
    answers = [enter_password(client, person, "salah").status_code for _ in range(10)]

    last = enter_password(browser(app), person)

    assert answers == [200] * 10
    assert last.status_code == 429
    assert len(app_session.scalars(select(SignInEvent)).all()) == 10


def test_staff_who_are_unknown_blocked_or_owners_get_the_same_words(
    app: Flask, app_session: Session, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, _ = officer(app_session)
    blocked, _ = officer(app_session, is_active=False)
    owner = make_person(app_session, email="ibu@contoh.example")
    app_session.commit()
    checked: list[str] = []
    real = proofs.password_fits

    def watched(hashed: str, typed: str) -> bool:
        checked.append(hashed)
        return real(hashed, typed)

    monkeypatch.setattr(proofs, "password_fits", watched)
    pages = []
    for email in (known.email, blocked.email, owner.email, "tidak.ada@contoh.example"):
        response = submit(browser(app), "/staff/sign-in", email=email, password="salah sekali")
        page = response.get_data(as_text=True).replace(str(email), "")
        pages.append((response.status_code, re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", page)))

    assert len(set(pages)) == 1
    assert pages[0][0] == 200
    # Argon2 ran for each of them, so none answers sooner.
    assert checked == [PASSWORD_HASH, proofs.NOBODYS_HASH, proofs.NOBODYS_HASH, proofs.NOBODYS_HASH]


def test_owners_do_not_come_in_through_the_staff_door(client: CheckingClient, app_session: Session) -> None:
    owner = make_person(app_session, email="ibu@contoh.example", password_hash=PASSWORD_HASH)
    app_session.commit()

    assert enter_password(client, owner).status_code == 200


def test_first_sign_in_sets_up_authenticator_password_and_recovery_codes(
    app: Flask, client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person = make_person(app_session, "office", password_hash=PASSWORD_HASH)
    app_session.commit()

    where = enter_password(client, person).location
    page = client.get(where).get_data(as_text=True)
    secret = secret_of(app_session, person)
    response = submit(client, where, code=totp(secret, NOW), password=NEW_PASSWORD, repeat=NEW_PASSWORD)

    assert where == "/staff/set-up"
    assert secret in page.replace(" ", "")
    assert 'src="data:image/svg+xml' in page
    shown = response.get_data(as_text=True)
    recovery = re.findall(r"<li>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</li>", shown)
    assert len(recovery) == 8
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/me").status_code == 200
    again = browser(app)
    assert enter_password(again, person).status_code == 200
    second = submit(again, enter_password(again, person, NEW_PASSWORD).location, code=recovery[0])
    assert second.status_code == 303


def test_set_up_with_a_wrong_code_or_weak_password_is_shown_again(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person = make_person(app_session, "office", password_hash=PASSWORD_HASH)
    app_session.commit()
    where = enter_password(client, person).location

    weak = submit(client, where, code="123456", password="pendek", repeat="pendek")
    wrong = submit(client, where, code="000000", password=NEW_PASSWORD, repeat=NEW_PASSWORD)

    assert (weak.status_code, wrong.status_code) == (422, 200)
    assert 'id="password-error"' in weak.get_data(as_text=True)
    assert 'id="code-error"' in wrong.get_data(as_text=True)
    assert client.get("/me").status_code == 303


def test_set_up_is_closed_once_it_is_done(client: CheckingClient, app_session: Session, time: Clock) -> None:
    person, _ = officer(app_session)
    enter_password(client, person)

    assert client.get("/staff/set-up").location == "/staff/sign-in"


@pytest.fixture
def writer(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tries to take the write lock whenever Argon2 runs; fails at once if somebody holds it."""
    took: list[str] = []
    path = sqlite_url.removeprefix("sqlite:///")

    def watch(name: str) -> None:
        real = getattr(proofs, name)

        def watched(*args: str) -> Any:
            other = sqlite3.connect(path, timeout=0.2, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            other.close()
            took.append(name)
            return real(*args)

        monkeypatch.setattr(proofs, name, watched)

    watch("password_fits")
    watch("hash_password")
    return took


def test_no_lock_is_held_while_a_password_is_checked(
    client: CheckingClient, app_session: Session, time: Clock, writer: list[str]
) -> None:
    person, _ = officer(app_session)
    # A dead session in the cookie makes the application look it up first, inside the request's transaction.
    sign_in(client, person)
    time.move(hours=13)

    assert enter_password(client, person).status_code == 303
    assert writer == ["password_fits"]


def test_no_lock_is_held_while_a_password_is_hashed(
    client: CheckingClient, app_session: Session, time: Clock, admin: Person, writer: list[str]
) -> None:
    person = make_person(app_session, "office", password_hash=PASSWORD_HASH)
    app_session.commit()
    where = enter_password(client, person).location
    secret = secret_of(app_session, person)
    submit(client, where, code=totp(secret, NOW), password=NEW_PASSWORD, repeat=NEW_PASSWORD)
    submit(client, "/me/password", old=NEW_PASSWORD, password=PASSWORD + "!", repeat=PASSWORD + "!")
    sign_in(client, admin)
    submit(client, "/staff/new", name="Sari", email="sari@contoh.example", role="office", province_code=VISITING)
    submit(client, f"/staff/{person.id}/reset", reason="HP hilang")

    assert writer == [
        "password_fits", "hash_password", "password_fits", "hash_password", "hash_password", "hash_password"
    ]


def test_password_can_be_changed_and_ends_other_browsers(
    app: Flask, client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person, _ = officer(app_session)
    other = browser(app)
    sign_in(client, person)
    sign_in(other, person)

    wrong = submit(client, "/me/password", old="bukan ini", password=NEW_PASSWORD, repeat=NEW_PASSWORD)
    right = submit(client, "/me/password", old=PASSWORD, password=NEW_PASSWORD, repeat=NEW_PASSWORD)

    assert (wrong.status_code, right.status_code) == (200, 303)
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 303


def test_old_password_cannot_be_guessed_from_inside(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person, _ = officer(app_session)
    sign_in(client, person)
    for _ in range(10):
        submit(client, "/me/password", old="bukan ini", password=NEW_PASSWORD, repeat=NEW_PASSWORD)

    assert submit(client, "/me/password", old=PASSWORD, password=NEW_PASSWORD, repeat=NEW_PASSWORD).status_code == 429


# --- accounts of staff ------------------------------------------------------------------------------------------


def test_admin_adds_staff_and_sees_the_password_once(
    client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    sign_in(client, admin)
    values = {"name": "Sari Dewi", "email": "sari@contoh.example", "role": "office", "province_code": VISITING}

    response = submit(client, "/staff/new", **values)
    again = submit(client, "/staff/new", **values)

    shown = re.search(r'translate="no">([a-z0-9]{20})<', response.get_data(as_text=True))
    assert shown
    person = app_session.scalars(select(Person).where(Person.email == "sari@contoh.example")).one()
    assert proofs.password_fits(str(person.password_hash), shown[1])
    assert (again.status_code, 'id="email-error"' in again.get_data(as_text=True)) == (422, True)


def test_staff_page_lists_searches_and_pages(
    client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    for number in range(30):
        make_person(app_session, "office", name=f"Petugas {number:02d}")
    make_person(app_session, name="Ibu Pemilik")
    app_session.commit()
    sign_in(client, admin)

    first = client.get("/staff").get_data(as_text=True)
    second = client.get("/staff?page=2").get_data(as_text=True)
    found = client.get("/staff?q=petugas 07").get_data(as_text=True)
    owners = client.get("/staff?role=owner").get_data(as_text=True)
    nobody = client.get("/staff?q=tidak ada").get_data(as_text=True)

    assert first.count('scope="row"') == 25
    assert second.count('scope="row"') == 6
    assert found.count('scope="row"') == 1
    assert "Ibu Pemilik" in owners
    assert "Ibu Pemilik" not in first
    assert "Tidak ada yang cocok" in nobody


def test_changed_province_signs_the_officer_out(
    app: Flask, client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    person, _ = officer(app_session)
    theirs = browser(app)
    sign_in(theirs, person)
    sign_in(client, admin)
    values = {"name": person.name, "email": person.email, "role": "office", "province_code": HOSTING}

    response = submit(client, f"/staff/{person.id}", **values)

    assert response.status_code == 303
    assert theirs.get("/me").status_code == 303


def test_block_wants_a_reason_and_works_at_once(
    app: Flask, client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    person, _ = officer(app_session)
    theirs = browser(app)
    sign_in(theirs, person)
    sign_in(client, admin)

    without = submit(client, f"/staff/{person.id}/block", reason=" ")
    response = submit(client, f"/staff/{person.id}/block", reason="Pindah tugas")

    assert (without.status_code, response.status_code) == (422, 303)
    assert theirs.get("/me").status_code == 303
    assert client.get(f"/staff/{person.id}").status_code == 200
    submit(client, f"/staff/{person.id}/block", reason="Kembali")
    app_session.refresh(person)
    assert person.is_active


def test_admin_cannot_block_oneself(client: CheckingClient, admin: Person, time: Clock) -> None:
    sign_in(client, admin)

    response = submit(client, f"/staff/{admin.id}/block", reason="Coba")

    assert response.status_code == 403
    assert client.get("/staff").status_code == 200


def test_owner_can_be_looked_up_and_blocked(
    client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    owner = make_person(app_session)
    app_session.commit()
    sign_in(client, admin)

    page = client.get(f"/staff/{owner.id}").get_data(as_text=True)
    response = submit(client, f"/staff/{owner.id}/block", reason="Nomor palsu")

    assert 'name="role"' not in page
    assert response.status_code == 303
    app_session.refresh(owner)
    assert not owner.is_active


def test_reset_leads_to_setting_up_again(
    app: Flask, client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    person, _ = officer(app_session)
    sign_in(client, admin)

    page = submit(client, f"/staff/{person.id}/reset", reason="HP hilang").get_data(as_text=True)

    first = re.search(r'translate="no">([a-z0-9]{20})<', page)
    assert first
    assert enter_password(browser(app), person).status_code == 200
    assert enter_password(browser(app), person, first[1]).location == "/staff/set-up"


@pytest.mark.parametrize("path", ["/staff/new", "/staff/{id}", "/staff/{id}/block", "/staff/{id}/reset"])
def test_weighty_changes_want_a_fresh_code(
    client: CheckingClient, app_session: Session, admin: Person, time: Clock, path: str
) -> None:
    person, _ = officer(app_session)
    sign_in(client, admin)
    now = time.move(minutes=11)
    values = {
        "name": "Nama Baru", "email": "baru@contoh.example", "role": "office", "province_code": VISITING, "reason": "x"
    }
    where = path.format(id=person.id)

    without = submit(client, where, **values)
    wrong = submit(client, where, **values, code="000000")
    right = submit(client, where, **values, code=totp(str(admin.totp_secret), now))

    assert (without.status_code, wrong.status_code) == (422, 200)
    assert 'id="code-error"' in wrong.get_data(as_text=True)
    assert "Sudah saya berikan" in right.get_data(as_text=True) or right.status_code == 303


def test_fresh_code_counts_for_ten_minutes(
    client: CheckingClient, app_session: Session, admin: Person, time: Clock
) -> None:
    sign_in(client, admin)
    now = time.move(minutes=11)
    values = {"name": "Sari", "email": "sari@contoh.example", "role": "office", "province_code": VISITING}
    submit(client, "/staff/new", **values, code=totp(str(admin.totp_secret), now))

    assert 'name="code"' not in client.get("/staff/new").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/staff", "/staff/new", "/staff/{id}", "/staff/{id}/block", "/staff/{id}/reset"])
@pytest.mark.parametrize("role", ["owner", "organiser", "office"])
def test_others_are_shut_out_of_staff_accounts(
    client: CheckingClient, app_session: Session, role: str, path: str
) -> None:
    person, other = make_person(app_session, role), make_person(app_session, "office")
    app_session.commit()
    sign_in(client, person)
    where = path.format(id=other.id)

    assert client.get(where).status_code == 403
    assert client.send(where, {"reason": "x", "role": "admin"}, token_from="/me").status_code in (403, 405)
    app_session.refresh(other)
    assert (other.role, other.is_active) == ("office", True)


def test_unknown_person_is_not_found(client: CheckingClient, admin: Person, time: Clock) -> None:
    sign_in(client, admin)

    assert client.get("/staff/00000000000000000000").status_code == 404


def test_recovery_codes_can_be_renewed_with_a_fresh_code(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person, secret = officer(app_session)
    sign_in(client, person)
    fresh = client.send("/me/recovery-codes", token_from="/me")
    now = time.move(minutes=11)

    wrong = client.send("/me/recovery-codes", {"code": "000000"}, token_from="/me")
    right = client.send("/me/recovery-codes", {"code": totp(secret, now)}, token_from="/me")

    assert fresh.get_data(as_text=True).count("<li>") == 8
    assert wrong.location == "/me"
    assert right.get_data(as_text=True).count("<li>") == 8
    assert queries.count_recovery_codes(app_session, person) == 8


def test_step_before_and_after_are_accepted_at_the_page(
    client: CheckingClient, app_session: Session, time: Clock
) -> None:
    person, secret = officer(app_session)

    response = submit(
        client, enter_password(client, person).location, code=totp(secret, NOW - timedelta(seconds=30))
    )

    assert response.status_code == 303
