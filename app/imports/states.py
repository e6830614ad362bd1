"""How an import moves, and the stage's refusals."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    APPLIED = "applied"
    DISCARDED = "discarded"

    @property
    def is_open(self) -> bool:
        """Tell whether it can be resumed."""
        return self in (ImportState.UPLOADED, ImportState.MAPPED)

    @property
    def label(self) -> str:
        """The state in a few words."""
        return str(_IMPORT_LABELS[self])


_IMPORT_LABELS = {
    ImportState.UPLOADED: _l("Columns to be named"),
    ImportState.MAPPED: _l("To be looked through"),
    ImportState.APPLIED: _l("Imported"),
    ImportState.DISCARDED: _l("Discarded"),
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


class ReviewOutdated(Conflict):
    """The directory changed between looking and pressing the button."""

    def __init__(self) -> None:
        super().__init__(
            _l("The directory has changed since you looked, and new questions came up. Look once more, then import.")
        )
