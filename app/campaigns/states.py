"""Roles in a campaign, what each may do, how an address is made from a title; and the refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.base.errors import Conflict, Forbidden, NotFound, Refusal
from app.base.identifiers import new_public_id
from app.base.locales import lazy_gettext as _l
from app.base.romanisation import romanised
from app.visibility.states import Audience

SLUG_LENGTH = 80
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_FROM_TITLE = 60
_FEWEST_LETTERS = 3
# A title in a script that has no rough Latin spelling gets a random address.
_RANDOM_LENGTH = 8


class Role(StrEnum):
    """What an organiser is in one campaign."""

    OWNER = "owner"
    EDITOR = "editor"
    COORDINATOR = "coordinator"
    APPROVER = "approver"
    VIEWER = "viewer"

    @property
    def label(self) -> str:
        """The role with what it allows, in a few words."""
        return str(_LABELS[self])

    @property
    def word(self) -> str:
        """The role in a word."""
        return str(_WORDS[self])


_WORDS = {
    Role.OWNER: _l("owner"),
    Role.EDITOR: _l("editor"),
    Role.COORDINATOR: _l("coordinator"),
    Role.APPROVER: _l("approver"),
    Role.VIEWER: _l("viewer"),
}
_LABELS = {
    Role.OWNER: _l("Owner: everything, and who works here"),
    Role.EDITOR: _l("Editor: writes the campaign and its statements"),
    Role.COORDINATOR: _l("Coordinator: asks people to sign and hands the appeal over"),
    Role.APPROVER: _l("Approver: checks a finished appeal and approves it"),
    Role.VIEWER: _l("Viewer: looks, and sees of people what the public sees"),
}


class Capability(StrEnum):
    """One thing that a role may or may not do."""

    VIEW = "view"
    EDIT = "edit"  # campaign, statements, updates, outcomes
    SEE_PEOPLE = "see people"  # directory, invitations, dashboards with names and addresses
    ASK = "ask"  # import, invite, remind, correct
    OPEN = "open"  # open, extend, close, withdraw a statement
    ASSEMBLE = "assemble"  # freeze an appeal, prepare its letters, release it once approved
    APPROVE = "approve"
    RECORD_REPLIES = "record replies"
    MANAGE = "manage"  # members and their roles


_COORDINATOR = {
    Capability.VIEW, Capability.SEE_PEOPLE, Capability.ASK, Capability.OPEN, Capability.ASSEMBLE,
    Capability.RECORD_REPLIES,
}  # fmt: skip
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.EDITOR: frozenset({Capability.VIEW, Capability.EDIT}),
    Role.COORDINATOR: frozenset(_COORDINATOR),
    Role.APPROVER: frozenset({Capability.VIEW, Capability.APPROVE}),
    Role.VIEWER: frozenset({Capability.VIEW}),
}

# Roles that may decide to whom a campaign writes.
WRITERS = (Role.OWNER, Role.EDITOR, Role.COORDINATOR)

AUDIENCES: dict[Role, Audience] = {
    Role.OWNER: Audience.COORDINATOR,
    Role.COORDINATOR: Audience.COORDINATOR,
    Role.APPROVER: Audience.APPROVER,
    Role.EDITOR: Audience.VIEWER,
    Role.VIEWER: Audience.VIEWER,
}


def may(role: Role, capability: Capability) -> bool:
    """Tell whether a role includes a capability."""
    return capability in CAPABILITIES[role]


def roles_that_may(capability: Capability) -> list[Role]:
    """Return the roles that include a capability."""
    return [role for role in Role if may(role, capability)]


class RoleTooNarrow(Forbidden):
    """The organiser's role in this campaign does not reach that far."""

    def __init__(self, role: Role) -> None:
        super().__init__(
            _l(
                "Your role in this campaign (%(role)s) does not include this. An owner of the campaign can change it.",
                role=role,
            )
        )


class MemberNews(StrEnum):
    """What owners, and where they can do something about it administrators, are told of a member."""

    LET_IN = "let in"
    MAY_APPROVE = "may approve"
    CONFIRMED = "confirmed"


