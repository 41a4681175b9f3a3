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
# Published on purpose: it opens invented accounts of a demo only, and is refused for everybody else.
DEMO_PASSWORD = "titik-temu-demo"  # noqa: S105
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200


class Channel(StrEnum):
    """How a message reaches a person."""

    PHONE = "phone"
    MAIL = "mail"


class Try(StrEnum):
    """What is counted, so that nobody can ask or guess for ever."""

    ASK = "ask"
    CHECK = "check"
    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "totp"


@dataclass(frozen=True, slots=True)
class PasswordTry:
    """A counted try of a password, and the hash to check it against (nobody's when there is no such person)."""

    id: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class MyDetails:
    """What people may change about themselves."""

    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class StaffDetails:
    """A staff account as an admin types it in."""

    name: str
    phone: str | None
    email: str
    role: Role
    province_code: str | None
