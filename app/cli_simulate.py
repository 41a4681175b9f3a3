"""flask match simulate, simulate-learning: invented markets and invented preferences. Needs no database."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from statistics import fmean
from typing import TextIO

import click

from app.algorithms.chances import COLD_START
from app.algorithms.learning_simulation import HIDDEN, Learned
from app.algorithms.learning_simulation import simulate_learning as learn
from app.algorithms.market_simulation import Outcome, compare_orders

_BASELINE = "product"


@click.command()
@click.option("--buyers", type=click.IntRange(1), default=500, show_default=True)
@click.option("--sellers", type=click.IntRange(1), default=800, show_default=True)
@click.option("--popularity", type=click.FloatRange(0, 1), default=0.7, show_default=True,
              help="0: taste alone; 1: all want the same firms.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--markets", type=click.IntRange(1), default=3, show_default=True, help="The mean of so many is shown.")
@click.option("--json", "json_file", type=click.File("w", encoding="utf-8", lazy=False),
              help="Also write the figures here.")
def simulate(buyers: int, sellers: int, popularity: float, seed: int, markets: int, json_file: TextIO | None) -> None:
    """Compare orders of lists on simulated two-sided markets."""
    outcomes = compare_orders(buyers, sellers, popularity, seed, markets)
    click.echo(f"{buyers} buyers x {sellers} sellers, popularity {popularity}, {markets} markets from seed {seed}")
    for line in _table(outcomes):
        click.echo(line)
    if json_file is not None:
        asked = {"buyers": buyers, "sellers": sellers, "popularity": popularity, "seed": seed, "markets": markets}
        figures = {name: asdict(outcome) for name, outcome in outcomes.items()}
        json_file.write(json.dumps({**asked, "orders": figures}, indent=2) + "\n")


def _table(outcomes: dict[str, Outcome]) -> list[str]:
    baseline = outcomes[_BASELINE].expected_matches
    lines = [f"{'lists ordered by':<22}{'matches':>9}{'x product':>11}{'Gini':>7}{'almost none':>13}"]
    for name, one in outcomes.items():
        times = f"{one.expected_matches / baseline:.2f}" if baseline else "-"
        lines.append(
            f"{name:<22}{one.expected_matches:>9.1f}{times:>11}{one.gini:>7.2f}{one.almost_none_share:>13.1%}"
        )
    return lines


@click.command("simulate-learning")
@click.option("--decisions", type=click.IntRange(20), default=300, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True, help="Seeds in a row; means are shown.")
def simulate_learning(decisions: int, seed: int, runs: int) -> None:
    """Let the model find a preference that nobody told it, from invented decisions."""
    learned = [learn(decisions, one) for one in range(seed, seed + runs)]
    click.echo(f"{decisions} decisions, {runs} runs from seed {seed}: fresh lists, and later decisions")
    losses = [(one.champion.log_loss, one.challenger.log_loss) for one in learned]
    for name, pairs in (("nDCG@10", [(one.before, one.after) for one in learned]), ("log loss", losses)):
        before, after = (fmean(column) for column in zip(*pairs, strict=True))
        click.echo(f"{name:<12}{before:>8.3f} -> {after:.3f}")
    click.echo(f"put in use in {sum(one.verdict == 'better' for one in learned)} of {runs} runs")
    for line in _weights(learned):
        click.echo(line)


def _weights(learned: list[Learned]) -> Iterator[str]:
    yield f"{'weight':<22}{'cold start':>11}{'learned':>9}{'hidden':>9}"
    for side in ("buyer", "seller"):
        cold, hidden = getattr(COLD_START, side).weights, getattr(HIDDEN, side).weights
        for part in (part for part in cold if cold[part] != hidden[part]):
            found = fmean(getattr(one.model, side).weights[part] for one in learned)
            yield f"{side + ' ' + part:<22}{cold[part]:>11.2f}{found:>9.2f}{hidden[part]:>9.2f}"
