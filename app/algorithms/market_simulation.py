"""How many pairs would find each other if lists were ordered this way or that? Seeded markets with popular firms.

A firm sees its list and examines place r with chance 1 / r; it wants what it examines with its own chance. A match
needs that both do. Positions and chances are invented: the figures compare orders, they do not predict a mission.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.algorithms.two_sided import TransferableUtilityOrder, rank_within

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

TOP = 10  # places of a list
CANDIDATES = 50  # of each firm in the sparse markets
ALMOST_NONE = 0.1  # of the mean exposure of a firm's side
PUBLISHED_BETA = 0.1


@dataclass(frozen=True, slots=True)
class Market:
    """Two sides and the chances of their candidate pairs; arrays of shape (n_pairs,).

    buyer, seller : positions of the pair's firms.
    buyer_chance, seller_chance : in [0, 1], that the buyer wants the seller and the other way round.
    """

    n_buyers: int
    n_sellers: int
    buyer: Indices
    seller: Indices
    buyer_chance: Floats
    seller_chance: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of one order of the lists.

    expected_matches : mean number of pairs that examine and want each other.
    gini : in [0, 1], of exposure (sum of 1 / rank over the lists a firm stands in), mean of both sides; 0 is even.
    almost_none_share : in [0, 1], firms of both sides with less than a tenth of the mean exposure of their side.
    """

    expected_matches: float
    gini: float
    almost_none_share: float


# Values by which buyers' lists and sellers' lists are ordered, of one market.
Order = Callable[[Market], tuple[Floats, Floats]]


def simulated_market(n_buyers: int, n_sellers: int, popularity: float, random_state: int) -> Market:
    """Return a market in which every buyer can meet every seller.

    A chance is popularity * (common rank of the partner, evenly from 1 to 0) + (1 - popularity) * (uniform taste).

    Parameters
    ----------
    n_buyers, n_sellers : int, at least 1
    popularity : float in [0, 1]
        "Lambda": 0 is taste alone, 1 makes all want the same firms.
    random_state : int

    Returns
    -------
    Market

    Raises
    ------
    ValueError
        If a size or the popularity is out of range.

    References
    ----------
    Tomita, Togashi, Hashizume and Ohsaka, RecSys 2023, synthetic data.

    Examples
    --------
    >>> market = simulated_market(2, 3, 1.0, random_state=7)
    >>> market.buyer_chance.tolist()
    [1.0, 0.5, 0.0, 1.0, 0.5, 0.0]
    """
    if min(n_buyers, n_sellers) < 1:
        raise ValueError("a market needs at least one buyer and one seller")
    if not 0.0 <= popularity <= 1.0:
        raise ValueError(f"popularity must be in [0, 1], not {popularity}")
    generator = np.random.default_rng(random_state)
    taste = generator.random((2, n_buyers, n_sellers))
    common = np.broadcast_arrays(np.linspace(1, 0, n_sellers)[None, :], np.linspace(1, 0, n_buyers)[:, None])
    chance = popularity * np.stack(common) + (1 - popularity) * taste
    buyer, seller = np.divmod(np.arange(n_buyers * n_sellers), n_sellers)
    return Market(n_buyers, n_sellers, buyer, seller, chance[0].ravel(), chance[1].ravel())


def with_candidates(market: Market, candidates: int = CANDIDATES) -> Market:
    """Return the market with only those pairs that are among the best of either side by the product of chances."""
    joint = market.buyer_chance * market.seller_chance
    for_buyer = rank_within(market.buyer, joint, market.seller, candidates)
    for_seller = rank_within(market.seller, joint, market.buyer, candidates)
    kept = (for_buyer > 0) | (for_seller > 0)
    return replace(
        market,
        buyer=market.buyer[kept],
        seller=market.seller[kept],
        buyer_chance=market.buyer_chance[kept],
        seller_chance=market.seller_chance[kept],
    )


def own_side(market: Market) -> tuple[Floats, Floats]:
    """Order each list by the wishes of its reader alone."""
    return market.buyer_chance, market.seller_chance


def product(market: Market) -> tuple[Floats, Floats]:
    """Order both lists by the chance that both want it."""
    joint = market.buyer_chance * market.seller_chance
    return joint, joint


def harmonic_mean(market: Market) -> tuple[Floats, Floats]:
    """Order both lists by the harmonic mean of the chances."""
    total = market.buyer_chance + market.seller_chance
    joint = np.divide(2 * market.buyer_chance * market.seller_chance, total, out=np.zeros_like(total), where=total > 0)
    return joint, joint


def minimum(market: Market) -> tuple[Floats, Floats]:
    """Order both lists by the smaller chance."""
    joint = np.minimum(market.buyer_chance, market.seller_chance)
    return joint, joint


def transferable_utility(market: Market) -> tuple[Floats, Floats]:
    """Order by `TransferableUtilityOrder` as the product uses it."""
    return _by_equilibrium(market, TransferableUtilityOrder())


