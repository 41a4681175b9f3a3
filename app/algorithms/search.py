"""Search in listings and firms: by the goods that are meant, whatever words name them, and by the words themselves.

The query is read like a listing, so that "cengke", "migor" and "iwak layang" find what was written otherwise. What a
document scores depends on that document and the query alone: documents that the searcher may not see change nothing
in what is shown of the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from app.algorithms.coding import code_listing
from app.algorithms.columns import groups_of
from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.listing import Listing
from app.algorithms.text import content_words, fold, tokens
from app.algorithms.word_index import WordIndex

Group = tuple[str, ...]
Flags = NDArray[np.bool_]
Fits = NDArray[np.int8]
Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_ABOUT = 0.5  # tags below this are named in passing
_LEAST_STRENGTH = 0.4  # of words that name no goods: one of two, or one with a typo
_BESIDE_BEST = 0.75  # weaker documents only distract from better ones
_OTHER_FORM, _SURE = 2, 0.5
_SUGGESTED = 3
_NO_WHOLES: Mapping[str, Sequence[Group]] = {}


class Fit(IntEnum):
    """How a document answers a query, in rising order."""

    NONE = 0
    WORDS = 1
    NEAR = 2
    WIDER = 3
    MEMBER = 4
    KIND = 5
    SAME = 6


@dataclass(frozen=True, slots=True)
class Document:
    """What can be found: a listing or a firm.

    Parameters
    ----------
    text : str
        Folded (`app.algorithms.text.fold`), for searching to the letter.
    words : frozenset of str
        Its normalized words.
    goods : tuple of groups
        Lineages, nearest first, or ``("", code)`` for anything of a family or a group of goods.
    is_guess : bool
        True when the goods were guessed from single words; such a document is never more than near.
    """

    text: str
    words: frozenset[str]
    goods: tuple[Group, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: the goods that are `asked`, all `words`, and the `rest` that names no goods."""

    text: str
    asked: tuple[Group, ...] = ()
    words: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    is_literal: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not self.text


@dataclass(frozen=True, slots=True)
class Hits:
    """What a query found, by position of the document.

    `fit` holds values of `Fit`; `strength` in [0, 1] says how well the words that name no goods are met (all words
    where a document answers by its words alone); `is_whole` where each of them is.
    """

    fit: Fits
    strength: Floats
    is_whole: Flags


def read_document(text: str, place: str = "", coded: Listing | None = None) -> Document:
    """Return a document of its own text, of what else it is found by (firm, town), and of goods already read.

    >>> read_document("Jual CENGKEH", "Kota Ternate").words == {"jual", "cengkih", "kota", "ternate"}
    True
    """
    whole = f"{text}\n{place}" if place else text
    goods = () if coded is None else tuple(groups_of(coded))
    return Document(fold(whole), frozenset(tokens(whole)), goods, coded is not None and coded.confidence < 1)


def read_query(
    text: str, tagger: CommodityTagger, wholes: Mapping[str, Sequence[Group]] = _NO_WHOLES, *, is_literal: bool = False
) -> Query:
    """Return what a typed text asks for.

    Parameters
    ----------
    text : str
        As typed; may be empty.
    tagger : CommodityTagger
        The one that reads listings.
    wholes : mapping of normalized name to groups
        Families and groups of goods. A listing called "bumbu dapur" is about one product; who types just that into
        the search also means the group of that name.
    is_literal : bool
        Look for the text to the letter, not for the goods that it names.

    Examples
    --------
    >>> query = read_query("cengke Ternate", CommodityTagger([("cengkih", "cengkih")]))
    >>> query.asked, query.words, query.rest
    ((('cengkih',),), ('cengkih', 'ternate'), ('ternate',))
    """
    text = " ".join(text.split())
    if is_literal or not text:
        return Query(text, is_literal=is_literal)
    typed = tokens(text)
    coded = code_listing(Listing(text), tagger)
    asked = tuple(groups_of(coded)) if coded.confidence >= 1 else ()
    meant = wholes.get(" ".join(typed), ())
    asked = tuple(dict.fromkeys([*asked, *meant]))
    codes = {_code(group) for group in asked}
    named: set[int] = set(range(len(typed))) if meant else set()
    for tag in tagger.tag(text):
        if tag.score >= _ABOUT and tag.code in codes:
            named.update(range(tag.start, tag.start + len(tokens(tag.surface))))
    rest = (word for place, word in enumerate(typed) if place not in named)
    return Query(text, asked, _meaning(typed), tuple(content_words(" ".join(rest))))


def _meaning(typed: Iterable[str]) -> tuple[str, ...]:
    """Return the words to look for: those that can name something, or else whatever has two letters."""
    typed = list(typed)
    return tuple(content_words(" ".join(typed))) or tuple(w for w in typed if len(w) > 1 and w.isalpha())


