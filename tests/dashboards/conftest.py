"""A statement with somebody in every place, and names that must not leak."""

from __future__ import annotations

import pytest
from flask import Flask

from app.base.database import Database
from app.directory.states import SignatoryKind
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from app.smtp.states import Trouble
from app.visibility.states import Visibility
from tests.dashboards.scene import Guest, Scene, set_scene


def _signed(name: str, visibility: Visibility, **more: object) -> Guest:
    email = f"{name.split()[0].lower()}@example.org"
    line = f"Line of {name}"
    return Guest(name, email, answer=Answer.SIGNED, visibility=visibility, public_line=line, **more)  # type: ignore[arg-type]


EVERYBODY = [
    _signed("Publica Canary", Visibility.PUBLIC, country="UA"),
    _signed("Bound House", Visibility.PUBLIC, country="KZ", kind=SignatoryKind.ORGANISATION),
    _signed("Institutia Canary", Visibility.INSTITUTION, country="GE"),
    _signed("Countessa Canary", Visibility.COUNTED, country="AM"),
    _signed("Veiled Canary", Visibility.PSEUDONYM, country="MD", pseudonym="A teacher"),
    Guest("Declina Canary", "declina@example.org", answer=Answer.DECLINED, words="Declining words canary"),
    Guest("Changea Canary", "changea@example.org", answer=Answer.CHANGE_ASKED, words="Changing words canary"),
    Guest("Withdrawa Canary", "withdrawa@example.org", answer=Answer.WITHDRAWN),
    Guest("Silenta Canary", "silenta@example.org", reminders=1, groups=("Circle canary",)),
    Guest("Refusa Canary", "refusa@example.org", mail=MailState.REFUSED, server_answer="No such user canary"),
    Guest("Uncerta Canary", "uncerta@example.org", mail=MailState.UNCERTAIN, server_answer="Silence canary"),
    Guest("Bounca Canary", "bounca@example.org", mail=MailState.BOUNCED, trouble=Trouble.NO_SUCH_ADDRESS),
    Guest("Capped Canary", "capped@example.org", mail=MailState.DROPPED, trouble=Trouble.CAPPED, server_answer=""),
    Guest("Waiting Canary", "waiting@example.org", mail=MailState.QUEUED),
    Guest("Prepared Canary", "prepared@example.org", stage=InvitationStage.PREPARED, mail=None),
    Guest("Addressless Canary", "", stage=InvitationStage.PREPARED, mail=None),
    Guest("Cancelled Canary", "cancelled@example.org", stage=InvitationStage.CANCELLED, mail=None),
]


@pytest.fixture
def scene(database: Database, app: Flask) -> Scene:
    with app.app_context():
        return set_scene(database, EVERYBODY)
