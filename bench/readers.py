"""Readers beside writers: a page that is read while others commit, and one that was changed before each request."""

import http.client
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import func, select, update

from app.base.database import Database
from app.base.parts import parts_of
from app.directory.states import SignatoryKind
from app.mail.models import Mail
from app.signatures.models import Signature
from app.statements.models import Statement
from app.visibility.states import Visibility
from bench.comparison import ROUNDS, Result
from bench.load import Request, Run
from bench.scene import Scene

ELSEWHERE_A_SECOND, HERE_A_SECOND = 20, 5
COLD_REQUESTS = 60  # of a round
LEAD = (
    f"Public page: while it is read, {ELSEWHERE_A_SECOND} commits a second happen elsewhere (the outbox) and "
    f"{HERE_A_SECOND} on its statement, for both sides alike; each of the latter hides a name or shows it again. "
    "Cold: one request at a time, a name of the page hidden or shown before each; a process renders what that changes. "
    "First: the same where something else of the statement changed as well, so that nothing of its page is kept."
)


class Writer:
    """Commits as others would: on the statement that is read, or elsewhere in the house."""

    def __init__(self, app: Flask, scene: Scene) -> None:
        self._database: Database = parts_of(app).database
        with self._database.reading() as session:
            found = select(Statement.id).where(Statement.slug == scene.readers_slug).scalar_subquery()
            shown = select(Signature.id).where(Signature.statement_id == found, Signature.kind.is_not(None))
            self._shown = session.scalars(shown.order_by(Signature.id).limit(1)).one()
            self._statement = session.scalars(select(Statement.id).where(Statement.slug == scene.readers_slug)).one()
            self._mail = session.scalars(select(Mail.id).limit(1)).one_or_none()
        self._is_hidden = False

    def write_here(self) -> None:
        """Hide one name of the page, or show it again."""
        self._is_hidden = not self._is_hidden
        seen = (Visibility.COUNTED, None) if self._is_hidden else (Visibility.PUBLIC, SignatoryKind.PERSON)
        with self._database.writing() as session:
            session.execute(
                update(Signature).where(Signature.id == self._shown).values(visibility=seen[0], kind=seen[1])
            )

    def write_the_statement(self) -> None:
        """Change something else of the statement."""
        with self._database.writing() as session:
            session.execute(
                update(Statement)
                .where(Statement.id == self._statement)
                .values(goal=func.coalesce(Statement.goal, 5_000) + 1)
            )

    def write_elsewhere(self) -> None:
        """Move one mail of the outbox, as its senders do all the time."""
        with self._database.writing() as session:
            session.execute(update(Mail).where(Mail.id == self._mail).values(attempts=Mail.attempts + 1))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Commit at the paces above until the block ends."""
        ends = threading.Event()
        paces = ((self.write_elsewhere, ELSEWHERE_A_SECOND), (self.write_here, HERE_A_SECOND))
        threads = [threading.Thread(target=_at_pace, args=(act, pace, ends)) for act, pace in paces]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ends.set()
            for thread in threads:
                thread.join()


def _at_pace(act: Callable[[], None], a_second: int, ends: threading.Event) -> None:
    while not ends.wait(1 / a_second):
        act()


def measure_cold(
    result: Result, product: tuple[int, Request], bare: tuple[int, Request], before_each: Callable[[], None]
) -> Result:
    """Ask both sides in turns, one request at a time, each after a commit that is not counted."""
    for _warm in range(10):
        _asked_once(*product), _asked_once(*bare)
    for _round in range(ROUNDS):
        latencies: dict[str, list[float]] = {"product": [], "bare": []}
        for _request in range(COLD_REQUESTS):
            for which, side in (("product", product), ("bare", bare)):
                before_each()
                latencies[which].append(_asked_once(*side))
        result.product.append(_run(latencies["product"]))
        result.bare.append(_run(latencies["bare"]))
    return result


def _asked_once(port: int, request: Request) -> float:
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(request.method, request.path)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{request.path} was answered with {response.status}")
    return time.perf_counter() - started


def _run(latencies: list[float]) -> Run:
    cuts = statistics.quantiles(latencies, n=100)
    return Run(sum(latencies), Counter({200: len(latencies)}), cuts[49] * 1000, cuts[98] * 1000)