class SearchIndex:
    """Documents in memory, found by goods and by words.

    Parameters
    ----------
    documents : sequence of n Document
    tree : CommodityTree

    Examples
    --------
    >>> tree = CommodityTree({"beras-premium": "beras"}, {"beras": "pokok", "beras-premium": "pokok"})
    >>> index = SearchIndex([
    ...     Document("rojolele", frozenset({"rojolele"}), (("beras-premium", "beras"),)),
    ...     Document("toko beras", frozenset({"toko", "beras"})),
    ... ], tree)
    >>> [Fit(fit).name for fit in index.hits(Query("beras", (("beras",),), ("beras",))).fit]
    ['KIND', 'WORDS']
    """

    def __init__(self, documents: Sequence[Document], tree: CommodityTree) -> None:
        self.size = len(documents)
        self._tree = tree
        self._texts = [document.text for document in documents]
        self._words = WordIndex([document.words for document in documents])
        self._is_guess = np.array([document.is_guess for document in documents], dtype=np.bool_)
        places: dict[Group, list[int]] = {}
        for place, document in enumerate(documents):
            for group in document.goods:
                places.setdefault(group, []).append(place)
        self._places: dict[Group, Positions] = {
            group: np.array(found, dtype=np.intp) for group, found in places.items()
        }

    def hits(self, query: Query) -> Hits:
        """Return how each document answers a query; an empty query finds nothing."""
        if query.is_empty:
            return self._nothing()
        has_text = self._holding(query)
        if query.is_literal or not query.words:
            return Hits(has_text.astype(np.int8) * np.int8(Fit.WORDS), has_text.astype(np.float64), has_text)
        met = np.stack([self._words.match(word) for word in query.words])
        strength: Floats = np.maximum(met.mean(axis=0), has_text)
        is_whole: Flags = (met > 0).all(axis=0) | has_text
        if not query.asked:
            fit = (strength >= _LEAST_STRENGTH).astype(np.int8) * np.int8(Fit.WORDS)
            return Hits(fit, strength, is_whole)
        goods = self._goods(query.asked)
        fit = np.maximum(goods, is_whole.astype(np.int8) * np.int8(Fit.WORDS))
        rest = [self._words.match(word) for word in query.rest]
        by_rest = np.stack(rest) if rest else np.ones((1, self.size))
        is_good = goods > 0
        has_rest = (by_rest > 0).all(axis=0)
        return Hits(fit, np.where(is_good, by_rest.mean(axis=0), strength), np.where(is_good, has_rest, is_whole))

    def of_family(self, family: str) -> Flags:
        """Return which documents are about goods of a family."""
        found = np.zeros(self.size, dtype=np.bool_)
        for group, places in self._places.items():
            if family == _code(group) or self._tree.families.get(_code(group)) == family:
                found[places] = True
        return found

    def _nothing(self) -> Hits:
        none = np.zeros(self.size)
        return Hits(none.astype(np.int8), none, none.astype(np.bool_))

    def _holding(self, query: Query) -> Flags:
        """Return which texts hold the query to the letter, where its letters alone can tell or its signs matter."""
        wanted = fold(query.text).strip()
        if not wanted:
            wanted = query.text.casefold()
        signs = any(not (c.isalnum() or c.isspace()) for c in query.text)
        if not (query.is_literal or signs or not query.words):
            return np.zeros(self.size, dtype=np.bool_)
        return np.fromiter((wanted in text for text in self._texts), dtype=np.bool_, count=self.size)

    def _goods(self, asked: Sequence[Group]) -> Fits:
        found = np.zeros(self.size, dtype=np.int8)
        for group, places in self._places.items():
            fit = max(fit_of(one, group, self._tree) for one in asked)
            if fit:
                found[places] = np.maximum(found[places], np.int8(fit))
        return np.where(self._is_guess, np.minimum(found, np.int8(Fit.NEAR)), found)


def fit_of(asked: Group, offered: Group, tree: CommodityTree) -> Fit:
    """Return how goods answer what is asked for; words do not count here.

    >>> tree = CommodityTree({"vaname": "udang"}, {"vaname": "laut", "udang": "laut"})
    >>> [fit_of(("vaname", "udang"), group, tree).name for group in (("vaname", "udang"), ("udang",), ("", "laut"))]
    ['SAME', 'WIDER', 'WIDER']
    >>> [fit_of(asked, ("vaname", "udang"), tree).name for asked in (("udang",), ("", "laut"))]
    ['KIND', 'MEMBER']
    """
    if asked == offered or (asked[0] and asked[0] == offered[0]):
        return Fit.SAME
    if not asked[0]:
        return _member(asked[1], offered, tree)
    if not offered[0]:
        return Fit.WIDER if tree.is_member(asked[0], offered[1]) else Fit.NONE
    judged = tree.stand_ins.get((asked[0], offered[0]))
    if judged is not None:
        return Fit.NEAR if judged >= _OTHER_FORM else Fit.NONE
    if asked[0] in offered:
        return Fit.KIND
    if offered[0] in asked:
        return Fit.WIDER
    return Fit.NEAR if _is_near(asked, offered, tree) else Fit.NONE


