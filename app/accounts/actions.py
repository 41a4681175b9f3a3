"""Every change of a person, a code, a browser session or a consent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts import policy, queries
from app.accounts.models import BrowserSession, Consent, Person, RecoveryCode
from app.accounts.values import (
    CONSENT_VERSION,
    Channel,
    MyDetails,
    PasswordTry,
    Purpose,
    Role,
    StaffDetails,
    Try,
)
from app.config import Settings
from app.kit import audit, codes, jobs, proofs, tries
from app.kit.db import take_turns
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.kit.messages import Carrier, Console, Gateway, Outbox, Smtp, add_message, forget_messages
from app.kit.tries import Limit

OWNER_SESSION = timedelta(days=30)
STAFF_SESSION = timedelta(hours=12)
FRESH_FOR = timedelta(minutes=10)
# Tries that succeed are taken off the count again: a hall full of owners behind one address, or somebody who shows
# the demo, is held up only by tries that came to nothing.
LIMITS = {
    Try.ASK: Limit(by_identity=5, by_network=20),
    Try.CHECK: Limit(by_identity=10, by_network=30),
    Try.PASSWORD: Limit(by_identity=10, by_network=30),
    Try.SECOND_FACTOR: Limit(by_identity=10, by_network=30),
}
KEPT_FOR = timedelta(days=1)
MESSAGES_KEPT_FOR = timedelta(days=30)
RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """What came of typing a one-time code: a person, or how often it may be tried again."""

    person: Person | None
    is_new: bool
    attempts_left: int


# --- people -----------------------------------------------------------------------------------------------------


def create_person(
    session: Session, *, role: Role, now: datetime, name: str = "", phone: str | None = None, email: str | None = None,
    province_code: str | None = None, locale: str | None = None, is_demo: bool = False, actor: Person | None = None,
) -> Person:
    """Add a person; phone and e-mail come in their normal form. Nobody can sign in as staff without a password."""
    person = Person(
        name=name, role=role, phone=phone, email=email, province_code=province_code, locale=locale, is_demo=is_demo,
        is_active=True, created_at=now,
    )
    session.add(person)
    session.flush()
    audit.record(
        session, actor=actor, action="person.create", subject=("person", person.id), now=now,
        after={"name": name, "role": role, "province": province_code},
    )
    return person


def register_owner(
    session: Session, *, actor: Person, name: str, phone: str, now: datetime, province_code: str | None = None
) -> Person:
    """Find the owner with a phone number, or open an account for one whom an officer helps."""
    if not policy.can_register_owners(actor):
        raise NotAllowed(_l("Hanya petugas provinsi yang boleh mendaftarkan pemilik usaha."))
    take_turns(session, phone)
    known = queries.person_by_identity(session, phone)
    if known is None:
        return create_person(
            session, actor=actor, role=Role.OWNER, name=name, phone=phone, province_code=province_code, now=now
        )
    if not policy.signs_in_by_code(known):
        raise Refused(_l("Nomor HP ini tidak bisa dipakai untuk pemilik usaha."), field="phone")
    return known


def change_me(session: Session, *, actor: Person, details: MyDetails, now: datetime) -> None:
    """Change one's own name and language."""
    before = {"name": actor.name, "locale": actor.locale}
    actor.name, actor.locale = details.name, details.locale
    session.flush()
    audit.record(
        session, actor=actor, action="person.change", subject=("person", actor.id), now=now, before=before,
        after={"name": actor.name, "locale": actor.locale},
    )


# --- browser sessions -------------------------------------------------------------------------------------------


def start_session(session: Session, *, person: Person, now: datetime) -> str:
    """Sign a browser in and return the token for its cookie; only the token's digest is kept."""
    token = proofs.random_token()
    lasts = OWNER_SESSION if person.role is Role.OWNER else STAFF_SESSION
    session.execute(delete(BrowserSession).where(
        BrowserSession.person_id == person.id, BrowserSession.expires_at < now - OWNER_SESSION
    ))
    session.add(BrowserSession(
        digest=proofs.digest(token), person_id=person.id, created_at=now, expires_at=now + lasts,
        fresh_until=now + FRESH_FOR,
    ))
    session.flush()
    return token


