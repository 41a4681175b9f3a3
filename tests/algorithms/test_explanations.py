import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.algorithms import explanations
from app.algorithms.chances import score_with
from app.algorithms.explanations import explain, explain_all
from app.algorithms.listing import Listing
from app.algorithms.ranker import PairRanker, Ranking
from tests.algorithms.examples import make_need, make_offer
from tests.algorithms.strategies import listings

TABLES = re.split(r"\n(?:Reasons|Weaknesses|Fixes.*)\n-+\n", explanations.__doc__ or "")[1:]
REASONS, WEAKNESSES, FIXES = ({*re.findall(r"^([a-z_]+)  ", table, re.M)} - {"code"} for table in TABLES)


def ranked(offer: Listing, need: Listing) -> Ranking:
    ranking = PairRanker().fit([offer], [need]).rank()
    assert len(ranking) == 1
    return ranking


def test_the_numbers_of_a_good_pair_are_said() -> None:
    offer = make_offer(price_kg=9_000.0, quantity_month=1500.0, certificates=frozenset({"halal"}))
    need = make_need(price_kg=10_000.0, quantity_month=1000.0, certificates=frozenset({"halal"}))

    found = explain(ranked(offer, need), 0)

    said = {reason.code: reason.params for reason in found.reasons}
    assert said == {
        "same_commodity": {"commodity": "beras"},
        "price_below": {"percent": 10.0},
        "certificates_held": {"certificates": "halal", "count": 1.0},
    }


@pytest.mark.parametrize(
    ("offer", "need", "weakness", "params"),
    [
        ({"price_kg": 13e3}, {"price_kg": 1e4}, "price_above", {"percent": 30.0}),
        ({"price_kg": None}, {}, "price_unknown", {"side": "seller"}),
        ({}, {"quantity_month": None}, "volume_unknown", {"side": "buyer"}),
        ({"longitude": 30.0}, {}, "far", {"km": 3336.0}),
        ({"price_kg": 14.0}, {"price_kg": 14e3}, "price_doubtful", {"factor": 1000.0}),
        ({}, {"certificates": frozenset({"SNI"})}, "certificate_missing", {"certificates": "SNI", "count": 1.0}),
        ({"months": frozenset(range(1, 10))}, {}, "season_gap", {"months": "10, 11, 12", "count": 3.0}),
        ({"quantity_month": 100.0}, {"quantity_month": 1000.0}, "volume_small", {"percent": 10.0}),
        ({"minimum_order_kg": 5e3}, {"quantity_month": 1e3}, "minimum_order_too_big", {"percent": 500.0}),
        ({"is_cold_chain": True, "keeping": "fresh"}, {}, "cold_chain_needed", {"keeping": "fresh"}),
        ({"age_days": 400}, {}, "data_old", {"days": 400.0}),
    ],
)
def test_the_worst_term_is_the_weakness(
    offer: dict[str, object], need: dict[str, object], weakness: str, params: dict[str, object]
) -> None:
    known = {"price_kg": 1e4, "quantity_month": 1e3, "minimum_order_kg": 1.0, "latitude": 0.0, "longitude": 0.0}

    found = explain(ranked(make_offer(**{**known, **offer}), make_need(**{**known, **need})), 0)

    assert (found.weakness.code, found.weakness.params) == (weakness, params)


@pytest.mark.parametrize(
    ("offer", "need", "seller_fix", "buyer_fix"),
    [
        ({"price_kg": 12_500.0}, {"price_kg": 1e4}, ("lower_price", 20.0), ("raise_price", 25.0)),
        ({"quantity_month": 400.0}, {"quantity_month": 1e3}, ("join_supply", 40.0), ("split_order", 40.0)),
        ({"minimum_order_kg": 4e3}, {"quantity_month": 1e3}, ("lower_minimum_order", 75.0), ("join_order", 400.0)),
    ],
)
def test_each_side_learns_what_it_can_do(
    offer: dict[str, object], need: dict[str, object], seller_fix: tuple[str, float], buyer_fix: tuple[str, float]
) -> None:
    known = {"price_kg": 1e4, "quantity_month": 1e3}

    found = explain(
        ranked(make_offer("beras beku", **{**known, **offer}), make_need("beras beku", **{**known, **need})), 0
    )

    assert (found.seller_fix.code, found.seller_fix.params["percent"]) == seller_fix
    assert (found.buyer_fix.code, found.buyer_fix.params["percent"]) == buyer_fix


