"""/desk/mail/mails/…: one mail with its tries and evidence, and the decision about it. For operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import render_template, request, session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.audit.queries import Recorded, history_of
from app.base import clock
from app.base.edge import actor, flash_notice, names_of_actors, reading, see_other, writing
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.saving import saved, status_of
from app.mail.evidence import Evidence, evidence_of
from app.mail.queries import Attempt, attempts_of
from app.mail.states import DUE, MailClass, MailState
from app.mailroom import control
from app.mailroom.forms import MailRulingForm
from app.mailroom.queue_pages import blueprint, kinds
from app.mailroom.selections import Queued, queued_mail
from app.mailroom.states import MailRuling
from app.smtp.troubles import status_of as status_said

# So long this browser shows what servers said about a mail, once its operator asked for it.
OPENED_FOR = timedelta(minutes=10)
_OPENED = "opened_mail"
_HISTORY = {
    "mail.retried": _l("tried it again"),
    "mail.dropped": _l("dropped it"),
    "mail.answers opened": _l("read what the servers said"),
}
_RULINGS = {
    MailRuling.ARRIVED: _l("decided that it arrived"),
    MailRuling.AGAIN: _l("decided that it did not arrive, and sent it again"),
    MailRuling.LEAVE: _l("let it be"),
}


@dataclass(frozen=True)
class MailDeed:
    """What somebody did with a mail, in words."""

    at: datetime
    name: str
    words: str
    evidence: str


@dataclass(frozen=True)
class MailPage:
    """One mail with its evidence. While it is not opened, what servers said is left out."""

    mail: Queued
    kind: str
    attempts: tuple[tuple[Attempt, str], ...]
    evidence: tuple[Evidence, ...]
    deeds: tuple[MailDeed, ...]
    is_opened: bool
    has_words: bool
    is_official: bool
    may_rule: bool
    may_retry: bool
    may_drop: bool


@blueprint.get("/mails/<mail>")
def show_queued(mail: str) -> ResponseReturnValue:
    """Show one mail: its tries, the evidence, and the decision where its fate is uncertain."""
    return _mail_page(mail, MailRulingForm())


@blueprint.post("/mails/<mail>/answers")
def open_answers(mail: str) -> ResponseReturnValue:
    """Open what servers said about a mail for this browser, and record that it was read."""
    with writing() as session:
        control.note_opening(session, actor(), mail)
    cookie[_OPENED] = [mail, clock.now().isoformat()]
    return see_other(".show_queued", mail=mail)


@blueprint.post("/mails/<mail>/ruling")
def rule_mail(mail: str) -> ResponseReturnValue:
    """Let a person decide about an uncertain mail."""
    form = MailRulingForm(request.form)

    def act(session: Session) -> None:
        control.rule(session, actor(), mail, MailRuling(form.ruling.data), form.evidence.words)

    if not saved(form, act):
        return _mail_page(mail, form), status_of(form)
    flash_notice(_("Your decision is recorded with its evidence."))
    return see_other(".show_queued", mail=mail)


def _mail_page(mail_id: str, form: MailRulingForm) -> str:
    session = reading()
    mail = queued_mail(session, mail_id)
    is_opened = _is_opened(mail_id)
    attempts, evidence = attempts_of(session, mail_id), evidence_of(session, mail_id)
    is_official = mail.mail_class is MailClass.OFFICIAL
    page = MailPage(
        mail=mail,
        kind=kinds().label(mail.kind),
        attempts=tuple((_shown(each, is_opened), status_said(each.answer)) for each in attempts),
        evidence=tuple(each if is_opened else replace(each, words="") for each in evidence),
        deeds=_deeds(history_of(session, mail_id)),
        is_opened=is_opened,
        has_words=bool(evidence) or any(each.answer or each.answers for each in attempts),
        is_official=is_official,
        may_rule=mail.state is MailState.UNCERTAIN and not is_official,
        may_retry=mail.state in control.RETRYABLE and not is_official,
        may_drop=mail.state in DUE and not is_official,
    )
    return render_template("mailroom/show_queued.html", page=page, form=form)


def _is_opened(mail_id: str) -> bool:
    opened, at = cookie.get(_OPENED) or ("", "")
    return opened == mail_id and clock.now() - datetime.fromisoformat(at) < OPENED_FOR


def _shown(attempt: Attempt, is_opened: bool) -> Attempt:
    return attempt if is_opened else replace(attempt, answer="", answers=())


def _deeds(history: Sequence[Recorded]) -> tuple[MailDeed, ...]:
    """Return what people did, newest first; what the machine recorded stands with the evidence."""
    names = names_of_actors(reading(), {entry.actor for entry in history})
    return tuple(
        MailDeed(entry.at, names[entry.actor], str(_words_for(entry)), str(entry.detail.get("evidence", "")))
        for entry in history
        if entry.actor in names and (entry.action in _HISTORY or entry.action == "mail.ruled")
    )


def _words_for(entry: Recorded) -> object:
    return _RULINGS[MailRuling(entry.detail["ruling"])] if entry.action == "mail.ruled" else _HISTORY[entry.action]
