"""Deliveries in any state, by sending through the worker or by telling the outbox what happened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import clock
from app.deliveries.actions import hand_over
from app.deliveries.models import Delivery
from app.mail.models import Mail
from app.mail.states import MailState
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.kept import kept


@kept
def make_deliveries(
    session: Session, scene: Scene | None = None, *, mail: MailState = MailState.QUEUED
) -> Sequence[Delivery]:
    """Release an approved appeal; `mail` is what then became of each of its mails."""
    scene = scene or make_scene(session)
    appeal = make_appeal(session, scene, approved=True)
    rows = hand_over(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)
    if mail is not MailState.QUEUED:
        session.execute(
            update(Mail)
            .where(Mail.public_id.in_([row.mail_id for row in rows]))
            .values(state=mail, finished_at=clock.now(), attempts=1)
        )
    return rows
