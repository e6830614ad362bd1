"""What the domain may refuse; stages subclass these and `web.py` translates them once."""

from __future__ import annotations

from http import HTTPStatus


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message has a line for each and repeats no value."""


class HouseRefused(Exception):
    """Code, database and key don't belong together as they are; the message tells the operator what to do."""


class Refusal(Exception):
    """A request that is understood and not done. The message says why and what to do.

    `field` names the form field at fault, where there is one.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: object, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    @property
    def message(self) -> str:
        """The sentence for the person, in their language (lazy strings are resolved here)."""
        return str(self.args[0])


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of."""

    status = HTTPStatus.NOT_FOUND


class Forbidden(Refusal):
    """The person is known and their role does not reach this far."""

    status = HTTPStatus.FORBIDDEN


class Conflict(Refusal):
    """Somebody else changed it in the meantime, or its state no longer allows it."""

    status = HTTPStatus.CONFLICT


class Gone(Refusal):
    """It was there and is over: expired, superseded, withdrawn."""

    status = HTTPStatus.GONE


class TooMany(Refusal):
    """Asked too often; waiting helps."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    wait_seconds = 15 * 60
