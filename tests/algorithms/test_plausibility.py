"""Figures that a person should look at once more."""

from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.plausibility import Price, price_off, same_goods, same_number, value_off, values_are_close

AMOUNTS = st.integers(1, 10**15)


def test_charcoal_sold_by_the_kilogram_stands_out_as_tons() -> None:
    """1.2 million tons for 8.1 million rupiah: kg was meant."""
    implied = Price(8_100_000 / 1_200_000, "ton", 1000)

    off = price_off(implied, [Price(7_000, "kg", 1), Price(6_000_000, "ton", 1000)])

    assert off is not None and off < 1 / 20


def test_whole_tuna_and_loin_at_one_mission_do_not_stand_out() -> None:
    assert price_off(Price(110_000, "kg", 1), [Price(31_000, "kg", 1)]) is None


def test_prices_without_weight_compare_only_in_the_same_unit() -> None:
    assert price_off(Price(9_000_000, "dus"), [Price(9_000, "pcs")]) is None
    assert price_off(Price(9_000_000, "dus"), [Price(9_000, "dus")]) == 1000


def test_a_price_without_anything_to_compare_is_not_judged() -> None:
    assert price_off(Price(5, "kg", 1), []) is None


def test_three_noughts_too_many_or_too_few_stand_out() -> None:
    others = [400_000_000, 640_000_000, 900_000_000]

    assert value_off(640_000_000_000, others) == 1000
    assert value_off(640_000, others) == 1 / 1000
    assert value_off(81_900_000_000, others) is None


def test_two_deals_are_too_few_for_a_median() -> None:
    assert value_off(10**15, [1, 1]) is None


@given(AMOUNTS, AMOUNTS)
def test_closeness_does_not_depend_on_the_order(one: int, other: int) -> None:
    assert values_are_close(one, other) == values_are_close(other, one)
    assert values_are_close(one, one)


@given(st.floats(1, 1e9), st.floats(1e-3, 1e4))
def test_the_same_price_in_another_unit_never_stands_out(amount: float, kg: float) -> None:
    assert price_off(Price(amount * kg, "karung", kg), [Price(amount, "kg", 1)]) is None


def test_form_numbers_are_compared_without_their_marks() -> None:
    assert same_number("PKT/018/2027", "pkt 018-2027")
    assert not same_number("--", "  ")


def test_goods_are_compared_without_capitals() -> None:
    assert same_goods("KOPRA  putih", "kopra putih")
    assert not same_goods("kopra", "kelapa")
