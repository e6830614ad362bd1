"""Fetching over IMAP, from a real server, with the faults that networks and people make."""

from __future__ import annotations

import imaplib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import Database
from app.base.parts import parts_of
from app.inbox import fetching as inbox_module
from app.inbox.fetching import FAILURES, KEYWORD, poll
from app.inbox.jobs import fetch_incoming_mail
from app.inbox.models import InboundMessage
from app.inbox.states import InboundState
from app.inbox.storage import raw_of
from config import Inbox
from tests.factories.parts import exchange
from tests.servers.certificates import Authority
from tests.servers.imap import ImapServer, ImapServers

FOLDER = Path(__file__).parents[2]


def _letter(number: int) -> bytes:
    return (
        f"From: Clerk {number} <clerk{number}@example.org>\r\nTo: appeals@example.org\r\nSubject: Letter {number}\r\n"
        f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <letter{number}@example.org>\r\n\r\nText {number}\r\n"
    ).encode()


def _stored(app: Flask) -> dict[str, bytes]:
    database: Database = parts_of(app).database
    with database.reading() as session:
        ids = session.scalars(select(InboundMessage.public_id).order_by(InboundMessage.id)).all()
        return {each: raw_of(session, each, "test") or b"" for each in ids}


@pytest.fixture
def server(kept_keywords: None, imap_servers: ImapServers, trusted_authority: Authority) -> ImapServer:
    return imap_servers(trusted_authority.server_context(["127.0.0.1"]))


def test_fetch_over_verified_tls_and_flag_afterwards(either_app: Flask, server: ImapServer) -> None:
    server.add([_letter(1), _letter(2)])
    fetched = poll(either_app, server.inbox)
    assert (fetched.new, fetched.known) == (2, 0)
    assert list(_stored(either_app).values()) == [_letter(1), _letter(2)]
    assert all({"\\Seen", KEYWORD} <= flags for flags in server.flags())
    assert poll(either_app, server.inbox) == inbox_module.Fetched()


def test_fetch_what_somebody_else_has_read(app: Flask, server: ImapServer) -> None:
    server.add([_letter(1)])
    server.set_flags(1, "\\Seen")
    assert poll(app, server.inbox).new == 1


