"""The WSGI entry point: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

from app import create_app
from app.base.errors import HouseRefused
from app.base.keys import KeyFileError
from app.base.logs import init_logs
from app.base.opening import open_house
from app.base.parts import parts_of
from config import Settings, SettingsError

try:
    settings = Settings.from_env(sends=False)
    init_logs(settings.log_level)
    app = create_app(settings)
    open_house(parts_of(app).database, demonstration=settings.demonstration)
    parts_of(app).database.engine.dispose()  # no connection may be shared by the processes that are forked
except (SettingsError, KeyFileError, HouseRefused) as problem:
    raise SystemExit(f"Undersigned can't start. {problem}") from None
