"""A worker of long lists that is killed in the middle of a transaction; see `tests.background.worker_processes`."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import Any

from app.background import long_works
from app.background.long_works import tell_progress
from app.background.pacing import WorkPace
from app.base.parts import parts_of
from app.imports import jobs
from config import Settings
from tests.background.worker_processes import make_app

PORTION = 4


def work_and_die(settings: Settings, portion: int) -> None:
    """Work on lists in small portions and be killed in the portion of this number, before it is committed."""
    left = [portion]

    def tell_and_die(*given: Any, **named: Any) -> None:
        tell_progress(*given, **named)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    vars(jobs)["tell_progress"] = tell_and_die
    vars(long_works)["WorkPace"] = partial(WorkPace, most=PORTION)
    app = make_app(settings)
    with app.app_context():
        jobs.work_on_lists(app)
    parts_of(app).database.engine.dispose()
