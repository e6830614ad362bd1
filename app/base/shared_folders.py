"""Files that two users share: a folder with the setgid bit says that its group is meant, any other that nobody is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_GROUP = 0o070


def share_like_folder(path: Path, rights: int = 0o660) -> None:
    """Give a file those rights of its folder's group that the folder grants, and to others none.

    Run as root, it also gets the folder's owner and group.
    """
    found = path.parent.stat()
    if os.geteuid() == 0:
        os.chown(path, found.st_uid, found.st_gid)
    group = _GROUP & found.st_mode if found.st_mode & stat.S_ISGID else 0
    path.chmod(rights & (0o600 | group))
