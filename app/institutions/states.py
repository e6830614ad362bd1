"""Rules of institutions: when two names may mean one body, how large the lists may grow; and the refusals."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l
from app.base.names import comparison_key, confusable_key

NAME_LENGTH = 300


@dataclass(frozen=True)
class InstitutionFacts:
    """An institution as a form or a demonstration hands it over; the country is an ISO 3166 code or empty."""

    name: str
    country: str = ""
    website: str = ""


@dataclass(frozen=True)
class RecipientFacts:
    """A recipient as a form hands it over: an office, a person or both, and how a letter addresses them."""

    office: str
    salutation: str
    email: str
    person: str = ""
    language: str = "en"


def name_key(name: str) -> str:
    """Fold case, accents and punctuation: the order of the list."""
    return comparison_key(name)[:NAME_LENGTH]


def is_likely_same(one: str, other: str) -> bool:
    """Tell whether two names probably mean one body; letters that look alike across scripts count as the same."""
    return confusable_key(one) == confusable_key(other)


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
