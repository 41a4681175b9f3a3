"""Complete a listing from its own text: commodity, family, lineage and form where the owner chose none."""

from dataclasses import replace

from app.algorithms.columns import MAX_COMMODITIES
from app.algorithms.commodity_tagger import HEAD_WORDS, CommodityTagger, Tag
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.listing import Listing
from app.algorithms.text import content_words, normalise, tokens, word_set

_ABOUT = 0.5  # tags below this are named in passing
_LEADS = 0.7  # tags from here on start their phrase
_FAMILY_ONLY = 0.6  # of a family that a title names together with words that nobody knows
_A_LIST = 2  # goods from which a description is a list

# Words that leave a family open to more than the listed goods.
_OPEN_WORDS = word_set(
    "lainnya aneka berbagai macam-macam semua segala apapun apa terserah sejenisnya khas oleh-oleh camilan suvenir"
)

# Goods of these kinds are made for other goods: what a title names beside them is their purpose.
_SERVING_KINDS = frozenset({"tool", "material", "packaging", "service", "feed", "seed"})


def code_listing(listing: Listing, tagger: CommodityTagger) -> Listing:
    """Return `listing` with what is missing read from its text.

    A commodity or a family that the owner chose is never changed; only lineage, family and form are looked up. Goods
    of the title count; those of the description only when the title names none, or names a family whose members the
    description lists ("bahan pokok": rice, sugar, oil). A list that ends in "dll" (and others) leaves the family open.

    Parameters
    ----------
    listing : Listing
    tagger : CommodityTagger
        With the tree of commodities.

    Returns
    -------
    Listing

    Examples
    --------
    >>> from app.algorithms.commodity_tree import CommodityTree
    >>> tree = CommodityTree({}, {"beras": "pokok"}, {"beras": "processed"})
    >>> coded = code_listing(Listing("Jual BERAS medium"), CommodityTagger([("beras", "beras")], tree=tree))
    >>> coded.commodity, coded.family, coded.form
    ('beras', 'pokok', 'processed')
    """
    tree = tagger.tree
    commodity, family, others = listing.commodity, listing.family, listing.others
    if commodity is None and family is None:
        tags = tagger.tag(listing.text)
        codes, wholes = _read(tags, tree)
        if not codes and (not wholes or _is_narrower(listing.text, wholes[0], tags, tree)):
            return _guessed(listing, tagger, wholes)
        both = {tag.start for tag in tags if tag.is_family} & {tag.start for tag in tags if not tag.is_family}
        is_open = bool(wholes) and (not codes or not _OPEN_WORDS.isdisjoint(tokens(listing.text)))
        commodity = None if is_open else next(iter(codes), None)
        family = next(iter(wholes), None)
        further = [tree.lineage(code) for code in codes if code != commodity]
        if is_open or not codes:
            further += [("", whole) for whole in wholes[1 if is_open else 0 :]]
        else:  # a closed list: the rest of the family or group is only near
            meant = {tag.code for tag in tags if tag.is_family and tag.start in both}
            further += [("", whole) if whole in meant else ("", whole, "") for whole in wholes]
        others = others or tuple(further)
    if commodity is None:
        return replace(listing, family=family, others=others)
    return replace(
        listing,
        commodity=commodity,
        family=listing.family or tree.families.get(commodity, family),
        lineage=listing.lineage or tree.lineage(commodity),
        form=listing.form or tree.kinds.get(commodity),
        others=others,
    )


