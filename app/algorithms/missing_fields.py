"""What a listing lacks, and how many partners each missing field would bring: ranked again with the field filled in.

    gains = field_gains(PairRanker(tree=tree), market.offers, market.needs, own=[3, 8], is_offer=True)

Nothing is estimated: a listing is changed in one field only, ranked against the whole other side with the words of the
whole market, and the suitable pairs are counted before and after.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from app.algorithms.forms import STATES
from app.algorithms.listing import Listing
from app.algorithms.measures import known
from app.algorithms.pairs import has_minimum, has_price, has_volume
from app.algorithms.ranker import Corpus, PairRanker, Ranking, corpus_of

Indices = NDArray[np.intp]

YEAR = frozenset(range(1, 13))
KG = "kg"

# The word that says a state, as `app.algorithms.forms.state_of` reads it.
STATE_WORDS: dict[str, str] = {
    "live": "hidup", "fresh": "segar", "frozen": "beku", "dried": "kering", "smoked": "asap", "salted": "asin",
    "powder": "bubuk", "liquid": "cair",
}  # fmt: skip


class Field(StrEnum):
    """What an owner can fill in."""

    COMMODITY = "commodity"
    PRICE = "price"
    QUANTITY = "quantity"
    MINIMUM_ORDER = "minimum_order"
    CERTIFICATE = "certificate"
    MONTHS = "months"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Filling:
    """A listing with one field filled in fairly.

    value : rupiah, a quantity (a month), a code, a state, or months, by the field.
    unit : 'kg' or the listing's own unit, in which the value is counted; empty where there is none.
    """

    field: Field
    listing: Listing
    value: float | str | tuple[int, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Gain:
    """What one field of one listing would bring; sets hold positions on the other side.

    own : position of the listing on its side.
    before, after : suitable partners as it stands, and with the field filled in.
    stronger : in both, and 'strong' only after.
    raised : in both, with a higher score after.
    """

    own: int
    filling: Filling
    before: frozenset[int]
    after: frozenset[int]
    stronger: frozenset[int]
    raised: frozenset[int]


def field_gains(
    ranker: PairRanker,
    offers: Sequence[Listing],
    needs: Sequence[Listing],
    own: Sequence[int],
    *,
    is_offer: bool,
    corpus: Corpus | None = None,
) -> list[Gain]:
    """Rank some listings of one side again with each of their missing fields filled in.

    Parameters
    ----------
    ranker : PairRanker
        Its parameters are used; it is fitted anew.
    offers, needs : sequences of Listing
        The whole market.
    own : sequence of int
        Positions among the offers, or among the needs.
    is_offer : bool
        On which side they are.
    corpus : Corpus, optional
        `corpus_of` the whole market, to learn it once for both sides.

    Returns
    -------
    list of Gain
        One for each field that a listing lacks and for which the other side says what would be fair: the middle price,
        the middle quantity, the smallest quantity as minimum order, the certificate and the state asked most often,
        every month traded in, the goods whose texts are most alike. Ordered as `own`, then as `Field`.

    Notes
    -----
    Two rankings of a few listings against one side, whatever the number of fields. `after` equals what a ranking of the
    whole market with the changed listing calls suitable, except for a filled form: its word joins the text, while the
    words keep the weights of the market as it stands.
    """
    side, other_side = (offers, needs) if is_offer else (needs, offers)
    mine = [side[position] for position in own]
    places = _across(mine, other_side)
    others = [other_side[place] for place in places]
    market = corpus or corpus_of((*offers, *needs))
    now = _Sight(_ranked(ranker, mine, others, market, is_offer), is_offer, places)
    lacking = [
        (row, filling)
        for row, listing in enumerate(mine)
        for filling in _fillings(listing, _Wanted(now, row, others, ranker), is_offer)
    ]
    filled = [filling.listing for _, filling in lacking]
    then = _Sight(_ranked(ranker, filled, others, market, is_offer), is_offer, places)
    return [_gain(own[row], filling, now.of(row), then.of(number)) for number, (row, filling) in enumerate(lacking)]


def _ranked(
    ranker: PairRanker, mine: Sequence[Listing], others: Sequence[Listing], market: Corpus, is_offer: bool
) -> Ranking:
    sides = (mine, others) if is_offer else (others, mine)
    return ranker.fit(*sides, corpus=market).rank(max(1, len(others)), keep_unsuitable=True)


def _across(mine: Sequence[Listing], others: Sequence[Listing]) -> list[int]:
    """Return the positions of the others that one of the listings could be paired with: of another province."""
    own = {listing.province for listing in mine}
    return [place for place, other in enumerate(others) if own - {other.province}]


class _Sight:
    """A ranking of a few listings, seen from their side; `places` are the positions of the others."""

    def __init__(self, ranking: Ranking, is_offer: bool, places: Sequence[int]) -> None:
        self.ranking, self.is_offer, self.places = ranking, is_offer, places
        self.own, self.other = ranking.need_index, ranking.offer_index
        if is_offer:
            self.own, self.other = self.other, self.own

    def of(self, row: int) -> dict[int, tuple[float, bool]]:
        """Return suitable partner -> score, and whether the pair is strong."""
        rows = np.flatnonzero((self.own == row) & self.ranking.suitable)
        return {
            self.places[self.other[i]]: (float(self.ranking.score[i]), bool(self.ranking.level[i] == "strong"))
            for i in rows
        }


def _gain(
    own: int, filling: Filling, now: dict[int, tuple[float, bool]], then: dict[int, tuple[float, bool]]
) -> Gain:
    both = now.keys() & then.keys()
    return Gain(
        own=own,
        filling=filling,
        before=frozenset(now),
        after=frozenset(then),
        stronger=frozenset(other for other in both if then[other][1] and not now[other][1]),
        raised=frozenset(other for other in both if then[other][0] > now[other][0]),
    )


class _Wanted:
    """What the other side says to one listing: those with the right goods, and those whose texts are alike."""

    def __init__(self, sight: _Sight, row: int, others: Sequence[Listing], ranker: PairRanker) -> None:
        ranking = sight.ranking
        rows = np.flatnonzero(sight.own == row)
        parts = {name: values[rows] for name, values in ranking.parts.items()}
        fits = (parts["commodity"] >= ranker.min_match) & (parts["form"] >= ranker.min_form)
        states = ranking.facts["asked_state" if sight.is_offer else "offered_state"][rows]
        own_state = ranking.facts["offered_state" if sight.is_offer else "asked_state"][rows]
        self.listings = [others[i] for i in sight.other[rows[fits]]]
        self.states = [STATES[int(state)] for state in states[fits] if state >= 0]
        self.says_state = bool((own_state >= 0).any())
        self.alike = [
            (others[sight.other[i]], float(evidence)) for i, evidence in zip(rows, parts["commodity"], strict=True)
        ]


def _fillings(own: Listing, wanted: _Wanted, is_offer: bool) -> Iterable[Filling]:
    """Yield the listing with each missing field filled in, in the order of `Field`."""
    yield from _commodity(own, wanted)
    if not has_price(own):
        yield from _price(own, wanted)
    if not has_volume(own):
        yield from _quantity(own, wanted)
    if is_offer and not has_minimum(own):
        yield from _minimum(own, wanted)
    if is_offer:
        yield from _certificate(own, wanted)
    yield from _months(own, wanted)
    if not wanted.says_state and wanted.states:
        yield _form(own, _most_common(wanted.states))


def _price(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    found = _stated(own, wanted, lambda other: other.price_kg, lambda other: other.price_unit)
    if found is not None:
        value, unit = median_low(found[0]), found[1]
        filled = replace(own, price_kg=value) if unit == KG else replace(own, price_unit=value)
        yield Filling(Field.PRICE, filled, value, unit)


def _quantity(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    found = _quantities(own, wanted)
    if found is not None:
        value, unit = median_low(found[0]), found[1]
        filled = replace(own, quantity_month=value) if unit == KG else replace(own, quantity_unit_month=value)
        yield Filling(Field.QUANTITY, filled, value, unit)


def _minimum(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    """Fill in a minimum order that everybody who states a quantity can place."""
    found = _quantities(own, wanted)
    if found is not None:
        value, unit = min(found[0]), found[1]
        filled = replace(own, minimum_order_kg=value) if unit == KG else replace(own, minimum_order=value)
        yield Filling(Field.MINIMUM_ORDER, filled, value, unit)


def _quantities(own: Listing, wanted: _Wanted) -> tuple[list[float], str] | None:
    return _stated(own, wanted, lambda other: other.quantity_month, lambda other: other.quantity_unit_month)


def _stated(
    own: Listing, wanted: _Wanted, by_kg: Callable[[Listing], float | None], by_unit: Callable[[Listing], float | None]
) -> tuple[list[float], str] | None:
    """Return the numbers that the others state and their unit: kilograms, else the listing's own; None without any."""
    weighed = _known(by_kg(other) for other in wanted.listings)
    if weighed:
        return weighed, KG
    counted = _known(by_unit(other) for other in wanted.listings if own.unit and other.unit == own.unit)
    return (counted, own.unit or "") if counted else None


