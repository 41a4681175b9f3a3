"""Changes of firms, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Consent, Person
from app.accounts.queries import current_consents
from app.accounts.values import Purpose
from app.enterprises import actions, queries
from app.enterprises.models import Enterprise
from app.enterprises.values import (
    AssistDetails,
    BasicDetails,
    Certificate,
    EnterpriseState,
    MoreDetails,
    SizeClass,
    TradeSide,
)
from app.kit.audit import AuditEntry
from app.kit.db import Database
from app.kit.errors import Conflict, NotAllowed, Refused
from tests.factories import HOSTING, NOW, VISITING, make_enterprise, make_person, regency_of

LATER = NOW + timedelta(days=1)
NOTHING = MoreDetails(
    nib=None, npwp=None, certificates=(), about="", annual_turnover=None, capital=None, workers=None,
    outside_buyers=None, founded_year=None, owner_gender=None,
)
YES = dict.fromkeys(Purpose, True)


def basics(session: Session, province: str = VISITING, name: str = "UD Baru") -> BasicDetails:
    return BasicDetails(name=name, regency_code=regency_of(session, province), trade_side=TradeSide.BOTH)


def seen(session: Session, enterprise: Enterprise) -> Enterprise:
    """The firm as a page loads it, with its place."""
    owner = session.get_one(Person, enterprise.owner_id)
    session.expire(enterprise)
    found = queries.enterprise_of(session, owner)
    assert found is not None
    return found


def trail(session: Session, enterprise: Enterprise) -> list[AuditEntry]:
    own = select(AuditEntry).where(AuditEntry.subject_type == "enterprise", AuditEntry.subject_id == enterprise.id)
    session.flush()
    return list(session.scalars(own.order_by(AuditEntry.at, AuditEntry.id)))


def test_registering_opens_a_draft_and_tells_the_trail(session: Session) -> None:
    owner = make_person(session)

    firm = actions.register_enterprise(session, actor=owner, details=basics(session), now=NOW)

    assert (firm.state, firm.owner_id, firm.created_at) == (EnterpriseState.DRAFT, owner.id, NOW)
    assert [(entry.action, entry.after["name"]) for entry in trail(session, firm)] == [("enterprise.register", "UD Baru")]


def test_registering_again_corrects_the_one_firm(session: Session) -> None:
    owner = make_person(session)
    first = actions.register_enterprise(session, actor=owner, details=basics(session), now=NOW)

    second = actions.register_enterprise(session, actor=owner, details=basics(session, name="UD Betul"), now=LATER)

    assert second.id == first.id and second.name == "UD Betul"
    assert session.scalar(select(func.count()).select_from(Enterprise)) == 1
    assert trail(session, first)[-1].before == {"name": "UD Baru"}


def test_two_browsers_at_once_still_make_one_firm(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.unit_of_work() as session:
        owner, details = make_person(session), basics(session)
        owner_id = owner.id
    with database.unit_of_work() as session:
        faster = actions.register_enterprise(session, actor=session.get_one(Person, owner_id), details=details, now=NOW)
    real, asked = queries.enterprise_of, []

    def not_yet(session: Session, owner: Person) -> Enterprise | None:
        asked.append(owner)
        return None if len(asked) == 1 else real(session, owner)

    monkeypatch.setattr(queries, "enterprise_of", not_yet)
    with database.unit_of_work() as session:
        slower = actions.register_enterprise(session, actor=session.get_one(Person, owner_id), details=details, now=NOW)

    assert slower.id == faster.id


@pytest.mark.parametrize("role", ["organiser", "office", "admin"])
def test_staff_own_no_firm(session: Session, role: str) -> None:
    with pytest.raises(NotAllowed):
        actions.register_enterprise(session, actor=make_person(session, role), details=basics(session), now=NOW)


def test_an_unknown_regency_is_refused_beside_its_field(session: Session) -> None:
    with pytest.raises(Refused) as refusal:
        actions.register_enterprise(
            session, actor=make_person(session), details=replace(basics(session), regency_code="9999"), now=NOW
        )

    assert refusal.value.field == "regency_code"


def test_more_details_are_kept_and_the_size_is_worked_out(session: Session) -> None:
    firm = seen(session, make_enterprise(session))
    more = replace(
        NOTHING, nib="1234567890123", certificates=(Certificate.HALAL,), annual_turnover=3_000_000_000, workers=4
    )

    actions.complete_enterprise(session, actor=firm.owner, enterprise=firm, details=more, now=LATER)

    assert (firm.nib, firm.certificates, firm.size_class) == ("1234567890123", ["halal"], SizeClass.SMALL)
    entry = trail(session, firm)[-1]
    assert entry.before["size_class"] is None and entry.after["size_class"] == "small"
    assert "about" not in entry.after


def test_nothing_changed_leaves_no_trace(session: Session) -> None:
    firm = seen(session, make_enterprise(session))

    actions.complete_enterprise(session, actor=firm.owner, enterprise=firm, details=NOTHING, now=LATER)

    assert trail(session, firm) == [] and firm.updated_at == NOW


def test_a_tax_number_is_not_whole_in_the_trail(session: Session) -> None:
    firm = seen(session, make_enterprise(session))

    actions.complete_enterprise(
        session, actor=firm.owner, enterprise=firm, details=replace(NOTHING, npwp="3578012345670001"), now=LATER
    )

    assert firm.npwp == "3578012345670001"
    assert trail(session, firm)[-1].after["npwp"] == "•••• 0001"


def test_a_business_number_belongs_to_one_firm_and_the_other_is_not_named(session: Session) -> None:
    other = make_enterprise(session, nib="1234567890123", name="UD Rahasia")
    firm = seen(session, make_enterprise(session))

    with pytest.raises(actions.NibTaken) as refusal:
        actions.complete_enterprise(
            session, actor=firm.owner, enterprise=firm, details=replace(NOTHING, nib=other.nib), now=LATER
        )

    assert refusal.value.field == "nib" and "Rahasia" not in str(refusal.value.message)
    assert firm.nib is None


def test_the_database_too_refuses_a_second_business_number(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_enterprise(session, nib="1234567890123")
    firm = seen(session, make_enterprise(session))
    monkeypatch.setattr(queries, "nib_is_taken", lambda *_, **__: False)

    with pytest.raises(actions.NibTaken):
        actions.complete_enterprise(
            session, actor=firm.owner, enterprise=firm, details=replace(NOTHING, nib=other.nib), now=LATER
        )


def test_one_may_send_ones_own_business_number_again(session: Session) -> None:
    firm = seen(session, make_enterprise(session, nib="1234567890123"))

    actions.complete_enterprise(
        session, actor=firm.owner, enterprise=firm, details=replace(NOTHING, nib="1234567890123", workers=2), now=LATER
    )

    assert firm.workers == 2


def test_an_officer_fills_in_and_it_is_recorded(session: Session) -> None:
    officer = make_person(session, "office", VISITING)
    details = AssistDetails(phone="+628129990001", owner_name="Bu Rahma", basic=basics(session))

    firm = actions.assist_enterprise(session, actor=officer, details=details, now=NOW)

    owner = session.get_one(Person, firm.owner_id)
    assert (firm.state, firm.assisted_by_id) == (EnterpriseState.AWAITING_OWNER, officer.id)
    assert (owner.phone, owner.name, owner.role) == ("+628129990001", "Bu Rahma", "owner")
    assert session.scalars(select(Consent)).all() == []
    assert trail(session, firm)[-1].action == "enterprise.assist"


def test_the_assist_form_sent_twice_is_one_firm(session: Session) -> None:
    officer = make_person(session, "organiser", VISITING)
    details = AssistDetails(phone="+628129990001", owner_name="Bu Rahma", basic=basics(session))

    firms = {actions.assist_enterprise(session, actor=officer, details=details, now=NOW).id for _ in range(2)}

    assert len(firms) == 1


def test_an_owner_with_a_firm_is_not_filled_in_again(session: Session) -> None:
    firm = make_enterprise(session)
    phone = session.get_one(Person, firm.owner_id).phone
    officer = make_person(session, "office", VISITING)

    with pytest.raises(Conflict) as refusal:
        actions.assist_enterprise(
            session, actor=officer, now=NOW,
            details=AssistDetails(phone=str(phone), owner_name="Siapa", basic=basics(session)),
        )

    assert refusal.value.field == "phone"


@pytest.mark.parametrize(("role", "province"), [("office", HOSTING), ("owner", None), ("admin", None)])
def test_only_own_staff_fills_in(session: Session, role: str, province: str | None) -> None:
    details = AssistDetails(phone="+628129990001", owner_name="Bu Rahma", basic=basics(session, VISITING))

    with pytest.raises(NotAllowed):
        actions.assist_enterprise(session, actor=make_person(session, role, province), details=details, now=NOW)


def test_the_owner_confirms_what_the_officer_typed(session: Session) -> None:
    officer = make_person(session, "office", VISITING)
    details = AssistDetails(phone="+628129990001", owner_name="Bu Rahma", basic=basics(session))
    firm = seen(session, actions.assist_enterprise(session, actor=officer, details=details, now=NOW))

    with pytest.raises(NotAllowed):
        actions.open_enterprise(session, actor=officer, enterprise=firm, answers=YES, now=LATER)
    actions.open_enterprise(session, actor=firm.owner, enterprise=firm, answers=YES, now=LATER)

    assert (firm.state, firm.confirmed_at) == (EnterpriseState.ACTIVE, LATER)
    assert current_consents(session, firm.owner_id) == YES
    assert [entry.action for entry in trail(session, firm)] == ["enterprise.assist", "enterprise.confirm"]


def test_without_the_first_consent_a_firm_stays_a_draft(session: Session) -> None:
    owner = make_person(session)
    firm = actions.register_enterprise(session, actor=owner, details=basics(session), now=NOW)

    with pytest.raises(Refused) as refusal:
        actions.open_enterprise(
            session, actor=owner, enterprise=firm, answers=YES | {Purpose.PARTNERS: False}, now=NOW
        )

    assert refusal.value.field == "partners" and firm.state is EnterpriseState.DRAFT


def test_opening_twice_is_told_once(session: Session) -> None:
    owner = make_person(session)
    firm = actions.register_enterprise(session, actor=owner, details=basics(session), now=NOW)

    for _ in range(2):
        actions.open_enterprise(session, actor=owner, enterprise=firm, answers=YES, now=NOW)

    assert [entry.action for entry in trail(session, firm)].count("enterprise.open") == 1
    assert session.scalar(select(func.count()).select_from(Consent)) == len(Purpose)


def test_the_stamp_has_a_date_and_a_name_and_can_be_taken_away(session: Session) -> None:
    firm, officer = seen(session, make_enterprise(session)), make_person(session, "office", VISITING)

    actions.verify_enterprise(session, actor=officer, enterprise=firm, is_verified=True, now=LATER)
    stamped = (firm.verified_by_id, firm.verified_at)
    actions.verify_enterprise(session, actor=officer, enterprise=firm, is_verified=False, now=LATER + timedelta(hours=1))

    assert stamped == (officer.id, LATER)
    assert (firm.verified_by_id, firm.verified_at) == (None, None)
    assert [entry.action for entry in trail(session, firm)] == ["enterprise.verify", "enterprise.unverify"]


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (lambda d: replace(d, nib="1234567890123"), False), (lambda d: replace(d, npwp="123456789012345"), False),
        (lambda d: replace(d, workers=7), True),
    ],
)
def test_the_stamp_falls_when_what_was_checked_changes(
    session: Session, change: Callable[[MoreDetails], MoreDetails], stays: bool
) -> None:
    firm, officer = seen(session, make_enterprise(session)), make_person(session, "office", VISITING)
    actions.verify_enterprise(session, actor=officer, enterprise=firm, is_verified=True, now=NOW)

    actions.complete_enterprise(session, actor=firm.owner, enterprise=firm, details=change(NOTHING), now=LATER)

    assert (firm.verified_at is not None) is stays
    assert ("verified_at" in trail(session, firm)[-1].after) is not stays


def test_a_new_name_takes_the_stamp_away(session: Session) -> None:
    firm, officer = seen(session, make_enterprise(session)), make_person(session, "office", VISITING)
    actions.verify_enterprise(session, actor=officer, enterprise=firm, is_verified=True, now=NOW)

    actions.revise_enterprise(session, actor=firm.owner, enterprise=firm, details=basics(session), now=LATER)

    assert firm.verified_at is None


def test_an_officer_moves_no_firm_into_another_province(session: Session) -> None:
    firm, officer = seen(session, make_enterprise(session)), make_person(session, "office", VISITING)

    with pytest.raises(NotAllowed):
        actions.revise_enterprise(
            session, actor=officer, enterprise=firm, details=basics(session, HOSTING), now=LATER
        )


@pytest.mark.parametrize(("role", "province"), [("office", HOSTING), ("owner", None), ("admin", None)])
def test_strangers_change_nothing(session: Session, role: str, province: str | None) -> None:
    firm, stranger = seen(session, make_enterprise(session)), make_person(session, role, province)

    for change in (
        lambda: actions.complete_enterprise(
            session, actor=stranger, enterprise=firm, details=replace(NOTHING, workers=9), now=LATER
        ),
        lambda: actions.verify_enterprise(session, actor=stranger, enterprise=firm, is_verified=True, now=LATER),
        lambda: actions.open_enterprise(session, actor=stranger, enterprise=firm, answers=YES, now=LATER),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert trail(session, firm) == []
