"""The words of this package."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.algorithms.chances import ChanceModel
from app.algorithms.learning import Decisions, Quality, Verdict


class ModelState(StrEnum):
    """Where a model stands."""

    CANDIDATE = "candidate"
    IN_USE = "in_use"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Heard:
    """What people said, as the fit takes it; `decisions` holds a row for each side, `count` counts decisions.

    left_out : decisions that say nothing about the fit of a pair, or whose pair was compared by other parts.
    since, until : time of the first and the last decision that counts; None when there is none.
    """

    decisions: Decisions
    count: int
    yes_count: int
    left_out: int
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was fitted and measured and is not stored yet; without figures when there was too little to learn.

    border_at : the later part, on which both models are measured, begins here.
    """

    heard: Heard
    verdict: Verdict
    champion_version: str
    border_at: datetime | None = None
    past_rows: int = 0
    later_rows: int = 0
    model: ChanceModel | None = None
    challenger: Quality | None = None
    champion: Quality | None = None

    @property
    def is_better(self) -> bool:
        """Whether it shall rank from now on."""
        return self.verdict is Verdict.BETTER
