"""Error pages: plain words, one heading, and still there when the database is not."""

from typing import NoReturn

import pytest
from flask import Flask, render_template
from sqlalchemy.exc import OperationalError

from app.web.refusals import PAGES
from tests.checking_client import problems_of

TEMPLATE_TEXT = {"message": None, "stale_form": False}


@pytest.mark.parametrize("status", PAGES)
def test_every_error_page_says_what_happened_and_leads_home(app: Flask, status: int) -> None:
    with app.test_request_context("/"):
        html = render_template(f"errors/{status}.html", **TEMPLATE_TEXT)

    assert problems_of(html) == []
    assert f"Kode {status}." in html and 'href="/"' in html


def test_a_form_left_open_too_long_is_told_so(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template("errors/400.html", message=None, stale_form=True)

    assert "Halaman ini terlalu lama terbuka" in html and "tidak hilang" in html


def test_a_refusal_speaks_in_its_own_words(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template("errors/409.html", message="Baris ini <b>sudah</b> diputuskan.", stale_form=False)

    assert "Baris ini &lt;b&gt;sudah&lt;/b&gt; diputuskan." in html


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page"])
def test_someone_signed_in_gets_a_page_when_the_database_is_away(app: Flask, path: str) -> None:
    def away(_token: str) -> NoReturn:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    app.extensions["load_person"] = away
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = "token", True

    answer = browser.get(path)

    assert answer.status_code == 503
    assert "Sedang tidak bisa melayani" in answer.text
    assert answer.headers["Retry-After"] == "5" and "Content-Security-Policy" in answer.headers
