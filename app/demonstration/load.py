"""Load the demonstration once: who works here, the case, the invented campaign."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions import create_organiser, password_link
from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.base.database import Database
from app.demonstration.case_rows import load_case
from app.demonstration.invented_rows import load_invented
from app.demonstration.rows import CONTACT


def load(app: Flask) -> bool:
    """Load what is not there yet, each campaign in one transaction; tell whether anything was."""
    database: Database = app.extensions["database"]
    with app.app_context(), database.writing() as session:
        if session.scalar(select(Organiser.id).limit(1)) is not None:
            return False
        owner = create_organiser(session, "system", *CONTACT)
        load_case(session, owner)
        load_invented(session, owner)
    return True


def owner_link(app: Flask) -> str | None:
    """Return a fresh one-time link for the owner's password, or None once it is set or the owner has gone."""
    database: Database = app.extensions["database"]
    with app.app_context(), database.writing() as session:
        owner = _owner(session)
        if owner is None or owner.password_hash is not None:
            return None
        return password_link(session, owner)


def _owner(session: Session) -> Organiser | None:
    return find_by_address(session, CONTACT[1])
