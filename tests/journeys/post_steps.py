"""The steps of the mail story: each says what a person sees in the browser, and what came over the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rights import make_operator
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.actions import add_signatory
from app.directory.states import Details, NewEntry
from tests.factories.accounts import PASSWORD, make_organiser
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import make_institution, make_recipient
from tests.factories.signatures import make_signature
from tests.factories.statements import make_statement
from tests.journeys import incoming
from tests.journeys.desk_steps import TITLE, link_in
from tests.journeys.post_house import FETCH, MATCH, SORT, TELL, WITNESS, PostHouse
from tests.journeys.signatory_steps import PUBLIC
from tests.journeys.walking import Person

OPERATOR, OWNER, COORDINATOR, APPROVER = (f"{name}@desk.example.org" for name in ("oleh", "ines", "katarzyna", "leila"))
AMAL, BOHDAN, OLENA, ZOE = (f"{name}@example.org" for name in ("amal", "bohdan", "olena", "zoe"))
NAMES = {AMAL: "Amal Nasser", BOHDAN: "Богдан Лисенко", OLENA: "Олена Верховинець", ZOE: "Zoë Ångström"}
CLERK, CHAIR = "clerk@council.example.org", "chair@council.example.org"
REFUSAL = "550 5.1.1 <amal@example.org>: Recipient address rejected: User unknown"
FROM_ELSEWHERE = {"Origin": "https://mail.example.org", "Sec-Fetch-Site": "cross-site"}


@dataclass(frozen=True)
class Scene:
    """Where the story plays, by paths of the desk."""

    campaign: str
    statement: str


def set_the_scene(house: PostHouse, signed_by: str = "", keeper: str = "") -> Scene:
    """Enter an open statement with its people, as earlier stories tell it; one may have signed, one be an operator."""
    with house.app.app_context(), house.database.writing() as session:
        owner, coordinator, approver, _operator = (
            make_organiser(session, name, address, with_password=True, may_create_campaigns=False)
            for name, address in (
                ("Ines Talvik", OWNER),
                ("Katarzyna Bąk", COORDINATOR),
                ("Leila Haddad-Moreau", APPROVER),
                ("Oleh Melnyk", OPERATOR),
            )
        )
        campaign = make_campaign(session, owner, title="Keep the River Archive open")
        make_member(session, campaign, Role.COORDINATOR, coordinator)
        make_member(session, campaign, Role.APPROVER, approver)
        council = make_institution(session, "Lumen Valley Council", recipients=0)
        make_recipient(session, council, office="Clerk", salutation="Dear Ms Rahbani,", email=CLERK)
        make_recipient(session, council, office="Chair", salutation="Dear Chair,", email=CHAIR)
        statement = make_statement(session, campaign, title=TITLE, institutions=[council])
        for address in (AMAL, BOHDAN, OLENA):
            if address != signed_by:
                _enter(session, campaign, address)
        if signed_by:
            make_signature(session, statement, details=Details(name=NAMES[signed_by], email=signed_by))
        if keeper:
            make_operator(session, keeper, is_operator=True)
        return Scene(f"/desk/campaigns/{campaign.public_id}", f"/desk/statements/{statement.public_id}")


def sign_in(person: Person, address: str) -> Person:
    """Sign in with a password."""
    person.opens("/sign-in").field("E-mail address").fill(address)
    person.field("Password").fill(PASSWORD)
    return person.presses("Sign in").sees("Sign out")


def become_operator(oleh: Person, house: PostHouse) -> None:
    """See the queue once the server's keeper has said so, and not before."""
    oleh.opens("/desk/mail").sees("You may not do this", "flask account operator ADDRESS").does_not_see("What waits")
    assert house.command("account", "operator", OPERATOR) == f"{OPERATOR} is an operator now.\n"
    house.await_worker()
    sign_in(oleh, OPERATOR)  # another right ends every session
    oleh.opens("/desk/mail").sees("What waits", "0 waiting", "Nothing failed", "No mail waits to be filed")
    oleh.does_not_see("No worker has looked into the queue")


