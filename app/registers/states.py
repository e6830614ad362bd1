"""The refusals of registers, and how large the parts of an office may be."""

from __future__ import annotations

from app.base.errors import Conflict, NotFound, Refusal
from app.base.locales import in_figures, lazy_gettext as _l

MOST_GROUPS_A_ROW = 40
MOST_OFFICES = 3000  # written in one request: 718 take four seconds


class NoSuchRegister(NotFound):
    """There is none of this id, or somebody else began it."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such list of yours. Upload it again to go on."))


class RegisterOver(Conflict):
    """The list was applied or discarded; its file is gone."""

    def __init__(self) -> None:
        super().__init__(_l("This list is dealt with: it was imported or discarded. Upload it again to go on."))


class RegisterOutdated(Conflict):
    """Institutions changed between looking and pressing the button."""

    def __init__(self) -> None:
        super().__init__(
            _l("Somebody has changed institutions since you looked. Nothing was imported. Look once more, then import.")
        )


class TooManyOffices(Refusal):
    """More rows than one request writes."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            _l("The list has %(rows)s rows; at most %(most)s fit. Split it and import the parts one after the other.",
               rows=in_figures(rows), most=in_figures(MOST_OFFICES)),
            "file",
        )  # fmt: skip
