"""Read from a Postfix or Exim log what the mail server did with mails that are known by their Message-ID."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from app.smtp.troubles import class_of, status_of

LONGEST_LINE = 8192  # what follows of a line says nothing that is wanted
MOST_TRACKED = 20_000  # queue ids that belong to wanted mails; a mail has a few

# Everything is matched in bytes: a log may hold any.
_POSTFIX = re.compile(rb"postfix\S*?/(?P<daemon>[\w-]+)\[\d+\]: (?P<queue>[0-9A-Za-z]{5,24}): (?P<rest>.*)")
_POSTFIX_ID = re.compile(rb"message-id=(<[^\r\n]+>)\s*$")
_POSTFIX_TO = re.compile(rb"to=<(?P<to>[^>]*)>, (?:orig_to=<(?P<asked>[^>]*)>, )?(?P<rest>.*)")
_POSTFIX_STATUS = re.compile(rb"\bdsn=(?P<dsn>[245]\.\d{1,3}\.\d{1,3}), status=(?P<status>sent|bounced|deferred) ")
_POSTFIX_EXPIRED = re.compile(rb"from=<[^>]*>, status=(?:force-)?expired, returned to sender")
_POSTFIX_NEXT = re.compile(rb"queued as ([0-9A-Za-z]{5,24})\b")
_EXIM = re.compile(
    rb"(?:^|\s)(?P<queue>[0-9A-Za-z]{6}-[0-9A-Za-z]{6}(?:[0-9A-Za-z]{5})?-[0-9A-Za-z]{2}(?:[0-9A-Za-z]{2})?) "
    rb"(?P<flag><=|=>|->|\*\*|==) (?P<rest>.*)"
)
_EXIM_ID = re.compile(rb"\sS=\d+\s(?:\S+ )*?id=(\S+)")
_EXIM_TO = re.compile(rb"(?P<to>[^\s<:]+)(?: <(?P<asked>[^>]*)>)?(?P<rest>[:\s].*|$)")
_EXIM_ACTIONS = {b"=>": "sent", b"->": "sent", b"**": "bounced", b"==": "deferred"}


@dataclass(frozen=True, slots=True)
class LoggedFate:
    """What the log says of one mail and one recipient: sent, deferred or bounced, with RFC 3463's status and words.

    `asked` is the recipient as it was handed over, where the server rewrote it; both are in small letters.
    """

    message_id: str
    queue: str  # the server's own id of this copy
    recipient: str
    asked: str
    action: str
    status: str
    words: str


@dataclass
class Tracker:
    """Follows wanted mails through a log. The state lasts, so that a log can be read bit by bit."""

    wanted: Collection[str]
    _known: dict[bytes, str] = field(default_factory=dict)  # Message-ID by the server's queue id
    _own: set[bytes] = field(default_factory=set)  # every queue id that ever was one of them
    _latest: dict[tuple[bytes, bytes], LoggedFate] = field(default_factory=dict)  # by queue id and recipient
    _handed_on: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)  # and the id it was queued under next

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in some lines, oldest first."""
        for line in lines:
            line = line[:LONGEST_LINE]
            is_postfix = b"postfix" in line
            found = (_POSTFIX if is_postfix else _EXIM).search(line)
            if found is None:
                continue
            if is_postfix:
                self._read_postfix(found["queue"], found["daemon"], found["rest"])
            else:
                self._read_exim(found["queue"], found["flag"], found["rest"].rstrip())

    def outcomes(self) -> Iterator[LoggedFate]:
        """Yield the last that is known of each mail and recipient, without what a server handed on to itself."""
        for key, outcome in self._latest.items():
            if self._handed_on.get(key) not in self._own:
                yield outcome

    def _read_postfix(self, queue: bytes, daemon: bytes, rest: bytes) -> None:
        if daemon == b"cleanup":
            found = _POSTFIX_ID.match(rest)
            if found:
                self._meet(queue, found[1])
        if queue not in self._known:
            return
        if _POSTFIX_EXPIRED.match(rest):
            self._expire(queue, rest)
            return
        to = _POSTFIX_TO.match(rest)
        status = _POSTFIX_STATUS.search(to["rest"]) if to else None
        if to is None or status is None:
            return
        key = (queue, to["to"].lower())
        self._note(key, to["asked"] or b"", status["status"].decode(), status["dsn"].decode(), to["rest"])
        onward = _POSTFIX_NEXT.search(to["rest"], status.end())
        if status["status"] == b"sent" and onward:
            self._handed_on[key] = onward[1]

    def _read_exim(self, queue: bytes, flag: bytes, rest: bytes) -> None:
        if flag == b"<=":
            found = _EXIM_ID.search(rest)
            if found:
                self._meet(queue, b"<" + found[1] + b">")
            return
        to = _EXIM_TO.match(rest) if queue in self._known else None
        if to is None:
            return
        words = to["rest"].lstrip(b": ")
        recipient = to["to"] if b"@" in to["to"] or not to["asked"] else to["asked"]
        action = _EXIM_ACTIONS[flag]
        self._note((queue, recipient.lower()), to["asked"] or b"", action, _exim_status(action, _text(words)), words)

    def _meet(self, queue: bytes, message_id: bytes) -> None:
        """Remember a queue id while it belongs to a wanted mail; servers use an id again for another mail later."""
        known = _text(message_id)
        if known in self.wanted and len(self._known) < MOST_TRACKED:
            self._known[queue] = known
            self._own.add(queue)
        else:
            self._known.pop(queue, None)

    def _note(self, key: tuple[bytes, bytes], asked: bytes, action: str, status: str, words: bytes) -> None:
        message_id = self._known[key[0]]
        self._handed_on.pop(key, None)
        queue, recipient = _text(key[0]), _text(key[1])
        self._latest[key] = LoggedFate(message_id, queue, recipient, _text(asked).lower(), action, status, _text(words))

    def _expire(self, queue: bytes, rest: bytes) -> None:
        """Postfix gave up: recipients who were still put off will not get the mail."""
        for key, outcome in list(self._latest.items()):
            if key[0] == queue and outcome.action == "deferred":
                words = f"{_text(rest)} {outcome.words}".encode()
                self._note(key, outcome.asked.encode(), "bounced", outcome.status or "4.4.7", words)


def _exim_status(action: str, words: str) -> str:
    return "2.0.0" if action == "sent" else status_of(words) or class_of(words)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
