"""The organiser's steps of the story: password, campaign, draft, directory, opening."""

from __future__ import annotations

import hashlib
import re

from playwright.sync_api import FilePayload

from tests.journeys.house import House
from tests.journeys.walking import Person

PASSWORD = "a passphrase of four words"
TITLE = "Let us read before you close"
BODY = "The records show **what was in the river**.\n\nWe ask for time to copy them."
DEMANDS = ("Keep the reading room open.", "Publish the list of what is to be closed.")
PEOPLE = """name;country;affiliation;group;role
Олена Верховинець;Ukraine;Hydrologist;River Readers;Chair
سارة البحيري;Egypt;Engineer;River Readers;Member
Yara Okonjo-Lind;Nigeria;Novelist;;
Anselm Tiefenbach;Germny;Limnologist;;
Zoë Ångström;Sweden;Lock keeper;;
Yara Okonjo Lind;Nigeria;Novelist;;"""
ADDRESSES = """name;email
Олена Верховинець;olena@example.org
سارة البحيري;sara@example.org
Yara Okonjo-Lind;yara@example.org
Anselm Tiefenbach;anselm@example.org
Zoe Angstrom;zoe@example.org
"""


def set_password(person: Person, link: str, address: str) -> None:
    """Set a password with a one-time link and sign in."""
    person.opens(link).sees(address)
    person.field("New password").fill(PASSWORD)
    person.presses("Set this password")
    person.field("E-mail address").fill(address)
    person.field("Password").fill(PASSWORD)
    person.presses("Sign in").sees("Sign out")


def begin_campaign(ines: Person) -> str:
    """Create a campaign with a convenor and an event; return its path."""
    ines.opens("/desk").follows("Begin a campaign")
    ines.fills(Title="Keep the River Archive open", Summary="The records of the valley.").presses("Create the campaign")
    ines.follows("Convenors").follows("Add a convenor")
    ines.fills(Name="Friends of the River Archive").presses("Add the convenor")
    ines.follows("Chronology").follows("Add an event")
    ines.fills(Date="2026-02-11", What_happened="The closing is announced.").presses("Add the event")
    ines.sees("The closing is announced.")
    return "/desk/campaigns/" + ines.path.split("/")[3]


def add_colleague(ines: Person, house: House, campaign: str, colleague: Person) -> None:
    """Add an approver by e-mail, who sets a password with the mailed link."""
    ines.opens(f"{campaign}/members")
    ines.field("E-mail address").fill("leila@example.org")
    ines.fills(Name="Leila Haddad-Moreau").chooses("Approver").presses("Add the colleague").sees("Leila")
    ines.sees("Awaits confirmation", "Who can confirm")
    (mail,) = house.mails_to("leila@example.org")
    set_password(colleague, link_in(mail.text), "leila@example.org")


def confirm_colleague(nadia: Person, house: House) -> None:
    """Be told that somebody was let in who may approve, and confirm them, as an administrator who knows them."""
    set_password(nadia, house.administrator_link("nadia@example.org", "Nadia Ferhat"), "nadia@example.org")
    nadia.opens("/desk/confirmations").sees("Leila Haddad-Moreau", "Ines Talvik").follows("Look and confirm Leila")
    nadia.presses("Confirm this member").sees("Tick the box")
    nadia.chooses("I know this person").presses("Confirm this member").sees("Confirmed.")
    assert "is confirmed" in " ".join(mail.subject for mail in house.mails_to("leila@example.org"))


def enter_institution(ines: Person) -> None:
    """Enter the institution with two recipients."""
    ines.opens("/desk/institutions/new").fills(Name="Lumen Valley Council").presses("Add the institution")
    for office, salutation, address in (
        ("Clerk", "Dear Ms Rahbani,", "clerk@council.example.org"),
        ("Chair", "Dear Chair,", "chair@council.example.org"),
    ):
        if not ines.path.endswith("/recipients/new"):
            ines.follows("Add a recipient")
        ines.fills(Office=office, Salutation=salutation).field("E-mail address").fill(address)
        ines.presses("Add the recipient").sees(office)