def ask_three(katarzyna: Person, house: PostHouse, scene: Scene) -> None:
    """Ask three people: one address is refused, which the dashboard tells in the server's words."""
    house.smtp.answer("RCPT", REFUSAL, recipient=AMAL)
    katarzyna.opens(f"{scene.statement}/invitations/prepare").presses("Prepare all 3")
    katarzyna.opens(f"{scene.statement}/invitations").presses("Ask all 3").presses("Send 3 invitations")
    senders = {mail.sender for address in (BOHDAN, OLENA) for mail in house.mails_to(address)}
    assert all(re.fullmatch(r"bounces\+[0-9a-z-]{47}@example\.org", sender) for sender in senders), senders
    assert len(senders) == 2, "each mail has a return path of its own"
    house.await_page(katarzyna, f"{scene.statement}/dashboard", "Mail refused: 1", NAMES[AMAL], REFUSAL)
    katarzyna.does_not_see("Mail came back:")


def bounce(katarzyna: Person, house: PostHouse, scene: Scene) -> None:
    """One accepted mail comes back: dashboard and person tell so, and no reminder goes there."""
    (mail,) = house.mails_to(BOHDAN)
    house.imap.add([incoming.report_on(mail, "postfix-bounce", house.mail_behind(mail.sender))])
    house.await_page(katarzyna, f"{scene.statement}/dashboard", "Mail came back: 1", NAMES[BOHDAN], jobs=(FETCH,))
    katarzyna.sees("User unknown in virtual mailbox table")
    assert [flags >= {"\\Seen", "$Undersigned"} for flags in house.imap.flags()] == [True]
    katarzyna.follows(NAMES[BOHDAN]).sees("Nothing is sent to this address", "Came back undelivered", "5.1.1")
    katarzyna.opens(f"{scene.statement}/invitations").presses("Remind all")
    katarzyna.sees("You are about to remind 1 person", NAMES[OLENA]).does_not_see(NAMES[BOHDAN], NAMES[AMAL])
    katarzyna.presses("Send 1 reminder")
    house.smtp.await_mails_to(OLENA, 2)
    assert (len(house.smtp.to(BOHDAN)), house.smtp.to(AMAL)) == (1, [])


def tell_the_owner(ines: Person, house: PostHouse) -> None:
    """The owner gets one mail that names nobody, whose link leads to the people who need help."""
    house.let_time_pass(minutes=3)
    for _time in range(2):
        house.run_job(TELL)
    (mail,) = house.mails_to(OWNER)
    assert "mail to 2 people did not arrive" in " ".join(mail.text.split())
    for address, name in NAMES.items():
        assert address not in mail.text + mail.html
        assert name not in mail.text + mail.html
    ines.opens(link_in(mail.text)).sees("The address of 1 person does not work", "1 mail was refused")


def hold_back(oleh: Person, house: PostHouse) -> None:
    """Hold back mail to many."""
    oleh.opens("/desk/mail").chooses("Hold back mail to many").presses("Save what goes")
    oleh.sees("Mail is held back now", "Mail to many is held back", "Held back by Oleh Melnyk")


def sign_while_held_back(katarzyna: Person, olena: Person, oleh: Person, house: PostHouse, scene: Scene) -> None:
    """A receipt comes at once, though a later invitation waits; resumed, that goes too."""
    with house.app.app_context(), house.database.writing() as session:
        _enter(session, session.scalars(select(Campaign)).one(), ZOE)
    katarzyna.opens(f"{scene.statement}/invitations/prepare").presses("Prepare the one")
    katarzyna.opens(f"{scene.statement}/invitations").presses("Ask the one").presses("Send 1 invitation")
    before = len(house.smtp.to(OLENA))
    olena.opens(link_in(house.mails_to(OLENA)[0].text)).sees(TITLE).chooses("I sign").chooses("Publicly, with my name")
    olena.chooses("Write to me when there is news").presses("Send my decision").sees("You have signed")
    receipt = house.smtp.await_mails_to(OLENA, before + 1)[-1]
    assert "/m/" in receipt.text
    assert house.smtp.to(ZOE) == []
    oleh.opens("/desk/mail").sees("1 waiting", "1 of them due now").follows("waiting").sees("Invitation to sign")
    oleh.does_not_see(NAMES[ZOE], ZOE)
    oleh.opens("/desk/mail").chooses("Everything").presses("Save what goes").sees("Mail goes again")
    (invitation,) = house.mails_to(ZOE)
    assert TITLE in invitation.text


