"""Form tokens are good for what was shown, and for a week."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app.base import clock
from app.base.form_tokens import FormBroken, FormExpired, check_form_token, make_form_token


def test_is_good_for_its_purpose_and_facts(session: Session) -> None:
    check_form_token(session, make_form_token(session, "decide", "a", "b"), "decide", "a", "b")


@pytest.mark.parametrize(
    ("purpose", "facts"), [("manage", ("a", "b")), ("decide", ("a",)), ("decide", ("a", "c")), ("decide", ("ab", ""))]
)
def test_is_worthless_for_anything_else(session: Session, purpose: str, facts: tuple[str, ...]) -> None:
    token = make_form_token(session, "decide", "a", "b")
    with pytest.raises(FormBroken):
        check_form_token(session, token, purpose, *facts)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: "", lambda t: "é" + t, lambda t: "." * 40]
)
def test_altered_tokens_are_broken(session: Session, change: object) -> None:
    token = make_form_token(session, "decide", "a")
    with pytest.raises(FormBroken):
        check_form_token(session, change(token), "decide", "a")  # type: ignore[operator]


def test_expires_after_a_week(session: Session) -> None:
    clock.freeze(datetime(2026, 3, 1, tzinfo=UTC))
    token = make_form_token(session, "decide", "a")
    clock.advance(days=7)
    check_form_token(session, token, "decide", "a")
    clock.advance(seconds=2)
    with pytest.raises(FormExpired):
        check_form_token(session, token, "decide", "a")
