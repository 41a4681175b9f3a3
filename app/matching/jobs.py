"""Background work of this package."""

from datetime import datetime
from typing import Any

from app.kit import clock, jobs
from app.kit.db import Database
from app.listings.models import Listing
from app.listings.values import CHANGED_JOB
from app.matching import actions, queries
from app.missions.models import Mission


@jobs.work(queries.RANK_JOB)
def rank_mission(database: Database, arguments: dict[str, Any], progress: jobs.Progress) -> None:
    """Rank a mission. The long part only reads, so that people can go on writing; the short part stores."""
    with database.open(read_only=True) as session:
        mission = session.get_one(Mission, arguments["mission_id"])
        ranked = actions.prepare_ranking(session, mission=mission, now=clock.now(), progress=progress.report)
    with database.unit_of_work() as session:
        mission = session.get_one(Mission, arguments["mission_id"])
        actions.store_ranking(session, mission=mission, ranked=ranked, now=clock.now())


@jobs.work(CHANGED_JOB)
def update_proposals(database: Database, arguments: dict[str, Any], progress: jobs.Progress) -> None:
    """Bring the proposals of one listing up to date, in every mission that it takes part in."""
    with database.open(read_only=True) as session:
        listing = session.get_one(Listing, arguments["listing_id"])
        changed_at = datetime.fromisoformat(arguments["changed_at"])
        found = actions.prepare_listing(session, listing=listing, changed_at=changed_at, now=clock.now())
    with database.unit_of_work() as session:
        for ranked in found:
            actions.store_listing(session, ranked=ranked, now=clock.now())
