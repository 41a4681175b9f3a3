"""Training, using and taking back models, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.chances import COLD_START
from app.algorithms.learning import Decisions, Verdict
from app.algorithms.learning_simulation import HIDDEN, draw_decisions
from app.kit.audit import AuditEntry
from app.kit.errors import Conflict, NotAllowed, Refused
from app.learning import actions, queries
from app.learning.models import RankingModel
from app.learning.values import Heard, ModelState
from tests.factories import NOW, make_model, make_person
from tests.matching.market import make_market

DAY = timedelta(days=1)


def heard(count: int = 300, decisions: Decisions | None = None) -> Heard:
    """Return what people with a hidden preference said, one decision a minute."""
    said = decisions or draw_decisions(np.random.default_rng(1), count, HIDDEN)
    said = replace(said, at=NOW.timestamp() + 60 * said.at)
    first, last = (datetime.fromtimestamp(float(moment), UTC) for moment in (said.at.min(), said.at.max()))
    return Heard(said, count, int(said.said_yes.sum()), 2, first, last)


def trained(session: Session, actor: Person | None = None, count: int = 300) -> RankingModel:
    """Train on what hidden people said and keep the result."""
    found = actions.train_model(session, heard=heard(count))
    return actions.keep_model(session, actor=actor, trained=found, now=NOW + DAY)


def trail(session: Session, action: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def test_a_better_model_ranks_from_then_on_and_keeps_its_figures(session: Session) -> None:
    admin = make_person(session, "admin")

    model = trained(session, admin)
    session.expire_all()

    assert (model.state, model.verdict, model.version) == (ModelState.IN_USE, Verdict.BETTER, "learned-1")
    assert (model.decision_count, model.left_out_count, model.trained_by_id) == (300, 2, admin.id)
    assert model.heard_from < model.later_from < model.heard_until
    assert model.figures["challenger"]["log_loss"] < model.figures["champion"]["log_loss"] - 0.01
    assert model.figures["past_rows"] + model.figures["later_rows"] == 300
    in_use = queries.model_in_use(session)
    assert in_use.version == "learned-1" and in_use.buyer.weights["price"] > COLD_START.buyer.weights["price"]
    assert trail(session, "model.train")[0].after == {"model": "learned-1", "decisions": 300, "verdict": "better"}
    assert trail(session, "model.use")[0].before == {"model": COLD_START.version}


def test_the_ranking_of_a_mission_says_which_model_made_it(session: Session) -> None:
    market = make_market(session)
    assert market.rank().model_version == COLD_START.version
    before = market.proposal().score

    trained(session)
    run = market.rank()

    assert run.model_version == "learned-1"
    assert market.proposal().score != before


def test_the_same_decisions_again_are_no_better_than_what_ranks_already(session: Session) -> None:
    first, second = trained(session), trained(session)

    assert (second.state, second.verdict, second.champion_version) == (ModelState.CANDIDATE, Verdict.MARGIN, "learned-1")
    assert queries.row_in_use(session) is first
    assert len(trail(session, "model.use")) == 1


def test_few_decisions_are_counted_and_teach_nothing(session: Session) -> None:
    model = trained(session, count=40)

    assert (model.state, model.verdict, model.weights, model.figures) == (ModelState.CANDIDATE, Verdict.TOO_FEW, {}, {})
    assert model.later_from is None
    assert queries.model_in_use(session) == COLD_START


def test_no_decision_at_all_is_no_fault(session: Session) -> None:
    nothing = heard(60).decisions.take(np.zeros(60, dtype=bool))
    found = actions.train_model(session, heard=Heard(nothing, 0, 0, 0, None, None))

    assert actions.keep_model(session, actor=None, trained=found, now=NOW).verdict is Verdict.TOO_FEW


def test_training_alone_writes_nothing(session: Session) -> None:
    actions.train_model(session, heard=heard())

    assert not session.new and not session.dirty
    assert session.scalar(select(RankingModel)) is None


def test_a_model_compared_with_another_than_the_present_one_is_not_kept(session: Session) -> None:
    found = actions.train_model(session, heard=heard())
    make_model(session)

    with pytest.raises(Conflict):
        actions.keep_model(session, actor=None, trained=found, now=NOW)


def test_an_admin_goes_back_to_the_cold_start_and_forward_again(session: Session) -> None:
    admin, model = make_person(session, "admin"), make_model(session)

    actions.return_to_cold_start(session, actor=admin, reason=" terlalu cepat ", now=NOW)
    assert queries.model_in_use(session) == COLD_START and model.state is ModelState.RETIRED
    actions.use_model(session, actor=admin, model=model, reason="sudah dicek", now=NOW + DAY)

    assert queries.row_in_use(session) is model and model.used_since == NOW + DAY
    back, forth = trail(session, "model.return")[0], trail(session, "model.use")[0]
    assert (back.reason, back.after) == ("terlalu cepat", {"model": COLD_START.version})
    assert (forth.reason, forth.after, forth.actor_id) == ("sudah dicek", {"model": "learned-1"}, admin.id)


def test_an_earlier_model_takes_the_place_of_the_present_one(session: Session) -> None:
    admin, earlier = make_person(session, "admin"), make_model(session, 1, state=ModelState.RETIRED)
    present = make_model(session, 2)

    actions.use_model(session, actor=admin, model=earlier, reason="lebih cocok", now=NOW)

    assert (earlier.state, present.state) == (ModelState.IN_USE, ModelState.RETIRED)
    assert trail(session, "model.use")[0].before == {"model": "learned-2"}


@pytest.mark.parametrize("state", [ModelState.CANDIDATE, ModelState.IN_USE])
def test_only_a_model_that_ranked_before_can_be_used_by_hand(session: Session, state: ModelState) -> None:
    admin, model = make_person(session, "admin"), make_model(session, state=state)

    with pytest.raises(Conflict):
        actions.use_model(session, actor=admin, model=model, reason="mau saja", now=NOW)


def test_a_model_of_other_parts_ranks_nothing_and_cannot_be_used(session: Session) -> None:
    admin = make_person(session, "admin")
    old = {"buyer": {"intercept": 3.0, "weights": {"price": 1.0}}, "seller": {"intercept": 3.0, "weights": {}}}
    make_model(session, 1, weights=old)
    retired = make_model(session, 2, weights=old, state=ModelState.RETIRED)

    assert queries.model_in_use(session) == COLD_START
    with pytest.raises(Conflict):
        actions.use_model(session, actor=admin, model=retired, reason="mau saja", now=NOW)


def test_a_change_without_a_reason_is_refused(session: Session) -> None:
    admin, model = make_person(session, "admin"), make_model(session, state=ModelState.RETIRED)
    make_model(session, 2)

    for change in (
        lambda: actions.use_model(session, actor=admin, model=model, reason="  ", now=NOW),
        lambda: actions.return_to_cold_start(session, actor=admin, reason="", now=NOW),
    ):
        with pytest.raises(Refused) as refusal:
            change()
        assert refusal.value.field == "reason"
    assert queries.row_in_use(session) is not None and model.state is ModelState.RETIRED


def test_there_is_no_way_back_from_the_cold_start_itself(session: Session) -> None:
    with pytest.raises(Conflict):
        actions.return_to_cold_start(session, actor=make_person(session, "admin"), reason="x", now=NOW)


@pytest.mark.parametrize("role", ["owner", "organiser", "office"])
def test_nobody_but_an_admin_touches_models(session: Session, role: str) -> None:
    person, model = make_person(session, role), make_model(session, state=ModelState.RETIRED)

    for change in (
        lambda: actions.request_training(session, actor=person, now=NOW),
        lambda: actions.use_model(session, actor=person, model=model, reason="x", now=NOW),
        lambda: actions.return_to_cold_start(session, actor=person, reason="x", now=NOW),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_a_second_training_waits_for_the_first(session: Session) -> None:
    admin = make_person(session, "admin")
    actions.request_training(session, actor=admin, now=NOW)

    with pytest.raises(Conflict):
        actions.request_training(session, actor=admin, now=NOW)


def test_two_models_are_never_in_use(session: Session) -> None:
    make_model(session, 1)

    with pytest.raises(IntegrityError):
        make_model(session, 2)
    session.rollback()
