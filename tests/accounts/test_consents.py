"""Consents: four answers, each with version and time, of which none is ever changed."""

import hashlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.models import Consent, Person
from app.accounts.values import CONSENT_VERSION, Purpose
from app.config import ROOT
from app.kit.audit import AuditEntry
from app.kit.errors import NotAllowed
from tests.factories import HOSTING, NOW, VISITING, make_person

YES = {Purpose.PARTNERS: True, Purpose.PHONE: True, Purpose.STATISTICS: False, Purpose.PRESS: False}
# The words that people agreed to. Whoever changes them gives them a new version and adds a line here.
WORDING = {"2026-11": "119fb8"}


def record(session: Session, actor: Person, person: Person, answers: dict[Purpose, bool], **later: int) -> None:
    actions.record_consents(session, actor=actor, person=person, answers=answers, now=NOW + timedelta(**later))


def test_nothing_answered_is_four_times_no(session: Session) -> None:
    assert queries.current_consents(session, make_person(session).id) == dict.fromkeys(Purpose, False)


def test_newest_answer_counts_and_earlier_ones_stay(session: Session) -> None:
    owner = make_person(session)
    record(session, owner, owner, YES)

    record(session, owner, owner, YES | {Purpose.PHONE: False}, hours=1)

    assert queries.current_consents(session, owner.id)[Purpose.PHONE] is False
    answers = session.scalars(
        select(Consent.is_given).where(Consent.purpose == Purpose.PHONE).order_by(Consent.given_at)
    ).all()
    assert answers == [True, False]


def test_each_answer_keeps_version_and_time(session: Session) -> None:
    owner = make_person(session)

    record(session, owner, owner, YES)

    newest = queries.newest_consents(session, owner.id)
    assert set(newest) == set(Purpose)
    assert {(answer.version, answer.given_at, answer.recorded_by) for answer in newest.values()} == {
        (CONSENT_VERSION, NOW, None)
    }


def test_same_answers_again_add_nothing(session: Session) -> None:
    owner = make_person(session)
    record(session, owner, owner, YES)

    record(session, owner, owner, YES, hours=1)

    assert len(session.scalars(select(Consent)).all()) == 4
    assert len(session.scalars(select(AuditEntry)).all()) == 1


def test_same_answer_to_a_new_wording_is_kept(session: Session) -> None:
    owner = make_person(session)
    session.add(Consent(
        person_id=owner.id, purpose=Purpose.PRESS, version="older", is_given=True, given_at=NOW, recorded_by=None
    ))
    session.flush()

    record(session, owner, owner, {Purpose.PRESS: True}, hours=1)

    assert queries.newest_consents(session, owner.id)[Purpose.PRESS].version == CONSENT_VERSION


def test_change_is_written_in_the_trail(session: Session) -> None:
    owner = make_person(session)
    record(session, owner, owner, {Purpose.PHONE: True})

    record(session, owner, owner, {Purpose.PHONE: False}, hours=1)

    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.at.desc())).first()
    assert entry is not None
    assert (entry.action, entry.before) == ("person.consent", {"phone": True})
    assert entry.after == {"phone": False, "version": CONSENT_VERSION}


@pytest.mark.parametrize("province", [VISITING, None])
def test_officer_who_helps_is_named_as_recorder(session: Session, province: str | None) -> None:
    officer, owner = make_person(session, "office"), make_person(session, province=province)

    record(session, officer, owner, YES)

    assert {answer.recorded_by for answer in queries.newest_consents(session, owner.id).values()} == {officer.id}


@pytest.mark.parametrize(("role", "province", "other_role"), [
    ("office", HOSTING, "owner"), ("admin", None, "owner"), ("owner", None, "owner"), ("office", VISITING, "office"),
])
def test_others_may_not_answer_for_somebody(
    session: Session, role: str, province: str | None, other_role: str
) -> None:
    actor, other = make_person(session, role, province), make_person(session, other_role, VISITING)

    with pytest.raises(NotAllowed):
        record(session, actor, other, YES)

    assert session.scalars(select(Consent)).all() == []


def test_many_people_are_read_in_one_query(session: Session) -> None:
    people = [make_person(session) for _ in range(5)]
    for person in people[:3]:
        record(session, person, person, YES)
    session.flush()
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    found = queries.consents_of_many(session, [person.id for person in people])

    assert len(statements) == 1
    assert [found[person.id][Purpose.PARTNERS] for person in people] == [True, True, True, False, False]


def test_words_do_not_change_without_a_new_version() -> None:
    macros = (ROOT / "templates/macros/consents.html").read_text()
    words = "\n".join(re.findall(r"_\('(.+?)'\)", macros))

    assert words.count("\n") == 7
    assert hashlib.sha256(words.encode()).hexdigest()[:6] == WORDING[CONSENT_VERSION]


def test_own_data_holds_every_answer_and_no_secret(session: Session) -> None:
    owner = make_person(session, password_hash="geheim-1", totp_secret="geheim-2")
    record(session, owner, owner, YES)
    record(session, owner, owner, {Purpose.PHONE: False}, hours=1)
    token = actions.start_session(session, person=owner, now=NOW)

    data = queries.own_data(session, owner)

    assert data["person"]["phone"] == owner.phone
    assert len(data["consents"]) == 5
    assert len(data["sign_ins"]) == 1
    assert "geheim" not in str(data)
    assert token not in str(data)