def release(katarzyna: Person, leila: Person, house: PostHouse, scene: Scene) -> None:
    """Release the appeal; one letter is taken, the other's fate is uncertain, and the page says why."""
    katarzyna.opens(f"{scene.statement}/close").chooses("Nobody shall be able").presses("Close the statement")
    katarzyna.opens(f"{scene.statement}/appeal").presses("Assemble the appeal").awaits("Waiting for a second person")
    leila.opens(f"{scene.statement}/appeal").chooses("I have read the documents").presses("Approve exactly this")
    house.smtp.answer("DATA", None, keep=True, recipient=CHAIR, times=1)
    katarzyna.opens(f"{scene.statement}/appeal").follows("Go on to the release").chooses("Hand it over now")
    katarzyna.presses("Release and hand over")
    _check_on_the_wire(house)
    page = f"{scene.statement}/deliveries"
    house.await_page(katarzyna, page, "A decision is needed", "1 of 2 handed over").follows("Clerk")
    katarzyna.sees("Handed over", "250 2.0.0 queued as", WITNESS)
    _see_uncertain(katarzyna, scene)


def survive_a_crash(katarzyna: Person, oleh: Person, house: PostHouse, scene: Scene) -> None:
    """What is uncertain stays so when the worker is killed and started again, and nothing is sent twice."""
    house.kill_worker()
    _see_uncertain(katarzyna, scene)
    house.start_worker()
    house.run_job("sweep outbox")
    _see_uncertain(katarzyna, scene)
    oleh.opens("/desk/mail").sees("1 uncertain", "Of 1 mail nobody knows whether it arrived").follows("Look at")
    oleh.follows("Official letter").sees("Nobody sends one alone", "Uncertain").does_not_see(CHAIR)
    assert len(house.smtp.to(CHAIR)) == 1


def prove(katarzyna: Person, house: PostHouse, scene: Scene) -> None:
    """The copy in the archive mailbox proves that the server took the letter."""
    (letter,) = house.smtp.to(CHAIR)
    house.imap.add([incoming.copy_in_archive(letter, WITNESS)])
    page = f"{scene.statement}/deliveries"
    house.await_page(katarzyna, page, "2 of 2 handed over", jobs=(FETCH,)).does_not_see("A decision is needed")
    katarzyna.follows("Chair").sees("Handed over", "What came to light since").does_not_see("Decide")
    assert len(house.smtp.to(CHAIR)) == 1


def answer(katarzyna: Person, reader: Person, house: PostHouse, scene: Scene) -> None:
    """An answer and an out-of-office notice come in; a person reads the one, and the other is no reply."""
    (to_clerk,), (to_chair,) = house.smtp.to(CLERK), house.smtp.to(CHAIR)
    house.imap.add([incoming.answer_to(to_clerk), incoming.notice_for(to_chair)])
    page = f"{scene.campaign}/replies"
    house.await_page(katarzyna, page, "Not read yet", "Out-of-office notice", jobs=(FETCH, SORT, MATCH))
    notice = house.mails_to(COORDINATOR)[-1]
    assert notice.subject == "A new reply waits to be read: Keep the River Archive open"
    assert incoming.ANSWER not in notice.source.decode()
    reader.opens(PUBLIC).does_not_see("Delivered")
    katarzyna.opens("/desk").sees("1 reply waits to be read")
    katarzyna.opens(page).page.get_by_role("listitem").filter(has_text="Not read yet").get_by_role("link").click()
    katarzyna.sees("Not read yet", "Salma Rahbani", incoming.ANSWER).does_not_see("wrote:", "Dear Ms Rahbani")
    with katarzyna.page.expect_download() as download:
        katarzyna.follows("Answer-with-stamp.pdf")
    assert download.value.path().read_bytes() == incoming.SCAN
    katarzyna.chooses("Answer to what we ask").presses("Save").sees("The reply is saved", "Answer to what we ask")
    katarzyna.does_not_see("Not read yet").opens("/desk").does_not_see("waits to be read")
    reader.opens(PUBLIC).sees("Delivered").does_not_see(incoming.ANSWER)


def file_a_stray(oleh: Person, katarzyna: Person, house: PostHouse, scene: Scene) -> None:
    """A letter that answers nothing for certain is held; the operator offers it, the coordinator files it."""
    house.command("mail", "ingest", "--envelope-to", "appeals@example.org", given=incoming.stray())
    house.await_page(oleh, "/desk/mail/held", "The reading room", "Tariq Bell", jobs=(SORT, MATCH))
    katarzyna.opens(f"{scene.campaign}/replies").does_not_see("The reading room")
    oleh.follows("The reading room").sees("before the committee").chooses("Which statement may it be about", TITLE)
    oleh.presses("Show it to them").sees("now see the mail")
    katarzyna.opens(f"{scene.campaign}/replies").sees("1 mail came in that may belong here").follows("The reading room")
    katarzyna.sees("An operator thinks that it may be yours", "before the committee")
    katarzyna.chooses("Which letter does it answer", f"Chair, Lumen Valley Council – {TITLE}")
    katarzyna.chooses("Acknowledgement").presses("File it as a reply").sees("The mail is filed", "From another domain")
    oleh.opens("/desk/mail/held").sees("No mail is held")


