"""How names are joined and counts are written, and in which direction a text runs."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from app.base.locales import in_figures, listed, ngettext, rendering_in, runs_right_to_left


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


def test_counts_are_written_as_the_language_does(app: Flask) -> None:
    with app.test_request_context(), rendering_in("en"):
        assert ngettext("%(num)s row", "%(num)s rows", 12345) == "12,345 rows"
        page = "{% trans num=n %}{{ num }} row{% pluralize %}{{ num }} rows{% endtrans %} {{ n|in_figures }}"
        assert render_template_string(page, n=1234567) == "1,234,567 rows 1,234,567"
        assert render_template_string(page, n=1) == "1 row 1"
        assert in_figures(999) == "999"
