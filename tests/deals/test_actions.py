"""What may be written down about a deal, and what happens to it later; on both databases."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deals import actions, queries
from app.deals.models import Deal, DealEntry
from app.deals.values import DealKind, DoubtKind
from app.kit.audit import AuditEntry
from app.kit.errors import Conflict, NotAllowed, Refused
from app.kit.ids import new_id
from app.missions.values import MissionRole, MissionState, ParticipationState
from tests.deals.helpers import correct, details, entry_of, make_deal, make_firm, make_scene, void
from tests.factories import (
    ELSEWHERE,
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_listing,
    make_participation,
    make_person,
)

TOO_MUCH = {"quantity": Decimal(10) ** 12, "unit_price_amount": 10**15}


def test_office_records_a_deal_with_its_value_worked_out(session: Session) -> None:
    scene = make_scene(session)

    deal = make_deal(session, scene, quantity=Decimal("24.5"), unit_price_amount=9_000_001)

    entry = entry_of(session, deal)
    assert entry.value_amount == entry.computed_amount == 220_500_025
    assert (entry.version, entry.is_void, entry.entered_by_id) == (1, False, scene.office.id)


def test_direction_follows_the_seller_whichever_province_it_is(session: Session) -> None:
    scene = make_scene(session)

    sold_by_host = make_deal(session, scene)
    sold_by_visitor = make_deal(session, scene, scene.visiting, scene.hosting, commodity_code=None, goods="Beras")

    assert entry_of(session, sold_by_host).seller_role is MissionRole.HOSTING
    assert entry_of(session, sold_by_visitor).seller_role is MissionRole.VISITING


def test_every_recorded_deal_leaves_a_trail(session: Session) -> None:
    scene = make_scene(session)

    deal = make_deal(session, scene, form_number="PKT-001")

    trail = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == deal.id)).one()
    assert (trail.action, trail.actor_id, trail.before) == ("deal.record", scene.office.id, None)
    assert trail.after and trail.after["form_number"] == "PKT-001" and trail.after["value_amount"] == 216_000_000


@pytest.mark.parametrize("role", ["owner", "organiser", "admin"])
def test_only_a_trade_office_records_deals(session: Session, role: str) -> None:
    scene = make_scene(session)
    somebody = make_person(session, role)

    with pytest.raises(NotAllowed):
        make_deal(session, scene, actor=somebody)


def test_office_of_a_third_province_records_nothing(session: Session) -> None:
    scene = make_scene(session)

    with pytest.raises(NotAllowed):
        make_deal(session, scene, actor=make_person(session, "office", ELSEWHERE))


@pytest.mark.parametrize("state", [MissionState.DRAFT, MissionState.HISTORY])
def test_no_deal_is_recorded_before_opening_or_in_the_published_past(session: Session, state: MissionState) -> None:
    scene = make_scene(session, state=state)

    with pytest.raises(NotAllowed):
        make_deal(session, scene)


def test_two_firms_of_one_province_are_refused_by_name(session: Session) -> None:
    scene = make_scene(session)
    neighbor = make_firm(session, scene.mission, HOSTING)

    with pytest.raises(Refused) as refusal:
        make_deal(session, scene, scene.hosting, neighbor)

    assert scene.hosting.name in str(refusal.value.message) and "provinsi yang sama" in str(refusal.value.message)


def test_a_firm_does_not_deal_with_itself(session: Session) -> None:
    scene = make_scene(session)

    with pytest.raises(Refused, match="dua usaha yang berbeda"):
        make_deal(session, scene, scene.hosting, scene.hosting)


def test_firms_outside_the_mission_are_refused(session: Session) -> None:
    scene = make_scene(session)
    stranger = make_enterprise(session, province=VISITING)
    gone = make_enterprise(session, province=VISITING)
    make_participation(session, scene.mission, gone, state=ParticipationState.WITHDRAWN)

    for firm in (stranger, gone):
        with pytest.raises(Refused, match="tidak ikut misi") as refusal:
            make_deal(session, scene, buyer=firm)
        assert refusal.value.field == "buyer_id"


def test_another_value_needs_a_reason(session: Session) -> None:
    scene = make_scene(session)

    with pytest.raises(Refused) as refusal:
        make_deal(session, scene, value_amount=200_000_000)
    deal = make_deal(session, scene, value_amount=200_000_000, value_reason="Potongan untuk pembelian setahun")

    entry = entry_of(session, deal)
    assert refusal.value.field == "value_reason"
    assert (entry.computed_amount, entry.value_amount) == (216_000_000, 200_000_000)


def test_the_computed_value_typed_again_needs_no_reason(session: Session) -> None:
    scene = make_scene(session)

    deal = make_deal(session, scene, value_amount=216_000_000, value_reason="tidak perlu")

    assert entry_of(session, deal).value_reason == ""


def test_investment_has_a_value_without_volume(session: Session) -> None:
    scene = make_scene(session)
    told = {"quantity": None, "unit_code": None, "unit_price_amount": None, "commodity_code": None}

    deal = make_deal(session, scene, kind=DealKind.INVESTMENT, value_amount=45 * 10**9, **told)

    assert entry_of(session, deal).computed_amount is None
    with pytest.raises(Refused, match="Tulis alasannya"):
        make_deal(session, scene, value_amount=1_000, **told)
    with pytest.raises(Refused, match="atau tulis nilainya"):
        make_deal(session, scene, **told)


@pytest.mark.parametrize(("changes", "field"), [
    ({"unit_code": None}, "unit_code"),
    ({"quantity": None, "value_amount": 5}, "quantity"),
    (TOO_MUCH, "value_amount"),
    (TOO_MUCH | {"value_amount": 5, "value_reason": "Potongan"}, "value_amount"),
    ({"signed_on": date(2027, 2, 16)}, "signed_on"),
    ({"signed_on": date(2025, 12, 31)}, "signed_on"),
])
def test_facts_that_cannot_be_are_refused_beside_their_field(session: Session, changes: dict, field: str) -> None:
    scene = make_scene(session)

    with pytest.raises(Refused) as refusal:
        make_deal(session, scene, **changes)

    assert refusal.value.field == field


def test_today_is_the_later_of_the_two_clocks(session: Session) -> None:
    """At 16.30 UTC it is still the 14th in the west and already the 15th two hours further east."""
    scene = make_scene(session)
    told = details(scene.hosting, scene.visiting, signed_on=date(2027, 2, 15))
    evening = NOW.replace(day=14, hour=16, minute=30)

    deal = actions.record_deal(
        session, actor=scene.office, mission=scene.mission, details=told, key=new_id(), now=evening
    )

    assert deal.version == 1


def test_the_same_key_makes_one_deal(session: Session) -> None:
    scene, key = make_scene(session), new_id()

    first = make_deal(session, scene, key=key)
    again = make_deal(session, scene, key=key)

    assert first.id == again.id
    assert session.scalar(select(func.count()).select_from(DealEntry)) == 1


def test_the_same_key_with_other_words_is_refused(session: Session) -> None:
    scene, key = make_scene(session), new_id()
    first = make_deal(session, scene, key=key)

    with pytest.raises(actions.KeyUsed) as refusal:
        make_deal(session, scene, key=key, quantity=Decimal(25))

    assert (refusal.value.status, refusal.value.deal_id) == (409, first.id)


def test_a_key_belongs_to_the_person_who_sent_it(session: Session) -> None:
    scene, key = make_scene(session), new_id()
    first = make_deal(session, scene, key=key)

    other = make_deal(session, scene, key=key, actor=scene.other_office, commodity_code="cengkih", goods="Cengkih")

    assert first.id != other.id


def test_a_key_of_one_mission_is_refused_in_another(session: Session) -> None:
    scene, other, key = make_scene(session), make_scene(session), new_id()
    make_deal(session, scene, key=key)

    with pytest.raises(Conflict):
        make_deal(session, other, key=key, actor=scene.office)


def test_a_repeat_is_answered_even_after_a_correction(session: Session) -> None:
    scene, key = make_scene(session), new_id()
    deal = make_deal(session, scene, key=key)
    correct(session, scene, deal, quantity=Decimal(30))

    assert make_deal(session, scene, key=key).id == deal.id


def test_a_likely_double_is_asked_about_and_can_be_confirmed(session: Session) -> None:
    scene = make_scene(session)
    first = make_deal(session, scene)

    with pytest.raises(actions.NeedsChecking) as asked:
        make_deal(session, scene, quantity=Decimal("24.6"))
    marks = frozenset(doubt.mark for doubt in asked.value.doubts)
    second = make_deal(session, scene, quantity=Decimal("24.6"), checked=marks)

    assert [(doubt.kind, doubt.deal_id) for doubt in asked.value.doubts] == [(DoubtKind.SAME_DEAL, first.id)]
    assert second.id != first.id


def test_a_double_with_the_direction_swapped_is_asked_about_too(session: Session) -> None:
    scene = make_scene(session)
    make_deal(session, scene)

    with pytest.raises(actions.NeedsChecking):
        make_deal(session, scene, scene.visiting, scene.hosting)


def test_the_same_goods_for_two_buyers_are_no_double(session: Session) -> None:
    """UD Gista Jaya really sold 576 tons of rice to two buyers on one day."""
    scene = make_scene(session)
    other_buyer = make_firm(session, scene.mission, VISITING)
    rice = {"commodity_code": None, "goods": "Beras", "quantity": Decimal(576), "unit_price_amount": 13_000_000}

    make_deal(session, scene, **rice)
    make_deal(session, scene, buyer=other_buyer, **rice)

    assert session.scalar(select(func.count()).select_from(Deal)) == 2


def test_values_more_than_a_twentieth_apart_are_no_double(session: Session) -> None:
    scene = make_scene(session)
    make_deal(session, scene)

    assert make_deal(session, scene, quantity=Decimal("25.5")).version == 1


def test_a_form_number_used_before_is_asked_about(session: Session) -> None:
    scene = make_scene(session)
    first = make_deal(session, scene, form_number="PKT-018")

    with pytest.raises(actions.NeedsChecking) as asked:
        make_deal(session, scene, form_number="pkt 018", commodity_code="cengkih", goods="Cengkih")

    assert [(doubt.kind, doubt.deal_id) for doubt in asked.value.doubts] == [(DoubtKind.SAME_NUMBER, first.id)]


def test_a_deal_that_was_called_off_is_no_double(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene, form_number="PKT-018")
    void(session, scene, deal)

    assert make_deal(session, scene, form_number="PKT-018").id != deal.id


def test_a_price_far_from_the_listings_is_asked_about(session: Session) -> None:
    scene = make_scene(session)
    make_listing(session, scene.hosting, "offer", price_amount=9_000, unit_code="kg")

    with pytest.raises(actions.NeedsChecking) as asked:
        make_deal(session, scene, unit_code="kg", unit_price_amount=9_000_000)

    assert [(doubt.kind, doubt.times) for doubt in asked.value.doubts] == [(DoubtKind.PRICE, 1000.0)]


def test_a_value_a_thousand_times_the_median_is_asked_about(session: Session) -> None:
    scene = make_scene(session)
    for number, good in enumerate(("pala", "cengkih", "kopra")):
        told = {"goods": good, "quantity": Decimal(10 + number), "unit_price_amount": 10**6}
        make_deal(session, scene, commodity_code=None, **told)

    with pytest.raises(actions.NeedsChecking) as asked:
        make_deal(session, scene, commodity_code=None, goods="Arang", quantity=Decimal(11), unit_price_amount=10**9)

    assert [doubt.kind for doubt in asked.value.doubts] == [DoubtKind.VALUE]


def test_a_tick_counts_only_for_what_was_seen(session: Session) -> None:
    scene = make_scene(session)
    make_deal(session, scene)

    with pytest.raises(actions.NeedsChecking):
        make_deal(session, scene, checked=frozenset({"same_deal:another"}))


def test_a_correction_adds_an_entry_and_keeps_the_old_one(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)

    correct(session, scene, deal, quantity=Decimal(30))

    newest, oldest = queries.versions_of(session, deal.id)
    assert (newest.version, newest.value_amount, newest.reason) == (2, 270_000_000, "Salah ketik volume")
    assert (oldest.version, oldest.value_amount, oldest.entered_by_id) == (1, 216_000_000, scene.office.id)
    assert entry_of(session, deal).version == 2


def test_a_correction_tells_before_and_after(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)

    correct(session, scene, deal, quantity=Decimal(30))

    trail = session.scalars(select(AuditEntry).where(AuditEntry.action == "deal.correct")).one()
    assert trail.before and trail.before["value_amount"] == 216_000_000 and "goods" not in trail.before
    assert trail.after and trail.after["value_amount"] == 270_000_000
    assert (trail.reason, trail.actor_id) == ("Salah ketik volume", scene.other_office.id)


def test_a_correction_needs_a_reason_and_a_change(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)

    with pytest.raises(Refused) as without_reason:
        correct(session, scene, deal, quantity=Decimal(30), reason=" ")
    with pytest.raises(Refused, match="Belum ada yang berubah"):
        correct(session, scene, deal)

    assert without_reason.value.field == "reason"


def test_the_second_of_two_corrections_is_told_so(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)
    correct(session, scene, deal, quantity=Decimal(30))

    with pytest.raises(actions.Overtaken):
        correct(session, scene, deal, quantity=Decimal(40), seen=1)

    assert entry_of(session, deal).quantity == 30


def test_a_correction_is_not_taken_for_a_double_of_itself(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene, form_number="PKT-1")

    entry = correct(session, scene, deal, form_number="PKT-1", note="Dikirim bertahap")

    assert entry.version == 2


def test_a_correction_can_turn_the_direction(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)
    entry = queries.deal_seen_by(session, scene.office, deal.id)
    assert entry is not None

    actions.correct_deal(
        session, actor=scene.office, entry=entry, details=details(entry.buyer, entry.seller), reason="Terbalik",
        seen_version=1, now=NOW,
    )

    assert entry_of(session, deal).seller_role is MissionRole.VISITING


def test_a_called_off_deal_stays_readable_and_final(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)

    entry = void(session, scene, deal)

    assert (entry.version, entry.is_void, entry.value_amount) == (2, True, 216_000_000)
    with pytest.raises(Conflict, match="sudah dibatalkan"):
        correct(session, scene, deal, quantity=Decimal(30))
    with pytest.raises(Conflict, match="sudah dibatalkan"):
        void(session, scene, deal)


def test_calling_off_what_somebody_corrected_is_refused(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)
    correct(session, scene, deal, quantity=Decimal(30))

    with pytest.raises(actions.Overtaken):
        void(session, scene, deal, seen=1)


def test_owners_change_nothing(session: Session) -> None:
    scene = make_scene(session)
    deal = make_deal(session, scene)
    entry = entry_of(session, deal)
    owner = session.get_one(type(scene.office), scene.hosting.owner_id)

    with pytest.raises(NotAllowed):
        actions.void_deal(session, actor=owner, entry=entry, reason="Batal saja", seen_version=1, now=NOW)


def test_a_double_that_was_ticked_is_not_asked_about_at_each_correction(session: Session) -> None:
    scene = make_scene(session)
    first = make_deal(session, scene, form_number="PKT-1")
    marks = frozenset({f"same_number:{first.id}", f"same_deal:{first.id}"})
    second = make_deal(session, scene, form_number="PKT-1", checked=marks)

    entry = correct(session, scene, second, form_number="PKT-1", note="Pengiriman kedua")

    assert entry.version == 2
