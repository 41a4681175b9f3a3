"""Every change of a firm."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import actions as accounts
from app.accounts.models import Person
from app.accounts.values import Purpose
from app.enterprises import policy, queries
from app.enterprises.models import Enterprise
from app.enterprises.values import AssistDetails, BasicDetails, EnterpriseState, MoreDetails, size_class_of
from app.kit import audit
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.regions import queries as regions
from app.regions.models import Regency

# What an officer looked at before stamping: when one of these changes, the stamp no longer holds.
STAMPED = ("name", "regency_code", "nib", "npwp")


class NibTaken(Refused):
    """Another firm has this business number. Which one is not said: it is not this person's business."""

    def __init__(self) -> None:
        super().__init__(
            _l("NIB ini sudah dipakai usaha lain. Periksa lagi angkanya; kalau sudah benar, hubungi petugas."),
            field="nib",
        )


def register_enterprise(session: Session, *, actor: Person, details: BasicDetails, now: datetime) -> Enterprise:
    """Open the draft of an owner's firm. Sent twice, it is still one firm, with what was sent last."""
    if not policy.can_register(actor):
        raise NotAllowed(_l("Hanya pemilik usaha yang mendaftarkan usahanya sendiri."))
    existing = queries.enterprise_of(session, actor)
    if existing is not None:
        return revise_enterprise(session, actor=actor, enterprise=existing, details=details, now=now)
    regency = _known_regency(session, details)
    drafted = _new_enterprise(actor, details, regency, EnterpriseState.DRAFT, now)
    try:
        with session.begin_nested():
            session.add(drafted)
    except IntegrityError:  # the same form from the same phone was a moment faster
        faster = queries.enterprise_of(session, actor)
        if faster is None:
            raise
        return faster
    _record(session, actor, drafted, "enterprise.register", now, after=asdict(details))
    return drafted


def revise_enterprise(
    session: Session, *, actor: Person, enterprise: Enterprise, details: BasicDetails, now: datetime
) -> Enterprise:
    """Change name, place or trade side; a stamp "checked" falls when name or place change."""
    _must(policy.can_edit(actor, enterprise))
    regency = _known_regency(session, details)
    if policy.is_own_staff(actor, enterprise):
        _must(policy.can_assist(actor, regency))
    _change(session, actor, enterprise, "enterprise.revise", asdict(details), now)
    enterprise.regency = regency
    return enterprise


def complete_enterprise(
    session: Session, *, actor: Person, enterprise: Enterprise, details: MoreDetails, now: datetime
) -> None:
    """Keep what the firm adds later and work out its size class; refuses a business number that another firm has."""
    _must(policy.can_edit(actor, enterprise))
    if details.nib and queries.nib_is_taken(session, details.nib, except_for=enterprise):
        raise NibTaken
    values = asdict(details) | {
        "certificates": [certificate.value for certificate in details.certificates],
        "size_class": size_class_of(details.annual_turnover, details.capital),
    }
    try:
        with session.begin_nested():
            _change(session, actor, enterprise, "enterprise.complete", values, now)
    except IntegrityError as clash:  # the other firm was a moment faster
        raise NibTaken from clash


def assist_enterprise(session: Session, *, actor: Person, details: AssistDetails, now: datetime) -> Enterprise:
    """Fill in a firm for an owner, who has to confirm it after signing in with the same phone number."""
    regency = _known_regency(session, details.basic)
    if not policy.can_assist(actor, regency):
        raise NotAllowed(_l("Petugas hanya mendaftarkan usaha dari provinsinya sendiri."))
    owner = accounts.register_owner(
        session, actor=actor, name=details.owner_name, phone=details.phone, now=now, province_code=actor.province_code
    )
    existing = queries.enterprise_of(session, owner)
    if existing is not None:
        if existing.assisted_by_id == actor.id and asdict(details.basic) == _now_in(existing, asdict(details.basic)):
            return existing  # the same form, sent twice
        raise Conflict(_l("Nomor HP ini sudah punya usaha di Titik Temu."), field="phone")
    assisted = _new_enterprise(owner, details.basic, regency, EnterpriseState.AWAITING_OWNER, now)
    assisted.assisted_by_id, assisted.assisted_by = actor.id, actor
    session.add(assisted)
    session.flush()
    _record(session, actor, assisted, "enterprise.assist", now, after=asdict(details.basic))
    return assisted


