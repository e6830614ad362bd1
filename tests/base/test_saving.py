"""Acting on a form: what is refused stands in it, with the refusal's own status, and nothing of the act stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import AuditEntry
from app.base.edge import reading
from app.base.errors import Conflict, NotFound, Refusal
from app.base.forms import Form, OneLine
from app.base.saving import accepted, blaming, is_sent, result_of, saved, status_of


class _TitleForm(Form):
    title = OneLine("Title", required="Enter a title.")


def _form() -> _TitleForm:
    return _TitleForm(title="Save the archive")


def _act(session: Session) -> str:
    record(session, "somebody", "tried", "a subject", "")
    return "a result"


def _refuse(refusal: Refusal) -> Callable[[Session], str]:
    def act(session: Session) -> str:
        _act(session)
        raise refusal

    return act


def _recorded() -> int:
    return reading().scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_what_was_sent_is_done_and_its_result_returned(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = _form()
        assert result_of(form, _act) == "a result"
        assert saved(form, _act)
        assert _recorded() == 2
        assert status_of(form) == 200


def test_what_is_only_looked_at_or_not_sound_is_not_done(app: Flask) -> None:
    with app.test_request_context(method="GET"):
        assert not saved(_form(), _act)
        assert result_of(_form(), _act) is None
    with app.test_request_context(method="POST"):
        empty = _TitleForm()
        assert not saved(empty, _act)
        assert status_of(empty) == 422
        assert _recorded() == 0


@pytest.mark.parametrize(
    ("refusal", "status", "at"),
    [
        (Refusal("No.", "title"), 422, "title"),
        (Conflict("Too late."), 409, ""),
        (Conflict("Too late.", "of another form"), 409, ""),
    ],
)
def test_a_refusal_stands_at_its_field_with_its_own_status(app: Flask, refusal: Refusal, status: int, at: str) -> None:
    with app.test_request_context(method="POST"):
        for act in (saved, accepted):
            form = _form()
            assert not act(form, _refuse(refusal))
            assert form.problems == [(at, refusal.message)]
            assert (form.refusal, status_of(form)) == (refusal, status)
        assert _recorded() == 0


def test_a_page_may_name_the_field_for_a_refusal_that_names_none_of_the_form(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = _form()
        with blaming(form, at="title"):
            raise Refusal("No.", "of another form")
        assert form.problems == [("title", "No.")]


def test_what_is_not_there_is_no_fault_of_the_form(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = _form()
        assert is_sent(form)
        with pytest.raises(NotFound), blaming(form):
            raise NotFound("Gone.")
        assert not form.problems
