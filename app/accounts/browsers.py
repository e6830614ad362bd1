"""Browsers that signed in before: a cookie by which sign-in knows them again, and nothing else does.

The cookie holds a random id and, for each account that signed in, a keyed mark over id, account and password hash: it
says nothing of whose account it is, and is worth nothing once the password has changed. It is set when somebody signs
in or sets a password, and browsers send it to the pages where passwords are typed only, never to those of readers
(law 7).
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, after_this_request, current_app, request
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.base.sealing import blind_index

KEPT = timedelta(days=400)  # browsers keep no cookie for longer
MOST_MARKS = 8
PATHS = ("/sign-in", "/desk", "/password")
_SHAPE = re.compile(r"([0-9a-f]{32})((?:\.[0-9a-f]{32})*)")


@dataclass(frozen=True)
class KnownBrowser:
    """What a browser shows of earlier sign-ins; an id of its own and marks that only the key can read."""

    browser_id: str
    marks: tuple[str, ...] = ()

    def knows(self, session: Session, organiser: Organiser) -> bool:
        """Tell whether this account has signed in with this browser since its password was set."""
        expected = _mark(session, self.browser_id, organiser)
        return any(hmac.compare_digest(expected, mark) for mark in self.marks)


def browser_now() -> KnownBrowser:
    """Return what the browser of this request shows; a new one shows nothing."""
    match = _SHAPE.fullmatch(request.cookies.get(_cookie_name(), ""))
    if match is None:
        return KnownBrowser(secrets.token_hex(16))
    return KnownBrowser(match[1], tuple(match[2].split(".")[1:])[-MOST_MARKS:])


def introduce(session: Session, organiser: Organiser) -> None:
    """Let the answer to this request make its browser known as one that this account signed in with."""
    browser = browser_now()
    mark = _mark(session, browser.browser_id, organiser)
    marks = [each for each in browser.marks if each != mark][-(MOST_MARKS - 1) :]
    value = ".".join([browser.browser_id, *marks, mark])

    @after_this_request
    def _set(response: Response) -> Response:
        for path in PATHS:
            response.set_cookie(
                _cookie_name(), value, max_age=KEPT, path=path, httponly=True, samesite="Lax",
                secure=current_app.config["SESSION_COOKIE_SECURE"],
            )  # fmt: skip
        return response


def _cookie_name() -> str:
    # Not __Host-: that would send it to every page.
    return "__Secure-undersigned-browser" if current_app.config["SESSION_COOKIE_SECURE"] else "undersigned-browser"


def _mark(session: Session, browser_id: str, organiser: Organiser) -> str:
    facts = f"{browser_id} {organiser.public_id} {organiser.password_hash}"
    return blind_index(session, "known browser", facts).hex()
