"""Let one, two or four senders empty an outbox into a sink, and take the time."""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection as Pipe

from flask import Flask

from app.base.forking import fork
from app.base.parts import parts_of
from app.mail.sending.worker import Worker
from app.smtp.connection import init_connection
from config import MailRelay
from tests.factories.parts import exchange

# As the worker's unit sets it, so that pages go first where a machine is small.
NICENESS = 10


def point_at(app: Flask, port: int) -> None:
    """Let an application mail to a loopback port."""
    exchange(app, outgoing_mail=init_connection(app, MailRelay.from_url(f"smtp://127.0.0.1:{port}")))


def empty_outbox(app: Flask, senders: int) -> float:
    """Send all that is due with so many senders, each a process; return the seconds from the start to the last end."""
    parts_of(app).database.engine.dispose()
    ready, begins = zip(*(multiprocessing.Pipe(duplex=True) for _ in range(senders)), strict=True)
    processes = [fork(_send, app, pipe) for pipe in begins]
    for pipe in ready:
        pipe.recv()
    started = time.monotonic()
    for pipe in ready:
        pipe.send("go")
    for process in processes:
        process.join()
    seconds = time.monotonic() - started
    if any(process.exitcode for process in processes):
        raise RuntimeError("a sender failed")
    return seconds


def send_for_ever(app: Flask) -> None:
    """Send what is due until killed, with the worker's niceness."""
    os.nice(NICENESS)
    worker = Worker(app)
    while True:
        if not worker.work_off():
            time.sleep(0.05)


def _send(app: Flask, pipe: Pipe) -> None:
    worker = Worker(app)
    pipe.send("ready")
    pipe.recv()
    while worker.work_off():
        pass
    worker.close()
