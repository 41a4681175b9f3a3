"""Dumb baselines that every ranking has to beat."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.algorithms.listing import Listing


def shared_commodity_scores(
    offers: Sequence[Listing],
    needs: Sequence[Listing],
    need_index: NDArray[np.intp],
    offer_index: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return 1.0 for each pair whose listings share a commodity code, else 0.0.

    Parameters
    ----------
    offers, needs : sequences of Listing
    need_index, offer_index : int arrays of shape (n_pairs,)

    Returns
    -------
    float array of shape (n_pairs,)
        Ties are many and keep input order.

    Examples
    --------
    >>> rice = Listing("beras", commodity="beras")
    >>> shared_commodity_scores([rice], [rice, Listing("ikan")], np.array([0, 1]), np.array([0, 0])).tolist()
    [1.0, 0.0]
    """
    offered = [frozenset(listing.codes) for listing in offers]
    asked = [frozenset(listing.codes) for listing in needs]
    shared = (bool(asked[n] & offered[o]) for n, o in zip(need_index.tolist(), offer_index.tolist(), strict=True))
    return np.fromiter(shared, dtype=np.float64, count=len(need_index))


def random_scores(n_pairs: int, random_state: int) -> NDArray[np.float64]:
    """Return uniform scores in [0, 1), the same for the same `random_state`.

    >>> random_scores(3, 7).shape
    (3,)
    """
    return np.random.default_rng(random_state).random(n_pairs)
