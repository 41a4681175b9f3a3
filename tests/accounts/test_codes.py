"""One-time codes: who gets one, how often it can be tried, and that it opens the door once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import actions
from app.accounts.models import Person
from app.accounts.values import Role, Try
from app.kit import codes
from app.kit.audit import AuditEntry
from app.kit.codes import CodeIsDead, LoginCode
from app.kit.db import Database
from app.kit.errors import Refused
from app.kit.jobs import Job
from app.kit.messages import OutgoingMessage
from app.kit.tries import SignInEvent, TooManyTries
from tests.accounts.helpers import NETWORK, PHONE, ask, check, sent_codes, wrong
from tests.factories import NOW, make_person

MINUTE = timedelta(minutes=1)


def in_parallel(count: int, work: Callable[[int], object]) -> list[object]:
    """Run the same work in many threads at once; a refusal is a result too."""

    def guarded(number: int) -> object:
        try:
            return work(number)
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(guarded, range(count)))


def test_right_code_opens_an_account_for_a_new_number(session: Session) -> None:
    ask(session, "a", NOW)

    checked = check(session, "a", sent_codes(session)[0], NOW + MINUTE)

    assert checked.is_new
    assert checked.person is not None
    assert (checked.person.role, checked.person.phone, checked.person.email) == (Role.OWNER, PHONE, None)
    assert session.scalar(select(AuditEntry.action)) == "person.create"


def test_right_code_finds_the_owner_who_is_known(session: Session) -> None:
    owner = make_person(session, phone=PHONE)
    ask(session, "a", NOW)

    checked = check(session, "a", sent_codes(session)[0], NOW)

    assert (checked.person, checked.is_new) == (owner, False)


def test_mail_address_opens_an_account_too(session: Session) -> None:
    ask(session, "a", NOW, identity="ibu@contoh.example", channel="mail")

    checked = check(session, "a", sent_codes(session)[0], NOW)

    assert checked.person is not None
    assert (checked.person.email, checked.person.phone) == ("ibu@contoh.example", None)


def test_message_is_promised_and_marked_secret(session: Session) -> None:
    ask(session, "a", NOW)

    message = session.scalars(select(OutgoingMessage)).one()

    assert (message.recipient, message.channel, message.is_secret) == (PHONE, "phone", True)
    assert session.scalars(select(Job.arguments)).one() == {"message_id": message.id}


def test_code_is_not_kept_in_clear(session: Session) -> None:
    ask(session, "a", NOW)

    row = session.get_one(LoginCode, "a")

    assert sent_codes(session)[0] not in (row.digest, row.id, row.identity)
    assert len(row.digest) == 64


@pytest.mark.parametrize("kind", ["staff", "blocked"])
def test_staff_and_blocked_people_get_a_row_but_no_message(session: Session, kind: str) -> None:
    if kind == "staff":
        make_person(session, "office", phone=PHONE)
    else:
        make_person(session, phone=PHONE, is_active=False)

    row_id = ask(session, "a", NOW)

    assert session.get(LoginCode, row_id) is not None
    assert sent_codes(session) == []


def test_guessed_code_of_a_staff_identity_opens_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(session, "admin", phone=PHONE)
    monkeypatch.setattr("app.kit.proofs.random_code", lambda: "123456")
    ask(session, "a", NOW)

    checked = check(session, "a", "123456", NOW)

    assert checked.person is None


def test_person_blocked_after_asking_stays_outside(session: Session) -> None:
    owner = make_person(session, phone=PHONE)
    ask(session, "a", NOW)
    owner.is_active = False
    session.flush()

    assert check(session, "a", sent_codes(session)[0], NOW).person is None


def test_code_opens_the_door_once(session: Session) -> None:
    ask(session, "a", NOW)
    code = sent_codes(session)[0]
    check(session, "a", code, NOW)

    with pytest.raises(CodeIsDead):
        check(session, "a", code, NOW)


def test_code_with_blanks_and_full_width_digits_is_the_same_code(session: Session) -> None:
    ask(session, "a", NOW)
    code = sent_codes(session)[0]
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert check(session, "a", f" {full_width[:3]} - {full_width[3:]} ", NOW).person is not None


def test_code_dies_after_ten_minutes(session: Session) -> None:
    ask(session, "a", NOW)

    with pytest.raises(CodeIsDead):
        check(session, "a", sent_codes(session)[0], NOW + 10 * MINUTE)


def test_right_code_after_five_wrong_ones_is_refused(session: Session) -> None:
    ask(session, "a", NOW)
    code = sent_codes(session)[0]
    left = [check(session, "a", wrong(code), NOW).attempts_left for _ in range(5)]

    with pytest.raises(TooManyTries):
        check(session, "a", code, NOW)

    assert left == [4, 3, 2, 1, 0]


def test_unknown_row_is_a_dead_code(session: Session) -> None:
    with pytest.raises(CodeIsDead):
        check(session, "never-asked", "123456", NOW)


def test_second_browser_cannot_burn_the_attempts_of_the_first(session: Session) -> None:
    ask(session, "first", NOW)
    ask(session, "second", NOW + MINUTE)
    first, second = sent_codes(session)
    for _ in range(5):
        check(session, "second", wrong(second), NOW + MINUTE)

    assert check(session, "first", first, NOW + 2 * MINUTE).person is not None


def test_code_of_one_browser_does_not_fit_another(session: Session) -> None:
    ask(session, "first", NOW)
    ask(session, "second", NOW + MINUTE)
    first, second = sent_codes(session)
    assert first != second

    assert check(session, "second", first, NOW + MINUTE).person is None


def test_second_browser_waits_a_minute_for_its_message(session: Session) -> None:
    ask(session, "first", NOW)

    with pytest.raises(TooManyTries) as refused:
        ask(session, "second", NOW + timedelta(seconds=20))

    assert refused.value.seconds == 40
    assert len(sent_codes(session)) == 1


def test_same_form_sent_twice_asks_once(session: Session) -> None:
    first = ask(session, "same", NOW)

    second = ask(session, "same", NOW + timedelta(seconds=1))

    assert (first, second) == ("same", "same")
    assert len(sent_codes(session)) == 1


def test_form_sent_again_with_another_number_gets_a_row_of_its_own(session: Session) -> None:
    ask(session, "same", NOW)

    other = ask(session, "same", NOW, identity="+6281234567899")

    assert other != "same"
    assert session.get_one(LoginCode, other).identity == "+6281234567899"


def test_new_code_ends_the_one_it_replaces(session: Session) -> None:
    ask(session, "old", NOW)
    ask(session, "new", NOW + MINUTE, replaces="old")

    with pytest.raises(CodeIsDead):
        check(session, "old", sent_codes(session)[0], NOW + MINUTE)


def test_code_of_somebody_else_cannot_be_replaced(session: Session) -> None:
    ask(session, "theirs", NOW, identity="+6281234567899")
    ask(session, "mine", NOW, replaces="theirs")

    assert check(session, "theirs", sent_codes(session)[0], NOW).person is not None


def test_three_codes_live_at_most(session: Session) -> None:
    for number in range(4):
        ask(session, f"browser-{number}", NOW + number * MINUTE)

    live = session.scalars(select(LoginCode.id).where(LoginCode.expires_at > NOW + 3 * MINUTE)).all()

    assert sorted(live) == ["browser-1", "browser-2", "browser-3"]


def test_five_asks_an_hour_for_one_identity(session: Session) -> None:
    for number in range(5):
        ask(session, f"ask-{number}", NOW + number * MINUTE, network=f"198.51.{number}.0/24")

    with pytest.raises(TooManyTries):
        ask(session, "ask-5", NOW + 5 * MINUTE, network="198.51.99.0/24")

    assert ask(session, "ask-6", NOW + 61 * MINUTE) == "ask-6"


def test_twenty_asks_an_hour_from_one_network(session: Session) -> None:
    for number in range(20):
        ask(session, f"ask-{number}", NOW, identity=f"+62812345678{number:02d}")

    with pytest.raises(TooManyTries):
        ask(session, "one-more", NOW, identity="+6281299999999")

    assert ask(session, "elsewhere", NOW, identity="+6281299999999", network="198.51.100.0/24")


def test_owners_who_get_in_do_not_use_up_the_network(session: Session) -> None:
    for number in range(25):
        ask(session, f"hall-{number}", NOW, identity=f"+62812345678{number:02d}")
        code = session.scalars(select(OutgoingMessage.body).order_by(OutgoingMessage.id.desc())).first()
        assert code is not None
        assert check(session, f"hall-{number}", code[:6], NOW).person is not None

    assert session.scalar(select(func.count()).select_from(SignInEvent)) == 0


def test_ten_wrong_checks_an_hour_for_one_identity(session: Session) -> None:
    for number in range(2):
        ask(session, f"browser-{number}", NOW + number * MINUTE)
        code = sent_codes(session)[-1]
        for _ in range(5):
            check(session, f"browser-{number}", wrong(code), NOW + number * MINUTE, network=f"198.51.{number}.0/24")
    ask(session, "third", NOW + 2 * MINUTE)

    with pytest.raises(TooManyTries):
        check(session, "third", sent_codes(session)[-1], NOW + 2 * MINUTE, network="198.51.7.0/24")


def test_thirty_wrong_checks_an_hour_from_one_network(session: Session) -> None:
    for number in range(6):
        ask(session, f"browser-{number}", NOW, identity=f"+62812345678{number:02d}")
        for _ in range(5):
            check(session, f"browser-{number}", "000000x", NOW)
    ask(session, "victim", NOW)
    code = session.scalars(select(OutgoingMessage.body).where(OutgoingMessage.recipient == PHONE)).one()[:6]

    with pytest.raises(TooManyTries):
        check(session, "victim", code, NOW)

    assert check(session, "victim", code, NOW, network="198.51.100.0/24").person is not None


def test_codes_and_tries_are_forgotten_after_a_day(session: Session) -> None:
    ask(session, "old", NOW)

    ask(session, "new", NOW + timedelta(days=1, minutes=1), identity="+6281234567899")

    assert session.scalars(select(LoginCode.id)).all() == ["new"]
    assert session.scalars(select(SignInEvent.identity)).all() == ["+6281234567899"]


def test_one_of_many_parallel_right_codes_gets_in(database: Database) -> None:
    with database.unit_of_work() as session:
        ask(session, "a", NOW)
        code = sent_codes(session)[0]

    def use(_: int) -> object:
        with database.unit_of_work() as own:
            return check(own, "a", code, NOW).person is not None

    results = in_parallel(20, use)

    assert results.count(True) == 1
    assert all(result is True or isinstance(result, CodeIsDead) for result in results)
    with database.open(read_only=True) as reading:
        assert reading.scalar(select(func.count()).select_from(Person)) == 1


def test_parallel_guesses_share_no_attempt(database: Database) -> None:
    with database.unit_of_work() as session:
        ask(session, "a", NOW)
        bad = wrong(sent_codes(session)[0])

    def guess(_: int) -> object:
        with database.unit_of_work() as own:
            return check(own, "a", bad, NOW).attempts_left

    results = in_parallel(20, guess)

    assert sorted(result for result in results if isinstance(result, int)) == [0, 1, 2, 3, 4]
    assert sum(isinstance(result, TooManyTries) for result in results) == 15
    with database.open(read_only=True) as reading:
        assert reading.get_one(LoginCode, "a").attempts == codes.ATTEMPTS


def test_parallel_asks_send_one_message(database: Database) -> None:
    def send(number: int) -> object:
        with database.unit_of_work() as own:
            return ask(own, f"browser-{number}", NOW)

    results = in_parallel(12, send)

    assert sum(isinstance(result, str) for result in results) == 1
    with database.open(read_only=True) as reading:
        assert len(sent_codes(reading)) == 1


def test_parallel_asks_from_one_network_stay_within_its_limit(database: Database) -> None:
    def send(number: int) -> object:
        with database.unit_of_work() as own:
            return ask(own, f"browser-{number}", NOW, identity=f"+62812345678{number:02d}")

    results = in_parallel(24, send)

    assert sum(isinstance(result, str) for result in results) == actions.LIMITS[Try.ASK].by_network


def test_new_number_used_in_two_browsers_at_once_is_one_person(database: Database) -> None:
    with database.unit_of_work() as session:
        ask(session, "first", NOW)
        ask(session, "second", NOW + MINUTE)
        found = sent_codes(session)

    def use(number: int) -> object:
        with database.unit_of_work() as own:
            person = check(own, ("first", "second")[number], found[number], NOW + MINUTE).person
            return None if person is None else person.id

    results = in_parallel(2, use)

    assert len(set(results)) == 1
    assert None not in results


def test_limits_hold_in_another_process(database: Database, database_url: str) -> None:
    for number in range(5):
        with database.unit_of_work() as session:
            ask(session, f"ask-{number}", NOW + number * MINUTE)
    other_process = Database(database_url)

    with pytest.raises(TooManyTries), other_process.unit_of_work() as session:
        ask(session, "ask-5", NOW + 5 * MINUTE, network=NETWORK)

    other_process.engine.dispose()
