"""Commands around matching: rank files, measure, rank a mission."""

import json
import math
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click
from flask import current_app
from flask.cli import AppGroup

from app.algorithms.learning import (
    KEPT_TOLERANCE,
    LEAST_DECISIONS,
    LEAST_OF_EACH,
    MARGIN,
    ORDER_TOLERANCE,
    Verdict,
)
from app.algorithms.partitions import one_after_the_other
from app.algorithms.relevance import Scores
from app.algorithms.relevance import evaluate as evaluate_run
from app.cli_bench import bench
from app.cli_simulate import simulate, simulate_learning
from app.cli_validate import validate
from app.evaluation import queries as evaluation
from app.kit import clock
from app.kit.db import Database
from app.kit.errors import Refused
from app.learning import actions as learning
from app.learning.values import Trained
from app.matching import actions, files
from app.missions import queries as missions

match = AppGroup("match", help="Rank offers and needs, measure rankings, rank missions.")
match.add_command(bench)
match.add_command(simulate)
match.add_command(simulate_learning)
match.add_command(validate)
WHY = {
    Verdict.BETTER: "Better on later decisions.",
    Verdict.TOO_FEW: f"Not used: at least {LEAST_DECISIONS} decisions are needed.",
    Verdict.ONE_SIDED: f"Not used: {LEAST_OF_EACH} yes and {LEAST_OF_EACH} no are needed, both early and late.",
    Verdict.MARGIN: f"Not used: log loss is not lower by {MARGIN}.",
    Verdict.ORDER: f"Not used: nDCG is lower by more than {ORDER_TOLERANCE}.",
    Verdict.SILENT: f"Not used: more than {KEPT_TOLERANCE:.0%} of the wanted pairs would no longer be proposed.",
}
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


class BadInput(click.ClickException):
    """Input that cannot be used: exit code 2."""

    exit_code = 2


@match.command("run")
@click.argument("mission_id")
def run(mission_id: str) -> None:
    """Rank one mission now and print what came out."""
    database: Database = current_app.extensions["database"]
    with database.unit_of_work() as session:
        mission = missions.mission_by_id(session, mission_id)
        if mission is None:
            known = "\n".join(f"  {one.id}  {one.name}" for one in missions.open_missions(session))
            raise click.ClickException(f"There is no mission {mission_id!r}. Open missions:\n{known or '  none'}")
        done = actions.rank_mission(session, mission=mission, now=clock.now())
    click.echo(
        f"{done.need_count} needs, {done.offer_count} offers, {done.pair_count} pairs scored, "
        f"{done.proposal_count} proposals, {done.unmet_need_count} needs without a suitable offer"
    )


@match.command("train")
@click.option("--dry-run", is_flag=True, help="Only measure; store nothing.")
def train(dry_run: bool) -> None:
    """Learn from decisions, answers and deals; use the new model when it is better on later ones."""
    database: Database = current_app.extensions["database"]
    with database.open(read_only=True) as session:
        trained = learning.train_model(session, heard=evaluation.heard_decisions(session))
    for line in _training(trained):
        click.echo(line)
    if dry_run:
        click.echo("Dry run: nothing was stored.")
        return
    with database.unit_of_work() as session:
        model = learning.keep_model(session, actor=None, trained=trained, now=clock.now())
        click.echo(f"{model.version}: {'in use from the next ranking' if trained.is_better else 'kept, not used'}")


def _training(trained: Trained) -> Iterator[str]:
    heard = trained.heard
    window = f"{heard.since:%Y-%m-%d %H:%M} to {heard.until:%Y-%m-%d %H:%M} UTC" if heard.since else "none"
    yield f"{heard.count} decisions ({heard.yes_count} yes), {heard.left_out} left out; {window}"
    if trained.challenger and trained.champion:
        since = f"{trained.border_at:%Y-%m-%d %H:%M}"
        yield f"fitted to {trained.past_rows} rows, measured on {trained.later_rows} since {since} UTC"
        yield f"{'':<12}{trained.champion_version:>12}{'new':>12}"
        for name, before in asdict(trained.champion).items():
            yield f"{name:<12}{before:>12.4f}{getattr(trained.challenger, name):>12.4f}"
    yield WHY[trained.verdict]


