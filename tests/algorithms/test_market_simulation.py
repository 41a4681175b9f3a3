import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.market_simulation import (
    ORDERS,
    TOP,
    Market,
    compare_orders,
    gini,
    outcome_of,
    product,
    simulated_market,
    with_candidates,
)
from app.cli_simulate import simulate

AMOUNTS = st.lists(st.floats(0, 100), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def matches() -> dict[str, float]:
    found = compare_orders(500, 800, 0.7, random_state=1, n_markets=1)
    return {name: outcome.expected_matches for name, outcome in found.items()}


@pytest.mark.parametrize("order", ["TU", "TU, sparse", "TU, sum (published)", "TU, sum, sparse"])
def test_transferable_utility_brings_19_tenths_of_the_product_rule(matches: dict[str, float], order: str) -> None:
    assert matches[order] >= 1.9 * matches["product"]


def test_fifty_candidates_keep_nearly_all_of_it(matches: dict[str, float]) -> None:
    assert matches["TU, sparse"] >= 0.95 * matches["TU"]


def test_the_dumb_orders_come_in_the_measured_sequence(matches: dict[str, float]) -> None:
    assert 10 * matches["own side"] < matches["product"] < matches["minimum"] < matches["TU"]


def test_it_is_never_worse_than_the_product_where_tastes_differ() -> None:
    found = compare_orders(55, 100, 0.0, random_state=3, n_markets=2)

    assert found["TU"].expected_matches >= found["product"].expected_matches
    assert found["TU"].gini <= found["product"].gini


@pytest.mark.parametrize("sizes", [(1, 1), (1, 30), (30, 1), (12, 9)])
@pytest.mark.parametrize("popularity", [0.0, 1.0])
def test_outcomes_are_in_range(sizes: tuple[int, int], popularity: float) -> None:
    found = compare_orders(*sizes, popularity, random_state=2, n_markets=1)

    assert list(found) == list(ORDERS)
    for one in found.values():
        assert 0 <= one.expected_matches <= min(sizes) * (1 / np.arange(1, TOP + 1)).sum()
        assert 0 <= one.gini < 1 and 0 <= one.almost_none_share < 1


def test_same_seed_makes_the_same_market() -> None:
    one, same, other = (simulated_market(4, 5, 0.5, seed) for seed in (7, 7, 8))

    assert one.buyer_chance.tolist() == same.buyer_chance.tolist() != other.buyer_chance.tolist()


def test_popularity_one_makes_all_want_the_same() -> None:
    market = simulated_market(3, 5, 1.0, 1)

    assert (np.ptp(market.buyer_chance.reshape(3, 5), axis=0) == 0).all()
    assert (np.ptp(market.seller_chance.reshape(3, 5), axis=1) == 0).all()


def test_a_match_needs_both_to_examine_and_to_want() -> None:
    market = Market(1, 2, np.array([0, 0]), np.array([0, 1]), np.array([0.5, 0.4]), np.array([0.6, 1.0]))

    outcome = outcome_of(market, np.array([0.9, 0.1]), np.array([0.0, -np.inf]))

    assert outcome.expected_matches == pytest.approx(0.5 * 0.6)
    assert outcome.almost_none_share == 0


def test_candidates_are_the_best_of_either_side() -> None:
    market = simulated_market(20, 30, 0.5, 1)

    sparse = with_candidates(market, 2)

    joint = product(market)[0].reshape(20, 30)
    kept = np.zeros((20, 30), dtype=bool)
    kept[sparse.buyer, sparse.seller] = True
    best = (joint >= np.sort(joint, axis=1)[:, [-2]]) | (joint >= np.sort(joint, axis=0)[[-2], :])
    assert (kept == best).all()


@given(AMOUNTS)
def test_gini_is_in_range(amounts: list[float]) -> None:
    assert -1e-9 <= gini(np.array(amounts)) < 1


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_gini_does_not_look_at_order_or_scale(amounts: list[float], rnd: object) -> None:
    shuffled = list(amounts)
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]

    assert gini(np.array(shuffled) * 8) == pytest.approx(gini(np.array(amounts)))


@pytest.mark.parametrize("bad", [(0, 5, 0.5, 1), (5, 0, 0.5, 1), (5, 5, -0.1, 1), (5, 5, 1.5, 1)])
def test_impossible_markets_are_refused(bad: tuple[int, int, float, int]) -> None:
    with pytest.raises(ValueError, match="market needs|popularity"):
        simulated_market(*bad)


def test_no_market_is_refused() -> None:
    with pytest.raises(ValueError, match="n_markets"):
        compare_orders(n_markets=0)


def test_the_command_prints_a_table_and_writes_the_figures(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    result = CliRunner().invoke(simulate, ["--buyers", "12", "--sellers", "20", "--markets", "2", "--json", str(out)])

    figures = json.loads(out.read_text())
    assert result.exit_code == 0
    assert list(figures["orders"]) == list(ORDERS) and figures["markets"] == 2
    for name, one in figures["orders"].items():
        line = next(line for line in result.output.splitlines() if line.startswith(f"{name}  "))
        assert f"{one['expected_matches']:.1f}" in line.split()


@pytest.mark.parametrize("bad", [["--popularity", "2"], ["--buyers", "0"], ["--json", "/no/such/folder/x.json"]])
def test_the_command_refuses_bad_options(bad: list[str]) -> None:
    assert CliRunner().invoke(simulate, bad).exit_code == 2
