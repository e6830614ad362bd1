"""A day on which a statement is in the news: 50 readers for each who signs, bursts of ten times as many, no end of it.

`python -m bench storm` measures nothing else, and takes five minutes for each database. The load is
open: requests come when their time has come, whether or not those before them were answered, as people do.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import Select, select

from app.base.database import Database
from app.base.parts import parts_of
from app.counts.queries import totals
from app.signatures.queries import every_signature
from app.statements.models import Statement
from app.statements.queries import slug_of
from bench.comparison import UnsoundRunError
from bench.load import Request
from bench.report import Section
from bench.scene import Scene

HEAD = (
    "database", "rate held, per second", "readers p50 / p99 ms", "who sign p50 / p99 ms", "in bursts: came, sent away",
    "errors", "recovered after s", "told that they signed", "signatures = recount",
)  # fmt: skip
LEAD = (
    "One reads the page of the statement that 1 of 51 signs; ten times a burst of ten times as many comes, or as"
    " many as the generator on the same two cores can send. Served by the workers of deploy/, without a proxy. Sent"
    " away: 503 with Retry-After, before anything was done; recovered: nobody is sent away or waits a second any more."
)
SECONDS = 300.0
READERS_TO_A_SIGNER = 50
BURST = 10
PHASES = 10  # a tenth of the time each: nine quiet parts and a burst, as often as that fits
BURST_SECONDS = 3.0
RATES = (25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200)
STEP_SECONDS = 4.0
HELD_MS = 500.0
SLOW_SECONDS = 1.0
MOST_UNDER_WAY = 1_500  # whoever would be one more does not come: the generator could not follow either
TICK_SECONDS = 0.005
PATIENCE_SECONDS = 60.0


@dataclass
class Sent:
    """One request and what became of it; status 0: no answer."""

    began_at: float
    is_signing: bool
    in_burst: bool
    status: int = 0
    seconds: float = 0.0


@dataclass
class Storm:
    """Sends readers and signers to one server, and notes what each was told."""

    port: int
    reading: Request
    signing: list[Request]
    sent: list[Sent] = field(default_factory=list)
    told: int = 0
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _number: int = 0

    async def blow(self, rate_at: Callable[[float], tuple[float, bool]], seconds: float) -> list[Sent]:
        """Send for so many seconds at the rate of each moment; return what was sent, all of it answered by then."""
        first, began, due = len(self.sent), time.perf_counter(), 0.0
        last = began
        while (now := time.perf_counter()) - began < seconds:
            rate, in_burst = rate_at(now - began)
            due, last = due + rate * (now - last), now
            while due >= 1:
                due -= 1
                self._begin(in_burst)
            await asyncio.sleep(TICK_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=PATIENCE_SECONDS)
        return self.sent[first:]

    def _begin(self, in_burst: bool) -> None:
        if len(self._under_way) >= MOST_UNDER_WAY:
            return
        self._number += 1
        signs = self._number % (READERS_TO_A_SIGNER + 1) == 0 and bool(self.signing)
        request = self.signing.pop() if signs else self.reading
        task = asyncio.ensure_future(self._send(request, Sent(time.perf_counter(), signs, in_burst)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, request: Request, sent: Sent) -> None:
        self.sent.append(sent)
        try:
            sent.status = await asyncio.wait_for(_status(self.port, request), PATIENCE_SECONDS)
        except (OSError, TimeoutError, ValueError, IndexError):
            sent.status = 0
        sent.seconds = time.perf_counter() - sent.began_at
        if sent.is_signing and sent.status == 503:
            self.signing.append(request)  # people come again
        self.told += sent.is_signing and sent.status == 303


async def _status(port: int, request: Request) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"{request.method} {request.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip"]
    if request.body:
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(request.body)}"]
    writer.write("\r\n".join([*head, "", request.body]).encode())
    try:
        answer = await reader.read()
        return int(answer.split(b" ", 2)[1])
    finally:
        writer.close()


def is_good(sent: Sent) -> bool:
    """Tell whether somebody got what they came for."""
    return sent.status == (303 if sent.is_signing else 200)


def percentiles(sent: list[Sent]) -> tuple[float, float]:
    """Give the median and the 99th of a hundred, in milliseconds."""
    times = sorted(each.seconds * 1000 for each in sent if is_good(each)) or [0.0]
    return statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]


def held_rate(storm: Storm) -> float:
    """Find the highest rate at which everybody is answered, 99 of 100 within half a second."""
    held = RATES[0]
    for rate in RATES:
        sent = asyncio.run(storm.blow(lambda _now, rate=rate: (rate, False), STEP_SECONDS))  # type: ignore[misc]
        is_held = all(map(is_good, sent)) and percentiles(sent)[1] < HELD_MS
        if not is_held or len(sent) < 0.9 * rate * STEP_SECONDS:
            return float(held)
        held = rate
    return float(held)


def recovery(sent: list[Sent], ends: list[float]) -> float:
    """Return after how many seconds nobody who came later was sent away or waited, at the worst of the bursts' ends."""
    worst = 0.0
    for end, following in zip(ends, [*ends[1:], float("inf")], strict=True):
        after = [each for each in sent if not each.in_burst and end <= each.began_at < following]
        late = [each.began_at - end for each in after if not is_good(each) or each.seconds > SLOW_SECONDS]
        worst = max([worst, *late])
    return worst