def _member(whole: str, offered: Group, tree: CommodityTree) -> Fit:
    if not offered[0]:
        core = tree.groups[whole].core if whole in tree.groups else frozenset()
        return Fit.MEMBER if offered[1] in core else Fit.NONE
    if tree.is_member(offered[0], whole):
        return Fit.MEMBER
    return Fit.NEAR if tree.is_edge(offered[0], whole) else Fit.NONE


def _is_near(asked: Group, offered: Group, tree: CommodityTree) -> bool:
    """Tell whether the nearest judgment about these goods or wider ones says: the same goods in another form."""
    judged = [
        (up + down, -tree.stand_ins[one, other])
        for up, one in enumerate(asked) for down, other in enumerate(offered) if (one, other) in tree.stand_ins
    ]
    return bool(judged) and -min(judged)[1] >= _OTHER_FORM


def best_first(hits: Hits, shown: Positions, freshness: Floats, *, has_goods: bool) -> Positions:
    """Return the positions to show, best first.

    Goods come by fit; those that also meet all other words of the query (the town) come before all. Documents that
    answer by words alone stand behind the goods, only those that meet each word; where the query names no goods, much
    weaker ones than the best are left out. Equal ones come by freshness, then in the order of `shown`.

    Parameters
    ----------
    hits : Hits
    shown : int array of shape (m,)
        The documents that may be shown at all.
    freshness : float array of shape (m,)
        Higher is fresher.
    has_goods : bool
        Whether the query names goods.

    Returns
    -------
    int array of shape (at most m,)
    """
    fit, strength, is_whole = hits.fit[shown], hits.strength[shown], hits.is_whole[shown]
    by_words = fit == Fit.WORDS
    best = strength[by_words].max(initial=0.0)
    is_weak = by_words & (~is_whole if has_goods else strength < _BESIDE_BEST * best)
    kept = np.flatnonzero((fit > 0) & ~is_weak)
    order = np.lexsort((-freshness[kept], -strength[kept].round(2), -fit[kept], ~is_whole[kept]))
    found: Positions = shown[kept[order]]
    return found


def wider_groups(asked: Sequence[Group], tree: CommodityTree) -> list[Group]:
    """Return what to look for where nothing was found, nearest first: parents, what stands in, the family.

    >>> tree = CommodityTree({"vaname": "udang"}, {"vaname": "laut"}, stand_ins={("vaname", "teri"): 1})
    >>> wider_groups([("vaname", "udang")], tree)
    [('udang',), ('teri',), ('', 'laut')]
    """
    found: list[Group] = []
    for group in asked:
        if group[0]:
            found += [group[place:] for place in range(1, len(group))]
    stand_ins = sorted((-value, other) for (one, other), value in tree.stand_ins.items() if value and (one,) in
                       {group[:1] for group in asked})
    found += [tree.lineage(other) for _, other in stand_ins]
    families = (tree.families.get(group[0]) if group[0] else None for group in asked)
    found += [("", family) for family in families if family is not None]
    return [group for group in dict.fromkeys(found) if group not in asked]


class GoodNames:
    """Names of goods, for "did you mean".

    Parameters
    ----------
    names : iterable of (name, code)

    Examples
    --------
    >>> GoodNames([("Cengkih", "cengkih"), ("Rumput laut", "rumput-laut")]).nearest("rumptu laut")
    ['rumput-laut']
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        pairs = [(tokens(name), code) for name, code in names]
        self._codes = [code for _, code in pairs]
        self._lengths = np.array([max(1, len(words)) for words, _ in pairs], dtype=np.float64)
        self._words = WordIndex([words for words, _ in pairs])

    def nearest(self, text: str) -> list[str]:
        """Return up to three codes of goods whose names are like a text, nearest first."""
        words = _meaning(tokens(text))
        if not words or not self._codes:
            return []
        met = np.stack([self._words.match(word) for word in words])
        strength = met.mean(axis=0)
        # Of equal names the shorter one: "rumput laut" before "rumput laut kering".
        order = np.lexsort((self._lengths, -strength))
        found = dict.fromkeys(self._codes[place] for place in order[:50] if strength[place] >= _SURE)
        return list(found)[:_SUGGESTED]


def _code(group: Group) -> str:
    return group[0] or group[1]
