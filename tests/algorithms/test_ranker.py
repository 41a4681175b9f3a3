from typing import Literal

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from app.algorithms import best_pairs, candidates
from app.algorithms.baseline import random_scores, shared_commodity_scores
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker, Ranking, corpus_of
from tests.algorithms.examples import make_need, make_offer


def ranked(offers: list[Listing], needs: list[Listing], top: int = 10) -> Ranking:
    return PairRanker().fit(offers, needs).rank(top)


def best_offers(offers: list[Listing], need: Listing) -> list[str]:
    ranking = ranked(offers, [need])
    order = np.argsort(ranking.rank_for_need)
    return [offers[ranking.offer_index[i]].text for i in order if ranking.rank_for_need[i]]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("minyak goreng", "minyak cengkeh"),
        ("minyak goreng curah", "mesin peniris minyak goreng"),
        ("ikan beku", "pakan ikan"),
        ("pakan ikan", "ikan layang"),
        ("gula pasir", "gula-gula jahe"),
        ("kelapa tua", "kopra kering"),
        ("kopra", "kelapa butir"),
        ("kopra", "oven pengering kopra"),
        ("arang tempurung", "barang tempurung ukir"),
        ("gula", "karung bekas gula"),
        ("cakalang", "layang"),
        ("beras", "beras kencur sachet jamu"),
    ],
)
def test_traps_are_never_proposed(asked: str, offered: str) -> None:
    if offered.startswith("beras kencur"):
        offer = Listing(offered, commodity="jamu", province="A")
    else:
        offer = make_offer(offered)

    assert len(ranked([offer], [make_need(asked)])) == 0


def test_local_words_find_each_other() -> None:
    assert best_offers(
        [make_offer("momar beku karton 10 kg"), make_offer("ngafi kering")], make_need("ikan layang")
    ) == ["momar beku karton 10 kg"]


def test_a_family_need_is_met_by_its_members() -> None:
    offers = [make_offer("cengkeh kering"), make_offer("pala kupas"), make_offer("kopra")]

    assert set(best_offers(offers, make_need("aneka rempah"))) == {"cengkeh kering", "pala kupas"}


def test_uncoded_goods_are_found_by_their_words() -> None:
    offers = [make_offer("tandon air fiber 1000 liter"), make_offer("pompa air tandon")]

    assert best_offers(offers, make_need("cari tandon air fiber")) == ["tandon air fiber 1000 liter"]


def test_terms_order_offers_of_the_same_goods() -> None:
    need = make_need("beras", price_kg=12_000.0, quantity_month=1000.0, certificates=frozenset({"halal"}))
    fair = {"price_kg": 12_000.0, "quantity_month": 1000.0, "certificates": frozenset({"halal"})}
    offers = [
        make_offer("beras mahal", **{**fair, "price_kg": 16_000.0}),
        make_offer("beras pas", **fair),
        make_offer("beras sedikit", **{**fair, "quantity_month": 400.0}),
        make_offer("beras polos", **{**fair, "certificates": frozenset()}),
    ]

    found = best_offers(offers, need)

    assert found[:2] == ["beras pas", "beras sedikit"]
    assert set(found[2:]) == {"beras mahal", "beras polos"}


def test_two_terms_off_are_not_proposed() -> None:
    need = make_need(price_kg=10_000.0, certificates=frozenset({"halal"}))

    assert len(ranked([make_offer(price_kg=13_000.0)], [need])) == 0
    assert len(ranked([make_offer(price_kg=11_000.0)], [need])) == 1
    assert len(ranked([make_offer(price_kg=16_000.0)], [make_need(price_kg=10_000.0)])) == 0


def test_levels_tell_sure_pairs_from_those_to_check() -> None:
    terms = {"price_kg": 10_000.0, "quantity_month": 1000.0}
    need = make_need("beras premium", certificates=frozenset({"halal"}), **terms)
    sure = make_offer("beras premium", certificates=frozenset({"halal"}), **terms)

    ranking = ranked([sure, make_offer("beras premium", **terms)], [need])

    assert ranking.level.tolist() == ["strong", "check"]
    assert ranking.suitable.all()


def test_each_side_gets_its_own_top() -> None:
    offers = [make_offer(f"beras cap {i}", price_kg=10_000.0 + 100 * i) for i in range(6)]
    needs = [make_need(f"beras toko {i}", price_kg=10_500.0) for i in range(5)]

    ranking = ranked(offers, needs, top=2)

    for rank, index, n in [
        (ranking.rank_for_need, ranking.need_index, 5),
        (ranking.rank_for_offer, ranking.offer_index, 6),
    ]:
        for one in range(n):
            assert sorted(rank[(index == one) & (rank > 0)].tolist()) == [1, 2]
    assert ((ranking.rank_for_need > 0) | (ranking.rank_for_offer > 0)).all()


def test_the_sides_weigh_differently() -> None:
    need = make_need(quantity_month=10.0)
    ranking = ranked([make_offer(quantity_month=1000.0)], [need])

    assert ranking.buyer_chance[0] > ranking.seller_chance[0]
    assert ranking.seller_chance[0] < ranking.score[0] < ranking.buyer_chance[0]


