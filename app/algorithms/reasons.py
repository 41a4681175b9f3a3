"""Reasons and weaknesses of a pair: each speaks for one part of the score, and only says what its number says."""

from collections.abc import Iterator, Mapping

from app.algorithms.listing import Listing
from app.algorithms.pair_features import DOUBTFUL_PRICE, NEAR_KM, WORKABLE_SHARE
from app.algorithms.pairs import (
    Pair,
    Reason,
    has_minimum,
    has_price,
    has_volume,
    joined,
    missing_certificates,
    months_both,
    months_lost,
    percent,
    side_without,
    states,
)
from app.algorithms.relations import FAMILY_ASKED, GENERAL, KIND_OF, OTHER_FORM, SAME

FRESH_DAYS = 60
_ALIKE = 0.3
_CLEARLY_BELOW = 0.95  # of the highest price
_FORM_SERVES = 0.6
_KEEPS_WELL = 0.95


def reasons_of(pair: Pair, carries: Mapping[str, float]) -> list[Reason]:
    """Return the true reasons for a pair, strongest first.

    Parameters
    ----------
    pair : Pair
    carries : mapping of part to float
        What the score would lose without the part. Parts that are known go before those that ask nothing.
    """
    found = [reason for reason in _reasons(pair) if carries[reason.part] > 0]
    return sorted(found, key=lambda r: (not _is_stated(pair, r), -carries[r.part]))


def weaknesses_of(pair: Pair, costs: Mapping[str, float]) -> list[Reason]:
    """Return the true weaknesses of a pair, worst first; `nothing_weak` where there is none.

    Parameters
    ----------
    pair : Pair
    costs : mapping of part to float
        What the score would win if the part were perfect.
    """
    found = [weakness for weakness in _weaknesses(pair) if costs[weakness.part] > 0]
    found.sort(key=lambda w: (w.part == "words", -costs[w.part]))
    return found or [Reason("nothing_weak", {})]


def _is_stated(pair: Pair, reason: Reason) -> bool:
    return pair.known[reason.part] or reason.part == "commodity"


def _reasons(pair: Pair) -> Iterator[Reason]:
    yield from _commodity_reason(pair)
    yield from _form_reason(pair)
    yield from _price_reason(pair)
    yield from _volume_reasons(pair)
    yield from _certificate_reason(pair)
    yield from _month_reason(pair)
    yield from _transport_reasons(pair)


def _weaknesses(pair: Pair) -> Iterator[Reason]:
    yield from _commodity_weakness(pair)
    yield from _form_weakness(pair)
    yield from _price_weakness(pair)
    yield from _volume_weaknesses(pair)
    yield from _term_weaknesses(pair)
    yield from _transport_weaknesses(pair)


def _commodity_reason(pair: Pair) -> Iterator[Reason]:
    relation, words = pair.facts["relation"], pair.parts["words"]
    asked, offered = _meeting_codes(pair)
    if relation == SAME and asked:
        yield Reason("same_commodity", {"commodity": asked}, "commodity")
    elif relation in (SAME, FAMILY_ASKED):
        yield Reason("same_family", {"family": _asked_whole(pair)}, "commodity")
    elif relation == KIND_OF:
        yield Reason("kind_of_asked", {"commodity": offered, "asked": asked}, "commodity")
    elif relation == GENERAL:
        yield Reason("wider_group", {"commodity": offered, "asked": asked}, "commodity")
    elif relation == OTHER_FORM:
        yield Reason("other_form_of_asked", {"commodity": _main(pair.offer), "asked": _main(pair.need)}, "commodity")
    elif not pair.known["commodity"]:
        yield Reason("words_alike", {"percent": percent(words)}, "commodity")
    if pair.known["commodity"] and words >= _ALIKE:
        yield Reason("words_alike", {"percent": percent(words)}, "words")


