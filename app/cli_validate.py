"""flask match validate: our ranker on graded sets, as it is and in cross-validation, beside rankings by text alone.

Needs no database. Every method lists offers of other provinces only, so many deep that the gap can be measured.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

import click
import numpy as np
from numpy.typing import NDArray

from app.algorithms.chances import joint_score, log_parts
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker, Ranking
from app.algorithms.relevance import RIGHT, Row, Scores, evaluate
from app.algorithms.text_baselines import bm25_scores, lsa_scores, tfidf_scores
from app.algorithms.validation import fold_numbers, held_out_chances, held_out_thresholds
from app.commodities.lists import catalogue_of_files, rows_of
from app.matching import files

DEPTH = 60
FIGURES = {"ndcg": "nDCG@10", "gap": "gap", "precision": "precision", "silent": "silence", "success1": "success@1"}
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


class BadSet(click.ClickException):
    """A set that cannot be used: exit code 2."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class GradedSet:
    """Listings of both sides with the judgments of their pairs, and the fold of each need."""

    name: str
    needs: files.FileListings
    offers: files.FileListings
    grades: Mapping[str, Mapping[str, int]]
    fold: Indices


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of one set with their score; arrays of shape (n,). `may_suit`: what no score can make good is met."""

    graded: GradedSet
    need: Indices
    offer: Indices
    score: Floats
    may_suit: Flags

    @property
    def is_right(self) -> Flags:
        """Whether judges called the pair right."""
        needs, offers, grades = self.graded.needs.ids, self.graded.offers.ids, self.graded.grades
        pairs = zip(self.need.tolist(), self.offer.tolist(), strict=True)
        return np.array([grades.get(needs[n], {}).get(offers[o], 0) >= RIGHT for n, o in pairs], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Ranked:
    """What our ranker listed: pairs, their parts as the model sees them, and the seller's chance."""

    pairs: Pairs
    columns: Floats
    seller_chance: Floats


@click.command()
@click.option("--set", "folders", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True,
              required=True, help="Folder with offers.jsonl, needs.jsonl and qrels.tsv; may be given several times.")
@click.option("--folds", type=click.IntRange(2, 100), default=5, show_default=True, help="Of the needs of all sets.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the folds.")
@click.option("--embedding/--no-embedding", default=True, show_default=True, help="Also learn the embedding: slow.")
@click.option("--json", "json_file", type=click.File("w", encoding="utf-8", lazy=False),
              help="Also write the figures here.")
def validate(folders: tuple[Path, ...], folds: int, seed: int, embedding: bool, json_file: TextIO | None) -> None:
    """Measure the ranker and rankings by text alone on graded sets, side by side."""
    try:
        sets = _read(folders, folds, seed)
        figures = validated(sets, _surfaces() if embedding else None)
    except (files.BadLine, OSError, ValueError) as error:
        raise BadSet(str(error)) from error
    click.echo(f"{len(sets)} sets, {sum(len(one.fold) for one in sets)} needs, {folds} folds by need, seed {seed}")
    for line in _table(figures):
        click.echo(line)
    if json_file is not None:
        plain = {name: {method: _plain(scores) for method, scores in rows.items()} for name, rows in figures.items()}
        json_file.write(json.dumps({"folds": folds, "seed": seed, "sets": plain}, indent=2) + "\n")


def _read(folders: Sequence[Path], folds: int, seed: int) -> list[GradedSet]:
    found = []
    for folder in folders:
        needs, offers = (files.read_listings(folder / name) for name in ("needs.jsonl", "offers.jsonl"))
        found.append((folder.resolve().name, needs, offers, files.read_grades(folder / "qrels.tsv")))
    sizes = [len(needs.ids) for _, needs, _, _ in found]
    parts = np.split(fold_numbers(sum(sizes), folds, seed), np.cumsum(sizes)[:-1])
    names = _distinct([name for name, *_ in found])
    return [
        GradedSet(name, needs, offers, grades, fold)
        for name, (_, needs, offers, grades), fold in zip(names, found, parts, strict=True)
    ]


def _distinct(names: Sequence[str]) -> list[str]:
    return [name if names.count(name) == 1 else f"{name} {place}" for place, name in enumerate(names, 1)]


def validated(sets: Sequence[GradedSet], surfaces: Sequence[str] | None = None) -> dict[str, dict[str, Scores]]:
    """Return set name -> method -> scores.

    The ranker is measured as it is, and with the buyer's weights fitted to the other folds of all sets. What the texts
    alone score is called suitable from the threshold that is best on the other folds of all sets. Without `surfaces`
    no embedding is learned.
    """
    ranker = PairRanker(n_jobs=2, tree=catalogue_of_files().tree)
    rankings = [ranker.fit(one.offers.listings, one.needs.listings).rank(DEPTH, keep_unsuitable=True) for one in sets]
    own = [_ranked(one, ranking, ranker) for one, ranking in zip(sets, rankings, strict=True)]
    found = {"ranker": [_measured(one.pairs, one.pairs.score >= ranker.min_score) for one in own]}
    found["ranker, cross-validated"] = _cross_validated(own, ranker.min_score)
    texts = [([x.text for x in one.needs.listings], [x.text for x in one.offers.listings]) for one in sets]
    found["TF-IDF"] = _thresholded(sets, [tfidf_scores(*both) for both in texts])
    found["BM25"] = _thresholded(sets, [bm25_scores(*both) for both in texts])
    if surfaces is not None:
        found["embedding (LSA)"] = _thresholded(sets, [lsa_scores(*both, surfaces) for both in texts])
    return {one.name: {method: rows[i] for method, rows in found.items()} for i, one in enumerate(sets)}


