"""Staff: a password, then an authenticator whose codes count once, or a recovery code."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.models import Person, RecoveryCode
from app.kit import proofs
from app.kit.audit import AuditEntry
from app.kit.db import Database
from app.kit.errors import Conflict, NotAllowed
from app.kit.tries import TooManyTries
from tests.accounts.helpers import NETWORK, PASSWORD, PASSWORD_HASH, give_sign_in, totp
from tests.factories import NOW, make_person

STEP = timedelta(seconds=30)


def password_try(session: Session, email: str | None, typed: str = PASSWORD) -> Person | None:
    tried = actions.open_password_try(session, email=email or "", network=NETWORK, now=NOW)
    if not proofs.password_fits(tried.password_hash, typed):
        return None
    return actions.pass_password(session, email=email or "", tried=tried)


def second(session: Session, person: Person, typed: str, now: object = NOW) -> bool:
    return actions.pass_second_factor(session, person=person, typed=typed, network=NETWORK, now=now)  # type: ignore[arg-type]


def test_right_password_is_taken_off_the_count(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)

    for _ in range(15):
        assert password_try(session, person.email) is person


def test_wrong_password_finds_nobody(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)

    assert password_try(session, person.email, "empat kata yang dekat") is None


@pytest.mark.parametrize("kind", ["unknown", "owner", "blocked", "without password"])
def test_others_are_checked_against_nobodys_hash(session: Session, kind: str) -> None:
    emails = {"unknown": "tidak@contoh.example"}
    if kind == "owner":
        emails[kind] = str(make_person(session, email="ibu@contoh.example", password_hash=PASSWORD_HASH).email)
    if kind == "blocked":
        emails[kind] = str(make_person(session, "office", is_active=False, password_hash=PASSWORD_HASH).email)
    if kind == "without password":
        emails[kind] = str(make_person(session, "office").email)

    tried = actions.open_password_try(session, email=emails[kind], network=NETWORK, now=NOW)

    assert tried.password_hash == proofs.NOBODYS_HASH


def test_ten_wrong_passwords_an_hour(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    for number in range(10):
        actions.open_password_try(session, email=str(person.email), network=f"198.51.{number}.0/24", now=NOW)

    with pytest.raises(TooManyTries):
        actions.open_password_try(session, email=str(person.email), network="198.51.77.0/24", now=NOW)


def test_thirty_wrong_passwords_an_hour_from_one_network(session: Session) -> None:
    for number in range(30):
        actions.open_password_try(session, email=f"staf{number}@contoh.example", network=NETWORK, now=NOW)

    with pytest.raises(TooManyTries):
        actions.open_password_try(session, email="lain@contoh.example", network=NETWORK, now=NOW)


def test_password_changed_in_between_does_not_pass(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    tried = actions.open_password_try(session, email=str(person.email), network=NETWORK, now=NOW)
    person.password_hash = "changed"
    session.flush()

    assert actions.pass_password(session, email=str(person.email), tried=tried) is None


def test_code_of_the_authenticator_passes_once(session: Session) -> None:
    person = make_person(session, "office")
    code = totp(give_sign_in(person, NOW), NOW)
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert second(session, person, code)
    assert not second(session, person, code)
    assert not second(session, person, f"{code[:3]} {code[3:]}")
    assert not second(session, person, full_width)
    assert not second(session, person, code, NOW + STEP)


def test_code_of_the_step_before_and_after_passes(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)

    assert second(session, person, totp(secret, NOW - STEP))
    assert second(session, person, totp(secret, NOW + STEP))


def test_older_step_does_not_pass_after_a_newer_one(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)

    assert second(session, person, totp(secret, NOW))
    assert not second(session, person, totp(secret, NOW - STEP))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "null", "٠٠٠٠٠٠", "0" * 5000])
def test_nonsense_is_refused(session: Session, typed: str) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)

    assert not second(session, person, typed)


def test_two_steps_away_is_refused(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)

    assert not second(session, person, totp(secret, NOW + 2 * STEP))
    assert not second(session, person, totp(secret, NOW - 2 * STEP))


def test_ten_wrong_codes_an_hour_even_with_the_right_one_next(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)
    for _ in range(10):
        second(session, person, "abcdef")

    with pytest.raises(TooManyTries):
        second(session, person, totp(secret, NOW))


def test_one_code_used_in_parallel_passes_once(database: Database) -> None:
    with database.unit_of_work() as session:
        person = make_person(session, "office")
        code = totp(give_sign_in(person, NOW), NOW)

    def use(_: int) -> bool:
        with database.unit_of_work() as own:
            return second(own, own.get_one(Person, person.id), code)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(use, range(8)))

    assert results.count(True) == 1


def test_first_sign_in_makes_a_secret_that_is_not_yet_confirmed(session: Session) -> None:
    person = make_person(session, "office", password_hash=PASSWORD_HASH)

    password_try(session, person.email)

    assert person.totp_secret is not None
    assert person.totp_confirmed_at is None
    assert not second(session, person, totp(person.totp_secret, NOW))


def test_secret_in_use_is_not_replaced_by_a_sign_in(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)

    password_try(session, person.email)

    assert person.totp_secret == secret


def set_up(session: Session, person: Person, typed: str) -> list[str] | None:
    return actions.set_up_staff(
        session, person=person, typed=typed, password_hash="new-hash", network=NETWORK, now=NOW
    )


def test_set_up_takes_the_first_code_a_new_password_and_gives_recovery_codes(session: Session) -> None:
    person = make_person(session, "office", password_hash=PASSWORD_HASH, totp_secret=proofs.random_totp_secret())
    code = totp(str(person.totp_secret), NOW)

    recovery = set_up(session, person, code)

    session.refresh(person)
    assert recovery is not None
    assert len(set(recovery)) == actions.RECOVERY_CODES
    assert (person.password_hash, person.totp_confirmed_at) == ("new-hash", NOW)
    assert not second(session, person, code)
    stored = session.scalars(select(RecoveryCode.digest)).all()
    assert not set(stored) & set(recovery)
    assert session.scalars(select(AuditEntry.action)).all() == ["person.set_up"]


def test_wrong_first_code_sets_nothing_up(session: Session) -> None:
    person = make_person(session, "office", password_hash=PASSWORD_HASH, totp_secret=proofs.random_totp_secret())

    assert set_up(session, person, "abcdef") is None
    assert person.totp_confirmed_at is None
    assert person.password_hash == PASSWORD_HASH


def test_authenticator_is_set_up_once(session: Session) -> None:
    person = make_person(session, "office")
    secret = give_sign_in(person, NOW)

    with pytest.raises(Conflict):
        set_up(session, person, totp(secret, NOW))


def test_recovery_code_counts_once_however_it_is_spelled(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    codes = actions.renew_recovery_codes(session, actor=person, now=NOW)

    assert second(session, person, f"  {codes[0].upper().replace('-', ' ')} ")
    assert not second(session, person, codes[0])
    assert queries.count_recovery_codes(session, person) == actions.RECOVERY_CODES - 1
    assert "person.recovery_code" in session.scalars(select(AuditEntry.action)).all()


def test_recovery_code_of_somebody_else_is_refused(session: Session) -> None:
    person, other = make_person(session, "office"), make_person(session, "admin")
    give_sign_in(person, NOW)
    codes = actions.renew_recovery_codes(session, actor=other, now=NOW)

    assert not second(session, person, codes[0])


def test_new_recovery_codes_end_the_old_ones(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    old = actions.renew_recovery_codes(session, actor=person, now=NOW)

    actions.renew_recovery_codes(session, actor=person, now=NOW)

    assert not second(session, person, old[0])
    assert queries.count_recovery_codes(session, person) == actions.RECOVERY_CODES


def test_owner_has_no_recovery_codes(session: Session) -> None:
    with pytest.raises(NotAllowed):
        actions.renew_recovery_codes(session, actor=make_person(session), now=NOW)


def test_recovery_code_used_in_parallel_passes_once(database: Database) -> None:
    with database.unit_of_work() as session:
        person = make_person(session, "office")
        give_sign_in(person, NOW)
        code = actions.renew_recovery_codes(session, actor=person, now=NOW)[0]

    def use(_: int) -> bool:
        with database.unit_of_work() as own:
            return second(own, own.get_one(Person, person.id), code)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(use, range(8)))

    assert results.count(True) == 1
