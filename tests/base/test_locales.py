"""How names are joined, and in which direction a text runs."""

from __future__ import annotations

import pytest
from flask import Flask

from app.base.locales import listed, runs_right_to_left


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["Ada"], "Ada"), (["Ada", "Ben"], "Ada and Ben"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_joined_as_a_sentence_does(app: Flask, names: list[str], said: str) -> None:
    with app.test_request_context():
        assert listed(names) == said


@pytest.mark.parametrize(
    ("text", "is_so"), [("", False), ("2022, محامية", True), ("2022, Writer (محامية)", False), ("…", False)]
)
def test_first_letter_says_in_which_direction_a_text_runs(text: str, is_so: bool) -> None:
    assert runs_right_to_left(text) == is_so
