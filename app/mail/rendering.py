"""Render a message's three templates: templates/email/<message>/{subject.txt,body.txt,body.html}."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template
from flask_babel import get_locale

from app.base.locales import DEFAULT, direction, rendering_in

_GAPS = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def render_message(message: str, language: str, **values: Any) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of a message in a language. Subjects lose their line breaks.

    Templates get `language` and `direction` beside the values: they describe the words, which are English where the
    wanted language has no catalogue.
    """
    with rendering_in(language):
        spoken = str(get_locale() or DEFAULT).replace("_", "-")
        values = {**values, "language": spoken, "direction": direction(spoken)}
        subject, text, html = (
            render_template(f"email/{message}/{part}", **values) for part in ("subject.txt", "body.txt", "body.html")
        )
    # Conditions in a template leave their line ends behind; one empty line is enough anywhere.
    return " ".join(subject.split()), _GAPS.sub("\n\n", text.strip()) + "\n", html
