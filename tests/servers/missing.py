"""Count what was not run and say why; under CI=true a missing part is a failure."""

import os
import sys
from collections import Counter
from collections.abc import Generator, Iterable
from typing import Any, NoReturn

import pytest

STRICT = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
_REASONS = pytest.StashKey[Counter[str]]()


def missing(reason: str) -> NoReturn:
    """Skip the running test because a part of the machine is missing, or fail it where nothing may be missing.

    `reason` is short and starts with "no": it is counted in the closing line, "Not run: 3 (no Chromium: 3)".
    """
    if STRICT:
        pytest.fail(f"{reason}, and CI must run everything", pytrace=False)
    pytest.skip(reason)


def closing_line(reasons: Counter[str]) -> str:
    """Say in one line how many tests were not run, by reason."""
    total = sum(reasons.values())
    if not total:
        return "Not run: 0"
    detail = "; ".join(f"{reason}: {number}" for reason, number in sorted(reasons.items()))
    return f"Not run: {total} ({detail})"


def _skip_reason(report: Any) -> str:
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ").strip() or "no reason given"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    reports: Iterable[Any] = terminalreporter.stats.get("skipped", [])
    config.stash[_REASONS] = Counter(_skip_reason(report) for report in reports)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Fail a strict run that skipped anything, whichever way it was skipped."""
    yield
    skipped = session.config.stash.get(_REASONS, Counter())
    if STRICT and skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Make the count the very last line, after pytest's own summary."""
    if _REASONS in config.stash and not hasattr(config, "workerinput"):
        sys.stdout.write(closing_line(config.stash[_REASONS]) + "\n")
