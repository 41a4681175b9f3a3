"""What one unit holds, as the text says it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.packs import Contents, contents_of


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [
        ("karung", "beras sak 25 kg", Contents(kg=25.0)), ("karung", "gula krg 50kg", Contents(kg=50.0)),
        ("karung", "beras", Contents()), ("karung", "stok 500 kg, karung", Contents()),
        ("dus", "sambal botol 250 gr, dus isi 24", Contents(kg=6.0, pieces=24.0)),
        ("dus", "mi instan 40 x 70 gr", Contents(kg=2.8, pieces=40.0)),
        ("dus", "air mineral 48 x 240 ml", Contents(liter=11.52, pieces=48.0)),
        ("botol", "madu 650 ml", Contents(liter=0.65, pieces=1.0)),
        ("botol", "madu 650 ml dan 1 liter", Contents(pieces=1.0)),
        ("pcs", "keripik 1/4 kg", Contents(kg=0.25, pieces=1.0)),
        ("pcs", "mesin kapasitas 50 kg", Contents(pieces=1.0)), ("pcs", "ikan, min order 10 kg", Contents(pieces=1.0)),
        ("pcs", "keripik 10 kg/bulan", Contents(pieces=1.0)), ("lusin", "kaos", Contents(pieces=12.0)),
        ("kodi", "sarung", Contents(pieces=20.0)), ("ekor", "kambing 25 kg", Contents()), (None, "beras 5 kg", Contents()),
    ],
)  # fmt: skip
def test_a_unit_holds_what_the_text_says(unit: str | None, text: str, expected: Contents) -> None:
    assert contents_of(unit, text) == expected


def test_a_defined_weight_holds_where_the_text_is_silent() -> None:
    assert contents_of("karung", "beras", kg=50.0).kg == 50.0
    assert contents_of("karung", "beras sak 25 kg", kg=50.0).kg == 25.0


def test_a_unit_of_mass_keeps_its_weight_whatever_the_pack() -> None:
    assert contents_of("ton", "kopra karung 60 kg", kg=1000.0).kg == 1000.0


@given(st.sampled_from(["karung", "dus", "pcs", "botol", "kg", "peti", None]),
       st.text(st.sampled_from("0159 x/,.kglmr@isdu="), max_size=30))
def test_no_text_makes_a_size_that_is_not_above_zero(unit: str | None, text: str) -> None:
    found = contents_of(unit, text)

    sizes = [one for one in (found.kg, found.liter, found.pieces) if one is not None]
    assert all(math.isfinite(one) and one > 0 for one in sizes), found
