"""static/js in a real browser under our own content security policy, each behaviour on a page of its own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.config import ROOT
from app.web.security import POLICY

pytestmark = pytest.mark.browser
SITE = "http://titik.test"
Answers = dict[str, str | Callable[[Route], None]]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield opened
    context.close()
    assert faults == []


def serve(page: Page, answers: Answers) -> None:
    """Answer the given paths, scripts from the disk, everything else with an empty page."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        known = answers.get(path, "")
        if path.startswith("/static/"):
            route.fulfill(body=Path(ROOT, path[1:]).read_text(), content_type="text/javascript; charset=utf-8")
        elif callable(known):
            known(route)
        else:
            route.fulfill(body=known, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    page.route(f"{SITE}/**", answer)


def document(body: str, *scripts: str) -> str:
    tags = "".join(f'<script src="/static/js/{name}.js" defer></script>' for name in scripts)
    return f'<!doctype html><html lang="id"><head><meta charset="utf-8"><title>x</title>{tags}</head><body>{body}</body></html>'


DRAFT = """<form method="post" action="/saved" data-draft="offer-1" data-draft-saved="Tersimpan di HP ini">
<input type="hidden" name="csrf_token" value="secret"><input name="name" id="name" value="%s">
<input type="radio" name="side" id="sell" value="sell"><input type="radio" name="side" id="buy" value="buy">
<p data-draft-state></p><button>Lanjut</button></form>"""


def typed_draft(page: Page, answers: Answers) -> None:
    serve(page, {"/form": document(DRAFT % "", "draft"), **answers})
    page.goto(f"{SITE}/form")
    page.fill("#name", "kopra")
    page.check("#buy")
    expect(page.locator("[data-draft-state]")).to_have_text("Tersimpan di HP ini")


def kept_drafts(page: Page) -> dict[str, str]:
    stored = page.evaluate("({...localStorage})")
    return {key: value for key, value in stored.items() if key.startswith("draft:")}


def test_a_draft_comes_back_after_closing_the_page(page: Page) -> None:
    typed_draft(page, {})

    page.goto(f"{SITE}/elsewhere")
    page.goto(f"{SITE}/form")

    expect(page.locator("#name")).to_have_value("kopra")
    expect(page.locator("#buy")).to_be_checked()
    assert json.loads(kept_drafts(page)["draft:offer-1"]) == {"name": ["kopra"], "side": ["buy"]}


def test_a_draft_never_overwrites_what_the_server_sent(page: Page) -> None:
    typed_draft(page, {"/corrected": document(DRAFT % "kopra putih", "draft")})

    page.goto(f"{SITE}/corrected")

    expect(page.locator("#name")).to_have_value("kopra putih")
    expect(page.locator("#buy")).to_be_checked()


def test_a_draft_goes_only_when_the_receipt_comes(page: Page) -> None:
    typed_draft(page, {"/refused": document("<p>belum</p>", "draft"),
                       "/saved": document('<p data-receipt="offer-1">4F7K</p>', "draft")})

    page.goto(f"{SITE}/refused")
    assert kept_drafts(page) != {}
    page.goto(f"{SITE}/saved")

    assert kept_drafts(page) == {}


def test_signing_out_deletes_every_draft_even_a_fresh_one(page: Page) -> None:
    sign_out = '<form method="post" action="/out" data-clears-drafts><button id="out">Keluar</button></form>'
    serve(page, {"/form": document(DRAFT % "" + sign_out, "draft")})
    page.goto(f"{SITE}/form")

    page.fill("#name", "pala")
    page.click("#out")
    page.wait_for_url(f"{SITE}/out")

    assert kept_drafts(page) == {}


def test_a_form_is_sent_once_however_often_it_is_tapped(page: Page) -> None:
    sent: list[str | None] = []

    def pay(route: Route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=204)  # the browser stays on the page, as it does while a slow line answers

    form = '<form method="post" action="/pay"><button name="answer" value="yes">Kirim</button></form>'
    serve(page, {"/form": document(form, "once"), "/pay": pay})
    page.goto(f"{SITE}/form")

    page.click("button")
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    page.click("button")
    page.wait_for_timeout(150)

    assert sent == ["answer=yes"]


def test_suggestions_come_after_three_letters_and_take_the_arrow_key(page: Page) -> None:
    asked: list[str] = []

    def suggest(route: Route) -> None:
        asked.append(urlsplit(route.request.url).query)
        route.fulfill(body='<label><input type="radio" name="good" value="kopra">Kopra</label>', content_type="text/html")

    box = ('<input id="q" data-suggest-url="/suggest?side=need" data-suggest-into="list" data-suggest-found="%n pilihan">'
           '<div id="list"></div>')
    serve(page, {"/form": document(box, "suggest"), "/suggest": suggest})
    page.goto(f"{SITE}/form")

    page.locator("#q").press_sequentially("ko")
    page.wait_for_timeout(300)
    assert asked == []
    page.locator("#q").press_sequentially("pr")
    expect(page.locator("#list input")).to_have_count(1)
    page.keyboard.press("ArrowDown")

    assert asked == ["side=need&q=kopr"]
    expect(page.locator("#list input")).to_be_focused()
    expect(page.locator("[role=status]")).to_have_text("1 pilihan")


GOODS = """<input id="q" data-suggest-url="/suggest" data-suggest-into="list"><div id="list"></div>"""


def test_what_was_picked_stays_when_a_late_list_comes(page: Page) -> None:
    held: list[Route] = []
    rows = '<label><input type="radio" name="good" value="%s" %s></label>'
    serve(page, {"/form": document(GOODS, "suggest"), "/suggest": held.append})
    page.goto(f"{SITE}/form")

    page.locator("#q").press_sequentially("kop")
    page.wait_for_timeout(300)
    held.pop().fulfill(body=rows % ("kopra", "") + rows % ("kopi", ""), content_type="text/html")
    page.locator("#q").press_sequentially("r")
    page.wait_for_timeout(300)
    page.check("[value=kopra]")
    held.pop().fulfill(body=rows % ("kopra", "") + rows % ("kopra-putih", "checked"), content_type="text/html")

    expect(page.locator("[value=kopra-putih]")).to_be_attached()
    expect(page.locator("[value=kopra]")).to_be_checked()


def test_a_good_that_comes_chosen_is_told_to_the_form(page: Page) -> None:
    row = '<label><input type="radio" name="good" value="telur" checked></label>'
    serve(page, {"/form": document(GOODS, "suggest"), "/suggest": row})
    page.goto(f"{SITE}/form")
    page.evaluate("list.addEventListener('change', (event) => { document.title = event.target.value; })")

    page.locator("#q").press_sequentially("telur")

    expect(page).to_have_title("telur")


UNITS = """<form data-draft="need"><input id="amount" name="amount" value="%s"><select id="unit" name="unit" data-convert="amount">
<option value="kg" data-kg="1">kg</option><option value="ton" data-kg="1000"%s>ton</option></select>
<p data-convert-result></p><p data-draft-state></p></form>"""
UNITS_OF_EGGS = "unit.innerHTML = '<option value=\"tray\" data-kg=\"2\">tray</option><option value=\"kg\">kg</option>' + " \
                "'<option value=\"ton\" data-kg=\"1000\">ton</option>'"


@pytest.mark.parametrize(("amount", "selected", "does", "unit"), [
    ("", "", "", "tray"),
    ("", "", "ton", "ton"),
    ("30", " selected", "", "ton"),
], ids=["the usual unit of the good", "a unit that was picked", "a unit that was saved"])
def test_units_that_come_late_leave_a_chosen_unit_alone(
    page: Page, amount: str, selected: str, does: str, unit: str
) -> None:
    serve(page, {"/form": document(UNITS % (amount, selected), "convert")})
    page.goto(f"{SITE}/form")
    if does:
        page.select_option("#unit", does)

    page.evaluate(UNITS_OF_EGGS)

    expect(page.locator("#unit")).to_have_value(unit)


def test_a_draft_brings_its_unit_back(page: Page) -> None:
    serve(page, {"/form": document(UNITS % ("", ""), "draft", "convert")})
    page.goto(f"{SITE}/form")
    page.fill("#amount", "30")
    page.select_option("#unit", "ton")
    page.wait_for_timeout(500)

    page.goto(f"{SITE}/form")
    expect(page.locator("#amount")).to_have_value("30")
    expect(page.locator("#unit")).to_have_value("ton")
    page.evaluate(UNITS_OF_EGGS)

    expect(page.locator("#unit")).to_have_value("ton")


@pytest.mark.parametrize(("amount", "unit", "sentence"), [
    ("160", "sack", "160 karung × 75 kg = 12 ton"),
    ("1.000,5", "quintal", "1.000,5 kuintal × 100 kg = 100,05 ton"),
    ("2.5", "sack", "2,5 karung × 75 kg = 187,5 kg"),
    ("160", "kg", ""),
    ("seratus", "sack", ""),
])
def test_an_amount_is_shown_in_kilograms(page: Page, amount: str, unit: str, sentence: str) -> None:
    form = ('<form><input id="amount"><select id="unit" data-convert="amount"><option value="kg" data-kg="1">kg</option>'
            '<option value="sack" data-kg="75" data-word="karung">karung 75 kg</option>'
            '<option value="quintal" data-kg="100">kuintal</option></select><p data-convert-result></p></form>')
    serve(page, {"/form": document(form, "convert")})
    page.goto(f"{SITE}/form")

    page.select_option("#unit", unit)
    page.fill("#amount", amount)

    expect(page.locator("[data-convert-result]")).to_have_text(sentence)


def test_the_way_back_closes_when_its_seconds_are_over(page: Page) -> None:
    form = '<form data-countdown="1"><button>Urungkan (<span data-countdown-seconds>1</span>)</button></form>'
    serve(page, {"/": document(form, "countdown")})
    page.goto(f"{SITE}/")

    expect(page.locator("form")).to_be_visible()
    expect(page.locator("form")).to_be_hidden(timeout=3000)


def test_the_chosen_theme_is_told_to_the_server(page: Page) -> None:
    serve(page, {"/": document('<button data-theme-switch hidden>Tampilan</button>', "theme")})
    page.emulate_media(color_scheme="light")
    page.goto(f"{SITE}/")

    page.click("[data-theme-switch]")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "theme=dark" in page.evaluate("document.cookie")


QUEUE = """<input id="search"><label><input type="checkbox" data-keys-off>Matikan</label><div data-queue>
<div data-queue-row id="r1"><button data-key="a">Terima 1</button></div>
<div data-queue-row id="r2"><button data-key="a">Terima 2</button></div></div>
<dialog data-keys-help>Tombol</dialog><p id="said"></p>"""


def open_queue(page: Page) -> None:
    serve(page, {"/": document(QUEUE, "keys")})
    page.goto(f"{SITE}/")
    page.evaluate("""document.addEventListener('click', (event) => {
      if (event.target.dataset.key) document.getElementById('said').textContent = event.target.textContent; })""")


def test_keys_move_in_the_queue_and_press_its_buttons(page: Page) -> None:
    open_queue(page)
    expect(page.locator("#r1")).to_have_attribute("aria-current", "true")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#r2")).to_have_attribute("aria-current", "true")
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text("Terima 2")
    page.keyboard.press("?")

    expect(page.locator("dialog")).to_be_visible()


def test_keys_are_quiet_while_someone_types_or_has_switched_them_off(page: Page) -> None:
    open_queue(page)

    page.focus("#search")
    page.keyboard.type("aja")
    expect(page.locator("#search")).to_have_value("aja")
    page.check("[data-keys-off]")
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text("")
    page.reload()

    expect(page.locator("[data-keys-off]")).to_be_checked()


def test_filters_go_on_change_without_empty_parts_and_keep_the_focus(page: Page) -> None:
    form = ('<form data-filters><input type="search" name="q"><select id="state" name="state"><option value="">Semua</option>'
            '<option value="both">Saling mau</option></select><button data-filters-button>Saring</button></form>')
    serve(page, {"/": document(form, "filters")})
    page.goto(f"{SITE}/")
    expect(page.locator("button")).to_be_hidden()

    page.select_option("#state", "both")
    page.wait_for_url(f"{SITE}/?state=both")

    expect(page.locator("#state")).to_be_focused()


def test_progress_is_shown_and_the_page_comes_again_when_it_is_done(page: Page) -> None:
    states = [{"share": 0.4, "text": "40 dari 100", "is_done": False}, {"share": 1, "text": "Selesai", "is_done": True}]
    loads: list[int] = []

    def shown(route: Route) -> None:
        loads.append(1)
        bar = '<svg class="meter"><rect width="100"/><rect width="0"/></svg><p data-progress-text></p>'
        body = document(f'<div data-progress-url="/state">{bar}</div>' if len(loads) == 1 else "Selesai", "progress")
        route.fulfill(body=body, content_type="text/html")

    serve(page, {"/": shown, "/state": lambda route: route.fulfill(json=states.pop(0))})
    page.goto(f"{SITE}/")

    expect(page.locator("[data-progress-text]")).to_have_text("40 dari 100")
    expect(page.locator("rect").last).to_have_attribute("width", "40")
    expect(page.locator("body")).to_have_text("Selesai", timeout=4000)
    assert len(loads) == 2


def test_the_account_menu_closes_on_escape_and_beside_it(page: Page) -> None:
    menu = '<details class="menu"><summary>Akun</summary><p>Keluar</p></details><p id="beside">isi</p>'
    serve(page, {"/": document(menu, "menu")})
    page.goto(f"{SITE}/")

    page.click("summary")
    page.keyboard.press("Escape")
    expect(page.locator("details")).not_to_have_attribute("open", "")
    expect(page.locator("summary")).to_be_focused()
    page.click("summary")
    page.click("#beside")

    expect(page.locator("details")).not_to_have_attribute("open", "")


@pytest.mark.parametrize(("quantity", "price", "shown"), [
    ("24", "9.000.000", "Rp\u00a0216.000.000"), ("12,5", "12,5 juta", "Rp\u00a0156.250.000"),
    ("1.000", "Rp 9.000", "Rp\u00a09.000.000"), ("0.5", "1,2 miliar", "Rp\u00a0600.000.000"), ("24", "", "–"),
    ("banyak", "9.000", "–"), ("-3", "9.000", "–"),
])
def test_the_value_of_a_deal_follows_what_is_typed(page: Page, quantity: str, price: str, shown: str) -> None:
    form = '<input id="quantity"><input id="price"><output data-product="quantity price">–</output>'
    serve(page, {"/form": document(form, "product")})
    page.goto(f"{SITE}/form")

    page.fill("#quantity", quantity)
    page.fill("#price", price)

    expect(page.locator("output")).to_have_text(shown)
