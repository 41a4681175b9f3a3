"""Lineages, families and groups of goods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.commodity_tree import CommodityTree, Group

TREE = CommodityTree(
    parents={"cakalang": "ikan", "cakalang-asap": "cakalang", "beras": ""},
    families={"ikan": "laut", "cakalang": "laut", "cakalang-asap": "olahan", "beras": "pokok", "gula": "pokok"},
    groups={"warung": Group(frozenset({"pokok", "ikan"}), frozenset({"laut", "olahan"}))},
)


def test_a_lineage_goes_up_to_the_root() -> None:
    assert TREE.lineage("cakalang-asap") == ("cakalang-asap", "cakalang", "ikan")
    assert TREE.lineage("beras") == ("beras",)
    assert TREE.lineage("unknown") == ("unknown",)


def test_nothing_is_a_kind_of_itself() -> None:
    assert TREE.is_kind_of("cakalang-asap", "ikan")
    assert not TREE.is_kind_of("ikan", "ikan")
    assert not TREE.is_kind_of("ikan", "cakalang")


@pytest.mark.parametrize(
    ("code", "whole", "is_member"),
    [
        ("beras", "warung", True), ("cakalang", "warung", True), ("cakalang-asap", "warung", True),
        ("semen", "warung", False), ("beras", "pokok", True), ("beras", "laut", False), ("beras", "nothing", False),
    ],
)  # fmt: skip
def test_members_come_by_code_by_parent_or_by_family(code: str, whole: str, is_member: bool) -> None:
    assert TREE.is_member(code, whole) is is_member


def test_an_edge_member_is_no_member() -> None:
    tree = CommodityTree(families={"abon": "olahan", "garam": "pokok"},
                         groups={"g": Group(frozenset({"pokok"}), frozenset({"olahan", "garam"}))})  # fmt: skip

    assert tree.is_edge("abon", "g")
    assert not tree.is_edge("garam", "g")
    assert not tree.is_edge("abon", "pokok")


@given(st.integers(1, 6))
def test_a_circle_of_parents_is_refused(length: int) -> None:
    circle = {str(i): str((i + 1) % length) for i in range(length)}

    with pytest.raises(ValueError, match="among its own ancestors"):
        CommodityTree(circle)