def _surfaces() -> list[str]:
    """Return all words of each good in one text."""
    words = {row["code"]: [row["name_id"]] for row in rows_of("commodities")}
    for row in rows_of("commodity_words"):
        words[row["commodity_code"]].append(row["word"])
    return [" ".join(one) for one in words.values()]


def _ranked(graded: GradedSet, ranking: Ranking, ranker: PairRanker) -> Ranked:
    listed = ranking.rank_for_need > 0
    parts = {part: values[listed] for part, values in ranking.parts.items()}
    may_suit = (
        (parts["commodity"] >= ranker.min_match)
        & (parts["form"] >= ranker.min_form)
        & (ranking.facts["terms_off"][listed] <= ranker.max_terms_off)
    )
    pairs = Pairs(graded, ranking.need_index[listed], ranking.offer_index[listed], ranking.score[listed], may_suit)
    return Ranked(pairs, log_parts(parts), ranking.seller_chance[listed])


def _cross_validated(own: Sequence[Ranked], min_score: float) -> list[Scores]:
    right, fold = _joined([one.pairs for one in own])
    chances = held_out_chances(np.vstack([one.columns for one in own]), right, fold)
    found = []
    for one, buyer in zip(own, _split(chances, [one.pairs for one in own]), strict=True):
        score = joint_score(buyer, one.seller_chance)
        found.append(_measured(replace(one.pairs, score=score), score >= min_score))
    return found


def _thresholded(sets: Sequence[GradedSet], scores: Sequence[Floats]) -> list[Scores]:
    found = [_best_of(graded, score) for graded, score in zip(sets, scores, strict=True)]
    right, fold = _joined(found)
    thresholds = held_out_thresholds(np.concatenate([pairs.score for pairs in found]), right, fold)
    split = _split(thresholds, found)
    return [_measured(pairs, pairs.score >= threshold) for pairs, threshold in zip(found, split, strict=True)]


def _split(values: Floats, found: Sequence[Pairs]) -> list[Floats]:
    return np.split(values, np.cumsum([len(pairs.score) for pairs in found])[:-1])


def _joined(found: Sequence[Pairs]) -> tuple[Flags, Indices]:
    """Return of the pairs of all sets whether they are right, and the folds of their needs."""
    fold = np.concatenate([pairs.graded.fold[pairs.need] for pairs in found])
    return np.concatenate([pairs.is_right for pairs in found]), fold


def _best_of(graded: GradedSet, scores: Floats) -> Pairs:
    """Return the first offers of another province for each need; ties keep the order of the file."""
    provinces = [_provinces(side.listings) for side in (graded.needs, graded.offers)]
    scores = np.where(provinces[0][:, None] == provinces[1][None, :], -np.inf, scores)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    need = np.repeat(np.arange(len(scores)), best.shape[1])
    offer = best.ravel()
    keep = np.isfinite(scores[need, offer])
    need, offer = need[keep], offer[keep]
    return Pairs(graded, need, offer, scores[need, offer], np.ones(len(need), dtype=np.bool_))


def _provinces(listings: Sequence[Listing]) -> NDArray[np.object_]:
    """Return the provinces; where none is said, something that equals no other."""
    return np.array([one.province or object() for one in listings], dtype=object)


def _measured(pairs: Pairs, is_enough: Flags) -> Scores:
    """Return the scores of lists with suitable pairs first, then by score."""
    one, suitable = pairs.graded, pairs.may_suit & is_enough
    run: dict[str, list[Row]] = {}
    for i in np.lexsort((-pairs.score, ~suitable, pairs.need)).tolist():
        rows = run.setdefault(one.needs.ids[pairs.need[i]], [])
        if len(rows) < DEPTH:
            rows.append(Row(one.offers.ids[pairs.offer[i]], len(rows) + 1, bool(suitable[i])))
    wordless = files.wordless_pairs(one.grades, one.needs, one.offers)
    return evaluate(one.grades, run, one.needs.ids, wordless=wordless)


def _table(figures: Mapping[str, Mapping[str, Scores]]) -> Iterator[str]:
    yield f"{'set':<10}{'method':<26}" + "".join(f"{title:>11}" for title in FIGURES.values())
    for name, rows in figures.items():
        for method, scores in rows.items():
            cells = (getattr(scores, figure) for figure in FIGURES)
            yield f"{name:<10}{method:<26}" + "".join(f"{'-' if math.isnan(x) else f'{x:.3f}':>11}" for x in cells)


def _plain(scores: Scores) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else round(value, 4) for name, value in asdict(scores).items()}
