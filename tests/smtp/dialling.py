"""Connections to test servers, with as little patience as a test has."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.smtp.connection import RelayConnection, init_connection
from app.smtp.session import Patience
from config import MailRelay

PATIENCE = Patience(connect=5, command=5, writing=5, data=5, idle=60)
MESSAGE = b"From: desk@example.org\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nText\r\n"


def dial(
    port: int,
    *,
    host: str = "127.0.0.1",
    tls: bool = False,
    start_tls: bool = False,
    credentials: tuple[str, str] | None = None,
    patience: Patience = PATIENCE,
) -> RelayConnection:
    """Return a connection that is not open yet; `with` opens it."""
    username, password = credentials or (None, None)
    relay = MailRelay(host, port, username, password, implicit_tls=tls, start_tls=start_tls)
    mail = init_connection(Flask("dialling"), relay)
    mail.patience = patience
    return mail.connect()


def hasty(**seconds: float) -> Patience:
    """Return a patience that a test can exhaust."""
    return replace(PATIENCE, **seconds)