def test_a_missing_price_is_asked_of_its_owner() -> None:
    found = explain(ranked(make_offer("beras beku", quantity_month=1e3), make_need("beras beku", price_kg=1e4)), 0)

    assert found.fix_side == "seller"
    assert found.seller_fix.code == "add_price"
    assert found.buyer_fix.code == "add_volume"


def test_adding_the_missing_certificate_brings_the_promised_gain() -> None:
    need = make_need("beras beku", certificates=frozenset({"halal"}))
    before = ranked(make_offer("beras beku"), need)
    after = ranked(make_offer("beras beku", certificates=frozenset({"halal"})), need)

    fix = explain(before, 0).seller_fix

    assert fix.code == "add_certificate"
    assert fix.params["gain"] == pytest.approx(after.score[0] - before.score[0], abs=1e-3)


def test_there_is_no_pair_beyond_the_ranking() -> None:
    with pytest.raises(IndexError):
        explain(PairRanker().fit([], []).rank(), 0)


HARDLY_KNOWN = 6
SIDES = st.lists(listings("AB"), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(SIDES, SIDES)
def test_every_statement_is_in_the_tables_and_carried_by_its_part(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(5)

    for i, found in enumerate(explain_all(ranking)):
        parts = {part: values[i : i + 1] for part, values in ranking.parts.items()}
        score = ranking.score[i]
        # Three, unless hardly anything is known of the pair: nothing is made up to fill the list.
        hardly_known = sum(bool(known[i]) for known in ranking.known.values()) <= HARDLY_KNOWN
        assert len(found.reasons) == len({reason.code for reason in found.reasons})
        assert len(found.reasons) == 3 or (len(found.reasons) in (1, 2) and hardly_known)
        for reason in found.reasons:
            assert reason.code in REASONS
            assert parts[reason.part][0] > 0.05
            assert score_with(parts, reason.part, 0.0)[0] < score
        assert found.weakness.code in WEAKNESSES - {reason.code for reason in found.reasons}
        if found.weakness.part:
            assert score_with(parts, found.weakness.part, 1.0)[0] > score
        for fix in (found.seller_fix, found.buyer_fix):
            assert fix.code in FIXES
            assert 0 <= float(fix.params["gain"]) <= 1 - score + 1e-4
        assert found.fix in (found.seller_fix, found.buyer_fix)
        assert explain(ranking, i) == found


@settings(max_examples=150, deadline=None)
@given(SIDES, SIDES)
def test_what_is_said_is_true_of_the_listings(offers: list[Listing], needs: list[Listing]) -> None:
    ranking = PairRanker().fit(offers, needs).rank(5)

    for i, found in enumerate(explain_all(ranking)):
        need, offer = needs[ranking.need_index[i]], offers[ranking.offer_index[i]]
        said = {statement.code: statement.params for statement in (*found.reasons, found.weakness)}
        if "same_commodity" in said:
            assert said["same_commodity"]["commodity"] in set(need.codes) & set(offer.codes)
        if "certificates_held" in said:
            assert need.certificates <= offer.certificates
        if "certificate_missing" in said:
            missing = set(str(said["certificate_missing"]["certificates"]).split(", "))
            assert missing == need.certificates - offer.certificates
        if "months_overlap" in said:
            both = {int(month) for month in str(said["months_overlap"]["months"]).split(", ")}
            assert both <= (need.months or set(range(1, 13))) & (offer.months or set(range(1, 13)))
        if "certificates_not_required" in said:
            assert not need.certificates
        if {"price_below", "price_within"} & set(said):
            assert "price_above" not in said and need.price_kg != 0


def test_every_code_of_the_tables_is_used_somewhere() -> None:
    import inspect

    from app.algorithms import fixes, reasons

    source = inspect.getsource(reasons) + inspect.getsource(fixes)
    for code in REASONS | WEAKNESSES | FIXES:
        assert f'"{code}"' in source
    for code in re.findall(r'Reason\("([a-z_]+)"', source):
        assert code in REASONS | WEAKNESSES | FIXES
