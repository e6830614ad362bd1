"""Commands for keys: make them, exchange them while the house works."""

from __future__ import annotations

import time
from pathlib import Path

import click

from app.base.database import Database
from app.base.key_proofs import exchange_worker_proof
from app.base.keys import LOOK_SECONDS, Keys, create_key_file, new_key, replace_key_file
from app.base.parts import parts_of
from app.base.worker_seals import public_half, written
from app.house import HouseGroup, Opens, this_app
from app.upkeep.files import create_identity
from app.upkeep.resealing import reseal
from config import Settings

_OLD = ".old"

key = HouseGroup("key", help="The key files that open everything sealed.")


@key.command("create", opens=Opens.NOTHING)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--worker", "is_worker", is_flag=True, help="The worker's key, which the web server need not have.")
def create_key(path: Path, is_worker: bool) -> None:
    """Make a new key file at PATH. An existing file is never overwritten."""
    try:
        create_key_file(path, is_shared=not is_worker)
    except FileExistsError as error:
        raise click.ClickException(
            f"{path} exists and was left as it is: a key that is lost can't be made again."
        ) from error
    click.echo(f"Made {path}. Copy it to a safe place apart from the database's backups: lost means lost.")
    if is_worker:
        _tell_public(Keys.from_file(path))


@key.command("create-for-backups", opens=Opens.NOTHING)
@click.argument("path", type=click.Path(path_type=Path))
def create_key_for_backups(path: Path) -> None:
    """Make the pair of keys by which backups are encrypted, and write its secret half to PATH.

    It is a key of age (age-encryption.org), so the program `age` opens such backups too.
    """
    try:
        public = create_identity(path)
    except OSError as error:
        raise click.ClickException(f"{path} could not be made: {error.strerror}.") from error
    click.echo(
        f"Made {path}. It opens every backup, so it must not stay on this machine: move it to where you keep the copy "
        f"of the key file, and to no place where backups are. Lost, the backups are lost with it.\n"
        f"This line belongs into the settings:\nUNDERSIGNED_BACKUP_RECIPIENT='{public}'"
    )


@key.command("rotate")
@click.option("--worker", "is_worker", is_flag=True, help="The worker's key instead of the house's.")
def rotate_key(is_worker: bool) -> None:
    """Put a new key before the one in the key file: it seals from now on, the old one still opens.

    The services need not stop: each looks at the file before it seals. Afterwards: flask key reseal.
    """
    path = _path(is_worker=is_worker)
    keys = Keys.from_file(path).with_newer(new_key())
    _written(path, keys)
    if is_worker:
        database: Database = parts_of(this_app()).database
        with database.writing() as session:
            exchange_worker_proof(session, public_half(keys))
    time.sleep(LOOK_SECONDS)  # from here on, nobody seals with the old one
    click.echo(f"{path} has a new key. Copy it to where you keep its copies, then run: flask key reseal")
    if is_worker:
        _tell_public(keys)
        click.echo("Put it into the settings, restart the worker, and then the web server.")


@key.command("reseal")
def reseal_rows() -> None:
    """Seal with the newest key whatever an older one sealed, in portions, while the services run."""
    database: Database = parts_of(this_app()).database
    done = reseal(database, lambda name, rows: click.echo(f"{name}: {rows}") if rows else None)
    click.echo(f"{done.rows} sealed anew.")
    if done.closed:
        click.echo(f"{done.closed} open with no key at hand and were left as they are.", err=True)


@key.command("drop-old")
@click.option("--worker", "is_worker", is_flag=True, help="The worker's key instead of the house's.")
def drop_old_keys(is_worker: bool) -> None:
    """Take the old keys out of the key file, once nothing is sealed with them any more.

    They go into a file beside it: backups from before need them, and nothing else does. Links that were mailed before
    the rotation stop working, and people who are signed in since then sign in again.
    """
    path = _path(is_worker=is_worker)
    keys = Keys.from_file(path)
    if len(keys.masters) == 1:
        raise click.ClickException(f"{path} holds one key only.")
    database: Database = parts_of(this_app()).database
    if reseal(database, lambda _name, _rows: None).rows:
        raise click.ClickException("Something was still sealed with an old key, and was sealed anew now. Run it again.")
    old = path.with_name(path.name + _OLD)
    try:
        create_key_file(old, keys=keys, is_shared=False)
    except FileExistsError as error:
        raise click.ClickException(f"{old} is in the way: take it to where you keep old keys.") from error
    _written(path, keys.without_older())
    click.echo(f"{path} holds the newest key only. The old ones are in {old}: keep it with the backups' keys.")


def _path(*, is_worker: bool) -> Path:
    settings: Settings = parts_of(this_app()).settings
    if not is_worker:
        return settings.key_file
    if not settings.worker_key_file:
        raise click.ClickException("UNDERSIGNED_WORKER_KEY_FILE is missing: it names the worker's key file.")
    return Path(settings.worker_key_file)


def _written(path: Path, keys: Keys) -> None:
    try:
        replace_key_file(path, keys)
    except OSError as error:
        raise click.ClickException(f"{path} can't be replaced: {error.strerror}.") from error


def _tell_public(keys: Keys) -> None:
    click.echo("This line belongs into the settings of both services:")
    click.echo(f"UNDERSIGNED_WORKER_PUBLIC_KEY='{written(public_half(keys))}'")