def _commodity_weakness(pair: Pair) -> Iterator[Reason]:
    relation = pair.facts["relation"]
    asked, offered = _meeting_codes(pair)
    if not pair.known["commodity"]:
        yield Reason("commodity_unknown", {}, "commodity")
    elif min(pair.need.confidence, pair.offer.confidence) < 1.0:
        yield Reason("commodity_guessed", {}, "commodity")
    elif relation == OTHER_FORM:
        yield Reason("commodity_other_form", {"commodity": _main(pair.offer), "asked": _main(pair.need)}, "commodity")
    elif relation == GENERAL:
        yield Reason("commodity_general", {"commodity": offered, "asked": asked}, "commodity")
    elif relation == FAMILY_ASKED:
        yield Reason("commodity_family", {"family": _asked_whole(pair)}, "commodity")
    elif (offered and offered != pair.offer.commodity) or (asked and asked != pair.need.commodity):
        yield Reason("commodity_beside", {"commodity": offered}, "commodity")
    yield Reason("words_differ", {"percent": percent(pair.parts["words"])}, "words")


def _main(listing: Listing) -> str:
    return listing.commodity or ""


def _asked_whole(pair: Pair) -> str:
    """Return the family or group that the need names as a whole; empty where it names several."""
    need = pair.need
    wholes = [need.family] if need.commodity is None and need.family else []
    wholes += [group[1] for group in need.others if group[0] == ""]
    return wholes[0] if len(wholes) == 1 else ""


def _meeting_codes(pair: Pair) -> tuple[str, str]:
    """Return the first asked and offered code that stand in the relation of the pair; empty where none do."""
    relation = pair.facts["relation"]
    for asked in pair.need.lineages:
        for offered in pair.offer.lineages:
            if (
                (relation == SAME and asked[0] == offered[0])
                or (relation == KIND_OF and asked[0] in offered[1:])
                or (relation == GENERAL and offered[0] in asked[1:])
            ):
                return asked[0], offered[0]
    return "", ""


def _form_reason(pair: Pair) -> Iterator[Reason]:
    asked, offered = states(pair)
    if not pair.known["form"]:
        return
    if asked == offered and pair.parts["form"] == 1.0:
        yield Reason("form_same", {"form": asked}, "form")
    elif _FORM_SERVES <= pair.parts["form"] < 1.0:
        yield Reason("form_serves", {"offered": offered, "asked": asked}, "form")


def _form_weakness(pair: Pair) -> Iterator[Reason]:
    if pair.known["form"]:
        asked, offered = states(pair)
        yield Reason("form_other", {"offered": offered, "asked": asked}, "form")
    elif pair.parts["form"] < 1.0:
        yield Reason("form_unknown", {}, "form")


def _price_reason(pair: Pair) -> Iterator[Reason]:
    ratio = pair.facts["price_ratio"]
    if pair.known["price"] and ratio <= 1.0:
        code = "price_below" if ratio < _CLEARLY_BELOW else "price_within"
        yield Reason(code, {"percent": percent(1.0 - ratio)}, "price")


def _price_weakness(pair: Pair) -> Iterator[Reason]:
    ratio = pair.facts["price_ratio"]
    if pair.known["price"]:
        if ratio > 1.0:
            yield Reason("price_above", {"percent": max(1.0, percent(ratio - 1.0))}, "price")
    elif side := side_without(has_price(pair.need), has_price(pair.offer)):
        yield Reason("price_unknown", {"side": side}, "price")
    elif ratio == ratio:
        factor = min(max(ratio, 1 / ratio if ratio > 0 else 1e6), 1e6)
        yield Reason("price_doubtful", {"factor": max(DOUBTFUL_PRICE, float(round(factor)))}, "price")
    else:
        yield Reason("price_units_differ", {}, "price")


