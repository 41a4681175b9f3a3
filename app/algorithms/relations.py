"""How what is offered relates to what is asked: the same goods, a kind of them, a wider group, a neighbor."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.algorithms.commodity_tree import CommodityTree

# Relations of an offered group to an asked group, in rising order of fit.
(
    OTHER,
    SAME_FAMILY,
    SIBLING,
    FAMILY_OFFERED,
    SUBSTITUTE,
    GROUP_EDGE,
    OTHER_FORM,
    GENERAL,
    FAMILY_ASKED,
    KIND_OF,
    SAME,
) = range(11)

# How well each relation fits, in [0, 1]. From 0.6 upward the goods are what was asked for; neighbors (tongkol for
# cakalang) and substitutes stay below.
RELATION_FIT: NDArray[np.float64] = np.array([0.0, 0.06, 0.3, 0.35, 0.4, 0.5, 0.62, 0.65, 0.92, 0.96, 1.0])

_STAND_INS = {2: OTHER_FORM, 1: SUBSTITUTE, 0: SAME_FAMILY}


def relation_matrix(
    groups: Mapping[tuple[str, ...], int], group_family: Sequence[str | None], tree: CommodityTree | None = None
) -> NDArray[np.int8]:
    """Return the relation of every group, as offered, to every group, as asked.

    Parameters
    ----------
    groups : mapping of group to its number
        A group is a lineage of codes, nearest first, or ``("", code)`` for anything of a family or a group of goods,
        ``("", code, "")`` for what else of it may do beside the goods that a closed list names.
    group_family : sequence of n_groups str or None
        Family of each group, by number.
    tree : CommodityTree, optional
        Says who belongs to groups that run across families, and what stands in for what.

    Returns
    -------
    int8 array of shape (n_groups, n_groups)
        Rows are asked, columns are offered; values as named in this module.

    Examples
    --------
    >>> groups = {("beras",): 0, ("beras-premium", "beras"): 1, ("", "pokok"): 2}
    >>> relation_matrix(groups, ["pokok", "pokok", "pokok"]).tolist() == [
    ...     [SAME, KIND_OF, FAMILY_OFFERED], [GENERAL, SAME, FAMILY_OFFERED], [FAMILY_ASKED, FAMILY_ASKED, SAME]]
    True
    """
    n = len(groups)
    found = np.full((n, n), OTHER, dtype=np.int8)
    lineages = list(groups)
    _raise_where_equal(found, _numbers(group_family), SAME_FAMILY)
    _raise_where_equal(found, _numbers([g[1] if len(g) > 1 and g[0] else None for g in lineages]), SIBLING)
    is_whole = np.array([group[0] == "" for group in lineages], dtype=np.bool_)
    same_family = found >= SAME_FAMILY
    found[:, is_whole] = np.where(same_family[:, is_whole], FAMILY_OFFERED, OTHER)
    found[is_whole, :] = np.where(same_family[is_whole, :], FAMILY_ASKED, OTHER)
    by_code: dict[str, list[int]] = {}
    for group, number in groups.items():
        if not is_whole[number]:
            by_code.setdefault(group[0], []).append(number)
    _put_kinds(found, groups, by_code)
    if tree is not None:
        _put_wholes(found, groups, tree)
        _put_stand_ins(found, groups, by_code, tree)
    for group, number in groups.items():
        if len(group) == 3 and group[0] == "":  # the rest of a list that is closed
            found[number] = np.minimum(found[number], GROUP_EDGE)
            found[:, number] = np.minimum(found[:, number], FAMILY_OFFERED)
    np.fill_diagonal(found, SAME)
    return found


def _put_kinds(
    found: NDArray[np.int8], groups: Mapping[tuple[str, ...], int], by_code: Mapping[str, list[int]]
) -> None:
    for group, number in groups.items():
        if group[0] == "":
            continue
        for wider in group[1:]:
            for other in by_code.get(wider, ()):
                found[other, number] = KIND_OF
                found[number, other] = GENERAL
        for twin in by_code[group[0]]:
            found[number, twin] = SAME


def _put_wholes(found: NDArray[np.int8], groups: Mapping[tuple[str, ...], int], tree: CommodityTree) -> None:
    """Put who belongs to which group of goods; two groups meet where one holds a member of the other."""
    wholes = [(group[1], number) for group, number in groups.items() if group[0] == ""]
    for whole, row in wholes:
        for group, number in groups.items():
            code = group[1] if group[0] == "" else group[0]
            if group[0] == "" and code != whole:
                related = code in _core(whole, tree) or bool(_core(whole, tree) & _core(code, tree))
                asked = offered = FAMILY_OFFERED if related else OTHER
            elif tree.is_member(code, whole):
                asked, offered = FAMILY_ASKED, FAMILY_OFFERED
            else:
                asked, offered = GROUP_EDGE if tree.is_edge(code, whole) else OTHER, OTHER
            found[row, number] = max(found[row, number], asked)
            found[number, row] = max(found[number, row], offered)


def _core(whole: str, tree: CommodityTree) -> frozenset[str]:
    return tree.groups[whole].core if whole in tree.groups else frozenset()


def _put_stand_ins(
    found: NDArray[np.int8],
    groups: Mapping[tuple[str, ...], int],
    by_code: Mapping[str, list[int]],
    tree: CommodityTree,
) -> None:
    """Put judged pairs; a judgment about a wider good holds for its kinds unless they have one of their own."""
    under: dict[str, list[tuple[int, int]]] = {}  # code -> (generations below, number)
    for group, number in groups.items():
        for generation, code in enumerate(group if group[0] else ()):
            under.setdefault(code, []).append((generation, number))
    nearest: dict[tuple[int, int], int] = {}
    judged = sorted(tree.stand_ins.items())
    for (asked, offered), value in judged:
        for up, row in under.get(asked, ()):
            for down, column in under.get(offered, ()):
                if row == column or (up + down and found[row, column] >= GENERAL):
                    continue
                if up + down < nearest.get((row, column), 99):
                    nearest[row, column] = up + down
                    found[row, column] = _STAND_INS[value]


def _numbers(values: Sequence[str | None]) -> NDArray[np.intp]:
    names = {name: number for number, name in enumerate(sorted({v for v in values if v is not None}))}
    return np.array([-1 if v is None else names[v] for v in values], dtype=np.intp)


def _raise_where_equal(found: NDArray[np.int8], codes: NDArray[np.intp], relation: int) -> None:
    found[(codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]] = relation
