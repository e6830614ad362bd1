"""Signatures that an independent program accepts, after a real server, and that one changed byte breaks."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.orm import Session

from app import create_app
from app.appeals.actions import rewrite_letter
from app.appeals.emails import Cover
from app.appeals.queries import frozen_letter, letters_of
from app.base.parts import parts_of
from app.base.ports import ports_of
from app.mail.composing import Sender, compose
from app.mail.registry import RenderedMail
from app.mail.signing import Signer, WrongSigningKey
from config import Settings, SettingsError
from tests.factories.appeals import make_appeal, make_scene
from tests.factories.ports import carry
from tests.servers.missing import missing
from tests.servers.names import NameServer
from tests.servers.relay import Relay
from tests.smtp.dialling import dial

VERIFIER = Path(__file__).with_name("verify_dkim.pl")
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SENDER = Sender("Undersigned", "appeals@example.org")
TEXT = ".\n..two dots\n.\nFrom here on  two spaces\t\n" + "слово " * 400 + "\n\n\n"
MESSAGE = compose(
    RenderedMail(
        "Олена Верховинець " * 4,
        "ada@example.org",
        "Дуже довгий заголовок " * 8,
        TEXT,
        f"<p>{TEXT}</p>",
        headers={"List-Unsubscribe": f"<https://example.org/{'a' * 90}>", "X-Long": "word " * 60},
    ),
    SENDER,
    "<id@example.org>",
    DATE,
)


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@functools.cache
def _rsa_pem(bits: int = 2048) -> str:
    return _pem(rsa.generate_private_key(65537, bits))


@pytest.fixture
def signer(name_server: NameServer) -> Signer:
    """Give a signer whose public key is published."""
    signer = Signer("example.org", "mail", _rsa_pem())
    name_server.texts[signer.record_name] = signer.record
    return signer


def _verdict(message: bytes, name_server: NameServer) -> str:
    """Ask Mail::DKIM, which shares no line with what signs."""
    perl = shutil.which("perl")
    check = [perl or "perl", "-MMail::DKIM", "-e1"]
    if perl is None or subprocess.run(check, capture_output=True, check=False).returncode:
        missing("no Mail::DKIM")
    command = [perl, str(VERIFIER), str(name_server.port)]
    done = subprocess.run(command, input=message, capture_output=True, check=True, timeout=60)
    return done.stdout.decode().strip()


def test_signature_survives_the_way_over_a_server(signer: Signer, name_server: NameServer, relay: Relay) -> None:
    signed = signer.sign(MESSAGE)
    with dial(relay.port) as connection:
        assert connection.hand_over("appeals@example.org", "ada@example.org", signed).is_accepted
    assert relay.taken[0].content == signed
    assert _verdict(relay.taken[0].content, name_server) == "pass"
    assert max(len(line) for line in signed.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\r\n\r\n--", b"\r\n\r\nA line before the parts\r\n--"),
        (b"two dots", b"twe dots"),
        (b"Subject: ", b"Subject: X"),
        (b"To: ", b"To: x@example.org, "),
        (b"https://example.org/a", b"https://example.com/a"),
        (b"From: ", b"From: Somebody <else@example.org>\r\nFrom: "),
        (b"Subject: ", b"Subject: Another\r\nSubject: "),
        (b"Date: ", b"Reply-To: else@example.com\r\nDate: "),
        (b"Date: ", b"Cc: else@example.com\r\nDate: "),
    ],
)
def test_change_on_the_way_breaks_the_signature(
    signer: Signer, name_server: NameServer, before: bytes, after: bytes
) -> None:
    signed = signer.sign(MESSAGE)
    head, body = signed[: signed.index(b"From: ")], signed[signed.index(b"From: ") :]
    assert before in head + body
    changed = signed.replace(before, after, 1)
    assert changed != signed
    assert _verdict(changed, name_server).startswith("fail")


def test_folding_and_spaces_that_servers_change_do_not_matter(signer: Signer, name_server: NameServer) -> None:
    signed = signer.sign(MESSAGE)
    changed = signed.replace(b"Subject: ", b"subject:\t  ", 1).replace(
        b"MIME-Version: 1.0", b"MIME-Version:   1.0  ", 1
    )
    assert _verdict(b"Received: from relay.example.org\r\n" + changed + b"\r\n\r\n", name_server) == "pass"


def test_another_key_does_not_verify(signer: Signer, name_server: NameServer) -> None:
    other = Signer("example.org", "mail", _pem(rsa.generate_private_key(65537, 2048)))
    name_server.texts[signer.record_name] = other.record
    assert _verdict(signer.sign(MESSAGE), name_server).startswith("fail")


def test_ed25519_by_the_letter_of_the_standard() -> None:
    """Mail::DKIM of Debian 12 knows RSA only, so RFC 6376 and RFC 8463 are followed here once more, by hand."""
    signer = Signer("example.org", "mail", _pem(ed25519.Ed25519PrivateKey.generate()))
    public = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(signer.record.partition("p=")[2]))
    signed = signer.sign(MESSAGE)
    signature, octets = _by_hand(signed)
    public.verify(signature, hashlib.sha256(octets).digest())
    other, octets = _by_hand(signed.replace(b"Subject: ", b"Subject: X", 1))
    assert other == signature
    with pytest.raises(InvalidSignature):
        public.verify(signature, hashlib.sha256(octets).digest())
    assert signer.record.startswith("v=DKIM1; k=ed25519; p=")


def _by_hand(signed: bytes) -> tuple[bytes, bytes]:
    """Return the signature of a message and the octets that it was made over (RFC 6376 §3.4.2, §3.7)."""
    head, body = signed.split(b"\r\n\r\n", 1)
    fields = [each.split(b":", 1) for each in re.split(rb"\r\n(?![ \t])", head)]
    own = fields.pop(0)[1]
    tags = dict(each.strip().split(b"=", 1) for each in re.sub(rb"\s", b"", own).split(b";"))
    lines = re.sub(rb"[ \t]+(?=\r\n)", b"", re.sub(rb"[ \t]+", b" ", body))
    assert base64.b64decode(tags[b"bh"]) == hashlib.sha256(lines.rstrip(b"\r\n") + b"\r\n").digest()
    octets = b""
    for name in tags[b"h"].split(b":"):
        found = [number for number, (key, _value) in enumerate(fields) if key.lower() == name]
        if found:
            octets += name + b":" + _relaxed(fields.pop(found[-1])[1]) + b"\r\n"
    unsigned = re.sub(rb"([;\s]b=)[^;]*$", rb"\1", own)
    return base64.b64decode(tags[b"b"]), octets + b"dkim-signature:" + _relaxed(unsigned)


def _relaxed(value: bytes) -> bytes:
    return re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("", "begins -----BEGIN"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "begins -----BEGIN"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "RSA or Ed25519"),
        (_rsa_pem(1024), "1024 bits"),
    ],
)
def test_refuse_keys_of_no_use(pem: str, words: str) -> None:
    with pytest.raises(WrongSigningKey, match=words):
        Signer("example.org", "mail", pem)


def test_key_may_stand_on_one_line() -> None:
    assert Signer("example.org", "mail", _rsa_pem().replace("\n", "\\n")).algorithm == "rsa-sha256"


@pytest.mark.parametrize("selector", ["a b", "a;b", "", "a\nb", "-"])
def test_refuse_selectors_of_no_use(selector: str) -> None:
    with pytest.raises(WrongSigningKey, match="selector"):
        Signer("example.org", selector, _rsa_pem())


def test_start_says_what_is_wrong_with_the_key(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="UNDERSIGNED_DKIM_KEY: the DKIM key must be"):
        create_app(replace(settings, dkim_selector="mail", dkim_key="nonsense"))


def test_start_with_a_key_gives_sessions_a_signer(settings: Settings) -> None:
    app = create_app(replace(settings, dkim_selector="mail", dkim_key=_rsa_pem()))
    with parts_of(app).database.reading() as session:
        assert ports_of(session).signer is parts_of(app).signer
    assert parts_of(app).signer.record_name == "mail._domainkey.example.org"
    parts_of(app).database.engine.dispose()


def test_official_letters_are_signed_before_they_are_approved(
    session: Session, signer: Signer, name_server: NameServer
) -> None:
    carry(session, signer=signer)
    scene = make_scene(session)
    appeal = make_appeal(session, scene)
    (letter,) = letters_of(session, appeal.id, "test")
    assert _verdict(frozen_letter(session, letter.public_id, "test").message, name_server) == "pass"
    rewrite_letter(
        session, scene.owner.public_id, appeal.public_id, letter.public_id, Cover("Again", "Once more."), letter.sha256
    )
    again = frozen_letter(session, letter.public_id, "test").message
    assert _verdict(again, name_server) == "pass"
    assert _verdict(again.replace(b"Subject: Again", b"Subject: Never"), name_server).startswith("fail")
