"""What comes round about deliveries: telling owners that mail came back."""

from __future__ import annotations

from flask import Flask

from app.background.calendar import Job
from app.base.database import Database
from app.base.parts import parts_of
from app.deliveries.notices import tell_owners


def tell_of_bounces(app: Flask) -> None:
    """Tell the owners of each campaign what did not arrive since they were last told."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        tell_owners(session)


JOBS = (Job("tell of bounces", 3600, tell_of_bounces),)
