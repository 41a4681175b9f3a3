"""The tree of commodities as the methods need it: parents, families, groups, kinds, and what replaces what."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Group:
    """Goods that people name as a whole, across families: "isi warung", "bahan kue".

    `core` holds codes of commodities and families that everybody counts in, `edge` those that only some do.
    """

    core: frozenset[str] = frozenset()
    edge: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CommodityTree:
    """Who is whose parent, to which family, groups and kind a commodity belongs, and what stands in for what.

    Parameters
    ----------
    parents : mapping of code to parent code
        Roots are left out or map to an empty string.
    families : mapping of code to family code
    kinds : mapping of code to kind
        Kinds of `app.algorithms.forms.KINDS`.
    groups : mapping of group code to `Group`
    stand_ins : mapping of (asked code, offered code) to int
        What the tree does not say: 2 the asked goods in a form or grade to be talked over, 1 other goods that a buyer
        would still look at, 0 goods that the tree puts together and no buyer would exchange.

    Raises
    ------
    ValueError
        If the parents form a circle.

    Examples
    --------
    >>> tree = CommodityTree({"beras-premium": "beras"}, {"beras-premium": "pokok", "beras": "pokok"})
    >>> tree.lineage("beras-premium")
    ('beras-premium', 'beras')
    >>> tree.is_kind_of("beras-premium", "beras")
    True
    >>> tree.is_member("beras-premium", "pokok"), tree.is_member("beras", "rempah")
    (True, False)
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    stand_ins: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code in self.parents:
            self.lineage(code)

    def lineage(self, code: str) -> tuple[str, ...]:
        """Return `code` and its ancestors, nearest first. An unknown code is its own root."""
        found = [code]
        while parent := self.parents.get(found[-1]):
            if parent in found:
                raise ValueError(f"commodity {code!r} is among its own ancestors")
            found.append(parent)
        return tuple(found)

    def is_kind_of(self, code: str, wider: str) -> bool:
        """Return True when `wider` is a proper ancestor of `code`."""
        return wider in self.lineage(code)[1:]

    def is_member(self, code: str, whole: str) -> bool:
        """Return True when `code` is a commodity of the family or the core of the group `whole`."""
        return self._stands_in(code, whole, self.groups[whole].core if whole in self.groups else frozenset())

    def is_edge(self, code: str, whole: str) -> bool:
        """Return True when only some would count `code` to the group `whole`."""
        edge = self.groups[whole].edge if whole in self.groups else frozenset()
        return bool(edge) and not self.is_member(code, whole) and self._stands_in(code, "", edge)

    def _stands_in(self, code: str, family: str, members: frozenset[str]) -> bool:
        own = self.families.get(code)
        return own is not None and (own == family or own in members) or not members.isdisjoint(self.lineage(code))
