"""Commands for the database: bring it up to date, back it up, check a backup and restore it."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from app.base.errors import HouseRefused
from app.base.opening import open_house
from app.house import HouseGroup, Opens, this_app
from app.site.marks import see_placed
from app.upkeep.keeping import Backups, backups_of, upgraded

IDENTITY = "AGE-SECRET-KEY-"

db = HouseGroup("db", help="The database and its backups.")


@db.command("upgrade", opens=Opens.ANY_AGE)
@click.option("--no-backup", is_flag=True, help="Don't copy the database first.")
def upgrade_database(no_backup: bool) -> None:
    """Bring the database to this version; an older one is backed up first."""
    backups = _backups()
    try:
        backup = upgraded(backups, with_backup=not no_backup)
        see_placed(backups.database.engine)
        open_house(backups.database, demonstration=backups.demonstration)
    except HouseRefused as error:
        raise click.ClickException(str(error)) from error
    if backup is not None:
        click.echo(f"Backed up to {backup}.")
    click.echo("The database is up to date.")


@db.command("backup", opens=Opens.ANY_AGE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def back_up_database(folder: Path) -> None:
    """Copy the database into FOLDER while the service runs. The key file is not in it: keep that elsewhere."""
    backups = _backups()
    try:
        click.echo(f"Backed up to {backups.make(folder)}.")
    except (HouseRefused, OSError) as error:
        raise click.ClickException(str(error)) from error
    if not backups.recipient:
        click.echo("It is not encrypted as a whole: flask key create-for-backups makes a key for that.", err=True)


@db.command("restore", opens=Opens.SETTINGS)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "only_checks", is_flag=True, help="See that it could be restored, and change nothing.")
@click.option("--identity", type=click.File("r"), help="The file with the secret key of encrypted backups; - reads it.")
@click.option("--replace", "replaces", is_flag=True, help="Replace what is there; it is backed up first.")
def restore_database(file: Path, only_checks: bool, identity: TextIO | None, replaces: bool) -> None:
    """Put the backup FILE in the database's place and bring it up to date, or only --check it.

    Stop web server and worker before. Whatever is refused or fails leaves the database as it was.
    """
    identities = [line.strip() for line in identity or () if line.startswith(IDENTITY)]
    backups = _backups()
    try:
        if only_checks:
            proof, before = backups.check(file, identities), None
        else:
            proof, before = backups.restore(file, identities, over=replaces)
    except (HouseRefused, OSError) as error:
        raise click.ClickException(str(error)) from error
    if before is not None:
        click.echo(f"What was there is backed up to {before}.")
    done = "can be restored" if only_checks else "is restored and up to date"
    click.echo(f"The backup of {proof.made_at} (revision {proof.revision or 'none'}) {done}.")


def _backups() -> Backups:
    return backups_of(this_app())
