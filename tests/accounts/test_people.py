"""Accounts of staff and owners: who may change them, and that nobody locks everybody out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.models import Person, RecoveryCode
from app.accounts.values import MyDetails, Role, StaffDetails
from app.kit.audit import AuditEntry
from app.kit.db import Database
from app.kit.errors import Conflict, NotAllowed, Refused
from tests.accounts.helpers import PASSWORD_HASH, PHONE, give_sign_in
from tests.factories import HOSTING, NOW, VISITING, make_person

DETAILS = StaffDetails(
    name="Petugas Baru", phone=None, email="baru@contoh.example", role=Role.OFFICE, province_code=VISITING
)


def add(session: Session, actor: Person, details: StaffDetails = DETAILS) -> Person:
    return actions.add_staff(session, actor=actor, details=details, password_hash=PASSWORD_HASH, now=NOW)


def change(session: Session, actor: Person, person: Person, **changes: object) -> None:
    details = StaffDetails(
        name=person.name, phone=person.phone, email=str(person.email), role=person.role,
        province_code=person.province_code,
    )
    actions.change_staff(
        session, actor=actor, person=person, details=replace(details, **changes), now=NOW  # type: ignore[arg-type]
    )


def trail(session: Session) -> list[tuple[str, str, str | None]]:
    rows = session.execute(
        select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.actor_id).order_by(AuditEntry.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_admin_adds_staff_who_must_set_up_an_authenticator(session: Session) -> None:
    admin = make_person(session, "admin")

    person = add(session, admin)

    assert (person.role, person.province_code, person.totp_confirmed_at) == (Role.OFFICE, VISITING, None)
    assert person.password_hash == PASSWORD_HASH
    assert trail(session) == [("person.create", person.id, admin.id)]


@pytest.mark.parametrize("role", ["owner", "organiser", "office"])
def test_only_admins_manage_staff(session: Session, role: str) -> None:
    actor, other = make_person(session, role), make_person(session, "office")

    with pytest.raises(NotAllowed):
        add(session, actor)
    with pytest.raises(NotAllowed):
        change(session, actor, other, name="Lain")
    with pytest.raises(NotAllowed):
        actions.block_person(session, actor=actor, person=other, reason="x", now=NOW)
    with pytest.raises(NotAllowed):
        actions.reset_sign_in(session, actor=actor, person=other, password_hash="x", reason="x", now=NOW)
    assert trail(session) == []


def test_blocked_admin_manages_nobody(session: Session) -> None:
    with pytest.raises(NotAllowed):
        add(session, make_person(session, "admin", is_active=False))


@pytest.mark.parametrize(("role", "province"), [(Role.OWNER, None), (Role.OFFICE, None), (Role.ADMIN, VISITING)])
def test_role_and_province_must_fit(session: Session, role: Role, province: str | None) -> None:
    admin = make_person(session, "admin")

    with pytest.raises(Refused):
        add(session, admin, replace(DETAILS, role=role, province_code=province))


@pytest.mark.parametrize("field", ["phone", "email"])
def test_address_in_use_is_refused_beside_its_field(session: Session, field: str) -> None:
    admin = make_person(session, "admin")
    taken = {"phone": PHONE, "email": "baru@contoh.example"}[field]
    make_person(session, **{field: taken})

    with pytest.raises(Refused) as refused:
        add(session, admin, replace(DETAILS, **{field: taken}))

    assert refused.value.field == field


@pytest.mark.parametrize("changes", [
    {"role": Role.ORGANISER}, {"province_code": HOSTING}, {"role": Role.ADMIN, "province_code": None},
])
def test_new_rights_end_all_sessions(session: Session, changes: dict[str, object]) -> None:
    admin, person = make_person(session, "admin"), make_person(session, "office")
    token = actions.start_session(session, person=person, now=NOW)

    change(session, admin, person, **changes)

    assert queries.person_behind(session, token, NOW) is None
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.before is not None
    assert entry.before["role"] == "office"


def test_new_name_ends_no_session(session: Session) -> None:
    admin, person = make_person(session, "admin"), make_person(session, "office")
    token = actions.start_session(session, person=person, now=NOW)

    change(session, admin, person, name="Nama Baru")

    assert queries.person_behind(session, token, NOW) is person
    assert trail(session) == [("person.change", person.id, admin.id)]


def test_admin_cannot_change_the_own_role_but_the_own_name(session: Session) -> None:
    admin = make_person(session, "admin")
    make_person(session, "admin")

    with pytest.raises(Refused):
        change(session, admin, admin, role=Role.OFFICE, province_code=VISITING)
    change(session, admin, admin, name="Nama Baru")

    assert (admin.role, admin.name) == (Role.ADMIN, "Nama Baru")


def test_owner_does_not_become_staff(session: Session) -> None:
    admin, owner = make_person(session, "admin"), make_person(session)

    with pytest.raises(NotAllowed):
        change(session, admin, owner, role=Role.OFFICE, province_code=VISITING)


def test_block_ends_sessions_and_is_written_down(session: Session) -> None:
    admin, owner = make_person(session, "admin"), make_person(session)
    token = actions.start_session(session, person=owner, now=NOW)

    actions.block_person(session, actor=admin, person=owner, reason="Nomor palsu", now=NOW)
    actions.unblock_person(session, actor=admin, person=owner, reason="Keliru", now=NOW)

    assert owner.is_active
    assert queries.person_behind(session, token, NOW) is None
    assert sorted(entry[0] for entry in trail(session)) == ["person.block", "person.unblock"]
    assert set(session.scalars(select(AuditEntry.reason))) == {"Nomor palsu", "Keliru"}


def test_block_and_unblock_want_the_other_state(session: Session) -> None:
    admin, owner = make_person(session, "admin"), make_person(session)

    with pytest.raises(Conflict):
        actions.unblock_person(session, actor=admin, person=owner, reason="x", now=NOW)
    actions.block_person(session, actor=admin, person=owner, reason="x", now=NOW)
    with pytest.raises(Conflict):
        actions.block_person(session, actor=admin, person=owner, reason="x", now=NOW)


def test_admin_cannot_block_or_reset_oneself(session: Session) -> None:
    admin = make_person(session, "admin")

    with pytest.raises(NotAllowed):
        actions.block_person(session, actor=admin, person=admin, reason="x", now=NOW)
    with pytest.raises(NotAllowed):
        actions.reset_sign_in(session, actor=admin, person=admin, password_hash="x", reason="x", now=NOW)


@pytest.mark.parametrize("act", ["block", "demote"])
def test_two_admins_who_remove_one_another_leave_one(database: Database, act: str) -> None:
    with database.unit_of_work() as session:
        ids = [make_person(session, "admin").id for _ in range(2)]

    def remove(number: int) -> bool:
        try:
            with database.unit_of_work() as own:
                actor, other = (own.get_one(Person, ids[place]) for place in (number, 1 - number))
                if act == "block":
                    actions.block_person(own, actor=actor, person=other, reason="x", now=NOW)
                else:
                    change(own, actor, other, role=Role.OFFICE, province_code=VISITING)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(remove, range(2)))

    with database.open(read_only=True) as reading:
        assert queries.count_active_admins(reading) == 1
    assert results.count(True) == 1


def test_reset_takes_password_authenticator_recovery_codes_and_sessions(session: Session) -> None:
    admin, person = make_person(session, "admin"), make_person(session, "office")
    give_sign_in(person, NOW)
    actions.renew_recovery_codes(session, actor=person, now=NOW)
    token = actions.start_session(session, person=person, now=NOW)

    actions.reset_sign_in(session, actor=admin, person=person, password_hash="first", reason="HP hilang", now=NOW)

    assert (person.password_hash, person.totp_secret, person.totp_confirmed_at) == ("first", None, None)
    assert session.scalars(select(RecoveryCode)).all() == []
    assert queries.person_behind(session, token, NOW) is None


def test_owner_has_no_password_to_reset(session: Session) -> None:
    with pytest.raises(Refused):
        actions.reset_sign_in(
            session, actor=None, person=make_person(session), password_hash="x", reason="x", now=NOW
        )


def test_first_admin_is_added_once(session: Session) -> None:
    first = {"name": "Pengelola", "email": "kelola@contoh.example", "password_hash": PASSWORD_HASH, "now": NOW}

    person = actions.add_first_admin(session, **first)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        actions.add_first_admin(session, **first | {"email": "dua@contoh.example"})  # type: ignore[arg-type]

    assert (person.role, person.province_code, person.password_hash) == (Role.ADMIN, None, PASSWORD_HASH)


def test_new_password_ends_other_sessions(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    here, there = (actions.start_session(session, person=person, now=NOW) for _ in range(2))
    tried = actions.open_password_try(session, email=str(person.email), network="n", now=NOW)

    actions.change_password(session, actor=person, tried=tried, password_hash="new", token=here, now=NOW)

    assert person.password_hash == "new"
    assert queries.person_behind(session, here, NOW) is person
    assert queries.person_behind(session, there, NOW) is None
    assert trail(session) == [("person.password", person.id, person.id)]


def test_password_changed_elsewhere_in_between_is_a_conflict(session: Session) -> None:
    person = make_person(session, "office")
    give_sign_in(person, NOW)
    tried = actions.open_password_try(session, email=str(person.email), network="n", now=NOW)
    person.password_hash = "elsewhere"

    with pytest.raises(Conflict):
        actions.change_password(session, actor=person, tried=tried, password_hash="new", token="t", now=NOW)


def test_officer_opens_an_account_for_an_owner_once(session: Session) -> None:
    officer = make_person(session, "office")

    first = actions.register_owner(session, actor=officer, name="Ibu", phone=PHONE, now=NOW, province_code=VISITING)
    again = actions.register_owner(session, actor=officer, name="Lain", phone=PHONE, now=NOW)

    assert again is first
    assert (first.name, first.role, first.province_code) == ("Ibu", Role.OWNER, VISITING)
    assert trail(session) == [("person.create", first.id, officer.id)]


def test_officer_cannot_take_a_staff_number_for_an_owner(session: Session) -> None:
    officer = make_person(session, "office")
    make_person(session, "admin", phone=PHONE)

    with pytest.raises(Refused):
        actions.register_owner(session, actor=officer, name="Ibu", phone=PHONE, now=NOW)


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_others_open_no_accounts_for_owners(session: Session, role: str) -> None:
    with pytest.raises(NotAllowed):
        actions.register_owner(session, actor=make_person(session, role), name="Ibu", phone=PHONE, now=NOW)


def test_own_name_and_language_can_be_changed(session: Session) -> None:
    owner = make_person(session)

    actions.change_me(session, actor=owner, details=MyDetails(name="Ibu Ani", locale="en"), now=NOW)

    assert (owner.name, owner.locale) == ("Ibu Ani", "en")
    assert trail(session) == [("person.change", owner.id, owner.id)]


def test_list_shows_staff_to_admins_only(session: Session) -> None:
    admin, office, owner = (make_person(session, role) for role in ("admin", "office", "owner"))

    assert set(session.scalars(queries.people_seen_by(admin))) == {admin, office}
    assert session.scalars(queries.people_seen_by(admin, role=Role.OWNER)).all() == [owner]
    assert session.scalars(queries.people_seen_by(office)).all() == []
    assert queries.person_seen_by(session, office, owner.id) is None
    assert queries.person_seen_by(session, admin, owner.id) is owner


@pytest.mark.parametrize("words", ["Sari Dewi", "sari", "SARI@", "0812-3456", "81234567", "+62 812 3456"])
def test_list_is_searched_by_name_mail_and_number(session: Session, words: str) -> None:
    admin = make_person(session, "admin", name="Pengelola", email="kelola@contoh.example")
    found = make_person(session, "office", name="Sari Dewi", email="sari@contoh.example", phone=PHONE)

    assert session.scalars(queries.people_seen_by(admin, words=words)).all() == [found]


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1 --"])
def test_search_reads_signs_as_text(session: Session, words: str) -> None:
    admin = make_person(session, "admin")

    assert session.scalars(queries.people_seen_by(admin, words=words)).all() == []
