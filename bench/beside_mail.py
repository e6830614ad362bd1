"""Measure whether a deciding page is as quick while mail runs, and while the mail server hangs, as otherwise."""

import http.client
import os
import signal
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from flask import Flask
from sqlalchemy import func, select

from app.base.database import Database
from app.base.forking import fork
from app.base.parts import parts_of
from app.mail.models import Mail
from app.mail.states import MailState
from bench.comparison import UnsoundRunError
from bench.load import Request
from bench.mailing_scene import queue_again
from bench.senders import point_at, send_for_ever
from bench.sink import sink

HEAD = ("database", "signing, one after another", "p50 ms", "p95 ms", "p99 ms", "mails sent meanwhile")
SENDERS = 2
SIGNINGS = 150
ROUNDS = 3
QUIET, MAILING, HANGING = "no mail", f"{SENDERS} senders at full speed", "the mail server hangs"


@dataclass
class Beside:
    """What signing took under one condition, over all rounds."""

    database: str
    condition: str
    latencies: list[float] = field(default_factory=list)
    sent: int = 0

    def row(self) -> tuple[str, ...]:
        """Give the table's cells."""
        cuts = statistics.quantiles(self.latencies, n=100)
        times = (f"{cuts[each - 1] * 1000:.1f}" for each in (50, 95, 99))
        return self.database, self.condition, *times, f"{self.sent:,}"


def measure_beside(kind: str, app: Flask, port: int, requests: Iterator[Request]) -> list[Beside]:
    """Sign under the three conditions in turns; the web server runs already, the senders are started and killed."""
    results = [Beside(kind, condition) for condition in (QUIET, MAILING, HANGING)]
    conditions: dict[str, Callable[..., object]] = {QUIET: _nothing, MAILING: _mailing, HANGING: _hanging}
    database: Database = parts_of(app).database
    for _ in range(ROUNDS):
        for result in results:
            queue_again(app)
            with conditions[result.condition](app):  # type: ignore[attr-defined]
                before = _accepted(database)
                result.latencies += [_sign(port, next(requests)) for _ in range(SIGNINGS)]
                result.sent += _accepted(database) - before
    quiet, mailing, hanging = results
    if quiet.sent or hanging.sent or not mailing.sent:
        raise UnsoundRunError(f"mails were sent when none should be, or none: {[each.sent for each in results]}")
    return results


def _sign(port: int, request: Request) -> float:
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        request.method, request.path, request.body, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    status = connection.getresponse().status
    seconds = time.perf_counter() - started
    connection.close()
    if status != http.client.SEE_OTHER:
        raise UnsoundRunError(f"signing was answered with {status}")
    return seconds


def _accepted(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Mail.state == MailState.ACCEPTED)) or 0


@contextmanager
def _nothing(_app: Flask) -> Iterator[None]:
    yield


@contextmanager
def _mailing(app: Flask) -> Iterator[None]:
    with sink() as server:
        point_at(app, server.port)
        with _senders(app):
            yield


@contextmanager
def _hanging(app: Flask) -> Iterator[None]:
    """Let the senders talk to a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        point_at(app, silent.getsockname()[1])
        with _senders(app):
            yield


@contextmanager
def _senders(app: Flask) -> Iterator[None]:
    parts_of(app).database.engine.dispose()
    running: list[BaseProcess] = [fork(send_for_ever, app) for _ in range(SENDERS)]
    time.sleep(1.0)
    try:
        yield
    finally:
        for process in running:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