def open_enterprise(
    session: Session, *, actor: Person, enterprise: Enterprise, answers: dict[Purpose, bool], now: datetime
) -> None:
    """Finish a registration: keep the owner's four answers and bring the firm into the directory.

    A firm that an officer filled in is confirmed by this. Doing it again only keeps the answers.
    """
    _must(policy.can_confirm(actor, enterprise))
    if enterprise.state is EnterpriseState.CLOSED:
        raise Conflict(_l("Usaha ini sudah ditutup."))
    if not answers.get(Purpose.PARTNERS):
        raise Refused(
            _l("Tanpa izin ini usaha Anda tidak bisa dicarikan mitra. Isian Anda tetap tersimpan."), field="partners"
        )
    accounts.record_consents(session, actor=actor, person=actor, answers=answers, now=now)
    if enterprise.state is EnterpriseState.ACTIVE:
        return
    is_assisted = enterprise.state is EnterpriseState.AWAITING_OWNER
    before = {"state": enterprise.state}
    enterprise.state, enterprise.updated_at = EnterpriseState.ACTIVE, now
    if is_assisted:
        enterprise.confirmed_at = now
    action = "enterprise.confirm" if is_assisted else "enterprise.open"
    _record(session, actor, enterprise, action, now, before=before, after={"state": enterprise.state})


def verify_enterprise(
    session: Session, *, actor: Person, enterprise: Enterprise, is_verified: bool, now: datetime
) -> None:
    """Stamp a firm as checked, with date and name, or take the stamp away."""
    if not policy.can_verify(actor, enterprise):
        raise NotAllowed(_l("Hanya petugas dari provinsi usaha ini yang boleh memberi tanda periksa."))
    if is_verified == (enterprise.verified_at is not None):
        return
    enterprise.verified_by_id = actor.id if is_verified else None
    enterprise.verified_by = actor if is_verified else None
    enterprise.verified_at = now if is_verified else None
    action = "enterprise.verify" if is_verified else "enterprise.unverify"
    _record(session, actor, enterprise, action, now, before=None, after={"is_verified": is_verified})


def _must(is_allowed: bool) -> None:
    if not is_allowed:
        raise NotAllowed(_l("Anda tidak boleh mengubah usaha ini."))


def _known_regency(session: Session, details: BasicDetails) -> Regency:
    regency = regions.regency(session, details.regency_code)
    if regency is None:
        raise Refused(_l("Pilih kabupaten atau kota dari daftar."), field="regency_code")
    return regency


def _new_enterprise(
    owner: Person, details: BasicDetails, regency: Regency, state: EnterpriseState, now: datetime
) -> Enterprise:
    return Enterprise(
        id=new_id(), owner_id=owner.id, owner=owner, name=details.name, regency=regency, regency_code=regency.code,
        trade_side=details.trade_side, state=state, is_demo=owner.is_demo, certificates=[], created_at=now,
        updated_at=now, assisted_by=None, verified_by=None,
    )


def _change(
    session: Session, actor: Person, enterprise: Enterprise, action: str, values: dict[str, Any], now: datetime
) -> None:
    before = _now_in(enterprise, values)
    changed = {name for name, value in values.items() if getattr(enterprise, name) != value}
    if not changed:
        return
    for name in changed:
        setattr(enterprise, name, values[name])
    enterprise.updated_at = now
    after = _now_in(enterprise, values)
    if enterprise.verified_at is not None and changed & set(STAMPED):
        before["verified_at"], after["verified_at"] = enterprise.verified_at, None
        enterprise.verified_at = enterprise.verified_by_id = enterprise.verified_by = None
    kept = changed | ({"verified_at"} & set(after))
    _record(
        session, actor, enterprise, action, now,
        before={name: before[name] for name in sorted(kept)}, after={name: after[name] for name in sorted(kept)},
    )
    session.flush()


def _now_in(enterprise: Enterprise, values: dict[str, Any]) -> dict[str, Any]:
    """Return how the firm stands in these columns, as the trail may keep it: a tax number can be a person's NIK."""
    shown = {name: getattr(enterprise, name) for name in values}
    if shown.get("npwp"):
        shown["npwp"] = "•••• " + shown["npwp"][-4:]
    return shown


def _record(
    session: Session, actor: Person, enterprise: Enterprise, action: str, now: datetime, *,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        session, actor=actor, action=action, subject=("enterprise", enterprise.id), now=now, before=before, after=after
    )
