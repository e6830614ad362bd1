"""Which mails of the outbox an operator looks at or acts on: by where they stand, by reason, by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from app.base.paging import Page, decode_id, page_of
from app.base.sealing import Place, open_many
from app.mail.models import Mail, MailAttempt
from app.mail.states import MailClass, MailState
from app.mailroom.states import MailStanding, NoSuchQueuedMail
from app.smtp.states import Trouble
from app.smtp.troubles import status_of

PAGE_SIZE = 50
# So many are changed at once, and counted: more would hold the database for others.
MOST_AT_ONCE = 10_000
_SHOWN = (
    Mail.id, Mail.public_id, Mail.kind, Mail.mail_class, Mail.state, Mail.trouble, Mail.failures, Mail.message_id,
    Mail.created_at, Mail.due_at, Mail.finished_at,
)  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """What narrows the list; nothing given is every mail."""

    standing: MailStanding | None = None
    trouble: Trouble | None = None
    kind: str = ""
    oldest_first: bool = False

    def ids(self) -> Select[Any]:
        """Select the row ids of every mail in it."""
        return select(Mail.id).where(*self._conditions())

    def _conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [true()]
        if self.standing:
            found.append(Mail.state.in_(self.standing.states))
        if self.trouble:
            found.append(Mail.trouble == self.trouble)
        if self.kind:
            found.append(Mail.kind == self.kind)
        return found


@dataclass(frozen=True)
class Queued:
    """One mail as the list shows it: about the mail, and not about whom it goes to.

    `code` and `status` (RFC 3463, such as 5.1.1) are what the server said to the last try, without its words.
    """

    public_id: str
    kind: str
    mail_class: MailClass
    state: MailState
    trouble: Trouble | None
    failures: int
    message_id: str
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    code: int | None
    status: str


def page_of_mails(session: Session, selection: Selection, cursor: str | None) -> Page[Queued]:
    """Return one page of a selection, in the order in which mails were queued; two statements."""
    after = decode_id(cursor)
    order = Mail.id.asc() if selection.oldest_first else Mail.id.desc()
    # The ids come from the index of states alone; only a page's rows are read.
    wanted = selection.ids().order_by(order).limit(PAGE_SIZE + 1)
    if after is not None:
        wanted = wanted.where(Mail.id > after if selection.oldest_first else Mail.id < after)
    rows = session.execute(select(*_SHOWN).where(Mail.id.in_(wanted.subquery().select())).order_by(order)).all()
    key = [rows[PAGE_SIZE - 1].id] if len(rows) > PAGE_SIZE else None
    page = page_of(rows, PAGE_SIZE, cursor, key)
    return Page(_queued(session, page.items), page.next_cursor, page.is_first)


def queued_mail(session: Session, public_id: str) -> Queued:
    """Return one mail; raises NoSuchQueuedMail."""
    row = session.execute(select(*_SHOWN).where(Mail.public_id == public_id)).one_or_none()
    if row is None:
        raise NoSuchQueuedMail
    return _queued(session, [row])[0]


def count_selected(session: Session, selection: Selection) -> int:
    """Count a selection, up to one more than are changed at once."""
    some = selection.ids().limit(MOST_AT_ONCE + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _queued(session: Session, rows: Sequence[Any]) -> list[Queued]:
    said = _last_answers(session, [row.id for row in rows])
    return [_with_answer(row, *said.get(row.id, (None, ""))) for row in rows]


def _with_answer(row: Any, code: int | None, status: str) -> Queued:
    fields = {name: value for name, value in row._mapping.items() if name != "id"}
    return Queued(**fields, code=code, status=status)


def _last_answers(session: Session, row_ids: Sequence[int]) -> dict[int, tuple[int | None, str]]:
    """Return code and status of each mail's last try. The words stay sealed: they often repeat the address."""
    last = select(func.max(MailAttempt.id)).where(MailAttempt.mail_id.in_(row_ids)).group_by(MailAttempt.mail_id)
    tries = session.scalars(select(MailAttempt).where(MailAttempt.id.in_(last))).all()
    answered = [row for row in tries if row.answer_sealed]
    places = [(Place("mail_attempts", "answer_sealed", row.public_id), row.answer_sealed or b"") for row in answered]
    opened = open_many(session, places, "status codes for the mail queue")
    statuses = {row.id: status_of(said.get("answer", "")) for row, said in zip(answered, opened, strict=True)}
    return {row.mail_id: (row.code, statuses.get(row.id, "")) for row in tries}
