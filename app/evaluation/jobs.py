"""Background work of this package."""

from typing import Any

from app.accounts.models import Person
from app.evaluation import queries
from app.kit import clock, jobs
from app.kit.db import Database
from app.learning import actions
from app.learning.queries import TRAIN_JOB


@jobs.work(TRAIN_JOB)
def train_model(database: Database, arguments: dict[str, Any], progress: jobs.Progress) -> None:
    """Learn from all decisions. The long part only reads; the short part stores."""
    with database.open(read_only=True) as session:
        heard = queries.heard_decisions(session)
        progress.report(30)
        trained = actions.train_model(session, heard=heard)
    progress.report(90)
    with database.unit_of_work() as session:
        actor = session.get(Person, arguments["person_id"])
        actions.keep_model(session, actor=actor, trained=trained, now=clock.now())