def test_unsuitable_pairs_come_last_when_kept() -> None:
    offers = [make_offer("layang segar"), make_offer("cakalang segar"), make_offer("kopra")]
    ranking = PairRanker().fit(offers, [make_need("cakalang segar")]).rank(keep_unsuitable=True)

    assert ranking.offer_index.tolist()[:2] == [1, 0]
    assert ranking.suitable.tolist()[:2] == [True, False]


def test_ranking_beats_the_baselines() -> None:
    goods = ["beras", "gula pasir", "kopra", "cakalang beku", "pala", "cengkeh"]
    offers = [
        make_offer(text, price_kg=price, quantity_month=500.0) for text in goods for price in (9e3, 1e4, 1.4e4, 2e4)
    ]
    needs = [make_need(text, price_kg=1e4, quantity_month=500.0) for text in goods]
    n, o = (index.ravel() for index in np.indices((len(needs), len(offers))))
    workable = np.array([4 * i <= j < 4 * i + 2 for i, j in zip(n, o, strict=True)])
    ours = np.zeros(len(n))
    ranking = PairRanker().fit(offers, needs).rank(keep_unsuitable=True)
    ours[ranking.need_index * len(offers) + ranking.offer_index] = ranking.suitable + ranking.score

    def precision(scores: np.ndarray) -> float:
        return float(workable[np.argsort(-scores, kind="stable")[: workable.sum()]].mean())

    shuffled = np.random.default_rng(1).permutation(len(n))
    shared = precision_of_shared = shared_commodity_scores(offers, needs, n[shuffled], o[shuffled])
    unshuffled = np.empty(len(n))
    unshuffled[shuffled] = precision_of_shared
    rng_tie = random_scores(len(n), 3) * 1e-6
    assert shared.sum() == 24
    assert precision(ours) == 1.0
    assert precision(ours) > precision(unshuffled + rng_tie) > precision(random_scores(len(n), 3))


