"""Browser sessions: how long they last and what ends them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.models import BrowserSession
from app.kit import proofs
from tests.accounts.helpers import NETWORK, give_sign_in, totp
from tests.factories import NOW, make_person


@pytest.mark.parametrize(("role", "lasts"), [
    ("owner", timedelta(days=30)), ("organiser", timedelta(hours=12)), ("office", timedelta(hours=12)),
    ("admin", timedelta(hours=12)),
])
def test_session_lasts_as_long_as_its_role_may(session: Session, role: str, lasts: timedelta) -> None:
    person = make_person(session, role)

    token = actions.start_session(session, person=person, now=NOW)

    assert queries.person_behind(session, token, NOW + lasts - timedelta(seconds=1)) is person
    assert queries.person_behind(session, token, NOW + lasts) is None


def test_token_itself_is_not_kept(session: Session) -> None:
    token = actions.start_session(session, person=make_person(session), now=NOW)

    assert session.scalars(select(BrowserSession.digest)).one() == proofs.digest(token)


def test_ended_session_is_dead(session: Session) -> None:
    person = make_person(session)
    here = actions.start_session(session, person=person, now=NOW)
    there = actions.start_session(session, person=person, now=NOW)

    actions.end_session(session, token=here, now=NOW)

    assert queries.person_behind(session, here, NOW) is None
    assert queries.person_behind(session, there, NOW) is person


def test_blocked_person_is_outside_at_once(session: Session) -> None:
    person = make_person(session)
    token = actions.start_session(session, person=person, now=NOW)

    person.is_active = False
    session.flush()

    assert queries.person_behind(session, token, NOW) is None


def test_other_browsers_can_be_signed_out(session: Session) -> None:
    person, somebody = make_person(session), make_person(session)
    here, there, theirs = (
        actions.start_session(session, person=who, now=NOW) for who in (person, person, somebody)
    )

    assert queries.count_other_sessions(session, person, here, NOW) == 1
    actions.end_sessions(session, person=person, now=NOW, except_token=here)

    assert queries.person_behind(session, here, NOW) is person
    assert queries.person_behind(session, there, NOW) is None
    assert queries.person_behind(session, theirs, NOW) is somebody
    assert queries.count_other_sessions(session, person, here, NOW) == 0


def test_session_is_fresh_for_ten_minutes(session: Session) -> None:
    token = actions.start_session(session, person=make_person(session, "admin"), now=NOW)

    assert queries.is_fresh(session, token, NOW + timedelta(minutes=9, seconds=59))
    assert not queries.is_fresh(session, token, NOW + timedelta(minutes=10))
    assert not queries.is_fresh(session, "another", NOW)


def test_code_of_the_authenticator_makes_a_session_fresh_again(session: Session) -> None:
    person = make_person(session, "admin")
    secret = give_sign_in(person, NOW)
    token = actions.start_session(session, person=person, now=NOW)
    later = NOW + timedelta(hours=1)

    def confirm(typed: str) -> bool:
        return actions.confirm_again(session, person=person, token=token, typed=typed, network=NETWORK, now=later)

    assert not confirm("abcdef")
    assert not queries.is_fresh(session, token, later)
    assert confirm(totp(secret, later))
    assert queries.is_fresh(session, token, later + timedelta(minutes=9))


def test_sessions_long_over_are_removed(session: Session) -> None:
    person = make_person(session)
    actions.start_session(session, person=person, now=NOW)

    actions.start_session(session, person=person, now=NOW + timedelta(days=61))

    assert len(session.scalars(select(BrowserSession)).all()) == 1