def _volume_reasons(pair: Pair) -> Iterator[Reason]:
    share, minimum = pair.facts["share"], pair.facts["minimum_ratio"]
    if share >= 1.0:
        yield Reason("volume_covers", {"percent": percent(share)}, "quantity")
    elif share >= WORKABLE_SHARE:
        yield Reason("volume_covers_part", {"percent": min(99.0, percent(share))}, "quantity")
    if 0 < share <= 1 / WORKABLE_SHARE:
        yield Reason("demand_takes", {"percent": min(100.0, percent(1 / share))}, "demand")
    if minimum <= 1.0:
        yield Reason("minimum_order_met", {"percent": percent(minimum)}, "minimum_order")
    elif not has_minimum(pair.offer):
        yield Reason("no_minimum_stated", {}, "minimum_order")


def _volume_weaknesses(pair: Pair) -> Iterator[Reason]:
    share, minimum = pair.facts["share"], pair.facts["minimum_ratio"]
    if pair.known["quantity"]:
        if share < 1.0:
            code = "volume_covers_part" if share >= WORKABLE_SHARE else "volume_small"
            yield Reason(code, {"percent": min(99.0, percent(share))}, "quantity")
        if share > 1 / WORKABLE_SHARE:
            yield Reason("demand_small", {"percent": percent(1 / share)}, "demand")
    elif side := side_without(has_volume(pair.need), has_volume(pair.offer)):
        yield Reason("volume_unknown", {"side": side}, "quantity")
    else:
        yield Reason("volume_units_differ", {}, "quantity")
    if minimum > 1.0:
        yield Reason("minimum_order_too_big", {"percent": max(101.0, percent(minimum))}, "minimum_order")
    elif not has_minimum(pair.offer):
        yield Reason("minimum_order_unknown", {}, "minimum_order")


def _certificate_reason(pair: Pair) -> Iterator[Reason]:
    if not pair.need.certificates:
        yield Reason("certificates_not_required", {}, "certificates")
    elif not missing_certificates(pair):
        held = pair.need.certificates
        yield Reason("certificates_held", {"certificates": joined(held), "count": float(len(held))}, "certificates")


def _month_reason(pair: Pair) -> Iterator[Reason]:
    if not pair.known["months"]:
        yield Reason("all_year", {}, "months")
    elif pair.parts["months"] >= 0.5:
        both = months_both(pair)
        yield Reason("months_overlap", {"months": joined(both), "count": float(len(both))}, "months")


def _term_weaknesses(pair: Pair) -> Iterator[Reason]:
    if missing := missing_certificates(pair):
        params: dict[str, float | str] = {"certificates": joined(missing), "count": float(len(missing))}
        yield Reason("certificate_missing", params, "certificates")
    if lost := months_lost(pair):
        yield Reason("season_gap", {"months": joined(lost), "count": float(len(lost))}, "months")


def _transport_reasons(pair: Pair) -> Iterator[Reason]:
    km, days = pair.facts["km"], pair.facts["age_days"]
    if km <= NEAR_KM:
        yield Reason("near", {"km": float(round(km))}, "distance")
    if pair.parts["keeping"] >= _KEEPS_WELL and not pair.offer.is_cold_chain:
        yield Reason("keeps_well", {"keeping": pair.offer.keeping}, "keeping")
    if days <= FRESH_DAYS:
        yield Reason("data_fresh", {"days": days}, "freshness")


def _transport_weaknesses(pair: Pair) -> Iterator[Reason]:
    km, days = pair.facts["km"], pair.facts["age_days"]
    if not pair.known["distance"]:
        yield Reason("distance_unknown", {}, "distance")
    elif km > NEAR_KM:
        yield Reason("far", {"km": float(round(km))}, "distance")
    if pair.offer.is_cold_chain:
        yield Reason("cold_chain_needed", {"keeping": pair.offer.keeping}, "keeping")
    elif pair.offer.keeping in ("fresh", "weeks"):
        yield Reason("keeps_short", {"keeping": pair.offer.keeping}, "keeping")
    if days >= 1:
        yield Reason("data_old" if days > FRESH_DAYS else "data_aging", {"days": days}, "freshness")
