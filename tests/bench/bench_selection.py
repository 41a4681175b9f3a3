"""Selection of meetings: time, and total beside the greedy choice and the bound of the linear program.

    python -m tests.bench.bench_selection [--json FILE] [--firms 155 2000 20000]

The linear program is left out above LARGEST_BOUND firms, where HiGHS takes minutes.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from app.algorithms.selection import Selection, select_meetings
from app.algorithms.selection_baselines import select_greedily, upper_bound
from app.algorithms.selection_problem import SelectionProblem, selection_problem

FIRMS = (155, 2_000, 20_000)
LARGEST_BOUND = 20_000
LIMIT, FLOOR, CANDIDATES = 6, 3, 10

T = TypeVar("T")


def market(n_firms: int, floor: int, random_state: int = 1) -> SelectionProblem:
    """Two fifths of the firms visit three fifths; each proposes ten others, popular ones more often."""
    generator = np.random.default_rng(random_state)
    n_left = n_firms * 2 // 5
    sizes = np.array([n_left, n_firms - n_left])
    own = [np.repeat(np.arange(size), CANDIDATES) for size in sizes]
    liked = [(sizes[1 - side] * generator.random(len(own[side])) ** 1.6).astype(int) for side in (0, 1)]
    keys = np.unique(np.concatenate([own[0] * sizes[1] + liked[0], liked[1] * sizes[1] + own[1]]))
    left, right = np.divmod(keys, sizes[1])
    popularity = 1 - (left / sizes[0] + right / sizes[1]) / 2
    score = 0.2 + 0.5 * generator.random(len(keys)) + 0.3 * popularity
    return selection_problem(
        left, right, score, n_left=int(sizes[0]), n_right=int(sizes[1]), limit=LIMIT, floor=floor
    )


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return the result and the seconds of the quickest of three calls."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


def shape(selection: Selection, seconds: float) -> dict[str, Any]:
    """Return what a selection is worth and whom it leaves out."""
    counts = np.concatenate([selection.left_count, selection.right_count])
    return {
        "seconds": round(seconds, 4),
        "meetings": len(selection),
        "total": round(selection.total, 2),
        "below_floor": int((counts < FLOOR).sum()),
        "without_any": int((counts == 0).sum()),
    }


def measure(n_firms: int) -> dict[str, Any]:
    """Return the figures of one size."""
    problem, build = timed(lambda: market(n_firms, FLOOR))
    best, best_seconds = timed(lambda: select_meetings(problem))
    free, free_seconds = timed(lambda: select_meetings(market(n_firms, 0)))
    greedy, greedy_seconds = timed(lambda: select_greedily(problem))
    found = {
        "firms": n_firms,
        "possible_meetings": len(problem.left),
        "build_seconds": round(build, 4),
        "with_floor": shape(best, best_seconds),
        "without_floor": shape(free, free_seconds),
        "greedy": shape(greedy, greedy_seconds),
        "times_greedy": round(best.total / greedy.total, 4),
        "cost_of_floor": round(1 - best.total / free.total, 4),
    }
    if n_firms <= LARGEST_BOUND:
        start = time.perf_counter()
        bound = upper_bound(problem)
        found["bound_seconds"] = round(time.perf_counter() - start, 3)
        found["of_bound"] = round(best.total / bound.total, 9)
        found["floor_places_of_bound"] = round(best.floor_places_filled / bound.floor_places_filled, 9)
    return found


def main() -> None:
    """Print the figures, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--firms", type=int, nargs="+", default=FIRMS)
    asked = parser.parse_args()
    figures = []
    for n_firms in asked.firms:
        figures.append(measure(n_firms))
        print(f"selection {n_firms:>7} firms: {figures[-1]}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
