"""gunicorn's sync worker with patience: who sends slowly, or reads slowly, waits beside and not before everybody else.

gunicorn's own reads each request from the network while it answers it, so two people on bad lines silence a house of
two workers. This one answers one request at a time as well, but only what has come whole; what has not is watched by
the kernel, within bounds.
"""

from __future__ import annotations

import errno
import os
import selectors
import time
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.workers.sync import SyncWorker

from app.serving.conversations import Conversation
from app.serving.shedding import WAITED_SECONDS

ACCEPT_AT_ONCE = 32
_NO_ROOM = errno.EMFILE, errno.ENFILE  # a machine may allow fewer open files than are reckoned with here
LOOK_SECONDS = 1.0
# A service of systemd may have 1,024 files open. Who came first goes first where there are more, or too much is held.
MOST_CONVERSATIONS = 600
LARGE_BYTES = 128 * 1024
MOST_HELD_BYTES = 160 * 1024 * 1024
# When it is told to stop: for those whose answer is on its way. Less than gunicorn's graceful_timeout.
LEAVING_SECONDS = 5.0
MOST_BYTES = 32 * 1024 * 1024  # where the application does not say how large a request may be


class PatientWorker(SyncWorker):
    """Answers requests one at a time, each when it is there whole."""

    def run(self) -> None:
        """Serve until told to stop. Where gunicorn speaks TLS by itself, as it always did: use a proxy instead."""
        if self.cfg.is_ssl:
            super().run()
            return
        self._prepare()
        while self.alive and self.is_parent_alive():
            self.notify()
            self._go_on(LOOK_SECONDS if self._open else self.timeout or LOOK_SECONDS)
        self._leave()

    def _prepare(self) -> None:
        application: Any = self.wsgi  # type: ignore[has-type]
        self._application: Callable[..., Iterable[bytes]] = application
        self._most_bytes: int = getattr(application, "config", {}).get("MAX_CONTENT_LENGTH") or MOST_BYTES
        self.wsgi = self._ask
        self._waited_seconds = 0.0
        # In the order in which they came: at which listener, and from where.
        self._open: dict[Conversation, tuple[Any, Any]] = {}
        self._looked_at = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.PIPE[0], selectors.EVENT_READ)
        for listener in self.sockets:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)

    def _go_on(self, seconds: float) -> None:
        """Do what can be done now; wait so long at most until there is something."""
        for key, _events in self._selector.select(seconds):
            if key.data in self._open:
                self._hear(key.data)
            elif key.fileobj == self.PIPE[0]:
                os.read(self.PIPE[0], 4096)
            elif key.data is None:
                self._accept(key.fileobj)
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._looked_at = time.monotonic()
            for slow in [each for each in self._open if each.is_too_slow(self._looked_at)]:
                self._end(slow)

    def _accept(self, listener: Any) -> None:
        """Take those who wait at the door; most have said all that they want by then, and are answered at once."""
        for _ in range(ACCEPT_AT_ONCE):
            if not self.alive:
                return
            try:
                connection, address = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_ROOM or not self._open:
                    raise
                self._end(next(iter(self._open)))
                return
            conversation = Conversation(connection, self._most_bytes)
            self._open[conversation] = listener, address
            self._hear(conversation)

    def _hear(self, conversation: Conversation) -> None:
        """Go on with one of them as far as it goes without waiting."""
        if not conversation.is_answered and conversation.listen():
            self._answer(conversation)
        if conversation.is_broken:
            self._end(conversation)
        elif not conversation.is_answered:
            self._watch(conversation, selectors.EVENT_READ)
        elif not conversation.speak():
            self._watch(conversation, selectors.EVENT_WRITE)
        elif not conversation.is_over():
            self._watch(conversation, selectors.EVENT_READ)
        else:
            self._end(conversation)

    def _answer(self, conversation: Conversation) -> None:
        self.notify()
        self._waited_seconds = conversation.waited_seconds()
        self.handle(self._open[conversation][0], conversation, self._open[conversation][1])

    def _ask(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[WAITED_SECONDS] = self._waited_seconds
        return self._application(environ, start_response)

    def _watch(self, conversation: Conversation, events: int) -> None:
        """Let the kernel say when there is more to do, and keep within the bounds."""
        known = self._selector.get_map().get(conversation)
        if known is None:
            self._selector.register(conversation, events, conversation)
        elif known.events != events:
            self._selector.modify(conversation, events, conversation)
        if len(self._open) > MOST_CONVERSATIONS:
            self._end(next(iter(self._open)))
        if conversation.held_bytes > LARGE_BYTES:
            self._bound_memory()

    def _bound_memory(self) -> None:
        large = [each for each in self._open if each.held_bytes > LARGE_BYTES]
        held = sum(each.held_bytes for each in large)
        for each in large:
            if held <= MOST_HELD_BYTES:
                return
            held -= each.held_bytes
            self._end(each)

    def _end(self, conversation: Conversation) -> None:
        if conversation in self._selector.get_map():
            self._selector.unregister(conversation)
        self._open.pop(conversation, None)
        conversation.end()

    def _leave(self) -> None:
        """Let those who wait for their answer have it; of the others nothing has been promised."""
        for listener in self.sockets:
            self._selector.unregister(listener)
        gives_up_at = time.monotonic() + LEAVING_SECONDS
        for unanswered in [each for each in self._open if not each.is_answered]:
            # What has come whole meanwhile is answered: it came to a server that took it.
            if unanswered in self._open:
                self._hear(unanswered)
            if unanswered in self._open and not unanswered.is_answered:
                self._end(unanswered)
        while self._open and time.monotonic() < gives_up_at:
            self.notify()
            self._go_on(0.1)
