"""/desk/campaigns/<campaign>/exports/<export>: how far a list has come that somebody ordered, and its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.background.long_works import order_work, work_of
from app.background.waiting import WorkLinks, looking_again, waiting_for
from app.base.blueprints import Pages, asks_for_proof
from app.base.database import Database
from app.base.edge import SEE_OTHER, database, flash_notice, reading, see_other, url_to, writing
from app.base.locales import gettext as _
from app.base.signposts import way_to
from app.campaigns.access import Access, enter
from app.campaigns.navigation import OVERVIEW, frame_of
from app.campaigns.states import Capability
from app.exports.actions import drop_export, tell_download
from app.exports.kinds import kind_of
from app.exports.models import Export
from app.exports.queries import MadeExport, content_of, export_of, made_of
from app.exports.states import KEPT, MAKE, NoSuchExport

blueprint = Pages("exports", __name__, url_prefix="/desk/campaigns/<campaign>/exports")


@dataclass(frozen=True)
class MadeFile:
    """A file that is ready."""

    label: str
    file: MadeExport
    made_at: datetime
    kept_until: datetime
    file_url: str
    drop_url: str


@blueprint.get("/<export>")
def show_export(campaign: str, export: str) -> ResponseReturnValue:
    """Show how far an export has come, or that its file is ready."""
    session = reading()
    access, found = _entered(session, campaign, export)
    here = {"campaign": campaign, "export": export}
    label, frame = str(kind_of(found.kind).label), frame_of(session, access)
    links = WorkLinks(
        url_to("exports.show_export", **here), url_to("exports.drop", **here), url_to("exports.go_on", **here)
    )
    if found.made_at is not None:
        made = MadeFile(
            label, made_of(session, found), found.made_at, found.made_at + KEPT,
            url_to("exports.download_export", **here), links.stop,
        )  # fmt: skip
        return render_template("exports/show_export.html", frame=frame, made=made)
    work = work_of(session, export)
    if work is None:
        raise NoSuchExport
    step = _("%(done)s of about %(expected)s rows are written.", done=work.done, expected=work.expected)
    waiting = waiting_for(session, work, step if work.step else "", links)
    return looking_again(render_template("exports/show_progress.html", frame=frame, label=label, work=waiting), waiting)


@blueprint.get("/<export>/file")
@asks_for_proof
def download_export(campaign: str, export: str) -> ResponseReturnValue:
    """Hand out a file that is ready to its owner, opened piece by piece as it goes out."""
    session = reading()
    _access, found = _entered(session, campaign, export)
    if found.made_at is None:
        return see_other(".show_export", campaign=campaign, export=export)
    export_id, made = found.id, made_of(session, found)
    with writing() as session:
        tell_download(session, *_entered(session, campaign, export))
    response = Response(_pieces(database(), export_id), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=made.filename)
    response.content_length = made.size
    return response


@blueprint.post("/<export>/go-on")
def go_on(campaign: str, export: str) -> ResponseReturnValue:
    """Try again what failed."""
    with writing() as session:
        access, found = _entered(session, campaign, export)
        if found.made_at is None:
            order_work(session, MAKE, export, access.organiser, found.expected)
    return see_other(".show_export", campaign=campaign, export=export)


@blueprint.post("/<export>/drop")
def drop(campaign: str, export: str) -> ResponseReturnValue:
    """Stop making an export, or delete its file."""
    with writing() as session:
        _access, found = _entered(session, campaign, export)
        drop_export(session, found.public_id)
    flash_notice(_("The file is deleted here."))
    return redirect(way_to(OVERVIEW, campaign), SEE_OTHER)


def _entered(session: Session, campaign: str, export: str) -> tuple[Access, Export]:
    """Enter an export; raises NoSuchCampaign, RoleTooNarrow, NoSuchExport."""
    access = enter(session, campaign, Capability.VIEW)
    found = export_of(session, access, export)
    return enter(session, campaign, kind_of(found.kind).capability), found


def _pieces(database: Database, export_id: int) -> Iterator[bytes]:
    """Yield the file, a block in memory at a time, each from a session of its own: a slow reader holds none."""
    number = 0
    while True:
        with database.reading() as session:
            content = content_of(session, export_id, number)
        if content is None:
            return
        if content:  # behind the last rows there are empty blocks
            yield content
        number += 1
