"""Nonsense at every route by everybody: never a fault, never another site, never raw markup, never a field too many.

The examples are the same in every run. A form starts from what a person would send and gets some of it wrong, because
nothing but nonsense never gets past the first check.
"""

import html
import io
import re
import time as stopwatch
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.enterprises.models import Enterprise
from app.kit.db import Base
from tests.rules.test_access import Row, address, body, rows
from tests.rules.world import World

MARK = "<zz"  # no page of ours holds this tag
ID = "0" * 20
NASTY = (
    "", " ", "\n\r\t", "\x00", "\x1b[31m", "\u202e\u200b\ufeff", "😀", "é" * 300, "\u0301" * 500, f'"\'>{MARK} onx=1>',
    "{{7*7}}", "{0.__class__}", "%(x)s %s %", "-1", "0", "0,0001", "1e400", "NaN", "Infinity", "٣", "９９９９", "9" * 10_000,
    "1" + "0" * 15, "9223372036854775808", "1.000.000.000.000.000.000", "Rp 12,5 juta", "99 triliun triliun", "a" * 10_000,
    "' OR 1=1 --", "\"; DROP TABLE person; --", "%", "_", "\\", "../../etc/passwd", "2027-02-30", "0000-00-00",
    "9999-12-31", "31/12/9999", "99:99", "24.00", "true", "null", "[]", "{}", "yes", "on", "admin", ID, ID[:-1] + "!", "None",
    "javascript:alert(1)", "//evil.example", "accept:" + ID + ":x", "a:b:c:d", "x@y", "+62812", "0812" + "9" * 300,
)
# What an attacker adds to any form.
EXTRA = (
    "id", "person_id", "owner_id", "user_id", "enterprise_id", "mission_id", "deal_id", "role", "province_code", "state",
    "is_active", "is_admin", "is_demo", "is_void", "verified", "verified_at", "verified_by_id", "assisted_by_id",
    "recorded_by_id", "decided_by_id", "confirmed_at", "created_at", "size_class", "computed_amount", "seller_role",
    "totp_secret", "password_hash", "score", "fit", "is_pinned", "is_current", "joined_at", "renewed_at", "next",
)
# Names that an address may carry, ours and those of the libraries behind it.
ARGUMENTS = (
    "q", "page", "next", "state", "side", "size", "regency", "province", "funded", "earlier", "fit", "seller", "buyer",
    "seller_name", "buyer_name", "family", "pinned", "selected", "tab", "kind", "sold_by", "commodity", "from", "to", "by",
    "standing", "proposal", "host", "enterprise", "again", "action", "subject", "actor", "since", "until", "role",
    "commodity_code", "endpoint", "values", "mission_id", "_scheme", "_external", "_anchor", "_method", "sort", "order", "v",
)
PRECISE = settings(
    derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

# The database has no part in what these tests look at.
one_database = pytest.mark.parametrize("world_url", ["sqlite"], indirect=True, scope="module")

text = st.one_of(
    st.sampled_from(NASTY), st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.integers().map(str), st.floats().map(str), st.decimals().map(str),
)
file = st.builds(lambda content, name: (io.BytesIO(content), name), st.binary(max_size=200), st.sampled_from(["a.txt", MARK]))
value = st.one_of(text, text, text, st.lists(text, max_size=4), file)


class _Forms(HTMLParser):
    """Collects what the forms of a page send: address → field → values."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.found = path, dict[str, dict[str, set[str]]]()
        self._form: dict[str, set[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given_ = dict(attributes)
        if tag == "form" and (given_.get("method") or "get").lower() == "post":
            self._form = self.found.setdefault(urlsplit(given_.get("action") or self.path).path, {})
        elif tag == "select":
            self._select = given_.get("name") or ""
        if self._form is None:
            return
        name = self._select if tag == "option" else given_.get("name") or ""
        if name and tag in ("input", "select", "textarea", "button", "option"):
            self._form.setdefault(name, set()).add(given_.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def people(row: Row) -> list[str]:
    """Return who may send this, once more for each, and who may not."""
    allowed = [who for who, cell in row.cells.items() if cell in "ouc"]
    return [*allowed, *allowed, *row.cells, *REGISTERING.get(row.endpoint, ())]


# Owners in the middle of their registration, who are in no column of the table.
REGISTERING = {
    "enterprises.register": ("newcomer", "drafter") * 3, "listings.register_needs": ("drafter",) * 8,
    "listings.register_offers": ("drafter",) * 8, "listings.register_consent": ("drafter",) * 8,
    "listings.register_resume": ("drafter",) * 8, "enterprises.confirm": ("waiting",) * 8,
    "listings.mine": ("newcomer", "drafter", "waiting"), "home.index": ("newcomer", "drafter", "waiting"),
    "matching.partners": ("newcomer", "drafter"), "missions.join": ("newcomer", "drafter"), "accounts.me": ("newcomer",),
}


# One of each kind sees every form.
CRAWLING = ("nobody", "party", "neighbour", "organiser_v", "office_v", "admin", "newcomer", "drafter", "waiting")


@pytest.fixture(scope="module")
def fields(world: World) -> dict[str, dict[str, list[str]]]:
    """What every form of the product sends: endpoint → field → values that were offered; read from the pages."""
    found: dict[str, dict[str, set[str]]] = {}
    adapter = world.app.url_map.bind("localhost")
    for row in rows():
        asking = {who for who in people(row) if who in CRAWLING and row.cells.get(who, "o") == "o"}
        for who in sorted(asking) if row.method == "GET" else ():
            path = address(world, row.endpoint, row.thing)
            forms, answer = _Forms(path), world.ask(who, "GET", path)
            forms.feed(answer.text if answer.mimetype == "text/html" else "")
            for action, sent in forms.found.items():
                try:
                    endpoint = adapter.match(action, method="POST")[0]
                except HTTPException:
                    pytest.fail(f"{path} has a form that leads nowhere: {action}")
                for name, offered in sent.items():
                    found.setdefault(endpoint, {}).setdefault(name, set()).update(offered)
    return {
        endpoint: {name: sorted(offered) for name, offered in sorted(sent.items()) if name != "csrf_token"}
        for endpoint, sent in sorted(found.items())
    }


def stays_here(location: str) -> bool:
    """Tell whether a browser that follows this stays on the site: it drops tabs and reads \\ as /."""
    read = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    return urlsplit(urljoin("http://here.example/a/b", read)).netloc == "here.example"


def assert_sound(world: World, who: str, answer: TestResponse) -> None:
    """Assert that an answer is no fault, leads to no other site and holds no raw markup of the user."""
    assert answer.status_code < 500, (who, answer.request.url, answer.status_code)
    assert stays_here(answer.headers.get("Location", "/")), answer.headers["Location"]
    if answer.mimetype in ("text/html", "image/svg+xml"):
        assert MARK not in answer.text, (who, answer.request.url)


POSTS = [row for row in rows() if row.method == "POST" and set(row.cells.values()) & set("ouc")]
GETS = [row for row in rows() if row.method == "GET" and "o" in row.cells.values()]


@one_database
def test_every_form_of_the_pages_is_known(fields: dict[str, dict[str, list[str]]]) -> None:
    posted = {row.endpoint for row in POSTS}

    assert set(fields) <= posted, "a page has a form that no row of the table covers"
    assert len(fields) >= 25, "the pages are no longer read"


@pytest.mark.parametrize("row", POSTS, ids=str)
def test_a_form_full_of_nonsense_is_no_fault(world: World, fields: Any, row: Row) -> None:
    usual, path = body(world, row), address(world, row.endpoint, row.thing)
    offered = {name: [[one] for one in options] for name, options in fields.get(row.endpoint, {}).items()}
    names = sorted({*usual, *offered})
    wrong = st.dictionaries(st.sampled_from([*names, *names, *EXTRA]), value, min_size=1, max_size=4)
    other = st.fixed_dictionaries({}, optional={
        name: st.sampled_from(options) for name, options in offered.items() if options
    })
    missing = st.sets(st.sampled_from(names), max_size=2) if names else st.just(set())

    @settings(PRECISE, max_examples=12)
    @given(who=st.sampled_from(people(row)), wrong=wrong, other=other, missing=missing)
    def send(who: str, wrong: dict[str, Any], other: dict[str, Any], missing: set[str]) -> None:
        filled = {name: typed for name, typed in {**usual, **other}.items() if name not in missing} | wrong
        with world.taken_back():
            answer = world.ask(who, "POST", path, filled)
            assert_sound(world, who, answer)
            if answer.status_code == 303:  # what was stored has to be readable, too
                assert_sound(world, who, world.ask(who, "GET", answer.location))

    send()


# One row of each form is enough where the fields are tried one by one.
FORMS = list({row.endpoint: row for row in reversed(POSTS)}.values())


@one_database
@pytest.mark.parametrize("typed", [" ", "a b " * 15_000], ids=["blank", "long"])
@pytest.mark.parametrize("row", FORMS, ids=str)
def test_each_field_alone_may_be_nonsense(world: World, fields: Any, row: Row, typed: str) -> None:
    """A blank once got past the list of provinces, and long words kept the search for goods busy for seconds."""
    usual, path = body(world, row), address(world, row.endpoint, row.thing)
    who = next(who for who, cell in row.cells.items() if cell in "ouc")
    for name in sorted({*usual, *fields.get(row.endpoint, {})}):
        start = stopwatch.process_time()
        with world.taken_back():
            assert_sound(world, who, world.ask(who, "POST", path, {**usual, name: typed}))
        assert stopwatch.process_time() - start < 1, name


@pytest.mark.parametrize("row", GETS, ids=str)
def test_an_address_full_of_nonsense_is_no_fault(world: World, row: Row) -> None:
    path = address(world, row.endpoint, row.thing)

    @settings(PRECISE, max_examples=8)
    @given(
        who=st.sampled_from(people(row)),
        asked=st.dictionaries(st.sampled_from(ARGUMENTS), st.one_of(text, st.lists(text, max_size=3)), min_size=1, max_size=6),
    )
    def ask(who: str, asked: dict[str, Any]) -> None:
        assert_sound(world, who, world.ask(who, "GET", path, query_string=asked))

    ask()


@one_database
@pytest.mark.parametrize("name", [
    "endpoint", "values", "_scheme", "_external", "_anchor", "_method", "mission_id", "batch_id", "proposal_id",
    "enterprise_id", "number", "self", "page", "selected", "kept", "request",
])
def test_no_argument_of_an_address_is_read_by_the_libraries(world: World, name: str) -> None:
    """`?endpoint=x` and `?_scheme=x` once reached the function that makes links."""
    for row in GETS:
        who = next(who for who, cell in row.cells.items() if cell == "o")
        if row.endpoint in LISTS or row.endpoint == "evaluation.history":
            asked = {"state": "all", name: "javascript"}
            assert_sound(world, who, world.ask(who, "GET", address(world, row.endpoint, row.thing), query_string=asked))


RAW_PATHS = (
    b"/%", b"/\xff\xfe", b"/missions/" + b"\xff" * 20, b"/missions/" + b"\x00" * 20, b"/deals/" + b"a" * 19 + b"\x00",
    b"/missions/%00%00", b"/\xe0\xa4", b"/missions/\xf0\x9f\x92\xa5", b"//evil.example", b"/..", b"/../../etc/passwd",
    b"/static/../app/config.py", b"/static/..%2f..%2fapp/config.py", b"/static//etc/passwd", b"/static/css", b"/static/\x00",
    b"/static/..\\..\\app\\config.py", b"/" + b"a" * 10_000, b"/missions/" + b"0" * 20 + b"/deals.exe", b"/.env", b"/.git/config",
    b"/missions/" + b"0" * 20 + b"/deals.xlsx/", b"/\r\nSet-Cookie: a=b", b"/proposals/'; DROP TABLE --",
)
RAW_QUERIES = ("%", "%zz=%zz", "q=%ff%fe", "&&&===", "q=" + "%00" * 5, "q[]=1&q[a]=2", "page=%u0031", ";".join("abc"), "=" * 999)


@pytest.mark.parametrize("path", RAW_PATHS)
def test_broken_paths_are_no_fault(world: World, path: bytes) -> None:
    for who in ("nobody", "party", "admin"):
        answer = world.ask(who, "GET", "/", environ_overrides={"PATH_INFO": path.decode("latin-1")})
        assert answer.status_code in (303, 308, 400, 404), (who, answer.status_code)
        assert stays_here(answer.headers.get("Location", "/"))


@one_database
@pytest.mark.parametrize("query", RAW_QUERIES)
def test_broken_queries_are_no_fault(world: World, query: str) -> None:
    for row in {row.endpoint: row for row in GETS}.values():
        who = next(who for who, cell in row.cells.items() if cell == "o")
        path = address(world, row.endpoint, row.thing).partition("?")[0]
        assert world.ask(who, "GET", path, environ_overrides={"QUERY_STRING": query}).status_code < 500


# --- lists ------------------------------------------------------------------------------------------------------

LISTS = ("enterprises.index", "listings.search", "missions.participants", "missions.add_participant", "deals.index",
         "matching.queue", "accounts.staff", "home.trail")
ODD_NAMES = ("O'Brien; DROP TABLE firm--", "100% Asli_Ternate", "Kurung (a) \\ b", 'Petik "dua" [x]', "UD Biasa")
SEARCHES = ("'", "%", "_", "\\", ")", ";", "--", "o'brien; drop", '"', "[", "100%", "asli_t", "' OR '1'='1", "x' --")


@one_database
@pytest.mark.parametrize("page", ["0", "-1", "2", "9999999", "9" * 40, "1e9", "1.5", "٣", "", "a", "0x10", "+1", " 1"])
@pytest.mark.parametrize("endpoint", LISTS)
def test_odd_page_numbers_show_a_page(world: World, endpoint: str, page: str) -> None:
    row = next(row for row in GETS if row.endpoint == endpoint)
    who = next(who for who, cell in row.cells.items() if cell == "o")

    answer = world.ask(who, "GET", address(world, endpoint, row.thing), query_string={"page": page, "state": "all"})

    assert answer.status_code == 200


@pytest.mark.parametrize(("endpoint", "thing", "asked"), [
    ("enterprises.index", "-", {}), ("missions.participants", "one", {}), ("missions.add_participant", "one", {}),
    ("matching.queue", "one", {"state": "all"}), ("deals.index", "one", {}),
])
def test_searching_for_signs_finds_what_holds_them(world: World, endpoint: str, thing: str, asked: dict[str, str]) -> None:
    """Signs that mean something to SQL mean only themselves: the same rows as a plain search in Python."""
    with world.taken_back() as session:
        firms = session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
        # The firms of the only deal have no sign that SQL reads, so a sign that is read finds it by mistake.
        plain = {world.rows.firms["buyer"].id: "UD Biasa", world.rows.firms["seller"].id: "Kurung (a) \\ b"}
        for position, firm in enumerate(firms):
            firm.name = f"{plain.get(firm.id) or ODD_NAMES[position % len(ODD_NAMES)]} {position:02}"
        session.commit()
        names = [firm.name for firm in firms]
        path = address(world, endpoint, thing)
        everything = named_rows(world, path, asked, names)
        wrong = {}
        for words in SEARCHES:
            found = named_rows(world, path, asked | {"q": words}, names)
            expected = [row for row in everything if any(words.lower() in name.lower() for name in row)]
            if found != expected:
                wrong[words] = (found, expected)

    assert len(everything) >= 1
    assert wrong == {}


def named_rows(world: World, path: str, asked: dict[str, str], names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return which of the names stand in each row of a list."""
    page = world.ask("organiser_v", "GET", path, query_string=asked).text
    parts = [html.unescape(part) for part in re.findall(r"<tr.*?</tr>|<li.*?</li>", page, flags=re.S)]
    shown = [tuple(name for name in names if name in part) for part in parts]
    return sorted(found for found in shown if found)


@one_database
@pytest.mark.parametrize("endpoint", LISTS)
def test_no_hidden_column_can_be_asked_about(world: World, endpoint: str) -> None:
    """A filter on a column that is not shown tells its value, answer by answer."""
    row = next(row for row in GETS if row.endpoint == endpoint)
    who = next(who for who, cell in row.cells.items() if cell == "o")
    path = address(world, endpoint, row.thing)
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    hidden = columns - {"state", "kind", "role", "action", "earlier"}

    def shown(**asked: str) -> list[str]:
        listed = re.findall(r"<tr.*?</tr>", world.ask(who, "GET", path, query_string=asked).text, flags=re.S)
        return [re.sub(r'(?:href|action)="[^"]*"|name="csrf_token"[^>]*', "", part) for part in listed]

    assert shown() == shown(**dict.fromkeys(hidden, "1"))


# --- where forms lead, and what they may touch --------------------------------------------------------------------

ELSEWHERE = (
    "http://evil.example", "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "/\t/evil.example",
    "/%09/evil.example", "/%5cevil.example", "%2f%2fevil.example", "/%2fevil.example", "https:evil.example", "https:/evil.example",
    "javascript:alert(1)", "data:text/html,x", "/\n/evil.example", " //evil.example", "\u2028//evil.example", "/.//evil.example",
    "/..//evil.example", "/\u00a0/evil.example", "／／evil.example", "/\x00/evil.example", "http:\\evil.example", "?//evil.example",
    "@evil.example", ".evil.example", "/a/..//evil.example", "/;@evil.example", "//evil.example@127.0.0.1", "//[::1]", "//",
)
LEADING = [row for row in rows() if row.endpoint in (
    "web.set_language", "accounts.sign_in", "accounts.enter_code", "accounts.staff_sign_in", "accounts.sign_out",
    "accounts.second_factor", "accounts.send_again", "listings.close", "listings.renew", "home.index",
) and row.thing in ("-", "need")]
PASSWORD = next(row for row in LEADING if row.method == "POST" and row.endpoint == "accounts.staff_sign_in")


@one_database
@pytest.mark.parametrize("row", LEADING, ids=str)
def test_next_leads_to_no_other_site(world: World, row: Row) -> None:
    path = address(world, row.endpoint, row.thing)
    for target in ELSEWHERE:
        for who in ("party", "nobody") if row != PASSWORD else ("party",):  # Argon2 is slow on purpose
            with world.taken_back():
                form = body(world, row) | {"next": target} if row.method == "POST" else None
                answer = world.ask(who, row.method, path, form, query_string={"next": target})
                assert answer.status_code < 500 and stays_here(answer.headers.get("Location", "/")), (target, who)
                links = re.findall(r'(?:href|action|src|value)="([^"]*evil[^"]*)"', answer.text)
                assert all(stays_here(html.unescape(link)) for link in links), (target, who, links)


VOLATILE = {"password_hash", "totp_secret", "digest", "body", "idempotency_key"}
LISTED_ONLY = ("commodity", "unit", "province", "regency", "other_mission", "mission_source", "published_total")


@one_database
@pytest.mark.parametrize("row", POSTS, ids=str)
def test_forms_take_no_field_that_they_do_not_show(world: World, fields: Any, row: Row) -> None:
    """The same form with names of columns added does exactly the same."""
    usual, path = body(world, row), address(world, row.endpoint, row.thing)
    known = {*usual, *fields.get(row.endpoint, {}), "next", "csrf_token"}
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns} | set(EXTRA)
    own = world.rows.people["neighbour"].id
    who = next(who for who, cell in row.cells.items() if cell in "ouc")

    plain = _after(world, who, path, usual)
    added = _after(world, who, path, usual | {name: [own, "admin", "1"] for name in sorted(columns - known)})

    assert plain == added


def _after(world: World, who: str, path: str, form: dict[str, Any]) -> tuple[int, list[str]]:
    """Return status and rows of the database after a form; ids that the form made are all called new."""
    with world.taken_back():
        known = set(re.findall(r"\b[0-9a-z]{20}\b", "\n".join(_dump(world))))
        status = world.ask(who, "POST", path, form).status_code
        lines = [
            re.sub(r"\b[0-9a-z]{20}\b", lambda found: found[0] if found[0] in known else "new", line)
            for line in _dump(world)
        ]
        return status, sorted(lines)


def _dump(world: World) -> list[str]:
    lines = []
    for table in Base.metadata.sorted_tables:
        if table.name.startswith(LISTED_ONLY):
            continue
        columns = [column for column in table.columns if column.name not in VOLATILE]
        lines += [f"{table.name}: {tuple(row)}" for row in world.database.connection.execute(select(*columns))]
    return lines
