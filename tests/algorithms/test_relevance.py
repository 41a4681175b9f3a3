"""Figures of a ranking against values computed by hand."""

import math
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.relevance import Row, evaluate

GRADES = {"n": {"a": 3, "b": 2, "c": 1}, "m": {}}
OFFERS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)
JUDGED = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3))


def rows(offers: str, suitable: str | None = None) -> list[Row]:
    return [Row(one, rank, suitable is None or one in suitable) for rank, one in enumerate(offers, 1)]


def test_ndcg_is_the_gain_over_the_best_possible_gain() -> None:
    found = evaluate(GRADES, {"n": rows("cxa")}, ["n"])

    best = 7 + 3 / log2(3) + 1 / 2
    assert found.ndcg == pytest.approx((1 + 7 / 2) / best)


def test_right_offers_are_those_of_grade_two_and_more() -> None:
    found = evaluate(GRADES, {"n": rows("cxb")}, ["n"])

    assert (found.recall, found.mrr, found.success1) == (0.5, pytest.approx(1 / 3), 0.0)


def test_precision_counts_what_is_called_suitable_among_the_first() -> None:
    found = evaluate(GRADES, {"n": rows("acb", "ac"), "m": rows("ab", "b")}, ["n", "m"])

    assert found.precision == pytest.approx(1 / 3)


def test_only_needs_without_any_relevant_offer_have_to_be_silent() -> None:
    run = {"n": rows("a"), "m": rows("ab", ""), "k": rows("a")}

    assert evaluate(GRADES, run, ["n", "m", "k"]).silent == 0.5


def test_a_need_that_the_run_leaves_out_counts_as_silent_and_as_missed() -> None:
    found = evaluate(GRADES, {}, ["n", "m"])

    assert (found.ndcg, found.recall, found.success1, found.silent, found.needs) == (0.0, 0.0, 0.0, 1.0, 2)
    assert math.isnan(found.precision)


def test_rows_count_by_their_rank_and_only_so_many() -> None:
    run = {"n": [Row("b", 2), Row("a", 3), Row("x", 1)]}

    assert evaluate(GRADES, run, ["n"], at=2).recall == 0.5
    assert evaluate(GRADES, run, ["n"], at=1).mrr == 0.0


def test_the_gap_is_looked_for_as_deep_as_there_are_right_offers() -> None:
    run = {"n": rows("xab")}

    assert evaluate(GRADES, run, ["n"], at=1, wordless={"n": ["a", "b"]}).gap == 0.5
    assert math.isnan(evaluate(GRADES, run, ["n"]).gap)


@given(JUDGED, OFFERS)
def test_figures_are_shares(judged: dict[str, int], offers: list[str]) -> None:
    found = evaluate({"n": judged}, {"n": rows("".join(offers))}, at=3)

    shares = [found.ndcg, found.recall, found.mrr, found.success1, found.precision, found.silent]
    assert all(math.isnan(one) or 0 <= one <= 1 for one in shares)


@given(JUDGED)
def test_the_best_order_scores_one(judged: dict[str, int]) -> None:
    best = sorted((one for one in judged if judged[one]), key=lambda one: -judged[one])

    found = evaluate({"n": judged}, {"n": rows("".join(best))})

    assert math.isnan(found.ndcg) if not best else found.ndcg == pytest.approx(1)


@given(JUDGED, OFFERS, st.integers(0, 4))
def test_moving_a_better_offer_up_never_costs(judged: dict[str, int], offers: list[str], place: int) -> None:
    swapped = list(offers)
    if place + 1 < len(offers) and judged.get(offers[place], 0) < judged.get(offers[place + 1], 0):
        swapped[place], swapped[place + 1] = offers[place + 1], offers[place]

    before, after = (evaluate({"n": judged}, {"n": rows("".join(one))}, at=4) for one in (offers, swapped))

    assert math.isnan(before.ndcg) or after.ndcg >= before.ndcg
    assert math.isnan(before.mrr) or after.mrr >= before.mrr
