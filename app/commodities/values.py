"""The words of this package."""

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
