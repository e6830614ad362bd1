"""Real worker processes for tests, forked quickly from a server that has imported everything and has no thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app import STAGES, _part, _parts_of, create_app
from app.background import processes
from app.background.calendar import Job
from app.background.scheduling import Schedule
from app.base.logs import init_logs
from app.base.parts import parts_of
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.sending import loop
from app.mail.states import MailClass
from config import Settings

PATIENCE_SECONDS = 20.0
# What create_app would import in each process: the server that they are forked from has it once for all.
for _stage in STAGES:
    for _name in _parts_of(_stage):
        _part(_stage, _name)


def _greet(_session: Session, references: References) -> RenderedMail:
    return RenderedMail("Ада", references["to"], "Привіт", "Hello\n", "<p>Hello</p>")


GREETING = MailKind("test greeting", MailClass.PERSONAL, _greet)


def make_app(settings: Settings) -> Flask:
    """Join an application that knows a kind of mail for tests."""
    app = create_app(settings)
    parts_of(app).mail_kinds.register([GREETING])
    return app


def work(settings: Settings) -> None:
    """Be a worker."""
    loop.send_until_stopped(make_app(settings))


def work_with_dying_senders(settings: Settings) -> None:
    """Be a worker whose senders end as soon as they begin."""

    def die(_loop: loop.SendingLoop) -> None:
        os._exit(3)

    processes.WATCH_SECONDS = 0.05
    loop.SendingLoop.initialize = die  # type: ignore[assignment, method-assign]
    work(settings)


def work_while_others_die(settings: Settings) -> None:
    """Be a worker that replaces its senders at once, however often they die."""
    processes.MOST_DEATHS, processes.WATCH_SECONDS = 10**6, 0.05
    work(settings)


def keep_calendar(settings: Settings, written: Path, begin_at: float) -> None:
    """Be one scheduler of several that all begin at the same moment."""
    app = make_app(settings)

    def note(_app: Flask) -> None:
        with written.open("a") as lines:
            lines.write(f"{os.getpid()}\n")

    parts_of(app).calendar._jobs = {f"job {n}": Job(f"job {n}", 3600, note) for n in range(5)}
    schedule = Schedule(app)
    time.sleep(max(0.0, begin_at - time.time()))
    for _round in range(20):
        schedule.begin_due()
    schedule.wait(PATIENCE_SECONDS)


def _apart(log: Path, target: Callable[..., None], words: tuple[Any, ...]) -> None:
    with log.open("ab", buffering=0) as stream:
        os.dup2(stream.fileno(), 2)
    init_logs("INFO")
    target(*words)


def begin(log: Path, target: Callable[..., None], *words: Any) -> BaseProcess:
    """Start a process of its own that runs `target`; what it logs goes to a file."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_apart, args=(log, target, words))
    process.start()
    return process


@contextmanager
def working(settings: Settings, log: Path) -> Iterator[BaseProcess]:
    """Run a worker for the block, from when it is ready to when all of it has ended."""
    process = begin(log, work, settings)
    try:
        await_line(log, "worker.started")
        yield process
    finally:
        if process.is_alive():
            process.terminate()
        process.join(PATIENCE_SECONDS)
        if process.is_alive():
            for pid in children_of(process):
                os.kill(pid, signal.SIGKILL)
            process.kill()
            process.join()


def await_line(log: Path, words: str, times: int = 1) -> str:
    """Wait until a log says something; return all that it says."""
    await_true(lambda: _read(log).count(words) >= times, lambda: f"no {words} in {_read(log)}")
    return _read(log)


def await_true(
    ask: Callable[[], Any], tell: Callable[[], str] = lambda: "it never came about", seconds: float = PATIENCE_SECONDS
) -> Any:
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, tell()
        time.sleep(0.02)
    return answer


def children_of(process: BaseProcess) -> list[int]:
    """Return the ids of a process's children (Linux)."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""
