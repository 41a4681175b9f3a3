"""Bring quantities, prices and places to common measures."""

import math
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Period = Literal["bulan", "minggu", "tahun", "sekali"]

WEEKS_A_MONTH = 52 / 12
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG

_A_MONTH: dict[str, float] = {
    "bulan": 1.0,
    "month": 1.0,
    "minggu": WEEKS_A_MONTH,
    "week": WEEKS_A_MONTH,
    "tahun": 1 / 12,
    "year": 1 / 12,
    "hari": 365 / 12,
    "day": 365 / 12,
    "sekali": 1.0,  # one delivery is set against one month
    "once": 1.0,
}

PERIODS: tuple[str, ...] = tuple(_A_MONTH)


def known(number: float | None) -> float | None:
    """Return `number` when it is finite and above zero, else None.

    >>> known(12.5), known(0.0), known(float("nan")), known(None)
    (12.5, None, None, None)
    """
    return number if number is not None and math.isfinite(number) and number > 0 else None


def to_month(quantity: float | None, period: str) -> float | None:
    """Return `quantity` per `period` as a quantity a month.

    Parameters
    ----------
    quantity : float or None
        In any unit; unknown, not finite or not above zero gives None.
    period : str
        bulan, minggu, tahun, hari or sekali (month, week, year, day, once). A month is 52/12 weeks or 1/12 year;
        a single delivery counts as one month's quantity.

    Returns
    -------
    float or None
        In the same unit.

    Raises
    ------
    ValueError
        If the period is not one of these.

    Examples
    --------
    >>> to_month(3.0, "minggu")
    13.0
    >>> to_month(120.0, "tahun"), to_month(5.0, "sekali"), to_month(None, "bulan")
    (10.0, 5.0, None)
    """
    if period not in _A_MONTH:
        raise ValueError(f"unknown period {period!r}")
    amount = known(quantity)
    return None if amount is None else amount * _A_MONTH[period]


def to_kg(quantity: float | None, kg_factor: float | None) -> float | None:
    """Return kilograms, for a unit that weighs `kg_factor` kilograms; None where either is unknown.

    >>> to_kg(2.5, 1000.0), to_kg(2.5, None)
    (2500.0, None)
    """
    amount, factor = known(quantity), known(kg_factor)
    return None if amount is None or factor is None else amount * factor


def price_per_kg(price: float | None, kg_factor: float | None) -> float | None:
    """Return rupiah a kilogram, from rupiah for one unit of `kg_factor` kilograms; None where either is unknown.

    >>> price_per_kg(17_000_000.0, 1000.0)
    17000.0
    """
    amount, factor = known(price), known(kg_factor)
    return None if amount is None or factor is None else amount / factor


@overload
def haversine_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float: ...
@overload
def haversine_km(
    latitude: ArrayLike, longitude: ArrayLike, other_latitude: ArrayLike, other_longitude: ArrayLike
) -> NDArray[np.float64]: ...
def haversine_km(
    latitude: ArrayLike, longitude: ArrayLike, other_latitude: ArrayLike, other_longitude: ArrayLike
) -> NDArray[np.float64] | float:
    """Return great-circle distances in kilometers.

    Parameters
    ----------
    latitude, longitude, other_latitude, other_longitude : float or arrays that broadcast
        Degrees; NaN gives NaN.

    Returns
    -------
    float, or float array of the broadcast shape
        In [0, 20015].

    References
    ----------
    R. W. Sinnott (1984), Virtues of the Haversine, Sky and Telescope 68, 159.

    Examples
    --------
    >>> round(haversine_km(-7.25, 112.75, 0.79, 127.38))
    1853
    """
    phi, phi_other = np.radians(latitude), np.radians(other_latitude)
    half_phi = (phi_other - phi) / 2
    half_lambda = np.radians(np.subtract(other_longitude, longitude)) / 2
    a = np.sin(half_phi) ** 2 + np.cos(phi) * np.cos(phi_other) * np.sin(half_lambda) ** 2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(a, 0.0, 1.0)))
    return float(km) if np.ndim(km) == 0 else km
