"""Every change of an offer or a need."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.commodities import queries as commodities
from app.enterprises.models import Enterprise
from app.enterprises.values import EnterpriseState
from app.kit import audit, jobs
from app.kit.errors import NotAllowed, Refused
from app.kit.ids import LENGTH, new_id
from app.listings import policy, queries
from app.listings.models import Listing
from app.listings.values import CHANGED_JOB, MOST_OPEN_LISTINGS, ListingDetails, ListingState

_KEY = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{LENGTH}}}")


def add_listing(
    session: Session, *, actor: Person, enterprise: Enterprise, details: ListingDetails, now: datetime, key: str = ""
) -> Listing:
    """Add an offer or a need to a firm.

    `key` is the id that the form brought along: the same form sent twice makes one listing. A key that already holds
    something else (an earlier page was opened again and changed) makes a new listing, so that nothing is lost.
    """
    if not policy.can_add(actor, enterprise):
        raise NotAllowed(_l("Anda tidak boleh menambah barang di usaha ini."))
    _check(session, details)
    made = queries.listing_with_id(session, key) if _KEY.fullmatch(key) else None
    if made is not None and made.enterprise_id == enterprise.id and _content(made) == _stored(details):
        return made
    if queries.open_count(session, enterprise.id) >= MOST_OPEN_LISTINGS:
        raise Refused(_l("Sudah %(count)s barang terbuka. Tutup dulu yang tidak ada lagi.", count=MOST_OPEN_LISTINGS),
                      field="title")
    wanted_id = key if _KEY.fullmatch(key) and made is None else new_id()
    listing = Listing(
        id=wanted_id, enterprise_id=enterprise.id, enterprise=enterprise, state=ListingState.OPEN, renewed_at=now,
        created_at=now, **_stored(details),
    )
    try:
        with session.begin_nested():
            session.add(listing)
    except IntegrityError:  # the same form, a moment faster
        faster = queries.listing_with_id(session, key)
        if faster is None or faster.enterprise_id != enterprise.id:
            raise
        return faster
    _record(session, actor, listing, "listing.add", now, after=_content(listing))
    return listing


def revise_listing(
    session: Session, *, actor: Person, listing: Listing, details: ListingDetails, now: datetime
) -> None:
    """Change a listing. Whoever looks at it again also says that it still holds, so it counts as renewed."""
    _must(actor, listing)
    _check(session, details)
    before, values, renewed_at = _content(listing), _stored(details), listing.renewed_at
    changed = sorted(name for name, value in values.items() if before[name] != value)
    for name in changed:
        setattr(listing, name, values[name])
    listing.renewed_at = now
    session.flush()
    if changed:
        _record(
            session, actor, listing, "listing.revise", now, before={name: before[name] for name in changed},
            after={name: values[name] for name in changed},
        )
    else:
        _record(
            session, actor, listing, "listing.renew", now, before={"renewed_at": renewed_at}, after={"renewed_at": now}
        )


def close_listing(session: Session, *, actor: Person, listing: Listing, now: datetime) -> None:
    """Take a listing out; renewing brings it back."""
    _must(actor, listing)
    if listing.state is ListingState.CLOSED:
        return
    listing.state = ListingState.CLOSED
    _record(session, actor, listing, "listing.close", now, before={"state": "open"}, after={"state": "closed"})
    session.flush()


def renew_listing(session: Session, *, actor: Person, listing: Listing, now: datetime) -> None:
    """Say that a listing still holds, or open a closed one again."""
    _must(actor, listing)
    before = {"state": listing.state, "renewed_at": listing.renewed_at}
    listing.state, listing.renewed_at = ListingState.OPEN, now
    _record(session, actor, listing, "listing.renew", now, before=before, after={"state": "open", "renewed_at": now})
    session.flush()


def _must(actor: Person, listing: Listing) -> None:
    if not policy.can_edit(actor, listing):
        raise NotAllowed(_l("Anda tidak boleh mengubah barang ini."))


def _check(session: Session, details: ListingDetails) -> None:
    """Refuse what forms, imports and seeds alike must not bring in."""
    goods = commodities.catalogue(session)
    if details.commodity_code is not None and details.commodity_code not in goods.goods:
        raise Refused(_l("Barang ini tidak ada di daftar."), field="commodity_code")
    if details.unit_code is not None and details.unit_code not in goods.units:
        raise Refused(_l("Satuan ini tidak dikenal."), field="unit_code")
    if details.unit_code is None and (details.quantity is not None or details.price_amount is not None):
        raise Refused(_l("Pilih satuannya juga."), field="unit_code")
    if not details.title.strip():
        raise Refused(_l("Tulis nama barangnya."), field="title")
    if not set(details.months) <= set(range(1, 13)):
        raise Refused(_l("Pilih bulan dari Januari sampai Desember."), field="months")


def _stored(details: ListingDetails) -> dict[str, Any]:
    """Return the details as the columns keep them; all twelve months are the same as none named."""
    months = sorted(set(details.months))
    return asdict(details) | {
        "months": [] if len(months) == 12 else months, "certificates": list(details.certificates),
    }


def _content(listing: Listing) -> dict[str, Any]:
    return {name: getattr(listing, name) for name in ListingDetails.__dataclass_fields__}


def _record(
    session: Session, actor: Person, listing: Listing, action: str, now: datetime, *,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        session, actor=actor, action=action, subject=("listing", listing.id), now=now, before=before, after=after
    )
    if listing.enterprise.state is EnterpriseState.ACTIVE:
        jobs.promise(
            session, CHANGED_JOB, subject=f"listing:{listing.id}", now=now, by=actor.id, listing_id=listing.id,
            changed_at=now.isoformat(),
        )
