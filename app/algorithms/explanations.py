"""Why a pair is proposed, what is weak about it and what its owners can do: codes and numbers, no sentences.

A code is a machine word with parameters; a template turns it into a sentence. Statements come from the numbers that
made the score: a reason is a part whose absence would lower the score, a weakness is the part that costs most of it,
a fix is what would raise it most (``gain`` = points of score in [0, 1] that the fix can bring).

`percent` is a whole number of percent, `km` whole kilometers, `days` whole days; lists are joined by ", ".

Reasons
-------
==========================  ==============================  ======================================================
code                        parameters                      true when
==========================  ==============================  ======================================================
same_commodity              commodity                       both sides name the same commodity
kind_of_asked               commodity, asked                the offer is a kind of what the need asks for
same_family                 family                          the need (or offer) asks for a whole family
words_alike                 percent                         the two texts are alike
form_same                   form                            same form (fresh, frozen, dried, ...)
form_serves                 offered, asked                  another form, near enough to serve
price_below                 percent                         asking price more than 5 % below the highest price
price_within                percent                         asking price 0 to 5 % below the highest price
volume_covers               percent                         the offer covers the whole need (percent of it)
volume_covers_part          percent                         the offer covers 30 to 99 % of the need
demand_takes                percent                         the need takes this share of the offer (at least 30 %)
minimum_order_met           percent                         minimum order is this percent of the need (at most 100)
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
commodity_unknown           (none)                          a side names no commodity; words decide
words_differ                percent                         the two texts share little
form_other                  offered, asked                  another form
form_unknown                (none)                          the form is not known on both sides
price_above                 percent                         asking price above the highest price
price_unknown               side                            no price on side 'seller', 'buyer' or 'both'
price_units_differ          (none)                          both priced, in units that do not convert
volume_covers_part          percent                         the offer covers only part of the need
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

Fixes (``side`` is 'seller' or 'buyer'; every fix has ``gain``)
-----
==========================  ==============================  ======================================================
code                        parameters                      for whom
==========================  ==============================  ======================================================
add_price                   gain                            seller, buyer
lower_price                 gain, percent                   seller: by this percent to reach the highest price
raise_price                 gain, percent                   buyer: by this percent to reach the asking price
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
name_form                   gain                            seller, buyer: say the form (fresh, frozen, dried)
renew_listing               gain, days                      seller, buyer: confirm the listing again
arrange_freight             gain                            seller, buyer: nothing else to fix; gain is 0
==========================  ==============================  ======================================================
"""

from dataclasses import dataclass
from typing import Literal

Side = Literal["seller", "buyer"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement about a pair: a code of this module's tables and its parameters."""

    code: str
    params: dict[str, float | str]


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
