"""What pages, API and commands share: the sessions of a request, notices, the real address of a visitor's throttle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from flask import Flask, flash, g, has_app_context, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.base.database import Database
from app.base.parts import parts
from app.base.second_look import SecondLook, is_second_look

SEE_OTHER = 303


def database() -> Database:
    """Return the database of the current application."""
    found: Database = parts().database
    return found


def reading() -> Session:
    """Return this request's reading session: one snapshot for the whole page, closed when the request ends."""
    if "reading_session" not in g:
        g.reading_session = database().new_reader()
    session: Session = g.reading_session
    return session


def writing() -> AbstractContextManager[Session]:
    """Open a writing transaction for a block; it commits at the block's end. Raises SecondLook in a second look."""
    if is_second_look():
        raise SecondLook
    close_reading()
    return database().writing()


def close_reading(_error: BaseException | None = None) -> None:
    """Close the reading session, so that what is read next is fresh."""
    session = g.pop("reading_session", None)
    if session is not None:
        session.close()


def act_as(public_id: str) -> None:
    """Note who is at the desk in this request; the guard of accounts does, before any page."""
    g.actor = public_id


def actor() -> str:
    """Return the public id of the person at the desk; pages that stand below accounts have no other way to know."""
    found: str = g.actor
    return found


def names_of_actors(session: Session, public_ids: Iterable[str]) -> dict[str, str]:
    """Return the names behind actors' public ids, for histories; unknown ids are left out."""
    ask: Callable[[Session, Iterable[str]], dict[str, str]] = parts().actor_names
    return ask(session, public_ids)


def flash_notice(message: str) -> None:
    """Show a sentence at the top of the next page. Desk only: it needs the session cookie."""
    flash(message, "notice")


def url_to(endpoint: str, **values: str | int | None) -> str:
    """Return the address of a page; values that are None are left out."""
    # Flask's stub takes the values for its own named arguments.
    return url_for(endpoint, **values)  # type: ignore[arg-type]


def remark(message: str) -> None:
    """Keep a sentence that goes with what is being saved: the desk shows it once saving has led to another page."""
    if has_app_context():
        g.setdefault("remarks", []).append(message)


def see_other(endpoint: str, **values: str | int | None) -> Response:
    """Redirect after a POST, so that a reload does not post again; at the desk, remarks are shown there."""
    for message in g.pop("remarks", []) if "actor" in g else []:
        flash_notice(message)
    return redirect(url_to(endpoint, **values), SEE_OTHER)


def init_edge(app: Flask) -> None:
    """Close reading sessions after each request."""
    app.teardown_appcontext(close_reading)