def end_session(session: Session, *, token: str, now: datetime) -> None:
    """Sign one browser out: its cookie is worth nothing from now on."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.digest == proofs.digest(token), BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


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


def confirm_again(session: Session, *, person: Person, token: str, typed: str, network: str, now: datetime) -> bool:
    """Let a signed-in browser do weighty things for some minutes more, by another code of the authenticator."""
    if not pass_second_factor(session, person=person, typed=typed, network=network, now=now):
        return False
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.digest == proofs.digest(token))
        .values(fresh_until=now + FRESH_FOR)
    )
    return True


# --- owners: one-time codes -------------------------------------------------------------------------------------


def ask_code(
    session: Session, *, code_id: str, identity: str, channel: Channel, network: str, key: bytes, now: datetime,
    replaces: str | None = None,
) -> str:
    """Send a code for one browser and return the id of its row.

    Known and unknown people, staff and blocked people get the same answer; only the message is not sent to the
    latter two. `code_id` is chosen by the browser's form, so a form sent twice asks once.
    """
    take_turns(session, identity)
    earlier = codes.code_by_id(session, code_id)
    if earlier is not None and earlier.identity == identity:
        return earlier.id
    wait = codes.seconds_to_wait(session, identity, now)
    if wait:
        text = _l("Kode baru saja dikirim. Tunggu %(n)s detik, lalu minta lagi.", n=wait)
        raise tries.TooManyTries(text, seconds=wait)
    _count(session, Try.ASK, identity, network, now)
    tries.forget_tries(session, before=now - KEPT_FOR)
    codes.forget_codes(session, before=now - KEPT_FOR)
    forget_messages(session, before=now - MESSAGES_KEPT_FOR)
    row_id = code_id if earlier is None else new_id()
    code = codes.issue_code(session, code_id=row_id, identity=identity, key=key, now=now, replaces=replaces)
    person = queries.person_by_identity(session, identity)
    if person is None or policy.signs_in_by_code(person):
        _send_code(session, code, identity, channel, now)
    return row_id


def _send_code(session: Session, code: str, identity: str, channel: Channel, now: datetime) -> None:
    minutes = int(codes.LIFE.total_seconds()) // 60
    body = _l(
        "%(code)s adalah kode masuk Titik Temu. Berlaku %(minutes)s menit dan hanya untuk satu kali. "
        "Jangan berikan kepada siapa pun.", code=code, minutes=minutes,
    )
    send_message(
        session, channel=channel, recipient=identity, subject=str(_l("Kode masuk Titik Temu")), body=str(body),
        now=now, is_secret=True,
    )


def check_code(
    session: Session, *, code_id: str, typed: str, network: str, key: bytes, now: datetime, locale: str | None = None
) -> CodeCheck:
    """Use up one attempt of a code; with the right one, find its owner or open an account for a new one.

    A wrong code is no exception, because its counters must be committed.
    """
    row = codes.code_by_id(session, code_id)
    if row is None:
        raise codes.dead_code()
    take_turns(session, row.identity)
    tried = _count(session, Try.CHECK, row.identity, network, now)
    answer = codes.try_code(session, row, typed, key=key, now=now)
    person = queries.person_by_identity(session, row.identity)
    # A row of somebody who gets no message has a code too: guessing it must not help.
    if not answer.fits or (person is not None and not policy.signs_in_by_code(person)):
        return CodeCheck(person=None, is_new=False, attempts_left=answer.attempts_left)
    tries.take_off(session, tried)
    tries.forgive(session, Try.ASK, identity=row.identity, network=network)
    is_new = person is None
    if person is None:
        phone, email = (row.identity, None) if row.identity.startswith("+") else (None, row.identity)
        person = create_person(session, role=Role.OWNER, phone=phone, email=email, locale=locale, now=now)
    return CodeCheck(person=person, is_new=is_new, attempts_left=answer.attempts_left)


# --- staff: password and second factor --------------------------------------------------------------------------


def open_password_try(session: Session, *, email: str, network: str, now: datetime) -> PasswordTry:
    """Count a try before it is checked, and give the hash to check it against outside of any transaction."""
    tried = _count(session, Try.PASSWORD, email, network, now)
    person = queries.person_by_identity(session, email)
    if person is None or not policy.signs_in_by_password(person) or person.password_hash is None:
        return PasswordTry(id=tried, password_hash=proofs.NOBODYS_HASH)
    return PasswordTry(id=tried, password_hash=person.password_hash)


def pass_password(session: Session, *, email: str, tried: PasswordTry) -> Person | None:
    """Take a right password off the count; who has no authenticator yet gets the secret for setting one up."""
    person = queries.person_by_identity(session, email)
    if person is None or not policy.signs_in_by_password(person) or person.password_hash != tried.password_hash:
        return None
    tries.take_off(session, tried.id)
    if person.totp_confirmed_at is None:
        person.totp_secret = proofs.random_totp_secret()
        session.flush()
    return person


def pass_second_factor(session: Session, *, person: Person, typed: str, network: str, now: datetime) -> bool:
    """Check a code of the authenticator, or a recovery code; each counts once and then never again."""
    tried = _count(session, Try.SECOND_FACTOR, person.id, network, now)
    if _use_step(session, person, typed, now):
        tries.take_off(session, tried)
        return True
    if not _use_recovery_code(session, person, typed, now):
        return False
    tries.take_off(session, tried)
    audit.record(session, actor=person, action="person.recovery_code", subject=("person", person.id), now=now)
    return True


def _use_step(session: Session, person: Person, typed: str, now: datetime) -> bool:
    if person.totp_secret is None or person.totp_confirmed_at is None:
        return False
    step = proofs.matching_step(person.totp_secret, typed, now)
    if step is None:
        return False
    done = session.scalars(
        update(Person).where(Person.id == person.id, Person.totp_last_step < step).values(totp_last_step=step)
        .returning(Person.id)
    )
    return done.one_or_none() is not None


def _use_recovery_code(session: Session, person: Person, typed: str, now: datetime) -> bool:
    done = session.scalars(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id, RecoveryCode.digest == _recovery_digest(person, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now).returning(RecoveryCode.id)
    )
    return done.one_or_none() is not None


def _recovery_digest(person: Person, typed: str) -> str:
    return proofs.digest(f"{person.id}:{proofs.plain_code(typed)}")


def set_up_staff(
    session: Session, *, person: Person, typed: str, password_hash: str, network: str, now: datetime
) -> list[str] | None:
    """Confirm the authenticator with its first code, set one's own password, and return new recovery codes.

    Returns None when the code is wrong; the try is counted.
    """
    tried = _count(session, Try.SECOND_FACTOR, person.id, network, now)
    step = None if person.totp_secret is None else proofs.matching_step(person.totp_secret, typed, now)
    if step is None:
        return None
    done = session.scalars(
        update(Person).where(Person.id == person.id, Person.totp_confirmed_at.is_(None))
        .values(totp_confirmed_at=now, totp_last_step=step, password_hash=password_hash).returning(Person.id)
    )
    if done.one_or_none() is None:
        raise Conflict(_l("Aplikasi kode sudah dipasang. Masuk lagi dengan kodenya."))
    tries.take_off(session, tried)
    audit.record(session, actor=person, action="person.set_up", subject=("person", person.id), now=now)
    return _replace_recovery_codes(session, person)


def renew_recovery_codes(session: Session, *, actor: Person, now: datetime) -> list[str]:
    """Replace all recovery codes; they are shown this one time."""
    if not policy.signs_in_by_password(actor):
        raise NotAllowed(_l("Kode cadangan hanya untuk petugas."))
    audit.record(session, actor=actor, action="person.recovery_codes", subject=("person", actor.id), now=now)
    return _replace_recovery_codes(session, actor)


def _replace_recovery_codes(session: Session, person: Person) -> list[str]:
    codes = [proofs.random_recovery_code() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(RecoveryCode(person_id=person.id, digest=_recovery_digest(person, code)) for code in codes)
    session.flush()
    return codes


def record_staff_sign_in(session: Session, *, person: Person, network: str, now: datetime) -> None:
    """Note in the trail that a member of staff came in, and from which network."""
    audit.record(
        session, actor=person, action="person.sign_in", subject=("person", person.id), now=now,
        after={"network": network},
    )


def change_password(session: Session, *, actor: Person, tried: PasswordTry, password_hash: str, token: str,
                    now: datetime) -> None:
    """Set one's own new password; every other browser of this person is signed out."""
    if not policy.signs_in_by_password(actor) or actor.password_hash != tried.password_hash:
        raise Conflict(_l("Kata sandi baru saja diubah di tempat lain. Muat ulang halaman ini."))
    tries.take_off(session, tried.id)
    actor.password_hash = password_hash
    end_sessions(session, person=actor, now=now, except_token=token)
    session.flush()
    audit.record(session, actor=actor, action="person.password", subject=("person", actor.id), now=now)


