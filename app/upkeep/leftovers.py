"""What a killed process leaves behind: files and folders that nobody works on any more are removed by the next one.

The process that works on one holds a lock on it, which ends with the process, even if it is killed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FOLDER = ".undersigned-work-"
_FILES = ".undersigned-*.part"


def keep_for_me(descriptor: int) -> None:
    """Lock an open file or folder, so that nobody takes it for a leftover. Some file systems know no locks."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder."""
    for path in [*folder.glob(_FILES), *folder.glob(f"{_FOLDER}*")]:
        if _is_left(path):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def work_folder(beside: Path) -> Iterator[Path]:
    """Make a folder that only this user may look into, and remove it with all that is in it."""
    beside.mkdir(parents=True, exist_ok=True)
    remove_leftovers(beside)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=beside))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        keep_for_me(descriptor)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _is_left(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
