"""What `make run` runs: set up, load the demonstration once, serve until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from flask import Flask

from app import create_app
from app.base.database import Database
from app.base.errors import HouseRefused
from app.base.keys import KeyFileError, create_key_file
from app.base.logs import init_logs
from app.base.opening import check_house, open_house
from app.base.parts import parts_of
from app.demonstration.load import check_not_real, is_loaded, load, owner_link
from app.demonstration.supervisor import ServicePart, Supervisor, check_port, free_port, web_server, worker
from app.demonstration.surroundings import (
    FOLDER,
    CannotStart,
    WrongUse,
    chosen_port,
    refuse_arguments,
    settle,
    state_folder,
)
from app.mailroom.mailbox import start_mailbox
from app.upkeep.keeping import backups_of, upgraded
from config import Settings, SettingsError


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration; the exit code is 1 with a plain sentence if it can't, and 2 if it was called wrongly."""
    try:
        refuse_arguments(arguments)
        return _run()
    except (CannotStart, SettingsError, KeyFileError, HouseRefused) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 2 if isinstance(problem, WrongUse) else 1
    except KeyboardInterrupt:
        print("\nStopped. The next `make run` goes on from here.")
        return 130


def _run() -> int:
    port = chosen_port()
    check_port(port)
    state = state_folder()
    mail_port = free_port()
    settle(state, port, mail_port)
    settings = Settings.from_env()
    if not settings.key_file.exists():
        create_key_file(settings.key_file)
    init_logs(settings.log_level)
    app = create_app(settings)
    supervisor, mailbox = Supervisor(), None
    _prepare(app, settings, supervisor, mail_port)
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


def _prepare(app: Flask, settings: Settings, supervisor: Supervisor, mail_port: int) -> None:
    """Migrate and load. Nothing of it is left in this process when the parts are forked."""
    database: Database = parts_of(app).database
    check_house(database, demonstration=True)
    check_not_real(database)
    print("Bringing the database up to date…", flush=True)
    backup = upgraded(backups_of(app))
    if backup is not None:
        print(f"The database was older; it is backed up as {backup}.", flush=True)
    open_house(database, demonstration=True)
    has_all = is_loaded(app)
    database.engine.dispose()
    if not has_all:
        print("Loading the demonstration…", flush=True)
        supervisor.finish(ServicePart("loading of the demonstration", lambda: _load(app, settings, mail_port)))


def _load(app: Flask, settings: Settings, mail_port: int) -> None:
    """Load in a process of its own: the mailbox and the printing of the appeal begin threads."""
    mailbox = start_mailbox(settings.state_directory / "mailbox", mail_port)
    try:
        load(app)
    finally:
        mailbox.stop()


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
    sys.exit(main(sys.argv[1:]))