def _known(numbers: Iterable[float | None]) -> list[float]:
    return [number for number in map(known, numbers) if number is not None]


def _certificate(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    asked = [one for other in wanted.listings for one in other.certificates - own.certificates]
    if asked:
        code = _most_common(asked)
        yield Filling(Field.CERTIFICATE, replace(own, certificates=own.certificates | {code}), code)


def _months(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    """Add the months in which the others trade; who names none trades all year."""
    traded = frozenset(month for other in wanted.listings for month in (other.months or YEAR))
    added = traded - (own.months or YEAR)
    if added:
        yield Filling(Field.MONTHS, replace(own, months=own.months | added), tuple(sorted(added)))


def _form(own: Listing, state: str) -> Filling:
    title, _, rest = own.text.partition("\n")
    return Filling(Field.FORM, replace(own, text=f"{title}\n{STATE_WORDS[state]}\n{rest}"), state)


def _commodity(own: Listing, wanted: _Wanted) -> Iterable[Filling]:
    """Choose the goods: those that the text was guessed to mean, else those of the most similar texts."""
    if own.commodity is not None:
        if own.confidence < 1.0:
            yield Filling(Field.COMMODITY, replace(own, confidence=1.0), own.commodity)
        return
    if own.family is None and not own.others and (other := _most_alike(wanted)) is not None:
        kind = None if other.form in STATES else other.form
        named = replace(
            own, commodity=other.commodity, family=other.family, lineage=other.lineage, form=own.form or kind,
            confidence=1.0,
        )  # fmt: skip
        yield Filling(Field.COMMODITY, named, other.commodity or "")


def _most_alike(wanted: _Wanted) -> Listing | None:
    """Return one of the others that have the goods for which the texts say most, or None where they say nothing."""
    evidence: dict[str, float] = {}
    sample: dict[str, Listing] = {}
    for other, value in wanted.alike:
        if other.commodity is not None:
            evidence[other.commodity] = evidence.get(other.commodity, 0.0) + value
            sample.setdefault(other.commodity, other)
    return sample[min(evidence, key=lambda one: (-evidence[one], one))] if evidence else None


def _most_common(values: Iterable[str]) -> str:
    counts = Counter(values)
    return min(counts, key=lambda one: (-counts[one], one))
