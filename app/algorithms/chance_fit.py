"""Fit one side's chance to what people decided.

    side = ChanceFit(prior=COLD_START.buyer).fit(log_parts(parts), said_yes).to_side_model()

Decisions are few and only ever made about pairs that were proposed, so the weights start from a prior and leave it as
far as the decisions pull them. No weight is negative: a better price never lowers a chance, whatever a small sample
happens to hold, and every stated reason stays true.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from app.algorithms.chances import PARTS, SideModel

Floats = NDArray[np.float64]


class ChanceFit(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Logistic regression with weights that are never negative, pulled to those of a prior.

    Minimises, over the intercept b and the weights w >= `min_weight`::

        sum of sample_weight * log loss  +  strength / 2 * (|w - w0|^2 + (b - b0)^2)

    which is the maximum a posteriori estimate where each weight is normal around the prior with variance 1 / strength.

    Parameters
    ----------
    prior : SideModel or None, default None
        The model to start from. `X` then has the columns `PARTS`, and parts that this side does not name keep the
        weight 0. Without a prior the columns are any, and w0 and b0 are 0.
    strength : float > 0, default 2.0
        Pull to the prior: every weight is taken to lie within about 1 / sqrt(strength) of it.
    min_weight : float >= 0, default 0.02
        Lowest weight of a part that counts, so that losing any part strictly lowers the chance.
    max_iter : int, default 500

    Attributes
    ----------
    coef_ : float array of shape (1, n_features)
    intercept_ : float array of shape (1,)
    classes_ : array of shape (2,)
    n_iter_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        In `fit`: if `y` holds fewer or more than two classes, if weights are negative, if `strength` is not above
        zero, or if the columns are not those of the prior.

    References
    ----------
    Byrd, Lu, Nocedal, Zhu (1995), A limited memory algorithm for bound constrained optimization (L-BFGS-B).
    The pull to a prior that is not zero is the usual Gaussian MAP estimate (Bishop 2006, section 4.5).

    Examples
    --------
    >>> X = np.log([[1.0, 0.9], [0.9, 0.3], [0.2, 0.8], [0.1, 0.4]])
    >>> fitted = ChanceFit(strength=0.1).fit(X, [True, True, False, False])
    >>> bool(fitted.coef_[0, 0] > fitted.coef_[0, 1] >= 0.02)
    True
    """

    def __init__(
        self, prior: SideModel | None = None, *, strength: float = 2.0, min_weight: float = 0.02, max_iter: int = 500
    ) -> None:
        self.prior = prior
        self.strength = strength
        self.min_weight = min_weight
        self.max_iter = max_iter

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to rows `X` of logarithms of parts, shape (n, n_features), and the answers `y`, shape (n,)."""
        if not self.strength > 0 or self.min_weight < 0:
            raise ValueError("strength has to be above 0 and min_weight at least 0")
        columns, answers = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(answers)
        weight: Floats = _check_sample_weight(sample_weight, columns, dtype=np.float64, ensure_non_negative=True)
        self.classes_, said = np.unique(answers, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                f"Only binary classification is supported, not {len(self.classes_)} class(es) of answers."
            )
        start, is_free = self._start(columns.shape[1])
        self._minimise(columns, said.astype(np.float64), weight, start, is_free)
        return self

    def _start(self, n_features: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Return intercept and weights of the prior in one array, and which weights may move."""
        if self.prior is None:
            return np.zeros(n_features + 1), np.ones(n_features, dtype=np.bool_)
        if n_features != len(PARTS):
            raise ValueError(f"a prior needs the {len(PARTS)} columns of PARTS, not {n_features}")
        weights = self.prior.weights
        start = np.array([self.prior.intercept, *(weights.get(part, 0.0) for part in PARTS)])
        return start, np.array([part in weights for part in PARTS])

    def _minimise(
        self, columns: Floats, said: Floats, weight: Floats, start: Floats, is_free: NDArray[np.bool_]
    ) -> None:
        def loss(values: Floats) -> tuple[float, Floats]:
            total = values[0] + columns @ values[1:]
            pull = values - start
            wrong = weight * (expit(total) - said)
            height = weight @ (np.logaddexp(0.0, total) - said * total) + self.strength / 2 * pull @ pull
            return float(height), np.concatenate([[wrong.sum()], columns.T @ wrong]) + self.strength * pull

        bounds = [(None, None), *((self.min_weight, None) if free else (0.0, 0.0) for free in is_free)]
        lowest = np.concatenate([[-np.inf], np.where(is_free, self.min_weight, 0.0)])
        found = minimize(
            loss, np.maximum(start, lowest), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": self.max_iter},
        )
        self.intercept_, self.coef_ = found.x[:1], found.x[1:].reshape(1, -1)
        self.n_iter_ = int(found.nit)

    def decision_function(self, X: ArrayLike) -> Floats:
        """Return the log odds of the second class: a float array of shape (n,)."""
        check_is_fitted(self)
        columns = validate_data(self, X, reset=False, dtype=np.float64)
        odds: Floats = columns @ self.coef_[0] + self.intercept_[0]
        return odds

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the chances of both classes: a float array of shape (n, 2) in [0, 1], rows sum to 1."""
        chance = expit(self.decision_function(X))
        return np.column_stack([1 - chance, chance])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the likelier class of each row."""
        is_second = self.decision_function(X) > 0
        likelier: NDArray[Any] = self.classes_[is_second.astype(np.intp)]
        return likelier

    def to_side_model(self) -> SideModel:
        """Return intercept and weights by name of part; only for a fit that started from a prior."""
        check_is_fitted(self)
        if self.prior is None:
            raise ValueError("without a prior the columns have no names")
        weights = dict(zip(PARTS, self.coef_[0].tolist(), strict=True))
        return SideModel(float(self.intercept_[0]), {part: weights[part] for part in self.prior.weights})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # no weight may be negative, whatever the columns mean
        return tags
