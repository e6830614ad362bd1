"""Who did what, when: of a campaign, and everything about one invited person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.audit.actions import SIGNATORY, SYSTEM
from app.audit.queries import Recorded, history_of, history_of_campaign
from app.base.locales import endonym, gettext as _
from app.base.paging import Page, decode_id, page_of
from app.dashboards.deeds import in_words
from app.dashboards.marks import standing_of
from app.dashboards.states import InviteeStanding
from app.directory.queries import HeldRole, roles_of, signatory_row
from app.directory.states import Details, SignatoryKind
from app.invitations.queries import Asked, answer_subject, answers_to, invitation, words_of
from app.invitations.states import InvitationAnswer, InvitationStage
from app.mail.addresses import is_stopped
from app.mail.evidence import Evidence, evidence_of_many
from app.mail.queries import Attempt, Fate, attempts_of, fates_of
from app.signatures.changes import OpenedChange, waiting_for
from app.signatures.queries import Signed, signature_of
from app.statements.models import Statement, Version

# A mailing to thousands leaves an entry for each; a page joins what belongs together.
ENTRIES = 1000
TOGETHER_SECONDS = 60


@dataclass(frozen=True)
class Deed:
    """Something that was done, `times` times in one go. `actor` is a name, or nothing where nobody knows."""

    at: datetime
    actor: str
    is_person: bool
    what: str
    times: int = 1


@dataclass(frozen=True)
class MailLine:
    """One mail to a person: the invitation or a reminder, its fate, every try, and what came to light later."""

    is_reminder: bool
    queued_at: datetime | None
    fate: Fate
    attempts: list[Attempt]
    evidence: list[Evidence]


@dataclass(frozen=True)
class PersonHistory:
    """Everything that a coordinator may know of one invited person."""

    invitation: str
    signatory: str
    kind: SignatoryKind
    details: Details
    groups: list[HeldRole]
    standing: InviteeStanding
    stage: InvitationStage
    reply: InvitationAnswer
    words: str
    mails: list[MailLine]
    signed: Signed | None
    version_number: int
    deeds: list[Deed]
    waiting: Sequence[OpenedChange] = ()  # what somebody still has to decide about the signature
    is_stopped: bool = False  # whether nothing is sent to the address because mail to it came back

    @property
    def spoken_language(self) -> str:
        """What the speakers of their language call it."""
        return endonym(self.details.language) if self.details.language else ""

    @property
    def text_language(self) -> str:
        """In which language they read what they signed."""
        return endonym(self.signed.language) if self.signed else ""


def person_history(session: Session, statement: Statement, public_id: str) -> PersonHistory:
    """Gather what is known of one invited person; raises NoSuchInvitation."""
    asked = invitation(session, statement.id, public_id)
    row = signatory_row(session, statement.campaign_id, asked.person.public_id)
    reply = answers_to(session, [public_id]).get(public_id, InvitationAnswer())
    signed = signature_of(session, statement.public_id, row.public_id)
    mails = _mails(session, asked, reply)
    subjects = [public_id, answer_subject(public_id), row.public_id, *([signed.public_id] if signed else [])]
    return PersonHistory(
        invitation=public_id,
        signatory=row.public_id,
        kind=row.kind,
        details=asked.person.details,
        groups=roles_of(session, [row.id], "history of a person").get(row.id, []),
        standing=standing_of(session, asked.id),
        stage=asked.stage,
        reply=reply,
        words=words_of(session, public_id),
        mails=mails,
        signed=signed,
        version_number=_version_number(session, signed),
        waiting=waiting_for(session, signed.id) if signed else [],
        deeds=_deeds(session, sorted(_recorded(session, subjects), key=lambda entry: entry.at, reverse=True)),
        is_stopped=bool(asked.person.details.email) and is_stopped(session, asked.person.details.email),
    )


def campaign_history(session: Session, campaign: str, cursor: str | None = None) -> Page[Deed]:
    """Return what was done in a campaign, newest first; what one person did many times at once is one line."""
    found = history_of_campaign(session, campaign, decode_id(cursor), ENTRIES + 1)
    page = page_of(found, ENTRIES, cursor, [found[ENTRIES - 1].id] if len(found) > ENTRIES else None)
    return Page(_deeds(session, page.items), page.next_cursor, page.is_first)


def _recorded(session: Session, subjects: Sequence[str]) -> list[Recorded]:
    return [entry for subject in subjects for entry in history_of(session, subject)]


def _deeds(session: Session, recorded: Sequence[Recorded]) -> list[Deed]:
    """Name the actors and join neighbours: the same deed of the same actor within a minute."""
    actors = {entry.actor for entry in recorded}
    names = names_of(session, actors - {SIGNATORY, SYSTEM})
    names |= {SIGNATORY: _("A signatory"), SYSTEM: _("The service")}
    deeds: list[Deed] = []
    for entry in recorded:
        is_person = entry.actor not in {SIGNATORY, SYSTEM}
        deed = Deed(entry.at, names.get(entry.actor, _("Somebody")), is_person, in_words(entry.action))
        last = deeds[-1] if deeds else None
        if last and _belongs_with(last, deed):
            deeds[-1] = Deed(last.at, last.actor, last.is_person, last.what, last.times + 1)
        else:
            deeds.append(deed)
    return deeds


def _belongs_with(last: Deed, deed: Deed) -> bool:
    same = (last.actor, last.what) == (deed.actor, deed.what)
    return same and abs((last.at - deed.at).total_seconds()) <= TOGETHER_SECONDS


def _mails(session: Session, asked: Asked, reply: InvitationAnswer) -> list[MailLine]:
    queued: list[tuple[str, datetime | None, bool]] = [(asked.mail_id, asked.asked_at, False)] if asked.mail_id else []
    queued += [(mail, at, True) for at, mail in reply.reminders]
    fates = fates_of(session, [mail for mail, _at, _is_reminder in queued])
    evidence = evidence_of_many(session, fates)
    return [
        MailLine(is_reminder, at, fates[mail], attempts_of(session, mail), evidence[mail])
        for mail, at, is_reminder in queued
        if mail in fates
    ]


def _version_number(session: Session, signed: Signed | None) -> int:
    if signed is None:
        return 0
    return session.scalar(select(Version.number).where(Version.id == signed.version_id)) or 0
