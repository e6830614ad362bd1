"""Rules of institutions: when two names may mean one body, how large the lists may grow; and the refusals."""

from __future__ import annotations

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l
from app.base.names import confusable_key

NAME_LENGTH = 300


def name_key(name: str) -> str:
    """Fold what rarely tells two bodies apart: case, accents, punctuation, letters that look alike."""
    return confusable_key(name)[:NAME_LENGTH]


class LikelyDouble(Conflict):
    """An institution with nearly the same name is there already; the organiser may insist."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _l("There is already an institution called “%(name)s”. If this is another one, tick the box below.",
               name=name),
            "name",
        )  # fmt: skip


class AddressTwice(Conflict):
    """The institution has a recipient with this address already."""

    def __init__(self) -> None:
        super().__init__(_l("This institution already has a recipient with this address."), "email")


class NoSuchInstitution(NotFound):
    """There is none of this id."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such institution."))


class NoSuchRecipient(NotFound):
    """The institution has no such recipient, or no longer."""

    def __init__(self) -> None:
        super().__init__(_l("This institution has no such recipient any more. Somebody may have removed it."))
