"""States of a statement, the legal moves between them, and what may be refused."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from app.base.errors import Conflict, NotFound, Refusal
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


class NameOrder(StrEnum):
    """In which order the names stand below the pinned ones, on the page and in the appeal."""

    DAY = "day"
    FAMILY = "family"
    GIVEN = "given"

    @property
    def label(self) -> str:
        """The order in a few words."""
        return str(_ORDERS[self])


_ORDERS = {
    NameOrder.DAY: _l("By the day of signing"),
    NameOrder.FAMILY: _l("By family name"),
    NameOrder.GIVEN: _l("By name, as it is written"),
}

MOVES: dict[StatementState, frozenset[StatementState]] = {
    StatementState.DRAFTING: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.OPEN: frozenset({StatementState.CLOSED, StatementState.WITHDRAWN}),
    StatementState.CLOSED: frozenset({StatementState.DELIVERED}),
    StatementState.DELIVERED: frozenset({StatementState.CONCLUDED}),
    StatementState.CONCLUDED: frozenset(),
    StatementState.WITHDRAWN: frozenset(),
}
# Nobody signs any more, and nothing was taken back.
ENDED = frozenset({StatementState.CLOSED, StatementState.DELIVERED, StatementState.CONCLUDED})

# Its letters are still to be written.
UNSENT = frozenset({StatementState.DRAFTING, StatementState.OPEN, StatementState.CLOSED})


def can_be_signed(state: StatementState, deadline_at: datetime | None, at: datetime) -> bool:
    """Tell whether a statement can be signed at a time: open, and its deadline, if any, still ahead.

    The deadline may have passed before anybody closed it.
    """
    return state is StatementState.OPEN and (deadline_at is None or deadline_at > at)


# What readers may see; a draft is nobody's business, a withdrawn statement is gone with a word of explanation.
PUBLISHED = ENDED | {StatementState.OPEN}


class IllegalMove(Conflict):
    """A statement can't go from its state to the wanted one."""

    def __init__(self, state: StatementState) -> None:
        super().__init__(_l("The statement is %(state)s; this is no longer possible.", state=state.label.lower()))


class StatementClosed(Conflict):
    """Signing, declining and asking are over."""

    def __init__(self) -> None:
        super().__init__(_l("This statement is closed. Nobody can sign it any more; it can still be read."))


class NoSuchStatement(NotFound):
    """There is none, or it is nobody's business yet."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such statement."))


class NoSuchText(NotFound):
    """The version has no text in that language."""

    def __init__(self, language: str) -> None:
        super().__init__(_l("This statement has no text in that language (%(language)s).", language=language))


class NoSuchAnnex(NotFound):
    """The version has no such document."""

    def __init__(self) -> None:
        super().__init__(_l("This statement has no such annex. It may have been removed."))


class VersionFrozen(Conflict):
    """The text was opened for signing: people sign exactly these words."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The statement is no longer a draft: its text, demands, addressees and annexes can’t be changed any "
                "more. Nothing was saved."
            )
        )


class NotReady(Refusal):
    """Something is missing that a statement needs before it opens."""


class StatementSlugTaken(Refusal):
    """Another statement of this installation has that name in its address."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            _l("Another statement has the address “%(slug)s” already. Choose another ending.", slug=slug), "slug"
        )


class DeadlineRefused(Refusal):
    """A deadline that can't be."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "deadline_on")


class AnnexRefused(Refusal):
    """A document that can't be annexed."""

    def __init__(self, message: str, field: str = "file") -> None:
        super().__init__(message, field)


class LanguageRefused(Refusal):
    """A language that can't be added or removed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "language")


class AddresseeGone(Refusal):
    """One of the chosen institutions is not there any more, or there are too many."""

    def __init__(self) -> None:
        super().__init__(
            _l("One of the chosen institutions is gone, or there are more than 50. Look at the list and choose again."),
            "institutions",
        )


class NoSuchGroupThere(NotFound):
    """The institution has no such group of recipients, or nobody is in it any more."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such group any more. Look at the groups again."))


class LettersWritten(Conflict):
    """Whom the letters go to can be chosen until they are handed over."""

    def __init__(self) -> None:
        super().__init__(_l("The letters are written already, so whom they go to stays as it was."))


class DifferentFromConfirmed(Conflict):
    """What would be frozen is not what the organiser saw and confirmed."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The statement was changed after you opened this page, so it was not opened. Below is what would be "
                "frozen now: check it and confirm again."
            )
        )


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
