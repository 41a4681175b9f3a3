"""The whole job, on a phone and on a laptop: two owners register, an organiser pairs them, an office records the deal."""

import csv
import io
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.people import (
    Owner,
    Staff,
    arrange_staff,
    describe_firm,
    describe_good,
    give_consents,
    owner_at,
    sign_in_as_owner,
    sign_in_as_staff,
)
from tests.journeys.watching import LAPTOP, PHONE, Screen, Watcher, watched

pytestmark = pytest.mark.browser
MOST_INPUTS = 8
MOST_BYTES = 250_000
BUYER = {"phone": "081234567001", "firm": "UD Surya Kelapa", "regency": "3578"}
WHATSAPP = "a[href^='https://wa.me/']"
SELLER = {"phone": "081234567002", "firm": "CV Kopra Gamalama", "regency": "8272"}


@pytest.mark.parametrize("screen", [PHONE, LAPTOP], ids=["360", "1280"])
def test_the_whole_job(chromium: Browser, site: Site, screen: Screen, tmp_path: Path) -> None:
    with site.session() as session:
        staff = arrange_staff(session)
    begun, kept = begin_as_buyer(chromium, site, screen)
    with ExitStack() as browsers:
        buyer = browsers.enter_context(owner_at(chromium, site.url, screen, **BUYER, storage_state=kept))
        finish_as_buyer(buyer, begun)
        seller = browsers.enter_context(owner_at(chromium, site.url, screen, **SELLER))
        register_as_seller(seller)
        organiser = browsers.enter_context(watched(chromium, site.url, screen, "organiser"))
        desk = sign_in_as_staff(organiser, staff.organiser, staff.secrets[staff.organiser])
        open_mission_and_add_buyer(organiser, desk)
        join_mission(seller)
        rank(organiser, desk, site)
        accept_with_keys(organiser, desk)
        agree(buyer, seller)
        office = browsers.enter_context(watched(chromium, site.url, screen, "office"))
        books = sign_in_as_staff(office, staff.office, staff.secrets[staff.office])
        record_deal(office, books)
        read_totals(office, books, staff, sold="Rp 216 juta", version="first")
        correct_deal(office, books)
        read_totals(office, books, staff, sold="Rp 180 juta", version="corrected")
        download(office, books, staff, tmp_path)
        read_promise(buyer)


def begin_as_buyer(chromium: Browser, site: Site, screen: Screen) -> tuple[Owner, Any]:
    """The buyer signs in, names the firm, types into the next form, and closes the browser."""
    with owner_at(chromium, site.url, screen, **BUYER) as owner:
        sign_in_as_owner(owner)
        describe_firm(owner, "buys")
        owner.inputs.append("quantity")
        owner.page.locator("[name=quantity]").press_sequentially("24")
        expect(owner.page.locator("[data-draft-state]")).to_have_text("Tersimpan di HP ini, belum terkirim.")
        kept: Any = owner.watcher.context.storage_state()
    # Closing a browser ends what was meant for its session only.
    kept["cookies"] = [cookie for cookie in kept["cookies"] if cookie["expires"] > 0]
    return owner, kept


def finish_as_buyer(owner: Owner, begun: Owner) -> None:
    """Nothing is lost: still signed in, the firm is there, and so is what had only been typed."""
    owner.page.goto(owner.watcher.site)
    owner.look("home-of-a-draft")
    owner.follow("Lanjutkan pendaftaran")
    expect(owner.page.locator("[name=quantity]")).to_have_value("24")
    describe_good(owner, typed="kop", good="kopra", unit="ton")
    owner.look("needs")
    owner.go_on("Lanjut")
    give_consents(owner, "partners", "phone")
    expect(owner.page.get_by_role("heading", name="Usaha Anda sudah terdaftar")).to_be_visible()
    owner.look("registered")
    inputs = begun.inputs + owner.inputs
    received = begun.watcher.bytes_received + owner.watcher.bytes_received
    sent = begun.watcher.bytes_sent + owner.watcher.bytes_sent
    print(f"\nRegistering: {len(inputs)} inputs and four consents, {received} bytes received, {sent} sent")
    assert len(inputs) == len(set(inputs)) <= MOST_INPUTS, inputs
    assert received + sent < MOST_BYTES


def register_as_seller(owner: Owner) -> None:
    """The seller calls the same good otherwise, and has a second one."""
    sign_in_as_owner(owner)
    describe_firm(owner, "sells")
    describe_good(owner, typed="kelapa kering", good="kopra", quantity="30", unit="ton")
    owner.look("offers")
    owner.go_on("Simpan, tambah lagi")
    expect(owner.page.get_by_role("region", name="Sudah tersimpan")).to_contain_text("30 ton sebulan")
    describe_good(owner, typed="kopra", good="kopra", quantity="500")
    owner.look("second-offer")
    owner.go_on("Lanjut")
    give_consents(owner, "partners", "phone", "statistics")
    owner.follow("Ke beranda")
    owner.look("home")