def test_fetch_two_hundred_once_with_two_at_the_same_time(either_app: Flask, server: ImapServer) -> None:
    server.add([_letter(number) for number in range(200)])
    threads = [threading.Thread(target=poll, args=(either_app, server.inbox)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(_stored(either_app).values()) == sorted(_letter(number) for number in range(200))
    assert all("\\Seen" in flags for flags in server.flags())


@pytest.mark.parametrize("fault", ["unknown", "expired", "other name"])
def test_refuse_a_bad_certificate(
    app: Flask, imap_servers: ImapServers, authority: Authority, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault != "unknown":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    names = ["mail.example.org"] if fault == "other name" else ["127.0.0.1"]
    context = authority.server_context(names, days=-1 if fault == "expired" else 30)
    for start_tls in (False, True):
        server = imap_servers(context, start_tls=start_tls)
        server.add([_letter(1)])
        with pytest.raises(ssl.SSLCertVerificationError):
            poll(app, server.inbox)
    assert not _stored(app)


def test_fetch_with_starttls(app: Flask, imap_servers: ImapServers, trusted_authority: Authority) -> None:
    server = imap_servers(trusted_authority.server_context(["127.0.0.1"]), start_tls=True)
    server.add([_letter(1)])
    assert poll(app, server.inbox).new == 1


def test_give_no_password_to_a_server_without_starttls(app: Flask, imap_servers: ImapServers) -> None:
    assert Inbox.from_url("imap://user:secret@mail.example.org").start_tls
    server = imap_servers()
    with pytest.raises(imaplib.IMAP4.error, match="TLS not supported"):
        poll(app, replace(server.inbox, start_tls=True))


def test_fetch_plain_on_this_machine(app: Flask, imap_servers: ImapServers) -> None:
    server = imap_servers()
    server.add([_letter(1)])
    assert poll(app, server.inbox).new == 1


def test_flag_as_read_where_the_server_keeps_no_keywords(app: Flask, imap_servers: ImapServers) -> None:
    server = imap_servers()
    server.add([_letter(1), _letter(2)])
    server.set_flags(2, "\\Seen")
    assert poll(app, server.inbox).new == 1
    assert all("\\Seen" in flags and KEYWORD not in flags for flags in server.flags())
    assert poll(app, server.inbox) == inbox_module.Fetched()


def test_leave_what_is_too_large_in_the_mailbox_and_say_so_once(
    app: Flask, server: ImapServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(inbox_module, "LARGEST_BYTES", 500)
    server.add([_letter(1) + b"x" * 500, _letter(2)])
    for new in (1, 0):
        fetched = poll(app, server.inbox)
        assert (fetched.new, fetched.too_large) == (new, 1)
    assert "\\Seen" not in server.flags()[0]
    assert capsys.readouterr().out.count("inbound_too_large") == 1


@pytest.mark.parametrize("answer", ["NO", "BAD"])
def test_fetch_what_comes_behind_a_message_that_the_server_can_not_give(
    app: Flask, server: ImapServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    server.add([_letter(1), _letter(2), _letter(3)])
    whole = imaplib.IMAP4.uid

    def damaged(client: imaplib.IMAP4, command: str, *rest: str) -> tuple[str, list[Any]]:
        if command == "FETCH" and rest[1] == "(BODY.PEEK[])" and rest[0].endswith("2"):
            if answer == "BAD":
                raise imaplib.IMAP4.error("UID command error: BAD [b'cache']")
            return answer, [b"[SERVERBUG] cache"]
        return whole(client, command, *rest)

    with monkeypatch.context() as fault:
        fault.setattr(imaplib.IMAP4, "uid", damaged)
        fetched = poll(app, server.inbox)
    assert (fetched.new, fetched.not_given) == (2, 1)
    assert "mail.inbound_not_given" in capsys.readouterr().out
    assert "\\Seen" not in server.flags()[1]
    assert poll(app, server.inbox).new == 1


class _Cutting:
    """A way to a server that is reset after so many bytes from it."""

    def __init__(self, port: int, after: int) -> None:
        self._port, self._after = port, after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)

    def _carry(self) -> None:
        client, _address = self._listener.accept()
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            back = threading.Thread(target=self._copy, args=(client, server), daemon=True)
            back.start()
            while self._after > 0 and (octets := server.recv(4096)):
                client.sendall(octets[: self._after])
                self._after -= len(octets)
            for each in (client, server):
                each.shutdown(socket.SHUT_RDWR)
            back.join(10)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while octets := source.recv(4096):
                target.sendall(octets)
        except OSError:
            return


@pytest.fixture
def cutting() -> Iterator[list[_Cutting]]:
    ways: list[_Cutting] = []
    yield ways
    for way in ways:
        way.close()


def test_lose_nothing_when_the_connection_is_cut(app: Flask, server: ImapServer, cutting: list[_Cutting]) -> None:
    messages = [_letter(number) + b"y" * 3000 + b"\r\n" for number in range(5)]
    server.add(messages)
    for after in (100, 2500, 6000, 9000, 14_000):
        cutting.append(_Cutting(server.port, after))
        with pytest.raises(FAILURES):
            poll(app, replace(server.inbox, port=cutting[-1].port))
    assert 0 < len(_stored(app)) < 5
    poll(app, server.inbox)
    assert sorted(_stored(app).values()) == sorted(messages)


_KILLED = """
import imaplib, os, signal
from app import create_app
from app.inbox.fetching import poll
from config import Settings
whole = imaplib.IMAP4.uid
def dying(client, command, *rest):
    if command == "STORE":
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(client, command, *rest)
imaplib.IMAP4.uid = dying
poll(create_app(Settings.from_env()))
"""


def test_keep_one_row_when_killed_between_commit_and_flag(app: Flask, server: ImapServer, key_file: Path) -> None:
    server.add([_letter(1), _letter(2)])
    password = "a%20%22quoted%22%20password"
    environment = {
        "PATH": os.environ["PATH"],
        "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"],
        "UNDERSIGNED_DATABASE_URL": parts_of(app).settings.database_url,
        "UNDERSIGNED_KEY_FILE": str(key_file),
        "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
        "UNDERSIGNED_MAIL_URL": "smtp://127.0.0.1:1",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
        "UNDERSIGNED_INBOX_URL": f"imaps://inbox%40example.org:{password}@127.0.0.1:{server.port}/INBOX",
    }
    ended = subprocess.run([sys.executable, "-c", _KILLED], env=environment, cwd=FOLDER, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert list(_stored(app).values()) == [_letter(1)]
    assert "\\Seen" not in server.flags()[0]
    fetched = poll(app, server.inbox)
    assert (fetched.new, fetched.known) == (1, 1)
    assert list(_stored(app).values()) == [_letter(1), _letter(2)]


def test_run_the_job_while_the_server_is_away(app: Flask, closed_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"imaps://user:secret@127.0.0.1:{closed_port}/INBOX"
    exchange(app, settings=replace(parts_of(app).settings, inbox_url=url))
    fetch_incoming_mail(app)
    said = capsys.readouterr().out
    assert "inbox_failed" in said
    assert "ConnectionRefusedError" in said
    assert "secret" not in said


def test_run_the_job_and_sort_what_came(app: Flask, imap_servers: ImapServers) -> None:
    server = imap_servers()
    server.add([_letter(1)])
    url = f"imap://inbox%40example.org:a%20%22quoted%22%20password@127.0.0.1:{server.port}"
    exchange(app, settings=replace(parts_of(app).settings, inbox_url=url))
    fetch_incoming_mail(app)
    with parts_of(app).database.reading() as session:
        assert session.scalars(select(InboundMessage.state)).all() == [InboundState.WAITING]
