"""How offered goods relate to asked goods."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.commodity_tree import CommodityTree, Group
from app.algorithms.relations import (
    FAMILY_ASKED,
    FAMILY_OFFERED,
    GENERAL,
    GROUP_EDGE,
    KIND_OF,
    OTHER,
    OTHER_FORM,
    RELATION_FIT,
    SAME,
    SAME_FAMILY,
    SIBLING,
    SUBSTITUTE,
    relation_matrix,
)

LINEAGES = {
    "ikan": ("ikan",), "cakalang": ("cakalang", "ikan"), "tongkol": ("tongkol", "ikan"),
    "cakalang-beku": ("cakalang-beku", "cakalang", "ikan"), "garam": ("garam",), "beras": ("beras",),
    "semen": ("semen",), "laut": ("", "laut"), "warung": ("", "warung"), "rest": ("", "warung", ""),
    "lemari": ("", "lemari"),
}  # fmt: skip
FAMILY = {"ikan": "laut", "cakalang": "laut", "tongkol": "laut", "cakalang-beku": "laut", "laut": "laut",
          "garam": "pokok", "beras": "pokok"}  # fmt: skip
GROUPS = {"warung": Group(frozenset({"pokok", "tongkol"}), frozenset({"cakalang"})), "lemari": Group(frozenset({"semen"}))}
NAMES = st.sampled_from(sorted(LINEAGES))


def relation(asked: str, offered: str, stand_ins: dict[tuple[str, str], int] | None = None) -> int:
    groups = {lineage: number for number, lineage in enumerate(LINEAGES.values())}
    parents = {lineage[0]: lineage[1] for lineage in LINEAGES.values() if lineage[0] and len(lineage) > 1}
    tree = CommodityTree(parents, FAMILY, groups=GROUPS, stand_ins=stand_ins or {})
    matrix = relation_matrix(groups, [FAMILY.get(name) for name in LINEAGES], tree)
    return int(matrix[groups[LINEAGES[asked]], groups[LINEAGES[offered]]])


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ("cakalang", "cakalang", SAME), ("ikan", "cakalang-beku", KIND_OF), ("cakalang-beku", "ikan", GENERAL),
        ("cakalang", "tongkol", SIBLING), ("garam", "beras", SAME_FAMILY), ("garam", "semen", OTHER),
        ("laut", "cakalang", FAMILY_ASKED), ("cakalang", "laut", FAMILY_OFFERED),
    ],
)  # fmt: skip
def test_goods_relate_by_lineage_and_family(asked: str, offered: str, expected: int) -> None:
    assert relation(asked, offered) == expected


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ("warung", "beras", FAMILY_ASKED), ("warung", "tongkol", FAMILY_ASKED), ("beras", "warung", FAMILY_OFFERED),
        ("warung", "semen", OTHER), ("semen", "warung", OTHER), ("warung", "lemari", OTHER),
    ],
)  # fmt: skip
def test_a_group_holds_its_core_across_families(asked: str, offered: str, expected: int) -> None:
    assert relation(asked, offered) == expected


def test_an_edge_member_is_looked_at_but_not_what_was_asked() -> None:
    assert relation("warung", "cakalang") == relation("warung", "cakalang-beku") == GROUP_EDGE
    assert relation("cakalang", "warung") == OTHER
    assert RELATION_FIT[GROUP_EDGE] < 0.6 <= RELATION_FIT[OTHER_FORM]


def test_the_rest_of_a_closed_list_is_at_most_an_edge() -> None:
    assert relation("rest", "beras") == GROUP_EDGE
    assert relation("rest", "semen") == OTHER
    assert relation("beras", "rest") <= FAMILY_OFFERED


@pytest.mark.parametrize(("value", "expected"), [(2, OTHER_FORM), (1, SUBSTITUTE), (0, SAME_FAMILY)])
def test_a_judged_stand_in_overrules_the_tree(value: int, expected: int) -> None:
    assert relation("cakalang", "tongkol", {("cakalang", "tongkol"): value}) == expected


def test_a_judgment_holds_in_the_direction_in_which_it_was_made() -> None:
    assert relation("tongkol", "cakalang", {("cakalang", "tongkol"): 2}) == SIBLING


def test_kinds_inherit_the_judgment_of_their_wider_good() -> None:
    assert relation("cakalang-beku", "garam", {("cakalang", "garam"): 1}) == SUBSTITUTE


def test_an_own_judgment_wins_over_an_inherited_one() -> None:
    judged = {("cakalang", "garam"): 1, ("cakalang-beku", "garam"): 2}

    assert relation("cakalang-beku", "garam", judged) == OTHER_FORM
    assert relation("cakalang", "garam", judged) == SUBSTITUTE


def test_an_inherited_judgment_does_not_part_a_kind_from_its_own() -> None:
    assert relation("cakalang", "cakalang-beku", {("ikan", "cakalang"): 0}) == KIND_OF
    assert relation("ikan", "cakalang", {("ikan", "cakalang"): 0}) == SAME_FAMILY


def test_fits_rise_with_the_relations() -> None:
    assert RELATION_FIT[[OTHER, SAME]].tolist() == [0, 1]
    assert (np.diff(RELATION_FIT) > 0).all()


@given(st.dictionaries(st.tuples(NAMES, NAMES), st.integers(0, 2), max_size=4), NAMES)
def test_every_good_is_the_same_as_itself_whatever_was_judged(judged: dict[tuple[str, str], int], name: str) -> None:
    assert relation(name, name, judged) == SAME
