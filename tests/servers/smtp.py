"""A real SMTP server that keeps what it is handed and, on demand, answers as bad servers do."""

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

STAGES = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "QUIT")
RECEIPT_PARAMETERS = frozenset({"RET", "ENVID", "NOTIFY", "ORCPT"})


@dataclass(frozen=True)
class Answer:
    """What the server does at one stage instead of accepting.

    `reply` is the line it sends ("451 4.3.0 come again"); without one it hangs up without a word. `keep` says whether
    a message that came with DATA is kept all the same, as by a server that dies after storing it. `recipient` narrows
    an answer to RCPT to one address, and one to DATA to mail whose first recipient that is; `times` says how often it
    applies (0: always); `after_seconds` delays it.
    """

    reply: str | None
    keep: bool = False
    recipient: str | None = None
    times: int = 0
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Received:
    """One message as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    source: bytes
    options: tuple[str, ...] = ()  # of MAIL and of every RCPT, in upper case

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.source, policy=email.policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return "" if part is None else str(part.get_content())


class _Handler:
    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    @property
    def gives_receipts(self) -> bool:
        return self._server.gives_receipts

    def take_answer(self, stage: str) -> Answer | None:
        return self._server.take_answer(stage)

    async def _answer(self, stage: str, smtp: SMTP, recipient: str | None = None) -> str | None:
        answer = self._server.take_answer(stage, recipient)
        if answer is None:
            return None
        if answer.after_seconds:
            await asyncio.sleep(answer.after_seconds)
        if answer.reply is None:
            if isinstance(smtp.transport, asyncio.WriteTransport):
                smtp.transport.abort()
            raise ConnectionResetError(f"the test asked to hang up at {stage}")
        return answer.reply

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        reply = await self._answer("EHLO", server)
        if reply is not None:
            return [reply]
        return [responses[0], "250-DSN", *responses[1:]] if self._server.gives_receipts else responses

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        reply = await self._answer("EHLO", server)
        return f"250 {server.hostname}" if reply is None else reply

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer("MAIL", server)
        if reply is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer("RCPT", server, address)
        if reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        first = envelope.rcpt_tos[0]
        answer = self._server.peek_answer("DATA", first)
        if answer is None or answer.keep:
            self._server.keep(envelope)
        reply = await self._answer("DATA", server, first)
        return f"250 2.0.0 queued as {self._server.count()}" if reply is None else reply

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        reply = await self._answer("QUIT", server)
        return "221 Bye" if reply is None else reply

    async def handle_exception(self, error: Exception) -> str:
        return f"421 {type(error).__name__}"


class _Smtp(SMTP):
    """aiosmtpd's session, whose greeting can be told to be another, and which can know delivery receipts (RFC 3461)."""

    def _getparams(self, params: Sequence[str]) -> dict[str, str | bool] | None:
        known: dict[str, str | bool] | None = super()._getparams(params)
        if known is not None and self.event_handler.gives_receipts:
            known = {name: value for name, value in known.items() if name not in RECEIPT_PARAMETERS}
        return known

    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status.startswith("220 ") and not self._greeted:
            self._greeted = True
            answer = self.event_handler.take_answer("CONNECT")
            if answer is not None and self.transport is not None:
                if answer.reply is not None:
                    await super().push(answer.reply)
                self.transport.close()
                raise ConnectionResetError("the test asked to end at the greeting")
        await super().push(status)

    _greeted = False


class _LoopbackController(Controller):
    """aiosmtpd's controller on a port that the system chooses, so that two runs never want the same one."""

    def factory(self) -> SMTP:
        return _Smtp(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Any:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listener)


class SmtpServer:
    """The server that a test talks to: what it received, and how it is told to misbehave."""

    def __init__(self, *, gives_receipts: bool = False, **named: Any) -> None:
        self.gives_receipts = gives_receipts
        self._lock = threading.Condition()
        self._received: list[Received] = []
        self._answers: dict[str, list[tuple[Answer, int]]] = {}
        self._controller = _LoopbackController(_Handler(self), hostname="127.0.0.1", port=0, ready_timeout=10, **named)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def received(self) -> list[Received]:
        """Give what was accepted so far, oldest first."""
        with self._lock:
            return list(self._received)

    def count(self) -> int:
        return len(self.received)

    def await_messages(self, number: int, seconds: float = 10.0) -> list[Received]:
        """Wait until at least `number` messages came in; fail with what did come."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._received) >= number, seconds):
                subjects = [each.subject for each in self._received]
                raise AssertionError(f"waited {seconds} s for {number} messages; came: {subjects}")
            return list(self._received)

    def to(self, address: str) -> list[Received]:
        """Give what was accepted for an address, or for that and further ones; oldest first."""
        return [mail for mail in self.received if mail.recipients[0] == address]

    def await_mails_to(self, address: str, number: int = 1, seconds: float = 20.0) -> list[Received]:
        """Wait until at least `number` messages came in for an address; fail with what did come."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self.to(address)) >= number, seconds):
                came = [(mail.recipients[0], mail.subject) for mail in self._received]
                raise AssertionError(f"waited {seconds} s for {number} messages to {address}; came: {came}")
            return self.to(address)

    def answer(self, stage: str, reply: str | None, **named: Any) -> None:
        """From now on answer `stage` with `reply`, or hang up there if it is None; see `Answer` for the rest."""
        if stage not in STAGES:
            raise ValueError(f"{stage} is none of {', '.join(STAGES)}")
        answer = Answer(reply, **named)
        with self._lock:
            self._answers.setdefault(stage, []).append((answer, answer.times))

    def peek_answer(self, stage: str, recipient: str | None = None) -> Answer | None:
        with self._lock:
            return next((each for each, _left in self._answers.get(stage, []) if _fits(each, recipient)), None)

    def take_answer(self, stage: str, recipient: str | None = None) -> Answer | None:
        with self._lock:
            waiting = self._answers.get(stage, [])
            for position, (answer, left) in enumerate(waiting):
                if not _fits(answer, recipient):
                    continue
                if left == 1:
                    del waiting[position]
                elif left > 1:
                    waiting[position] = (answer, left - 1)
                return answer
        return None

    def keep(self, envelope: Envelope) -> None:
        source = envelope.original_content or b""
        options = tuple(str(option) for option in (*envelope.mail_options, *envelope.rcpt_options))
        with self._lock:
            self._received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), source, options))
            self._lock.notify_all()

    def clear(self) -> None:
        """Forget what came in and how to misbehave."""
        with self._lock:
            self._received.clear()
            self._answers.clear()


def _fits(answer: Answer, recipient: str | None) -> bool:
    return answer.recipient is None or answer.recipient == recipient


@pytest.fixture(scope="session")
def _running_smtp_server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp_server(_running_smtp_server: SmtpServer) -> Iterator[SmtpServer]:
    """Give the test a real SMTP server on loopback, empty and well-behaved."""
    _running_smtp_server.clear()
    yield _running_smtp_server
    _running_smtp_server.clear()


@pytest.fixture
def closed_port() -> int:
    """Give a loopback port on which nobody listens: a relay that is down."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def silent_server() -> Iterator[tuple[str, int]]:
    """Give the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield ("127.0.0.1", int(listener.getsockname()[1]))
