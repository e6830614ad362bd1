"""Search the mail server's log for mails whose fate is open, and let what it says count as evidence."""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.addresses import canonical
from app.base.database import Database
from app.base.parts import parts_of
from app.inbox.bounces import address_of, apply
from app.inbox.failures import Report
from app.inbox.relay_log import LoggedFate, Tracker
from app.mail.evidence import BOUNCES, LOG, record_proof
from app.mail.models import Mail, MailEvidence
from app.mail.registry import Registry
from app.mail.states import MailClass, MailState, Priority, Proof

log = structlog.get_logger()
MOST_SOUGHT = 300
SOUGHT_FOR = timedelta(days=5)  # as long as mail servers usually keep trying
MOST_READ_BYTES = 32 * 1024 * 1024  # from the end of each file; an archive is read from its beginning
FOLLOWER = "relay_log"


@dataclass(frozen=True)
class Sought:
    """A mail whose fate the log may tell."""

    public_id: str
    message_id: str


@dataclass(frozen=True)
class _Mark:
    """How far a file was read: which one it is, and up to which byte."""

    device: int
    inode: int
    offset: int


class Follower:
    """Reads a log as it grows. What is sought for the first time is looked for in all of it, and in the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: _Mark | None = None
        self._tracker = Tracker(frozenset())

    def look_for(self, message_ids: Collection[str]) -> list[LoggedFate]:
        """Return what the log says of some mails so far. Raises OSError where it can't be read."""
        with _opened(self._path) as stream:
            state = os.fstat(stream.fileno())
            start = self._start(state, message_ids)
            if start is None:
                self._tracker = Tracker(frozenset(message_ids))
                self._tracker.read(_lines_before(self._path))
                start = max(0, state.st_size - MOST_READ_BYTES)
            end = self._take_in(stream, start, state.st_size)
        self._mark = _Mark(state.st_dev, state.st_ino, end)
        wanted = set(message_ids)
        return [outcome for outcome in self._tracker.outcomes() if outcome.message_id in wanted]

    def _start(self, state: os.stat_result, message_ids: Collection[str]) -> int | None:
        """Return where to read on; None when everything has to be read: another file, a cut one, a new question."""
        mark = self._mark
        if mark is None or (mark.device, mark.inode) != (state.st_dev, state.st_ino) or state.st_size < mark.offset:
            return None
        if not set(message_ids) <= set(self._tracker.wanted) or state.st_size - mark.offset > MOST_READ_BYTES:
            return None
        return mark.offset

    def _take_in(self, stream: IO[bytes], start: int, size: int) -> int:
        """Read whole lines from one byte to another; return where the first unfinished one begins."""
        stream.seek(start)
        position = start

        def lines() -> Iterator[bytes]:
            nonlocal position
            for line in stream:
                if not line.endswith(b"\n") or position + len(line) > size:
                    return
                position += len(line)
                yield line

        self._tracker.read(lines())
        return position


def read_log(app: Flask) -> int:
    """Look into the log for whatever is open, and record what it says; return how many mails it told of.

    A log that can't be read is worth a warning and no more: the other signs remain.
    """
    path = parts_of(app).settings.relay_log
    database: Database = parts_of(app).database
    with database.reading() as session:
        sought = sought_in_log(session)
    if not path or not sought:
        return 0
    follower: Follower = parts_of(app).remembered.setdefault(FOLLOWER, Follower(Path(path)))
    try:
        outcomes = follower.look_for({one.message_id for one in sought})
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        log.warning("mail.relay_log_unreadable", error=type(error).__name__)
        return 0
    registry: Registry = parts_of(app).mail_kinds
    told = 0
    with app.app_context():
        for one in sought:
            mine = [outcome for outcome in outcomes if outcome.message_id == one.message_id]
            if mine:
                with database.writing() as session:
                    told += record_outcomes(session, registry, one.public_id, mine)
    return told


def sought_in_log(session: Session) -> list[Sought]:
    """Return the mails that are uncertain, and official ones of the last days of which the log has not told yet."""
    told = (
        select(MailEvidence.id)
        .where(
            MailEvidence.mail_id == Mail.id,
            MailEvidence.proof.in_([Proof.LOGGED, *BOUNCES]),
            MailEvidence.source.like(f"{LOG} %"),
            MailEvidence.recorded_at >= Mail.due_at,
        )
        .exists()
    )
    since = clock.now() - SOUGHT_FOR
    # By the index of states: official mail never has the priority of bulk.
    recent = (Mail.priority.in_([int(Priority.AWAITED), int(Priority.NORMAL)])) & (Mail.due_at >= since)
    official = (Mail.state == MailState.ACCEPTED) & recent & (Mail.mail_class == MailClass.OFFICIAL) & ~told
    found: list[Sought] = []
    for condition in ((Mail.state == MailState.UNCERTAIN) & (Mail.due_at >= since), official):
        rows = session.execute(
            select(Mail.public_id, Mail.message_id).where(condition).order_by(Mail.id.desc()).limit(MOST_SOUGHT)
        )
        found += [Sought(row.public_id, row.message_id) for row in rows]
    return found


def record_outcomes(session: Session, registry: Registry, mail_id: str, outcomes: Sequence[LoggedFate]) -> bool:
    """Record what the log says of one mail's own recipient; tell whether it knows of an end.

    The mail's reader knows its Message-ID and could send another under it, so lines about anybody else say nothing; nor
    do those about the witness copy. A mail whose recipient can't be told any more stays as it is.
    """
    address = address_of(session, registry, mail_id)
    if not address:
        return False
    own = canonical(address)
    mine = [one for one in outcomes if own in {canonical(one.recipient), canonical(one.asked)}]
    for one in mine:
        source = f"{LOG} {one.queue}"
        if one.action == "sent":
            record_proof(session, mail_id, Proof.LOGGED, one.status, source, one.words)
        elif one.action == "bounced":
            apply(session, registry, [Report(own, "failed", one.status, one.words)], mail_id, source)
        else:
            record_proof(session, mail_id, Proof.DELAYED, one.status, f"{source} delay", one.words)
    return any(one.action != "deferred" for one in mine)


def _lines_before(path: Path) -> Iterable[bytes]:
    """Yield the lines of the log before this one, where it was put away under its usual name not long ago."""
    for name, is_packed in ((f"{path.name}.1", False), (f"{path.name}.1.gz", True)):
        neighbour = path.with_name(name)
        try:
            state = neighbour.stat()
            if state.st_mtime < (clock.now() - SOUGHT_FOR).timestamp():
                continue
            with _opened(neighbour) as plain:
                yield from _unpacked(plain) if is_packed else _tail(plain, state.st_size)
        except (OSError, EOFError) as error:
            if not isinstance(error, FileNotFoundError):
                log.warning("mail.relay_log_unreadable", error=type(error).__name__)
            continue
        return


def _tail(stream: IO[bytes], size: int) -> Iterator[bytes]:
    stream.seek(max(0, size - MOST_READ_BYTES))
    yield from stream


def _unpacked(packed: IO[bytes]) -> Iterator[bytes]:
    """Yield lines of an archive, and never more than MOST_READ_BYTES: a small archive can unpack to anything."""
    left = MOST_READ_BYTES
    with gzip.GzipFile(fileobj=packed) as stream:
        while left > 0:
            line = stream.readline(left)
            if not line:
                return
            left -= len(line)
            yield line


def _opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    """Open a plain file; a pipe or device would hold the worker up."""
    stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError("The mail server's log is no plain file.")
    return stream