# --- staff accounts ---------------------------------------------------------------------------------------------


def add_first_admin(session: Session, *, name: str, email: str, password_hash: str, now: datetime) -> Person:
    """Open the first admin account, from the command line; refused as soon as an admin can sign in."""
    take_turns(session, "admins")
    if queries.count_active_admins(session):
        raise Conflict(_l("Sudah ada admin. Admin itu yang menambah petugas."))
    _check_free(session, phone=None, email=email)
    person = create_person(session, role=Role.ADMIN, name=name, email=email, now=now)
    person.password_hash = password_hash
    session.flush()
    return person


def add_staff(
    session: Session, *, actor: Person, details: StaffDetails, password_hash: str, now: datetime
) -> Person:
    """Open a staff account with a password that is shown once and must be replaced at the first sign-in."""
    if not policy.can_manage_staff(actor):
        raise NotAllowed(_l("Hanya admin yang mengatur akun petugas."))
    _check_role(details)
    _check_free(session, phone=details.phone, email=details.email)
    person = create_person(
        session, actor=actor, role=details.role, name=details.name, phone=details.phone, email=details.email,
        province_code=details.province_code, now=now,
    )
    person.password_hash = password_hash
    session.flush()
    return person


def change_staff(session: Session, *, actor: Person, person: Person, details: StaffDetails, now: datetime) -> None:
    """Change a staff account; another role or province signs the person out everywhere."""
    if not policy.can_manage_staff(actor) or not policy.signs_in_by_password(person):
        raise NotAllowed(_l("Hanya admin yang mengatur akun petugas."))
    _check_role(details)
    rights = (details.role, details.province_code)
    if rights != (person.role, person.province_code) and not policy.can_manage_person(actor, person):
        raise Refused(_l("Peran sendiri tidak bisa diubah. Minta admin lain."), field="role")
    _check_free(session, phone=details.phone, email=details.email, except_id=person.id)
    before = _staff_facts(person)
    has_new_rights = rights != (person.role, person.province_code)
    person.name, person.phone, person.email = details.name, details.phone, details.email
    person.role, person.province_code = rights
    session.flush()
    if has_new_rights:
        _keep_one_admin(session)
        end_sessions(session, person=person, now=now)
    audit.record(
        session, actor=actor, action="person.change", subject=("person", person.id), now=now, before=before,
        after=_staff_facts(person),
    )


