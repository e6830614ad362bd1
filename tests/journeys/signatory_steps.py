"""The invited people's steps, and the reader's: each opens a mailed link and decides."""

from __future__ import annotations

import re

from tests.journeys.desk_steps import TITLE, link_in
from tests.journeys.house import House
from tests.journeys.walking import Person

PUBLIC = "/statements/let-us-read-before-you-close"


def sign_publicly(olena: Person, house: House, sha256: str) -> str:
    """Read, choose, sign; find the receipt by mail with the hash and a link of her own, which is returned."""
    (mail,) = house.mails_to("olena@example.org")
    link = link_in(mail.text)
    assert str(mail.message["Reply-To"]) == "Ines Talvik <ines@example.org>"
    olena.opens(link).sees(TITLE, "Friends of the River Archive", "Lumen Valley Council", sha256[:8])
    for radio in olena.page.get_by_role("radio").all():
        assert not radio.is_checked(), "nothing may be preselected"
    olena.presses("Send my decision").sees("There is a problem")
    olena.chooses("I sign").chooses("Publicly, with my name")
    olena.field("Line beside your name").fill("Keeper of the first gauge")
    olena.chooses("Write to me when there is news").presses("Send my decision").sees("You have signed")
    olena.opens(link).sees("You have signed")
    _invitation, receipt = house.mails_to("olena@example.org")
    assert sha256 in re.sub(r"\s", "", receipt.text)
    return next(word for word in receipt.text.split() if "/m/" in word)


def sign_for_the_institution(sara: Person, house: House) -> None:
    """Sign so that only the addressee sees the name."""
    (mail,) = house.mails_to("sara@example.org")
    sara.opens(link_in(mail.text)).chooses("I sign").chooses("To the institution only")
    sara.presses("Send my decision").sees("You have signed")


def decline(yara: Person, house: House) -> None:
    """Decline with a reason, which only coordinators read."""
    (mail,) = house.mails_to("yara@example.org")
    yara.opens(link_in(mail.text)).chooses("I decline").field("Your reason").fill("I advise the Council.")
    yara.presses("Send my decision").does_not_see("You have signed")


def ask_for_a_change(anselm: Person, house: House) -> None:
    """Ask for a change first."""
    (mail,) = house.mails_to("anselm@example.org")
    anselm.opens(link_in(mail.text)).chooses("I ask for a change").field("Your reason").fill("Name the dates as well.")
    anselm.presses("Send my decision").does_not_see("You have signed")


def change_line(olena: Person, manage: str) -> None:
    """Change the public line with the link from the receipt; the public page follows at once."""
    olena.opens(manage).field("Line beside your name").fill("Keeper of both gauges")
    olena.presses("Save name and line")
    olena.opens(PUBLIC).sees("Keeper of both gauges").does_not_see("Keeper of the first gauge")


def read(reader: Person) -> None:
    """Read what the public sees, without a cookie: text, names that are public, count, answer, outcome, PDF."""
    reader.opens(PUBLIC).sees(
        TITLE, "Олена Верховинець", "Delivered", "The Council answers", "The room stays open on Tuesdays.",
        "Salma Rahbani, Clerk", "The Valley Gazette",
    )  # fmt: skip
    reader.does_not_see("سارة البحيري", "Yara Okonjo-Lind", "confidential note", "example.org/m/")
    pdf = reader.context.request.get(reader.page.url + "/appeal.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body().startswith(b"%PDF-")
    assert reader.context.cookies() == []
