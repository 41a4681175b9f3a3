"""Put the terms of a listing into common measures: kilograms a month, rupiah a kilogram, liters and pieces a unit."""

from dataclasses import replace

from app.algorithms.listing import Listing
from app.algorithms.measures import price_per_kg, to_kg
from app.algorithms.packs import contents_of


def with_terms(
    listing: Listing,
    *,
    unit: str | None,
    defined_kg: float | None,
    quantity_month: float | None,
    price: float | None,
    minimum_order: float | None = None,
    packing: str = "",
) -> Listing:
    """Return `listing` with its terms.

    Parameters
    ----------
    listing : Listing
        With its text, from which the sizes of packs are read.
    unit : str or None
        Code of the unit in which the rest is counted.
    defined_kg : float or None
        Weight of one unit of these goods, where it is defined.
    quantity_month, minimum_order : float or None
        In `unit`.
    price : float or None
        Rupiah for one unit.
    packing : str
        What else is said about the size of a pack, beside the text of the listing.

    Examples
    --------
    >>> sugar = with_terms(Listing("Gula pasir karung 50kg"), unit="karung", defined_kg=None, quantity_month=10.0,
    ...                    price=800_000.0)
    >>> sugar.quantity_month, sugar.price_kg
    (500.0, 16000.0)
    """
    holds = contents_of(unit, f"{listing.text}\n{packing}", defined_kg, _LITERS.get(unit or ""))
    return replace(
        listing,
        unit=unit,
        unit_liter=holds.liter,
        unit_pieces=holds.pieces,
        quantity_unit_month=quantity_month,
        quantity_month=to_kg(quantity_month, holds.kg),
        price_unit=price,
        price_kg=price_per_kg(price, holds.kg),
        minimum_order=minimum_order,
        minimum_order_kg=to_kg(minimum_order, holds.kg),
    )


_LITERS = {"liter": 1.0, "ml": 0.001, "kiloliter": 1000.0, "m3": 1000.0, "galon": 19.0}
