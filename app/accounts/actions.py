"""Every change of a person, a code, a browser session or a consent."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts import policy, queries
from app.accounts.models import BrowserSession, Consent, Person
from app.accounts.values import CONSENT_VERSION, Purpose, Role
from app.kit import audit, proofs
from app.kit.errors import NotAllowed, Refused

OWNER_SESSION = timedelta(days=30)
STAFF_SESSION = timedelta(hours=12)
FRESH_FOR = timedelta(minutes=10)


def create_person(
    session: Session, *, role: Role, now: datetime, name: str = "", phone: str | None = None, email: str | None = None,
    province_code: str | None = None, locale: str | None = None, is_demo: bool = False, actor: Person | None = None,
) -> Person:
    """Add a person; phone and e-mail come in their normal form. Nobody can sign in as staff without a password."""
    person = Person(
        name=name, role=role, phone=phone, email=email, province_code=province_code, locale=locale, is_demo=is_demo,
        created_at=now,
    )
    session.add(person)
    session.flush()
    audit.record(
        session, actor=actor, action="person.create", subject=("person", person.id), now=now,
        after={"name": name, "role": role, "province": province_code},
    )
    return person


def start_session(session: Session, *, person: Person, now: datetime) -> str:
    """Sign a browser in and return the token for its cookie; only the token's digest is kept."""
    token = proofs.random_token()
    lasts = OWNER_SESSION if person.role is Role.OWNER else STAFF_SESSION
    session.add(BrowserSession(
        digest=proofs.digest(token), person_id=person.id, created_at=now, expires_at=now + lasts,
        fresh_until=now + FRESH_FOR,
    ))
    session.flush()
    return token


def end_sessions(session: Session, *, person: Person, now: datetime, except_token: str | None = None) -> None:
    """Sign a person out everywhere, or everywhere but in the browser that asks."""
    kept = "" if except_token is None else proofs.digest(except_token)
    session.execute(
        update(BrowserSession)
        .where(
            BrowserSession.person_id == person.id, BrowserSession.ended_at.is_(None), BrowserSession.digest != kept
        )
        .values(ended_at=now)
    )


def register_owner(
    session: Session, *, actor: Person, name: str, phone: str, now: datetime, province_code: str | None = None
) -> Person:
    """Find the owner with a phone number, or open an account for one whom an officer helps."""
    if not policy.can_register_owners(actor):
        raise NotAllowed(_l("Hanya petugas provinsi yang boleh mendaftarkan pemilik usaha."))
    _take_turns(session, phone)
    known = queries.person_by_identity(session, phone)
    if known is None:
        return create_person(
            session, actor=actor, role=Role.OWNER, name=name, phone=phone, province_code=province_code, now=now
        )
    if known.role is not Role.OWNER or not known.is_active:
        raise Refused(_l("Nomor HP ini tidak bisa dipakai untuk pemilik usaha."), field="phone")
    return known


def record_consents(
    session: Session, *, actor: Person, person: Person, answers: dict[Purpose, bool], now: datetime,
    recorded_by: str | None = None,
) -> None:
    """Add the answers that are new; earlier answers stay in the record for ever."""
    if not policy.can_record_consents(actor, person):
        raise NotAllowed(_l("Izin hanya boleh diubah oleh pemiliknya atau petugas yang membantunya."))
    newest = queries.newest_consents(session, person.id)
    changed = {
        purpose: is_given for purpose, is_given in answers.items()
        if purpose not in newest or newest[purpose].is_given != is_given or newest[purpose].version != CONSENT_VERSION
    }
    helper = None if actor.id == person.id else recorded_by or actor.id
    for purpose, is_given in changed.items():
        session.add(Consent(
            person_id=person.id, purpose=purpose, version=CONSENT_VERSION, is_given=is_given, given_at=now,
            recorded_by=helper,
        ))
    session.flush()
    if changed:
        audit.record(
            session, actor=actor, action="person.consent", subject=("person", person.id), now=now,
            before={purpose.value: newest[purpose].is_given for purpose in changed if purpose in newest},
            after={purpose.value: is_given for purpose, is_given in changed.items()} | {"version": CONSENT_VERSION},
        )


def _take_turns(session: Session, *names: str) -> None:
    """Let transactions about the same name run one after the other. On SQLite every writer already waits."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in names:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
