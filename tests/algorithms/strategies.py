"""Listings as no sane owner would write them."""

from hypothesis import strategies as st

from app.algorithms.coding import code_listing
from app.algorithms.listing import Listing
from tests.algorithms.examples import SURFACES, TAGGER

_GOODS = st.sampled_from([surface for surface, _ in SURFACES] + ["aneka rempah", "bahan pokok", "tandon air"])
_EXTRA = st.sampled_from(["", "segar", "beku", "kering\nsiap kirim", "🐟🐟", "untuk pabrik", "x" * 10_000])
TEXTS = st.builds(lambda a, b: f"{a} {b}", _GOODS, _EXTRA) | st.text(max_size=80)
NUMBERS = st.none() | st.sampled_from([0.0, -5.0, 1e-9, 1e300, float("nan"), float("inf")]) | st.floats(1.0, 1e6)
CERTIFICATES = st.frozensets(st.sampled_from(["halal", "SNI", "HACCP", "P-IRT"]), max_size=3)
MONTHS = st.just(frozenset[int]()) | st.frozensets(st.integers(1, 12), max_size=12)


def listings(provinces: str = "ABC") -> st.SearchStrategy[Listing]:
    """Return offers or needs of the small market, coded from their texts."""
    bare = st.builds(
        Listing,
        text=TEXTS,
        province=st.sampled_from(provinces),
        latitude=st.none() | st.floats(-90, 90),
        longitude=st.none() | st.floats(-180, 180),
        quantity_month=NUMBERS,
        quantity_unit_month=NUMBERS,
        unit=st.none() | st.sampled_from(["kg", "dus"]),
        price_unit=NUMBERS,
        price_kg=NUMBERS,
        minimum_order=NUMBERS,
        minimum_order_kg=NUMBERS,
        certificates=CERTIFICATES,
        months=MONTHS,
        keeping=st.sampled_from(["fresh", "weeks", "months", "durable"]),
        is_cold_chain=st.booleans(),
        age_days=st.integers(-3, 5000),
    )
    return bare.map(lambda listing: code_listing(listing, TAGGER))
