"""A URL is no name, nowhere: every field of the house that takes a name refuses what can't be one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.fields.core import UnboundField

import app
from app.base.name_fields import PersonName
from app.institutions.forms import InstitutionForm

# What a field is called that holds the name of somebody, or what stands beside it.
NAMES = {
    "name", "pseudonym", "representative", "person", "office", "contact_name", "quotation_speaker", "public_line",
    "credential", "affiliation", "sort_name", "group", "role", "description",
}  # fmt: skip
# These are chosen from a list.
CHOSEN = {("AddMemberForm", "role"), ("RoleForm", "role"), ("PeopleFilterForm", "group")}
HOSTILE = ["https://evil.example/x", "www.evil.example", "x@evil.example", "<b>Ann</b>", "[Ann](evil)"]


def _forms() -> list[type[Form]]:
    found: set[type[Form]] = set()
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.endswith("forms"):
            known = vars(importlib.import_module(module.name)).values()
            found |= {one for one in known if isinstance(one, type) and issubclass(one, Form)}
    return sorted(found, key=lambda form: f"{form.__module__}.{form.__name__}")


def _named(form: type[Form]) -> list[tuple[str, UnboundField[Any]]]:
    fields = ((name, getattr(form, name)) for name in dir(form) if name in NAMES)
    return [(name, field) for name, field in fields if isinstance(field, UnboundField)]


FIELDS = [
    pytest.param(form, name, field, id=f"{form.__name__}.{name}")
    for form in _forms()
    for name, field in _named(form)
    if (form.__name__, name) not in CHOSEN
]


def test_the_search_finds_the_fields() -> None:
    assert len(FIELDS) >= 25


@pytest.mark.parametrize(("form", "name", "field"), FIELDS)
def test_every_field_for_a_name_refuses_what_is_none(
    app: Flask, form: type[Form], name: str, field: UnboundField[Any]
) -> None:
    assert issubclass(field.field_class, PersonName)
    with app.test_request_context():
        bound = field.bind(Form(), name)
        for typed in HOSTILE:
            bound.process(MultiDict({name: typed}))
            assert bound.process_errors, typed
            assert bound.data == typed, "what was typed is kept"


def test_an_institution_says_what_to_mend(app: Flask) -> None:
    with app.test_request_context():
        form = InstitutionForm(MultiDict({"name": "https://ministry.example"}), language="en")
        assert not form.validate()
        assert form.problems[0] == ("name", "It holds a web address. Write only words here.")
