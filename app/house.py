"""Commands that open the house before they do anything, so that none can forget to check what it is given."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

import click
from flask import Flask

from app import create_app
from app.base.database import Database
from app.base.errors import HouseRefused
from app.base.keys import KeyFileError
from app.base.opening import check_house, open_house
from app.base.parts import parts_of
from config import Settings, SettingsError

_APP = "undersigned.app"


class Opens(Enum):
    """What a command needs of the house before it does anything."""

    HOUSE = auto()  # a database of this version, and the key that it is sealed with
    ANY_AGE = auto()  # an older or empty database will do; never a newer one or another key
    SETTINGS = auto()  # whatever stands in the database's place; the command itself looks at it
    NOTHING = auto()


class HouseCommand(click.Command):
    """A command that opens the house first, so that no command can forget to check what it is given."""

    def __init__(
        self, *args: Any, opens: Opens = Opens.HOUSE, sends: bool = False, refuses_with: int = 1, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._sends = sends
        self.opens = opens
        self._refuses_with = refuses_with

    def invoke(self, ctx: click.Context) -> Any:
        """Open what the command needs, then run it; ends with `refuses_with` where the house is refused."""
        try:
            if self.opens is not Opens.NOTHING:
                ctx.meta[_APP] = opened_app(self.opens, sends=self._sends)
        except click.ClickException as error:
            click.echo(f"Error: {error.format_message()}", err=True)
            ctx.exit(self._refuses_with)
        return super().invoke(ctx)


class HouseGroup(click.Group):
    """Commands that open the house first, unless one says that it needs less."""

    command_class = HouseCommand


def opened_app(opens: Opens, *, sends: bool = False) -> Flask:
    """Return the service on a house that was checked; ends the command with an explanation where it is refused."""
    try:
        settings = load_settings(sends=sends)
        app = create_app(settings)
        database: Database = parts_of(app).database
        if opens is not Opens.SETTINGS:
            check = open_house if opens is Opens.HOUSE else check_house
            check(database, demonstration=settings.demonstration)
    except (HouseRefused, KeyFileError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    return app


def this_app() -> Flask:
    """Return the service that the running command has opened."""
    app: Flask = click.get_current_context().meta[_APP]
    return app


def load_settings(*, sends: bool = True) -> Settings:
    """Return the settings; ends the command with a line for each that is missing or wrong."""
    try:
        return Settings.from_env(sends=sends)
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong (.env.example explains each):\n{error}") from error
