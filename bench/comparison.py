"""Run product and yardstick in turns, and keep what each run measured."""

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.load import Request, Run, load, warm_up

ROUNDS = 5
SECONDS = 3.0
_LONGEST_SECONDS = 15.0


@dataclass(frozen=True)
class Side:
    """One side of a comparison: where its server listens, what is sent, and which answer counts."""

    port: int
    requests: Callable[[], list[Request]]
    success: int
    repeated: bool = True


@dataclass
class Result:
    """One row of the table."""

    database: str
    name: str
    yardstick: str
    product: list[Run] = field(default_factory=list)
    bare: list[Run] = field(default_factory=list)
    success: int = 200
    bare_success: int = 200

    def rates(self) -> tuple[list[float], list[float]]:
        """Give product's and yardstick's rates, round by round."""
        return (
            [run.per_second(self.success) for run in self.product],
            [run.per_second(self.bare_success) for run in self.bare],
        )

    def ratio(self) -> float:
        """Give the median of the rounds' ratios: each round's two runs lie side by side in time."""
        product, bare = self.rates()
        return statistics.median(ours / theirs for ours, theirs in zip(product, bare, strict=True))

    def percentile(self, which: str) -> float:
        """Give the product's median latency percentile, in milliseconds."""
        return float(statistics.median(getattr(run, which) for run in self.product))


class UnsoundRunError(RuntimeError):
    """A run did not measure what it claims to."""


def compare(
    result: Result,
    product: Side,
    bare: Side,
    check: Callable[[Run], None],
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
) -> Result:
    """Measure both sides in every round, each first in turn; `check` looks at what each product run left behind."""
    result.success, result.bare_success = product.success, bare.success
    warm = warm_up(product.port, _several(product))
    if warm.answered(product.success) != warm.statuses.total():
        raise UnsoundRunError(f"answers that were not {product.success} while warming up: {dict(warm.statuses)}")
    check(warm)
    # A slow page runs for longer, so that each run has some thirty answers to count.
    product_seconds = min(_LONGEST_SECONDS, max(seconds, math.ceil(4 * warm.p50_ms / 1000)))
    warm_up(bare.port, _several(bare))
    for number in range(rounds):
        order = ("product", "bare") if number % 2 == 0 else ("bare", "product")
        for which in order:
            if which == "product":
                run = _run(product, product_seconds)
                check(run)
                result.product.append(run)
            else:
                result.bare.append(_run(bare, seconds))
    return result


def _several(side: Side) -> list[Request]:
    requests = side.requests()
    return requests * 32 if side.repeated else requests


def _run(side: Side, seconds: float) -> Run:
    run = load(side.port, side.requests(), seconds, repeated=side.repeated)
    wrong = {code: number for code, number in run.statuses.items() if code != side.success}
    if wrong or run.socket_errors or not run.answered(side.success):
        raise UnsoundRunError(
            f"answers that were not {side.success}: {wrong or 'none at all'}, {run.socket_errors} broken"
        )
    if run.ran_out:
        raise UnsoundRunError("the prepared requests ran out before the time did")
    return run


def spread(rates: Iterable[float]) -> str:
    """Say a median with its extremes."""
    found = sorted(rates)
    return f"{statistics.median(found):,.0f} ({found[0]:,.0f}–{found[-1]:,.0f})"
