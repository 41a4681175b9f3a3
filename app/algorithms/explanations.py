"""Why a pair is proposed, what is weak about it and what its owners can do: codes and numbers, no sentences.

A code is a machine word with parameters; a template turns it into a sentence. Statements come from the numbers that
made the score: a reason is a part whose absence would lower the score, a weakness is the part that costs most of it,
a fix is what would raise it most (``gain`` = points of score in [0, 1] that the fix can bring).

A suitable pair always has three reasons when `PairRanker.max_terms_off` is at most 1: its commodity or words, and at
least two of certificates, months and minimum order, of which no more than one can be off.

`percent` is a whole number of percent, `km` whole kilometers, `days` whole days; `commodity`, `asked` and `family`
are codes; `offered` and `asked` of a form are codes of `app.algorithms.forms`; lists (certificates, months as numbers
1..12) are joined by ", ".

Reasons
-------
==========================  ==============================  ======================================================
code                        parameters                      true when
==========================  ==============================  ======================================================
same_commodity              commodity                       both sides name this commodity
kind_of_asked               commodity, asked                the offer is a kind of what the need asks for
same_family                 family                          the need asks for a family or group; the offer is of it
wider_group                 commodity, asked                the offer names a group that contains what is asked
other_form_of_asked         commodity, asked                judged to be the asked goods in another form or grade
words_alike                 percent                         the texts are alike (at least 30, or no commodity to go by)
form_same                   form                            same form (fresh, frozen, dried, ...)
form_serves                 offered, asked                  another form, near enough to serve (fits 0.6 or more)
price_below                 percent                         asking price more than 5 % below the highest price
price_within                percent                         asking price 0 to 5 % below the highest price
volume_covers               percent                         the offer covers the whole need (percent of it)
volume_covers_part          percent                         the offer covers 30 to 99 % of the need
demand_takes                percent                         the need takes this share of the offer (at least 30 %)
minimum_order_met           percent                         minimum order is this percent of the need (at most 100)
no_minimum_stated           (none)                          the offer names no minimum order
certificates_held           certificates, count             every required certificate is held
certificates_not_required   (none)                          the need asks for no certificate
months_overlap              months, count                   months in which both can trade
all_year                    (none)                          neither side is bound to a season
near                        km                              at most 700 km
keeps_well                  keeping                         keeps for months and needs no cold chain
data_fresh                  days                            both listings confirmed within 60 days
==========================  ==============================  ======================================================

Weaknesses
----------
==========================  ==============================  ======================================================
code                        parameters                      true when
==========================  ==============================  ======================================================
commodity_general           commodity, asked                the offer names a wider group than the need
commodity_family            family                          the match is by family only
commodity_beside            commodity                       one side names these goods beside others
commodity_unknown           (none)                          a side names no commodity; words decide
commodity_guessed           (none)                          the goods of a side were guessed from single words
commodity_other_form        commodity, asked                the asked goods in another form or grade
words_differ                percent                         the two texts share little
form_other                  offered, asked                  another form
form_unknown                (none)                          only one side names the form (fresh, frozen, dried)
price_above                 percent                         asking price above the highest price
price_unknown               side                            no price on side 'seller', 'buyer' or 'both'
price_units_differ          (none)                          both priced, in units that do not convert
price_doubtful              factor                          prices differ by this factor (above 20): a wrong unit?
volume_covers_part          percent                         the offer covers 30 to 99 % of the need
volume_small                percent                         the offer covers less than 30 % of the need
volume_unknown              side                            as price_unknown
volume_units_differ         (none)                          both stated, in units that do not convert
demand_small                percent                         the need takes only this share of the offer
minimum_order_too_big       percent                         minimum order is this percent of the need (above 100)
minimum_order_unknown       (none)                          the offer states no minimum order
certificate_missing         certificates, count             required and not held
season_gap                  months, count                   months wanted in which the offer cannot deliver
far                         km                              more than 700 km
distance_unknown            (none)                          a place is not known
cold_chain_needed           keeping                         has to travel cold
keeps_short                 keeping                         keeps only weeks or days, without a cold chain
data_old                    days                            the older listing was confirmed more than 60 days ago
data_aging                  days                            the older listing was confirmed 1 to 60 days ago
nothing_weak                (none)                          no part loses anything
==========================  ==============================  ======================================================

Fixes (every fix has ``gain``)
------------------------------
==========================  ==============================  ======================================================
code                        parameters                      for whom
==========================  ==============================  ======================================================
add_price                   gain                            seller, buyer
lower_price                 gain, percent                   seller: by this percent to reach the highest price
raise_price                 gain, percent                   buyer: by this percent to reach the asking price
check_price                 gain                            seller, buyer: prices far apart, check the unit
same_unit                   gain                            seller, buyer: state price or volume in kilograms
add_volume                  gain                            seller, buyer
join_supply                 gain, percent                   seller: covers this percent now; join with others
split_order                 gain, percent                   buyer: covered this percent; buy the rest elsewhere
add_minimum_order           gain                            seller
lower_minimum_order         gain, percent                   seller: by this percent to fit the need
join_order                  gain, percent                   buyer: minimum order is this percent of the need
add_certificate             gain, certificates, count       seller
relax_certificate           gain, certificates, count       buyer
add_months                  gain, months, count             seller: months that the buyer also wants
shift_months                gain, months, count             buyer: months in which the seller can deliver
add_packing                 gain                            seller: goods that travel cold or keep short
name_commodity              gain                            seller, buyer: choose the commodity from the list
name_form                   gain                            seller, buyer: say the state (fresh, frozen, dried)
renew_listing               gain, days                      seller, buyer: confirm the listing again
arrange_freight             gain                            seller, buyer: nothing else to fix; gain is 0
==========================  ==============================  ======================================================
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chances import PARTS, score_with
from app.algorithms.fixes import buyer_fixes, fix_scores, seller_fixes
from app.algorithms.pairs import Pair, Reason
from app.algorithms.ranker import Ranking
from app.algorithms.reasons import reasons_of, weaknesses_of

Side = Literal["seller", "buyer"]
Floats = NDArray[np.float64]

N_REASONS = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said about one pair.

    `reasons` holds three reasons, strongest first (fewer only where fewer are true). `fix` is the one of the two
    fixes with the larger gain, `fix_side` its owner.
    """

    reasons: tuple[Reason, ...]
    weakness: Reason
    seller_fix: Reason
    buyer_fix: Reason
    fix: Reason
    fix_side: Side


