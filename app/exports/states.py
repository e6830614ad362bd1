"""How long a list may be to be handed out at once, how long one that was made is kept, and the refusals."""

from __future__ import annotations

from datetime import timedelta

from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l

# More rows than this are made by a worker.
MOST_AT_ONCE = 1_000
KEPT = timedelta(days=1)
MAKE = "make an export"  # the kind of work


class NoSuchExport(NotFound):
    """There is none, it is somebody else's, or its day is over: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(
            _l("There is no such file of yours. Files that were made for you are deleted after a day: order it again.")
        )
