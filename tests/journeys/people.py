"""What people do in their browsers: owners register and answer, staff sign in. Every step is looked at."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyotp
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.accounts.values import Role
from app.kit import proofs
from app.missions.models import Mission
from app.missions.values import MissionState
from tests.accounts.helpers import PASSWORD, PASSWORD_HASH
from tests.factories import HOSTING, VISITING, make_mission, make_person
from tests.journeys.watching import Screen, Watcher, watched

CONSENTS = ("partners", "phone", "statistics", "press")


@dataclass
class Owner:
    """An owner at the phone, and how many inputs the registration has cost."""

    phone: str
    firm: str
    regency: str
    watcher: Watcher
    page: Page
    inputs: list[str] = field(default_factory=list)

    def fill(self, name: str, value: str) -> None:
        """Type into one input."""
        self.inputs.append(name)
        self.page.locator(f"[name={name}]").fill(value)

    def choose(self, name: str, value: str) -> None:
        """Touch one of a few answers, or take it from a list."""
        self.inputs.append(name)
        self.tick(name, value)

    def tick(self, name: str, value: str) -> None:
        """The same for what is not an input of the registration: consents, and a good among those found."""
        thing = self.page.locator(f"select[name={name}], label:has([name={name}][value='{value}'])").first
        if thing.evaluate("it => it.tagName") == "SELECT":
            thing.select_option(value)
        else:
            self.watcher.press(thing)

    def go_on(self, label: str) -> None:
        """Press a button of the form by its words."""
        self.watcher.go(self.page.get_by_role("button", name=label, exact=True))

    def follow(self, label: str) -> None:
        """Press a link by its words."""
        self.watcher.go(self.page.get_by_role("link", name=label, exact=True))

    def look(self, name: str) -> None:
        """See that the page is in order."""
        self.watcher.look(self.page, name)


@contextmanager
def owner_at(
    browser: Browser, site: str, screen: Screen, *, phone: str, firm: str, regency: str, **options: object
) -> Iterator[Owner]:
    """An owner who opens the browser."""
    with watched(browser, site, screen, f"owner-{regency}", **options) as watcher:
        yield Owner(phone, firm, regency, watcher, watcher.open_page())


def sign_in_as_owner(owner: Owner) -> None:
    """Type the phone number, then the code from the outbox."""
    owner.page.goto(f"{owner.watcher.site}/sign-in")
    owner.look("sign-in")
    owner.fill("identity", owner.phone)
    owner.go_on("Kirim kode")
    expect(owner.page.get_by_role("heading", name="Masukkan kode", level=1)).to_be_visible()
    owner.look("code")
    owner.fill("code", code_for(owner.watcher, owner.phone))
    owner.go_on("Masuk")


def code_for(watcher: Watcher, phone: str) -> str:
    """The newest code for a number, as the outbox page of the demo shows it in another tab."""
    shown = re.sub(r"^(\d{4})(\d{4})(\d+)$", r"\1-\2-\3", phone)
    tab = watcher.context.new_page()
    row = tab.locator("tr", has_text=shown).first
    for _ in range(20):
        tab.goto(f"{watcher.site}/demo/outbox")
        if row.count():
            break
        tab.wait_for_timeout(250)
    found = re.search(r"\b\d{6}\b", row.inner_text())
    assert found, f"no code for {shown}"
    tab.close()
    return found.group()


def describe_firm(owner: Owner, side: str) -> None:
    """The three answers about the business."""
    owner.fill("name", owner.firm)
    owner.choose("regency_code", owner.regency)
    owner.choose("trade_side", side)
    owner.look("business")
    owner.go_on("Lanjut")


def describe_good(owner: Owner, *, typed: str, good: str, quantity: str = "", unit: str = "") -> None:
    """Type three letters or a local word, take the good that is meant, say how much."""
    owner.inputs.append("title")
    title = owner.page.locator("[name=title]")
    title.press_sequentially(typed, delay=20)
    owner.tick("commodity_code", good)
    if quantity:
        owner.fill("quantity", quantity)
    if unit:
        owner.choose("unit_code", unit)


def give_consents(owner: Owner, *given: str) -> None:
    """Answer the four questions one by one."""
    for purpose in CONSENTS:
        owner.tick(purpose, "yes" if purpose in given else "no")
    owner.look("consents")
    owner.go_on("Selesai")


@dataclass(frozen=True, slots=True)
class Staff:
    """People of the two provinces, and the mission they prepare."""

    mission_id: str
    organiser: str
    office: str
    secrets: dict[str, str]


def arrange_staff(session: Session) -> Staff:
    """An organiser of the visiting province, an office of the hosting one, and a mission that is not open yet."""
    now = datetime.now(UTC)
    people = [make_person(session, Role.ORGANISER, VISITING, name="Rini Panitia"),
              make_person(session, Role.OFFICE, HOSTING, name="Hasan Dinas")]
    secrets = {}
    for person in people:
        person.password_hash, person.totp_secret = PASSWORD_HASH, proofs.random_totp_secret()
        person.totp_confirmed_at = person.created_at = now
        secrets[str(person.email)] = person.totp_secret
    mission = _mission_soon(session, now)
    return Staff(mission.id, *secrets, secrets)


def _mission_soon(session: Session, now: datetime) -> Mission:
    zone = ZoneInfo("Asia/Jayapura")
    opens_at = (now + timedelta(days=40)).astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    return make_mission(
        session, name="Misi Uji", held_on=opens_at.date(), opens_at=opens_at, closes_at=opens_at + timedelta(hours=8),
        cutoff_at=opens_at + timedelta(hours=8), state=MissionState.DRAFT, created_at=now,
    )


def sign_in_as_staff(watcher: Watcher, email: str, secret: str) -> Page:
    """Password, then the code of the authenticator."""
    page = watcher.open_page()
    page.goto(f"{watcher.site}/staff/sign-in")
    watcher.look(page, "staff-sign-in")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    watcher.go(page.get_by_role("button", name="Lanjut"))
    expect(page.get_by_role("heading", name="Kode dari aplikasi", level=1)).to_be_visible()
    watcher.look(page, "second-factor")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    watcher.go(page.get_by_role("button", name="Masuk"))
    expect(page.get_by_role("button", name="Masuk")).to_have_count(0)
    watcher.look(page, "front")
    return page
