"""A small market of our own: goods, words, offers and needs of two provinces A and B."""

from app.algorithms.coding import code_listing
from app.algorithms.commodity_tagger import CommodityTagger
from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.listing import Listing

TREE = CommodityTree(
    parents={"beras-premium": "beras", "cakalang": "ikan", "layang": "ikan", "teri": "ikan", "kepala-ikan": "limbah"},
    families={
        "beras": "pokok", "beras-premium": "pokok", "gula": "pokok", "minyak-goreng": "pokok", "telur": "pokok",
        "ikan": "laut", "cakalang": "laut", "layang": "laut", "teri": "laut", "pakan-ikan": "pakan",
        "cengkih": "rempah", "pala": "rempah", "minyak-cengkih": "atsiri", "gula-gula": "jajan",
        "kelapa": "kelapa", "kopra": "kelapa", "arang": "kelapa", "karung": "kemasan", "oven": "mesin",
    },
    kinds={
        "kelapa": "raw", "kopra": "processed", "arang": "processed", "cengkih": "raw", "minyak-cengkih": "processed",
        "ikan": "raw", "cakalang": "raw", "pakan-ikan": "feed", "oven": "tool", "gula": "processed",
    },
)  # fmt: skip

SURFACES = [
    ("beras", "beras"), ("beras premium", "beras-premium"), ("gula", "gula"), ("gula pasir", "gula"),
    ("gula-gula", "gula-gula"), ("permen", "gula-gula"), ("minyak goreng", "minyak-goreng"), ("migor", "minyak-goreng"),
    ("telur", "telur"), ("ikan", "ikan"), ("cakalang", "cakalang"), ("layang", "layang"), ("momar", "layang"),
    ("teri", "teri"), ("ngafi", "teri"), ("pakan ikan", "pakan-ikan"), ("cengkeh", "cengkih"),
    ("minyak cengkeh", "minyak-cengkih"), ("pala", "pala"), ("kelapa", "kelapa"), ("kopra", "kopra"),
    ("arang", "arang"), ("arang tempurung", "arang"), ("karung", "karung"), ("oven pengering", "oven"),
]  # fmt: skip
FAMILIES = [("rempah", "rempah"), ("bahan pokok", "pokok"), ("hasil laut", "laut")]

TAGGER = CommodityTagger(SURFACES, FAMILIES, TREE)


def make_offer(text: str = "Beras medium", **changes: object) -> Listing:
    """Return an offer of province A, coded from its text."""
    return _make(text, "A", changes)


def make_need(text: str = "Cari beras", **changes: object) -> Listing:
    """Return a need of province B, coded from its text."""
    return _make(text, "B", changes)


def _make(text: str, province: str, changes: dict[str, object]) -> Listing:
    return code_listing(Listing(text, **{"province": province, **changes}), TAGGER)  # type: ignore[arg-type]
