"""Commands for the operator: keys, settings, database, accounts, worker. `deploy/commands.py` lists them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import quote

import click
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.actions import password_link
from app.accounts.queries import organiser_at
from app.accounts.rights import add_from_command_line, make_administrator, make_operator, reset_factor
from app.accounts.states import HouseRights
from app.audit.actions import SYSTEM
from app.base.database import Database
from app.base.errors import Refusal
from app.base.forms import clean_email
from app.base.logs import init_logs
from app.base.naming import person_name
from app.base.parts import parts_of
from app.campaigns.members import confirm_from_command_line
from app.database_commands import db
from app.house import HouseCommand, HouseGroup, Opens, load_settings, this_app
from app.inbox.states import InboundSource
from app.inbox.storage import LARGEST_BYTES, store
from app.key_commands import key
from app.mail.sending.loop import send_until_stopped
from app.mailroom.checking import Check
from config import unknown_names


def create_cli_app() -> Flask:
    """Return an application with our commands and nothing else: each opens the service as it needs it."""
    app = Flask("undersigned")
    for command in (key, config, db, account, mail, email, work):
        app.cli.add_command(command)
    return app


config = HouseGroup("config", help="The settings in force.")
account = HouseGroup("account", help="Organisers' accounts.")
mail = HouseGroup("mail", help="Incoming mail.")
email = HouseGroup("email", help="Outgoing mail.")


@config.command("check", opens=Opens.NOTHING)
def check_config() -> None:
    """Print every setting in force, secrets hidden, or all that is missing or wrong."""
    for sentence in unknown_names():
        click.echo(sentence, err=True)
    for name, value in load_settings().redacted():
        click.echo(f"{name}={value}")


@config.command("encode", opens=Opens.NOTHING)
def encode() -> None:
    """Ask for a user name or password and print it as it must stand in a URL of the settings."""
    click.echo(quote(click.prompt("User name or password (it is not shown)", hide_input=True, err=True), safe=""))


@account.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--administrator", "is_administrator", is_flag=True, help="Let them keep the accounts.")
@click.option("--campaigns", "may_create_campaigns", is_flag=True, help="Let them create campaigns.")
@click.option("--operator", "is_operator", is_flag=True, help="Let them see the mail queue.")
def add_account(email: str, name: str, is_administrator: bool, may_create_campaigns: bool, is_operator: bool) -> None:
    """Add an organiser and print the one-time link that sets their password.

    The first of a house is an administrator and may create campaigns; others are what the options say.
    """
    app = this_app()
    database: Database = parts_of(app).database
    rights = HouseRights(may_create_campaigns, is_administrator)
    try:
        with app.app_context(), database.writing() as session:
            organiser = add_from_command_line(session, person_name(name), clean_email(email), rights)
            if is_operator:
                make_operator(session, clean_email(email), is_operator=True)
            link = password_link(session, organiser)
    except (Refusal, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Open this link once to set the password:\n{link}")


@account.command("operator")
@click.argument("email")
@click.option("--remove", "is_removed", is_flag=True, help="Take it back.")
def change_operator(email: str, is_removed: bool) -> None:
    """Let an organiser see and steer the mail queue, from their next page on. Campaigns stay as they are."""
    with _changing_accounts() as session:
        make_operator(session, clean_email(email), is_operator=not is_removed)
    click.echo(f"{email} is {'not an operator any more' if is_removed else 'an operator now'}.")


@account.command("administrator")
@click.argument("email")
@click.option("--remove", "is_removed", is_flag=True, help="Take it back; refused for the last one.")
def change_administrator(email: str, is_removed: bool) -> None:
    """Let an organiser keep the accounts and confirm approvers, from their next page on."""
    with _changing_accounts() as session:
        organiser = organiser_at(session, clean_email(email))
        make_administrator(session, SYSTEM, organiser.public_id, is_administrator=not is_removed)
    click.echo(f"{email} is {'not an administrator any more' if is_removed else 'an administrator now'}.")


@account.command("confirm")
@click.argument("email")
@click.argument("campaign")
def confirm_approver(email: str, campaign: str) -> None:
    """Confirm that a member of CAMPAIGN, the last part of its page's address, is somebody of their own.

    For houses in which nobody else can: the audit says that it was confirmed here.
    """
    with _changing_accounts() as session:
        confirm_from_command_line(session, clean_email(email), campaign)
    click.echo(f"{email} is confirmed in {campaign}.")


@account.command("reset-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take an organiser's lost second factor off and tell them. Be sure that it is them who asks: not by mail alone."""
    with _changing_accounts() as session:
        reset_factor(session, SYSTEM, organiser_at(session, clean_email(email)).public_id)
    click.echo(f"{email} sets up a new second factor at the next sign-in.")


@contextmanager
def _changing_accounts() -> Iterator[Session]:
    """Open a transaction whose refusal ends the command with its sentence."""
    app = this_app()
    database: Database = parts_of(app).database
    try:
        with app.app_context(), database.writing() as session:
            yield session
    except (Refusal, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from refusal


@mail.command("ingest", refuses_with=os.EX_TEMPFAIL)
@click.option("--envelope-to", default="", help="The address that the mail server was given for it.")
def ingest(envelope_to: str) -> None:
    """Keep the message on standard input, as a mail server's pipe hands it over.

    The exit codes are from sysexits: 0 kept, or kept before; 65 empty; 69 too large; 75 for whatever may pass, so
    that the mail server keeps the message and comes again.
    """
    app = this_app()
    init_logs(parts_of(app).settings.log_level)
    raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
    if not raw or raw.isspace():
        _end("The message is empty.", os.EX_DATAERR)
    if len(raw) > LARGEST_BYTES:
        # The sender's server says so at once, instead of after days of coming again.
        _end(
            f"Messages may have {LARGEST_BYTES // 1024**2} MB at most. Send less at once, or a link.", os.EX_UNAVAILABLE
        )
    try:
        with parts_of(app).database.writing() as session:
            store(session, raw, InboundSource.PIPE, envelope_to)
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail server must keep the message
        _end(f"The message could not be kept ({type(error).__name__}). Try again later.", os.EX_TEMPFAIL)


def _end(words: str, exit_code: int) -> NoReturn:
    click.echo(words, err=True)
    raise SystemExit(exit_code)


@email.command("test", sends=True)
@click.argument("address")
def try_email(address: str) -> None:
    """Send one mail to ADDRESS at once, by the way that every mail goes, and say what the mail server answers.

    Nothing is queued. The exit code is 1 where the server did not take it.
    """
    try:
        recipient = clean_email(address)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if not Check(this_app(), click.echo).run(recipient):
        raise SystemExit(1)


@click.command("worker", cls=HouseCommand, sends=True)
def work() -> None:
    """Send what waits in the outbox and keep the calendar, until stopped; the mail in hand is finished first."""
    app = this_app()
    init_logs(parts_of(app).settings.log_level)
    send_until_stopped(app)
