"""Files of listings: what is wrong in them is named, what is missing gets its default, nothing becomes NaN."""

import json
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.algorithms.listing import Listing
from app.cli_match import match
from app.config import ROOT
from app.matching.files import BadLine, read_grades, read_listings, read_run

OFFER = {"id": "O-1", "province": "82", "regency": "Kota Ternate", "title": "Cengkih kering", "description": "",
         "quantity": 500, "unit": "kg", "period": "bulan", "price": 90_000, "certificates": []}  # fmt: skip
NEED = {**OFFER, "id": "N-1", "province": "35", "regency": "Kota Malang", "title": "Cari cengkeh", "price": 100_000}


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


def run_command(*args: object) -> Result:
    with Flask("files").app_context():
        return CliRunner().invoke(match, [str(one) for one in args])


def rank(folder: Path, offers: list[Any], needs: list[Any]) -> tuple[Result, list[dict[str, Any]]]:
    """Run `match rank` and return its result and the rows it wrote."""
    out = folder / "run.jsonl"
    done = run_command("rank", "--offers", write(folder / "offers.jsonl", *offers),
                       "--needs", write(folder / "needs.jsonl", *needs), "--out", out)  # fmt: skip
    return done, [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def only(folder: Path, **changes: Any) -> Listing:
    return read_listings(write(folder / "one.jsonl", {**OFFER, **changes})).listings[0]


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)
    elif isinstance(value, int | float):
        yield float(value)


def test_a_run_has_every_promised_field(tmp_path: Path) -> None:
    done, rows = rank(tmp_path, [OFFER], [NEED])

    assert done.exit_code == 0
    assert "1 suitable; 0 needs without" in done.output
    assert set(rows[0]) == {"need", "offer", "rank", "score", "suitable", "reasons", "weakness", "parts"}
    assert (rows[0]["need"], rows[0]["offer"], rows[0]["rank"], rows[0]["suitable"]) == ("N-1", "O-1", 1, True)
    assert 0 < rows[0]["score"] <= 1
    assert rows[0]["reasons"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "no JSON"), ("[1]", "JSON object"), ('"x"', "JSON object"), ("[" * 100_000, "no JSON"),
        ({**OFFER, "id": None}, "'id'"), ({**OFFER, "id": " "}, "'id'"), ({**OFFER, "id": 7}, "'id'"),
        ({**OFFER, "id": "O-1"}, "given twice"), ({"id": "O-2"}, "'title'"), ({**OFFER, "id": "O-2", "title": 5}, "'title'"),
        ({**OFFER, "id": "O-2", "price": "90.000"}, "'price'"), ({**OFFER, "id": "O-2", "price": True}, "'price'"),
        ({**OFFER, "id": "O-2", "quantity": [1]}, "'quantity'"), ({**OFFER, "id": "O-2", "unit": 3}, "'unit'"),
        ({**OFFER, "id": "O-2", "period": "abad"}, "'period'"), ({**OFFER, "id": "O-2", "certificates": "SNI"}, "list"),
        ({**OFFER, "id": "O-2", "certificates": [1]}, "list"), ({**OFFER, "id": "O-2", "province": 82}, "'province'"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, bad: Any, said: str) -> None:
    done, rows = rank(tmp_path, [OFFER, "", bad], [NEED])

    assert done.exit_code == 2
    assert "offers.jsonl, line 3" in done.output
    assert said in done.output
    assert rows == []


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "offers.jsonl"
    path.write_bytes(json.dumps(OFFER).encode() + b'\n{"id": "\xff\xfe"}\n')

    with pytest.raises(BadLine, match="line 2"):
        read_listings(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    done = run_command("rank", "--offers", tmp_path / "none", "--needs", tmp_path / "none", "--out", tmp_path / "run")

    assert done.exit_code == 2


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "0", "-5", "null", "9" * 400])
def test_a_number_that_says_nothing_counts_as_not_said(tmp_path: Path, value: str) -> None:
    line = json.dumps({**OFFER, "price": 0, "quantity": 0}).replace('"price": 0', f'"price": {value}')
    done, rows = rank(tmp_path, [line.replace('"quantity": 0', f'"quantity": {value}')], [NEED])

    assert done.exit_code == 0
    assert rows[0]["suitable"]
    assert all(math.isfinite(one) for row in rows for one in numbers(row))
    listing = read_listings(tmp_path / "offers.jsonl").listings[0]
    assert listing.price_unit is None
    assert listing.quantity_unit_month is None


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "🐟🐟🐟", "description": "🔥"}, {"title": ""}, {"title": "   "}, {"description": "cengkih " * 1_250},
        {"description": "x" * 10_000}, {"description": "1 kg x " * 1_500}, {"unit": "gerobak"}, {"unit": "💰"},
        {"price": 1e300, "quantity": 1e300}, {"price": 1e-300, "quantity": 5e-324}, {"province": None, "regency": None},
        {"certificates": ["sertifikat baru", "p-irt"]}, {"regency": "Kota Antah"}, {"title": "\u0000\u202e cengkih"},
    ],
)
def test_odd_listings_are_ranked_without_nan_on_both_sides(tmp_path: Path, changes: dict[str, Any]) -> None:
    done, rows = rank(tmp_path, [{**OFFER, **changes}, {**OFFER, "id": "O-2"}], [NEED, {**NEED, **changes, "id": "N-2"}])

    assert done.exit_code == 0, done.output
    assert "NaN" not in (tmp_path / "run.jsonl").read_text()
    assert all(math.isfinite(one) for row in rows for one in numbers(row))
    assert all(0 <= row["score"] <= 1 for row in rows)
    assert ("N-1", "O-2") in {(row["need"], row["offer"]) for row in rows if row["suitable"]}


