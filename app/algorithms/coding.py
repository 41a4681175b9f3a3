"""Complete a listing from its own text: commodity, family, lineage and form where the owner chose none."""

from dataclasses import replace

from app.algorithms.commodity_tagger import CommodityTagger, Tag
from app.algorithms.listing import Listing
from app.algorithms.text import tokens

_ABOUT = 0.5  # tags below this are named in passing
_MAX_COMMODITIES = 3


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
        codes, family = _read(tagger.tag(listing.text))
        is_open = family is not None and (not codes or "lainnya" in tokens(listing.text))
        commodity = None if is_open else next(iter(codes), None)
        others = others or tuple(tree.lineage(code) for code in codes if code != commodity)
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


def _read(tags: list[Tag]) -> tuple[list[str], str | None]:
    about = [tag for tag in tags if tag.score >= _ABOUT]
    in_title = [tag for tag in about if tag.is_title]
    chosen = in_title or about
    families = [tag.code for tag in chosen if tag.is_family]
    goods = [tag for tag in chosen if not tag.is_family]
    if families and not goods:
        goods = [tag for tag in about if not tag.is_family]
    codes = list(dict.fromkeys(tag.code for tag in goods))[:_MAX_COMMODITIES]
    return codes, families[0] if families else None
