"""By which part of a name a person is looked for: what people gave to sort by, or else a rule that is told to them.

The rule is the last word, since in most languages that is the family name or its end. It is kept simple, so that
everybody can say beforehand what it does; where it is wrong, a name to sort by says otherwise.
"""

from __future__ import annotations

import re

# Their names begin with the family.
FAMILY_FIRST = frozenset({"hu", "vi"})
_COMMA = re.compile("[,،，﹐､]")
_IN_BRACKETS = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*$")
_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv"})
# Chinese, Japanese and Korean names are written with the family first, in any language's list.
_WRITTEN_IN_SIGNS = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]"
)
_NUMBER_DIGITS = 12


def given_fields(sort_name: str) -> tuple[str, ...]:
    """Return what was given to sort by as fields: what stands between commas. A number sorts by its value."""
    fields = [field.strip() for field in _COMMA.split(sort_name)]
    return tuple(field.zfill(_NUMBER_DIGITS) if field.isdecimal() else field for field in fields if field)


def family_fields(name: str, language: str) -> tuple[str, ...]:
    """Return a person's name as fields, the family first, in a list of this language.

    What follows a comma, stands in brackets at the end or tells the generation (Jr., III) is left aside.
    """
    words = _bare_words(name)
    if len(words) < 2:
        return (" ".join(words) or name,)
    if _WRITTEN_IN_SIGNS.search(words[0]):
        return (words[0], " ".join(words[1:]))
    if language.split("-")[0] in FAMILY_FIRST:
        first = next((at for at, word in enumerate(words[:-1]) if not word.endswith(".")), len(words) - 1)
        return (words[first], " ".join([*words[:first], *words[first + 1 :]]))
    return (words[-1], " ".join(words[:-1]))


def _bare_words(name: str) -> list[str]:
    before = _COMMA.split(name)[0]
    words = _IN_BRACKETS.sub("", before).split() or before.split()
    while len(words) > 1 and words[-1].rstrip(".").casefold() in _GENERATIONS:
        words.pop()
    return words
