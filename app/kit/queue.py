"""Huey, which wakes the worker up. It carries job ids only, as JSON: nothing stored in it can run code."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from app.kit import jobs
from app.kit.db import Database

log = logging.getLogger(__name__)
# Somebody waits for the code that a message carries; Huey's own pause grows to ten seconds.
LONGEST_PAUSE_SECONDS = 0.5
_PLAIN = str | int | float | bool | None


class JsonSerializer(Serializer):
    """Messages as JSON objects of plain values; anything else is refused instead of being run."""

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message):
            raise TypeError("only messages with plain values go through the queue")
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Any:
        fields = json.loads(data)
        arguments = fields.get("args") or []
        if not isinstance(arguments, list) or not all(isinstance(value, _PLAIN) for value in arguments):
            raise ValueError("a message carries plain values only")
        return Message(**{**fields, "args": tuple(arguments)})


class Queue:
    """The wake-up line between the web process and the worker."""

    def __init__(self, database_url: str, data_dir: Path, *, immediate: bool = False) -> None:
        self.huey = _storage(database_url, data_dir, immediate=immediate)
        self._database: Database | None = None
        self._run = self.huey.task(name="run_job")(self._work)
        self.huey.periodic_task(crontab(minute="*"), name="sweep")(self._sweep)

    def attach(self, database: Database) -> None:
        """Say where the jobs are."""
        self._database = database

    def wake(self, job_ids: Sequence[str]) -> None:
        """Hand committed jobs to the worker. A failure is logged only: the sweep finds the rows."""
        for job_id in job_ids:
            try:
                self._run(job_id)
            except Exception:
                log.exception("job %s was not announced; the sweep will pick it up", job_id)

    def serve(self) -> None:
        """Run the worker in this process until it gets SIGINT."""
        self._sweep()
        Consumer(
            self.huey, workers=1, worker_type="thread", check_worker_health=True, max_delay=LONGEST_PAUSE_SECONDS
        ).run()

    def _work(self, job_id: str) -> None:
        if self._database is None:
            raise RuntimeError("the queue is not attached to a database")
        jobs.run(self._database, job_id)

    def _sweep(self) -> None:
        if self._database is not None:
            self.wake(jobs.sweep(self._database))


def _storage(database_url: str, data_dir: Path, *, immediate: bool) -> Huey:
    common = {"name": "titik_temu", "results": False, "serializer": JsonSerializer(), "immediate": immediate}
    if database_url.startswith("postgresql"):
        return PostgresHuey(dsn=database_url.replace("postgresql+psycopg://", "postgresql://"), **common)
    # Never the database's own file: announcing a job would wait for the request's own write lock.
    return SqliteHuey(filename=str(data_dir / "queue.db"), fsync=True, strict_fifo=True, **common)
