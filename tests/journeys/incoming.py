"""What other people's mail systems send in: reports, a copy, an answer, a notice, a stray letter."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate

from tests.inbox.messages import about, message
from tests.servers.smtp import Received

SOMEBODY_ELSE = b"ada@institution.example"
ANSWER = "The room stays open on Tuesdays."
SCAN = b"%PDF-1.7 a scan of the letter with stamp"


def report_on(mail: Received, shape: str, mail_id: str) -> bytes:
    """Write a report of the corpus about a mail that came over the wire, to where that mail's bounces go."""
    raw = about(message(shape), mail_id, str(mail.message["Message-ID"]), mail.sender)
    return raw.replace(SOMEBODY_ELSE, mail.recipients[0].encode())


def copy_in_archive(mail: Received, archive: str) -> bytes:
    """Return a mail as the archive mailbox has it: the same bytes under the trace of their way."""
    trace = (
        f"Return-Path: <{mail.sender}>\r\nDelivered-To: {archive}\r\nReceived: by mx.example.org; {formatdate()}\r\n"
    )
    return trace.encode() + mail.source


def answer_to(letter: Received) -> bytes:
    """Write what an office answers: above the letter, which it quotes, with a scan."""
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    answer = _letter("Salma Rahbani <clerk@council.example.org>", str(letter.message["Reply-To"]))
    answer["Subject"] = f"RE: {letter.subject}"
    answer["In-Reply-To"] = answer["References"] = str(letter.message["Message-ID"])
    words = f"Dear Ms Kowalska,\n\n{ANSWER}\n\nSalma Rahbani\n\n"
    answer.set_content(f"{words}On Mon, 23 Nov 2026 at 10:12, Marta Kowalska wrote:\n{quoted}\n")
    answer.add_attachment(SCAN, maintype="application", subtype="pdf", filename="Answer with stamp.pdf")
    return answer.as_bytes()


def notice_for(letter: Received) -> bytes:
    """Write the out-of-office notice that a letter met."""
    notice = _letter("Chair <chair@council.example.org>", str(letter.message["Reply-To"]))
    notice["Subject"] = f"Automatic reply: {letter.subject}"
    notice["In-Reply-To"] = str(letter.message["Message-ID"])
    notice["Auto-Submitted"] = "auto-replied"
    notice.set_content("I am out of the office until 7 December.\n")
    return notice.as_bytes()


def stray() -> bytes:
    """Write a letter that carries no mark and refers to nothing."""
    letter = _letter("Tariq Bell <bell@elsewhere.example.org>", "appeals@example.org")
    letter["Subject"] = "The reading room"
    letter.set_content("The Chair asks me to tell you that your letter is before the committee.\n")
    return letter.as_bytes()


def _letter(sender: str, to: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Date"] = sender, to, formatdate()
    letter["Message-ID"] = f"<{abs(hash((sender, to)))}@council.example.org>"
    return letter
