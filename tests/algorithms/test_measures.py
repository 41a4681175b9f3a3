import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.measures import haversine_km, price_per_kg, to_kg, to_month

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.none()


@pytest.mark.parametrize(
    ("quantity", "period", "month"),
    [(12.0, "tahun", 1.0), (3.0, "week", 13.0), (7.0, "sekali", 7.0), (-1.0, "bulan", None), (math.inf, "bulan", None)],
)
def test_quantities_come_to_a_month(quantity: float, period: str, month: float | None) -> None:
    assert to_month(quantity, period) == month


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(ValueError, match="abad"):
        to_month(1.0, "abad")


@given(NUMBERS, NUMBERS)
def test_conversions_give_nothing_or_a_positive_number(amount: float | None, factor: float | None) -> None:
    for result in (to_kg(amount, factor), price_per_kg(amount, factor)):
        assert result is None or result >= 0


def test_distance_is_zero_at_home_and_half_the_globe_at_the_antipode() -> None:
    km = haversine_km(np.array([0.0, 0.0, np.nan]), np.array([10.0, 10.0, 0.0]), 0.0, np.array([10.0, -170.0, 0.0]))

    assert km[0] == 0.0
    assert km[1] == pytest.approx(20015, abs=1)
    assert np.isnan(km[2])
