"""What came back to the invented appeal by mail, invented like the rest: a notice, an answer, and mail that is held."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy.orm import Session

from app.base import clock
from app.base.ports import ports_of
from app.deliveries.queries import deliveries_of
from app.demonstration.invented import DELIVERED_SLUG
from app.inbox.states import InboundSource
from app.inbox.storage import store
from app.statements.queries import statement_by_slug

OFFICE = "enquiries@waterways.example.org"
NOTICE = """The Office for Enquiries is counting the river and answers again on Monday.

This is an automatic reply.
"""
ANSWER = """Dear friends of the archive,

your appeal has been entered under number 12 of this year. Attached are the opening hours of the reading room.

Yours sincerely
Mirela Stanca
Office for Enquiries

{date}, River Archive <{house}> wrote:
> Dear Sir or Madam,
>
> we ask you to keep the reading room open.
"""
HOURS = "Tuesday 9-17\nclosed while the river is being counted\n"
QUESTION = """Good morning,

the Director asks on which days your readers come. An answer in two lines will do.

Secretariat of the Directorate
"""
OFFER = "Our gauges are so exact that the river follows them. Ask for our price list.\n"


@dataclass(frozen=True)
class Sent:
    """A message as somebody there sent it; `answers` is the address of the recipient whose letter it answers."""

    sender: str
    subject: str
    text: str
    answers: str = ""
    automatic: bool = False
    file: tuple[str, str] | None = None


SENT = (
    Sent(f"Office for Enquiries <{OFFICE}>", "Automatic reply: The reading room", NOTICE, OFFICE, automatic=True),
    Sent(f"Mirela Stanca <{OFFICE}>", "Re: The reading room", ANSWER, OFFICE, file=("opening-hours.txt", HOURS)),
    Sent("Secretariat <secretariat@waterways.example.org>", "A question from the Director", QUESTION,
         file=("visitors.txt", "Please count them by weekday.\n")),
    Sent("Exact Gauges <sales@gauges.example.org>", "Gauges that never err", OFFER),
)  # fmt: skip


def take_in(session: Session) -> None:
    """Store the messages as the inbox does; sorting and matching them is for the calendar's jobs."""
    statement = statement_by_slug(session, DELIVERED_SLUG)
    rows = deliveries_of(session, statement.id, "load the demonstration")
    letters = {row.letter.to_address: row.letter.message_id for row in rows}
    for number, sent in enumerate(SENT):
        store(session, _written(session, sent, number, letters.get(sent.answers, "")), InboundSource.PIPE)


def _written(session: Session, sent: Sent, number: int, letter: str) -> bytes:
    house: str = ports_of(session).mail_from
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sent.sender, house, sent.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<demonstration-{number}@waterways.example.org>"
    if letter:
        message["In-Reply-To"] = letter
    if sent.automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(sent.text.replace("{date}", f"On {clock.now():%d.%m.%Y}").replace("{house}", house))
    if sent.file:
        message.add_attachment(sent.file[1], filename=sent.file[0])
    return message.as_bytes()
