"""flask match bench: time and memory of ranking invented listings, beside brute force and a bare sparse product.

Every figure is taken in a process of its own, so that its peak memory is its own.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
import numpy as np
import scipy.sparse as sp
from sklearn.neighbors import NearestNeighbors
from sparse_dot_topn import sp_matmul_topn

from app.algorithms.candidates import candidate_chunks
from app.algorithms.ranker import Order, PairRanker
from app.algorithms.synthetic_listings import Stock, invented_rows
from app.commodities.lists import catalogue_of_files, rows_of
from app.matching import files

CORES = 2
LIST_LENGTH = 10
NEAREST, MOST_BRUTE_ROWS = 20, 2_000
PHASES = ("load the goods", "read, normalise, tag", "fit", "candidates, features, model", "order")
COMMON_SHARE = 0.02  # features in more rows are pruned for the bare product, as the fastest published way does
Figures = dict[str, Any]


@click.command()
@click.option("--listings", type=click.IntRange(1), multiple=True, default=(1000, 10_000, 100_000), show_default=True,
              help="Offers, and as many needs; may be given several times.")
@click.argument("more", type=click.IntRange(1), nargs=-1)
@click.option("--order", type=click.Choice(["score", "market"]), default="market", show_default=True)
@click.option("--json", "json_file", type=click.File("w", encoding="utf-8", lazy=False),
              help="Also write the figures here.")
@click.option("--step", type=click.Choice(["whole", "bare", "brute"]), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def bench(
    listings: tuple[int, ...], more: tuple[int, ...], order: str, json_file: TextIO | None, step: str | None,
    folder: Path | None,
) -> None:
    """Measure ranking on invented listings: `bench --listings 1000 10000 100000`."""
    if step is not None and folder is not None:
        click.echo(json.dumps(_measured(step, folder, order)))
        return
    found = [_bench_of(n, order) for n in (*listings, *more)]
    if json_file is not None:
        json_file.write(json.dumps(found, indent=2) + "\n")


def _bench_of(n: int, order: str) -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_market(folder, n)
        steps = {step: _in_child(step, folder, order) for step in ("whole", "bare", "brute")}
    steps["ours"] = steps["whole"].pop("candidate_step")
    ours = steps["ours"]["seconds"]
    ratios = {"to_bare": round(ours / steps["bare"]["seconds"], 2), "brute_to_ours": steps["brute"]["seconds"] / ours}
    found = {"listings": n, "order": order, **steps, "ratios": ratios}
    for line in _table(found):
        click.echo(line)
    return found


def _write_market(folder: Path, n: int) -> None:
    words = {row["code"]: [row["name_id"]] for row in rows_of("commodities")}
    for row in rows_of("commodity_words"):
        words[row["commodity_code"]].append(row["word"])
    places: dict[str, list[str]] = {}
    for row in rows_of("regencies"):
        places.setdefault(row["province_code"], []).append(row["name"])
    stock = Stock(list(words.values()), places)
    for side, seed in (("offers", 1), ("needs", 2)):
        rows = invented_rows(n, stock, prefix=side[0].upper(), random_state=seed)
        with (folder / f"{side}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _in_child(step: str, folder: Path, order: str) -> Figures:
    command = [sys.executable, "-m", "flask", "--app", "app.main", "match", "bench"]
    command += ["--step", step, "--folder", str(folder), "--order", order]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own command
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _measured(step: str, folder: Path, order: str) -> Figures:
    if step == "whole":
        return _whole(folder, order)
    texts = sp.load_npz(folder / "needs.npz"), sp.load_npz(folder / "offers.npz")
    with peak_memory() as peak:
        found = _bare(*texts) if step == "bare" else _brute(*texts)
    return {**found, "peak_mb": round(peak["mb"])}


class _TimedRanker(PairRanker):
    """Adds up the seconds of each phase; those of scoring are seconds of a core, of which two work."""

    def __init__(self, tree: Any = None, n_jobs: int = CORES) -> None:
        super().__init__(n_jobs=n_jobs, tree=tree)
        self.seconds: dict[str, float] = {}
        self.pairs = 0

    def _timed(self, phase: str, work: Callable[..., Any], *given: Any) -> Any:
        start = time.thread_time()
        found = work(*given)
        self.seconds[phase] = self.seconds.get(phase, 0.0) + time.thread_time() - start
        return found

    def _parsed(self, *given: Any) -> Any:
        return self._timed("normalise", super()._parsed, *given)

    def _columns(self, *given: Any) -> Any:
        return self._timed("columns", super()._columns, *given)

    def _vectorized(self, *given: Any) -> Any:
        return self._timed("vectorise", super()._vectorized, *given)

    def near(self, **given: Any) -> Any:
        return self._timed("candidates", lambda: super(_TimedRanker, self).near(**given))

    def _features(self, *given: Any) -> Any:
        return self._timed("features", super()._features, *given)

    def _scored(self, *given: Any) -> Any:
        found = self._timed("features and model", super()._scored, *given)
        self.pairs += len(found)
        return found


def _whole(folder: Path, order: str) -> Figures:
    chosen: Order = "market" if order == "market" else "score"
    marks = [time.perf_counter()]
    with peak_memory() as peak:
        tree = catalogue_of_files().tree
        marks.append(time.perf_counter())
        offers, needs = (
            files.read_listings(folder / f"{side}.jsonl", workers=CORES).listings for side in ("offers", "needs")
        )
        marks.append(time.perf_counter())
        ranker = _TimedRanker(tree)
        ranker.fit(offers, needs)
        marks.append(time.perf_counter())
        best = ranker.best_pairs(LIST_LENGTH, chosen)
        for _done, pairs in ranker.scored(near=ranker.near()):
            best.add(pairs)
        marks.append(time.perf_counter())
        ranking = ranker.ranking_of(best, LIST_LENGTH, chosen)
        marks.append(time.perf_counter())
    phases = dict(zip(PHASES, np.diff(marks).round(2).tolist(), strict=True))
    for side, texts in zip(("needs", "offers"), _pruned(ranker), strict=True):
        sp.save_npz(folder / f"{side}.npz", texts, compressed=False)
    return {
        "seconds": round(marks[-1] - marks[1], 2), "peak_mb": round(peak["mb"]), "proposals": len(ranking),
        "pairs_scored": ranker.pairs, "pairs_a_second": round(ranker.pairs / max(1e-9, marks[4] - marks[3])),
        "phases": phases, "core_seconds": {phase: round(seconds, 2) for phase, seconds in ranker.seconds.items()},
        "candidate_step": _ours(ranker),
    }


def _ours(ranker: PairRanker) -> Figures:
    """The candidate step alone: codes, and texts where there is none."""
    with peak_memory() as peak:
        before, start = peak["mb"], time.perf_counter()
        settings = ranker._settings(keep_unsuitable=False)
        pairs = sum(len(need) for need, _ in candidate_chunks(ranker._sides, settings))
        seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 3), "pairs": pairs, "peak_mb": round(peak["mb"] - before)}


def _pruned(ranker: PairRanker) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    sides = (ranker._sides.need_text, ranker._sides.offer_text)
    left, right = (sp.hstack([side.words, side.characters], format="csr", dtype=np.float32) for side in sides)
    rows_with = sum(np.bincount(side.indices, minlength=side.shape[1]) for side in (left, right))
    rare = np.flatnonzero(rows_with <= max(COMMON_SHARE * (left.shape[0] + right.shape[0]), 2))
    return left[:, rare], right[:, rare]


def _bare(left: sp.csr_matrix, right: sp.csr_matrix) -> Figures:
    """The nearest texts on rare features in both directions, by sparse_dot_topn and nothing else."""
    start = time.perf_counter()
    pairs = 0
    for asking, asked in ((left, right), (right, left)):
        pairs += sp_matmul_topn(asking, asked.T.tocsr(), top_n=NEAREST, n_threads=CORES).nnz
    return {"seconds": round(time.perf_counter() - start, 3), "pairs": pairs}


def _brute(left: sp.csr_matrix, right: sp.csr_matrix) -> Figures:
    """The nearest texts on the same features by scikit-learn's brute force; of many rows only a sample is asked."""
    start = time.perf_counter()
    pairs, asked_rows, rows = 0, 0, 0
    for asking, asked in ((left, right), (right, left)):
        sample = asking[:: max(1, asking.shape[0] // MOST_BRUTE_ROWS)]
        nearest = NearestNeighbors(n_neighbors=min(NEAREST, asked.shape[0]), metric="cosine", algorithm="brute")
        pairs += nearest.fit(asked).kneighbors(sample, return_distance=False).size
        asked_rows, rows = asked_rows + sample.shape[0], rows + asking.shape[0]
    scale = rows / asked_rows
    seconds = time.perf_counter() - start
    return {
        "seconds": round(seconds * scale, 3), "pairs": round(pairs * scale), "measured_rows": asked_rows, "rows": rows,
        "is_scaled": scale > 1,
    }


@contextmanager
def peak_memory(every: float = 0.25) -> Iterator[dict[str, float]]:
    """Measure the most memory that this process and its children hold together, shared pages counted once."""
    found, stop = {"mb": _held_mb()}, threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            found["mb"] = max(found["mb"], _held_mb())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()
        found["mb"] = max(found["mb"], _held_mb())


def _held_mb() -> float:
    """Return proportional set sizes of this process and its children in megabytes (Linux only, else 0)."""
    own = Path("/proc/self")
    if not (own / "smaps_rollup").exists():
        return 0.0
    children = [pid for task in own.glob("task/*/children") for pid in task.read_text().split()]
    return sum(_pss_mb(Path("/proc") / pid) for pid in ("self", *children))


def _pss_mb(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _table(found: Figures) -> Iterator[str]:
    whole, ratios = found["whole"], found["ratios"]
    n = found["listings"]
    yield f"{n:,} offers x {n:,} needs, lists by {found['order']}, {CORES} cores"
    # Loading the goods is paid once by every process and not by every ranking: shown, and not in the whole.
    yield (f"  whole {whole['seconds']:.1f} s, peak {whole['peak_mb']} MB, {whole['pairs_scored']:,} pairs scored, "
           f"{whole['pairs_a_second']:,} a second, {whole['proposals']:,} proposals")
    yield "    seconds: " + ", ".join(f"{phase} {seconds}" for phase, seconds in whole["phases"].items())
    yield "    of a core: " + ", ".join(f"{phase} {seconds}" for phase, seconds in whole["core_seconds"].items())
    brute = found["brute"]
    said = f" ({brute['measured_rows']} of {brute['rows']} rows measured, scaled)" if brute["is_scaled"] else ""
    for step, name in (("ours", "candidates"), ("bare", "sparse_dot_topn"), ("brute", "brute force")):
        note = said if step == "brute" else ""
        yield f"  {name:<16}{found[step]['seconds']:>10.2f} s{found[step]['peak_mb']:>8} MB{note}"
    yield f"  ours / bare {ratios['to_bare']}, brute / ours {ratios['brute_to_ours']:.0f}"
