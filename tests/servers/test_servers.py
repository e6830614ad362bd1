"""The test servers are what they claim to be: real, fresh, and able to misbehave on demand."""

import smtplib
import socket
from collections import Counter
from email.message import EmailMessage

import psycopg
import pytest
from playwright.sync_api import BrowserContext

from tests.servers.missing import closing_line
from tests.servers.network import OutsideConnection
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer


def _letter(recipient: str = "amina@example.org") -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "desk@example.org", recipient, "Žádost – طلب"
    letter.set_content("Dear Amina,\n")
    letter.add_alternative("<p>Dear Amina,</p>", subtype="html")
    return letter


def _execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _make_petals(url: str) -> None:
    _execute(url, "CREATE TABLE petals (number int)")


@pytest.mark.postgres
def test_postgres_copies_a_template_for_each_database(postgres_server: PostgresServer) -> None:
    template = postgres_server.template("filled", _make_petals)
    first, second = postgres_server.create(template), postgres_server.create(template)
    _execute(postgres_server.url(first), "INSERT INTO petals VALUES (5)")
    assert _execute(postgres_server.url(first), "SELECT number FROM petals") == [(5,)]
    assert _execute(postgres_server.url(second), "SELECT number FROM petals") == []
    assert postgres_server.template("filled", lambda url: pytest.fail("made twice")) == template
    postgres_server.drop(first)
    postgres_server.drop(second)


@pytest.mark.postgres
def test_postgres_gives_a_module_an_empty_utf8_database(postgres_url: str) -> None:
    assert _execute(postgres_url, "SHOW server_encoding") == [("UTF8",)]
    assert _execute(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_smtp_keeps_the_message_as_sent(smtp_server: SmtpServer) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_server.port) as client:
        client.send_message(_letter())
    (received,) = smtp_server.await_messages(1)
    assert received.recipients == ("amina@example.org",)
    assert (received.subject, received.text.strip()) == ("Žádost – طلب", "Dear Amina,")
    assert "<p>Dear Amina,</p>" in received.html


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ("EHLO", smtplib.SMTPHeloError),
        ("MAIL", smtplib.SMTPSenderRefused),
        ("RCPT", smtplib.SMTPRecipientsRefused),
        ("DATA", smtplib.SMTPDataError),
    ],
)
def test_smtp_refuses_at_a_stage(smtp_server: SmtpServer, stage: str, error: type[Exception]) -> None:
    smtp_server.answer(stage, "451 4.3.0 come again")
    with smtplib.SMTP("127.0.0.1", smtp_server.port) as client, pytest.raises(error):
        client.send_message(_letter())
    assert smtp_server.received == []


def test_smtp_refuses_one_recipient_once(smtp_server: SmtpServer) -> None:
    smtp_server.answer("RCPT", "550 5.1.1 unknown", recipient="amina@example.org", times=1)
    with smtplib.SMTP("127.0.0.1", smtp_server.port) as client:
        client.send_message(_letter("amina@example.org, bo@example.org"))
        client.send_message(_letter("amina@example.org"))
    assert [each.recipients for each in smtp_server.received] == [("bo@example.org",), ("amina@example.org",)]


@pytest.mark.parametrize("keep", [True, False])
def test_smtp_hangs_up_after_the_message(smtp_server: SmtpServer, keep: bool) -> None:
    smtp_server.answer("DATA", None, keep=keep)
    client = smtplib.SMTP("127.0.0.1", smtp_server.port)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(_letter())
    assert smtp_server.count() == (1 if keep else 0)


def test_smtp_relay_that_is_down_refuses(closed_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", closed_port)


@pytest.mark.browser
def test_browser_runs_scripts_only_where_asked(
    context_with_javascript: BrowserContext, context_without_javascript: BrowserContext
) -> None:
    address = "data:text/html,<p>before</p><script>document.querySelector('p').textContent = 'after'</script>"
    shown = []
    for context in (context_with_javascript, context_without_javascript):
        page = context.new_page()
        page.goto(address)
        shown.append(page.locator("p").text_content())
    assert shown == ["after", "before"]


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_network_refuses_other_machines(host: str) -> None:
    with pytest.raises(OutsideConnection, match="stay on this machine"):
        socket.create_connection((host, 25), timeout=1)


def test_closing_line_counts_by_reason() -> None:
    assert closing_line(Counter()) == "Not run: 0"
    assert closing_line(Counter({"no gpg": 1, "no Chromium": 3})) == "Not run: 4 (no Chromium: 3; no gpg: 1)"