def draft(ines: Person, campaign: str) -> str:
    """Write a statement with demands, addressee, a report and a contact; return its path."""
    ines.opens(f"{campaign}/statements/new").fills(Title=TITLE).chooses("Open letter").presses("Start writing")
    statement = "/desk/statements/" + ines.path.split("/")[3]
    ines.opens(f"{statement}/text/en")
    ines.fills(Summary="We ask the Council to let us copy.").field("Text").fill(BODY)
    for number, demand in enumerate(DEMANDS, 1):
        ines.presses("Add a demand")
        ines.field(f"Demand {number}").fill(demand)
    ines.page.get_by_role("button", name="Preview").last.click()
    ines.sees("Nothing is saved yet", "what was in the river", DEMANDS[1])
    ines.page.locator("div.actions button[value=save]").click()
    ines.opens(f"{statement}/addressees").chooses("Institution to add", "Lumen Valley Council").presses("Add it")
    ines.follows("Look at the recipients").sees("chair@council.example.org").presses("Accept Clerk")
    ines.presses("Accept Chair").sees("Accepted for this campaign.")
    ines.opens(f"{statement}/annexes/write").fills(Title="The report")
    ines.field("Text").fill("Counted at the door.\n\n| Season | Readers |\n|---|---|\n| Winter | 214 |")
    ines.page.get_by_role("button", name="Save").last.click()
    ines.opens(f"{statement}/settings").fills(Name="Ines Talvik").field("E-mail address").fill("ines@example.org")
    ines.field("Deadline: day").fill("2031-12-05")
    ines.field("Deadline: time").fill("18:00")
    ines.presses("Save")
    return statement


def open_for_signing(ines: Person, statement: str) -> str:
    """Open the statement; what a reader downloads has the hash that the pages show. Return the hash."""
    ines.opens(f"{statement}/open").chooses("I have read this text").presses("Freeze and open").sees("Open")
    public = ines.opens("/statements/let-us-read-before-you-close")
    public.sees(TITLE, "Lumen Valley Council", "Friends of the River Archive", DEMANDS[0], "The report")
    text = ines.context.request.get(public.page.url + "/text").body()
    sha256 = hashlib.sha256(text).hexdigest()
    assert sha256 in public.reads().replace(" ", "")
    return sha256


def import_people(ines: Person, campaign: str) -> None:
    """Import names without addresses, answering what is doubtful; then add the addresses from a second list."""
    _upload(ines, campaign, PEOPLE).sees("River Readers", "Hydrologist").presses("Look at what would change")
    _look_at_part(ines, "Countries")
    ines.sees("Germny").chooses("Germany").presses("Save these answers")
    _look_at_part(ines, "Likely duplicates")
    ines.sees("Yara Okonjo Lind").page.locator("input[type=radio][id$='-1']").first.check()
    ines.presses("Save these answers").presses("Import").sees("5 added")
    _upload(ines, campaign, ADDRESSES).presses("Look at what would change")
    _look_at_part(ines, "Same name only")
    ines.sees("Anselm Tiefenbach").presses("All 4 on this page are the same")
    _look_at_part(ines, "Likely duplicates")
    ines.sees("Zoe Angstrom").page.locator("input[type=radio][id$='-1']").first.check()
    ines.presses("Save these answers").presses("Import").sees("5 changed")
    ines.opens(f"{campaign}/signatories").sees("5 entries", "سارة البحيري", "River Readers (Chair)")
    ines.follows("Zoë Ångström").sees("zoe@example.org")


def invite(ines: Person, house: House, statement: str) -> None:
    """Choose everybody, send a test to oneself, read one mail as it will be read, and send."""
    ines.opens(f"{statement}/invitations/prepare").presses("Prepare all")
    ines.opens(f"{statement}/invitations").presses("Send a test")
    test = house.mails_to("ines@example.org")[-1]
    assert TITLE in test.text
    assert not re.search(r"/i/[a-z0-9]{20}-", test.text), "a test mail must not carry a live link"
    ines.opens(f"{statement}/invitations").presses("Ask all").sees("The link is left out here")
    ines.presses("Send 5 invitations")


