"""Totals: any partition adds up, no kinds are mixed, and a second way comes to the same rupiah."""

from collections import Counter
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.totals import DoesNotAddUp, Line, Sum, by_kind, check, middle, missing_amount, partition, sum_of

AMOUNTS = st.integers(0, 10**15)
LINES = st.lists(
    st.builds(
        Line,
        kind=st.sampled_from(["commitment", "service", "investment"]),
        seller_side=st.sampled_from(["visiting", "hosting"]),
        amount=AMOUNTS,
        family=st.sampled_from("abc"),
        goods=st.sampled_from("pqrs"),
        seller_place=st.sampled_from("xy"),
    )
)
ONE_KIND = LINES.map(lambda lines: [line for line in lines if line.kind == "commitment"])


@given(st.lists(AMOUNTS))
def test_median_is_the_middle_rounded_up(amounts: list[int]) -> None:
    found = middle(amounts)

    if not amounts:
        assert found is None
    else:
        exact = Fraction(median([Fraction(amount) for amount in amounts]))
        assert found is not None and exact <= found < exact + 1


@given(ONE_KIND, st.sampled_from(["family", "goods", "seller_place", "buyer_place", "seller_side"]))
def test_any_partition_adds_up_to_the_whole(lines: list[Line], field: str) -> None:
    parts = partition(lines, lambda line: str(getattr(line, field)))

    assert sum(part.all.amount for part in parts) == sum(line.amount for line in lines)
    assert sum(part.all.count for part in parts) == len(lines)
    assert [part.all.amount for part in parts] == sorted((part.all.amount for part in parts), reverse=True)
    assert all(sum(side.amount for side in part.sold_by.values()) == part.all.amount for part in parts)


@given(LINES)
def test_a_second_way_of_adding_comes_to_the_same(lines: list[Line]) -> None:
    ledger: Counter[tuple[str, str]] = Counter()
    for line in lines:
        ledger[line.kind, line.seller_side] += line.amount

    totals = by_kind(lines)

    assert {
        (kind, side): total.sold_by[side].amount
        for kind, total in totals.items()
        for side in total.sold_by
        if total.sold_by[side].count
    } == dict(ledger)
    assert all(total.all.amount == sum(ledger[kind, side] for side in total.sold_by) for kind, total in totals.items())


@given(st.permutations([Line("commitment", "hosting", n * n, goods=str(n % 3)) for n in range(8)]))
def test_order_of_deals_does_not_matter(lines: list[Line]) -> None:
    expected = partition(sorted(lines, key=lambda line: line.amount), lambda line: line.goods)

    assert partition(lines, lambda line: line.goods) == expected


def test_two_kinds_have_no_common_total() -> None:
    lines = [Line("commitment", "visiting", 5), Line("letter_of_intent", "visiting", 7)]

    with pytest.raises(ValueError, match="several kinds"):
        sum_of(lines)


def test_parts_that_miss_a_rupiah_are_refused() -> None:
    with pytest.raises(DoesNotAddUp):
        check(Sum(2, 10, 5), [Sum(1, 5, 5), Sum(1, 4, 4)])


def test_an_unknown_side_of_sale_is_refused() -> None:
    with pytest.raises(DoesNotAddUp):
        by_kind([Line("commitment", "elsewhere", 5)])


def test_published_parts_that_do_not_add_up_show_the_gap() -> None:
    assert missing_amount(297_332_000_000, [279_330_000_000]) == 18_002_000_000
    assert missing_amount(None, [1]) is None
    assert missing_amount(5, []) is None


def test_share_of_nothing_is_zero() -> None:
    assert Sum(1, 5, 5).share_of(0) == 0.0
    assert Sum(1, 5, 5).share_of(10) == 0.5
