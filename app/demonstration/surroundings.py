"""What `make run` is given from outside: a port, a folder, a database; and the settings made of that."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2]
LOWEST_PORT, HIGHEST_PORT, USUAL_PORT = 1024, 65535, 8000
USAGE = (
    f"Start it with:    make run\nAnother port:     make run PORT={USUAL_PORT + 1}\n"
    "Another folder:   UNDERSIGNED_STATE_DIRECTORY=/some/folder make run\n"
    "Another database: UNDERSIGNED_DATABASE_URL=postgresql://… make run"
)


class CannotStart(Exception):
    """Something stands in the way; the message says what to do."""


class WrongUse(CannotStart):
    """It was called in a way that it doesn't know; the message says how it is called."""


def refuse_arguments(arguments: Sequence[str]) -> None:
    """Raise WrongUse if there is any: a port that was ignored would be worse than one that is refused."""
    if arguments:
        raise WrongUse(f"“{' '.join(arguments)}” is not known here: the demonstration takes no arguments.\n{USAGE}")


def chosen_port() -> int:
    """Return the port in PORT, or the usual one; raises WrongUse."""
    text = os.environ.get("PORT", "").strip() or str(USUAL_PORT)
    if not (re.fullmatch(r"[0-9]{4,5}", text) and LOWEST_PORT <= int(text) <= HIGHEST_PORT):
        raise WrongUse(
            f"PORT={text} is no port that can be used; choose one from {LOWEST_PORT} to {HIGHEST_PORT}:\n"
            f"make run PORT={USUAL_PORT + 1}"
        )
    return int(text)


def state_folder() -> Path:
    """Return the folder that everything is kept in, made where it is missing; raises CannotStart."""
    folder = Path(os.environ.get("UNDERSIGNED_STATE_DIRECTORY") or FOLDER / "var").absolute()
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


def settle(state: Path, port: int, mail_port: int) -> None:
    """Put the settings of a demonstration into the environment.

    Database, key file and whether a password alone is enough can be chosen, the loopback addresses can't: neither by
    the setting nor by a file that holds it.
    """
    # If you run a real house from this shell, its settings are not meant for the demonstration.
    os.environ.pop("UNDERSIGNED_ENV_FILE", None)
    _unless_chosen("UNDERSIGNED_DATABASE_URL", f"sqlite:///{state / 'undersigned.db'}")
    # There is nothing to guard, and phones are not at hand.
    _unless_chosen("UNDERSIGNED_PASSWORD_ALONE", "1")
    os.environ["UNDERSIGNED_KEY_FILE"] = os.environ.get("UNDERSIGNED_KEY_FILE") or str(state / "undersigned.key")
    fixed = {
        "UNDERSIGNED_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "UNDERSIGNED_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
        "UNDERSIGNED_STATE_DIRECTORY": str(state),
        "UNDERSIGNED_DEMONSTRATION": "1",
    }
    os.environ.update(fixed)
    for name in fixed:
        os.environ.pop(f"{name}_FILE", None)


def _unless_chosen(name: str, value: str) -> None:
    if not os.environ.get(name) and not os.environ.get(f"{name}_FILE"):
        os.environ[name] = value
