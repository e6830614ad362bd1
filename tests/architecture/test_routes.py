"""Every address keeps the door: without a session you get no further than the sign-in page, whatever the method."""

import inspect
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.web import CONTENT_SECURITY_POLICY

GUARDED = ("/desk", "/api")
# Addresses under /api that describe the API itself.
DESCRIPTIONS = {"/api/v1/openapi.json"}
EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ARGUMENT = {"IntegerConverter": 1, "UUIDConverter": "00000000-0000-0000-0000-000000000000"}


def _rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def _address(app: Flask, rule: Rule) -> str:
    """Build an address that the rule matches, with arguments that name nothing."""
    values = {name: ARGUMENT.get(type(converter).__name__, "a" * 20) for name, converter in rule._converters.items()}
    built = app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))
    return urlsplit(built).path


def _guarded(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in _rules(app):
        if rule.rule.startswith(GUARDED) and rule.rule not in DESCRIPTIONS:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield method, _address(app, rule)


def test_desk_and_api_need_a_signed_in_organiser(app: Flask, client: FlaskClient) -> None:
    open_doors = []
    asked = 0
    for method, address in _guarded(app):
        asked += 1
        response = client.open(address, method=method)
        to_sign_in = response.status_code in {302, 303} and urlsplit(response.location or "").path == "/sign-in"
        if not to_sign_in and response.status_code != 401:
            open_doors.append(f"{method} {address}: {response.status_code}")
    assert asked, "there is no desk to guard"
    assert open_doors == []


def test_every_answer_has_the_content_policy(app: Flask, client: FlaskClient) -> None:
    without = []
    for rule in _rules(app):
        for method in EVERY_METHOD:
            response = client.open(_address(app, rule), method=method)
            if response.headers.get("Content-Security-Policy") != CONTENT_SECURITY_POLICY:
                without.append(f"{method} {rule.rule}")
            response.close()
    assert without == []


def test_no_address_answers_an_anonymous_visitor_with_a_crash(app: Flask, client: FlaskClient) -> None:
    crashed = []
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for rule in _rules(app):
        for method in EVERY_METHOD:
            response = client.open(_address(app, rule), method=method)
            if response.status_code >= 500 and rule.rule != "/readyz":
                crashed.append(f"{method} {rule.rule}: {response.status_code}")
            response.close()
    assert crashed == []


def test_addresses_carry_no_row_numbers(app: Flask) -> None:
    numbered = [
        rule.rule
        for rule in _rules(app)
        if any(type(converter).__name__ == "IntegerConverter" for converter in rule._converters.values())
    ]
    assert numbered == []


@pytest.mark.parametrize(
    "hooks", ["teardown_appcontext_funcs", "teardown_request_funcs", "before_request_funcs", "after_request_funcs"]
)
def test_no_hook_is_a_coroutine(app: Flask, hooks: str) -> None:
    """Flask would run one through an event loop of its own on each request, at a sixth of the speed."""
    held = getattr(app, hooks)
    functions = held if isinstance(held, list) else [each for group in held.values() for each in group]
    assert [function for function in functions if inspect.iscoroutinefunction(function)] == []


def test_no_view_is_a_coroutine(app: Flask) -> None:
    assert [name for name, view in app.view_functions.items() if inspect.iscoroutinefunction(view)] == []
