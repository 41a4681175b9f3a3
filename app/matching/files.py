"""Rank listings that stand in files, one JSON object a line, without any database."""

import gc
import json
import math
import multiprocessing
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from app.algorithms.best_pairs import Pairs
from app.algorithms.coding import code_listing
from app.algorithms.explanations import explain_all
from app.algorithms.listing import Listing
from app.algorithms.measures import PERIODS, to_month
from app.algorithms.pairs import Reason
from app.algorithms.partitions import PartitionWork, Runner, one_after_the_other, rank_in_partitions
from app.algorithms.ranker import Order, PairRanker, Ranking
from app.algorithms.relevance import PLAIN_STOPWORDS, RIGHT, Row
from app.algorithms.terms import with_terms
from app.commodities.catalogue import Catalogue
from app.commodities.lists import catalogue_of_files, rows_of
from app.kit.errors import Refused

_CERTIFICATES = {name.lower().replace("-", "").replace(" ", ""): name for name in (
    "halal", "P-IRT", "BPOM", "SNI", "HACCP", "SKP", "karantina", "organik", "SVLK", "NKV", "merek",
)}  # fmt: skip

_BATCH_LINES = 2_000


class BadLine(Refused):
    """A line of a file that cannot be used; the message names file, line and fault."""


@dataclass(frozen=True, slots=True)
class FileListings:
    """The listings of one file: ids and listings in the order of the lines."""

    ids: tuple[str, ...]
    listings: tuple[Listing, ...]


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and object of each line that is not blank.

    Raises
    ------
    BadLine
        If a line is no JSON object.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                yield number, _object(raw)
            except ValueError as error:
                raise BadLine(f"{path}, line {number}: {error}") from error


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise ValueError("a JSON object is expected")
    return found


def read_listings(path: Path, goods: Catalogue | None = None, *, workers: int = 1) -> FileListings:
    """Read offers or needs.

    `id` and `title` have to be there; all else may be missing or null. Numbers that are zero, negative or no finite
    numbers count as not said, an unknown unit compares with itself only, a listing without a province is compared with
    those of every province, and a missing period is a single delivery. Long files are read by so many processes, where
    the system can fork; the result is the same.

    Raises
    ------
    BadLine
        If a line is no JSON object, an id is missing or given twice, or a field has the wrong type.
    """
    reader = _Reader(path, goods or catalogue_of_files(), {row["name"].lower(): row for row in rows_of("regencies")})
    found: dict[str, Listing] = {}
    for batch in _mapped(reader, _batches(path), workers):
        for number, key, listing, fault in batch:
            if fault is None and key in found:
                fault = f"id {key!r} is given twice"
            if listing is None or fault is not None:
                raise BadLine(f"{path}, line {number}: {fault}")
            found[key] = listing
    return FileListings(tuple(found), tuple(found.values()))


