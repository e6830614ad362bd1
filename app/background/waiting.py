"""What a page shows that waits for ordered work, and how it looks again by itself, without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import make_response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.background.long_works import Ordered, is_worker_silent
from app.base import clock
from app.base.locales import gettext as _

# Most work takes moments, so the page looks often at first.
_SOON = timedelta(seconds=8)
_SOON_SECONDS, _LATER_SECONDS = 1, 4


@dataclass(frozen=True)
class WorkLinks:
    """Where a page that waits leads; what has no address is not offered."""

    url: str
    stop: str = ""
    again: str = ""
    again_with: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """Ordered work as a page shows it."""

    links: WorkLinks
    step: str
    done: int
    expected: int
    percent: int
    has_stopped: bool
    refusal: str
    waits_for_worker: bool
    seconds: int


def waiting_for(session: Session, work: Ordered, step: str, links: WorkLinks) -> Waiting:
    """Return what a page shows of a work; `step` is empty while nothing of it was begun."""
    is_new = clock.now() - work.ordered_at < _SOON
    return Waiting(
        links=links,
        step=step or _("It begins in a moment."),
        done=work.done,
        expected=work.expected,
        percent=work.percent,
        has_stopped=work.has_failed,
        refusal=work.refusal if work.has_failed else "",
        waits_for_worker=waits_for_worker(session, work),
        seconds=_SOON_SECONDS if is_new else _LATER_SECONDS,
    )


def waits_for_worker(session: Session, work: Ordered) -> bool:
    """Tell whether a work waits, and not only for a moment, since no worker runs."""
    is_new = clock.now() - work.ordered_at < _SOON
    return not work.has_failed and not is_new and is_worker_silent(session)


def looking_again(page: str, waiting: Waiting) -> Response:
    """Return a page that looks again by itself for as long as its work goes on."""
    response = make_response(page)
    if not waiting.has_stopped:
        response.headers["Refresh"] = str(waiting.seconds)
    return response