def open_mission_and_add_buyer(watcher: Watcher, page: Page) -> None:
    """The organiser opens the prepared mission and adds the firm of the own province."""
    page.goto(f"{watcher.site}/missions")
    watcher.look(page, "missions")
    watcher.go(page.get_by_role("link", name="Misi Uji"))
    watcher.look(page, "draft-mission")
    watcher.go(page.get_by_role("button", name="Buka misi ini"))
    watcher.go(page.get_by_role("link", name="Tambah peserta"))
    watcher.look(page, "add-participants")
    watcher.press(page.get_by_label(BUYER["firm"]))
    page.locator("[name=nominated_by]").fill("Kadin")
    watcher.press(page.get_by_label("Dibiayai provinsi"))
    watcher.go(page.get_by_role("button", name="Tambahkan yang dicentang"))
    expect(page.get_by_role("status")).to_have_text("1 usaha ditambahkan.")
    watcher.look(page, "participants")


def join_mission(owner: Owner) -> None:
    """The other owner takes part with one tap."""
    owner.page.goto(owner.watcher.site)
    owner.look("home-with-mission")
    owner.follow("Lihat misinya")
    owner.look("mission-before")
    owner.go_on("Ikut misi ini")
    expect(owner.page.get_by_role("status")).to_have_text("Usaha Anda ikut misi ini.")
    owner.look("mission-joined")


def rank(watcher: Watcher, page: Page, site: Site) -> None:
    """The button puts the work in the background; the page shows how far it is and then, by itself, the pairs."""
    watcher.go(page.get_by_role("navigation", name="Halaman misi").get_by_role("link", name="Cocokkan"))
    watcher.look(page, "queue-before-ranking")
    with site.product.paused("worker"):
        watcher.go(page.get_by_role("button", name="Cocokkan sekarang"))
        at_work = page.get_by_role("region", name="Pencocokan sedang berjalan")
        expect(at_work.locator("[data-progress-text]")).to_have_text("Menunggu giliran")
        expect(page.get_by_role("button", name="Cocokkan")).to_have_count(0)
        watcher.look(page, "ranking")
    expect(page.locator("[data-queue-row]")).to_have_count(2)
    watcher.look(page, "queue")


def stand_on(page: Page, words: str) -> None:
    """Move to a pair with the keys, wherever it stands: pairs with the same score have no order of their own."""
    for key in ("k", "j"):
        if words in page.locator("[data-queue-row][aria-current]").inner_text():
            return
        page.keyboard.press(key)
    expect(page.locator("[data-queue-row][aria-current]")).to_contain_text(words)


def accept_with_keys(watcher: Watcher, page: Page) -> None:
    """J and K move, A accepts, U takes it back."""
    rows, current = page.locator("[data-queue-row]"), page.locator("[data-queue-row][aria-current]")
    best = "kelapa kering →"
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    stand_on(page, best)
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_contain_text("1 usulan diterima.")
    expect(rows).to_have_count(1)
    watcher.look(page, "accepted")
    page.keyboard.press("u")
    expect(page.get_by_role("status").first).to_contain_text("1 usulan kembali seperti semula.")
    expect(rows).to_have_count(2)
    stand_on(page, best)
    expect(current).to_contain_text(best)
    page.keyboard.press("a")
    expect(rows).to_have_count(1)
    page.goto(page.url.split("?")[0] + "?state=accepted")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Menunggu jawaban")
    watcher.look(page, "queue-accepted")
    page.goto(page.url.split("?")[0] + "?tab=unmatched")
    watcher.look(page, "unmatched")


def agree(buyer: Owner, seller: Owner) -> None:
    """Both say Mau. Numbers and the way to WhatsApp come only after the second one."""
    for owner, other in ((buyer, SELLER), (seller, BUYER)):
        owner.page.goto(owner.watcher.site)
        owner.follow("Lihat calon mitra")
        card = owner.page.get_by_role("article").filter(has_text=other["firm"])
        expect(card).to_be_visible()
        expect(owner.page.locator(WHATSAPP)).to_have_count(0)
        assert other["phone"][-8:] not in owner.page.content().replace("-", "")
        owner.look("partner")
        owner.go_on("Mau")
        expect(owner.page.get_by_role("status").first).to_have_text("Jawaban Anda tersimpan.")
    expect(seller.page.locator(WHATSAPP)).to_have_attribute("href", has_number(BUYER["phone"]))
    seller.look("agreed")
    expect(buyer.page.locator(WHATSAPP)).to_have_count(0)
    buyer.page.reload()
    link = buyer.page.locator(WHATSAPP)
    expect(link).to_have_attribute("href", has_number(SELLER["phone"]))
    text = unquote(link.get_attribute("href") or "")
    assert BUYER["firm"] in text and "Misi Uji" in text and "kelapa kering" in text
    buyer.look("agreed")


