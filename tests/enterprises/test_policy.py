"""Who may do what with a firm of the visiting province: every role, own and other province."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.enterprises import policy, queries
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from tests.factories import HOSTING, VISITING, make_enterprise, make_person

WHO = {
    "its owner": ("owner", None), "another owner": ("owner", None),
    "own organiser": ("organiser", VISITING), "other organiser": ("organiser", HOSTING),
    "own office": ("office", VISITING), "other office": ("office", HOSTING), "admin": ("admin", None),
}
OWN_STAFF = {"own organiser", "own office"}
ALLOWED = {
    "can_edit": {"its owner"} | OWN_STAFF,
    "can_confirm": {"its owner"},
    "can_verify": OWN_STAFF,
    "can_see_fully": {"its owner", "admin"} | OWN_STAFF,
}


def firm_and_person(session: Session, who: str, **changes: object) -> tuple[Enterprise, Person]:
    owner = make_person(session)
    make_enterprise(session, owner, VISITING, **changes)
    firm = queries.enterprise_of(session, owner)
    assert firm is not None
    role, province = WHO[who]
    return firm, owner if who == "its owner" else make_person(session, role, province)


@pytest.mark.parametrize("rule", ALLOWED)
@pytest.mark.parametrize("who", WHO)
def test_the_table_of_rights_holds(session: Session, who: str, rule: str) -> None:
    firm, person = firm_and_person(session, who)

    assert getattr(policy, rule)(person, firm) is (who in ALLOWED[rule])


@pytest.mark.parametrize("who", WHO)
def test_a_closed_firm_is_changed_and_stamped_by_nobody(session: Session, who: str) -> None:
    firm, person = firm_and_person(session, who, state=EnterpriseState.CLOSED)

    assert not policy.can_edit(person, firm) and not policy.can_verify(person, firm)


@pytest.mark.parametrize("who", WHO)
def test_who_sees_a_firm_with_consent(session: Session, who: str) -> None:
    firm, person = firm_and_person(session, who)

    found = queries.enterprise_seen_by(session, person, firm.id)

    assert (found is not None) is (who != "another owner")


@pytest.mark.parametrize(
    "changes", [{"consents": ()}, {"state": EnterpriseState.DRAFT}, {"state": EnterpriseState.AWAITING_OWNER}]
)
@pytest.mark.parametrize("who", WHO)
def test_who_sees_a_firm_without_consent_or_unfinished(session: Session, who: str, changes: dict[str, object]) -> None:
    firm, person = firm_and_person(session, who, **changes)

    found = queries.enterprise_seen_by(session, person, firm.id)

    assert (found is not None) is (who in {"its owner", "admin"} | OWN_STAFF)


@pytest.mark.parametrize(
    ("role", "registers", "assists", "browses"),
    [("owner", True, False, False), ("organiser", False, True, True), ("office", False, True, True),
     ("admin", False, False, True)],
)
def test_what_a_role_may_open(session: Session, role: str, registers: bool, assists: bool, browses: bool) -> None:
    person = make_person(session, role)

    rights = (policy.can_register(person), policy.can_assist(person), policy.can_browse(person))

    assert rights == (registers, assists, browses)


def test_the_newest_consent_counts(session: Session) -> None:
    from datetime import timedelta

    from app.accounts.values import Purpose
    from tests.factories import NOW, make_consents

    firm, stranger = firm_and_person(session, "other office")
    make_consents(session, firm.owner, now=NOW + timedelta(days=1))  # all four are no now
    withdrawn = queries.enterprise_seen_by(session, stranger, firm.id)
    make_consents(session, firm.owner, Purpose.PARTNERS, now=NOW + timedelta(days=2))
    given_again = queries.enterprise_seen_by(session, stranger, firm.id)

    assert withdrawn is None and given_again is not None
