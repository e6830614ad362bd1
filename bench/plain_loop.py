"""The yardstick of mailing: a plain loop that builds each message with EmailMessage and sends it by smtplib.

Run as a program: port, number of messages, and a file with the text and the HTML that each of them has. It prints how
many seconds it took.
"""

import json
import smtplib
import sys
import time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path


def message_to(number: int, text: str, html: str) -> EmailMessage:
    """Build one person's message, as a careful script would."""
    name, link = f"Amina Ковальчук {number}", f"http://127.0.0.1/i/abcdefghjkmnpqrstuvw-1-{number:024}"
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "Will you sign: Examine every request for legal assistance"
    mail["From"] = Address("Undersigned", "appeals", "example.org")
    mail["To"] = Address(name, f"amina{number}", "example.net")
    mail["Reply-To"] = Address("Bench Owner", "owner", "example.org")
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="example.org")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.replace("NAME", name).replace("LINK", link), cte="quoted-printable")
    mail.add_alternative(html.replace("NAME", name).replace("LINK", link), subtype="html", cte="quoted-printable")
    return mail


def main() -> None:
    port, number, words = int(sys.argv[1]), int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        started = time.monotonic()
        for each in range(number):
            # The envelope is a script's own: what smtplib reads from headers would cost it more.
            mail = message_to(each, words["text"], words["html"])
            server.sendmail("appeals@example.org", f"amina{each}@example.net", mail.as_bytes())
        print(time.monotonic() - started)


if __name__ == "__main__":
    main()
