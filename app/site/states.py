"""What readers are refused, and why."""

from __future__ import annotations

from app.base.errors import Gone, NotFound
from app.base.locales import lazy_gettext as _l


class NothingPublished(NotFound):
    """Nothing is published under this address. A draft looks the same as nothing."""

    def __init__(self) -> None:
        super().__init__(_l("Nothing is published under this address."))


class StatementWithdrawn(Gone):
    """It was open to be read and its convenors took it back."""

    def __init__(self) -> None:
        super().__init__(
            _l("This statement was withdrawn by those who initiated it. Nobody is asked to stand behind it any more.")
        )
