"""Every code that the methods can say has a sentence of its own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.algorithms import explanations
from app.algorithms.chances import PARTS
from app.matching.values import Answer, NotReason, RejectReason

NAMES = {"goods": {"kopra": "Kopra", "kelapa": "Kelapa"}, "families": {"rempah": "Rempah"}}
SAMPLES: dict[str, Any] = {
    "commodity": "kopra", "asked": "kelapa", "family": "rempah", "percent": 42.0, "form": "frozen", "offered": "dried",
    "certificates": "halal, sni", "count": 2.0, "months": "3, 4, 5", "km": 1234.0, "keeping": "durable", "days": 17.0,
    "side": "seller", "factor": 25.0, "gain": 0.1,
}
# In these two the parameter `asked` is a form, not a good.
FORM_CODES = ("form_serves", "form_other")


def codes_under(heading: str) -> dict[str, tuple[str, ...]]:
    """Return code → parameters of one table in the docstring of the methods."""
    text = re.split(rf"^{heading}.*\n-+\n", explanations.__doc__ or "", flags=re.MULTILINE)[1]
    table = re.split(r"^=+ +=+ +=+$", text, flags=re.MULTILINE)[2]
    rows = re.findall(r"^(\w+) {2,}(\(none\)|[\w, ]+?) {2,}", table, flags=re.MULTILINE)
    return {code: () if params == "(none)" else tuple(params.split(", ")) for code, params in rows}


def said(code: str, names: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    params = {name: SAMPLES[name] for name in names}
    if code in FORM_CODES:
        params["asked"] = "fresh"
    return {"code": code, "params": params | changes}


REASONS, WEAKNESSES, FIXES = (codes_under(name) for name in ("Reasons", "Weaknesses", "Fixes"))


@pytest.fixture
def macros(app: Flask) -> Iterator[Any]:
    with app.test_request_context(headers={"Accept-Language": "id"}):
        yield app.jinja_env.get_template("matching/_reasons.html").module


def test_the_tables_are_read_whole() -> None:
    assert len(REASONS) >= 21 and len(WEAKNESSES) >= 26 and len(FIXES) >= 20
    assert REASONS["kind_of_asked"] == ("commodity", "asked") and FIXES["add_months"] == ("gain", "months", "count")


@pytest.mark.parametrize(
    ("macro", "codes"),
    [
        ("reason", REASONS), ("weakness", WEAKNESSES), ("seller reason", REASONS), ("buyer reason", REASONS),
        ("seller weakness", WEAKNESSES), ("buyer weakness", WEAKNESSES), ("fix", FIXES),
    ],
)
def test_every_code_has_a_sentence_of_its_own(macros: Any, macro: str, codes: dict[str, tuple[str, ...]]) -> None:
    own, _, kind = macro.rpartition(" ")

    def sentence(code: str) -> str:
        statement = said(code, codes[code])
        if kind == "fix":
            return str(macros.fix(statement)).strip()
        if own:
            return str(getattr(macros, f"{kind}_for")(own, statement, NAMES)).strip()
        return str(getattr(macros, kind)(statement, NAMES)).strip()

    sentences = {code: sentence(code) for code in codes}

    assert all(len(text) > 8 for text in sentences.values()), sentences
    assert len(set(sentences.values())) == len(codes), sorted(sentences.values())
    assert not [text for text in sentences.values() if "%(" in text or "None" in text or "kopra" in text]


@pytest.mark.parametrize("code", [code for code, params in WEAKNESSES.items() if "side" in params])
def test_a_gap_is_told_to_the_side_that_can_fill_it(macros: Any, code: str) -> None:
    told = {
        (own, side): str(macros.weakness_for(own, said(code, ("side",), side=side), NAMES)).strip()
        for own in ("seller", "buyer") for side in ("seller", "buyer", "both")
    }

    assert told["seller", "seller"] == told["buyer", "buyer"] != told["seller", "buyer"] == told["buyer", "seller"]
    assert "Anda" in told["seller", "seller"] and "mereka" in told["seller", "buyer"]
    assert told["seller", "both"] not in (told["seller", "seller"], told["seller", "buyer"])


def test_figures_and_names_stand_in_the_sentences(macros: Any) -> None:
    assert str(macros.reason(said("price_below", ("percent",)), NAMES)).strip() == "Harga 42% di bawah batas pembeli"
    assert "Kopra" in str(macros.reason_for("buyer", said("same_commodity", ("commodity",)), NAMES))
    assert "Mar, Apr, Mei" in str(macros.reason_for("seller", said("months_overlap", ("months",)), NAMES))
    assert "1.234 km" in str(macros.weakness(said("far", ("km",)), NAMES))
    assert "Halal, SNI" in str(macros.fix(said("add_certificate", ("certificates",))))
    assert "segar" in str(macros.weakness(said("form_other", ("offered", "asked")), NAMES))


def test_parts_and_words_of_people_have_names(macros: Any) -> None:
    for macro, codes in (
        (macros.part_name, PARTS), (macros.reject_reason, [reason.value for reason in RejectReason]),
        (macros.not_reason, [reason.value for reason in NotReason]), (macros.answer_word, [word.value for word in Answer]),
    ):
        words = {str(macro(code)).strip() for code in codes}
        assert len(words) == len(codes) and all(words)