def _read(tags: list[Tag], tree: CommodityTree) -> tuple[list[str], list[str]]:
    """Return the commodities that a text is about, the main one first, and the families and groups that it names."""
    in_title = [tag for tag in tags if tag.is_title]
    about = [tag for tag in in_title if tag.score >= _ABOUT]
    # A title that names goods only in passing is about something else; then a description has to start with goods.
    enough = _LEADS if in_title and not about else _ABOUT
    described = [tag for tag in tags if not tag.is_title and tag.score >= enough]
    chosen = about or described
    wholes = list(dict.fromkeys(tag.code for tag in chosen if tag.is_family))
    goods = _without_flavour([tag for tag in chosen if not tag.is_family], tree)
    more = list(dict.fromkeys(tag.code for tag in described if not tag.is_family))
    if wholes and not goods and any(_belongs(code, wholes[0], tree) for code in more):
        goods = more  # its members; goods of other families only are what it is made for or of
    if wholes and not goods and any(tag.score < _ABOUT for tag in in_title) and _serves(wholes[0], tree):
        return [], []  # "mesin olah kelapa": not any machine, and none that we know; its words have to decide
    codes = _without_purpose([_narrowed(code, more, tree) for code in goods], tree)
    if about and len(more) >= _A_LIST:
        codes += [code for code in more if _is_beside(code, codes, tree)]
    return list(dict.fromkeys(codes))[: MAX_COMMODITIES - 1], wholes


def _is_narrower(text: str, whole: str, tags: list[Tag], tree: CommodityTree) -> bool:
    """Return True for one machine, pack or service among many ("mesin urai sabut"): the family says too little."""
    if whole in tree.groups or not _serves(whole, tree) or not _OPEN_WORDS.isdisjoint(tokens(text)):
        return False
    known = {word for tag in tags if tag.is_title for word in tokens(tag.surface)}
    return bool(set(content_words(normalise(text.partition("\n")[0]))) - known)


def _guessed(listing: Listing, tagger: CommodityTagger, wholes: list[str]) -> Listing:
    """Return a listing that names no goods with the nearest ones, marked as a guess."""
    guesses = tagger.guess(listing.text)
    if not guesses:
        return replace(listing, family=wholes[0] if wholes else None, confidence=_FAMILY_ONLY if wholes else 1.0)
    first, *further = [code for code, _ in guesses]
    tree = tagger.tree
    return replace(
        listing, commodity=first, family=tree.families.get(first), lineage=tree.lineage(first),
        others=(*(tree.lineage(code) for code in further), *(("", whole, "") for whole in wholes)),
        confidence=guesses[0][1],
    )


def _serves(whole: str, tree: CommodityTree) -> bool:
    """Return True for a family most of whose goods are made for other goods."""
    kinds = [tree.kinds.get(code) in _SERVING_KINDS for code, family in tree.families.items() if family == whole]
    return sum(kinds) * 2 > len(kinds)


def _without_purpose(codes: list[str], tree: CommodityTree) -> list[str]:
    """Return the goods without those that the first one, a machine, a pack or a feed, is for."""
    if not codes or tree.kinds.get(codes[0]) not in _SERVING_KINDS:
        return codes
    return [code for code in codes if tree.kinds.get(code) in _SERVING_KINDS]


def _without_flavour(tags: list[Tag], tree: CommodityTree) -> list[str]:
    """Return the goods of the tags; after "keripik apel" a "nangka" is another flavour and no fruit."""
    codes = [tag.code for tag in tags]
    if not tags or tree.kinds.get(codes[0]) != "processed" or tokens(tags[0].surface)[0] not in HEAD_WORDS:
        return codes
    family = tree.families.get(codes[0])
    return [code for code in codes if tree.kinds.get(code) != "raw" or tree.families.get(code) == family]


def _belongs(code: str, whole: str, tree: CommodityTree) -> bool:
    return code not in tree.families or tree.is_member(code, whole) or tree.is_edge(code, whole)


def _is_beside(code: str, codes: list[str], tree: CommodityTree) -> bool:
    """Return True for goods that a description lists beside those of the title: of a family with one of them."""
    families = {tree.families.get(one) for one in codes}
    return tree.families.get(code) in families and not any(code in tree.lineage(one) for one in codes)


def _narrowed(code: str, more: list[str], tree: CommodityTree) -> str:
    """Return the first kind of `code` that the description names, else `code` ("ikan komo": "tongkol beku")."""
    return next((other for other in more if tree.is_kind_of(other, code)), code)
