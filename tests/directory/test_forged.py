"""Addresses and arguments that nobody's browser would send: answered, never a crash, on either database."""

from __future__ import annotations

import base64
import json

import pytest
from flask import Flask

from tests.directory.test_pages import Desk


def cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def test_forged_arguments_are_answered(either_app: Flask) -> None:
    desk = Desk(either_app, either_app.test_client())
    desk.add()
    for query in ("group=%00", "kind=%00", "q=%00", "q=%00@example.org", "address=%00", "group=" + "x" * 500):
        assert desk.client.get(f"{desk.url}?{query}").status_code in (200, 404), query
    for key in ((1, 10**30), (-(10**30), 1), (1, "\0"), ("\0", 1), (None, None), (1, -1)):
        assert desk.client.get(f"{desk.url}?after={cursor(*key)}").status_code in (200, 404), key
    for path in ("%00", "groups/%00", "imports/%00", "imports/%00/review", "%00/edit", "%00/remove", "x" * 500):
        assert desk.client.get(f"{desk.url}/{path}").status_code == 404, path


@pytest.mark.parametrize("field", ["seen", "places-0-group", "kind", "language", "country", "representative"])
def test_forged_fields_are_answered(either_app: Flask, field: str) -> None:
    desk = Desk(either_app, either_app.test_client())
    public_id = desk.add(name="Ann May")
    for url in (f"{desk.url}/new", f"{desk.url}/{public_id}/edit"):
        response = desk.client.post(url, data={"kind": "person", "name": "Ann May", field: "\x00\ud7ff" + "x" * 5000})
        assert response.status_code in (303, 409, 422)
    assert desk.client.post(f"{desk.url}/groups", data={"name": "A\x00"}).status_code == 422
