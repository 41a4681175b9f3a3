"""Files are read alike by one process and by several."""

import json
import sys
from pathlib import Path

import pytest

from app import cli_bench
from app.commodities.catalogue import Catalogue, Lists, build_catalogue
from app.kit.errors import Refused
from app.matching import files

ROWS = [{"id": f"O-{i}", "title": f"beras cap {i}", "province": "A", "quantity": i, "unit": "kg"} for i in range(9)]


@pytest.fixture
def no_goods() -> Catalogue:
    return build_catalogue(Lists())


@pytest.fixture(autouse=True)
def short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BATCH_LINES", 2)


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_count_reads_the_same(tmp_path: Path, no_goods: Catalogue, workers: int) -> None:
    path = written(tmp_path / "offers.jsonl", [json.dumps(row) for row in ROWS])

    found = files.read_listings(path, no_goods, workers=workers)

    assert found.ids == tuple(row["id"] for row in ROWS)
    assert [listing.quantity_unit_month for listing in found.listings] == [None, *map(float, range(1, 9))]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("line", "fault"), [("{", "no JSON"), (json.dumps(ROWS[0]), "twice"), ("[]", "object")])
def test_the_first_bad_line_is_named(
    tmp_path: Path, no_goods: Catalogue, workers: int, line: str, fault: str
) -> None:
    path = written(tmp_path / "offers.jsonl", [*(json.dumps(row) for row in ROWS[:5]), "", line, "{"])

    with pytest.raises(files.BadLine, match=f"line 7: .*{fault}"):
        files.read_listings(path, no_goods, workers=workers)


def test_a_cluster_ranks_files_as_one_process_does(
    tmp_path: Path, no_goods: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="Dask is an optional extra: requirements-scale.txt")
    monkeypatch.setattr(files, "catalogue_of_files", lambda: no_goods)
    offers = files.read_listings(written(tmp_path / "o.jsonl", [json.dumps(row) for row in ROWS]), no_goods)
    rows = [row | {"id": f"N-{i}", "province": "B"} for i, row in enumerate(ROWS)]
    needs = files.read_listings(written(tmp_path / "n.jsonl", [json.dumps(row) for row in rows]), no_goods)

    with files.cluster_of(1) as runner:
        parts = list(files.rank_files(offers, needs, 3, partitions=3, runner=runner))

    assert parts and parts == list(files.rank_files(offers, needs, 3))


def test_a_missing_cluster_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(Refused, match="requirements-scale"), files.cluster_of(1):
        pass


def test_the_bench_measures_every_step(tmp_path: Path, no_goods: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cli_bench, files):
        monkeypatch.setattr(module, "catalogue_of_files", lambda: no_goods)
    cli_bench._write_market(tmp_path, 40)

    whole = cli_bench._measured("whole", tmp_path, "market")
    bare, brute = (cli_bench._measured(step, tmp_path, "market") for step in ("bare", "brute"))

    assert whole["pairs_scored"] >= whole["proposals"]
    assert set(whole["phases"]) == set(cli_bench.PHASES)
    assert bare["pairs"] <= brute["pairs"] == 2 * 40 * cli_bench.NEAREST
    assert not brute["is_scaled"]