def transferable_utility_as_published(market: Market) -> tuple[Floats, Floats]:
    """Order by the equilibrium on the sum of the chances, at the temperature that earlier measurements used."""
    return _by_equilibrium(market, TransferableUtilityOrder(beta=PUBLISHED_BETA, surplus="sum"))


def transferable_utility_on_candidates(market: Market) -> tuple[Floats, Floats]:
    """Order by `TransferableUtilityOrder` on a sparse market; pairs outside of it are shown to nobody."""
    return _on_candidates(market, transferable_utility)


def published_on_candidates(market: Market) -> tuple[Floats, Floats]:
    """Order a sparse market as published."""
    return _on_candidates(market, transferable_utility_as_published)


ORDERS: Mapping[str, Order] = MappingProxyType({
    "own side": own_side,
    "product": product,
    "harmonic mean": harmonic_mean,
    "minimum": minimum,
    "TU, sum (published)": transferable_utility_as_published,
    "TU, sum, sparse": published_on_candidates,
    "TU": transferable_utility,
    "TU, sparse": transferable_utility_on_candidates,
})


def outcome_of(market: Market, for_buyers: Floats, for_sellers: Floats, top: int = TOP) -> Outcome:
    """Return what comes of lists ordered by these values.

    Parameters
    ----------
    market : Market
    for_buyers, for_sellers : float arrays of shape (n_pairs,)
        Higher is shown earlier; -inf is not shown.
    top : int
        Places of a list.

    Returns
    -------
    Outcome
    """
    seen_by_buyer = _examined(rank_within(market.buyer, for_buyers, market.seller, top))
    seen_by_seller = _examined(rank_within(market.seller, for_sellers, market.buyer, top))
    wanted = market.buyer_chance * seen_by_buyer * market.seller_chance * seen_by_seller
    exposures: list[Floats] = [
        np.bincount(market.seller, seen_by_buyer, market.n_sellers).astype(np.float64),
        np.bincount(market.buyer, seen_by_seller, market.n_buyers).astype(np.float64),
    ]
    neglected = sum(int((one < ALMOST_NONE * one.mean()).sum()) for one in exposures)
    return Outcome(
        expected_matches=float(wanted.sum()),
        gini=float(np.mean([gini(one) for one in exposures])),
        almost_none_share=neglected / (market.n_buyers + market.n_sellers),
    )


def compare_orders(
    n_buyers: int = 500, n_sellers: int = 800, popularity: float = 0.7, random_state: int = 1, n_markets: int = 3
) -> dict[str, Outcome]:
    """Return the mean outcome of every order in ORDERS over some markets.

    Parameters
    ----------
    n_buyers, n_sellers, popularity, random_state
        As in `simulated_market`; the seeds of the markets follow `random_state`.
    n_markets : int, at least 1

    Returns
    -------
    dict of order name -> Outcome
        In the order of ORDERS.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if n_markets < 1:
        raise ValueError("n_markets must be at least 1")
    found: dict[str, list[Outcome]] = {name: [] for name in ORDERS}
    for seed in range(random_state, random_state + n_markets):
        market = simulated_market(n_buyers, n_sellers, popularity, seed)
        for name, order in ORDERS.items():
            found[name].append(outcome_of(market, *order(market)))
    return {name: _mean(outcomes) for name, outcomes in found.items()}


def gini(amounts: Floats) -> float:
    """Return the Gini coefficient of non-negative amounts: 0 when all are equal (or all are 0), near 1 for one owner.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0])), gini(np.array([0.0, 1.0]))
    (0.0, 0.5)
    """
    total = float(amounts.sum())
    if total <= 0:
        return 0.0
    n = len(amounts)
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(amounts) / (n * total))


def _examined(rank: Indices) -> Floats:
    return np.divide(1.0, rank, out=np.zeros(len(rank)), where=rank > 0)


def _by_equilibrium(market: Market, order: TransferableUtilityOrder) -> tuple[Floats, Floats]:
    order.fit(
        market.buyer, market.seller, market.buyer_chance, market.seller_chance, market.n_buyers, market.n_sellers
    )
    return order.need_value_, order.offer_value_


def _on_candidates(market: Market, order: Order) -> tuple[Floats, Floats]:
    """Return the values of a full market's pairs, -inf outside of the candidates."""
    sparse = with_candidates(market)
    place = sparse.buyer * market.n_sellers + sparse.seller
    values = np.full((2, len(market.buyer)), -np.inf)
    values[:, place] = order(sparse)
    return values[0], values[1]


def _mean(outcomes: list[Outcome]) -> Outcome:
    return Outcome(
        expected_matches=float(np.mean([one.expected_matches for one in outcomes])),
        gini=float(np.mean([one.gini for one in outcomes])),
        almost_none_share=float(np.mean([one.almost_none_share for one in outcomes])),
    )
