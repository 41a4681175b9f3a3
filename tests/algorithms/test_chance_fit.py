import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.utils.estimator_checks import check_estimator

from app.algorithms.chance_fit import ChanceFit
from app.algorithms.chances import COLD_START, FLOOR, PARTS, ChanceModel, SideModel, log_parts, side_chances

FEW = settings(max_examples=25)  # each example is a whole fit
ROWS = 16
LOGS = arrays(np.float64, (ROWS, len(PARTS)), elements=st.floats(np.log(FLOOR), 0.0))
ANSWERS = st.lists(st.booleans(), min_size=ROWS, max_size=ROWS).filter(lambda said: 0 < sum(said) < ROWS)


def test_it_is_an_estimator_as_scikit_learn_knows_them() -> None:
    check_estimator(ChanceFit(), on_skip=None)


@FEW
@given(LOGS, ANSWERS)
def test_no_part_of_a_side_ever_counts_for_nothing(logs: np.ndarray, said: list[bool]) -> None:
    for prior in (COLD_START.buyer, COLD_START.seller):
        fitted = ChanceFit(prior).fit(logs, said)
        side = fitted.to_side_model()

        assert side.weights.keys() == prior.weights.keys()
        assert min(side.weights.values()) >= fitted.min_weight
        assert np.isfinite(side.intercept)
        assert (fitted.coef_[0, [part not in prior.weights for part in PARTS]] == 0).all()


@FEW
@given(LOGS, ANSWERS, st.sampled_from(PARTS))
def test_a_better_part_never_lowers_a_chance(logs: np.ndarray, said: list[bool], part: str) -> None:
    fitted, better = ChanceFit(COLD_START.buyer).fit(logs, said), logs.copy()
    better[:, PARTS.index(part)] = 0.0

    assert (fitted.predict_proba(better)[:, 1] >= fitted.predict_proba(logs)[:, 1]).all()


@FEW
@given(LOGS, ANSWERS)
def test_a_strong_pull_keeps_the_prior_and_a_weak_one_fits_better(logs: np.ndarray, said: list[bool]) -> None:
    stiff, loose = ChanceFit(COLD_START.buyer, strength=1e7), ChanceFit(COLD_START.buyer, strength=0.1)
    kept = stiff.fit(logs, said).to_side_model()

    assert kept.intercept == pytest.approx(COLD_START.buyer.intercept, abs=0.01)
    assert dict(kept.weights) == pytest.approx(dict(COLD_START.buyer.weights), abs=0.01)
    assert _loss(loose.fit(logs, said), logs, said) <= _loss(stiff, logs, said) + 1e-6


def _loss(fitted: ChanceFit, logs: np.ndarray, said: list[bool]) -> float:
    chance = fitted.predict_proba(logs)[:, 1]
    return float(-np.log(np.where(said, chance, 1 - chance)).sum())


@FEW
@given(LOGS, ANSWERS, st.permutations(range(ROWS)))
def test_the_order_of_decisions_does_not_matter(logs: np.ndarray, said: list[bool], order: list[int]) -> None:
    one = ChanceFit(COLD_START.seller).fit(logs, said)
    other = ChanceFit(COLD_START.seller).fit(logs[order], np.array(said)[order])

    assert other.coef_ == pytest.approx(one.coef_, abs=5e-3)


@FEW
@given(LOGS, ANSWERS)
def test_a_decision_of_weight_two_counts_as_two_of_weight_one(logs: np.ndarray, said: list[bool]) -> None:
    twice = ChanceFit(COLD_START.buyer).fit(np.vstack([logs, logs]), said * 2)
    heavy = ChanceFit(COLD_START.buyer).fit(logs, said, sample_weight=np.full(ROWS, 2.0))

    assert heavy.coef_ == pytest.approx(twice.coef_, abs=5e-3)


def test_it_finds_the_weights_that_were_hidden() -> None:
    random = np.random.default_rng(7)
    hidden = SideModel(2.0, {"commodity": 1.0, "price": 3.0, "distance": 2.0})
    start = SideModel(3.0, {"commodity": 1.0, "price": 0.5, "distance": 0.1})
    parts = {part: random.uniform(0.1, 1.0, 4000) for part in PARTS}
    chance, _ = side_chances(parts, ChanceModel(hidden, hidden, "hidden"))

    found = ChanceFit(start).fit(log_parts(parts), random.random(4000) < chance).to_side_model()

    assert found.intercept == pytest.approx(2.0, abs=0.35)
    assert dict(found.weights) == pytest.approx(dict(hidden.weights), abs=0.35)
    mine, _ = side_chances(parts, ChanceModel(found, found, "found"))
    assert np.abs(mine - chance).mean() < 0.02


@pytest.mark.parametrize(("said", "changes", "words"), [
    ([True, True], {}, "class"), ([True, False], {"strength": 0.0}, "strength"),
    ([True, False], {"prior": COLD_START.buyer}, "columns of PARTS"),
])
def test_what_cannot_be_fitted_is_refused(said: list[bool], changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ChanceFit(**changes).fit(np.array([[-1.0], [0.0]]), said)


def test_columns_without_names_make_no_side_model() -> None:
    fitted = ChanceFit().fit(np.array([[-1.0], [0.0]]), [False, True])

    with pytest.raises(ValueError, match="no names"):
        fitted.to_side_model()
