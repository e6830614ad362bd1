"""The way into a statement for each role; and a draft never reaches the logs."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from tests.statements.desks import sit_down

SECRET = "Unpublished words that nobody may read in a log"


def test_who_is_not_signed_in_is_sent_to_sign_in(app: Flask) -> None:
    desk = sit_down(app)
    desk.client.delete_cookie("undersigned")
    answer = desk.get()
    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_statement_that_is_none_is_not_found(app: Flask) -> None:
    desk = sit_down(app)
    assert desk.client.get("/desk/statements/nonsense").status_code == 404


def test_draft_is_in_no_log(app: Flask, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Saved, refused, in conflict, previewed, rescued: the text itself is never told to a log."""
    desk = sit_down(app)
    typed = {"title": SECRET, "body": SECRET, "summary": SECRET, "demands-0": SECRET}
    with caplog.at_level(logging.DEBUG):
        for changed in ({"revision": "2"}, {"revision": "2", "body": SECRET + "!"}, {"title": "\x00"}):
            desk.post("/text/en", **typed | changed, do="save")
        desk.post("/text/en", **typed, do="preview")
        desk.get("/text/en?title=" + SECRET)
        desk.client.delete_cookie("undersigned")
        desk.post("/text/en", **typed, do="save")
    written = capfd.readouterr()
    assert SECRET not in caplog.text + written.out + written.err
