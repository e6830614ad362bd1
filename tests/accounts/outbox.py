"""Read the outbox as a recipient would: each queued mail rendered by its kind."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.base.parts import parts_of
from app.base.sealing import Place, open_one
from app.mail.models import Mail
from app.mail.registry import Registry, RenderedMail
from app.mail.states import MailNotWanted
from app.signatures.jobs import tell_signatories


def rendered_mails(app: Flask, kind: str) -> list[RenderedMail]:
    """Render what waits of a kind, oldest first, after signatories were told.

    A mail whose reason is gone is left out, as the worker would.
    """
    tell_signatories(app)
    registry: Registry = parts_of(app).mail_kinds
    mails = []
    with app.app_context(), parts_of(app).database.reading() as session:
        for mail in session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)):
            place = Place("mails", "references_sealed", mail.public_id)
            references = open_one(session, place, mail.references_sealed, "test")
            try:
                rendered = registry.kind(kind).render(session, references)
            except MailNotWanted:
                continue
            assert isinstance(rendered, RenderedMail)
            mails.append(rendered)
    return mails


def link_in(mail: RenderedMail) -> str:
    """Return the path of the one link in a mail, which its text and its HTML must share."""
    (line,) = [line for line in mail.text.splitlines() if line.startswith("http")]
    assert line in mail.html
    return line.removeprefix("http://localhost")
