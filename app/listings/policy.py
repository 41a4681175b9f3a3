"""Who may do what with offers and needs: the same people who may edit their firm."""

from app.accounts.models import Person
from app.enterprises import policy as enterprises
from app.enterprises.models import Enterprise
from app.listings.models import Listing


def can_add(person: Person, enterprise: Enterprise) -> bool:
    """Whether somebody may add an offer or a need to a firm."""
    return enterprises.can_edit(person, enterprise)


def can_edit(person: Person, listing: Listing) -> bool:
    """Whether somebody may change, close or renew a listing (its firm and regency must be loaded)."""
    return enterprises.can_edit(person, listing.enterprise)
