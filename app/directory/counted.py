"""How many there are in a directory and its parts: counted once for each process, and again where it was changed."""

from __future__ import annotations

from threading import Lock

from sqlalchemy.orm import Session

from app.audit.following import AuditReader
from app.directory.queries import EVERYBODY, DirectoryFilter, count_signatories

MOST_COUNTS = 1_000
# Whose entries in the audit may change how many there are in a part.
_CHANGES = frozenset({"signatory", "group", "import"})


class DirectoryCounts:
    """Counts that are true to the snapshot that was last followed; without one, everything is counted."""

    def __init__(self) -> None:
        self._reader = AuditReader()
        self._lock = Lock()
        self._counts: dict[tuple[int, DirectoryFilter], int] = {}

    def count(self, session: Session, campaign_id: int, chosen: DirectoryFilter) -> int:
        """Count a part of a directory, unless that was done since anybody changed one."""
        return self.both(session, campaign_id, chosen)[1]

    def both(self, session: Session, campaign_id: int, chosen: DirectoryFilter) -> tuple[int, int]:
        """Return how many there are in a directory, and in a part of it."""
        with self._lock:
            news = self._reader.news(session)
            if news is None or any(entry.action.partition(".")[0] in _CHANGES for entry in news):
                self._counts.clear()
            if len(self._counts) >= MOST_COUNTS:
                self._counts.clear()
            for key in ((campaign_id, EVERYBODY), (campaign_id, chosen)):
                if key not in self._counts:
                    self._counts[key] = count_signatories(session, *key)
            return self._counts[campaign_id, EVERYBODY], self._counts[campaign_id, chosen]
