"""The tour for newcomers leads to files and names that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOUR = Path(__file__).parents[2] / "docs" / "journey.md"
LINKS = re.findall(r"\[([^\]]+)\]\(([^)#]+)\)", TOUR.read_text())


@pytest.mark.parametrize(("words", "target"), LINKS)
def test_link_leads_to_what_it_names(words: str, target: str) -> None:
    path = (TOUR.parent / target).resolve()
    assert path.exists(), f"{target} is not there any more"
    named = re.fullmatch(r"`([\w/]+(?:\.py|/))(?::\s(\w+))?`", words)
    if named is None:
        return
    assert str(path).endswith(named[1].rstrip("/")), f"{words} leads to {target}"
    if named[2]:
        assert re.search(rf"^(?:def|class) {named[2]}\b", path.read_text(), re.MULTILINE), f"{target} has no {named[2]}"


def test_tour_leads_somewhere() -> None:
    assert sum(bool(re.search(r":\s", words)) for words, _target in LINKS) > 20