def explain(ranking: Ranking, i: int) -> Explanation:
    """Explain the pair in place `i` of the ranking.

    Raises
    ------
    IndexError
        If there is no such pair.
    """
    if not -len(ranking) <= i < len(ranking):
        raise IndexError(f"no pair {i} in a ranking of {len(ranking)}")
    return next(_explanations(ranking, np.array([i])))


def explain_all(ranking: Ranking) -> list[Explanation]:
    """Explain every pair, in the order of the ranking.

    Examples
    --------
    >>> from app.algorithms.listing import Listing
    >>> from app.algorithms.ranker import PairRanker
    >>> offer = Listing("Beras premium", commodity="beras", province="A", price_kg=12_000.0)
    >>> need = Listing("cari beras premium", commodity="beras", province="B", price_kg=15_000.0)
    >>> found = explain_all(PairRanker().fit([offer], [need]).rank())[0]
    >>> [reason.code for reason in found.reasons]
    ['same_commodity', 'price_below', 'keeps_well']
    >>> found.weakness.code, found.fix.code, found.fix_side
    ('volume_unknown', 'add_volume', 'seller')
    """
    return list(_explanations(ranking, np.arange(len(ranking))))


def _explanations(ranking: Ranking, rows: NDArray[np.intp]) -> Iterator[Explanation]:
    parts = {part: values[rows] for part, values in ranking.parts.items()}
    score = ranking.score[rows]
    model = ranking.model
    carries = {part: score - score_with(parts, part, 0.0, model) for part in PARTS}
    costs = {part: score_with(parts, part, 1.0, model) - score for part in PARTS}
    gains = {code: scores - score for code, scores in fix_scores(parts, model).items()}
    for place, row in enumerate(rows.tolist()):
        pair = _pair(ranking, row)
        yield _explanation(pair, _at(carries, place), _at(costs, place), _at(gains, place))


def _explanation(
    pair: Pair, carries: Mapping[str, float], costs: Mapping[str, float], gains: Mapping[str, float]
) -> Explanation:
    seller, buyer = seller_fixes(pair, gains)[0], buyer_fixes(pair, gains)[0]
    weakness = weaknesses_of(pair, costs)[0]
    reasons = [reason for reason in reasons_of(pair, carries) if reason.code != weakness.code]
    seller_first = float(seller.params["gain"]) >= float(buyer.params["gain"])
    return Explanation(
        reasons=tuple(reasons[:N_REASONS]),
        weakness=weakness,
        seller_fix=seller,
        buyer_fix=buyer,
        fix=seller if seller_first else buyer,
        fix_side="seller" if seller_first else "buyer",
    )


def _pair(ranking: Ranking, row: int) -> Pair:
    return Pair(
        need=ranking.needs[ranking.need_index[row]],
        offer=ranking.offers[ranking.offer_index[row]],
        parts=_at(ranking.parts, row),
        known={part: bool(values[row]) for part, values in ranking.known.items()},
        facts=_at(ranking.facts, row),
    )


def _at(columns: Mapping[str, Floats], row: int) -> dict[str, float]:
    return {name: float(values[row]) for name, values in columns.items()}
