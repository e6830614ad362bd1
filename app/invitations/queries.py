"""Who was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.paging import Page, decode_id, page_of
from app.base.rows import belongs_to, by_name, portions
from app.base.sealing import open_many
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.queries import EVERYBODY, DirectoryFilter, identity_place
from app.directory.states import Details, SignatoryKind
from app.invitations.answers import answer_key, answer_subject, answers_of, answers_to, words_of, words_of_many
from app.invitations.models import Invitation
from app.invitations.states import InvitationAnswer, InvitationStage, NoSuchInvitation, is_unreachable
from app.mail.queries import fates_of
from app.statements.models import Statement
from app.statements.queries import languages_of, statement_by_id, version_of

__all__ = ["answer_key", "answer_subject", "answers_of", "answers_to", "words_of", "words_of_many"]

PAGE_LENGTH = 50


@dataclass(frozen=True)
class InvitedPerson:
    """A signatory as the people who ask them know them."""

    id: int
    public_id: str
    kind: SignatoryKind
    details: Details

    @property
    def is_organisation(self) -> bool:
        """Tell an organisation from a person."""
        return self.kind is SignatoryKind.ORGANISATION


@dataclass(frozen=True)
class Asked:
    """One invitation with the person it went to."""

    id: int
    public_id: str
    stage: InvitationStage
    link_generation: int
    mail_id: str | None
    asked_at: datetime | None
    person: InvitedPerson


@dataclass(frozen=True, slots=True)
class Prepared:
    """One invitation that can be mailed, without the person behind it: mailing many opens nobody's name."""

    id: int
    public_id: str
    link_generation: int


@dataclass(frozen=True)
class RemindersChoice:
    """Whether somebody may be reminded, as the page behind the link in a reminder shows it."""

    title: str
    language: str
    is_left_in_peace: bool


