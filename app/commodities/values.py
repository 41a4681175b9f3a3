"""The words of this package."""

from dataclasses import dataclass
from enum import StrEnum


class Keeping(StrEnum):
    """How long a good keeps."""

    FRESH = "fresh"
    WEEKS = "weeks"
    MONTHS = "months"
    DURABLE = "durable"


class Form(StrEnum):
    """What kind of thing it is: a raw material is not its product."""

    RAW = "raw"
    PROCESSED = "processed"
    FEED = "feed"
    SEED = "seed"
    TOOL = "tool"
    MATERIAL = "material"
    SERVICE = "service"


class WordKind(StrEnum):
    """Where a word for a good comes from."""

    SYNONYM = "synonym"
    LOCAL = "local"
    OFFICE = "office"
    SPELLING = "spelling"
    ENGLISH = "english"


@dataclass(frozen=True, slots=True)
class Good:
    """A commodity as pages and methods need it, free of any session."""

    code: str
    parent_code: str | None
    family_code: str
    name_id: str
    name_en: str
    default_unit: str
    form: Form
    keeping: Keeping
    is_cold_chain: bool


@dataclass(frozen=True, slots=True)
class UnitOption:
    """A unit for one commodity: `kg` is the weight of one unit where it is defined."""

    code: str
    name_id: str
    name_en: str
    kg: float | None
    is_usual: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A commodity that fits what was typed; `word` is the trader's word for it when that is not its name."""

    good: Good
    word: str | None
    is_exact: bool
