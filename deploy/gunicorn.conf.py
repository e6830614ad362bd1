"""gunicorn's settings. Sync workers were the steadiest when measured; ours wait for nobody who is slow (ADR 41)."""

import gc
import os
import sys
from typing import Any

from gunicorn.glogging import Logger

from app.base.forking import refuse_threads
from app.base.logs import RedactingFormatter, place_of
from app.base.parts import parts_of
from app.serving.patient_worker import PatientWorker
from wsgi import app  # loaded once, before the workers are forked

bind = os.environ.get("UNDERSIGNED_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("UNDERSIGNED_WEB_WORKERS", "2"))
worker_class = PatientWorker
preload_app = True
timeout = 60
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
# An access log would tell who read what: there is none (law 9).
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
_INVALID = "Invalid request"


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's lines without who sent a request and what stood in it: its address, its path, its headers (law 9)."""

    def setup(self, cfg: Any) -> None:
        """Redact whatever else passes, as the service's own logs do."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter(self.error_fmt, self.datefmt))

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Say that a request could not be read, and no more of it."""
        if msg.startswith(_INVALID):
            msg, args = "A request that can't be read was refused.", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Say where something failed; the message names the path, and the traceback what was in it."""
        error = sys.exc_info()[1]
        if error is None:
            super().exception(msg, *args, **kwargs)
        else:
            self.error_log.error("The server failed: %s at %s", type(error).__name__, place_of(error))


logger_class = QuietLogger
parts_of(app).database.share_turns(workers)
_HOT = ("site/", "signatures/", "_layout/")
# What readers and signatories are shown is compiled once, for all processes, and not while the first of them wait.
for _template in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(_HOT)):
    app.jinja_env.get_template(_template)


def pre_fork(_server: object, _worker: object) -> None:
    """Refuse to go on with what a worker would wait for in vain: threads that it does not have."""
    refuse_threads()


def post_fork(_server: object, _worker: object) -> None:
    """Let each worker open database connections of its own, and spare its collector what never goes away."""
    gc.freeze()
    parts_of(app).database.engine.dispose(close=False)
