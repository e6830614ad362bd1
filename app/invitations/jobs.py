"""What comes round in asking: the orders to write to very many, and word to former addresses."""

from __future__ import annotations

import time

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from app.background.calendar import Job
from app.background.long_works import Ordered, Portion, has_work, tell_progress, work_off
from app.background.pacing import SHARE_FOR_OTHERS, WorkPace
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.access import access_of
from app.campaigns.states import Capability
from app.invitations import actions, bulk_orders, moves
from app.invitations.forms import filter_from
from app.invitations.queries import not_yet_invited
from app.invitations.states import PREPARE
from app.statements.queries import statement_by_public_id

log = structlog.get_logger()

EVERY_SECONDS = 5
MOVES_EVERY_SECONDS = 60
MOST_SECONDS = 30.0  # in one go, so that other jobs get their turn


def ask_the_prepared(app: Flask) -> None:
    """Work on the orders for a while; what is left waits for the next time."""
    work_off_askings(app, MOST_SECONDS)


def work_off_askings(app: Flask, most_seconds: float | None = None, share_for_others: float = SHARE_FOR_OTHERS) -> int:
    """Work off every order in chunks, by turns, each in a transaction of its own; return how many chunks there were.

    A kill loses at most the chunk in hand, which the next run repeats. An order that fails stops none of the others.
    """
    database: Database = parts_of(app).database
    pace = WorkPace(share_for_others if database.is_sqlite else 0.0, bulk_orders.CHUNK)
    ends_at = None if most_seconds is None else time.monotonic() + most_seconds
    with database.reading() as session:
        waiting = bulk_orders.unfinished(session)
    chunks = 0
    while waiting and (ends_at is None or time.monotonic() < ends_at):
        for asking_id in list(waiting):
            with pace.portion() as size:
                has_more = _work_on(database, asking_id, size)
            if not has_more:
                waiting.remove(asking_id)
            chunks += 1
            if waiting:
                pace.rest()
    return chunks


def _work_on(database: Database, asking_id: int, size: int) -> bool:
    try:
        with database.writing() as session:
            return bulk_orders.work_on(session, asking_id, size)
    except Exception as error:  # noqa: BLE001 - one order that fails must not stop the others; it is tried again later
        log.error("asking.failed", order=asking_id, error=type(error).__name__)
        return False


def tell_of_moves(app: Flask) -> None:
    """Tell the readers of former addresses, some in each transaction."""
    database: Database = parts_of(app).database
    looked_at = 1
    while looked_at:
        with database.writing() as session:
            looked_at = moves.tell_former_addresses(session)


def prepare_ordered(database: Database, work: Ordered, pace: WorkPace) -> bool:
    """Prepare invitations for a part of the directory, in portions; who has one by now is left out after a kill."""
    part = filter_from(work.asked)
    with database.reading() as session:
        found = not_yet_invited(session, statement_by_public_id(session, work.subject), part)
    wanted = [row_id for row_id, _public_id in found]
    done = 0
    while done < len(wanted):
        with pace.portion() as size, database.writing() as session:
            statement = statement_by_public_id(session, work.subject)
            access_of(session, statement.campaign_id, work.ordered_by, Capability.ASK)
            actions.prepare(session, work.ordered_by, statement, wanted[done : done + size])
            done = min(done + size, len(wanted))
            tell_progress(session, work, "prepare", work.expected - len(wanted) + done, is_lasting=True)
        pace.rest()
    return False


def prepare_the_ordered(app: Flask) -> None:
    """Work off what was ordered."""
    work_off(app, PORTIONS)


def is_preparing_wanted(session: Session) -> bool:
    """Tell whether anything was ordered."""
    return has_work(session, PORTIONS)


PORTIONS: dict[str, Portion] = {PREPARE: prepare_ordered}
JOBS = (
    Job("prepare invitations", 1, prepare_the_ordered, is_long=True, is_wanted=is_preparing_wanted),
    Job("ask the prepared", EVERY_SECONDS, ask_the_prepared),
    Job("tell of moved addresses", MOVES_EVERY_SECONDS, tell_of_moves),
)
