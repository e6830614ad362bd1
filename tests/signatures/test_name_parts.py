"""A pseudonym that shares a part with the name or the address behind it is noticed, in any script."""

import pytest

from app.signatures.name_parts import shared_part


@pytest.mark.parametrize(
    ("pseudonym", "name", "email"),
    [
        ("Halyna from Lviv", "Halyna Kovalenko", ""),
        ("Галина", "Halyna Kovalenko", ""),
        ("kovalenko84", "Halyna Kovalenko", ""),
        ("Ann", "Anna Berg", ""),
        ("H. K.", "Halyna Kovalenko", ""),
        ("night.reader", "Anna Berg", "reader.lists@example.org"),
        ("张老师", "张伟", ""),
        ("مریم", "مریم رجبی", ""),
    ],
)
def test_a_pseudonym_that_tells_is_noticed(pseudonym: str, name: str, email: str) -> None:
    assert shared_part(pseudonym, name, email)


@pytest.mark.parametrize(
    ("pseudonym", "name", "email"),
    [
        ("A teacher from the north", "Halyna Kovalenko", "halyna12@example.net"),
        ("Teacher", "Tea Ch", ""),
        ("Reader", "Anna Berg", "a.b@reader.example"),
        ("李老师", "张伟", ""),
    ],
)
def test_a_pseudonym_that_does_not_tell_passes(pseudonym: str, name: str, email: str) -> None:
    assert shared_part(pseudonym, name, email) == ""
