"""gunicorn's settings in the bench, the same for both sides: those of deploy/, but no restarts amid a run."""

workers = 2
worker_class = "sync"
timeout = 60
accesslog = None
loglevel = "warning"
control_socket_disable = True
