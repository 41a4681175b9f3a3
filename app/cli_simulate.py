"""flask match simulate: what the order of lists is worth, on invented markets. Needs no database."""

import json
from dataclasses import asdict
from typing import TextIO

import click

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
