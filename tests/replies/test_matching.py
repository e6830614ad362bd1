"""Whose mail a message may be: by sender, domain and subject, and never by a domain that anybody can write from."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.replies.matching import MatchCandidate, is_from, suggestions_for
from app.replies.states import MatchReason


def line(to_address: str, subject: str = "appeal for the release of petro vyhovskyi") -> MatchCandidate:
    return MatchCandidate(
        "d", 1, "s", "Ministry", "letter", "<letter@example.org>", to_address, "The Minister", subject
    )


@pytest.mark.parametrize(
    ("sender", "to_address", "expected"),
    [
        ("a@ministry.example.org", "b@ministry.example.org", True),
        ("A@Ministry.Example.org", "a@ministry.example.org", True),
        ("a@mail.ministry.example.org", "b@ministry.example.org", True),
        ("a@ministry.example.org", "b@mail.ministry.example.org", True),
        ("a@ministry.example.org", "b@otherministry.example.org", False),
        ("a@health.gov.uk", "b@gov.uk", False),
        ("a@gmail.com", "b@gmail.com", False),
        ("b@gmail.com", "b@gmail.com", True),
        ("a@xn--80a1acn3a.xn--j1amh", "b@пошта.укр", True),
        ("A@xn--80a1acn3a.xn--j1amh", "a@пошта.укр", True),
        ("a@fass.example.org", "b@faß.example.org", False),
        ("", "b@ministry.example.org", False),
        ("nonsense", "b@ministry.example.org", False),
        ("a@", "b@ministry.example.org", False),
    ],
)
def test_sender_is_of_the_institution(sender: str, to_address: str, expected: bool) -> None:
    assert is_from(sender, to_address) is expected


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("RE: Appeal for the release of Petro Vyhovskyi", True),
        ("Відп: Re[2]: Fwd: appeal for the release of Petro Vyhovskyi", True),
        ("AW: Appeal for release of P. Vyhovskyi", True),
        ("Re: Your letter", False),
        ("An appeal for quite something else", False),
        ("", False),
    ],
)
def test_subject_is_alike(session: Session, subject: str, found: bool) -> None:
    lines = [line("minister@ministry.example.org")]
    suggestions = suggestions_for(session, {"from": "x@private.example.com", "subject": subject}, lines)
    assert [each.likeness for each in suggestions] == ([MatchReason.SUBJECT] if found else [])


def test_short_subjects_are_like_many(session: Session) -> None:
    assert suggestions_for(session, {"from": "", "subject": "Re: Appeal"}, [line("a@example.org", "appeal")]) == []


def test_stronger_reasons_come_first(session: Session) -> None:
    lines = [
        line("other@private.example.com"),
        line("x@ministry.example.org", "something"),
        line("y@ministry.example.org", "something"),
    ]
    summary = {"from": "y@ministry.example.org", "subject": "Re: Appeal for the release of Petro Vyhovskyi"}
    found = [each.likeness for each in suggestions_for(session, summary, lines)]
    assert found == [MatchReason.SENDER, MatchReason.DOMAIN, MatchReason.SUBJECT]
    answered = {**summary, "refers_to": ["<letter@example.org>"]}
    assert {each.likeness for each in suggestions_for(session, answered, lines)} == {MatchReason.MARK}
