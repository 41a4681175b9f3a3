"""In which order should lists show pairs, so that many pairs want each other and nobody is crowded out?

Lists by own taste, or by the product of both, all show the same popular firms; most of those showings lead nowhere.
Here each firm has one unit of attention to give. Competition for it settles as in a market with transferable
utility, and lists are ordered by how much attention a pair gets there.
"""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SMALLEST_BETA = 0.004  # exp(2 / (2 * 0.004)) = 1e108: sums of a billion such can be squared in a float64
_DIGITS = 7  # values are compared to this many decimals: beyond, the order of a sum would decide


class TransferableUtilityOrder(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Order the lists of both sides by a matching with transferable utility, on a sparse graph of candidates.

    The mass of a pair (i, j) in equilibrium is sqrt(m_i0 m_0j) exp(surplus_ij / (2 beta)), where m_i0 and m_0j is what
    stays alone; the masses of a firm and what stays alone of it add up to 1.

    Parameters
    ----------
    beta : float of at least 0.004, default 0.01
        Temperature. Low: attention goes where it counts most, and spreads; high: nearly the order of the surplus.
    surplus : "product" or "sum", default "product"
        What a pair is worth, from the two chances p and q: 2 p q, twice the chance that both want it; or p + q, as
        published, which overrates pairs that only one side wants.
    max_iter : int, default 300
        Each costs two products of a sparse matrix with a vector.
    tol : float, default 1e-3
        Stop when no firm's share that stays alone changes by more (absolute, of 1).

    Attributes
    ----------
    mass_ : float array of shape (n_pairs,), in [0, 1]
        In the order of the input; sums to at most 1 for each need and for each offer. 0 where a chance is 0.
    need_value_, offer_value_ : float arrays of shape (n_pairs,)
        What a need's list and an offer's list are ordered by, higher first; only comparable within one list, where
        it is the order of the masses; -inf where a chance is 0. It is a logarithm, so that small masses do not tie.
    need_alone_, offer_alone_ : float arrays of shape (n_needs,) and (n_offers,), in (0, 1]
        What stays alone: 1 for who has no pair, near 0 for who is in great demand.
    n_iter_ : int
    is_converged_ : bool
        False when max_iter ended it. The masses are feasible all the same. Two sides of one size and few pairs need
        long for the last digits; the order of the lists is settled long before.

    Notes
    -----
    Deterministic, and the same whatever the order of the pairs. Cost: n_iter * n_pairs time, about 70 bytes a pair
    beside the input.

    The defaults were chosen on simulated markets (`app.algorithms.market_simulation`; expected matches at 500 x 800,
    popularity 0.7, 50 candidates a side, where lists by p q reach 95):

    ========  ====  ====  ====  ====  =====
    beta      0.1   0.05  0.02  0.01  0.005
    ========  ====  ====  ====  ====  =====
    sum        187   221   286   326    347
    product    200   257   345   357    359
    ========  ====  ====  ====  ====  =====

    Below 0.01 little is gained and iterations double. Where most chances are small (those of that market cubed), the
    sum at its best reaches 106 and the product 147 (lists by p q: 71). With noise (standard deviation 0.2) on the
    chances it is 284 for the product at 0.01, still the best of the table.

    References
    ----------
    Choo and Siow, Journal of Political Economy 114 (2006): the equilibrium. Galichon and Salanié, Review of Economic
    Studies 89 (2022): iterative proportional fitting. Tomita, Togashi, Hashizume and Ohsaka, RecSys 2022 and 2023:
    lists ordered by it. They compute a dense matrix; here pairs outside of the candidates have no mass.

    Examples
    --------
    Both needs like offer 0 best; offer 0 likes need 0 better, so need 1 is shown offer 1 first.

    >>> order = TransferableUtilityOrder().fit([0, 0, 1, 1], [0, 1, 0, 1], [0.9, 0.5, 0.9, 0.8], [0.9, 0.5, 0.6, 0.6])
    >>> order.mass_.round(1).tolist()
    [1.0, 0.0, 0.0, 1.0]
    >>> rank_for_need, rank_for_offer = order.ranks(top=10)
    >>> rank_for_need.tolist()
    [1, 2, 2, 1]
    """

    def __init__(self, beta: float = 0.01, surplus: str = "product", max_iter: int = 300, tol: float = 1e-3) -> None:
        self.beta = beta
        self.surplus = surplus
        self.max_iter = max_iter
        self.tol = tol

    def fit(
        self,
        need_index: ArrayLike,
        offer_index: ArrayLike,
        buyer_chance: ArrayLike,
        seller_chance: ArrayLike,
        n_needs: int | None = None,
        n_offers: int | None = None,
    ) -> Self:
        """Find the equilibrium.

        Parameters
        ----------
        need_index, offer_index : int arrays of shape (n_pairs,)
            Every pair at most once, in any order; may be empty.
        buyer_chance, seller_chance : float arrays of shape (n_pairs,), in [0, 1]
            That the buyer wants this offer, that the seller wants this buyer.
        n_needs, n_offers : int, optional
            Sizes of the sides; one more than the largest index when left out.

        Returns
        -------
        TransferableUtilityOrder

        Raises
        ------
        ValueError
            If a parameter, an index or a chance is out of range or missing, lengths differ, or a pair occurs twice.
        """
        self._check_parameters()
        need, n_needs = _checked_index(need_index, n_needs, "need")
        offer, n_offers = _checked_index(offer_index, n_offers, "offer")
        if len(need) != len(offer):
            raise ValueError(f"need_index has {len(need)} pairs, offer_index has {len(offer)}")
        buyer = _checked_chance(buyer_chance, len(need), "buyer_chance")
        seller = _checked_chance(seller_chance, len(need), "seller_chance")
        self._need, self._offer = need, offer
        exponent = _surplus(buyer, seller, self.surplus) / (2 * self.beta)
        kernel = _kernel(need, offer, exponent, (n_needs, n_offers))
        need_scale, offer_scale = self._equilibrium(kernel)
        self.need_alone_, self.offer_alone_ = need_scale**2, offer_scale**2
        self.need_value_ = exponent + np.log(offer_scale)[offer]
        self.offer_value_ = exponent + np.log(need_scale)[need]
        mass = np.exp(self.need_value_ + np.log(need_scale)[need])
        self.mass_ = _feasible(mass, need, offer, n_needs, n_offers)
        return self

    def ranks(
        self, top: int, need_tie: ArrayLike | None = None, offer_tie: ArrayLike | None = None
    ) -> tuple[Indices, Indices]:
        """Return the place of each pair in its need's list and in its offer's list.

        Parameters
        ----------
        top : int
            Length of the lists, at least 1.
        need_tie, offer_tie : int arrays of shape (n_needs,) and (n_offers,), optional
            Among equals, the partner with the lower number comes first; the position itself when left out.

        Returns
        -------
        tuple of two int arrays of shape (n_pairs,)
            1 is best; 0 where the pair is beyond the first `top` or one of its chances is 0.
        """
        check_is_fitted(self, "mass_")
        need_tie = self._need if need_tie is None else np.asarray(need_tie)[self._need]
        offer_tie = self._offer if offer_tie is None else np.asarray(offer_tie)[self._offer]
        return (
            rank_within(self._need, self.need_value_, offer_tie, top),
            rank_within(self._offer, self.offer_value_, need_tie, top),
        )

    def _equilibrium(self, kernel: sp.csr_array) -> tuple[Floats, Floats]:
        """Return the square roots of what stays alone, needs and offers, by iterative proportional fitting."""
        transposed = kernel.T
        need_scale, offer_scale = np.ones(kernel.shape[0]), np.ones(kernel.shape[1])
        self.n_iter_, self.is_converged_ = 0, False
        while self.n_iter_ < self.max_iter and not self.is_converged_:
            before = need_scale, offer_scale
            need_scale = _scale(kernel @ offer_scale)
            offer_scale = _scale(transposed @ need_scale)
            self.n_iter_ += 1
            self.is_converged_ = max(_moved(need_scale, before[0]), _moved(offer_scale, before[1])) <= self.tol
        return need_scale, offer_scale

    def _check_parameters(self) -> None:
        if not SMALLEST_BETA <= self.beta < np.inf:
            raise ValueError(f"beta must be at least {SMALLEST_BETA}, not {self.beta}")
        if self.max_iter < 1 or not self.tol > 0:
            raise ValueError("max_iter must be at least 1 and tol above 0")
        if self.surplus not in ("product", "sum"):
            raise ValueError(f"surplus must be 'product' or 'sum', not {self.surplus!r}")


def rank_within(group: Indices, value: Floats, tie: Indices, top: int) -> Indices:
    """Return 1, 2, ... within each group, highest value first; 0 beyond `top` and where the value is -inf.

    Parameters
    ----------
    group, tie : int arrays of shape (n,)
    value : float array of shape (n,)
        Equal within 1e-7 counts as a tie: the lower `tie` comes first.
    top : int

    Returns
    -------
    int array of shape (n,)

    Raises
    ------
    ValueError
        If `top` is below 1.

    Examples
    --------
    >>> rank_within(np.array([5, 5, 7]), np.array([0.1, 0.3, 0.2]), np.array([0, 1, 2]), top=10).tolist()
    [2, 1, 1]
    """
    if top < 1:
        raise ValueError("top must be at least 1")
    order = np.lexsort((tie, -np.round(value, _DIGITS), group))
    sorted_group = group[order]
    starts = np.flatnonzero(np.diff(sorted_group, prepend=-1))
    rank = np.empty(len(group), dtype=np.intp)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group))) + 1
    rank[(rank > top) | np.isneginf(value)] = 0
    return rank


def _checked_index(index: ArrayLike, size: int | None, side: str) -> tuple[Indices, int]:
    found = np.asarray(index)
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise ValueError(f"{side}_index must be one-dimensional and of integers")
    found = found.astype(np.intp, copy=False)
    size = int(found.max(initial=-1)) + 1 if size is None else size
    if len(found) and not (found.min() >= 0 and found.max() < size):
        raise ValueError(f"{side}_index must be in [0, {size})")
    return found, size


def _checked_chance(given: ArrayLike, n_pairs: int, name: str) -> Floats:
    chance = np.asarray(given, dtype=np.float64)
    if chance.shape != (n_pairs,):
        raise ValueError(f"{name} must have shape ({n_pairs},), not {chance.shape}")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError(f"{name} must be in [0, 1]")
    return chance


def _surplus(buyer: Floats, seller: Floats, kind: str) -> Floats:
    """Return what each pair is worth, in [0, 2]; -inf where a chance is 0: such a pair cannot come about."""
    worth = 2 * buyer * seller if kind == "product" else buyer + seller
    return np.where((buyer > 0) & (seller > 0), worth, -np.inf)


def _kernel(need: Indices, offer: Indices, exponent: Floats, shape: tuple[int, int]) -> sp.csr_array:
    """Return exp(exponent) as a matrix in canonical form, so that sums do not depend on the order of the pairs."""
    kernel = sp.csr_array((np.exp(exponent), (need.astype(np.int32), offer.astype(np.int32))), shape=shape)
    if kernel.nnz != len(need):
        raise ValueError("a pair occurs twice")
    kernel.sort_indices()
    return kernel


def _scale(total: Floats) -> Floats:
    """Return the positive root x of x² + total * x = 1, without the loss of digits of the usual formula."""
    half: Floats = total / 2
    return np.asarray(1.0 / (half + np.hypot(1.0, half)))


def _moved(after: Floats, before: Floats) -> float:
    return float(np.abs(after**2 - before**2).max(initial=0.0))


def _feasible(mass: Floats, need: Indices, offer: Indices, n_needs: int, n_offers: int) -> Floats:
    """Return `mass`, scaled down where a firm would have more than 1: an early stop leaves some a little above."""
    for index, size in ((need, n_needs), (offer, n_offers)):
        total = np.bincount(index, weights=mass, minlength=size)
        mass = mass / np.maximum(total, 1.0)[index]
    return mass
