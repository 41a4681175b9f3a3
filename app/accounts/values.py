"""The words of this package."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is on the platform."""

    OWNER = "owner"
    ORGANISER = "organiser"
    OFFICE = "office"
    ADMIN = "admin"


STAFF = (Role.ORGANISER, Role.OFFICE, Role.ADMIN)
PROVINCIAL_STAFF = (Role.ORGANISER, Role.OFFICE)


class Purpose(StrEnum):
    """What a consent is for; each is asked and answered on its own."""

    PARTNERS = "partners"
    PHONE = "phone"
    STATISTICS = "statistics"
    PRESS = "press"


CONSENT_VERSION = "2026-11"


class Channel(StrEnum):
    """How a message reaches a person."""

    PHONE = "phone"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class StaffDetails:
    """A staff account as an admin types it in."""

    name: str
    phone: str | None
    email: str
    role: Role
    province_code: str | None
