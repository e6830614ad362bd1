"""How an import moves, and the stage's refusals."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    APPLYING = "applying"
    STOPPING = "stopping"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"

    @property
    def is_open(self) -> bool:
        """Tell whether it can be resumed, or is under way."""
        return self in (ImportState.UPLOADED, ImportState.MAPPED) or self.is_written

    @property
    def is_written(self) -> bool:
        """Tell whether the directory is being changed at this time, portion by portion."""
        return self in (ImportState.APPLYING, ImportState.STOPPING, ImportState.UNDOING)

    @property
    def label(self) -> str:
        """The state in a few words."""
        return str(_IMPORT_LABELS[self])


_IMPORT_LABELS = {
    ImportState.UPLOADED: _l("Columns to be named"),
    ImportState.MAPPED: _l("To be looked through"),
    ImportState.APPLYING: _l("Being imported"),
    ImportState.STOPPING: _l("Being stopped"),
    ImportState.APPLIED: _l("Imported"),
    ImportState.UNDOING: _l("Being undone"),
    ImportState.UNDONE: _l("Undone"),
    ImportState.DISCARDED: _l("Discarded"),
}


# As many rows are looked through, written and undone while the page waits; more are worked off in the background.
MOST_AT_ONCE = 2_000
# Rows that were left out, and what an undo needs, are deleted after so long.
KEPT_DAYS = 90


class BlockKind(StrEnum):
    """What an import's sealed blocks hold."""

    SHEET = "sheet"  # the list as it was read: what is said of it, then its rows
    ROWS = "rows"  # of the dry run, in the order of the list
    COUNTRIES = "countries"  # the doubtful ones, those without an answer first
    FAMILIES = "families"  # rows whose answers depend on each other
    LEFT_OUT = "left_out"
    UNDO = "undo"
    STAYED = "stayed"  # entries that an undo could not take back
    RETURNED = "returned"  # entries that an undo put back, with when they had been changed before


class WorkKind(StrEnum):
    """What is worked off in the background."""

    LOOK = "look at a list"
    WRITE = "write a list"
    TAKE_BACK = "take a list back"


class WorkStep(StrEnum):
    """What is being done of it."""

    COMPARE = "compare"
    KEEP = "keep"
    WRITE = "write"
    TAKE_BACK = "take_back"

    @property
    def label(self) -> str:
        """The step as the page says it that waits."""
        return str(_STEP_LABELS[self])


_STEP_LABELS = {
    WorkStep.COMPARE: _l("The list is being read and compared with the directory."),
    WorkStep.KEEP: _l("What was found is being written down."),
    WorkStep.WRITE: _l("The rows are being written into the directory."),
    WorkStep.TAKE_BACK: _l("The import is being taken back."),
}


class WhyLeftOut(StrEnum):
    """Why a row did not reach the directory."""

    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    CHANGED = "changed"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """The reason as the result says it of some rows."""
        return str(_LEFT_OUT_LABELS[self])


_LEFT_OUT_LABELS = {
    WhyLeftOut.NO_ANSWER: _l("It was not decided whether they are somebody who is already there."),
    WhyLeftOut.REFUSED: _l("Something in the row could not be imported."),
    WhyLeftOut.CHANGED: _l("The entry was changed or removed by somebody else while the list was being imported."),
    WhyLeftOut.STOPPED: _l("The import was stopped before this row."),
}


class WhyStayed(StrEnum):
    """Why an undo leaves an entry as it is."""

    ASKED = "asked"
    EDITED = "edited"

    @property
    def label(self) -> str:
        """The reason as the list of them says it."""
        return str(_STAYED_LABELS[self])


_STAYED_LABELS = {
    WhyStayed.ASKED: _l("They have been invited to sign since."),
    WhyStayed.EDITED: _l("The entry was changed since."),
}


class NoSuchImport(NotFound):
    """There is none of this id in this campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such import in this campaign."))


class ImportOver(Conflict):
    """The import was applied or discarded; its file is gone."""

    def __init__(self) -> None:
        super().__init__(_l("This import is over: it was applied or discarded. Upload the list again to go on."))


class QuestionsOpen(Conflict):
    """Rows still wait for an answer."""

    def __init__(self) -> None:
        super().__init__(
            _l("Some rows still wait for your answer. Answer them, or tick the box to leave them out."), "leave_out"
        )


class MendedMeanwhile(Conflict):
    """Somebody else wrote something else into a cell since the page was shown."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(
            _l(
                "Somebody else has written “%(text)s” into row %(row)s meanwhile. Nothing was saved. Look at the row "
                "once more, then write what is right.",
                row=row,
                text=text,
            )
        )


class ReviewOutdated(Conflict):
    """The directory changed between looking and pressing the button."""

    def __init__(self) -> None:
        super().__init__(_l("The directory has changed since the list was compared with it. Compare it once more."))


class OtherListBusy(Conflict):
    """Another list of the campaign is being written or undone."""

    def __init__(self) -> None:
        super().__init__(
            _l("Another list is being imported into this directory, or undone. Wait until that is done, then go on.")
        )


class NothingToUndo(Conflict):
    """The import can't be undone: it was not applied, is undone, or was applied too long ago."""

    def __init__(self) -> None:
        super().__init__(
            _l("This import can’t be undone: it was never finished, or that is more than %(days)s days ago.",
               days=KEPT_DAYS)
        )  # fmt: skip
