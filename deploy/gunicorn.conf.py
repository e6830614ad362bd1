"""gunicorn's settings. Sync workers were the steadiest when measured; put a proxy that buffers in front."""

import gc
import os

from app.base.forking import refuse_threads
from app.base.parts import parts_of
from wsgi import app  # loaded once, before the workers are forked

bind = os.environ.get("UNDERSIGNED_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("UNDERSIGNED_WEB_WORKERS", "2"))
worker_class = "sync"
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


def pre_fork(_server: object, _worker: object) -> None:
    """Refuse to go on with what a worker would wait for in vain: threads that it does not have."""
    refuse_threads()


def post_fork(_server: object, _worker: object) -> None:
    """Let each worker open database connections of its own, and spare its collector what never goes away."""
    gc.freeze()
    parts_of(app).database.engine.dispose(close=False)