Lines = list[tuple[int, bytes]]
Coded = list[tuple[int, str, Listing | None, str | None]]  # line, id, listing or fault


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns lines into listings; stops at the first that cannot be used."""

    path: Path
    goods: Catalogue
    places: Mapping[str, Mapping[str, str]]

    def coded(self, lines: Lines) -> Coded:
        found: Coded = []
        for number, raw in lines:
            try:
                row = _object(raw)
                found.append((number, _text(row, "id", is_needed=True), _listing(row, self.goods, self.places), None))
            except ValueError as error:
                return [*found, (number, "", None, str(error))]
        return found


def _batches(path: Path) -> Iterator[Lines]:
    with path.open("rb") as file:
        lines = ((number, raw) for number, raw in enumerate(file, 1) if raw.strip())
        while batch := list(islice(lines, _BATCH_LINES)):
            yield batch


def _mapped(reader: _Reader, batches: Iterator[Lines], workers: int) -> Iterator[Coded]:
    """Yield what the reader makes of each batch, in their order; a file of one batch starts no process."""
    first = list(islice(batches, 2))
    batches = chain(first, batches)
    if workers <= 1 or len(first) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(reader.coded, batches)
        return
    # Forked, so that nobody copies the goods; frozen, so that no collection of garbage touches their pages.
    gc.freeze()
    _inherited.append(reader)
    try:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            yield from pool.imap(_coded_by_child, batches)
    finally:
        _inherited.pop()
        gc.unfreeze()


_inherited: list[_Reader] = []


def _coded_by_child(lines: Lines) -> Coded:
    return _inherited[-1].coded(lines)


def _listing(row: Mapping[str, Any], goods: Catalogue, places: Mapping[str, Mapping[str, str]]) -> Listing:
    title, description = _text(row, "title", is_needed="title" not in row), _text(row, "description")
    text = f"{title}\n{description}" if description else title
    place = places.get(_text(row, "regency").lower())
    named = Listing(
        text, province=_text(row, "province"), certificates=_certificates(row),
        latitude=float(place["latitude"]) if place else None, longitude=float(place["longitude"]) if place else None,
    )
    coded = code_listing(named, goods.tagger)
    good = goods.goods.get(coded.commodity or "")
    if good is not None:
        coded = replace(coded, keeping=good.keeping.value, is_cold_chain=good.is_cold_chain)
    typed = _text(row, "unit")
    unit = goods.unit_named(typed) or typed.strip().lower() or None
    return with_terms(
        coded, unit=unit, defined_kg=goods.kg_per_unit(coded.commodity, unit),
        quantity_month=to_month(_number(row, "quantity"), _period(row)), price=_number(row, "price"),
    )


def _text(row: Mapping[str, Any], name: str, *, is_needed: bool = False) -> str:
    value = row.get(name)
    if value is None and not is_needed:
        return ""
    if not isinstance(value, str) or (is_needed and not value.strip()):
        raise ValueError(f"{name!r} has to be text")
    return value


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name!r} has to be a number")
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _period(row: Mapping[str, Any]) -> str:
    period = _text(row, "period").strip().lower() or "sekali"
    if period not in PERIODS:
        raise ValueError(f"'period' has to be one of {', '.join(PERIODS)}, not {period!r}")
    return period


def _certificates(row: Mapping[str, Any]) -> frozenset[str]:
    value = row.get("certificates")
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("'certificates' has to be a list of texts")
    names: list[str] = value
    return frozenset(_CERTIFICATES.get(one.lower().replace("-", "").replace(" ", ""), one) for one in names)


def wordless_pairs(
    grades: Mapping[str, Mapping[str, int]], needs: FileListings, offers: FileListings
) -> dict[str, list[str]]:
    """Return the right pairs whose texts share no content word: what plain word matching cannot find."""
    words = {
        key: {word for word in re.findall("[a-z]+", listing.text.lower()) if len(word) > 2} - PLAIN_STOPWORDS
        for one in (needs, offers) for key, listing in zip(one.ids, one.listings, strict=True)
    }
    return {
        need: [
            offer for offer, grade in judged.items()
            if grade >= RIGHT and need in words and offer in words and not words[need] & words[offer]
        ]
        for need, judged in grades.items()
    }


def rank_files(
    offers: FileListings, needs: FileListings, top: int, order: Order = "score", *, partitions: int = 1,
    runner: Runner = one_after_the_other,
) -> Iterator[dict[str, Any]]:
    """Yield the best `top` offers of each need with score, reasons, weakness and parts, suitable ones first."""
    ranker = PairRanker(n_jobs=2, tree=catalogue_of_files().tree)
    ranker.fit(offers.listings, needs.listings)
    ranking = rank_in_partitions(ranker, top, partitions, order=order, keep_unsuitable=True, runner=runner)
    explanations = explain_all(ranking)
    for i in np.flatnonzero(ranking.rank_for_need > 0):
        said = explanations[i]
        yield {
            "need": needs.ids[ranking.need_index[i]], "offer": offers.ids[ranking.offer_index[i]],
            "rank": int(ranking.rank_for_need[i]), "score": round(float(ranking.score[i]), 6),
            "suitable": bool(ranking.suitable[i]),
            "reasons": [_plain(reason) for reason in said.reasons], "weakness": _plain(said.weakness),
            "parts": _parts(ranking, int(i)),
        }


@contextmanager
def cluster_of(workers: int) -> Iterator[Runner]:
    """Give a runner of partitions on so many local processes of Dask.

    Raises
    ------
    Refused
        If the optional package is not installed.
    """
    try:
        import distributed  # noqa: PLC0415  # optional: requirements-scale.txt
    except ImportError as error:
        raise Refused("Partitions on several workers need Dask: pip install -r requirements-scale.txt") from error
    options = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield partial(_on_cluster, client)


def _on_cluster(client: Any, work: PartitionWork, partitions: Sequence[range]) -> Iterator[Pairs]:
    everywhere = client.scatter(work, broadcast=True)
    waiting = [client.submit(PartitionWork.pairs_of, everywhere, one, pure=False) for one in partitions]
    for future in waiting:
        yield future.result()


def read_run(path: Path) -> dict[str, list[Row]]:
    """Read a run.

    Raises
    ------
    BadLine
        If a line lacks a field or a pair is listed twice.
    """
    found: dict[str, dict[str, Row]] = {}
    for number, row in read_objects(path):
        try:
            need, offer, rank = _text(row, "need", is_needed=True), _text(row, "offer", is_needed=True), row["rank"]
            if isinstance(rank, bool) or not isinstance(rank, int):
                raise ValueError("'rank' has to be a whole number")
            if offer in found.setdefault(need, {}):
                raise ValueError(f"the pair {need} {offer} is listed twice")
        except (KeyError, ValueError) as error:
            raise BadLine(f"{path}, line {number}: {error}") from error
        found[need][offer] = Row(offer, rank, bool(row.get("suitable", True)))
    return {need: list(rows.values()) for need, rows in found.items()}


def read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Read judgments: need, offer and grade 0..3 a line, separated by tabs.

    Raises
    ------
    BadLine
        If a line has other than three cells or the grade is not 0, 1, 2 or 3.
    """
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 3 or cells[2].strip() not in ("0", "1", "2", "3"):
            raise BadLine(f"{path}, line {number}: need, offer and a grade 0 to 3 are expected, separated by tabs")
        found.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    return found


def write_run(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one JSON object a line; the file appears whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row, ensure_ascii=False, allow_nan=False)}\n" for row in rows)
    draft.replace(path)


def _plain(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, **reason.params}


def _parts(ranking: Ranking, row: int) -> dict[str, float]:
    return {
        "buyer_chance": round(float(ranking.buyer_chance[row]), 6),
        "seller_chance": round(float(ranking.seller_chance[row]), 6),
        **{part: round(float(values[row]), 6) for part, values in ranking.parts.items()},
    }
