"""What comes round about statements: telling owners what is proposed about those whom they write to."""

from __future__ import annotations

from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.statements import notices


def tell_of_proposals(app: Flask) -> None:
    """Tell the owners of each campaign what waits for their decision."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        notices.tell_of_proposals(session)


JOBS = (Job("tell of proposed recipients", 300, tell_of_proposals),)
