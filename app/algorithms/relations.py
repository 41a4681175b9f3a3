"""How what is offered relates to what is asked: the same goods, a kind of them, a wider group, a neighbor."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Relations of an offered group to an asked group, in rising order of fit.
OTHER, SAME_FAMILY, SIBLING, FAMILY_OFFERED, GENERAL, FAMILY_ASKED, KIND_OF, SAME = range(8)

# How well each relation fits, in [0, 1]. From 0.6 upward the goods are what was asked for; neighbors (tongkol for
# cakalang) are substitutes and stay below.
RELATION_FIT: NDArray[np.float64] = np.array([0.0, 0.12, 0.3, 0.4, 0.65, 0.92, 0.96, 1.0])


def relation_matrix(groups: Mapping[tuple[str, ...], int], group_family: Sequence[str | None]) -> NDArray[np.int8]:
    """Return the relation of every group, as offered, to every group, as asked.

    Parameters
    ----------
    groups : mapping of group to its number
        A group is a lineage of codes, nearest first, or ``("", family)`` for anything of a family.
    group_family : sequence of n_groups str or None
        Family of each group, by number.

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
    is_family = np.array([group[0] == "" for group in lineages], dtype=np.bool_)
    same_family = found >= SAME_FAMILY
    found[:, is_family] = np.where(same_family[:, is_family], FAMILY_OFFERED, OTHER)
    found[is_family, :] = np.where(same_family[is_family, :], FAMILY_ASKED, OTHER)
    starting_with: dict[str, list[int]] = {}
    for group, number in groups.items():
        starting_with.setdefault(group[0], []).append(number)
    for group, number in groups.items():
        if is_family[number]:
            found[number, number] = SAME
            continue
        for wider in group[1:]:
            for other in starting_with.get(wider, ()):
                found[other, number] = KIND_OF
                found[number, other] = GENERAL
        for twin in starting_with[group[0]]:
            found[number, twin] = SAME
    return found


def _numbers(values: Sequence[str | None]) -> NDArray[np.intp]:
    names = {name: number for number, name in enumerate(sorted({v for v in values if v is not None}))}
    return np.array([-1 if v is None else names[v] for v in values], dtype=np.intp)


def _raise_where_equal(found: NDArray[np.int8], codes: NDArray[np.intp], relation: int) -> None:
    found[(codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]] = relation
