"""Names of people and bodies: made tidy, refused where they could deceive or break a page, and made comparable."""

from __future__ import annotations

import re
import unicodedata

from app.base.characters import BIDI_OVERRIDES, CONTROLS, NONCHARACTERS, is_accent
from app.base.locales import gettext as _

NAME_LENGTH = 200
# More marks than this on one letter are no script's spelling; they only spill over the lines above and below.
_MOST_MARKS = 6
_LINE_BREAKS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]")
# They reorder what follows, so that a name could pose as another.
_BIDI = re.compile(f"[{BIDI_OVERRIDES}]")
# Invisible and without meaning in a name. The joiners U+200C and U+200D stay, since Persian and
# Hindi are spelt with them, and so does U+180E between letters of Mongolian.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]|(?<![\u1820-\u18aa])\u180e")
# Control characters, halves of characters, private use, and what is invisible or never a character. Code points that
# this Python doesn't know yet stay: Unicode gains living scripts every year.
_MEANINGLESS = re.compile(
    f"[{CONTROLS}\ud800-\uf8ff{NONCHARACTERS}"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 14))
    + "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U0010ffff]"
)
_EDGES = " \u200c\u200d\u200e\u200f\u061c"
_JOINERS = "\u200c\u200d"

# Cyrillic, Greek and other letters that look Latin, after casefolding.
_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝьгкмтнвκοραεντυχιϲյոսօⅼ01|ɑɡ",
    "aeopcyxijsdhlqwbrkmthbkopaevtuxicjnuolollag",
)
# Letters that accents do not explain: they have no decomposition.
_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "n",
        "ə": "a",
    }
)


class UnfitNameError(ValueError):
    """A text that can't be a name as it stands; the message says what is wrong and what to do."""


def tidy_name(text: str, longest: int = NAME_LENGTH) -> str:
    """Return one line in NFC with white space collapsed; raise UnfitNameError where that isn't enough."""
    stripped = _INVISIBLE.sub("", text).strip()
    if _LINE_BREAKS.search(stripped):
        raise UnfitNameError(_("It holds a line break. Put it on one line."))
    if found := _BIDI.search(stripped):
        raise UnfitNameError(
            _("It holds an invisible character that turns the direction of writing (U+%(code)s). Delete it.",
              code=f"{ord(found[0]):04X}")
        )  # fmt: skip
    line = unicodedata.normalize("NFC", re.sub(r"\s+", " ", stripped)).strip(_EDGES)
    if found := _MEANINGLESS.search(line):
        raise UnfitNameError(
            _("It holds a character that means nothing in a name (U+%(code)s). Type it again by hand.",
              code=f"{ord(found[0]):04X}")
        )  # fmt: skip
    _check_length(line, longest)
    return line


def length_of(text: str) -> int:
    """Count the characters a reader sees: accents, vowel signs and joiners belong to their letter."""
    return sum(1 for c in text if c not in _JOINERS and unicodedata.category(c) not in ("Mn", "Me", "Cf"))


def _check_length(line: str, longest: int) -> None:
    length = length_of(line)
    if length > longest or len(line) > longest * 4:
        raise UnfitNameError(
            _("It is %(length)s characters long; at most %(longest)s fit. Shorten it.",
              length=max(length, len(line) if length <= longest else length), longest=longest)
        )  # fmt: skip
    marks = 0
    for character in unicodedata.normalize("NFD", line):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > _MOST_MARKS:
            raise UnfitNameError(_("It has too many accents on one letter. Type it again without them."))


def same_name_key(text: str) -> str:
    """Fold what never distinguishes two people: case, width, spaces and kinds of apostrophe and hyphen."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().replace("`", "'").split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = re.sub("[’‘ʼ`´ʹ]", "'", re.sub("[‐‑‒–—−]", "-", folded))
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf" or c in _JOINERS)
    return re.sub(r"\s+", " ", visible).strip()


def comparison_key(text: str) -> str:
    """Fold accents and punctuation as well; for finding what may be the same, never for deciding that it is."""
    if text.isascii():  # most names of a long list: no accent to look for
        if text.replace(" ", "").isalnum():
            return " ".join(text.lower().split())
        return " ".join("".join(c if c.isalnum() else " " for c in text.lower() if c != "'").split())
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    letters = "".join(c for c in decomposed if not is_accent(c)).replace("'", "").replace("’", "").replace("ʼ", "")
    return " ".join("".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in letters).split())


def confusable_key(text: str) -> str:
    """Fold letters that look alike across scripts as well, so that "Аnna" with a Cyrillic А meets "Anna"."""
    return comparison_key(text).translate(_CONFUSABLE)


def confusables_folded(key: str) -> str:
    """Do the same to a comparison key."""
    return key.translate(_CONFUSABLE)