def stop_reminders(program: BrowserContext, olena: Person, katarzyna: Person, house: PostHouse, scene: Scene) -> None:
    """A mail program's one click stops the reminders; what only looks changes nothing."""
    invitation, reminder = house.smtp.await_mails_to(OLENA, 2)
    assert invitation.message["List-Unsubscribe"] is None
    link = _one_click(str(reminder.message["List-Unsubscribe"]), str(reminder.message["List-Unsubscribe-Post"]))
    olena.opens(link).sees("Stop the reminders?")
    assert katarzyna.opens(f"{scene.statement}/invitations").does_not_see("asked not to be reminded")
    _click(program, link)
    olena.opens(link).does_not_see("Stop the reminders?")
    katarzyna.opens(f"{scene.statement}/invitations").sees("asked not to be reminded")


def stop_news(ines: Person, program: BrowserContext, olena: Person, house: PostHouse, scene: Scene) -> None:
    """News goes to those who asked for it, and a mail program's one click stops it."""
    ines.opens(f"{scene.campaign}/updates/new").fills(Title="The room stays open")
    ines.field("Text").fill("On **Tuesdays**.")
    ines.presses("Save the draft").follows("Publish").presses("Publish it and mail 1")
    mail = house.smtp.await_mails_to(OLENA, 4)[-1]
    assert mail.subject.startswith("The room stays open")
    link = _one_click(str(mail.message["List-Unsubscribe"]), str(mail.message["List-Unsubscribe-Post"]))
    _click(program, link)
    olena.opens(link).sees("You get no news by mail")
    ines.opens(f"{scene.campaign}/updates/new").fills(Title="And on Fridays").field("Text").fill("From May on.")
    ines.presses("Save the draft").follows("Publish").does_not_see("and mail").presses("Publish it")
    ines.sees("0 people are being mailed")


def check_log(house: PostHouse) -> None:
    """What the worker wrote down names no person and no address."""
    log = house.log.read_text()
    assert "worker.started" in log
    for word in (*NAMES, *NAMES.values(), CLERK, CHAIR, WITNESS, TITLE, "bounces+", "replies+"):
        assert word not in log


def _check_on_the_wire(house: PostHouse) -> None:
    """Each letter went out once, with a copy for the archive, marked so that whatever comes back is known again."""
    answers_go_to = set()
    for address in (CLERK, CHAIR):
        (letter,) = house.mails_to(address)
        mail_id = house.mail_behind(letter.sender)
        assert letter.recipients == (address, WITNESS)
        assert f"ENVID={mail_id.upper()}" in letter.options
        assert any(option.startswith("NOTIFY=") and "SUCCESS" in option for option in letter.options)
        answers_go_to.add(str(letter.message["Reply-To"].addresses[0].addr_spec))
    assert all(re.fullmatch(r"replies\+[0-9a-z-]{47}@example\.org", each) for each in answers_go_to)
    assert len(answers_go_to) == 2, "each letter has an address of its own for answers"


def _see_uncertain(katarzyna: Person, scene: Scene) -> None:
    katarzyna.opens(f"{scene.statement}/deliveries").sees("Uncertain").follows("Chair")
    katarzyna.sees(
        "Uncertain: a person decides",
        "The whole letter had been sent when the connection broke",
        "None has come so far",
        "It has not arrived",
        "Decide",
    )


def _one_click(header: str, post_header: str) -> str:
    """Return the address that a mail program posts to (RFC 8058)."""
    assert post_header == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"\s*<http[^<>\s]+>", header)
    return header.strip(" <>")


def _click(program: BrowserContext, link: str) -> None:
    said = program.request.post(link, form={"List-Unsubscribe": "One-Click"}, headers=FROM_ELSEWHERE, max_redirects=0)
    assert said.status == 200


def _enter(session: Session, campaign: Campaign, address: str) -> None:
    add_signatory(session, campaign, "factory", NewEntry(Details(name=NAMES[address], email=address)))
