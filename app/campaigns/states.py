"""Roles in a campaign and what each may do."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, Forbidden
from app.base.locales import lazy_gettext as _l
from app.visibility.states import Audience


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


class RoleTooNarrow(Forbidden):
    """The organiser's role in this campaign does not reach that far."""

    def __init__(self, role: Role) -> None:
        super().__init__(
            _l(
                "Your role in this campaign (%(role)s) does not include this. An owner of the campaign can change it.",
                role=role,
            )
        )


class LastOwner(Conflict):
    """A campaign keeps at least one owner."""

    def __init__(self) -> None:
        super().__init__(_l("This is the campaign's last owner. Make somebody else an owner first."))
