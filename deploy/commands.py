"""What `flask` lists, without loading the service: a command is loaded when it is called.

`.flaskenv` names this file. It lies outside the package `app`, whose first lines join all of the service.
"""

import importlib
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
from flask import Flask

COMMANDS = {
    "account": "Organisers' accounts.",
    "config": "The settings in force.",
    "db": "The database and its backups.",
    "email": "Outgoing mail.",
    "key": "The key files that open everything sealed.",
    "mail": "Incoming mail.",
    "worker": "Send what waits in the outbox and keep the calendar, until stopped; the mail in hand is finished first.",
}


class Listed(click.Command):
    """A command by its name and what it is for; the one behind it is `app.cli`'s."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Load the command, which then runs in this one's place."""
        found: click.Command = _loaded("app.cli").create_cli_app().cli.commands[self.name]
        return found.make_context(info_name, args, parent, **extra)


class CommandList(Flask):
    """An application that has commands and nothing else: no command works in its context."""

    def app_context(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Push nothing: what is loaded next must not take this for the service."""
        return nullcontext()


def create_cli_app() -> Flask:
    """Return an application that lists our commands; the service itself for one of Flask's own, such as `flask run`."""
    context = click.get_current_context(silent=True)
    if context is not None and not isinstance(context.command, click.Group):
        house = _loaded("app.house")
        service: Flask = house.opened_app(house.Opens.HOUSE)
        return service
    app = CommandList("undersigned")
    for name, words in COMMANDS.items():
        app.cli.add_command(Listed(name, help=words))
    return app


def _loaded(module: str) -> Any:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    return importlib.import_module(module)