def invitation(session: Session, statement_id: int, public_id: str) -> Asked:
    """Return one invitation of a statement with its person; raises NoSuchInvitation."""
    row = session.execute(
        _asked().where(Invitation.statement_id == statement_id, Invitation.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NoSuchInvitation
    return _opened(session, [row])[0]


def invitations_among(session: Session, statement_id: int, public_ids: Sequence[str]) -> list[Asked]:
    """Return the invitations of a statement among some public ids, in the order they were prepared."""
    found: list[Asked] = []
    for part in portions(public_ids):
        rows = session.execute(
            _asked().where(belongs_to(Invitation.statement_id, statement_id), Invitation.public_id.in_(part))
        ).all()
        found += _opened(session, rows)
    return sorted(found, key=lambda asked: asked.id)


def asked_of_any_statement(session: Session, public_ids: Sequence[str]) -> dict[str, tuple[int, Asked]]:
    """Return invitations by their public ids, each with the statement (row id) that it is for."""
    found: dict[str, tuple[int, Asked]] = {}
    for part in portions(public_ids):
        wanted = _asked().add_columns(Invitation.statement_id).where(Invitation.public_id.in_(part))
        rows = session.execute(wanted).all()
        opened = zip(rows, _opened(session, rows), strict=True)
        found |= {asked.public_id: (row.statement_id, asked) for row, asked in opened}
    return found


def reminders_choice(session: Session, public_id: str) -> RemindersChoice | None:
    """Return whether an invited person may be reminded, and of what; None if the invitation was erased."""
    found = asked_of_any_statement(session, [public_id])
    if public_id not in found:
        return None
    statement_id, asked = found[public_id]
    statement = statement_by_id(session, statement_id)
    titles = {row.language: row.title for row in languages_of(session, version_of(session, statement).id)}
    wanted = asked.person.details.language
    language = wanted if wanted in titles else statement.language
    reply = answers_to(session, [public_id])[public_id]
    return RemindersChoice(titles.get(language, ""), language, reply.is_left_in_peace)


def page_of_invitations(
    session: Session,
    statement_id: int,
    stage: InvitationStage | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Asked]:
    """Return a page of a statement's invitations in the order they were prepared."""
    after = decode_id(cursor)
    wanted = _asked().where(Invitation.statement_id == statement_id)
    if stage is not None:
        wanted = wanted.where(Invitation.stage == stage)
    if after is not None:
        wanted = wanted.where(Invitation.id > after)
    rows = session.execute(wanted.order_by(Invitation.id).limit(limit + 1)).all()
    key = [rows[limit - 1].id] if len(rows) > limit else None
    page = page_of(rows, limit, cursor, key)
    return Page(_opened(session, page.items), page.next_cursor, page.is_first)


def count_by_stage(session: Session, statement_id: int) -> dict[InvitationStage, int]:
    """Return how many invitations of a statement stand at each stage."""
    wanted = select(Invitation.stage, func.count()).where(Invitation.statement_id == statement_id)
    return dict(session.execute(wanted.group_by(Invitation.stage)).all())


def not_yet_invited(session: Session, statement: Statement, part: DirectoryFilter = EVERYBODY) -> list[tuple[int, str]]:
    """Return (id, public id) of the signatories in a part of the directory who have no invitation that stands."""
    wanted = select(Signatory.id, Signatory.public_id).where(
        Signatory.campaign_id == statement.campaign_id, Signatory.id.not_in(_invited(statement.id))
    )
    if part.kind is not None:
        wanted = wanted.where(Signatory.kind == part.kind)
    if part.group is not None:
        members = select(GroupMembership.signatory_id).join(Group, Group.id == GroupMembership.group_id)
        wanted = wanted.where(Signatory.id.in_(members.where(Group.public_id == part.group)))
    return list(session.execute(wanted.order_by(Signatory.id)).all())


def invited_among(session: Session, statement_id: int, signatory_ids: Sequence[int]) -> set[int]:
    """Return which of some signatories (row ids) have an invitation that stands."""
    return set(session.scalars(_invited(statement_id).where(Invitation.signatory_id.in_(signatory_ids))))


def ready_to_ask(session: Session, statement_id: int) -> list[str]:
    """Return the public ids of the prepared invitations whose signatory has an address."""
    wanted = select(Invitation.public_id).join(Signatory, Signatory.id == Invitation.signatory_id)
    return list(session.scalars(wanted.where(*_ready(Invitation.statement_id == statement_id)).order_by(Invitation.id)))


def prepared_among(session: Session, statement_id: int, public_ids: Sequence[str]) -> list[Prepared]:
    """Return which of at most 500 invitations can be mailed, in the order they were prepared."""
    mine = belongs_to(Invitation.statement_id, statement_id)
    rows = session.execute(_prepared(mine).where(Invitation.public_id.in_(public_ids)))
    return [by_name(Prepared, row) for row in rows]


def prepared_between(session: Session, statement_id: int, after_id: int, upto_id: int, limit: int) -> list[Prepared]:
    """Return the next invitations that can be mailed, after one row id up to another, in the order of their ids."""
    after, upto = Invitation.id > after_id, Invitation.id <= upto_id
    return [
        by_name(Prepared, row)
        for row in session.execute(_prepared(Invitation.statement_id == statement_id).where(after, upto).limit(limit))
    ]


def asked_between(
    session: Session, statement_id: int, after_id: int, upto_id: int, limit: int
) -> list[tuple[int, str]]:
    """Return id and public id of the next invitations that were mailed, in the order of their ids."""
    asked = Invitation.statement_id == statement_id, Invitation.stage == InvitationStage.ASKED
    wanted = select(Invitation.id, Invitation.public_id).where(*asked, Invitation.id > after_id)
    return list(session.execute(wanted.where(Invitation.id <= upto_id).order_by(Invitation.id).limit(limit)).all())


def count_ready_to_ask(session: Session, statement_id: int) -> int:
    """Return how many prepared invitations can be mailed."""
    wanted = select(func.count()).join_from(Invitation, Signatory, Signatory.id == Invitation.signatory_id)
    return session.scalar(wanted.where(*_ready(Invitation.statement_id == statement_id))) or 0


def ready_to_remind(session: Session, statement_id: int) -> list[str]:
    """Return the public ids of the invitations that were mailed, arrived as far as we know, and have no answer."""
    rows = session.execute(
        select(Invitation.public_id, Invitation.mail_id, Invitation.asked_at)
        .where(Invitation.statement_id == statement_id, Invitation.stage == InvitationStage.ASKED)
        .order_by(Invitation.id)
    ).all()
    now, replies = clock.now(), answers_of(session, statement_id)
    silent = [row for row in rows if replies[row.public_id].may_be_reminded(now)]
    lost = unreachable_among(session, ((row.public_id, row.mail_id, row.asked_at) for row in silent), replies)
    return [row.public_id for row in silent if row.public_id not in lost]


def unreachable_among(
    session: Session, asked: Iterable[tuple[str, str | None, datetime | None]], replies: Mapping[str, InvitationAnswer]
) -> set[str]:
    """Return which of some invitations (public id, mail, when asked) reach nobody.

    The invitation tells, and the latest reminder if it is newer: a person who was sent a new link after it may have
    another address by then.
    """
    invited: dict[str, list[tuple[str, bool]]] = {}
    for public_id, mail, asked_at in asked:
        reminder = reminder_since(replies[public_id], asked_at)
        invited[public_id] = [(one, one == reminder) for one in (mail, reminder) if one]
    fates = fates_of(session, [mail for mails in invited.values() for mail, _is_reminder in mails])
    return {
        public_id
        for public_id, mails in invited.items()
        for mail, is_reminder in mails
        if mail in fates and is_unreachable(fates[mail].state, fates[mail].trouble, is_reminder=is_reminder)
    }


def reminder_since(reply: InvitationAnswer, asked_at: datetime | None) -> str:
    """Return the mail of the latest reminder, unless the invitation was sent anew after it."""
    if not reply.reminders or (asked_at is not None and reply.reminders[-1][0] < asked_at):
        return ""
    return reply.reminders[-1][1]


def _prepared(mine: ColumnElement[bool]) -> Any:
    wanted = select(Invitation.id, Invitation.public_id, Invitation.link_generation)
    joined = wanted.join(Signatory, Signatory.id == Invitation.signatory_id)
    return joined.where(*_ready(mine)).order_by(Invitation.id)


def _ready(mine: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    is_prepared = Invitation.stage == InvitationStage.PREPARED
    return mine, is_prepared, Signatory.email_key.is_not(None)


def _invited(statement_id: int) -> Select[int]:
    return select(Invitation.signatory_id).where(
        Invitation.statement_id == statement_id, Invitation.stage != InvitationStage.CANCELLED
    )


def _asked() -> Any:
    return select(
        Invitation.id, Invitation.public_id, Invitation.stage, Invitation.link_generation, Invitation.mail_id,
        Invitation.asked_at, Signatory.id.label("signatory_id"), Signatory.public_id.label("signatory"), Signatory.kind,
        Signatory.identity_sealed,
    ).join(Signatory, Signatory.id == Invitation.signatory_id)  # fmt: skip


def _opened(session: Session, rows: Sequence[Any]) -> list[Asked]:
    places = [(identity_place(row.signatory), row.identity_sealed) for row in rows]
    identities = open_many(session, places, "invitations") if places else []
    return [
        Asked(
            row.id, row.public_id, row.stage, row.link_generation, row.mail_id, row.asked_at,
            InvitedPerson(row.signatory_id, row.signatory, row.kind, Details.from_fields(identity)),
        )
        for row, identity in zip(rows, identities, strict=True)
    ]  # fmt: skip
