"""States of a statement, the legal moves between them, and what may be refused."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict
from app.base.locales import lazy_gettext as _l


class StatementKind(StrEnum):
    """What the text calls itself."""

    STATEMENT = "statement"
    LETTER = "letter"
    APPEAL = "appeal"
    PETITION = "petition"

    @property
    def label(self) -> str:
        """The kind as readers know it."""
        return str(_KINDS[self])


_KINDS = {
    StatementKind.STATEMENT: _l("Joint statement"),
    StatementKind.LETTER: _l("Open letter"),
    StatementKind.APPEAL: _l("Appeal"),
    StatementKind.PETITION: _l("Petition"),
}


class StatementState(StrEnum):
    """Where a statement stands in its life."""

    DRAFTING = "drafting"
    OPEN = "open"
    CLOSED = "closed"
    DELIVERED = "delivered"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(_STATES[self])


_STATES = {
    StatementState.DRAFTING: _l("Drafting"),
    StatementState.OPEN: _l("Open"),
    StatementState.CLOSED: _l("Closed"),
    StatementState.DELIVERED: _l("Delivered"),
    StatementState.CONCLUDED: _l("Concluded"),
    StatementState.WITHDRAWN: _l("Withdrawn"),
}

MOVES: dict[StatementState, frozenset[StatementState]] = {
    StatementState.DRAFTING: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.OPEN: frozenset({StatementState.CLOSED, StatementState.WITHDRAWN}),
    StatementState.CLOSED: frozenset({StatementState.DELIVERED}),
    StatementState.DELIVERED: frozenset({StatementState.CONCLUDED}),
    StatementState.CONCLUDED: frozenset(),
    StatementState.WITHDRAWN: frozenset(),
}
# What readers may see; a draft is nobody's business, a withdrawn statement is gone with a word of explanation.
PUBLISHED = frozenset({StatementState.OPEN, StatementState.CLOSED, StatementState.DELIVERED, StatementState.CONCLUDED})


class IllegalMove(Conflict):
    """A statement can't go from its state to the wanted one."""

    def __init__(self, state: StatementState) -> None:
        super().__init__(_l("The statement is %(state)s; this is no longer possible.", state=state.label.lower()))


class StatementClosed(Conflict):
    """Signing, declining and asking are over."""

    def __init__(self) -> None:
        super().__init__(_l("This statement is closed. Nobody can sign it any more; it can still be read."))


class TextChangedMeanwhile(Conflict):
    """Somebody else saved the draft since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _l("Somebody else saved this text while you were writing. Both texts are below, nothing is lost.")
        )


def check_move(state: StatementState, wanted: StatementState) -> None:
    """Raise IllegalMove unless a statement may go from `state` to `wanted`."""
    if wanted not in MOVES[state]:
        raise IllegalMove(state)
