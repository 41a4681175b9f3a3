from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms import learning
from app.algorithms.chances import COLD_START, PARTS
from app.algorithms.learning import Decisions, Quality, Verdict, compare, is_enough, quality_of, split_by_time
from app.algorithms.learning_simulation import HIDDEN, simulate_learning


@st.composite
def decisions(draw: st.DrawFn) -> Decisions:
    n = draw(st.integers(1, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    draws = [random.integers(0, high, n).astype(np.intp) for high in (12, 4, 4)]
    return Decisions(
        {part: random.random(n) for part in PARTS}, random.random(n) < 0.5, random.random(n) < 0.5,
        random.uniform(0.5, 2.0, n), random.integers(0, 9, n).astype(float), *draws,
    )


@given(decisions(), st.floats(0.05, 0.95))
def test_everything_later_comes_after_everything_past(said: Decisions, share: float) -> None:
    past, later = split_by_time(said, share)

    assert len(past) + len(later) == len(said)
    assert len(later) >= share * len(said) - 1e-9
    assert not len(past) or past.at.max() < later.at.min()


@given(decisions())
def test_quality_is_on_its_scale(said: Decisions) -> None:
    found = quality_of(COLD_START, said)

    assert found.log_loss >= 0 and 0 <= found.brier <= 1
    assert 0 <= found.ndcg <= 1 if found.lists else np.isnan(found.ndcg)
    assert 0 <= found.kept <= 1 if said.said_yes.any() else np.isnan(found.kept)


@given(decisions(), st.integers(0, 99))
def test_quality_does_not_hang_on_the_order_of_rows(said: Decisions, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(said))
    rows = (said.is_buyer, said.said_yes, said.weight, said.at, said.pair)
    # One pair has the same parts and listings wherever it stands.
    first = np.unique(said.pair, return_index=True, return_inverse=True)
    own = first[1][first[2]]
    same = Decisions({part: values[own] for part, values in said.parts.items()}, *rows, said.need[own], said.offer[own])
    mixed = Decisions(
        {part: values[order] for part, values in same.parts.items()}, *(row[order] for row in rows),
        same.need[order], same.offer[order],
    )

    for name in ("log_loss", "brier", "ndcg", "lists", "kept"):
        assert getattr(quality_of(COLD_START, mixed), name) == pytest.approx(
            getattr(quality_of(COLD_START, same), name), nan_ok=True
        )


def test_a_model_that_cannot_tell_pairs_apart_earns_the_worst_order() -> None:
    same = {part: np.ones(2) for part in PARTS}
    rows = np.arange(2)
    said = Decisions(same, np.ones(2, bool), np.array([True, False]), np.ones(2), np.zeros(2), rows, rows * 0, rows)

    assert quality_of(COLD_START, said).ndcg == pytest.approx(1 / np.log2(3))


def test_nothing_to_measure_gives_no_figure() -> None:
    nothing = decisions_of(0)

    assert quality_of(COLD_START, nothing).lists == 0
    assert np.isnan(quality_of(COLD_START, nothing).log_loss)
    assert all(len(part) == 0 for part in split_by_time(nothing))
    assert learning.fit_model(nothing, "x") == replace(COLD_START, version="x")


def decisions_of(n: int, yes: int = 0) -> Decisions:
    row = np.arange(n)
    return Decisions(
        {part: np.ones(n) for part in PARTS}, row % 2 == 0, row < yes, np.ones(n), row.astype(float), row, row, row
    )


@pytest.mark.parametrize(("past", "later", "count", "expected"), [
    ((50, 25), (20, 10), 59, Verdict.TOO_FEW), ((50, 25), (20, 10), 60, None), ((50, 4), (20, 10), 60, Verdict.ONE_SIDED),
    ((50, 46), (20, 10), 60, Verdict.ONE_SIDED), ((50, 25), (20, 4), 60, Verdict.ONE_SIDED),
])
def test_few_or_one_sided_decisions_teach_nothing(
    past: tuple[int, int], later: tuple[int, int], count: int, expected: Verdict | None
) -> None:
    assert is_enough(decisions_of(*past), decisions_of(*later), count) is expected


OLD = Quality(0.60, 0.2, 0.80, 9, 1.0)


@pytest.mark.parametrize(("new", "expected"), [
    (Quality(0.59, 0.2, 0.80, 9, 1.0), Verdict.BETTER), (Quality(0.5901, 0.2, 0.90, 9, 1.0), Verdict.MARGIN),
    (Quality(0.50, 0.2, 0.791, 9, 1.0), Verdict.BETTER), (Quality(0.50, 0.2, 0.789, 9, 1.0), Verdict.ORDER),
    (Quality(0.50, 0.2, 0.80, 9, 0.89), Verdict.SILENT), (Quality(float("nan"), 0.2, 0.80, 9, 1.0), Verdict.MARGIN),
    (Quality(0.50, 0.2, float("nan"), 0, 1.0), Verdict.BETTER),
])
def test_a_model_is_promoted_by_a_stated_margin_only(new: Quality, expected: Verdict) -> None:
    old = replace(OLD, log_loss=0.6000001)  # so that 0.59 is better by the margin, whatever floats do

    assert compare(new, old) is expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_decisions_reveal_a_hidden_preference(seed: int) -> None:
    learned = simulate_learning(300, seed)
    buyer, seller = learned.model.buyer.weights, learned.model.seller.weights
    cold_buyer, cold_seller = COLD_START.buyer.weights, COLD_START.seller.weights

    assert learned.verdict in (Verdict.BETTER, Verdict.SILENT)
    assert learned.before < 0.9 and learned.after > 0.95
    assert buyer["price"] > cold_buyer["price"] + 0.5 and buyer["distance"] > cold_buyer["distance"] + 0.3
    assert buyer["quantity"] < cold_buyer["quantity"]
    assert seller["distance"] > cold_seller["distance"] + 0.3 and seller["demand"] > cold_seller["demand"]
    assert seller["price"] < cold_seller["price"]
    assert HIDDEN.buyer.weights["price"] > buyer["price"], "the pull to the prior is gone"


def test_what_three_hundred_decisions_reveal_is_mostly_put_in_use() -> None:
    assert sum(simulate_learning(300, seed).verdict is Verdict.BETTER for seed in (1, 2, 3)) >= 2


def test_people_who_want_what_the_cold_start_thinks_change_little() -> None:
    verdicts = [simulate_learning(300, seed, COLD_START) for seed in range(5)]

    assert sum(learned.verdict is Verdict.BETTER for learned in verdicts) <= 1
    assert min(learned.after for learned in verdicts) > 0.93
