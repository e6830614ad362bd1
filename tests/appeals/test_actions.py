"""Assembling, rewriting, approving, releasing, and what each refuses."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import datetime
from email.message import EmailMessage

import pytest
from sqlalchemy.orm import Session

from app.appeals import actions
from app.appeals.dossier import prepare_dossier
from app.appeals.emails import Cover
from app.appeals.frozen import changed_signatories
from app.appeals.models import Appeal, AppealState, DocumentAudience
from app.appeals.queries import (
    content_of,
    documents_of,
    frozen_letter,
    letters_of,
    sha256_of,
)
from app.appeals.seconds import standing_approvals
from app.appeals.states import (
    AlreadyReleased,
    LetterChangedMeanwhile,
    MovedMeanwhile,
    NobodyToWriteTo,
    NotClosed,
    NothingToHandOver,
)
from app.base import clock
from app.statements.actions import close_statement, order_names
from app.statements.states import NameOrder
from app.visibility.states import Visibility
from tests.appeals.test_typesetting import spoken_by
from tests.factories.appeals import NAMES, make_appeal, make_scene
from tests.factories.institutions import accept_all, make_institution, make_recipient
from tests.factories.invitations import make_invitation
from tests.factories.signatures import appear, make_signature, rename
from tests.factories.statements import make_statement


def texts_of(session: Session, appeal: Appeal) -> dict[DocumentAudience, str]:
    return {
        row.audience: spoken_by(content_of(session, row, "test"))
        for row in documents_of(session, appeal.id)
        if not row.is_annex
    }


def message_of(session: Session, letter_id: str) -> EmailMessage:
    message = email.message_from_bytes(frozen_letter(session, letter_id, "test").message, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_assemble_names_people_as_they_wish(session: Session) -> None:
    texts = texts_of(session, make_appeal(session))
    for audience, named in (
        (DocumentAudience.PUBLIC, {Visibility.PUBLIC}),
        (DocumentAudience.ADDRESSEE, {Visibility.PUBLIC, Visibility.INSTITUTION}),
    ):
        assert {visibility for visibility, name in NAMES.items() if name in texts[audience]} == named
        assert "A teacher from the north" in texts[audience]
        assert "4 signatories" in texts[audience]
    assert "and 2 further signatories whose names are not shown" in texts[DocumentAudience.PUBLIC]
    assert "and 1 further signatory whose name is not shown" in texts[DocumentAudience.ADDRESSEE]


def test_assemble_writes_one_letter_for_each_recipient(session: Session) -> None:
    scene = make_scene(session, recipients=2)
    make_recipient(
        session, scene.institution, salutation="Sehr geehrte Frau Ministerin", language="de", person="Eva B."
    )
    accept_all(session, scene.campaign.id)
    appeal = make_appeal(session, scene)
    letters = letters_of(session, appeal.id, "test")
    assert len({letter.message_id for letter in letters}) == 3
    message = message_of(session, letters[2].public_id)
    assert message["Reply-To"] == "Marta Kowalska <marta@example.org>"
    assert message["Message-ID"] == letters[2].message_id
    assert message["Auto-Submitted"] is None
    assert str(message["To"].addresses[0].display_name).startswith("Eva B., Ministry")
    text = _part(message, "plain").replace("\r\n", "\n")
    assert text.startswith("Sehr geehrte Frau Ministerin,\n\nOn behalf of 4 signatories we send you")
    (attached,) = message.iter_attachments()
    content = attached.get_content()
    row = next(row for row in documents_of(session, appeal.id) if row.audience is DocumentAudience.ADDRESSEE)
    assert sha256_of(content) == row.sha256
    assert attached.get_filename() == row.filename


def test_manifest_lists_every_hash(session: Session) -> None:
    appeal = make_appeal(session)
    manifest = json.loads(appeal.manifest)
    assert sha256_of(appeal.manifest) == appeal.manifest_sha256
    documents = documents_of(session, appeal.id)
    assert [one["sha256"] for one in manifest["documents"]] == [row.sha256 for row in documents]
    for row in documents:
        assert sha256_of(content_of(session, row, "test")) == row.sha256
    (letter,) = letters_of(session, appeal.id, "test")
    assert manifest["letters"][0]["sha256"] == sha256_of(frozen_letter(session, letter.public_id, "test").message)
    assert manifest["one_person_organisation"] is False
    assert "@ministry" not in appeal.manifest.decode()


def test_assemble_needs_a_closed_statement(session: Session) -> None:
    scene = make_scene(session, closed=False)
    with pytest.raises(NotClosed):
        prepare_dossier(session, scene.statement)


def test_assemble_needs_signatures(session: Session) -> None:
    statement = make_statement(session, closed=True)
    session.refresh(statement)
    with pytest.raises(NothingToHandOver):
        prepare_dossier(session, statement)


def test_assemble_names_institutions_without_recipients(session: Session) -> None:
    empty = make_institution(session, "Ministry of Empty Desks", recipients=0)
    statement = make_statement(session, closed=True, institutions=[empty])
    session.refresh(statement)
    with pytest.raises(NobodyToWriteTo, match="Ministry of Empty Desks"):
        prepare_dossier(session, statement)


def test_assemble_again_supersedes(session: Session) -> None:
    scene = make_scene(session)
    first = make_appeal(session, scene, approved=True)
    second = make_appeal(session, scene)
    session.refresh(first)
    assert (first.state, second.state, second.number) == (AppealState.SUPERSEDED, AppealState.ASSEMBLED, 2)


def test_assemble_again_keeps_reworded_letters(session: Session) -> None:
    scene = make_scene(session, recipients=2)
    appeal = make_appeal(session, scene)
    first, second = letters_of(session, appeal.id, "test")
    actions.rewrite_letter(
        session,
        scene.owner.public_id,
        appeal.public_id,
        first.public_id,
        Cover("Our words", "At length."),
        first.sha256,
    )
    for _ in range(2):
        again = letters_of(session, make_appeal(session, scene).id, "test")
        assert [(row.subject, row.is_reworded) for row in again] == [("Our words", True), (second.subject, False)]
        assert "At length." in _part(message_of(session, again[0].public_id), "plain")


def test_assemble_after_release_is_refused(session: Session) -> None:
    scene = make_scene(session)
    dossier = prepare_dossier(session, scene.statement)
    make_appeal(session, scene, released=True)
    with pytest.raises(AlreadyReleased):
        actions.assemble(session, scene.coordinator.public_id, scene.statement, dossier)


def test_rewrite_letter_freezes_it_again(session: Session) -> None:
    scene = make_scene(session, recipients=2)
    appeal = make_appeal(session, scene, approved=True)
    first, second = letters_of(session, appeal.id, "test")
    before = appeal.manifest_sha256
    cover = Cover("Another subject — ґ", "Another text.\n\nTwo paragraphs.")
    actions.rewrite_letter(session, scene.coordinator.public_id, appeal.public_id, first.public_id, cover, first.sha256)
    session.refresh(appeal)
    message = message_of(session, first.public_id)
    assert message["Subject"] == cover.subject
    assert "Dear Minister,\r\n\r\nAnother text." in _part(message, "plain")
    assert "<p" in _part(message, "html")
    assert len(list(message.iter_attachments())) == 1
    assert appeal.manifest_sha256 != before
    assert appeal.state is AppealState.ASSEMBLED
    assert standing_approvals(session, appeal) == []
    assert letters_of(session, appeal.id, "test")[1].sha256 == second.sha256


def test_rewrite_every_letter_of_a_language(session: Session) -> None:
    scene = make_scene(session, recipients=3)
    appeal = make_appeal(session, scene)
    letters = letters_of(session, appeal.id, "test")
    actions.rewrite_letter(
        session, scene.owner.public_id, appeal.public_id, letters[0].public_id, Cover("S", "T"), letters[0].sha256,
        whole_language=True,
    )  # fmt: skip
    assert {(row.subject, row.text) for row in letters_of(session, appeal.id, "test")} == {("S", "T")}


def test_rewrite_with_the_same_words_keeps_the_approval(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    (letter,) = letters_of(session, appeal.id, "test")
    cover = Cover(letter.subject, letter.text)
    actions.rewrite_letter(
        session, scene.coordinator.public_id, appeal.public_id, letter.public_id, cover, letter.sha256
    )
    assert len(standing_approvals(session, appeal)) == 1


def test_rewrite_by_two_at_once_tells_the_second(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    (letter,) = letters_of(session, appeal.id, "test")
    for expected in (None, LetterChangedMeanwhile):
        try:
            actions.rewrite_letter(
                session, scene.coordinator.public_id, appeal.public_id, letter.public_id, Cover("S", "T"), letter.sha256
            )
            assert expected is None
        except LetterChangedMeanwhile:
            assert expected is LetterChangedMeanwhile


def test_looser_visibility_is_no_change(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    appear(session, scene.signatures[Visibility.COUNTED].public_id, Visibility.PUBLIC)
    assert changed_signatories(session, appeal) == 0


def test_other_words_are_a_change(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    rename(session, scene.signatures[Visibility.PUBLIC].public_id, "Ana Public", "", "")
    rename(session, scene.signatures[Visibility.COUNTED].public_id, "Somebody", "", "")
    assert changed_signatories(session, appeal) == 1


@pytest.mark.parametrize(
    ("prepared", "is_another_day"),
    [("2027-03-31T06:58+00:00", True), ("2027-03-31T23:58+00:00", False)],
)
def test_day_that_letters_are_dated_with_is_that_of_the_place(
    session: Session, prepared: str, is_another_day: bool
) -> None:
    """Midnight in Los Angeles is another day for its letters; midnight in UTC is not."""
    scene = make_scene(session)
    scene.statement.zone = "America/Los_Angeles"
    session.flush()
    clock.freeze(datetime.fromisoformat(prepared))
    dossier = prepare_dossier(session, scene.statement)
    clock.advance(minutes=3)
    if is_another_day:
        with pytest.raises(MovedMeanwhile):
            actions.assemble(session, scene.coordinator.public_id, scene.statement, dossier)
    else:
        assert actions.assemble(session, scene.coordinator.public_id, scene.statement, dossier).number == 1


@pytest.mark.parametrize("order", [NameOrder.FAMILY, NameOrder.GIVEN])
def test_names_stand_in_the_order_of_the_statement_as_each_audience_sees_them(
    session: Session, order: NameOrder
) -> None:
    """In Swedish Ä and Ö come last. A pseudonym stands by itself, whoever is behind it."""
    scene = make_scene(session, closed=False, language="sv")
    for name, visibility, alias in (
        ("Eva Ägg", Visibility.INSTITUTION, ""), ("Bo Ödla", Visibility.PUBLIC, ""),
        ("Zoe Zorn", Visibility.PUBLIC, ""), ("Adam Adler", Visibility.PSEUDONYM, "Åskmolnet"),
        ("Pär Zink", Visibility.PUBLIC, ""),
    ):  # fmt: skip
        asked = make_invitation(session, scene.statement, name=name)
        make_signature(session, invitation=asked, visibility=visibility, pseudonym=alias)
    order_names(session, "editor", scene.statement, order)
    close_statement(session, "owner", scene.statement)
    printed = texts_of(session, make_appeal(session, scene))
    everybody = {
        NameOrder.FAMILY: ["A teacher", "Ines Institution", "Pär Zink", "Zoe Zorn", "Åskmolnet", "Eva Ägg", "Bo Ödla"],
        NameOrder.GIVEN: ["A teacher", "Bo Ödla", "Eva Ägg", "Ines Institution", "Pär Zink", "Zoe Zorn", "Åskmolnet"],
    }[order]
    for audience, hidden in (
        (DocumentAudience.ADDRESSEE, set()), (DocumentAudience.PUBLIC, {"Ines Institution", "Eva Ägg"}),
    ):  # fmt: skip
        names = [name for name in everybody if name not in hidden]
        assert sorted(names, key=printed[audience].index) == names
        assert not any(name in printed[DocumentAudience.PUBLIC] for name in ("Eva Ägg", "Adam Adler"))
