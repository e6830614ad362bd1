"""Render a message's three templates: templates/email/<message>/{subject.txt,body.txt,body.html}."""

from __future__ import annotations

from typing import Any

from flask import render_template

from app.base.locales import direction, rendering_in


def render_message(message: str, language: str, **values: Any) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of a message in a language. Subjects lose their line breaks.

    Templates get `language` and `direction` beside the values.
    """
    values = {**values, "language": language, "direction": direction(language)}
    with rendering_in(language):
        subject, text, html = (
            render_template(f"email/{message}/{part}", **values) for part in ("subject.txt", "body.txt", "body.html")
        )
    return " ".join(subject.split()), text.strip() + "\n", html
