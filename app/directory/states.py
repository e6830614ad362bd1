"""What the directory knows of a signatory, and the stage's refusals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from app.base.errors import Conflict, NotFound, Refusal
from app.base.locales import lazy_gettext as _l

MOST_SIGNATORIES = 250_000
MOST_GROUPS = 200
LONGEST_LINE = 300
LONGEST_NOTES = 2_000


class SignatoryKind(StrEnum):
    """A person, or an organisation that signs through its representative."""

    PERSON = "person"
    ORGANISATION = "organisation"

    @property
    def label(self) -> str:
        """The kind in a word."""
        return str(_KIND_LABELS[self])


_KIND_LABELS = {SignatoryKind.PERSON: _l("Person"), SignatoryKind.ORGANISATION: _l("Organisation")}


@dataclass(frozen=True)
class Details:
    """What is sealed of a signatory. `country` is an ISO 3166-1 code, `language` a BCP 47 tag."""

    name: str
    sort_name: str = ""
    email: str = ""
    credential: str = ""
    affiliation: str = ""
    country: str = ""
    language: str = ""
    representative: str = ""
    notes: str = ""

    @property
    def public_line(self) -> str:
        """What stands beside the name, but for the country, which readers see in their own language."""
        return ", ".join(part for part in (self.credential, self.affiliation) if part)

    def as_fields(self) -> dict[str, str]:
        """Return what is sealed."""
        return asdict(self)

    @classmethod
    def from_fields(cls, opened: dict[str, Any]) -> Details:
        """Read what was sealed; what an older release did not know is empty."""
        return cls(**{name: value for name, value in opened.items() if name in _KNOWN})

    def changed_to(self, other: Details) -> tuple[str, ...]:
        """Return the names of the fields in which another state differs."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name))


_KNOWN = frozenset(field.name for field in fields(Details))

FIELD_LABELS = {
    "name": _l("Name"),
    "sort_name": _l("Name to sort by"),
    "email": _l("E-mail address"),
    "credential": _l("Credential"),
    "affiliation": _l("Affiliation"),
    "country": _l("Country"),
    "language": _l("Language"),
    "representative": _l("Representative"),
    "notes": _l("Notes"),
    "kind": _l("Person or organisation"),
    "prominent": _l("Prominent"),
    "group": _l("Group"),
    "groups": _l("Groups"),
}


@dataclass(frozen=True)
class GroupPlace:
    """A signatory's place in a group, by the group's name."""

    group: str
    role: str = ""


@dataclass(frozen=True)
class NewEntry:
    """A signatory as typed or imported, not yet in the directory."""

    details: Details
    kind: SignatoryKind = SignatoryKind.PERSON
    is_prominent: bool = False
    places: tuple[GroupPlace, ...] = ()


class NoSuchSignatory(NotFound):
    """There is none of this id in this campaign."""

    def __init__(self) -> None:
        super().__init__(_l("This person or organisation is not in the directory, or was removed from it."))


class NoSuchGroup(NotFound):
    """There is none of this id in this campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such group in this campaign."))


class SignatoryAsked(Conflict):
    """An invitation stands on the entry."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "They have been asked to sign, so the entry stays: their answer belongs to it. "
                "Cancel the invitation if they should hear no more from you."
            )
        )


class EntryChanged(Conflict):
    """Somebody else saved the entry while it was being edited."""

    def __init__(self) -> None:
        super().__init__(_l("Somebody else changed this entry while you were editing it. Look at it again, then save."))


class GroupNameTaken(Conflict):
    """Another group of the campaign bears the name."""

    def __init__(self) -> None:
        super().__init__(_l("There is already a group of this name. Choose another name."), "name")


class TooManyGroups(Refusal):
    """The campaign has as many groups as it can hold."""

    def __init__(self) -> None:
        super().__init__(_l("A campaign can have %(most)s groups. Remove one first.", most=MOST_GROUPS), "name")


class GroupInUse(Conflict):
    """Somebody is in the group."""

    def __init__(self) -> None:
        super().__init__(_l("Somebody is in this group. Take everybody out of it first."))


class DirectoryFull(Refusal):
    """The campaign has as many signatories as it can hold."""

    def __init__(self) -> None:
        super().__init__(_l("A campaign's directory holds %(most)s entries at most.", most=MOST_SIGNATORIES))
