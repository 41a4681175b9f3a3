"""The parts of a pair: one array for each respect in which a need and an offer may fit.

Every part is in [0, 1], higher is better, with a mask that says whether it is known. A part that is not known holds
its neutral value (`app.algorithms.chances.NEUTRAL`), or 1 where nothing is asked. The plain numbers behind the parts
are kept as facts, so that what is said about a pair can never differ from what was scored.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chances import NEUTRAL, PARTS
from app.algorithms.columns import Columns
from app.algorithms.forms import OTHER_STATE, STATES, state_serves
from app.algorithms.likeness import TextSide, count_heads, row_dots, text_evidence
from app.algorithms.measures import haversine_km
from app.algorithms.relations import OTHER_FORM, RELATION_FIT

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

NEAR_KM = 700.0
DISTANCE_SCALE_KM = 4000.0
FRESHNESS_HALF_LIFE_DAYS = 180.0
WORKABLE_PRICE = 1.1  # asking price over highest price, up to which a price is still a matter of talking
FAR_PRICE = 1.5
WORKABLE_SHARE = 0.3  # of the need; below, the offer is too small to count as a term met
ALSO_NAMED = 0.9  # factor for goods that a listing names beside its main ones
MAX_DESPITE_CODES = 0.55  # the most that texts can say against different codes; below what is suitable
DOUBTFUL_PRICE = 20.0  # a factor between two prices above which one of the units must be wrong

# Curves through (x, value), straight in between, flat outside.
_PRICE = ((0.0, 1.0), (0.8, 1.0), (1.0, 0.9), (1.1, 0.7), (1.5, 0.25), (2.5, 0.0))
_QUANTITY = ((0.0, 0.0), (0.3, 0.55), (1.0, 0.95), (2.0, 1.0))
_DEMAND = ((0.0, 0.1), (0.05, 0.3), (0.3, 0.7), (1.0, 1.0))
_MINIMUM = ((0.0, 1.0), (1.0, 1.0), (2.0, 0.5), (5.0, 0.1), (10.0, 0.0))
_KEEPING = np.array([0.4, 0.7, 0.95, 1.0])  # fresh, weeks, months, durable
_COLD_CHAIN_COST = 0.15


@dataclass(frozen=True, slots=True)
class PairFeatures:
    """The parts of n pairs, each array of shape (n_pairs,).

    parts : part name -> float in [0, 1]
    known : part name -> bool
    facts : fact name -> float, NaN where unknown:

        relation        code of `app.algorithms.relations`, NaN where a side names no commodity
        asked_state     place in `app.algorithms.forms.STATES`, -1 where not said
        offered_state   the same for the offer
        price_ratio     asking price over highest price
        share           offered over asked quantity
        minimum_ratio   minimum order over asked quantity
        missing         required certificates that are not held (count)
        required        required certificates (count)
        months_both     months in which both can trade (count)
        months_lost     months wanted in which the offer cannot deliver (count)
        km              great-circle distance
        age_days        days since the older of the two was confirmed
        terms_off       terms outside what is workable (count; an unworkable one counts twice)
    """

    parts: dict[str, Floats]
    known: dict[str, Flags]
    facts: dict[str, Floats]


def pair_features(
    need: Columns,
    offer: Columns,
    need_text: TextSide,
    offer_text: TextSide,
    relations: NDArray[np.int8],
    need_index: Indices,
    offer_index: Indices,
) -> PairFeatures:
    """Return the parts of the pairs ``(need_index[i], offer_index[i])``.

    Parameters
    ----------
    need, offer : Columns
        Of one vocabulary.
    need_text, offer_text : TextSide
    relations : int8 array of shape (n_groups, n_groups)
        From `app.algorithms.relations.relation_matrix`, for the groups of the vocabulary.
    need_index, offer_index : int arrays of shape (n_pairs,)

    Returns
    -------
    PairFeatures

    Raises
    ------
    ValueError
        If the two index arrays differ in shape.
    """
    if need_index.shape != offer_index.shape:
        raise ValueError("need_index and offer_index must have the same shape")
    n, o = _taken(need, need_index), _taken(offer, offer_index)
    found = PairFeatures({}, {}, {})
    words = np.clip(row_dots(need_text.words, offer_text.words, need_index, offer_index), 0.0, 1.0)
    characters = np.clip(row_dots(need_text.characters, offer_text.characters, need_index, offer_index), 0.0, 1.0)
    is_main = _put_commodity(found, n, o, relations)
    _put_text_evidence(found, words, characters, need_text, offer_text, need_index, offer_index)
    always = np.ones(len(need_index), dtype=np.bool_)
    _put(found, "words", words, always)
    _put(found, "characters", characters, always)
    _put_form(found, n, o, is_main)
    _put_price(found, n, o)
    _put_volume(found, n, o)
    _put_certificates(found, n, o)
    _put_months(found, n, o)
    _put_transport(found, n, o)
    found.facts["terms_off"] = _terms_off(found)
    return PairFeatures(
        {part: found.parts[part] for part in PARTS}, {part: found.known[part] for part in PARTS}, found.facts
    )


def _taken(columns: Columns, index: Indices) -> Columns:
    return Columns(**{field.name: getattr(columns, field.name)[index] for field in fields(Columns)})


def _put(found: PairFeatures, part: str, value: Floats, known: Flags) -> None:
    """Store a part, neutral where it is not known."""
    found.parts[part] = np.where(known, np.clip(value, 0.0, 1.0), NEUTRAL.get(part, 0.0))
    found.known[part] = known


def _put_commodity(found: PairFeatures, n: Columns, o: Columns, relations: NDArray[np.int8]) -> Flags:
    """Store the commodity part; return where the main commodities of both sides gave it."""
    fit = np.zeros(len(n))
    relation = np.full(len(n), np.nan)
    is_main = np.ones(len(n), dtype=np.bool_)
    for i in range(n.group.shape[1]):
        asking = np.flatnonzero(n.group[:, i] >= 0)
        for j in range(o.group.shape[1] if len(asking) else 0):
            rows = asking[o.group[asking, j] >= 0]
            here = relations[n.group[rows, i], o.group[rows, j]]
            value = RELATION_FIT[here] * (1.0 if i == j == 0 else ALSO_NAMED)
            better = (value > fit[rows]) | np.isnan(relation[rows])
            chosen = rows[better]
            fit[chosen], relation[chosen], is_main[chosen] = value[better], here[better], i == j == 0
    fit *= np.minimum(n.confidence, o.confidence)
    found.facts["relation"] = relation
    _put(found, "commodity", fit, ~np.isnan(relation))
    return is_main


def _put_text_evidence(
    found: PairFeatures,
    words: Floats,
    characters: Floats,
    need_text: TextSide,
    offer_text: TextSide,
    need_index: Indices,
    offer_index: Indices,
) -> None:
    """Let the texts decide where a side has no code; where codes differ they only order the substitutes."""
    commodity, known = found.parts["commodity"], found.known["commodity"]
    open_rows = np.flatnonzero(~known | ((commodity < MAX_DESPITE_CODES) & (words > 0)))
    heads = count_heads(need_text, offer_text, need_index[open_rows], offer_index[open_rows])
    evidence = text_evidence(words[open_rows], characters[open_rows], heads)
    despite = np.maximum(commodity[open_rows], evidence * MAX_DESPITE_CODES)
    commodity[open_rows] = np.where(known[open_rows], despite, evidence)


def _put_form(found: PairFeatures, n: Columns, o: Columns, is_main: Flags) -> None:
    """Store the form part: the kinds of the main commodities must agree, the states should serve."""
    # Where the tree relates the goods it has the last word; a kind tells goods apart that are known by words only.
    kinds_known = is_main & (n.kind >= 0) & (o.kind >= 0) & np.isnan(found.facts["relation"])
    states_known = (n.state >= 0) & (o.state >= 0)
    kind = np.where(kinds_known & (n.kind != o.kind), 0.0, 1.0)
    state = np.where(states_known, _STATE_TABLE[n.state, o.state], NEUTRAL["form"])
    found.facts["asked_state"], found.facts["offered_state"] = n.state.astype(np.float64), o.state.astype(np.float64)
    _put(found, "form", np.minimum(kind, state), states_known | (kinds_known & (kind == 0.0)))
    asks_nothing = ~found.known["form"] & (n.state < 0) & (o.state < 0)
    found.parts["form"][asks_nothing] = 1.0


def _put_price(found: PairFeatures, n: Columns, o: Columns) -> None:
    ratio = _ratio(o.price_kg, n.price_kg, o.price_unit, n.price_unit, n, o, per_unit=True)
    found.facts["price_ratio"] = ratio
    is_plausible = (ratio < DOUBTFUL_PRICE) & (ratio > 1 / DOUBTFUL_PRICE)
    _put(found, "price", _curve(_PRICE, ratio), is_plausible)


def _put_volume(found: PairFeatures, n: Columns, o: Columns) -> None:
    share = _ratio(o.quantity_kg, n.quantity_kg, o.quantity_unit, n.quantity_unit, n, o, per_unit=False)
    minimum = _ratio(o.minimum_kg, n.quantity_kg, o.minimum_unit, n.quantity_unit, n, o, per_unit=False)
    found.facts["share"], found.facts["minimum_ratio"] = share, minimum
    is_known = ~np.isnan(share)
    _put(found, "quantity", _curve(_QUANTITY, share), is_known)
    with np.errstate(divide="ignore", over="ignore"):
        _put(found, "demand", _curve(_DEMAND, 1.0 / share), is_known)
    _put(found, "minimum_order", _curve(_MINIMUM, minimum), ~np.isnan(minimum))


def _put_certificates(found: PairFeatures, n: Columns, o: Columns) -> None:
    required = np.bitwise_count(n.certificates).sum(axis=1, dtype=np.float64)
    held = np.bitwise_count(n.certificates & o.certificates).sum(axis=1, dtype=np.float64)
    found.facts["required"], found.facts["missing"] = required, required - held
    _put(found, "certificates", held / np.maximum(required, 1.0), required > 0)


def _put_months(found: PairFeatures, n: Columns, o: Columns) -> None:
    wanted = np.bitwise_count(n.months).astype(np.float64)
    both = np.bitwise_count(n.months & o.months).astype(np.float64)
    found.facts["months_both"], found.facts["months_lost"] = both, wanted - both
    _put(found, "months", both / wanted, n.is_seasonal | o.is_seasonal)


def _put_transport(found: PairFeatures, n: Columns, o: Columns) -> None:
    km = haversine_km(n.latitude, n.longitude, o.latitude, o.longitude)
    found.facts["km"] = km
    _put(found, "distance", np.exp(-km / DISTANCE_SCALE_KM), ~np.isnan(km))
    always = np.ones(len(n), dtype=np.bool_)
    _put(found, "keeping", _KEEPING[o.keeping] - _COLD_CHAIN_COST * o.is_cold_chain, always)
    found.facts["age_days"] = np.maximum(n.age_days, o.age_days)
    _put(found, "freshness", 0.5 ** (found.facts["age_days"] / FRESHNESS_HALF_LIFE_DAYS), always)


def _terms_off(found: PairFeatures) -> Floats:
    """Return how many terms are outside what is workable, as a buyer would count them.

    One each for another form, a missing certificate, a price 10 to 50 % above, less than 30 % of the need, a
    minimum order above the need, half of the months lost; two for a price further above and for no month in common.
    """
    price, months = found.facts["price_ratio"], found.parts["months"]
    price_known = found.known["price"]
    off = (price_known & (price > WORKABLE_PRICE)).astype(np.float64)
    off += price_known & (price > FAR_PRICE)
    off += found.facts["missing"] > 0
    off += found.facts["share"] < WORKABLE_SHARE
    off += found.facts["minimum_ratio"] > 1.0
    off += (found.parts["form"] < NEUTRAL["form"]) | (found.facts["relation"] == OTHER_FORM)
    off += months < 0.5
    off += months == 0.0
    return off


def _ratio(
    offered_kg: Floats, asked_kg: Floats, offered: Floats, asked: Floats, n: Columns, o: Columns, *, per_unit: bool
) -> Floats:
    """Return offered / asked in kilograms, else in liters, in the unit that both use, or in pieces; else NaN.

    `per_unit` is True for prices, which fall where a unit holds more; quantities rise.
    """
    sign = -1.0 if per_unit else 1.0
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        plain = offered / asked
        steps = (
            offered_kg / asked_kg,
            plain * (o.unit_liter / n.unit_liter) ** sign,
            np.where((o.unit == n.unit) & (n.unit >= 0), plain, np.nan),
            plain * (o.unit_pieces / n.unit_pieces) ** sign,
        )
    found = steps[0]
    for step in steps[1:]:
        found = np.where(np.isnan(found), step, found)
    return np.where(np.isfinite(found) | np.isnan(found), found, np.finfo(np.float64).max)


def _curve(points: tuple[tuple[float, float], ...], x: Floats) -> Floats:
    xs, values = zip(*points, strict=True)
    heights: Floats = np.interp(x, xs, values)
    return heights


def _state_table() -> Floats:
    """Return state_serves as a table asked x offered; the last row and column stand for -1 and are never read."""
    table = np.full((len(STATES) + 1, len(STATES) + 1), OTHER_STATE)
    for row, asked in enumerate(STATES):
        for column, offered in enumerate(STATES):
            table[row, column] = state_serves(asked, offered)
    return table


_STATE_TABLE = _state_table()
