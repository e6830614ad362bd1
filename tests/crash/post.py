"""An outbox and the mail server that it sends to, which fails as it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from app.base import clock
from app.base.parts import parts_of
from app.smtp.connection import OutgoingMail, init_connection
from config import MailRelay
from tests.crash.outbox import Outbox, copies_in
from tests.factories.parts import exchange
from tests.servers.relay import Relay
from tests.smtp.dialling import hasty

PATIENCE = hasty(connect=0.3, command=0.3, data=0.3, goodbye=0.1)
PERSONAL, OFFICIAL = 4, 2


@dataclass
class Post:
    """An outbox and the server that it sends to."""

    outbox: Outbox
    server: Relay

    def point_at(self, port: int, *, start_tls: bool = False) -> None:
        """Let the worker send to a port of this machine from now on, in clear or not at all without encryption."""
        app = self.outbox.app
        relay = MailRelay("127.0.0.1", port, None, None, implicit_tls=False, start_tls=start_tls)
        exchange(app, outgoing_mail=init_connection(app, relay))
        mail: OutgoingMail = parts_of(app).outgoing_mail
        mail.patience = PATIENCE
        self.outbox = Outbox(app)

    def heal(self) -> None:
        """Let the server be as good as any from now on."""
        self.server.behaviour.acts.clear()
        self.server.behaviour.for_recipients.clear()

    def copies(self) -> Counter[str]:
        """Count what the server has or could have, by mail."""
        return copies_in(one.content for one in [*self.server.taken, *self.server.unanswered])

    def queue(self, hit: str = "") -> None:
        """Queue a batch, in which a mail of the kind that is to be hit comes first."""
        if hit == "official":
            self.outbox.queue(official=OFFICIAL)
            clock.advance(milliseconds=1)
            self.outbox.queue(personal=PERSONAL)
        else:
            self.outbox.queue(PERSONAL, OFFICIAL)


@contextmanager
def open_post(app: Flask) -> Iterator[Post]:
    """Begin with an empty outbox and a good server."""
    server = Relay()
    post = Post(Outbox(app), server)
    post.point_at(server.port)
    try:
        yield post
        post.outbox.worker.close()
    finally:
        server.stop()
