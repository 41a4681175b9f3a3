"""The tree of commodities as the methods need it: parents, families, kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CommodityTree:
    """Who is whose parent, and to which family and kind a commodity belongs.

    Parameters
    ----------
    parents : mapping of code to parent code
        Roots are left out or map to an empty string.
    families : mapping of code to family code
    kinds : mapping of code to kind
        Kinds of `app.algorithms.forms.KINDS`.

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
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

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
