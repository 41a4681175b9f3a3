"""The one thing that is compared: an offer or a need, with everything that the methods may look at.

The packages above build listings from their rows; the methods hand back positions in the sequences they were given.
"""

from dataclasses import dataclass
from typing import Literal

Keeping = Literal["fresh", "weeks", "months", "durable"]


@dataclass(frozen=True, slots=True)
class Listing:
    """An offer or a need.

    A number that is unknown is ``None``; a number that is not finite or not above zero is read as unknown.
    Quantities are a month (see `app.algorithms.measures.to_month`), money is rupiah.

    Parameters
    ----------
    text : str
        Title, a line break, description, as typed. The first line says what the listing is about.
    commodity : str or None
        Code of the commodity. ``None`` with a `family` means "anything of this family" (a need for spices).
    family : str or None
        Code of the family of the commodity, or of the group of goods that the listing names as a whole.
    lineage : tuple of str
        The commodity's code and those of its ancestors, nearest first: ``("beras-premium", "beras")``.
        May be left empty: `commodity` alone then counts.
    others : tuple of tuples of str
        Lineages of further commodities that the text lists beside the first ("bandeng, patin, udang"), or
        ``("", code)`` for a family or a group of goods.
    confidence : float in [0, 1]
        How sure the commodities are; below 1 where they were guessed from single words of the text.
    form : str or None
        Form in which the goods are traded: a code of `app.algorithms.forms.FORMS`; other words must be equal.
    province : str
        Code of the province. Only pairs of different provinces are formed.
    latitude, longitude : float or None
        Degrees.
    quantity_month : float or None
        Kilograms a month, where the unit converts to kilograms.
    quantity_unit_month : float or None
        The same quantity a month, counted in `unit`.
    unit : str or None
        Code of the listing's own unit.
    unit_liter, unit_pieces : float or None
        Liters and pieces that one `unit` holds.
    price_unit : float or None
        Rupiah for one `unit`: the asking price of an offer, the highest price of a need.
    price_kg : float or None
        Rupiah for a kilogram.
    minimum_order, minimum_order_kg : float or None
        Smallest order of an offer, in `unit` and in kilograms. Ignored on needs.
    certificates : frozenset of str
        Held by an offer, required by a need.
    months : frozenset of int
        Months 1..12 in which the offer can deliver or the need wants delivery; empty means all year.
    keeping : {'fresh', 'weeks', 'months', 'durable'}
        How long the goods keep on the way.
    is_cold_chain : bool
        True when the goods have to travel cold.
    age_days : int
        Days since the listing was last confirmed.

    Examples
    --------
    >>> need = Listing(text="Beras medium", commodity="beras", province="A", quantity_month=40_000.0)
    >>> need.codes
    ('beras',)
    """

    text: str
    commodity: str | None = None
    family: str | None = None
    lineage: tuple[str, ...] = ()
    form: str | None = None
    province: str = ""
    latitude: float | None = None
    longitude: float | None = None
    quantity_month: float | None = None
    quantity_unit_month: float | None = None
    unit: str | None = None
    price_unit: float | None = None
    price_kg: float | None = None
    minimum_order: float | None = None
    minimum_order_kg: float | None = None
    certificates: frozenset[str] = frozenset()
    months: frozenset[int] = frozenset()
    keeping: Keeping = "durable"
    is_cold_chain: bool = False
    age_days: int = 0
    others: tuple[tuple[str, ...], ...] = ()
    unit_liter: float | None = None
    unit_pieces: float | None = None
    confidence: float = 1.0

    @property
    def lineages(self) -> tuple[tuple[str, ...], ...]:
        """All lineages of the listing, the first commodity first; empty when it has no commodity."""
        if self.commodity is None:
            return self.others
        return (self.lineage or (self.commodity,), *self.others)

    @property
    def codes(self) -> tuple[str, ...]:
        """The commodities of the listing, the main one first."""
        return tuple(lineage[0] for lineage in self.lineages if lineage and lineage[0])
