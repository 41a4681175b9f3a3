"""The only place that reads the wall clock; views, jobs and commands pass the time down."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
