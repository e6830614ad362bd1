"""gunicorn's settings in the bench, the same for both sides: those of deploy/, but no restarts amid a run."""

import gc

from app.serving.patient_worker import PatientWorker

workers = 2
worker_class = PatientWorker
timeout = 60
accesslog = None
loglevel = "warning"
control_socket_disable = True


def post_fork(_server: object, _worker: object) -> None:
    """Spare the collector what never goes away, as deploy/ does."""
    gc.freeze()
