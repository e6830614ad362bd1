"""Run PostgreSQL's own programs; no password in their arguments, their environment or on the disk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from app.base.errors import HouseRefused

PIECE_BYTES = 64 * 1024


class ProgramFailed(HouseRefused):
    """One of PostgreSQL's programs is missing, or gave up; the message is its own."""


def dumped(url: URL) -> Iterator[bytes]:
    """Yield a dump of one moment in pg_dump's custom format; raises ProgramFailed at its end or before."""
    with tempfile.TemporaryFile() as said, _password_file(url) as (passfile, kept_open):
        command = [_program("pg_dump"), "--format=custom", "--no-password", f"--dbname={_address(url)}"]
        with subprocess.Popen(  # noqa: S603 - a fixed program; the address comes from the settings
            command, env=_environment(passfile), pass_fds=kept_open, stdout=subprocess.PIPE, stderr=said
        ) as process:
            try:
                while process.stdout is not None and (piece := process.stdout.read(PIECE_BYTES)):
                    yield piece
            except BaseException:
                process.kill()  # nobody reads on
                raise
        if process.returncode:
            raise ProgramFailed(f"pg_dump gave up: {_last_words(said)}")


def restore_dump(url: URL, dump: Path) -> None:
    """Fill an empty database from a dump, wholly or not at all; raises ProgramFailed."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    _run(url, [_program("pg_restore"), *options, f"--dbname={_address(url)}", str(dump)])


def check_dump(url: URL, dump: Path) -> None:
    """See that pg_restore can read a dump to its end; raises ProgramFailed. No database is asked."""
    _run(url, [_program("pg_restore"), f"--file={os.devnull}", str(dump)])


def _run(url: URL, command: list[str]) -> None:
    with tempfile.TemporaryFile() as said, _password_file(url) as (passfile, kept_open):
        done = subprocess.run(  # noqa: S603 - a fixed program; the address comes from the settings
            command, env=_environment(passfile), pass_fds=kept_open, stdout=subprocess.DEVNULL, stderr=said, check=False
        )
        if done.returncode:
            raise ProgramFailed(f"{Path(command[0]).name} gave up: {_last_words(said)}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ProgramFailed(
            f"{name} was not found. Install PostgreSQL's client programs of the server's version, or newer "
            f"(Debian: postgresql-client)."
        )
    return found


def _address(url: URL) -> str:
    """Return the address as libpq takes it, without a password wherever one may stand."""
    query = {name: value for name, value in url.query.items() if name != "password"}
    return url.set(drivername="postgresql", query=query)._replace(password=None).render_as_string(hide_password=False)


@contextmanager
def _password_file(url: URL) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Lend a password file that is in memory only, and the descriptor that the program must inherit for it."""
    password = url.password or url.query.get("password")
    if not password:
        yield "", ()
        return
    descriptor = os.memfd_create("pgpass")
    try:
        os.fchmod(descriptor, 0o600)  # libpq leaves a file unread that others could read
        escaped = re.sub(r"([\\:])", r"\\\1", str(password))
        os.write(descriptor, f"*:*:*:*:{escaped}\n".encode())
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _environment(passfile: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSIGNED_")}
    if passfile:
        kept.pop("PGPASSWORD", None)  # it would win over the file
        kept["PGPASSFILE"] = passfile
    return kept


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read(PIECE_BYTES).decode("utf-8", "replace").strip() or "without a word"
