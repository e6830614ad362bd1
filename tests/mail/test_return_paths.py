"""Marks in addresses: ours are known again however a server wrote them, others' never."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from sqlalchemy.orm import Session

from app.base.addresses import in_ascii
from app.base.identifiers import new_public_id
from app.base.keys import Keys, create_key_file
from app.base.links import LinkPurpose, Links
from app.base.ports import Ports, ports_of
from app.base.sealing import PORTS, Vault
from app.mail.return_paths import envelope_sender, read_mark, read_reply_mark, reply_address
from app.settings.checks import LONGEST_LOCAL_PART
from tests.factories.ports import carry


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Give a session that carries a key and both patterns, and no database."""
    path: Path = tmp_path_factory.mktemp("marks") / "key"
    create_key_file(path)
    keys = Keys.from_file(path)
    ports = Ports(
        vault=Vault(keys),
        links=Links(keys, "http://localhost"),
        mail_from="appeals@example.org",
        return_path="bounces+{}@example.org",
        reply_address="Replies.{}x@example.org",
    )
    return Session(info={PORTS: ports})


def _with(session: Session, **others: str) -> Session:
    other = Session(info=dict(session.info))
    carry(other, **others)
    return other


def _without(session: Session, name: str) -> Session:
    return _with(session, **{name: ""})


def test_mark_comes_back(ports: Session) -> None:
    mail = new_public_id()
    sender = envelope_sender(ports, mail)
    assert sender.startswith(f"bounces+{mail}-1-")
    assert len(sender.partition("@")[0]) <= 64
    assert sender == envelope_sender(ports, mail)
    assert read_mark(ports, sender) == mail


def test_longest_pattern_that_the_settings_take_fits_into_64_octets(ports: Session) -> None:
    pattern = "{}".rjust(LONGEST_LOCAL_PART, "b") + "@example.org"
    sender = envelope_sender(_with(ports, return_path=pattern), new_public_id())
    assert len(sender.partition("@")[0]) == 64


@pytest.mark.parametrize("written", [str.upper, str.title, "<{}>".format, " {} ".format, "< {} >".format, str.swapcase])
def test_mark_is_known_however_it_is_written(ports: Session, written: Callable[[str], str]) -> None:
    mail = new_public_id()
    assert read_mark(ports, written(envelope_sender(ports, mail))) == mail
    assert read_reply_mark(ports, written(reply_address(ports, mail))) == mail


def test_marks_are_good_for_one_purpose(ports: Session) -> None:
    mail = new_public_id()
    bounce = ports_of(ports).links.make(LinkPurpose.BOUNCE, mail, 1)
    reply = ports_of(ports).links.make(LinkPurpose.REPLY, mail, 1)
    assert read_mark(ports, f"bounces+{bounce}@example.org") == mail
    assert read_mark(ports, f"bounces+{reply}@example.org") is None
    assert read_reply_mark(ports, f"replies.{bounce}x@example.org") is None


def test_altered_marks_are_nobodys(ports: Session) -> None:
    sender = envelope_sender(ports, new_public_id())
    for number, letter in enumerate(sender):
        other = sender[:number] + ("a" if letter != "a" else "b") + sender[number + 1 :]
        assert read_mark(ports, other) is None
        assert read_mark(ports, sender[:number] + sender[number + 1 :]) is None
    assert read_mark(ports, f"{sender}.example.com") is None
    assert read_mark(ports, f"x{sender}") is None


@given(st.text(max_size=120))
def test_any_text_is_read_without_failing(ports: Session, text: str) -> None:
    assert read_mark(ports, text) is None
    assert read_mark(ports, f"bounces+{text}@example.org") is None


def test_without_patterns_mails_come_from_their_own_address(ports: Session) -> None:
    mail = new_public_id()
    sender = envelope_sender(ports, mail)
    assert envelope_sender(_without(ports, "return_path"), mail) == "appeals@example.org"
    assert read_mark(_without(ports, "return_path"), sender) is None
    assert reply_address(_without(ports, "reply_address"), mail) == ""
    assert read_reply_mark(_without(ports, "reply_address"), reply_address(ports, mail)) is None


def test_mark_comes_back_from_the_wire_where_our_domain_is_international(ports: Session) -> None:
    """The envelope names the domain in ASCII, and so does a server that writes to it."""
    mail = new_public_id()
    here = _with(ports, return_path="bounces+{}@Пошта.укр")
    sender = envelope_sender(here, mail)
    assert sender.endswith("@Пошта.укр")
    assert read_mark(here, sender) == mail
    assert read_mark(here, f"<{in_ascii(sender)}>") == mail
