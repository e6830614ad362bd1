"""What a later stage puts up on the page of the directory: where lists come in, and which imports are not finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.base.signposts import Signpost, address, signposts
from app.campaigns.access import Access

IMPORT_LIST = "a list's way into the directory"  # the place of a later stage's page


@dataclass(frozen=True, kw_only=True)
class OpenImports(Signpost):
    """The page on which an import goes on that was begun and is not finished.

    `begun` tells which those are in a campaign (row id): the public id of each, and when it was begun.
    """

    begun: Callable[[Session, int], Sequence[tuple[str, datetime]]]


def open_imports(session: Session, access: Access) -> list[tuple[datetime, str]]:
    """Return when each open import of a campaign was begun, and where it goes on."""
    return [
        (begun_at, address(post.endpoint, access.campaign.public_id, upload))
        for post in signposts().of(OpenImports)
        for upload, begun_at in post.begun(session, access.campaign.id)
    ]
