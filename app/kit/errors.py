"""The three ways in which the product says no; messages are for the person at the screen."""


class Refused(Exception):
    """A change that cannot be done, said in words for the person who asked. Shown with status 422."""

    status = 422

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(Refused):
    """The person may not do this. Shown with status 403."""

    status = 403


class Conflict(Refused):
    """Somebody else was first, or the thing is no longer in the state it was seen in. Status 409."""

    status = 409


class NotFound(Refused):
    """The thing does not exist for the person who asked. Status 404."""

    status = 404
