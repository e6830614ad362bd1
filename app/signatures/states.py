"""States of a signature and the stage's refusals."""

from __future__ import annotations

from enum import StrEnum

from app.base.errors import Gone
from app.base.locales import lazy_gettext as _l


class SignatureState(StrEnum):
    """Where a signature stands."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"


class Choice(StrEnum):
    """What the invited person decides; nothing is preselected."""

    SIGN = "sign"
    DECLINE = "decline"
    ASK_CHANGE = "ask change"


class ManageLinkSuperseded(Gone):
    """A newer manage link was sent."""

    def __init__(self) -> None:
        super().__init__(_l("This link was replaced by a newer one. Please use the link in the latest mail from us."))
