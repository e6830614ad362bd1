"""What a later stage puts up on the page of the directory: where lists come in, and which imports are not finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.base.parts import parts
from app.base.signposts import Signpost, address, signposts
from app.campaigns.access import Access
from app.directory.counted import DirectoryCounts

IMPORT_LIST = "a list's way into the directory"  # the place of a later stage's page


@dataclass(frozen=True)
class BegunImport:
    """An import that is not finished: its public id, what its file is called, and when it was begun."""

    upload: str
    name: str
    begun_at: datetime


_COUNTED = "directory"


def remembered_counts() -> DirectoryCounts:
    """Return what this process has counted of directories."""
    found: DirectoryCounts = parts().remembered.setdefault(_COUNTED, DirectoryCounts())
    return found


@dataclass(frozen=True, kw_only=True)
class OpenImports(Signpost):
    """The page on which an import goes on that is not finished; `begun` tells which are open in a campaign (row id)."""

    begun: Callable[[Session, int], Sequence[BegunImport]]


def open_imports(session: Session, access: Access) -> list[tuple[BegunImport, str]]:
    """Return the open imports of a campaign, and where each goes on."""
    return [
        (begun, address(post.endpoint, access.campaign.public_id, begun.upload))
        for post in signposts().of(OpenImports)
        for begun in post.begun(session, access.campaign.id)
    ]