def test_a_need_without_a_province_is_compared_with_every_offer(tmp_path: Path) -> None:
    done, rows = rank(tmp_path, [OFFER, {**OFFER, "id": "O-2", "province": "35"}], [{**NEED, "province": None}])

    assert done.exit_code == 0
    assert {row["offer"] for row in rows} == {"O-1", "O-2"}


def test_offers_of_the_own_province_are_not_listed(tmp_path: Path) -> None:
    _, rows = rank(tmp_path, [OFFER, {**OFFER, "id": "O-2", "province": "35"}], [NEED])

    assert {row["offer"] for row in rows} == {"O-1"}


def test_empty_files_give_an_empty_run(tmp_path: Path) -> None:
    done, rows = rank(tmp_path, [], [])

    assert (done.exit_code, rows) == (0, [])
    assert "0 needs, 0 offers" in done.output


def test_an_unknown_unit_compares_with_itself_only(tmp_path: Path) -> None:
    dear = {**OFFER, "unit": "gerobak", "price": 900_000}

    _, same = rank(tmp_path, [dear], [{**NEED, "unit": "gerobak"}])
    _, other = rank(tmp_path, [dear], [NEED])

    assert not same[0]["suitable"]
    assert other[0]["suitable"]


def test_a_period_that_is_missing_is_a_single_delivery(tmp_path: Path) -> None:
    once, missing = only(tmp_path, period="sekali"), only(tmp_path, period=None)

    assert once == missing
    assert once != only(tmp_path, period="tahun")


def test_only_id_and_title_have_to_be_there(tmp_path: Path) -> None:
    listing = read_listings(write(tmp_path / "one.jsonl", {"id": "O-1", "title": "Cengkih kering"})).listings[0]

    assert listing.commodity == "cengkih"
    numbers_of = [getattr(listing, one.name) for one in fields(listing)]
    assert not any(isinstance(one, float) and math.isnan(one) for one in numbers_of)


def test_certificates_are_known_in_other_spellings(tmp_path: Path) -> None:
    assert only(tmp_path, certificates=["pirt", "Halal", "p-irt"]).certificates == {"P-IRT", "halal"}


def test_two_readers_read_what_one_reads(tmp_path: Path) -> None:
    titles = ["Cengkih kering", "beras premium 25kg", "ikan 🐟", ""]
    path = write(tmp_path / "many.jsonl", *({**OFFER, "id": f"O-{i}", "title": titles[i % 4]} for i in range(4_100)))

    assert read_listings(path, workers=2) == read_listings(path)


