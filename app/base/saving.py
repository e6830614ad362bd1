"""What every page with a form does: act on what was sent, or show the form again with what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from flask import request
from sqlalchemy.orm import Session

from app.base.edge import writing
from app.base.errors import NotFound, Refusal
from app.base.forms import Form

T = TypeVar("T")


def saved(form: Form, act: Callable[[Session], object], at: str | None = None) -> bool:
    """Do what a form asks for, in one transaction, if it was sent and is sound; tell whether it was done.

    What the act refuses stands in the form then, as `blaming` says.
    """
    return is_sent(form) and accepted(form, act, at)


def result_of(form: Form, act: Callable[[Session], T], at: str | None = None) -> T | None:
    """Do what `saved` does, for an act whose result the page needs; None where nothing was done."""
    if is_sent(form):
        with blaming(form, at), writing() as session:
            return act(session)
    return None


def accepted(form: Form, act: Callable[[Session], object], at: str | None = None) -> bool:
    """Do something in one transaction, whatever stands in the form; tell whether it was done."""
    with blaming(form, at), writing() as session:
        act(session)
        return True
    return False


def is_sent(form: Form) -> bool:
    """Tell whether a form was sent and is sound; where it is not, it says what is wrong."""
    return request.method == "POST" and form.validate()


def blaming(form: Form, at: str | None = None) -> AbstractContextManager[None, bool]:
    """Let what a block refuses stand in the form, and go on behind the block.

    The sentence stands at the field that the refusal names, or else at the one named `at`. What is not there is no
    fault of a form: NotFound goes on to the page that says so, which shows what was typed.
    """
    return _Blaming(form, at)


@dataclass(frozen=True)
class _Blaming(AbstractContextManager[None, bool]):
    form: Form
    at: str | None

    def __exit__(self, _kind: object, raised: BaseException | None, _traceback: object) -> bool:
        if not isinstance(raised, Refusal) or isinstance(raised, NotFound):
            return False
        self.form.keep(raised, self.at)
        return True


def status_of(form: Form) -> HTTPStatus:
    """Return the status of a page with this form: that of what was refused, or 422 where something in it is wrong."""
    if form.refusal is not None:
        return form.refusal.status
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.problems else HTTPStatus.OK