@pytest.mark.parametrize(("offers", "needs"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_gives_an_empty_ranking(offers: int, needs: int) -> None:
    ranking = ranked([make_offer()] * offers, [make_need()] * needs)

    assert len(ranking) == 0
    assert set(ranking.parts) == set(ranking.known)


def test_identical_listings_share_their_score() -> None:
    ranking = ranked([make_offer()] * 3, [make_need()] * 2)

    assert len(set(ranking.score.tolist())) == 1
    assert sorted(ranking.rank_for_need.tolist()) == [1, 1, 2, 2, 3, 3]


def test_progress_rises_to_one() -> None:
    seen: list[float] = []

    PairRanker().fit([make_offer()] * 3, [make_need()] * 2).rank(on_progress=seen.append)

    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_it_is_a_scikit_learn_estimator() -> None:
    ranker = PairRanker(min_match=0.7, near_texts=5)

    assert clone(ranker).get_params() == ranker.get_params()
    with pytest.raises(NotFittedError):
        ranker.rank()


@pytest.mark.parametrize(
    "changes", [{"min_match": 1.5}, {"min_score": -0.1}, {"max_terms_off": -1}, {"near_texts": -1}]
)
def test_parameters_out_of_range_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        PairRanker(**changes).fit([], [])  # type: ignore[arg-type]


def test_an_empty_list_length_is_refused() -> None:
    with pytest.raises(ValueError, match="top"):
        PairRanker().fit([], []).rank(0)


def test_one_offer_is_scored_as_in_its_whole_market() -> None:
    offers = [make_offer("cengkeh kering"), make_offer("cengke gagang super"), make_offer("kopra putih")]
    needs = [make_need("cari cengkeh"), make_need("aneka rempah"), make_need("kopra")]
    market = ranked(offers, needs)

    alone = PairRanker().fit(offers[1:2], needs, corpus=corpus_of([*offers, *needs])).rank()

    in_market = market.offer_index == 1
    assert len(alone) and alone.score.tolist() == market.score[in_market].tolist()
    assert alone.need_index.tolist() == market.need_index[in_market].tolist()
    assert alone.score.tolist() != ranked(offers[1:2], needs).score.tolist()


def market_of(n: int) -> tuple[list[Listing], list[Listing]]:
    goods = ["beras", "gula pasir", "kopra", "tandon air", "pala"]
    offers = [make_offer(f"{goods[i % 5]} a{i}", price_kg=1e4 + 37 * i, quantity_month=1e3 + i) for i in range(n)]
    needs = [make_need(f"{goods[i % 4]} b{i}", price_kg=1e4 + 41 * i, quantity_month=9e2 + i) for i in range(n)]
    return offers, needs


@pytest.mark.parametrize("order", ["score", "market"])
def test_the_order_of_the_input_does_not_matter(order: Literal["score", "market"]) -> None:
    offers, needs = market_of(17)
    turned = PairRanker().fit(offers[::-1], needs[::-1]).rank(3, order=order)
    plain = PairRanker().fit(offers, needs).rank(3, order=order)

    def listed(ranking: Ranking) -> set[tuple[str, str, int, int, float]]:
        return {
            (ranking.needs[n].text, ranking.offers[o].text, a, b, s)
            for n, o, a, b, s in zip(
                ranking.need_index.tolist(), ranking.offer_index.tolist(), ranking.rank_for_need.tolist(),
                ranking.rank_for_offer.tolist(), ranking.score.tolist(), strict=True,
            )
        }

    assert len(plain) and listed(plain) == listed(turned)


def test_by_market_attention_spreads_over_more_offers() -> None:
    offers = [make_offer(f"beras cap {i}", price_kg=8_000.0 + 500 * i, quantity_month=1000.0) for i in range(9)]
    needs = [make_need(f"beras toko {i}", price_kg=8_000.0 + 500 * i, quantity_month=1000.0) for i in range(9)]
    ranker = PairRanker().fit(offers, needs)

    def first_offers(order: Literal["score", "market"]) -> set[int]:
        ranking = ranker.rank(2, order=order)
        assert ranking.suitable.all()
        return set(ranking.offer_index[ranking.rank_for_need > 0].tolist())

    assert len(first_offers("market")) > len(first_offers("score"))


@pytest.mark.parametrize("order", ["score", "market"])
def test_lists_are_complete_and_unsuitable_pairs_close_them(order: Literal["score", "market"]) -> None:
    offers = [make_offer(text) for text in ("layang segar", "cakalang segar", "kopra", "tongkol segar")]
    ranking = PairRanker().fit(offers, [make_need("cakalang segar")]).rank(order=order, keep_unsuitable=True)

    by_rank = np.argsort(ranking.rank_for_need)
    assert ranking.rank_for_need[by_rank].tolist() == list(range(1, len(ranking) + 1))
    assert ranking.suitable[by_rank].tolist() == sorted(ranking.suitable.tolist(), reverse=True)


def test_threads_change_nothing() -> None:
    offers, needs = market_of(40)

    one, two = (PairRanker(n_jobs=n).fit(offers, needs).rank(5) for n in (1, 2))

    assert one.score.tolist() == two.score.tolist()
    assert one.offer_index.tolist() == two.offer_index.tolist()


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        PairRanker().fit([], []).rank(order="name")  # type: ignore[arg-type]


def test_few_kept_pairs_at_a_time_give_the_same_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    offers, needs = market_of(40)
    ranker = PairRanker().fit(offers, needs)
    whole = ranker.rank(3)

    monkeypatch.setattr(candidates, "EXHAUSTIVE_PAIRS", 0)
    monkeypatch.setattr(candidates, "CHUNK_PAIRS", 30)
    monkeypatch.setattr(best_pairs, "_COMPACT_ABOVE", 10)
    pieces = ranker.rank(3)

    assert len(whole) > 40
    for name in ("need_index", "offer_index", "score", "rank_for_need", "rank_for_offer"):
        assert getattr(whole, name).tolist() == getattr(pieces, name).tolist()


def test_many_more_partners_than_bits_are_sorted_all_the_same() -> None:
    group, partner = np.array([0, 2**20, 0, 2**20]), np.array([0, 0, 2**13 - 1, 2**13 - 1])
    urgency = np.array([5, 5, 5, 4])

    ranks = best_pairs.rank_by(group, urgency, np.arange(2**13)[::-1].copy(), partner, top=9)

    assert ranks.tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize("side", ["need", "offer"])
def test_one_listing_alone_gets_the_list_that_it_has_in_the_whole(side: Literal["need", "offer"]) -> None:
    offers, needs = market_of(25)
    ranker = PairRanker().fit(offers, needs)
    whole = ranker.rank(4)
    own, ranks, partner = (
        (whole.need_index, whole.rank_for_need, whole.offer_index) if side == "need"
        else (whole.offer_index, whole.rank_for_offer, whole.need_index)
    )

    for place, listing in enumerate(needs if side == "need" else offers):
        alone = ranker.rank_one(listing, side, 4)

        in_whole = np.flatnonzero((own == place) & (ranks > 0))
        in_whole = in_whole[np.argsort(ranks[in_whole])]
        assert (alone.offer_index if side == "need" else alone.need_index).tolist() == partner[in_whole].tolist()
        assert alone.score.tolist() == whole.score[in_whole].tolist()
        assert alone.parts["words"].tolist() == whole.parts["words"][in_whole].tolist()


def test_a_new_listing_may_bring_goods_and_certificates_that_nobody_had() -> None:
    offers, needs = market_of(9)
    new = make_offer("vanili kering", commodity="vanili", certificates=frozenset({f"c{i}" for i in range(9)}))
    wanted = make_need("cari vanili")
    needs = [*needs, wanted]
    ranker = PairRanker().fit(offers, needs)

    alone = ranker.rank_one(new, "offer")
    whole = PairRanker().fit([*offers, new], needs, corpus=corpus_of([*offers, *needs])).rank()

    of_new = whole.offer_index == len(offers)
    assert alone.need_index.tolist() == whole.need_index[of_new].tolist() == [len(needs) - 1]
    assert alone.score.tolist() == whole.score[of_new].tolist()
