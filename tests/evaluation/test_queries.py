"""Totals, second way of adding, history of the pair; on both databases."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.algorithms.totals import DoesNotAddUp
from app.deals import queries as deals
from app.deals.models import Deal, DealEntry
from app.deals.values import DealKind
from app.evaluation import queries
from app.missions.models import MissionSource, PublishedTotal
from app.missions.values import MissionState
from tests.deals.helpers import Scene, correct, make_deal, make_firm, make_scene, void
from tests.factories import ELSEWHERE, HOSTING, VISITING, make_mission


def a_day_of_deals(session: Session) -> Scene:
    """Two sales of the host, one of the visitor, an investment, and one that was called off."""
    scene = make_scene(session)
    other = make_firm(session, scene.mission, VISITING)
    make_deal(session, scene)
    make_deal(session, scene, buyer=other, quantity=Decimal(10))
    make_deal(session, scene, scene.visiting, scene.hosting, commodity_code=None, goods="Semen", quantity=Decimal(100))
    make_deal(session, scene, kind=DealKind.INVESTMENT, commodity_code=None, goods="Gudang dingin",
              quantity=None, unit_code=None, unit_price_amount=None, value_amount=45 * 10**9)
    void(session, scene, make_deal(session, scene, goods="Batal", commodity_code=None, quantity=Decimal(7)))
    return scene


def totals(session: Session, scene: Scene, kind: DealKind = DealKind.COMMITMENT):
    return queries.totals_of(session, scene.office, scene.mission, kind, lambda thing: thing.name_id)


def test_commitments_are_told_by_number_sum_median_and_direction(session: Session) -> None:
    found = totals(session, a_day_of_deals(session)).by_kind["commitment"]

    assert (found.all.count, found.all.amount, found.all.median) == (3, 1_206_000_000, 216_000_000)
    assert found.sold_by["hosting"].amount == 306_000_000
    assert found.sold_by["visiting"].amount == 900_000_000


def test_other_kinds_stand_apart_and_called_off_deals_nowhere(session: Session) -> None:
    found = totals(session, a_day_of_deals(session))

    assert set(found.by_kind) == {"commitment", "investment"}
    assert found.by_kind["investment"].all.amount == 45 * 10**9


def test_the_python_total_equals_a_plain_sum_in_sql(session: Session) -> None:
    scene = a_day_of_deals(session)
    correct(session, scene, session.scalars(select(Deal).order_by(Deal.id)).first(), quantity=Decimal(31))

    plain = session.scalar(
        select(func.sum(DealEntry.value_amount)).join(Deal, deals.CURRENT)
        .where(Deal.mission_id == scene.mission.id, Deal.is_void.is_(False), DealEntry.kind == DealKind.COMMITMENT)
    )

    assert totals(session, scene).by_kind["commitment"].all.amount == plain == 1_269_000_000


def test_a_figure_on_which_two_ways_differ_is_not_shown(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = a_day_of_deals(session)
    right = deals.rows_behind(session, scene.mission)
    monkeypatch.setattr(deals, "rows_behind", lambda *_: right[:-1])

    with pytest.raises(DoesNotAddUp):
        totals(session, scene)


def test_every_breakdown_adds_up_to_its_kind(session: Session) -> None:
    found = totals(session, a_day_of_deals(session))

    for slices in (found.goods, found.families, found.seller_places, found.buyer_places):
        shown = sum(row.all.amount for row in slices.top) + slices.rest_amount
        assert shown == found.by_kind["commitment"].all.amount
        assert max(row.share for row in slices.top) == 1.0


def test_goods_outside_the_list_have_a_bar_of_their_own(session: Session) -> None:
    rows = totals(session, a_day_of_deals(session)).goods.top

    assert [(row.code, row.seller_role) for row in rows] == [("-", "visiting"), ("kopra", "hosting")]


def test_more_goods_than_bars_become_a_rest(session: Session) -> None:
    scene = make_scene(session)
    for code in ("kopra", "cengkih", "arang-kayu", "ikan-tuna", "tuna-loin", "ikan-nila", "ikan-lele", "ikan-patin",
                 "ikan-bawal", "ikan-marlin"):
        make_deal(session, scene, commodity_code=code, goods=code)

    found = totals(session, scene).goods

    assert (len(found.top), found.rest_count, found.rest_amount) == (8, 2, 432_000_000)


def test_nothing_recorded_gives_no_figures(session: Session) -> None:
    found = totals(session, make_scene(session))

    assert found.by_kind == {} and list(found.goods.top) == []


def test_largest_deals_come_first_and_of_one_kind_only(session: Session) -> None:
    scene = a_day_of_deals(session)

    found = queries.largest_deals(session, scene.office, scene.mission, DealKind.COMMITMENT)

    assert [entry.value_amount for entry in found] == [900_000_000, 216_000_000, 90_000_000]


def test_the_pair_is_shown_from_2018_on_oldest_first_whoever_hosts(session: Session) -> None:
    turned = make_mission(session, HOSTING, VISITING, state=MissionState.HISTORY, id="h" * 20)
    session.add(PublishedTotal(mission_id=turned.id, total_amount=5))
    session.flush()

    found = queries.pair_history(session, (VISITING, HOSTING))

    years = [row.mission.held_on.year for row in found]
    assert years == sorted(years) and min(years) == 2018
    assert turned.id in [row.mission.id for row in found]
    assert next(row for row in found if row.mission.id == "malut-2025").gap == 0


def test_without_a_mission_the_newest_published_pair_is_shown(session: Session) -> None:
    assert len(queries.pair_history(session, None)) >= 1


def test_a_pair_without_history_shows_none(session: Session) -> None:
    assert queries.pair_history(session, (HOSTING, ELSEWHERE)) == []


def test_only_web_addresses_become_links(session: Session) -> None:
    session.add(MissionSource(mission_id="malut-2023", url="javascript:alert(1)"))
    session.flush()

    found = queries.with_sources(session, session.execute(queries.earlier_missions(HOSTING)).all())

    sources = [source.url for row in found for source in row.sources]
    assert sources and all(url.startswith("http") for url in sources)


def test_parts_that_miss_the_published_total_are_told(session: Session) -> None:
    mission = make_mission(session, state=MissionState.HISTORY)
    session.add(PublishedTotal(
        mission_id=mission.id, total_amount=297_332, visiting_sold_amount=100_000, visiting_bought_amount=179_330,
    ))
    session.flush()

    rows = session.execute(queries.earlier_missions(HOSTING)).all()

    assert next(row for row in queries.with_sources(session, rows) if row.mission.id == mission.id).gap == 18_002


def test_the_public_speaks_of_the_nearest_open_mission(session: Session) -> None:
    make_mission(session, state=MissionState.HELD)
    draft = make_mission(session, state=MissionState.DRAFT)
    nearest = make_mission(session)

    assert queries.mission_on_show(session) == nearest != draft
