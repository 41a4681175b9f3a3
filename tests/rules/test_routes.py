"""Rules about every route: declared access, typed ids, forged forms, headers."""

import pytest
from flask import Flask

from app.web.access import declared_access
from tests.checking_client import CheckingClient

# A new public route is a decision: it is named here or the build fails.
PUBLIC = {
    "static", "web.set_language", "home.index", "home.help", "home.healthz", "home.readyz", "accounts.sign_in",
    "accounts.enter_code", "accounts.send_again", "accounts.staff_sign_in", "accounts.second_factor",
    "accounts.set_up_second_factor", "accounts.outbox", "commodities.index",
    "commodities.suggest", "commodities.units", "evaluation.history", "accounts.sign_out",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def test_every_route_declares_its_access(app: Flask) -> None:
    shut = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint != "static"
            and declared_access(app.view_functions[rule.endpoint]) is None]

    assert shut == []


def test_public_routes_are_those_we_decided_on(app: Flask) -> None:
    open_to_all = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint == "static"
                   or declared_access(app.view_functions[rule.endpoint]) == "public"}

    assert open_to_all == PUBLIC, open_to_all ^ PUBLIC


def test_a_route_that_declares_nothing_is_shut(app: Flask, client: CheckingClient) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    answer = client.get("/forgotten")

    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_ids_in_addresses_are_typed(app: Flask) -> None:
    loose = [str(rule) for rule in app.url_map.iter_rules() for name, converter in rule._converters.items()
             if name.endswith("_id") and type(converter).__name__ == "UnicodeConverter" and "length" not in str(rule)]

    assert loose == []


def test_signed_out_people_reach_nothing_but_the_public_pages(app: Flask, client: CheckingClient) -> None:
    leaks = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or "GET" not in (rule.methods or set()):
            continue
        address = _filled(str(rule))
        answer = client.get(address)
        if answer.status_code not in (303, 404) or (answer.status_code == 303 and "/sign-in" not in answer.location):
            leaks.append((address, answer.status_code))

    assert leaks == []


def test_no_post_works_without_a_token(app: Flask, client: CheckingClient) -> None:
    accepted = []
    for rule in app.url_map.iter_rules():
        if (rule.methods or set()) - SAFE:
            answer = client.post(_filled(str(rule)), data={"name": "x"})
            if answer.status_code != 400:
                accepted.append((str(rule), answer.status_code))

    assert accepted == []


@pytest.mark.parametrize("path", ["/", "/help", "/sign-in", "/staff/sign-in", "/history", "/commodities", "/no-such-page"])
def test_pages_carry_the_protecting_headers(client: CheckingClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" in headers["Vary"]
    assert "Set-Cookie" not in headers or headers["Cache-Control"] == "no-store"


def test_a_foreign_host_is_not_written_into_pages(client: CheckingClient) -> None:
    answer = client.get("/sign-in", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    assert b"evil.example" not in answer.data


def _filled(rule: str) -> str:
    import re

    rule = re.sub(r"<string\(length=20\):\w+>", "0" * 20, rule)
    return re.sub(r"<[^>]+>", "xlsx", rule)
