"""Send requests to a server for some seconds and report what came back: with wrk, or without it by threads."""

import http.client
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS = 8


@dataclass(frozen=True)
class Request:
    """One request; `body` is a form for a POST."""

    path: str
    method: str = "GET"
    cookie: str = ""
    body: str = ""


@dataclass
class Run:
    """What one run of the load measured."""

    seconds: float
    statuses: Counter[int]
    p50_ms: float
    p99_ms: float
    socket_errors: int = 0
    ran_out: bool = False
    latencies: list[float] = field(default_factory=list, repr=False)

    def answered(self, *codes: int) -> int:
        """Count the answers with one of these codes."""
        return sum(self.statuses[code] for code in codes)

    def per_second(self, *codes: int) -> float:
        """Give the rate of answers with one of these codes."""
        return self.answered(*codes) / self.seconds if self.seconds else 0.0


def generator() -> str:
    """Name the load generator of this machine; both sides of a ratio use the same."""
    return "wrk" if shutil.which("wrk") else "threads of the standard library"


def load(port: int, requests: list[Request], seconds: float, *, repeated: bool) -> Run:
    """Send the requests over eight connections at once; `repeated` starts again at the end of the list."""
    if shutil.which("wrk"):
        return _with_wrk(port, requests, seconds, repeated)
    return _with_threads(port, requests, seconds, repeated)


def warm_up(port: int, requests: list[Request]) -> Run:
    """Send a few requests, however long they take, so that every worker has loaded and compiled what it needs."""
    return _with_threads(port, requests[: 4 * CONNECTIONS], 60.0, repeated=False)


def _with_wrk(port: int, requests: list[Request], seconds: float, repeated: bool) -> Run:
    with tempfile.NamedTemporaryFile("w", suffix=".requests", encoding="utf-8") as lines:
        for each in requests:
            lines.write(f"{each.method}\t{each.path}\t{each.cookie}\t{each.body}\n")
        lines.flush()
        environment = {
            **os.environ,
            "BENCH_REQUESTS": lines.name,
            "BENCH_HOST": f"127.0.0.1:{port}",
            "BENCH_REPEATED": "1" if repeated else "0",
        }
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--timeout", "10s", "-s", str(SCRIPT)]
        done = subprocess.run([*command, f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True)
    line = next((each for each in done.stdout.splitlines() if each.startswith("BENCH ")), None)
    if line is None:
        raise RuntimeError(f"wrk failed: {done.stdout}{done.stderr}")
    found = dict(pair.split("=", 1) for pair in line.split()[1:])
    statuses = Counter(
        {int(code): int(number) for code, _, number in (s.partition("=") for s in found["statuses"].split(",") if s)}
    )
    return Run(
        seconds=float(found["seconds"]),
        statuses=statuses,
        p50_ms=float(found["p50"]),
        p99_ms=float(found["p99"]),
        socket_errors=int(found["socket_errors"]),
        ran_out=found["exhausted"] == "1",
    )


class _Feed:
    """Hands out the requests to the threads, each once or round and round."""

    def __init__(self, requests: list[Request], repeated: bool) -> None:
        self._requests, self._repeated = requests, repeated
        self._lock, self._next = threading.Lock(), 0
        self.ran_out = False

    def take(self) -> Request | None:
        with self._lock:
            if self._next >= len(self._requests) and not self._repeated:
                self.ran_out = True
                return None
            self._next += 1
            return self._requests[(self._next - 1) % len(self._requests)]


def _with_threads(port: int, requests: list[Request], seconds: float, repeated: bool) -> Run:
    feed, lock, end = _Feed(requests, repeated), threading.Lock(), time.perf_counter() + seconds
    run = Run(0.0, Counter(), 0.0, 0.0)

    def work() -> None:
        while time.perf_counter() < end and (request := feed.take()) is not None:
            started = time.perf_counter()
            status = _send(port, request)
            with lock:
                run.latencies.append(time.perf_counter() - started)
                run.statuses[status] += 1
                run.socket_errors += status == 0

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds, run.ran_out = time.perf_counter() - started, feed.ran_out
    cuts = statistics.quantiles(run.latencies, n=100) if len(run.latencies) > 1 else [0.0] * 99
    run.p50_ms, run.p99_ms = cuts[49] * 1000, cuts[98] * 1000
    return run


def _send(port: int, request: Request) -> int:
    headers = {"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}"}
    if request.cookie:
        headers["Cookie"] = request.cookie
    if request.method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        response.read()
    except OSError:
        return 0
    else:
        return response.status
    finally:
        connection.close()
