"""The admin's page of models, and the command."""

from datetime import timedelta

import numpy as np
from flask import Flask
from sqlalchemy.orm import Session

from app.algorithms.chances import COLD_START, PARTS
from app.algorithms.learning import Verdict
from app.kit.jobs import JobState
from app.learning import queries
from app.learning.models import RankingModel
from app.learning.values import ModelState
from app.matching.values import ProposalState, RejectReason
from tests.accounts.helpers import sign_in
from tests.checking_client import CheckingClient
from tests.factories import (
    HOSTING,
    NOW,
    VISITING,
    make_enterprise,
    make_listing,
    make_mission,
    make_model,
    make_person,
)
from tests.full_story import make_proposal

PAGE = "/ranking-models"


def signed_in(client: CheckingClient, session: Session) -> None:
    admin = make_person(session, "admin")
    session.commit()
    sign_in(client, admin)


def test_before_any_training_the_page_says_what_ranks_and_what_to_do(
    client: CheckingClient, app_session: Session
) -> None:
    signed_in(client, app_session)

    page = client.get(PAGE).text

    assert "Belum pernah dilatih" in page and "Latih sekarang" in page
    assert COLD_START.version in page


def test_every_verdict_is_said_in_words(client: CheckingClient, app_session: Session) -> None:
    for number, verdict in enumerate(Verdict, start=1):
        make_model(app_session, number, verdict=verdict, state=ModelState.CANDIDATE, decision_count=12)
    make_model(app_session, 9, verdict=Verdict.TOO_FEW, state=ModelState.CANDIDATE, figures={}, weights={}, heard_from=None)
    signed_in(client, app_session)

    page = client.get(PAGE).text

    for words in (
        "Lebih baik, langsung dipakai.", "Baru 12 keputusan, perlu 60.", "di bagian awal dan di bagian akhir",
        "selisihnya di bawah 0,01", "Urutannya lebih buruk.", "tidak akan diusulkan lagi",
    ):
        assert words in page


def test_the_page_of_a_model_shows_figures_and_weights_beside_the_present_ones(
    client: CheckingClient, app_session: Session
) -> None:
    model = make_model(app_session)
    bare = make_model(app_session, 2, state=ModelState.CANDIDATE, figures={}, weights={}, verdict=Verdict.TOO_FEW)
    signed_in(client, app_session)

    page = client.get(f"{PAGE}/{model.id}").text
    assert "0,5" in page and "0,6" in page and "Bobot tiap bagian" in page and "Harga" in page
    assert "Bobot tiap bagian" not in client.get(f"{PAGE}/{bare.id}").text
    assert client.get(f"{PAGE}/{'0' * 20}").status_code == 404


def test_training_from_the_page_runs_in_the_background(client: CheckingClient, app_session: Session) -> None:
    signed_in(client, app_session)

    answer = client.send(f"{PAGE}/train", {}, token_from=PAGE)

    assert answer.status_code == 303
    job = queries.training_job(app_session)
    assert job is not None and job.state is JobState.DONE
    assert "Baru 0 keputusan, perlu 60." in client.get(PAGE).text
    assert client.get(f"{PAGE}/progress").json == {"share": 1.0, "text": "Selesai", "is_done": True}


def test_a_model_is_exchanged_with_a_reason_only(client: CheckingClient, app_session: Session) -> None:
    earlier, present = make_model(app_session, 1, state=ModelState.RETIRED), make_model(app_session, 2)
    signed_in(client, app_session)
    path = f"{PAGE}/{earlier.id}/use"

    assert client.send(path, {"reason": " "}, token_from=path).status_code == 422
    assert client.send(path, {"reason": "lebih cocok"}, token_from=path).status_code == 303

    app_session.expire_all()
    assert app_session.get_one(RankingModel, earlier.id).state is ModelState.IN_USE
    assert app_session.get_one(RankingModel, present.id).state is ModelState.RETIRED


