"""Load the demonstration once: who works here, the case, the invented campaign."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import Select, column, inspect, select, table
from sqlalchemy.orm import Session

from app.accounts.actions import mail_invitation, password_link
from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.accounts.rights import add_from_command_line, make_operator
from app.accounts.states import HouseRights
from app.base.database import Database
from app.base.key_proofs import KeyProof, OtherHouse
from app.base.parts import parts_of
from app.demonstration.case_rows import load_case
from app.demonstration.incoming import take_in
from app.demonstration.invented import DELIVERED_SLUG
from app.demonstration.invented_rows import finish_invented, load_invented
from app.demonstration.rows import ADMINISTRATOR, CONTACT
from app.inbox.sorting import sort_new
from app.mail.sending.worker import send_due
from app.replies.jobs import match_replies
from app.statements.models import Statement
from app.statements.states import StatementState


def load(app: Flask) -> bool:
    """Load what is not there yet; tell whether anything was.

    It takes two transactions: an answer can only be recorded once the appeal has been mailed. A start that was killed
    between them is completed by the next.
    """
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        is_new = session.scalar(select(Organiser.id).limit(1)) is None
        if is_new:
            owner = add_from_command_line(session, *CONTACT, HouseRights())
            make_operator(session, CONTACT[1], is_operator=True)
            administrator = add_from_command_line(session, *ADMINISTRATOR, HouseRights(is_administrator=True))
            mail_invitation(session, owner.public_id, administrator)
            load_case(session, owner)
            load_invented(session, owner)
    if not is_loaded(app):
        send_due(app)
        with app.app_context(), database.writing() as session:
            finish_invented(session)
            take_in(session)
        # The worker's calendar would do both; a visitor who comes first finds them done.
        sort_new(app)
        match_replies(app)
    return is_new


def check_not_real(database: Database) -> None:
    """Raise OtherHouse for a real house of any age whose key has no proof yet, which would say so."""
    with database.reading() as session:
        tables = set(inspect(session.connection()).get_table_names())
        if KeyProof.__tablename__ in tables and session.scalar(select(KeyProof.number).limit(1)) is not None:
            return  # the code that checked the proof knows better
        if not {"organisers", "statements"} <= tables:
            return
        slugs: Select[Any] = select(column("slug")).select_from(table("statements"))
        is_used = session.scalar(select(column("id")).select_from(table("organisers")).limit(1)) is not None
        if is_used and session.scalar(slugs.where(column("slug") == DELIVERED_SLUG).limit(1)) is None:
            raise OtherHouse(is_demonstration=False)


def is_loaded(app: Flask) -> bool:
    """Tell whether everything is there: the appeal of the demonstration was answered, or somebody did otherwise."""
    database: Database = parts_of(app).database
    with app.app_context(), database.reading() as session:
        if session.scalar(select(Organiser.id).limit(1)) is None:
            return False
        state = session.scalar(select(Statement.state).where(Statement.slug == DELIVERED_SLUG))
    return state is not StatementState.CLOSED


def owner_link(app: Flask) -> str | None:
    """Return a fresh one-time link for the owner's password, or None once it is set or the owner has gone."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        owner = _owner(session)
        if owner is None or owner.password_hash is not None:
            return None
        return password_link(session, owner)


def _owner(session: Session) -> Organiser | None:
    return find_by_address(session, CONTACT[1])
