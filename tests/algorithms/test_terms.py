"""Terms in common measures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.listing import Listing
from app.algorithms.terms import with_terms

NUMBERS = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.just(0.0)


def test_sacks_become_kilograms_by_the_size_in_the_text() -> None:
    found = with_terms(Listing("Beras sak 25 kg"), unit="karung", defined_kg=50.0, quantity_month=40.0, price=300_000.0,
                       minimum_order=4.0)  # fmt: skip

    assert (found.quantity_month, found.price_kg, found.minimum_order_kg) == (1000.0, 12_000.0, 100.0)
    assert (found.quantity_unit_month, found.price_unit, found.minimum_order) == (40.0, 300_000.0, 4.0)


def test_liters_and_pieces_are_kept_beside() -> None:
    found = with_terms(Listing("Minyak goreng pouch 1 liter, dus isi 12"), unit="dus", defined_kg=None,
                       quantity_month=5.0, price=200_000.0)  # fmt: skip

    assert (found.unit_liter, found.unit_pieces, found.quantity_month, found.price_kg) == (12.0, 12.0, None, None)


@pytest.mark.parametrize(("unit", "liters"), [("liter", 1.0), ("m3", 1000.0), ("galon", 19.0), ("kg", None)])
def test_units_of_volume_hold_their_liters(unit: str, liters: float | None) -> None:
    assert with_terms(Listing("air"), unit=unit, defined_kg=None, quantity_month=1.0, price=1.0).unit_liter == liters


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["kg", "karung", "dus", "gerobak", None]))
def test_no_number_becomes_a_kilogram_that_is_not_above_zero(
    quantity: float | None, price: float | None, weight: float | None, unit: str | None
) -> None:
    found = with_terms(Listing("beras sak 25 kg"), unit=unit, defined_kg=weight, quantity_month=quantity, price=price)

    for one in (found.quantity_month, found.price_kg, found.unit_liter, found.unit_pieces):
        assert one is None or (not math.isnan(one) and one > 0)