@match.command("rank")
@click.option("--offers", type=EXISTING, required=True, help="Offers, one JSON object a line.")
@click.option("--needs", type=EXISTING, required=True, help="Needs, one JSON object a line.")
@click.option("--top", type=click.IntRange(1, 10_000), default=60, show_default=True, help="Offers for each need.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the run is written.")
@click.option("--order", type=click.Choice(["score", "market"]), default="score", show_default=True,
              help="market: so that attention does not gather on few firms.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--partitions", type=click.IntRange(1, 100_000), default=1, show_default=True,
              help="Above 1: score the needs in parts on workers of Dask (requirements-scale.txt).")
def rank(
    offers: Path, needs: Path, top: int, out: Path, order: Literal["score", "market"], workers: int, partitions: int
) -> None:
    """Rank offers for needs from files; no database is needed."""
    try:
        found_offers, found_needs = (files.read_listings(path, workers=workers) for path in (offers, needs))
    except files.BadLine as error:
        raise BadInput(str(error)) from error
    try:
        with files.cluster_of(workers) if partitions > 1 else nullcontext(one_after_the_other) as runner:
            rows = list(files.rank_files(
                found_offers, found_needs, top, order, partitions=partitions, runner=runner
            ))
    except Refused as error:
        raise click.ClickException(str(error)) from error
    files.write_run(out, rows)
    silent = len(found_needs.ids) - len({row["need"] for row in rows if row["suitable"]})
    click.echo(
        f"{len(found_needs.ids)} needs, {len(found_offers.ids)} offers, {len(rows)} rows, "
        f"{sum(row['suitable'] for row in rows)} suitable; {silent} needs without a suitable offer"
    )


@match.command("evaluate")
@click.option("--run", "run_file", type=EXISTING, required=True, help="What `match rank` wrote.")
@click.option("--qrels", type=EXISTING, required=True, help="Need, offer and grade 0 to 3, separated by tabs.")
@click.option("--needs", type=EXISTING, help="All needs; without it those of the run and the judgments.")
@click.option("--offers", type=EXISTING, help="With --needs: also measure the gap (right pairs without a common word).")
@click.option("--at", type=click.IntRange(1, 1000), default=10, show_default=True, help="Length of the lists.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(run_file: Path, qrels: Path, needs: Path | None, offers: Path | None, at: int, as_json: bool) -> None:
    """Measure a run against graded judgments."""
    try:
        scores = _evaluated(run_file, qrels, needs, offers, at)
    except files.BadLine as error:
        raise BadInput(str(error)) from error
    figures = {name: None if math.isnan(value) else round(value, 4) for name, value in asdict(scores).items()}
    if as_json:
        click.echo(json.dumps(figures))
        return
    names = {
        "needs": "needs", "ndcg": f"nDCG@{at}", "recall": f"recall@{at}", "mrr": "MRR", "success1": "success@1",
        "precision": "precision of suitable", "silent": "silence", "gap": "gap",
    }  # fmt: skip
    for name, value in figures.items():
        click.echo(f"{names[name]:<24}{'-' if value is None else value}")


def _evaluated(run_file: Path, qrels: Path, needs: Path | None, offers: Path | None, at: int) -> Scores:
    grades, run_rows = files.read_grades(qrels), files.read_run(run_file)
    if needs is None:
        return evaluate_run(grades, run_rows, at=at)
    asked = files.read_listings(needs)
    wordless = files.wordless_pairs(grades, asked, files.read_listings(offers)) if offers else None
    return evaluate_run(grades, run_rows, asked.ids, at=at, wordless=wordless)
