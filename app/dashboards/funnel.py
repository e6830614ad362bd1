"""How many of those who were invited to sign a statement stand where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.dashboards.states import ANSWERS, InviteeStanding

# What tells that somebody was not reached, or that nobody knows.
_LOST = (
    InviteeStanding.BOUNCED,
    InviteeStanding.REFUSED,
    InviteeStanding.UNCERTAIN,
    InviteeStanding.NOT_SENT,
    InviteeStanding.ON_ITS_WAY,
)
_CORE = frozenset(
    {
        InviteeStanding.PREPARED,
        InviteeStanding.NO_ANSWER,
        InviteeStanding.BOUNCED,
        InviteeStanding.REFUSED,
        InviteeStanding.CHANGE_ASKED,
        *ANSWERS,
    }
)


@dataclass(frozen=True)
class Share:
    """One line of the funnel: how many of how many."""

    standing: InviteeStanding
    number: int
    of: int

    @property
    def is_always_shown(self) -> bool:
        """Tell the lines that say something even when they count nobody."""
        return self.standing in _CORE


@dataclass(frozen=True)
class Funnel:
    """How many stand where. Cancelled invitations are no part of the whole."""

    shares: tuple[Share, ...]
    invited: int
    asked: int
    reached: int
    answered: int
    signed: int

    def number(self, wanted: InviteeStanding) -> int:
        """How many stand in one place."""
        return next((share.number for share in self.shares if share.standing is wanted), 0)


def funnel_of(counted: Counter[InviteeStanding]) -> Funnel:
    """Make the funnel of how many stand where."""
    cancelled = counted[InviteeStanding.CANCELLED]
    invited = counted.total() - cancelled
    unasked = counted[InviteeStanding.PREPARED] + counted[InviteeStanding.NO_ADDRESS]
    lost = sum(counted[place] for place in _LOST)
    return Funnel(
        shares=tuple(
            Share(place, counted[place], invited if place is not InviteeStanding.CANCELLED else counted.total())
            for place in InviteeStanding
        ),
        invited=invited,
        asked=invited - unasked,
        reached=invited - unasked - lost,
        answered=sum(counted[place] for place in ANSWERS),
        signed=counted[InviteeStanding.SIGNED],
    )
