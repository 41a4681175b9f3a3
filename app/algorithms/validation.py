"""Measure on what was not fitted: folds of needs, chances fitted without a fold, thresholds chosen without a fold.

All pairs of a need are in one fold, so that nothing learned from a need is measured on it.
"""

import numpy as np
from numpy.typing import NDArray

from app.algorithms.chance_fit import ChanceFit
from app.algorithms.chances import COLD_START, SideModel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

# A start that has seen no graded pair, as the weights in use have: every part of the buyer's counts the same.
PLAIN_PRIOR = SideModel(3.0, dict.fromkeys(COLD_START.buyer.weights, 1.0))


def fold_numbers(n_needs: int, folds: int, random_state: int = 0) -> Indices:
    """Return the fold of each need: shuffled, sizes differ by at most one.

    Parameters
    ----------
    n_needs : int
    folds : int in [2, n_needs]
    random_state : int

    Returns
    -------
    int array of shape (n_needs,) in [0, folds)

    Raises
    ------
    ValueError
        If there are fewer than two folds or fewer needs than folds.

    Examples
    --------
    >>> sorted(fold_numbers(5, 2).tolist())
    [0, 0, 0, 1, 1]
    """
    if not 2 <= folds <= n_needs:
        raise ValueError(f"folds must be between 2 and the number of needs ({n_needs}), not {folds}")
    found: Indices = np.random.default_rng(random_state).permutation(n_needs) % folds
    return found


def held_out_chances(
    columns: Floats, is_right: Flags, fold: Indices, prior: SideModel = PLAIN_PRIOR, strength: float = 2.0
) -> Floats:
    """Return the buyer's chance of each pair, by a model that was fitted to the pairs of the other folds.

    Parameters
    ----------
    columns : float array of shape (n, n_parts)
        From `app.algorithms.chances.log_parts`.
    is_right : bool array of shape (n,)
        Whether judges called the pair right.
    fold : int array of shape (n,)
        Of the need of the pair.
    prior : SideModel
        What the fit starts from; `PLAIN_PRIOR`, because the weights in use were fitted to graded pairs.
    strength : float > 0
        Pull to the prior.

    Returns
    -------
    float array of shape (n,) in [0, 1]

    Raises
    ------
    ValueError
        If the arrays differ in length, or if the other folds of a fold hold only right or only wrong pairs.

    Examples
    --------
    >>> good, bad = np.zeros((4, 13)), np.full((4, 13), -2.0)
    >>> chance = held_out_chances(np.vstack([good, bad]), np.repeat([True, False], 4), np.tile([0, 1], 4))
    >>> bool(chance[:4].min() > 0.9 > 0.1 > chance[4:].max())
    True
    """
    _check_lengths(columns, is_right, fold)
    chance = np.zeros(len(columns))
    for one in np.unique(fold):
        held = fold == one
        fitted = ChanceFit(prior, strength=strength).fit(columns[~held], is_right[~held])
        chance[held] = fitted.predict_proba(columns[held])[:, 1]
    return chance


def held_out_thresholds(score: Floats, is_right: Flags, fold: Indices) -> Floats:
    """Return for each pair the threshold that is best on the pairs of the other folds.

    Parameters
    ----------
    score : float array of shape (n,)
    is_right : bool array of shape (n,)
    fold : int array of shape (n,)

    Returns
    -------
    float array of shape (n,)
        See `best_threshold`; a pair is called suitable when its score is at least that.

    Raises
    ------
    ValueError
        If the arrays differ in length.

    Examples
    --------
    >>> held_out_thresholds(np.array([0.9, 0.8, 0.2]), np.array([True, True, False]), np.array([0, 1, 1])).tolist()
    [0.8, 0.9, 0.9]
    """
    _check_lengths(score, is_right, fold)
    threshold = np.zeros(len(score))
    for one in np.unique(fold):
        held = fold == one
        threshold[held] = best_threshold(score[~held], is_right[~held])
    return threshold


def best_threshold(score: Floats, is_right: Flags) -> float:
    """Return the score from which on pairs are to be called right, so that F1 is highest.

    Parameters
    ----------
    score : float array of shape (n,)
        Finite.
    is_right : bool array of shape (n,)

    Returns
    -------
    float
        One of the scores, the highest that does as well; infinity where no pair is right.

    Examples
    --------
    >>> best_threshold(np.array([0.9, 0.7, 0.5, 0.1]), np.array([True, False, True, False]))
    0.5
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(is_right[order])
    if len(hits) == 0 or hits[-1] == 0:
        return float("inf")
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    is_last = np.append(np.diff(score[order]) != 0, True)  # pairs of equal score are called together
    return float(score[order][np.argmax(np.where(is_last, f1, -1.0))])


def _check_lengths(first: Floats, *others: NDArray[np.generic]) -> None:
    if any(len(other) != len(first) for other in others):
        raise ValueError("all arrays must have one row a pair")