def block_person(session: Session, *, actor: Person, person: Person, reason: str, now: datetime) -> None:
    """Shut a person out at once, everywhere."""
    if not policy.can_manage_person(actor, person):
        raise NotAllowed(_l("Akun ini tidak bisa Anda blokir."))
    if not person.is_active:
        raise Conflict(_l("Akun ini sudah diblokir."))
    person.is_active = False
    session.flush()
    _keep_one_admin(session)
    end_sessions(session, person=person, now=now)
    audit.record(
        session, actor=actor, action="person.block", subject=("person", person.id), now=now,
        before={"is_active": True}, after={"is_active": False}, reason=reason,
    )


def unblock_person(session: Session, *, actor: Person, person: Person, reason: str, now: datetime) -> None:
    """Let a person in again; old sessions stay ended."""
    if not policy.can_manage_person(actor, person):
        raise NotAllowed(_l("Akun ini tidak bisa Anda buka."))
    if person.is_active:
        raise Conflict(_l("Akun ini tidak diblokir."))
    person.is_active = True
    session.flush()
    audit.record(
        session, actor=actor, action="person.unblock", subject=("person", person.id), now=now,
        before={"is_active": False}, after={"is_active": True}, reason=reason,
    )


def reset_sign_in(
    session: Session, *, actor: Person | None, person: Person, password_hash: str, reason: str, now: datetime
) -> None:
    """Give a member of staff a new first password and take the authenticator away; `actor` None is the command line."""
    if actor is not None and not policy.can_manage_person(actor, person):
        raise NotAllowed(_l("Cara masuk akun ini tidak bisa Anda ganti."))
    if not policy.signs_in_by_password(person):
        raise Refused(_l("Akun ini masuk dengan kode, bukan kata sandi."))
    person.password_hash = password_hash
    person.totp_secret = person.totp_confirmed_at = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    end_sessions(session, person=person, now=now)
    session.flush()
    audit.record(
        session, actor=actor, action="person.reset_sign_in", subject=("person", person.id), now=now, reason=reason
    )


