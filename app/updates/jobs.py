"""What a worker does about news: it publishes what was ordered and queues the mails, some in each transaction."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from app.background.calendar import Job
from app.background.long_works import Ordered, Portion, has_work, tell_progress, work_off
from app.background.pacing import WorkPace
from app.base.database import Database
from app.campaigns.access import access_of
from app.campaigns.states import Capability
from app.signatures.queries import news_readers
from app.updates.actions import announce_update, in_no_order, mail_news
from app.updates.queries import update_by_id
from app.updates.states import PUBLISH

EVERY_SECONDS = 1


def work_on_news(app: Flask) -> None:
    """Publish what was ordered; a kill doubles no mail, since an address gets the same news once."""
    work_off(app, PORTIONS)


def publish_ordered(database: Database, work: Ordered, pace: WorkPace) -> bool:
    """Publish the text that was seen, and then queue it for its readers, in portions."""
    with database.reading() as session:
        readers = in_no_order(news_readers(session, update_by_id(session, work.subject).campaign_id))
    with database.writing() as session:
        tell_progress(session, work, "", 0, is_lasting=False)
        found = update_by_id(session, work.subject)
        campaign = access_of(session, found.campaign_id, work.ordered_by, Capability.EDIT).campaign
        announce_update(session, work.ordered_by, campaign, found, int(work.asked["revision"]), len(readers))
    done = 0
    while done < len(readers):
        with pace.portion() as size, database.writing() as session:
            some = readers[done : done + size]
            mail_news(session, update_by_id(session, work.subject), some)
            done += len(some)
            tell_progress(session, work, "mail", done, is_lasting=False)
        pace.rest()
    return False


def is_publishing_wanted(session: Session) -> bool:
    """Tell whether anything was ordered."""
    return has_work(session, PORTIONS)


PORTIONS: dict[str, Portion] = {PUBLISH: publish_ordered}
JOBS = (Job("publish news", EVERY_SECONDS, work_on_news, is_long=True, is_wanted=is_publishing_wanted),)
