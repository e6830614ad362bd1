"""The factory joins the parts on both databases."""

from flask import Flask


def test_health_answers_on_either_database(either_app: Flask) -> None:
    assert either_app.test_client().get("/healthz").status_code == 200
