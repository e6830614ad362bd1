"""The parts of an application, joined by `create_app` and found through the application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.recent import Recent

MOST_RECENT = 256  # of about 30 KB each
_PARTS = "undersigned"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an application is made of. A part of a later stage has no type here; its user names it.

    `settings` is config.Settings, which stages must not import; `calendar` a background.Calendar; `outgoing_mail`,
    `mail_kinds`, `sender`, `signer` and `skeletons` belong to mail, `kept_pages` to site. `remembered` is what a
    process keeps in mind between its jobs, `recent` what its pages were put together from.
    """

    settings: Any
    database: Database
    own_origin: str
    static_version: str
    actor_names: Callable[[Session, Iterable[str]], dict[str, str]]
    signposts: Any
    calendar: Any
    outgoing_mail: Any
    mail_kinds: Any
    sender: Any
    signer: Any
    skeletons: Any
    kept_pages: Any
    remembered: dict[str, Any] = field(default_factory=dict)
    recent: Recent[Any] = field(default_factory=lambda: Recent(MOST_RECENT))


def join_parts(app: Flask, parts: Parts) -> None:
    """Give an application its parts."""
    app.extensions[_PARTS] = parts


def parts_of(app: Flask) -> Parts:
    """Return the parts of an application."""
    found: Parts = app.extensions[_PARTS]
    return found


def parts() -> Parts:
    """Return the parts of the current application."""
    return parts_of(current_app)
