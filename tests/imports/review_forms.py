"""What a page of a review would send, and the sentence in which it counts the rows."""

from __future__ import annotations

import re


def ticked(page: str) -> dict[str, str]:
    """What the button below a list of pairs would send."""
    return dict(re.findall(r'type="checkbox" name="(row-\d+)" id="row-\d+" value="([^"]+)" checked', page))


def sums(page: str) -> list[int]:
    """The numbers of the sentence that says what becomes of each row."""
    found = re.search(r"Of (\d+) rows? in the file:(.*?)</p>", page, re.DOTALL)
    assert found
    return [int(found[1]), *(int(number) for number in re.findall(r"\d+", found[2]))]