def _staff_facts(person: Person) -> dict[str, object]:
    return {
        "name": person.name, "phone": person.phone, "email": person.email, "role": person.role,
        "province": person.province_code,
    }


def _check_role(details: StaffDetails) -> None:
    if details.role is Role.OWNER:
        raise Refused(_l("Pilih peran petugas."), field="role")
    if (details.role is Role.ADMIN) != (details.province_code is None):
        raise Refused(_l("Petugas provinsi perlu provinsi; admin tidak."), field="province_code")


def _check_free(session: Session, *, phone: str | None, email: str | None, except_id: str = "") -> None:
    for field, identity in (("phone", phone), ("email", email)):
        if identity is None:
            continue
        take_turns(session, identity)
        other = queries.person_by_identity(session, identity)
        if other is not None and other.id != except_id:
            raise Refused(_l("Sudah dipakai akun lain."), field=field)


def _keep_one_admin(session: Session) -> None:
    """Called after a flush: two admins who demote one another at the same moment come one after the other."""
    take_turns(session, "admins")
    if not queries.count_active_admins(session):
        raise Conflict(_l("Harus tetap ada satu admin yang bisa masuk."))


# --- consents ---------------------------------------------------------------------------------------------------


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


# --- messages and limits ----------------------------------------------------------------------------------------


def send_message(
    session: Session, *, channel: Channel, recipient: str, subject: str, body: str, now: datetime,
    is_secret: bool = False,
) -> None:
    """Write a message to somebody; a job carries it after the commit."""
    message = add_message(
        session, channel=channel, recipient=recipient, subject=subject, body=body, now=now, is_secret=is_secret
    )
    jobs.promise(session, "message.send", subject=f"message:{message.id}", now=now, message_id=message.id)


def carrier_for(settings: Settings, channel: Channel) -> Carrier | None:
    """Return what carries messages of a channel on this installation; None when nothing does."""
    match settings.code_channel:
        case "outbox":
            return Outbox()
        case "console":
            return Console()
    if channel is Channel.MAIL:
        return Smtp(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    return Gateway(settings.gateway_url, settings.gateway_token) if settings.gateway_url else None


def _count(session: Session, kind: Try, identity: str, network: str, now: datetime) -> str:
    return tries.count_try(session, kind, LIMITS[kind], identity=identity, network=network, now=now)
