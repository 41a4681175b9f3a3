"""Fifty at once: one deal from one form, and no double that two officers both miss."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.deals import actions, queries
from app.deals.models import Deal, DealEntry
from app.deals.values import DealDetails
from app.kit.db import Database
from app.kit.ids import new_id
from app.missions.models import Mission
from tests.deals.helpers import details, make_deal, make_scene
from tests.factories import NOW

AT_ONCE = 50


def send(database: Database, person_id: str, mission_id: str, told: DealDetails, key: str) -> str:
    """Record a deal in a transaction of its own; returns the deal's id or the name of the refusal."""
    try:
        with database.unit_of_work() as session:
            actor, mission = session.get_one(Person, person_id), session.get_one(Mission, mission_id)
            return actions.record_deal(session, actor=actor, mission=mission, details=told, key=key, now=NOW).id
    except (actions.NeedsChecking, actions.KeyUsed) as refusal:
        return type(refusal).__name__


def test_fifty_repeats_of_one_form_make_one_deal(database: Database) -> None:
    with database.unit_of_work() as session:
        scene = make_scene(session)
    told, key = details(scene.hosting, scene.visiting), new_id()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(
            lambda _: send(database, scene.office.id, scene.mission.id, told, key), range(AT_ONCE)
        ))

    with database.open(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Deal)) == 1
        assert session.scalar(select(func.count()).select_from(DealEntry)) == 1
        assert set(answers) == {session.scalars(select(Deal.id)).one()}


def test_of_two_offices_with_the_same_deal_one_is_asked(database: Database) -> None:
    with database.unit_of_work() as session:
        scene = make_scene(session)
    told, people = details(scene.hosting, scene.visiting), [scene.office.id, scene.other_office.id] * 10

    with ThreadPoolExecutor(len(people)) as threads:
        answers = Counter(threads.map(
            lambda person: send(database, person, scene.mission.id, told, new_id()), people
        ))

    assert answers.pop("NeedsChecking") == len(people) - 1
    assert list(answers.values()) == [1]


def test_of_twenty_corrections_at_once_one_counts(database: Database) -> None:
    with database.unit_of_work() as session:
        scene = make_scene(session)
        deal = make_deal(session, scene)

    def correct_once(number: int) -> str:
        try:
            with database.unit_of_work() as session:
                actor = session.get_one(Person, scene.office.id, options=[joinedload(Person.province)])
                entry = queries.deal_seen_by(session, actor, deal.id)
                assert entry is not None
                told = details(scene.hosting, scene.visiting, note=f"Catatan {number}")
                actions.correct_deal(
                    session, actor=actor, entry=entry, details=told, reason="Tambah catatan", seen_version=1, now=NOW
                )
                return "corrected"
        except actions.Overtaken:
            return "overtaken"

    with ThreadPoolExecutor(20) as threads:
        answers = Counter(threads.map(correct_once, range(20)))

    assert answers == {"corrected": 1, "overtaken": 19}
    with database.open(read_only=True) as session:
        assert session.scalar(select(func.max(DealEntry.version))) == 2
