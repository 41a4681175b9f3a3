"""Speed and memory of the ranking, beside a brute-force search for neighbors on the same texts.

    python -m tests.bench.bench_ranking --json FILE [--listings 10000]

Every figure is taken in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import scipy.sparse as sp
from sklearn.neighbors import NearestNeighbors

from app.algorithms.candidates import CandidateSettings, candidate_chunks, candidate_pairs
from app.algorithms.explanations import explain_all
from app.algorithms.ranker import PairRanker
from tests.bench.market import Market, demo_market, synthetic_market

DEMO_FIRMS, DEMO_LISTINGS = 155, 450


def rank(market: Market) -> dict[str, Any]:
    """Fit and rank; count the pairs that were scored."""
    offers, needs = market
    start = time.perf_counter()
    ranker = PairRanker(n_jobs=2).fit(offers, needs)
    fitted = time.perf_counter()
    ranking = ranker.rank(top=10)
    ranked = time.perf_counter()
    chunks = candidate_chunks(ranker._sides, CandidateSettings(n_jobs=2))
    scored = sum(len(need_index) for need_index, _ in chunks)
    return {
        "offers": len(offers),
        "needs": len(needs),
        "fit_seconds": round(fitted - start, 3),
        "rank_seconds": round(ranked - fitted, 3),
        "seconds": round(ranked - start, 3),
        "pairs_scored": scored,
        "pairs_scored_a_second": round(scored / (ranked - fitted)),
        "pairs_proposed": len(ranking),
        "needs_with_a_proposal": len(set(ranking.need_index.tolist())),
    }


def explain(market: Market) -> dict[str, Any]:
    """Explain every proposed pair."""
    ranking = PairRanker().fit(*market).rank(top=10)
    start = time.perf_counter()
    found = explain_all(ranking)
    seconds = time.perf_counter() - start
    return {"pairs": len(found), "seconds": round(seconds, 3)}


def our_candidates(market: Market) -> dict[str, Any]:
    """The candidate step alone: codes and pruned texts, both directions."""
    ranker = PairRanker().fit(*market)
    base = peak_mb()
    start = time.perf_counter()
    need_index, _ = candidate_pairs(ranker._sides, CandidateSettings(n_jobs=2))
    seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 3), "pairs": len(need_index), "step_mb": round(peak_mb() - base, 1)}


def brute_force(market: Market) -> dict[str, Any]:
    """The dumb way on the same texts: scikit-learn's exact neighbors, 20 for each need and for each offer."""
    ranker = PairRanker().fit(*market)
    need, offer = (sp.hstack([s.words, s.characters], format="csr") for s in (ranker._sides.need_text, ranker._sides.offer_text))
    base = peak_mb()
    start = time.perf_counter()
    found = 0
    for left, right in ((need, offer), (offer, need)):
        k = min(20, right.shape[0])
        neighbors = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(right)
        found += neighbors.kneighbors(left, return_distance=False).size
    seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 3), "pairs": found, "step_mb": round(peak_mb() - base, 1)}


def peak_mb() -> float:
    """Return the largest resident memory of this process so far, in megabytes (Linux counts kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


STEPS: dict[str, Callable[[Market], dict[str, Any]]] = {
    "rank": rank,
    "explain": explain,
    "our_candidates": our_candidates,
    "brute_force": brute_force,
}


def market_of(listings: int) -> Market:
    """Return the demo (0 listings), or an invented market with so many offers and as many needs."""
    if listings:
        return synthetic_market(listings)
    return demo_market() or synthetic_market(DEMO_LISTINGS // 2)


def step(name: str, listings: int) -> dict[str, Any]:
    """Run one step in a child process and return its figures."""
    command = [sys.executable, "-m", "tests.bench.bench_ranking", "--step", name, "--listings", str(listings)]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{name:>15} {listings or 'demo'!s:>6}: {figures}", flush=True)
    return figures


def measure(listings: int) -> dict[str, Any]:
    """Return all figures."""
    ours, brute = step("our_candidates", listings), step("brute_force", listings)
    return {
        "demo": {**step("rank", 0), "explain": step("explain", 0)},
        "large": step("rank", listings),
        "candidates": {
            "ours": ours,
            "brute_force": brute,
            "times_faster": round(brute["seconds"] / ours["seconds"], 1),
        },
    }


def main() -> None:
    """Print the figures, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--step", choices=sorted(STEPS))
    asked = parser.parse_args()
    if asked.step:
        market = market_of(asked.listings)
        built = peak_mb()
        figures = STEPS[asked.step](market)
        print(json.dumps({**figures, "peak_mb": round(peak_mb()), "before_mb": round(built)}))
        return
    figures = measure(asked.listings)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
