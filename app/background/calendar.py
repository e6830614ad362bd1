"""Jobs that come round: each stage registers its own, and the engine runs what is due, once over all workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Job:
    """Something to do every so many seconds. `run` opens its own transactions and can be repeated without harm.

    What `is_long` may reckon for minutes: it runs in a process of its own, where it slows nothing else. What somebody
    waits for can be looked for twice a second where a look is cheap and writes nothing: `is_wanted` tells it.
    """

    name: str
    every_seconds: int
    run: Callable[[Flask], None]
    is_long: bool = False
    is_wanted: Callable[[Session], bool] | None = None


class Calendar:
    """The jobs that an application knows."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def register(self, jobs: Iterable[Job]) -> None:
        """Add jobs; a name can't be taken twice."""
        for job in jobs:
            if job.name in self._jobs:
                raise ValueError(f"Two jobs are named {job.name}.")
            self._jobs[job.name] = job

    def jobs(self) -> list[Job]:
        """Return every job, by name."""
        return [self._jobs[name] for name in sorted(self._jobs)]
