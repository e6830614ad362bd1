"""Fetch what arrives in the mailbox of bounces and replies, over IMAP.

A message is flagged only after it has been committed here, and none is ever deleted: a crash in between fetches it
again, which the store notices. Messages are taken as bytes and parsed by nobody on the way.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Protocol

import structlog
from flask import Flask
from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted

from app.base import clock
from app.base.addresses import canonical_domain
from app.base.database import Database
from app.base.parts import parts_of
from app.inbox.states import InboundSource
from app.inbox.storage import LARGEST_BYTES, store

log = structlog.get_logger()
TIMEOUT_SECONDS = 60.0
MOST_AT_ONCE = 1000  # in one poll: the rest comes with the next
SIZES_AT_ONCE = 200
KEYWORD = "$Undersigned"
TOO_LARGE = "messages that were told of as too large"
# Mail that somebody's mail program has marked as read may still be news to us, but an old archive is not.
LOOK_BACK = timedelta(days=30)
FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError)
_SIZE = re.compile(rb"\bUID (\d+)\b.*?\bRFC822\.SIZE (\d+)|\bRFC822\.SIZE (\d+)\b.*?\bUID (\d+)")


class InboxAddress(Protocol):
    """Where the mailbox is; the settings' `inbox`."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def username(self) -> str: ...

    @property
    def password(self) -> str: ...

    @property
    def folder(self) -> str: ...

    @property
    def start_tls(self) -> bool: ...

    @property
    def implicit_tls(self) -> bool: ...


@dataclass
class Fetched:
    """What one poll came to."""

    new: int = 0
    known: int = 0
    too_large: int = 0
    not_given: int = 0  # the server answers no to them, and will be asked again
    unflagged: int = 0  # the server did not let us: they are fetched again, and known again


def poll(app: Flask, inbox: InboxAddress | None = None) -> Fetched:
    """Fetch and store what is new in the mailbox, each message in a transaction of its own, and flag it afterwards.

    The mailbox is the settings' where none is given. Raises what FAILURES lists; what was stored until then stays.
    """
    inbox = inbox or parts_of(app).settings.inbox
    fetched = Fetched()
    if inbox is None:
        return fetched
    database: Database = parts_of(app).database
    with _signed_in(inbox) as mailbox:
        flags = _flags(mailbox)
        uids = mailbox.uids(_wanted(flags), charset=None)
        for uid in islice(_small_enough(app, mailbox, uids, fetched), MOST_AT_ONCE):
            raw = _raw(mailbox, uid, fetched)
            if raw is None:
                continue
            with database.writing() as session:
                _public_id, is_new = store(session, raw, InboundSource.IMAP)
            fetched.new += is_new
            fetched.known += not is_new
            status, _answer = mailbox.client.uid("STORE", uid, "+FLAGS.SILENT", f"({' '.join(flags)})")
            fetched.unflagged += status != "OK"
    if fetched.new or fetched.known:
        log.info("mail.inbox_fetched", new=fetched.new, known=fetched.known, unflagged=fetched.unflagged)
    return fetched


@contextmanager
def _signed_in(inbox: InboxAddress) -> Iterator[BaseMailBox]:
    mailbox = _connected(inbox)
    try:
        sign_in = mailbox.login if (inbox.username + inbox.password).isascii() else mailbox.login_utf8
        sign_in(inbox.username, inbox.password, initial_folder=inbox.folder)
        yield mailbox
    finally:
        try:
            mailbox.logout()
        except FAILURES:  # the connection may be gone; whatever mattered is committed
            _hang_up(mailbox)


def _connected(inbox: InboxAddress) -> BaseMailBox:
    """Open a connection whose certificate is verified; only a mailbox on this machine goes without one."""
    host = canonical_domain(inbox.host)
    if inbox.implicit_tls:
        return MailBox(host, inbox.port, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())
    mailbox = MailBoxUnencrypted(host, inbox.port, timeout=TIMEOUT_SECONDS)
    if inbox.start_tls:
        try:
            mailbox.client.starttls(ssl.create_default_context())
        except FAILURES:
            _hang_up(mailbox)
            raise
    return mailbox


def _hang_up(mailbox: BaseMailBox) -> None:
    with suppress(OSError):
        mailbox.client.shutdown()


def _flags(mailbox: BaseMailBox) -> list[str]:
    """Return the flags that a stored message gets: a keyword of our own too, where the server keeps keywords."""
    permanent = _response(mailbox, "PERMANENTFLAGS")
    keeps_keywords = b"\\*" in permanent or KEYWORD.encode().lower() in permanent.lower()
    return ["\\Seen", KEYWORD] if keeps_keywords else ["\\Seen"]


def _response(mailbox: BaseMailBox, name: str) -> bytes:
    """Return what the server said of the folder when it was opened."""
    return b" ".join(each for each in mailbox.client.untagged_responses.get(name, []) if isinstance(each, bytes))


def _wanted(flags: Sequence[str]) -> str:
    if KEYWORD not in flags:
        return "UNSEEN"
    since = imaplib.Time2Internaldate(clock.now() - LOOK_BACK)[1:12].strip()
    return f"UNKEYWORD {KEYWORD} OR UNSEEN SINCE {since}"


def _small_enough(app: Flask, mailbox: BaseMailBox, uids: Sequence[str], fetched: Fetched) -> Iterator[str]:
    """Give the messages that can be stored; one that is too large stays in the mailbox, and is told of once."""
    told: set[tuple[bytes, str]] = parts_of(app).remembered.setdefault(TOO_LARGE, set())
    validity = _response(mailbox, "UIDVALIDITY")
    for start in range(0, len(uids), SIZES_AT_ONCE):
        some = uids[start : start + SIZES_AT_ONCE]
        sizes = _sizes(mailbox, some)
        for uid in some:
            if sizes.get(uid, 0) <= LARGEST_BYTES:
                yield uid
                continue
            fetched.too_large += 1
            if (validity, uid) not in told:
                told.add((validity, uid))
                log.error("mail.inbound_too_large", uid=uid, size=sizes[uid], largest=LARGEST_BYTES)


def _sizes(mailbox: BaseMailBox, uids: Sequence[str]) -> dict[str, int]:
    _status, answer = mailbox.client.uid("FETCH", ",".join(uids), "(UID RFC822.SIZE)")
    sizes = {}
    for line in answer:
        found = _SIZE.search(line) if isinstance(line, bytes) else None
        if found:
            uid, size = (found[1], found[2]) if found[1] else (found[4], found[3])
            sizes[uid.decode()] = int(size)
    return sizes


def _raw(mailbox: BaseMailBox, uid: str, fetched: Fetched) -> bytes | None:
    """Fetch one message as it is, without marking it as read; None for one deleted meanwhile, or not given to us.

    One message that the server can't give must not keep those behind it.
    """
    try:
        status, answer = mailbox.client.uid("FETCH", uid, "(BODY.PEEK[])")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        status, answer = "BAD", []
    if status != "OK":
        fetched.not_given += 1
        log.error("mail.inbound_not_given", uid=uid, status=status)
    return next((bytes(item[1]) for item in answer if isinstance(item, tuple)), None)