def _phases(rate: float, seconds: float) -> tuple[Callable[[float], tuple[float, bool]], list[float]]:
    """Return the rate of each moment, and when its bursts end."""
    every = max(seconds / PHASES, 2 * BURST_SECONDS)
    ends = [every * number + BURST_SECONDS + every / 2 for number in range(int(seconds / every))]

    def rate_at(now: float) -> tuple[float, bool]:
        in_burst = any(end - BURST_SECONDS <= now < end for end in ends)
        return (rate * BURST if in_burst else rate), in_burst

    return rate_at, ends


def measure_storm(kind: str, app: Flask, scene: Scene, storm: Storm, seconds: float) -> tuple[str, ...]:
    """Find the rate that is held, then let it storm; raises UnsoundRunError where somebody's signature is lost."""
    rate = held_rate(storm)
    rate_at, ends = _phases(rate, seconds)
    began = time.perf_counter()
    sent = asyncio.run(storm.blow(rate_at, seconds))
    quiet, bursts = [each for each in sent if not each.in_burst], [each for each in sent if each.in_burst]
    statuses = Counter(each.status for each in sent if not is_good(each))
    shed = statuses.pop(503, 0)
    readers, signers = (percentiles([each for each in quiet if each.is_signing is signs]) for signs in (False, True))
    standing = _check_signatures(app, scene, storm.told)
    return (
        kind, f"{rate:.0f}", "{:.0f} / {:.0f}".format(*readers), "{:.0f} / {:.0f}".format(*signers),
        f"{len(bursts):,}, {shed:,}", f"{sum(statuses.values())}",
        f"{recovery(sent, [began + end for end in ends]):.1f}", f"{storm.told:,}", f"{standing:,}",
    )  # fmt: skip


def storm_over(app: Flask, scene: Scene, signing: list[Request], port: int) -> Storm:
    """Prepare a storm over the statement that is signed in the runs."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        slug = slug_of(session, session.scalars(_statement(scene)).one())
    return Storm(port, Request(f"/statements/{slug}"), signing)


def _check_signatures(app: Flask, scene: Scene, told: int) -> int:
    """Return how many signatures stand: everybody's who was told so, and the number that pages show."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        statement = session.scalars(_statement(scene)).one()
        standing = sum(each.is_signed for each in every_signature(session, statement.id))
        shown = totals(session, statement.id).total
    if shown != standing or standing < told:
        raise UnsoundRunError(f"{told} were told that they signed, {standing} stand, {shown} are shown")
    return standing


def _statement(scene: Scene) -> Select[Statement]:
    return select(Statement).where(Statement.public_id == scene.signing_public_id)


def section(rows: list[tuple[str, ...]]) -> Section:
    """Give the table of the report."""
    return Section("A storm", LEAD, HEAD, rows, [])
