"""What arrives from the review queue and from owners' cards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, ValidationError

from app.matching.values import Answer, Decision, Fit, NotReason, Progress, QueueFilters, RejectReason
from app.web.fields import PageForm, TextField, clean

MOST_AT_ONCE = 500
Word = TypeVar("Word", bound=StrEnum)


def _one_of(words: type[Word], text: str | None) -> Word | None:
    return words(text) if text in {word.value for word in words} else None


def queue_filters(arguments: Mapping[str, str]) -> QueueFilters:
    """Read the filters in an address; what makes no sense is ignored."""
    return QueueFilters(
        text=(clean(arguments.get("q")) or "")[:100], fit=_one_of(Fit, arguments.get("fit")),
        seller_province=arguments.get("seller", "")[:10], family_code=arguments.get("family", "")[:60],
        progress=_one_of(Progress, arguments.get("state")) or Progress.UNDECIDED,
        is_pinned=arguments.get("pinned") == "1",
    )


@dataclass(frozen=True, slots=True)
class DecisionDetails:
    """One act of the queue: what is decided about which proposals, and when the page was shown."""

    ids: tuple[str, ...]
    decision: Decision
    reason: RejectReason | None
    seen_at: datetime


class DecisionForm(PageForm):
    """The queue is one form. A button of a row sends `one` (accept:id, reject:id:reason); the buttons for the ticked
    rows send `decision` (reject:reason), those for all strong pairs `whole`. `row` lists the page in its order."""

    one = TextField()
    decision = TextField(_l("Keputusan"))
    reason = TextField()
    whole = TextField()
    seen_at = TextField()
    ids = SelectMultipleField(validate_choice=False)
    row = SelectMultipleField(validate_choice=False)

    def validate_decision(self, field: Any) -> None:
        """Refuse what no button of the queue sends."""
        word, ids, _reason = self._sent()
        if self.whole.data in ("page", "filter"):
            return
        if _one_of(Decision, word) is None:
            raise ValidationError(_l("Pilih keputusannya: terima, tolak atau kunci."))
        if not ids:
            raise ValidationError(_l("Centang dulu usulan yang mau diputuskan."))
        if len(ids) > MOST_AT_ONCE:
            raise ValidationError(_l("Putuskan paling banyak %(most)s usulan sekaligus.", most=MOST_AT_ONCE))

    def _sent(self) -> tuple[str, tuple[str, ...], str]:
        """Return the decision, the ids and the reason, whichever button sent them."""
        if self.one.data:
            word, chosen, reason = [*self.one.data.split(":"), "", ""][:3]
            return word, (chosen,) if chosen else (), reason or self.reason.data or ""
        word, reason = [*(self.decision.data or "").split(":"), ""][:2]
        return word, tuple(dict.fromkeys(self.ids.data or ())), reason or self.reason.data or ""

    def details(self, now: datetime) -> DecisionDetails:
        """Return what was decided; the form has to be valid and `whole` empty."""
        word, ids, reason = self._sent()
        return DecisionDetails(ids, Decision(word), _one_of(RejectReason, reason), self.shown_at(now))

    def shown_at(self, now: datetime) -> datetime:
        """Return when the page was shown; a missing or odd time counts as now, and never later."""
        try:
            moment = datetime.fromisoformat(self.seen_at.data or "")
        except ValueError:
            return now
        return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)

    def following(self) -> str | None:
        """Return the row that comes after the one just decided, so that the work goes on there."""
        rows, (_word, ids, _reason) = list(self.row.data or ()), self._sent()
        if len(ids) != 1 or ids[0] not in rows:
            return None
        place = rows.index(ids[0])
        return rows[place + 1] if place + 1 < len(rows) else None


class AnswerForm(PageForm):
    answer = TextField()
    reason = TextField()

    def validate_answer(self, field: Any) -> None:
        """Refuse a word that no button sends."""
        if _one_of(Answer, field.data) is None:
            raise ValidationError(_l("Pilih Mau, Boleh atau Bukan."))

    def details(self) -> tuple[Answer, NotReason | None]:
        """Return the answer and the reason of a no; the form has to be valid."""
        return Answer(self.answer.data), _one_of(NotReason, self.reason.data)
