"""The size classes of PP 7/2021, at their edges."""

import pytest

from app.enterprises.values import SizeClass, size_class_of

BILLION = 1_000_000_000


@pytest.mark.parametrize(
    ("sales", "size"),
    [
        (1, SizeClass.MICRO), (2 * BILLION, SizeClass.MICRO), (2 * BILLION + 1, SizeClass.SMALL),
        (15 * BILLION, SizeClass.SMALL), (15 * BILLION + 1, SizeClass.MEDIUM), (50 * BILLION, SizeClass.MEDIUM),
        (50 * BILLION + 1, SizeClass.LARGE),
    ],
)
def test_sales_decide_and_the_limit_belongs_to_the_lower_class(sales: int, size: SizeClass) -> None:
    assert size_class_of(sales, None) is size


@pytest.mark.parametrize(
    ("capital", "size"),
    [
        (BILLION, SizeClass.MICRO), (BILLION + 1, SizeClass.SMALL), (5 * BILLION, SizeClass.SMALL),
        (5 * BILLION + 1, SizeClass.MEDIUM), (10 * BILLION, SizeClass.MEDIUM), (10 * BILLION + 1, SizeClass.LARGE),
    ],
)
def test_capital_decides_while_sales_are_unknown(capital: int, size: SizeClass) -> None:
    assert size_class_of(None, capital) is size


def test_sales_outweigh_capital() -> None:
    assert size_class_of(BILLION, 9 * BILLION) is SizeClass.MICRO


def test_nothing_known_is_no_class() -> None:
    assert size_class_of(None, None) is None
