"""The ways in which the product says no; messages are for the person at the screen.

A message is an Indonesian sentence marked with N_ and kept untranslated; %(name)s in it is filled from keywords.
It is translated where it is shown (web/refusals.py), because actions know neither the web nor a language.
"""


def N_(sentence: str) -> str:  # noqa: N802  # the translators' usual mark
    """Mark a sentence for the translators and return it as it is."""
    return sentence


class Refused(Exception):
    """A change that cannot be done, said in words for the person who asked. Shown with status 422."""

    status = 422

    def __init__(self, message: object, *, field: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values


class NotAllowed(Refused):
    """The person may not do this. Shown with status 403."""

    status = 403


class Conflict(Refused):
    """Somebody else was first, or the thing is no longer in the state it was seen in. Status 409."""

    status = 409


class NotFound(Refused):
    """The thing does not exist for the person who asked. Status 404."""

    status = 404