def test_a_fault_far_down_is_named_by_two_readers_too(tmp_path: Path) -> None:
    rows = [{"id": f"O-{i}", "title": ""} for i in range(4_100)]
    path = write(tmp_path / "many.jsonl", *rows, {"id": "O-3", "title": ""})

    with pytest.raises(BadLine, match=r"line 4101: id 'O-3' is given twice"):
        read_listings(path, workers=2)


def test_evaluate_prints_every_figure(tmp_path: Path) -> None:
    rank(tmp_path, [OFFER, {**OFFER, "id": "O-2", "title": "Semen"}], [NEED, {**NEED, "id": "N-2", "title": "Cari semut"}])
    qrels = write(tmp_path / "qrels.tsv", "N-1\tO-1\t3", "N-1\tO-2\t0")

    args = ("evaluate", "--run", tmp_path / "run.jsonl", "--qrels", qrels, "--needs", tmp_path / "needs.jsonl",
            "--offers", tmp_path / "offers.jsonl")  # fmt: skip
    done, as_json = run_command(*args), run_command(*args, "--json")

    assert done.exit_code == as_json.exit_code == 0
    said = dict(line.rsplit(maxsplit=1) for line in done.output.splitlines())
    assert list(said) == ["needs", "nDCG@10", "recall@10", "MRR", "success@1", "precision of suitable", "silence", "gap"]
    assert (said["needs"], said["nDCG@10"], said["precision of suitable"], said["silence"]) == ("2", "1.0", "1.0", "1.0")
    assert json.loads(as_json.output)["success1"] == 1.0


@pytest.mark.parametrize("line", ["N-1\tO-1", "N-1\tO-1\t4", "N-1\tO-1\t", "N-1 O-1 3", "N-1\tO-1\t3\tx"])
def test_a_bad_judgment_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadLine, match="line 2"):
        read_grades(write(tmp_path / "qrels.tsv", "N-1\tO-9\t1", line))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"rank": "1"}, "whole number"), ({"rank": None}, "whole number"), ({"offer": ""}, "'offer'"), ({}, "listed twice")],
)
def test_a_bad_line_of_a_run_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    row = {"need": "N-1", "offer": "O-1", "rank": 1}
    path = write(tmp_path / "run.jsonl", row, {**row, **changes})

    with pytest.raises(BadLine, match=f"line 2: .*{said}"):
        read_run(path)


def test_evaluate_refuses_a_bad_run_with_exit_code_two(tmp_path: Path) -> None:
    run = write(tmp_path / "run.jsonl", {"need": "N-1"})

    done = run_command("evaluate", "--run", run, "--qrels", write(tmp_path / "qrels.tsv"))

    assert done.exit_code == 2
    assert "line 1" in done.output


def test_validate_prints_and_writes_a_row_for_each_method(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    done = run_command("validate", "--set", ROOT / "tests/relevance/check", "--no-embedding", "--json", out)

    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text())["sets"]["check"]
    assert list(figures) == ["ranker", "ranker, cross-validated", "TF-IDF", "BM25"]
    assert figures["ranker"]["ndcg"] > figures["TF-IDF"]["ndcg"]
    assert all(method in done.output for method in figures)


def test_validate_refuses_a_folder_without_listings(tmp_path: Path) -> None:
    done = run_command("validate", "--set", tmp_path)

    assert done.exit_code == 2


def test_validate_says_what_a_set_lacks_to_be_split(tmp_path: Path) -> None:
    write(tmp_path / "offers.jsonl", OFFER)
    write(tmp_path / "needs.jsonl", NEED, {**NEED, "id": "N-2"})
    write(tmp_path / "qrels.tsv", "N-1\tO-1\t3")

    too_few, one_sided = (run_command("validate", "--set", tmp_path, "--folds", n) for n in (5, 2))

    assert too_few.exit_code == one_sided.exit_code == 2
    assert "number of needs (2)" in too_few.output
    assert "classes" in one_sided.output or "class(es)" in one_sided.output
