"""A real IMAP server (pymap) on loopback: over TLS, with STARTTLS, or plain."""

from __future__ import annotations

import asyncio
import imaplib
import socket
import ssl
import threading
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack

import pytest
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.backend.dict.mailbox import MailboxData
from pymap.imap import IMAPServer
from pymap.parsing.specials import Flag
from pymap.parsing.specials.flag import Recent, get_system_flags

from config import Inbox

USER, PASSWORD = "inbox@example.org", 'a "quoted" password'


class ImapServer:
    """One server with one empty mailbox. `inbox` is how the service is told of it."""

    def __init__(self, context: ssl.SSLContext | None, *, start_tls: bool = False) -> None:
        self._context, self._start_tls = context, start_tls
        # Named as TCP, so that asyncio sends at once what it has: else each answer waits 40 ms for the next.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def inbox(self) -> Inbox:
        return Inbox(
            "127.0.0.1",
            self.port,
            USER,
            PASSWORD,
            start_tls=self._start_tls,
            implicit_tls=self._context is not None and not self._start_tls,
        )

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        self._loop.close()

    def add(self, messages: Iterable[bytes]) -> None:
        """Put messages into the inbox, as a mail server would."""
        with self.client() as client:
            for message in messages:
                client.append("INBOX", "", "", message)

    def flags(self) -> list[set[str]]:
        """Return the flags of every message, in order."""
        with self.client() as client:
            client.select("INBOX", readonly=True)
            _status, answer = client.fetch("1:*", "(FLAGS)")
        return [{flag.decode() for flag in imaplib.ParseFlags(line)} for line in answer if isinstance(line, bytes)]

    def set_flags(self, number: int, flags: str) -> None:
        with self.client() as client:
            client.select("INBOX")
            client.store(str(number), "+FLAGS", f"({flags})")

    def client(self) -> imaplib.IMAP4:
        """Return a client that is signed in and asks no questions about certificates."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        client: imaplib.IMAP4
        if self._context is not None and not self._start_tls:
            client = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trusting, timeout=10)
        else:
            client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
            if self._start_tls:
                client.starttls(trusting)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(USER, PASSWORD)
        return client

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        arguments = Namespace(
            host=None, port=0, debug=False, cert=None, key=None, tls=self._start_tls, passlib_cfg=None,
            proxy_protocol=None, demo_data=False, demo_user=USER, demo_password=PASSWORD,
        )  # fmt: skip
        backend, config = await DictBackend.init(arguments, ssl_context=self._context, reject_dnsbl=False)
        config.apply_context()
        callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        implicit = None if self._start_tls else self._context
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            server = await asyncio.start_server(callback, sock=self._listener, ssl=implicit)
            self._ready.set()
            await self._stopping.wait()
            server.close()
            await server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def kept_keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the servers keep a keyword of ours, as most do; pymap by itself keeps none."""
    keyword = Flag(b"$Undersigned")
    monkeypatch.setattr(
        MailboxData, "permanent_flags", property(lambda _mailbox: get_system_flags() - {Recent} | {keyword})
    )


ImapServers = Callable[..., ImapServer]


@pytest.fixture
def imap_servers() -> Iterator[ImapServers]:
    """Give a way to start IMAP servers: without a context plain, with one over TLS or with STARTTLS."""
    running: list[ImapServer] = []

    def start(context: ssl.SSLContext | None = None, *, start_tls: bool = False) -> ImapServer:
        server = ImapServer(context, start_tls=start_tls)
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()
