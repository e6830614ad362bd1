"""The demonstration's mailbox: shows what came, and is not there in production."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.base.parts import parts_of
from app.mail.composing import Sender, compose
from app.mail.registry import RenderedMail
from app.mailroom.mailbox import keep, list_mails, read, start_mailbox
from config import Settings

SOURCE = compose(
    RenderedMail("Ada", "ada@example.org", "Привіт", "Read http://127.0.0.1/i/abc.\n", "<script>1</script><p>Hi</p>"),
    Sender("Undersigned", "appeals@example.org"),
    "<id@example.org>",
    datetime(2026, 11, 23, tzinfo=UTC),
)


@pytest.fixture
def demonstration(settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, demonstration=True))
    yield app
    parts_of(app).database.engine.dispose()


@pytest.fixture
def visitor(demonstration: Flask, settings: Settings) -> FlaskClient:
    keep(settings.state_directory / "mailbox", SOURCE)
    return demonstration.test_client()


def test_mailbox_is_not_there_in_production(client: FlaskClient) -> None:
    assert client.get("/mailbox").status_code == 404
    assert client.get("/mailbox.json").status_code == 404


def test_every_page_says_so_in_a_demonstration_and_in_nothing_else(visitor: FlaskClient, client: FlaskClient) -> None:
    for address in ("/", "/verify", "/sign-in", "/nothing-here"):
        assert "A demonstration: nothing here leaves this machine" in visitor.get(address).text
        assert "demonstration" not in client.get(address).text


def test_list_with_links_as_json(visitor: FlaskClient) -> None:
    (mail,) = visitor.get("/mailbox.json").get_json()
    assert (mail["subject"], mail["links"]) == ("Привіт", ["http://127.0.0.1/i/abc"])


def test_show_mail_as_text_html_and_source(visitor: FlaskClient) -> None:
    (mail,) = visitor.get("/mailbox.json").get_json()
    assert "Привіт" in visitor.get("/mailbox").text
    assert "http://127.0.0.1/i/abc" in visitor.get(f"/mailbox/{mail['id']}").text
    assert visitor.get(f"/mailbox/{mail['id']}/source").data == SOURCE
    shown = visitor.get(f"/mailbox/{mail['id']}/html")
    assert "<p>Hi</p>" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "script-src" not in shown.headers["Content-Security-Policy"]


def test_long_name_is_shown_without_the_folds_of_its_header(settings: Settings) -> None:
    name = "Stand-in for the ministry (this demonstration’s mailbox), Ministry of Justice of Belgium"
    source = compose(
        RenderedMail(name, "ada@example.org", "Hi", "Hi\n", "<p>Hi</p>"),
        Sender("Undersigned", "appeals@example.org"),
        "<id@example.org>",
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    folder = settings.state_directory / "mailbox"
    assert read(folder, keep(folder, source)).to == f"{name} <ada@example.org>"


@pytest.mark.parametrize("name", ["..", "x", "../../key", "20261123000000000000-00000000"])
def test_unknown_mail_is_not_found(visitor: FlaskClient, name: str) -> None:
    assert visitor.get(f"/mailbox/{name}").status_code == 404


def test_mailbox_keeps_what_is_sent_and_refuses_who_refuses(tmp_path: Path, closed_port: int) -> None:
    controller = start_mailbox(tmp_path, closed_port)
    try:
        with smtplib.SMTP("127.0.0.1", closed_port, timeout=5) as relay:
            relay.sendmail("appeals@example.org", ["ada@example.org"], SOURCE)
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                relay.sendmail("appeals@example.org", ["hakon@refuses.example.org"], SOURCE)
    finally:
        controller.stop()
    (mail,) = list_mails(tmp_path)
    assert mail.subject == "Привіт"
