"""Folds, chances and thresholds that never saw what they are measured on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.algorithms.chances import PARTS
from app.algorithms.validation import best_threshold, fold_numbers, held_out_chances, held_out_thresholds

SCORED = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=20)


@given(st.integers(2, 60), st.integers(2, 10), st.integers(0, 5))
def test_every_need_is_in_one_fold_of_even_size(n_needs: int, folds: int, seed: int) -> None:
    folds = min(folds, n_needs)

    sizes = np.bincount(fold_numbers(n_needs, folds, seed), minlength=folds)

    assert sizes.sum() == n_needs
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(("n_needs", "folds"), [(5, 1), (3, 4), (0, 2)])
def test_too_few_needs_or_folds_are_refused(n_needs: int, folds: int) -> None:
    with pytest.raises(ValueError, match="folds must be between"):
        fold_numbers(n_needs, folds)


@given(SCORED)
def test_no_threshold_does_better_than_the_best(scored: list[tuple[int, bool]]) -> None:
    score, right = (np.array([row[i] for row in scored]) for i in (0, 1))

    best = best_threshold(score.astype(float), right.astype(bool))

    def f1(threshold: float) -> float:
        called = score >= threshold
        return 2 * (called & (right == 1)).sum() / max(called.sum() + right.sum(), 1)

    assert f1(best) == max([f1(one) for one in score], default=0.0)


def test_the_highest_of_equal_thresholds_is_taken() -> None:
    assert best_threshold(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, False, True])) == 0.9


def test_without_a_right_pair_nothing_is_called_suitable() -> None:
    assert best_threshold(np.array([0.9]), np.array([False])) == np.inf


@given(SCORED, st.integers(0, 9))
def test_a_threshold_does_not_depend_on_its_own_fold(scored: list[tuple[int, bool]], moved: int) -> None:
    score = np.array([row[0] for row in scored] + [5.0, 5.0])
    right = np.array([row[1] for row in scored] + [True, False], dtype=bool)
    fold = np.array([1] * len(scored) + [0, 0])
    changed, turned = score.copy(), right.copy()
    changed[-2:], turned[-2:] = moved, turned[-2:][::-1]

    before, after = held_out_thresholds(score, right, fold), held_out_thresholds(changed, turned, fold)

    assert before[-1] == after[-1]


def test_chances_are_learned_from_the_other_folds_only() -> None:
    random = np.random.default_rng(1)
    columns = random.uniform(-3, 0, (60, len(PARTS)))
    right, fold = columns[:, 0] > -1.5, np.arange(60) % 3
    turned = np.where(fold == 0, ~right, right)

    honest, lied_to = held_out_chances(columns, right, fold), held_out_chances(columns, turned, fold)

    assert np.array_equal(honest[fold == 0], lied_to[fold == 0])
    assert not np.allclose(honest[fold == 1], lied_to[fold == 1])
    assert honest[right].mean() > honest[~right].mean() + 0.3


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one row a pair"):
        held_out_thresholds(np.zeros(2), np.zeros(3, dtype=bool), np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="one row a pair"):
        held_out_chances(np.zeros((2, 13)), np.zeros(2, dtype=bool), np.zeros(1, dtype=int))
