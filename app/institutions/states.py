"""Rules of institutions: when two names may mean one body, how large the lists may grow; and the refusals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l
from app.base.names import comparison_key, confusable_key

NAME_LENGTH = 300
LONGEST_NOTES = 2000  # on a recipient


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


class ContactPart(StrEnum):
    """One part of how a recipient is addressed and where they are mailed, named as in RecipientFacts."""

    EMAIL = "email"
    OFFICE = "office"
    PERSON = "person"
    SALUTATION = "salutation"
    LANGUAGE = "language"

    @property
    def label(self) -> str:
        """The part in words."""
        return str(_PARTS[self])


_PARTS = {
    ContactPart.EMAIL: _l("Address"),
    ContactPart.OFFICE: _l("Office"),
    ContactPart.PERSON: _l("Person"),
    ContactPart.SALUTATION: _l("Salutation"),
    ContactPart.LANGUAGE: _l("Language"),
}


class RecipientGroupKind(StrEnum):
    """What holds recipients of one institution together; the name of a country is its ISO 3166 code."""

    COMMITTEE = "committee"
    POLITICAL = "political"
    PARTY = "party"
    CONSTITUENCY = "constituency"
    COUNTRY = "country"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind in words, above the groups of it."""
        return str(_GROUP_KINDS[self])


_GROUP_KINDS = {
    RecipientGroupKind.COMMITTEE: _l("Committees"),
    RecipientGroupKind.POLITICAL: _l("Political groups"),
    RecipientGroupKind.PARTY: _l("Parties"),
    RecipientGroupKind.CONSTITUENCY: _l("Constituencies"),
    RecipientGroupKind.COUNTRY: _l("Countries"),
    RecipientGroupKind.OTHER: _l("Other groups"),
}


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


class ProposalOutdated(Conflict):
    """What was decided about is not what is proposed now."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Somebody changed this again after you opened the page, so nothing was decided. "
                "Look at what is proposed now, and then decide."
            )
        )


class NothingProposed(NotFound):
    """The campaign has no such proposal: it does not use the institution, or the version is none of it."""

    def __init__(self) -> None:
        super().__init__(_l("There is nothing of that kind to decide. Look at the list of recipients again."))
