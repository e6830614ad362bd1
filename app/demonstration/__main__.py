"""What `make run` runs: set up, load the demonstration once, serve until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from flask import Flask

from app import create_app
from app.base.database import Database
from app.base.keys import KeyFileError, create_key_file
from app.base.logs import init_logs
from app.base.migrating import MigrationRefused, upgrade
from app.base.parts import parts_of
from app.demonstration.load import is_loaded, load, owner_link
from app.demonstration.supervisor import CannotStart, Supervisor, check_port, free_port, web_server, worker
from app.mailroom.mailbox import start_mailbox
from config import Settings, SettingsError

FOLDER = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the demonstration; the exit code is 1 with a plain sentence if it can't."""
    try:
        return _run()
    except (CannotStart, SettingsError, KeyFileError, MigrationRefused) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next `make run` goes on from here.")
        return 130


def _run() -> int:
    port = _port()
    check_port(port)
    state = _state_folder()
    mail_port = free_port()
    environment = _environment(state, port, mail_port)
    os.environ.update(environment)
    settings = Settings.from_env()
    if not settings.key_file.exists():
        create_key_file(settings.key_file)
    init_logs(settings.log_level)
    app = create_app(settings)
    _prepare(app, settings, mail_port)
    supervisor, mailbox = Supervisor(), None
    os.chdir(FOLDER)
    try:
        supervisor.start(web_server(port))
        supervisor.start(worker(app))
        mailbox = start_mailbox(state / "mailbox", mail_port)
        supervisor.await_ready(f"{settings.public_url}/healthz")
        _welcome(app, settings)
        supervisor.wait()
    finally:
        print("\nStopping…", flush=True)
        supervisor.stop()
        if mailbox is not None:
            with contextlib.suppress(OSError, RuntimeError):
                mailbox.stop()
    print("Stopped. What you did is kept; `make run` goes on from here.")
    return 0


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise CannotStart(f"PORT={text} is no port that can be used; choose one from 1024 to 65535.")
    return int(text)


def _state_folder() -> Path:
    folder = Path(os.environ.get("UNDERSIGNED_STATE_DIRECTORY") or FOLDER / "var")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"The folder {folder} can't be made or written to ({error.strerror}). Make it writable, or name another: "
            f"UNDERSIGNED_STATE_DIRECTORY=/some/folder make run"
        ) from error
    return folder


def _environment(state: Path, port: int, mail_port: int) -> dict[str, str]:
    """Return the settings of a demonstration; database and key file can be chosen, the loopback addresses can't."""
    chosen = os.environ.get
    return {
        "UNDERSIGNED_DATABASE_URL": chosen("UNDERSIGNED_DATABASE_URL") or f"sqlite:///{state / 'undersigned.db'}",
        "UNDERSIGNED_KEY_FILE": chosen("UNDERSIGNED_KEY_FILE") or str(state / "undersigned.key"),
        "UNDERSIGNED_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "UNDERSIGNED_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
        "UNDERSIGNED_STATE_DIRECTORY": str(state),
        "UNDERSIGNED_DEMONSTRATION": "1",
    }


def _prepare(app: Flask, settings: Settings, mail_port: int) -> None:
    """Migrate and load. The mailbox, which has threads, is gone when the parts are forked."""
    database: Database = parts_of(app).database
    print("Bringing the database up to date…", flush=True)
    backup = upgrade(database.engine, settings.state_directory / "backups")
    if backup is not None:
        print(f"The database was older; it is backed up as {backup}.", flush=True)
    if not is_loaded(app):
        print("Loading the demonstration…", flush=True)
        mailbox = start_mailbox(settings.state_directory / "mailbox", mail_port)
        try:
            load(app)
        finally:
            mailbox.stop()
    database.engine.dispose()


def _welcome(app: Flask, settings: Settings) -> None:
    url = settings.public_url
    print(f"\nUndersigned runs at   {url}")
    print(f"What it mailed        {url}/mailbox")
    link = owner_link(app)
    if link:
        print(f"Set your password     {link}\n                      (one-time link; then sign in as owner@example.org)")
    else:
        print(f"Sign in               {url}/sign-in  (owner@example.org, with the password you chose)")
    print("Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
