"""The filters of the trail."""

from collections.abc import Mapping
from datetime import date

from app.home.values import TrailFilters
from app.web.fields import clean


def trail_filters(arguments: Mapping[str, str]) -> TrailFilters:
    """Read the filters in an address; what makes no sense is ignored."""
    return TrailFilters(
        action=_text(arguments, "action"), subject=_text(arguments, "subject"), actor=_text(arguments, "actor"),
        since=_day(arguments.get("since", "")), until=_day(arguments.get("until", "")),
    )


def _text(arguments: Mapping[str, str], name: str) -> str:
    return (clean(arguments.get(name)) or "")[:80]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