def test_the_way_back_to_the_cold_start(client: CheckingClient, app_session: Session) -> None:
    make_model(app_session)
    signed_in(client, app_session)
    path = f"{PAGE}/cold-start"

    assert client.send(path, {"reason": "x" * 401}, token_from=path).status_code == 422
    assert client.send(path, {"reason": "belum yakin"}, token_from=path).status_code == 303

    assert "Ini berjalan tanpa keputusan apa pun." in client.get(PAGE).text


def test_the_front_page_and_the_trail_of_the_admin_lead_to_models(client: CheckingClient, app_session: Session) -> None:
    model = make_model(app_session)
    signed_in(client, app_session)
    client.send(f"{PAGE}/cold-start", {"reason": "belum yakin"}, token_from=f"{PAGE}/cold-start")

    assert f'href="{PAGE}"' in client.get("/").text
    trail = client.get("/trail").text
    assert "kembali ke bobot awal" in trail and f"{PAGE}/{model.id}" in trail


def test_a_model_of_other_parts_is_named_as_not_used(client: CheckingClient, app_session: Session) -> None:
    make_model(app_session, weights={"buyer": {"intercept": 1.0, "weights": {"price": 1.0}},
                                     "seller": {"intercept": 1.0, "weights": {"price": 1.0}}})
    signed_in(client, app_session)

    assert "cara hitung yang lama" in client.get(PAGE).text


def test_the_command_says_what_it_did_and_why(app: Flask, app_session: Session) -> None:
    runner = app.test_cli_runner()

    dry, kept = (runner.invoke(args=["match", "train", *more]) for more in (["--dry-run"], []))

    assert dry.exit_code == kept.exit_code == 0
    assert "0 decisions (0 yes), 0 left out; none" in dry.output and "nothing was stored" in dry.output
    assert "at least 60 decisions" in kept.output and "learned-1: kept, not used" in kept.output


def test_from_decisions_in_the_database_to_a_model_of_what_people_want(app: Flask, app_session: Session) -> None:
    """Hidden people turn down what is dear or far, whatever else is good; nothing but their decisions says so."""
    say_what_hidden_people_want(app_session)
    app_session.commit()

    said = app.test_cli_runner().invoke(args=["match", "train"])

    assert "Better on later decisions." in said.output and "learned-1: in use" in said.output
    model = queries.model_in_use(app_session)
    for side, cold in ((model.buyer, COLD_START.buyer), (model.seller, COLD_START.seller)):
        assert side.weights["price"] > cold.weights["price"] and side.weights["distance"] > cold.weights["distance"]


def say_what_hidden_people_want(session: Session) -> None:
    """Let an organiser decide about 100 pairs of a mission, one a minute, by the price and the distance alone."""
    random, mission, organiser = np.random.default_rng(3), make_mission(session), make_person(session, "organiser")
    needs = [make_listing(session, make_enterprise(session, province=VISITING), "need") for _ in range(10)]
    offers = [make_listing(session, make_enterprise(session, province=HOSTING)) for _ in range(10)]
    pairs = random.permutation([(need, offer) for need in range(10) for offer in range(10)])
    for minute, (need, offer) in enumerate(pairs):
        value = {part: float(random.uniform(0.5, 1.0)) for part in PARTS} | {"commodity": 1.0, "form": 1.0}
        value |= {"price": float(random.uniform(0.1, 1.0)), "distance": float(random.uniform(0.1, 1.0))}
        is_wanted = value["price"] * value["distance"] * random.uniform(0.7, 1.3) > 0.25
        make_proposal(
            session, mission, needs[need], offers[offer], parts={"value": value}, decided_by_id=organiser.id,
            decided_at=NOW + timedelta(minutes=minute),
            state=ProposalState.ACCEPTED if is_wanted else ProposalState.REJECTED,
            reject_reason=None if is_wanted else RejectReason.OTHER,
        )