class NotToConfirm(Forbidden):
    """The word of this person says nothing that is not known already."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "You can’t confirm this member. It takes another owner of the campaign, or an administrator, who did "
                "not let them in, give them their role or let them back into their account, and whose own account does "
                "not rest on the person who did. "
                "The person who keeps the server can confirm as well: flask account confirm ADDRESS CAMPAIGN"
            )
        )


class LastOwner(Conflict):
    """A campaign keeps at least one owner."""

    def __init__(self) -> None:
        super().__init__(_l("This is the campaign’s last owner. Make somebody else an owner first."))


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class CampaignFacts:
    """What a campaign is about, as a form or a demonstration hands it over; texts are in one language."""

    title: str
    summary: str = ""
    language: str = "en"
    slug: str = ""
    press_contact: str = ""


@dataclass(frozen=True)
class ConvenorFacts:
    """A convenor as a form hands it over."""

    name: str
    description: str = ""
    website: str = ""


@dataclass(frozen=True)
class EventFacts:
    """An event of the chronology as a form hands it over; the text is Markdown."""

    happened_on: date
    text: str
    precision: Precision = Precision.DAY
    language: str = "en"
    source_url: str = ""


def slug_from(title: str) -> str:
    """Make an address from a title in rough Latin letters, or a random one where its script has no such spelling."""
    words = (re.sub("[^a-z0-9]", "", romanised(word)) for word in re.split(r"[\W_]+", title))
    slug = ""
    for word in filter(None, words):
        longer = f"{slug}-{word}" if slug else word[:_SLUG_FROM_TITLE]
        if len(longer) > _SLUG_FROM_TITLE:
            break
        slug = longer
    return slug if sum(c.isalpha() for c in slug) >= _FEWEST_LETTERS else f"campaign-{new_public_id()[:_RANDOM_LENGTH]}"


class SlugUnfit(Refusal):
    """The address holds what an address can't."""

    def __init__(self) -> None:
        super().__init__(
            _l("Use small letters a–z, digits and single hyphens between them, such as “free-the-press”."),
            "slug",
        )


class CampaignSlugTaken(Conflict):
    """Another campaign has this address."""

    def __init__(self) -> None:
        super().__init__(_l("Another campaign has this address. Choose a different one."), "slug")


class SlugFixed(Conflict):
    """The address is out in the world."""

    def __init__(self) -> None:
        super().__init__(
            _l("The address can’t change any more: a statement of this campaign has been published under it."), "slug"
        )


class MainLanguage(Conflict):
    """The main language's text can't go, and a language without a text can't be the main one."""

    def __init__(self) -> None:
        super().__init__(
            _l("The main language needs a title. Write one, or make another language the main one first."), "language"
        )


class CampaignTextChanged(Conflict):
    """Somebody else saved another text since this one was opened."""

    def __init__(self) -> None:
        super().__init__(
            _l("A colleague has changed this text since you opened it. Theirs is below; save again to keep yours.")
        )


class ListFull(Refusal):
    """The list has grown to its limit."""

    def __init__(self, most: int) -> None:
        super().__init__(_l("There are %(most)s already, and no more fit. Remove one first.", most=most))


class AlreadyMember(Conflict):
    """The colleague works here already."""

    def __init__(self) -> None:
        super().__init__(_l("This colleague already works on the campaign. Change their role in the list."), "email")


class AccountDisabled(Conflict):
    """The colleague's account is closed."""

    def __init__(self) -> None:
        super().__init__(_l("The account with this address is disabled. Have it enabled under Organisers."), "email")


class NoSuchEntry(NotFound):
    """A convenor, event or member is not, or no longer, in this campaign."""

    def __init__(self) -> None:
        super().__init__(_l("It is not in this campaign any more. Somebody may have removed it."))


class MayNotCreate(Forbidden):
    """The account may work on campaigns, not create them."""

    def __init__(self) -> None:
        super().__init__(_l("Your account may not create campaigns. Ask a colleague who may to let you."))


class HouseTooNarrow(Forbidden):
    """No role in any campaign, and no permission in the house, reaches that far."""

    def __init__(self) -> None:
        super().__init__(
            _l("Only people who edit or coordinate a campaign can do this. Ask an owner of your campaign.")
        )
