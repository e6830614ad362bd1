"""The demonstration's longer texts, as Markdown files beside this module."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).with_name("texts")


def text(name: str) -> str:
    """Return the text of a name such as "case-statement" or "open-statement.ar"."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()
