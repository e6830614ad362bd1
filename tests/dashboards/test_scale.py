"""10,000 invited are no slower by page, no longer by answer and take no more statements of SQL than 100."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.base.database import Database
from app.base.paging import encode_cursor
from app.base.sealing import Vault
from app.directory.states import SignatoryKind
from app.invitations.models import Invitation
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from app.visibility.states import Visibility
from tests.dashboards.scene import Guest, Scene, invite, set_scene

MANY, FEW = 10_000, 100
LARGEST_PAGE = 100_000  # bytes of HTML for 50 lines with words and servers' answers
VISIBILITIES = list(Visibility)


@dataclass
class Spent:
    """What one request cost."""

    statements: int = 0
    opened: int = 0
    calls: int = 0
    size: int = 0


def _guest(number: int) -> Guest:
    guest = Guest(f"Person {number}", f"person{number}@example.org", groups=("Circle",) if number % 5 == 0 else ())
    match number % 10:
        case 0 | 1 | 2:
            kind = SignatoryKind.ORGANISATION if number % 20 == 0 else SignatoryKind.PERSON
            visibility = VISIBILITIES[number // 10 % 4]
            return replace(guest, answer=Answer.SIGNED, visibility=visibility, kind=kind, pseudonym="P")
        case 3:
            return replace(guest, answer=Answer.DECLINED, words="No.")
        case 4:
            return replace(guest, answer=Answer.CHANGE_ASKED, words="Change the third paragraph, please. " * 10)
        case 5:
            return replace(guest, mail=MailState.REFUSED, server_answer="5.1.1 no such user")
        case 6:
            return replace(guest, stage=InvitationStage.PREPARED, mail=None, email="")
    return guest


@pytest.fixture
def many(database: Database, app: Flask) -> Scene:
    with app.app_context():
        return set_scene(database, [_guest(number) for number in range(MANY)])


@pytest.fixture
def few(database: Database, app: Flask) -> Scene:
    with app.app_context():
        return set_scene(database, [_guest(number) for number in range(FEW)])


@contextmanager
def _watched(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spent]:
    spent = Spent()
    original = Vault.open

    def counted(self: Vault, items: Any, purpose: str) -> list[bytes]:
        spent.opened += len(items)
        spent.calls += 1
        return original(self, items, purpose)

    def executed(*_args: object) -> None:
        spent.statements += 1

    monkeypatch.setattr(Vault, "open", counted)
    event.listen(database.engine, "before_cursor_execute", executed)
    try:
        yield spent
    finally:
        event.remove(database.engine, "before_cursor_execute", executed)
        monkeypatch.setattr(Vault, "open", original)


def _cost(client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch, address: str) -> Spent:
    with _watched(database, monkeypatch) as spent:
        response = client.get(address)
    assert response.status_code == 200
    spent.size = len(response.data)
    return spent


def _addresses(scene: Scene) -> dict[str, str]:
    statement = f"/desk/statements/{scene.statement}"
    return {
        "desk": "/desk",
        "campaign": f"/desk/campaigns/{scene.campaign}",
        "dashboard": f"{statement}/dashboard",
        "people": f"{statement}/people",
        "declined": f"{statement}/people?standing=declined",
        "organisations": f"{statement}/people?kind=organisation",
        "found": f"{statement}/people?q=person+75",
        "by address": f"{statement}/people?q=person77@example.org",
        "signatories": f"{statement}/signatories",
        "person": f"{statement}/people/{scene.invitations['Person 4']}",
    }


def _cursor(database: Database, offset: int) -> str:
    with database.reading() as session:
        row = session.scalar(select(Invitation.id).order_by(Invitation.id).offset(offset - 1).limit(1))
    return encode_cursor(row)


def test_ten_thousand_take_as_many_statements_as_a_hundred(
    client: FlaskClient, database: Database, few: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    few.enter_as(client, "coordinator")
    cold = {"desk": _cost(client, database, monkeypatch, "/desk")}
    small = {name: _cost(client, database, monkeypatch, address) for name, address in _addresses(few).items()}
    with client.application.app_context():
        _grow(database, few)
    grown = _cost(client, database, monkeypatch, "/desk")
    assert grown.statements - cold["desk"].statements <= 1  # the audit's news, too many to be read one by one
    assert grown.opened <= MANY + 200  # each answer once
    large = {name: _cost(client, database, monkeypatch, address) for name, address in _addresses(few).items()}
    found = large.pop("found"), small.pop("found")
    assert {name: cost.statements for name, cost in large.items()} == {
        name: cost.statements for name, cost in small.items()
    }
    assert max(cost.statements for cost in large.values()) <= 45
    assert max(cost.size for cost in large.values()) <= LARGEST_PAGE
    # What is counted by answer was opened once, at the first look; the signatures are at the dashboard's.
    assert large["dashboard"].opened <= 3 * MANY // 10 + 200
    assert large["dashboard"].opened > 200
    assert max(cost.opened for name, cost in large.items() if name != "dashboard") <= 250
    assert _cost(client, database, monkeypatch, _addresses(few)["dashboard"]).opened <= 250
    # Names are searched in portions, since none is kept.
    assert found[0].opened <= MANY + 250


def _grow(database: Database, scene: Scene) -> None:
    """Invite the rest of the 10,000."""
    with database.writing() as session:
        invite(session, scene, [_guest(number) for number in range(FEW, MANY)])


def test_last_page_costs_what_the_first_does(
    client: FlaskClient, database: Database, many: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    many.enter_as(client, "owner")
    for narrowed in ("", "&standing=no-answer", "&kind=person"):
        people = f"/desk/statements/{many.statement}/people?{narrowed}"
        client.get(people)  # a process's first look opens every answer
        costs = [_cost(client, database, monkeypatch, people)]
        for offset in (5_000, 9_700):
            costs.append(_cost(client, database, monkeypatch, f"{people}&after={_cursor(database, offset)}"))
        assert len({cost.statements for cost in costs}) == 1
        assert max(cost.opened for cost in costs) - min(cost.opened for cost in costs) <= 60
        assert max(cost.size for cost in costs) <= LARGEST_PAGE


def test_walking_every_page_meets_everybody_once(client: FlaskClient, database: Database, few: Scene) -> None:
    few.enter_as(client, "owner")
    address: str | None = f"/desk/statements/{few.statement}/people"
    met: list[str] = []
    while address:
        page = client.get(address).text
        met += [part.split("<")[0] for part in page.split("<bdi>Person ")[1:]]
        following = page.partition('rel="next" href="')[2].partition('"')[0]
        address = following.replace("&amp;", "&") or None
    numbers = [int(number) for number in met]
    assert sorted(set(numbers)) == list(range(FEW))
