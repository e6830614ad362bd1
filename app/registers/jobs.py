"""What comes round in registers: what is kept of old lists is forgotten."""

from __future__ import annotations

from flask import Flask

from app.background.calendar import Job
from app.base.parts import parts_of
from app.registers.outcomes import forget_registers

FORGET_EVERY_SECONDS = 3600


def forget_old_registers(app: Flask) -> None:
    """Delete the names of old lists, and their rows that were left out."""
    with parts_of(app).database.writing() as session:
        forget_registers(session)


JOBS = (Job("forget registers", FORGET_EVERY_SECONDS, forget_old_registers),)
