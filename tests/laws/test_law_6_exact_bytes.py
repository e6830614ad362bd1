"""Law 6: an approval is of exact bytes and exact recipients; each of them is altered here, and none of it leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.appeals import actions
from app.appeals.emails import Cover
from app.appeals.models import Appeal, AppealDocument, AppealLetter, DocumentAudience
from app.appeals.queries import (
    content_of,
    cover_place,
    document_place,
    documents_of,
    frozen_letter,
    letters_of,
    message_place,
)
from app.appeals.states import DossierChanged, NotApproved, SeenAnother
from app.base.sealing import open_one, seal, seal_bytes
from app.institutions import actions as institutions
from app.institutions.models import Recipient
from app.institutions.states import RecipientFacts
from app.statements import actions as statements
from app.visibility.states import Visibility
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.institutions import accept_all, make_recipient
from tests.factories.signatures import make_signature
from tests.factories.statements import make_annex, make_statement
from tests.laws.test_law_6_nobody_alone import refused


def _flip(content: bytes) -> bytes:
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


def _alter_public_pdf(session: Session, _scene: Scene, appeal: Appeal) -> None:
    row = next(row for row in documents_of(session, appeal.id) if row.audience is DocumentAudience.PUBLIC)
    values = {"content": _flip(content_of(session, row, "test"))}
    session.execute(update(AppealDocument).where(AppealDocument.id == row.id).values(**values))


def _alter_annex(session: Session, _scene: Scene, appeal: Appeal) -> None:
    row = next(row for row in documents_of(session, appeal.id) if row.is_annex)
    values = {"content": _flip(content_of(session, row, "test"))}
    session.execute(update(AppealDocument).where(AppealDocument.id == row.id).values(**values))


def _alter_sealed_pdf(session: Session, _scene: Scene, appeal: Appeal) -> None:
    row = next(row for row in documents_of(session, appeal.id) if row.audience is DocumentAudience.ADDRESSEE)
    sealed = seal_bytes(session, document_place(row.public_id), _flip(content_of(session, row, "test")))
    session.execute(update(AppealDocument).where(AppealDocument.id == row.id).values(content_sealed=sealed))


def _alter_filename(session: Session, _scene: Scene, appeal: Appeal) -> None:
    session.execute(update(AppealDocument).where(AppealDocument.appeal_id == appeal.id).values(filename="x.pdf"))


def _remove_document(session: Session, _scene: Scene, appeal: Appeal) -> None:
    session.execute(delete(AppealDocument).where(AppealDocument.is_annex, AppealDocument.appeal_id == appeal.id))


def _alter_letter(session: Session, _scene: Scene, appeal: Appeal) -> None:
    (letter,) = letters_of(session, appeal.id, "test")
    message = frozen_letter(session, letter.public_id, "test").message.replace(b"Subject: ", b"Subject: x", 1)
    sealed = seal_bytes(session, message_place(letter.public_id), message)
    session.execute(update(AppealLetter).where(AppealLetter.id == letter.id).values(message_sealed=sealed))


def _alter_envelope(session: Session, _scene: Scene, appeal: Appeal) -> None:
    row = session.scalars(select(AppealLetter).where(AppealLetter.appeal_id == appeal.id)).one()
    place = cover_place(row.public_id)
    cover = open_one(session, place, row.cover_sealed, "test") | {"to": "elsewhere@example.org"}
    session.execute(
        update(AppealLetter).where(AppealLetter.id == row.id).values(cover_sealed=seal(session, place, cover))
    )


def _alter_message_id(session: Session, _scene: Scene, appeal: Appeal) -> None:
    session.execute(update(AppealLetter).where(AppealLetter.appeal_id == appeal.id).values(message_id="<x@x>"))


def _alter_manifest(session: Session, _scene: Scene, appeal: Appeal) -> None:
    session.execute(update(Appeal).where(Appeal.id == appeal.id).values(manifest=appeal.manifest + b" "))


def _recipient(session: Session, scene: Scene) -> Recipient:
    return session.scalars(select(Recipient).where(Recipient.institution_id == scene.institution.id)).one()


def _correct(session: Session, scene: Scene, **changed: str) -> None:
    facts = {
        "office": "Office of the Minister", "salutation": "Dear Minister", "email": "first@ministry.example.org",
        **changed,
    }  # fmt: skip
    institutions.change_recipient(
        session, "test", scene.institution, _recipient(session, scene), RecipientFacts(**facts)
    )
    accept_all(session, scene.campaign.id)


def _correct_address(session: Session, scene: Scene, _appeal: Appeal) -> None:
    _correct(session, scene, email="corrected@ministry.example.org")


def _correct_salutation(session: Session, scene: Scene, _appeal: Appeal) -> None:
    _correct(session, scene, salutation="Dear Madam Minister")


def _correct_language(session: Session, scene: Scene, _appeal: Appeal) -> None:
    _correct(session, scene, language="fr")


def _add_recipient(session: Session, scene: Scene, _appeal: Appeal) -> None:
    make_recipient(session, scene.institution)
    accept_all(session, scene.campaign.id)


def _remove_recipient(session: Session, scene: Scene, _appeal: Appeal) -> None:
    institutions.remove_recipient(session, "test", scene.institution, _recipient(session, scene))
    accept_all(session, scene.campaign.id)


CHANGES = [
    _alter_public_pdf, _alter_annex, _alter_sealed_pdf, _alter_filename, _remove_document, _alter_letter,
    _alter_envelope, _alter_message_id, _alter_manifest, _correct_address, _correct_salutation, _correct_language,
    _add_recipient, _remove_recipient,
]  # fmt: skip


def scene_with_annex(session: Session) -> Scene:
    """Make a scene with an annex and one recipient whose address is known."""
    plain = make_scene(session, recipients=0)
    make_recipient(session, plain.institution, email="first@ministry.example.org")
    statement = make_statement(session, plain.campaign, opened=False, institutions=[plain.institution], title="Annexed")
    make_annex(session, statement)
    statements.open_statement(session, plain.owner.public_id, statement)
    signature = make_signature(session, statement)
    statements.close_statement(session, plain.owner.public_id, statement)
    session.refresh(statement)
    return Scene(**{**vars(plain), "statement": statement, "signatures": {Visibility.PUBLIC: signature}})


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_voids_the_approval(session: Session, change: Callable[[Session, Scene, Appeal], None]) -> None:
    scene = scene_with_annex(session)
    appeal = make_appeal(session, scene, approved=True)
    change(session, scene, appeal)
    session.flush()
    session.expire_all()
    refused(session, scene, appeal, DossierChanged)
    with pytest.raises(DossierChanged):
        actions.approve(session, scene.owner.public_id, appeal.public_id, appeal.manifest_sha256)


def test_new_wording_voids_the_approval(session: Session) -> None:
    scene = make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    seen = appeal.manifest_sha256
    (letter,) = letters_of(session, appeal.id, "test")
    cover = Cover(letter.subject + " ", letter.text)
    actions.rewrite_letter(
        session, scene.coordinator.public_id, appeal.public_id, letter.public_id, cover, letter.sha256
    )
    session.refresh(appeal)
    refused(session, scene, appeal, NotApproved)
    refused(session, scene, appeal, SeenAnother, seen)


def test_altered_bytes_are_not_taken_over_by_a_new_wording(session: Session) -> None:
    scene = scene_with_annex(session)
    appeal = make_appeal(session, scene)
    _alter_annex(session, scene, appeal)
    (letter,) = letters_of(session, appeal.id, "test")
    with pytest.raises(DossierChanged):
        actions.rewrite_letter(
            session, scene.coordinator.public_id, appeal.public_id, letter.public_id, Cover("S", "T"), letter.sha256
        )
