"""What the holder of a link does to a signature, and what its owner says to it behind the link in the mail."""

from __future__ import annotations

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.mail.registry import RenderedMail
from app.signatures.changes import OpenedChange, _opened, _wanted
from app.signatures.states import OwnersWord
from tests.accounts.outbox import rendered_mails
from tests.signatures.scene import HIDDEN, Invited


def wish(holder: Invited, path: str, **fields: str) -> TestResponse:
    """Send one of the forms of /m/<token>, as anybody who holds the link can."""
    url = holder.manage_url()
    token = holder.client.get(url).text.split('name="form_token" value="')[1].split('"')[0]
    return holder.client.post(f"{url}/{path}", data={"form_token": token, **fields})


def change_url(owner: Invited) -> str:
    """Return where the latest mail about a change leads."""
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        latest = changes_of(session)[-1]
        return f"/m/changes/{make_token(session, LinkPurpose.CHANGE, latest.public_id, 1)}"


def changes_of(session: Session) -> list[OpenedChange]:
    """Return every change in the order of time, of two made at once the one that waits last: rows stand in none."""
    found = _opened(session, _wanted())
    return sorted(found, key=lambda change: (change.made_at, change.state.is_waiting))


def say(owner: Invited, word: OwnersWord | str, url: str = "") -> TestResponse:
    """Open the page behind the mail's link and send what its owner chooses there."""
    url = url or change_url(owner)
    hidden = dict(HIDDEN.findall(owner.client.get(url).text))
    return owner.client.post(url, data={**hidden, "word": str(word)})


def told(owner: Invited) -> list[RenderedMail]:
    """Return the mails about changes as they would be sent now."""
    return rendered_mails(owner.app, "signature_change")
