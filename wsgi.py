"""The WSGI entry point: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

from app import create_app
from app.base.logs import init_logs
from config import Settings

settings = Settings.from_env()
init_logs(settings.log_level)
app = create_app(settings)
