"""How good a ranking is against graded judgments: nDCG, recall, reciprocal rank, precision and silence.

Grades are 0 (nothing) to 3 (what was asked for); 2 and 3 count as right. Gains are 2 ** grade - 1 (Burges et al. 2005),
discounts 1 / log2(rank + 1) (Jarvelin and Kekalainen 2002).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.algorithms.text import word_set

# Words that do not count as common when the gap is measured: function words, trading, packing, state and praise.
PLAIN_STOPWORDS = word_set(
    """
    ada aneka apa asal asli atau bahan baru basah beku beli bersih besar bisa bln boleh box buat bulan butuh cari
    curah dan dari dengan dgn dll dus gram grade halal harga hitam isi jenis jual juga kami karung kecil kemasan
    kering kilo kirim kualitas langsung macam maksimal max mencari mentah merah min minggu minimal mutu pak per
    putih ready rutin saja segar semua sendiri siap stok sudah belum super tiap tidak ton ukuran untuk usaha utk
    warna yang
    """
)
RIGHT = 2  # the lowest grade that counts as right


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a run."""

    offer: str
    rank: int
    is_suitable: bool = True


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over needs, in [0, 1]; NaN where nothing can be counted.

    ndcg : over the needs that have an offer of grade 1 or more.
    recall : share of a need's right offers among the first k.
    mrr : reciprocal rank of the first right offer.
    success1 : share of needs whose first offer is right.
    precision : share of the pairs called suitable, among the first k, that are right.
    silent : share of the needs without any relevant offer for which nothing is called suitable.
    gap : share of the right pairs without a common word that are found among the first k (or as many as are right).
    """

    needs: int
    ndcg: float
    recall: float
    mrr: float
    success1: float
    precision: float
    silent: float
    gap: float


def evaluate(
    grades: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Sequence[Row]],
    needs: Iterable[str] | None = None,
    *,
    at: int = 10,
    wordless: Mapping[str, Iterable[str]] | None = None,
) -> Scores:
    """Return the scores of a run.

    Parameters
    ----------
    grades : mapping of need to mapping of offer to grade
        Pairs that are missing have grade 0.
    run : mapping of need to rows
        In any order.
    needs : iterable of str, optional
        All needs; without it those of `grades` and of `run`.
    at : int
        Length of the lists that count.
    wordless : mapping of need to offers, optional
        The right pairs that share no word; without it `gap` is NaN.

    Examples
    --------
    >>> found = evaluate({"n": {"a": 3, "b": 1}}, {"n": [Row("a", 1), Row("b", 2, False)], "m": [Row("a", 1)]})
    >>> found.ndcg, found.success1, found.precision, found.silent
    (1.0, 1.0, 0.5, 0.0)
    """
    everything = sorted({*grades, *run}) if needs is None else list(needs)
    first = {need: sorted(run.get(need, ()), key=lambda row: row.rank)[:at] for need in everything}
    judged = {need: grades.get(need, {}) for need in everything}
    relevant = [need for need in everything if max(judged[need].values(), default=0) > 0]
    answerable = [need for need in relevant if max(judged[need].values()) >= RIGHT]
    called = [(need, row.offer) for need in everything for row in first[need] if row.is_suitable]
    silent = [not any(row.is_suitable for row in first[need]) for need in everything if need not in set(relevant)]
    return Scores(
        needs=len(everything),
        ndcg=_mean([_ndcg(judged[need], first[need], at) for need in relevant]),
        recall=_mean([_recall(judged[need], first[need], at) for need in answerable]),
        mrr=_mean([_reciprocal_rank(judged[need], first[need]) for need in answerable]),
        success1=_mean([_is_right(judged[need], first[need][:1]) for need in answerable]),
        precision=_mean([float(judged[need].get(offer, 0) >= RIGHT) for need, offer in called]),
        silent=_mean([float(one) for one in silent]),
        gap=_gap(judged, run, wordless or {}, at),
    )


def _ndcg(judged: Mapping[str, int], rows: Sequence[Row], at: int) -> float:
    best = sorted((grade for grade in judged.values() if grade > 0), reverse=True)[:at]
    return _gain([judged.get(row.offer, 0) for row in rows]) / _gain(best)


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(place + 2) for place, grade in enumerate(grades))


def _recall(judged: Mapping[str, int], rows: Sequence[Row], at: int) -> float:
    right = {offer for offer, grade in judged.items() if grade >= RIGHT}
    return len(right & {row.offer for row in rows}) / min(len(right), at)


def _reciprocal_rank(judged: Mapping[str, int], rows: Sequence[Row]) -> float:
    places = (place for place, row in enumerate(rows, 1) if judged.get(row.offer, 0) >= RIGHT)
    return 1.0 / next(places, math.inf)


def _is_right(judged: Mapping[str, int], rows: Sequence[Row]) -> float:
    return float(any(judged.get(row.offer, 0) >= RIGHT for row in rows))


def _gap(
    judged: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Sequence[Row]],
    wordless: Mapping[str, Iterable[str]],
    at: int,
) -> float:
    found = []
    for need, offers in wordless.items():
        depth = max(at, sum(grade >= RIGHT for grade in judged.get(need, {}).values()))
        seen = {row.offer for row in run.get(need, ()) if row.rank <= depth}
        found += [float(offer in seen) for offer in offers]
    return _mean(found)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
