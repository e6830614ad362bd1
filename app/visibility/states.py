"""The four choices of a signatory, the audiences, and what each audience may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.base.locales import lazy_gettext as _l


class Visibility(StrEnum):
    """How a signatory's name appears; chosen by its owner, with no default."""

    PUBLIC = "public"
    INSTITUTION = "institution"
    COUNTED = "counted"
    PSEUDONYM = "pseudonym"

    @property
    def label(self) -> str:
        """The choice in a few words."""
        return str(_LABELS[self])


_LABELS = {
    Visibility.PUBLIC: _l("Publicly, with my name"),
    Visibility.INSTITUTION: _l("To the institution only"),
    Visibility.COUNTED: _l("Counted only, without my name"),
    Visibility.PSEUDONYM: _l("Under a pseudonym"),
}


class Audience(StrEnum):
    """The readers that a name is shown to, or not."""

    PUBLIC = "public"
    ADDRESSEE = "addressee"
    CO_SIGNATORY = "co-signatory"
    VIEWER = "viewer"
    APPROVER = "approver"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Identity:
    """A signatory as the directory or a signature knows them, before any audience has been asked for."""

    name: str
    public_line: str = ""
    country: str = ""
    pseudonym: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What an audience is shown of one signature."""

    name: str
    public_line: str = ""
    country: str = ""
    is_pseudonym: bool = False


_SEES_INSTITUTION_NAMES = frozenset({Audience.ADDRESSEE, Audience.APPROVER, Audience.COORDINATOR})


def shown(visibility: Visibility, audience: Audience, identity: Identity) -> Appearance | None:
    """Return what `audience` may see of a signature, or None where it only counts.

    A pseudonym stands alone: neither public line nor country go with it, since they could undo it. A coordinator sees
    the real name; the operator sees numbers only.
    """
    if audience is Audience.OPERATOR:
        return None
    named = Appearance(identity.name, identity.public_line, identity.country)
    if audience is Audience.COORDINATOR or visibility is Visibility.PUBLIC:
        return named
    if visibility is Visibility.PSEUDONYM:
        return replace(Appearance(identity.pseudonym), is_pseudonym=True) if identity.pseudonym else None
    if visibility is Visibility.INSTITUTION and audience in _SEES_INSTITUTION_NAMES:
        return named
    return None


_OPENNESS = {Visibility.COUNTED: 0, Visibility.PSEUDONYM: 1, Visibility.INSTITUTION: 2, Visibility.PUBLIC: 3}


def is_tighter(new: Visibility, old: Visibility) -> bool:
    """Tell whether a change shows less than before, so that a frozen list which names the person is out of date.

    Between a pseudonym and a name for the institution neither contains the other: any change between them counts.
    """
    if {new, old} == {Visibility.PSEUDONYM, Visibility.INSTITUTION}:
        return True
    return _OPENNESS[new] < _OPENNESS[old]


def is_wider(new: Visibility, old: Visibility) -> bool:
    """Tell whether a change shows anything to anybody that was hidden before.

    Between a pseudonym and a name for the institution each shows what the other hides.
    """
    if {new, old} == {Visibility.PSEUDONYM, Visibility.INSTITUTION}:
        return True
    return _OPENNESS[new] > _OPENNESS[old]


def until_confirmed(new: Visibility, old: Visibility) -> Visibility:
    """Return what holds from the moment of a wish on until it is confirmed: never more than either of the two shows."""
    if {new, old} == {Visibility.PSEUDONYM, Visibility.INSTITUTION}:
        return Visibility.COUNTED
    return old if is_wider(new, old) else new


def shows_name(visibility: Visibility) -> bool:
    """Tell whether a real name goes to anybody but those who asked for the signature."""
    return visibility in {Visibility.PUBLIC, Visibility.INSTITUTION}
