"""Numbers as Indonesians write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import NotANumber, parse_number, parse_rupiah, times


@pytest.mark.parametrize(("text", "value"), [
    ("1.000,50", "1000.50"), ("1000.50", "1000.50"), ("1.000", "1000"), ("1,000.5", "1000.5"), ("12,5", "12.5"),
    ("0,125", "0.125"), ("0.125", "0.125"), ("1.000.000", "1000000"), (" 7 ", "7"), ("1 500", "1500"), ("-3", "-3"),
])
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1.00.000", "1,2,3", "12a", "1..0", "٣", "１２", "1e9", "0x10", "=1+1", "--1", "1.2.3,4,5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        parse_number(text)


@pytest.mark.parametrize(("text", "value"), [
    ("Rp 12.500.000", 12_500_000), ("rp12.500", 12_500), ("12,5 juta", 12_500_000), ("1,2 miliar", 1_200_000_000),
    ("1.2 M", 1_200_000_000), ("15rb", 15_000), ("Rp. 20.000,-", 20_000), ("20.000,00", 20_000), ("2 triliun", 2 * 10**12),
    ("Rp 12.5 million", 12_500_000), ("1.2 billion", 1_200_000_000), ("2 trillion", 2 * 10**12),
])
def test_rupiah_is_read_with_its_words(text: str, value: int) -> None:
    assert parse_rupiah(text) == value


@given(st.integers(0, 10**15))
def test_what_is_shown_can_be_typed_again(amount: int) -> None:
    shown = f"Rp {amount:,}".replace(",", ".")

    assert parse_rupiah(shown) == amount


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        assert parse_rupiah(text) is not None
    except NotANumber:
        pass


@given(st.decimals(0, 10**6, places=3), st.integers(0, 10**9))
def test_a_product_is_whole_and_within_half_a_rupiah(quantity: Decimal, price: int) -> None:
    assert abs(times(quantity, price) - quantity * price) <= Decimal("0.5")
