"""A worker that is killed between writing an appeal and the commit; see `tests.background.worker_processes`."""

from __future__ import annotations

import os
import signal
from typing import Any

from app.appeals import jobs
from app.appeals.actions import assemble
from config import Settings
from tests.background.worker_processes import make_app


def assemble_and_die(settings: Settings) -> None:
    """Assemble what is ordered and be killed before it is committed."""

    def die(*given: Any) -> None:
        assemble(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    vars(jobs)["assemble"] = die
    app = make_app(settings)
    with app.app_context():
        jobs.work_on_appeals(app)
