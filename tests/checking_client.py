"""A test client that checks every HTML page it is given, and can sign people in."""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE_FIGURE = {"path", "circle", "rect", "line", "use", "text", "g", "tspan"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.wrapped: set[int] = set()
        self.headings = 0
        self.title = ""
        self.forms_without_token: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self._form: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag not in VOID and tag not in INLINE_FIGURE:
            self._open.append(tag)
        if tag == "h1":
            self.headings += 1
        if tag == "label" and values.get("for"):
            self.labels.add(str(values["for"]))
        if tag in ("input", "select", "textarea") and values.get("type") not in ("hidden", "submit"):
            if "label" in self._open:
                self.wrapped.add(len(self.inputs))
            self.inputs.append(values)
        if tag == "a" and "href" in values and values["href"] in ("", "#", None):
            self.problems.append("a link leads nowhere")
        if "style" in values or any(name.startswith("on") for name in values):
            self.problems.append(f"inline style or script on <{tag}>")
        if tag == "form":
            method = (values.get("method") or "get").lower()
            self._form = {"method": method, "token": False, "action": values.get("action")}
        if tag == "input" and values.get("name") == "csrf_token" and self._form:
            self._form["token"] = True

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in INLINE_FIGURE:
            return
        if tag not in self._open:
            self.problems.append(f"</{tag}> closes nothing")
            return
        while self._open and self._open[-1] != tag:
            left = self._open.pop()
            if left not in ("p", "li", "td", "th", "tr", "tbody", "thead", "option", "dt", "dd"):
                self.problems.append(f"<{left}> is not closed before </{tag}>")
        self._open.pop()
        if tag == "form" and self._form is not None:
            if self._form["method"] == "post" and not self._form["token"]:
                self.problems.append(f"a POST form has no CSRF token: {self._form['action']}")
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data


def problems_of(html: str) -> list[str]:
    """Return what is wrong with a whole page: title, one h1, unique ids, labelled inputs, closed tags, tokens."""
    page = _Page()
    page.feed(html)
    found = list(page.problems)
    if not page.title.replace("· Titik Temu", "").strip():
        found.append("no title")
    if page.headings != 1:
        found.append(f"{page.headings} h1 instead of 1")
    found += [f"id {name!r} stands {n} times" for name, n in Counter(page.ids).items() if n > 1]
    for position, field in enumerate(page.inputs):
        named = field.get("id") in page.labels or position in page.wrapped
        if not (named or field.get("aria-label") or field.get("aria-labelledby")):
            found.append(f"input {field.get('name')!r} has no label")
    return found


class CheckingClient(FlaskClient):
    """Checks each HTML page; posts with a valid CSRF token unless told otherwise."""

    application: Flask

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask for a page and check it."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not response.is_streamed and response.status_code < 300 or (
            response.mimetype == "text/html" and response.status_code >= 400
        ):
            html = response.get_data(as_text=True)
            if "<!doctype html" in html[:200].lower():
                assert not problems_of(html), (response.request.path, problems_of(html))
        return response

    def token(self, path: str = "/sign-in") -> str:
        """Return a CSRF token for this browser."""
        html = self.get(path, follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
        assert found, f"{path} has no form"
        return found.group(1)

    def send(
        self, path: str, data: dict[str, Any] | None = None, *, token_from: str = "/help", **kwargs: Any
    ) -> TestResponse:
        """Post a form with a token of this browser."""
        return self.post(path, data={**(data or {}), "csrf_token": self.token(token_from)}, **kwargs)