def remind(ines: Person, house: House, statement: str) -> None:
    """Remind those who have not answered, and nobody else."""
    ines.opens(f"{statement}/invitations").presses("Remind").presses("Send 1 reminder")
    assert len(house.mails_to("zoe@example.org")) == 2
    assert len(house.mails_to("yara@example.org")) == 1


def watch(ines: Person, statement: str) -> None:
    """Find on the dashboard who needs a call, and a person's history behind it."""
    ines.opens(f"{statement}/dashboard").sees("Needs attention", "Asked for a change: 1", "Name the dates as well.")
    ines.follows("Anselm Tiefenbach").sees("anselm@example.org", "Name the dates as well.")
    ines.opens(f"{statement}/people").sees("Declined", "No answer")
    with ines.page.expect_download() as download:
        ines.follows("Take this list with you")
    assert "Олена Верховинець" in download.value.path().read_text("utf-8-sig")


def assemble(ines: Person, house: House, statement: str) -> None:
    """Close the statement, order the appeal, and see it frozen once a worker has done that."""
    ines.opens(f"{statement}/close").chooses("Nobody shall be able").presses("Close the statement")
    ines.opens(f"{statement}/appeal").presses("Assemble the appeal").sees("The appeal is being assembled")
    house.work_on_appeals()
    ines.awaits("let-us-read-before-you-close-en.pdf")


def approve(leila: Person, statement: str) -> None:
    """Approve as the second person, and see no name that the addressee does not see."""
    leila.opens(f"{statement}/appeal").chooses("I have read the documents").presses("Approve exactly this")
    leila.sees("Leila Haddad-Moreau").does_not_see("yara@example.org")


def release(ines: Person, house: House, statement: str) -> None:
    """Release the approved appeal; each recipient gets one mail, and the delivery page has the proof."""
    ines.opens(f"{statement}/appeal").follows("Go on to the release").chooses("Hand it over now")
    ines.presses("Release and hand over")
    for address, salutation in (
        ("clerk@council.example.org", "Dear Ms Rahbani,"),
        ("chair@council.example.org", "Dear Chair,"),
    ):
        (mail,) = house.mails_to(address)
        assert salutation in mail.text
        names = [part.get_filename() for part in mail.message.iter_attachments()]
        assert "let-us-read-before-you-close-en.pdf" in names
    ines.opens(f"{statement}/deliveries").follows("Clerk").sees("Message-ID", "SHA-256 of the mail", "250")


def record_answer(ines: Person, statement: str, campaign: str) -> None:
    """Mark as delivered, record an answer with a summary for readers, and an outcome with its source and speaker."""
    ines.opens(f"{statement}/deliveries").presses("Mark it as delivered").follows("Clerk").follows("Record")
    ines.chooses("Answer").field("Day on which it arrived").fill("2026-11-20")
    ines.field("What they wrote").fill("The room stays open on Tuesdays. (confidential note)")
    ines.field("Summary for readers").fill("The Council answers that the room stays open on Tuesdays.")
    ines.presses("Record")
    ines.opens(f"{campaign}/outcomes/new").field("Day on which it happened").fill("2026-11-20")
    ines.field("What happened, in one line").fill("The room stays open")
    ines.field("Quotation").fill("The room stays open on Tuesdays.")
    ines.field("Who is quoted").fill("Salma Rahbani, Clerk")
    ines.field("Name of the source").fill("The Valley Gazette")
    ines.field("Link to the source").fill("https://gazette.example.org/1")
    ines.chooses("Belongs to", TITLE).presses("Record the outcome").sees("Salma Rahbani")


def _upload(ines: Person, campaign: str, rows: str) -> Person:
    ines.opens(f"{campaign}/signatories/imports")
    upload = FilePayload(name="list.csv", mimeType="text/csv", buffer=rows.encode())
    ines.field("Choose a file").set_input_files(upload)
    return ines.presses("Upload and look")


def _look_at_part(ines: Person, words: str) -> None:
    found = ines.page.get_by_role("link", name=words)
    if found.count():
        found.first.click()
        ines.page.wait_for_load_state()


def link_in(text: str) -> str:
    """Return the first link to the house in a mail's text."""
    return next(word for word in text.split() if word.startswith("http://127.0.0.1"))
