"""One page of a long list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")
PER_PAGE = 25
LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and where it stands."""

    rows: Sequence[Any]
    number: int
    per_page: int
    total: int
    url: Callable[[int], str]

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.number < self.pages


def asked_page() -> int:
    """Return the page number in the address, 1 when it is missing or nonsense."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def page_of(session: Session, query: Select[Any], *, per_page: int = PER_PAGE, scalars: bool = True) -> Page:
    """Run an ordered select for the asked page: two queries whatever the length of the list."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(asked_page(), max(1, -(-total // per_page)))
    part = query.limit(per_page).offset((number - 1) * per_page)
    rows = session.scalars(part).all() if scalars else session.execute(part).all()
    return Page(rows=rows, number=number, per_page=per_page, total=total, url=_address)


def page_of_list(found: Sequence[Row], *, per_page: int = PER_PAGE) -> tuple[Page, Sequence[Row]]:
    """Return the asked page of a list that was ordered before, still without rows, and what of the list is on it."""
    number = min(asked_page(), max(1, -(-len(found) // per_page)))
    part = found[(number - 1) * per_page : number * per_page]
    return Page(rows=(), number=number, per_page=per_page, total=len(found), url=_address), part


def kept_arguments(*dropped: str) -> dict[str, Any]:
    """Return the arguments of this address for links that keep them.

    What `url_for` itself reads (_scheme, _external, endpoint ...) and the ids in paths never come from a user.
    """
    return {
        name: values for name, values in request.args.to_dict(flat=False).items()
        if not (name.startswith("_") or name.endswith("_id") or name in ("endpoint", *dropped))
    }


def _address(number: int) -> str:
    kept = {**kept_arguments(), **(request.view_args or {}), "page": number}
    return url_for(request.endpoint or "", **kept)