def has_number(phone: str) -> re.Pattern[str]:
    """The start of the address that opens WhatsApp with this number."""
    return re.compile(rf"^https://wa\.me/62{phone[1:]}\?text=")


def record_deal(watcher: Watcher, page: Page) -> None:
    """The pair fills in the form; the office adds price and number, and sees the value before saving."""
    watcher.go(page.get_by_role("link", name=f"Catat {SELLER['firm']}, {BUYER['firm']}"))
    expect(page.get_by_role("region", name="Penjual dan pembeli")).to_contain_text("Malut jual")
    expect(page.locator("[name=quantity]")).to_have_value("24")
    expect(page.locator("[name=unit_code]")).to_have_value("ton")
    page.locator("[name=unit_price_amount]").fill("9.000.000")
    expect(page.locator("output")).to_have_text("Rp 216.000.000")
    page.locator("[name=form_number]").fill("PKT-001")
    watcher.look(page, "new-deal")
    watcher.go(page.get_by_role("button", name="Simpan kesepakatan"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kesepakatan PKT-001")
    expect(page.get_by_role("region", name="Isi kesepakatan")).to_contain_text("Rp 216.000.000")
    watcher.look(page, "deal")


def read_totals(watcher: Watcher, page: Page, staff: Staff, *, sold: str, version: str) -> None:
    """The value stands with the province of the seller, and only there."""
    page.goto(f"{watcher.site}/missions/{staff.mission_id}/totals")
    promise = page.get_by_role("region", name="Janji", exact=True)
    expect(promise.locator(".big")).to_have_text(sold)
    expect(promise.locator("dl > div", has_text="Malut jual")).to_contain_text(sold)
    expect(promise.locator("dl > div", has_text="Jatim jual")).to_contain_text("Rp 0")
    for name, sign in (("Asal penjual", ".p-b"), ("Tujuan: tempat pembeli", ".p-a")):
        expect(page.get_by_role("region", name=name).locator(sign)).to_have_count(1)
    watcher.look(page, f"totals-{version}")


def correct_deal(watcher: Watcher, page: Page) -> None:
    """A correction needs a reason, and both versions stay readable."""
    watcher.go(page.get_by_role("link", name="Lihat barisnya"))
    watcher.look(page, "deals")
    watcher.go(page.get_by_role("link", name="PKT-001"))
    watcher.go(page.get_by_role("link", name="Koreksi"))
    page.locator("[name=quantity]").fill("20")
    page.locator("[name=reason]").fill("Volume di lembar asli 20 ton")
    watcher.look(page, "correction")
    watcher.go(page.get_by_role("button", name="Simpan koreksi"))
    history = page.get_by_role("region", name="Riwayat")
    expect(history.get_by_role("listitem").first).to_contain_text("Versi 2: dikoreksi")
    expect(history).to_contain_text("Alasan: Volume di lembar asli 20 ton")
    expect(history).to_contain_text("Volume: 24 ton → 20 ton")
    expect(history).to_contain_text("Versi 1: dicatat")
    watcher.look(page, "deal-corrected")


def download(watcher: Watcher, page: Page, staff: Staff, folder: Path) -> None:
    """Both files open, and hold the deal as it counts."""
    files = {}
    for kind in ("xlsx", "csv"):
        page.goto(f"{watcher.site}/missions/{staff.mission_id}/totals")
        with page.expect_download() as coming:
            watcher.press(page.get_by_role("link", name=f"Unduh .{kind}"))
        files[kind] = folder / coming.value.suggested_filename
        coming.value.save_as(files[kind])
        assert files[kind].suffix == f".{kind}"
    wanted = {
        "Nomor PKT": "PKT-001", "Arah": "Malut jual", "Penjual": SELLER["firm"], "Pembeli": BUYER["firm"],
        "Volume": 20, "Harga satuan (Rp)": 9_000_000, "Nilai (Rp)": 180_000_000, "Versi": 2,
    }
    rows = list(openpyxl.load_workbook(files["xlsx"])["Kesepakatan"].values)
    sheet = dict(zip(rows[0], rows[1], strict=True))
    assert {name: sheet[name] for name in wanted} == wanted and len(rows) == 2
    text = files["csv"].read_text(encoding="utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert {name: line[name] for name in wanted} == {name: str(value) for name, value in wanted.items()}


def read_promise(owner: Owner) -> None:
    """The owner finds the deal among the promises, as it was corrected."""
    owner.page.goto(f"{owner.watcher.site}/my/deals")
    expect(owner.page.get_by_role("article")).to_contain_text("Rp 180.000.000")
    owner.look("promise")
