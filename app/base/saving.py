"""What every page with a form does: act on what was sent, or show the form again with what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import request
from sqlalchemy.orm import Session

from app.base.edge import writing
from app.base.errors import Refusal
from app.base.forms import Form


def saved(form: Form, act: Callable[[Session], object]) -> bool:
    """Do what a form asks for, in one transaction, if it was sent and is sound; tell whether it was done.

    What the act refuses stands in the form then, at the field at fault.
    """
    return request.method == "POST" and form.validate() and accepted(form, act)


def accepted(form: Form, act: Callable[[Session], object]) -> bool:
    """Do something in one transaction; tell whether it was done, with a refusal in the form if not."""
    try:
        with writing() as session:
            act(session)
    except Refusal as refusal:
        form.blame(refusal.field, refusal.message)
        return False
    return True


def status_of(form: Form) -> HTTPStatus:
    """Return the status that a page with this form has: 422 where something in it is wrong."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.problems else HTTPStatus.OK
