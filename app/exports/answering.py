"""Answer somebody who wants a list: with the file itself where it is short, else with the offer to have it made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.base.edge import reading, see_other, url_to, writing
from app.base.sheets import write_csv
from app.campaigns.access import Access, enter_by_id
from app.campaigns.navigation import frame_of
from app.exports.actions import order_export
from app.exports.kinds import ExportAsked, kind_of
from app.exports.queries import standing_export
from app.exports.states import KEPT, MOST_AT_ONCE


@dataclass(frozen=True)
class ExportBefore:
    """The same list as it was ordered before."""

    url: str
    made_at: datetime | None


@dataclass(frozen=True)
class LongList:
    """A list that is too long to wait for, as the page shows it that offers to make it."""

    label: str
    rows: int
    hours: int
    action: str
    before: ExportBefore | None


def handed_out(access: Access, asked: ExportAsked, expected: int) -> ResponseReturnValue:
    """Hand out a list of about so many rows, in a view that was entered: a GET offers, a POST orders a long one."""
    kind = kind_of(asked.kind)
    if expected <= MOST_AT_ONCE:
        made = kind.make(reading(), access, asked)
        # Whole, since the session that opens the names ends with the request.
        response = Response(b"".join(write_csv(made.header, made.rows)), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=made.filename)
        return response
    if request.method == "POST":
        campaign = access.campaign
        with writing() as session:
            access = enter_by_id(session, campaign.id, kind.capability)
            public_id = order_export(session, access, asked, expected)
        return see_other("exports.show_export", campaign=campaign.public_id, export=public_id)
    hours = int(KEPT.total_seconds() // 3600)
    before = _before(access, asked)
    wanted = LongList(str(kind.label), expected, hours, request.full_path.rstrip("?"), before)
    return render_template("exports/order_export.html", frame=frame_of(reading(), access), wanted=wanted)


def _before(access: Access, asked: ExportAsked) -> ExportBefore | None:
    found = standing_export(reading(), access, asked)
    if found is None:
        return None
    url = url_to("exports.show_export", campaign=access.campaign.public_id, export=found.public_id)
    return ExportBefore(url, found.made_at)
