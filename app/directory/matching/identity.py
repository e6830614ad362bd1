"""Whether a name is anybody's at all: titles taken off, and "Anonymous", "N. N." and a lone first name told apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.base.names import comparison_key
from app.directory.matching.scripts import Script, script_of

# Words around a name that are not the name; a title alone makes nobody another person.
_TITLES = frozenset(comparison_key("""
    dr prof professor mr mrs ms miss rev jr phd md msc llm esq mep mp dott dottssa dipl
    herr frau mme mlle don dona sheikh ustadh проф доктор профессор професор пан пані госпожа доц
    دکتر دكتور الدكتور مهندس
    डॉ श्री श्रीमती 教授 博士 先生 女士 교수 박사 さん דר פרופ
""").split())  # fmt: skip
_MAY_BE_NAMES = frozenset(("ma", "ba", "ing", "hon", "don", "dona", "sir", "dame", "fr", "sr"))
# How people write that they are not named; what comes after ("Anonymous teacher", "Anonyme 3") changes nothing.
_UNNAMED = frozenset(comparison_key("""
    anonymous anonym anonyme anonymes anonymer anonimo anonima anonimos anonymo anonimowy anonimowa anonymni anoniem
    anonieme anonimas anonimni anonimna anonim anonimus nevtelen anonyymi nimeton anonymt anoniman anonymiseret
    inconnu inconnue unbekannt unnamed onbekend desconocido desconocida sconosciuto sconosciuta
    desconhecido desconhecida nieznany nieznana neznamy neznama bilinmeyen isimsiz nomen-nescio
    аноним анонимно анонимный анонимная анонім анонімно анонімний анонімна анонимен анонимна неизвестный неизвестная
    невідомий невідома ананім ανώνυμος ανώνυμη ανώνυμα άγνωστος ანონიმი ანონიმური უცნობი անանուն անհայտ
    مجهول مجهولة ناشناس گمنام بی‌نام نامعلوم אנונימי אנונימית אלמוני אלמונית
    匿名 匿名者 无名 無名 无名氏 無名氏 佚名 不具名
    匿名希望 名無し とくめい 익명 무명 अज्ञात गुमनाम अनाम बेनाम
""").split())  # fmt: skip
# What stands where a name should be, if nothing else does.
_PLACEHOLDERS = frozenset(
    comparison_key("""
    unknown nobody noname nameless someone somebody withheld redacted confidential private undisclosed na nn xx xxx
    tba tbc tbd nil none null not available name given no nomen nescio ukendt ukjent okand test
""").split()
)
# A description instead of a name.
_DESCRIBED = re.compile(
    r"^(?:an? |the |one |ein |eine |einer |un |une |uno |una |um |uma |en |et |ett |een |)"
    r"(?:(?:former |concerned |einfaches |besorgter |)"
    r"(?:member|friend|citizen|supporter|resident|student|teacher|employee|colleague|signatory|mitglied|freund|freundin|"
    r"burger|burgerin|membre|ami|amie|citoyen|citoyenne|miembro|amigo|amiga|ciudadano|ciudadana|membro|socio|amico|"
    r"cittadino|cidadao|lid|burger|medlem|clen|czlonek|obywatel)"
    r"(?: (?:of|from|at|in|von|der|des|du|de|del|della|da|do|van|af|av)\b.*|)$)"
)
_WITHHELD = re.compile(
    r"^(?:name|nom|nombre|nome|naam|namn|navn|имя|имʼя|імя)\b.*\b(?:withheld|known|bekannt|unbekannt|tenu|"
    r"reservado|riservato|redacted|supplied|скрыто)\b"
)
_BETWEEN_NAMES = re.compile(r"[\s,;·・]+")
_DIGITS = re.compile(r"\d+")
# Written without a space between family and given name; this many signs are a whole name.
_WHOLE_IN_ONE = {Script.HAN: 2, Script.HANGUL: 3, Script.KANA: 5, Script.OTHER: 6}


def without_titles(name: str, folded: str) -> tuple[str, ...]:
    """Return the words of a name's comparison key but titles, or all of them if they are nothing else.

    What may be a name as well ("Ma Fengying") is a title only where two others are left; half of "Ing-wen" is none.
    """
    words = tuple(folded.split())
    if _TITLES.isdisjoint(words) and _MAY_BE_NAMES.isdisjoint(words):
        return words
    pieces = [tuple(comparison_key(piece).split()) for piece in name.split()]
    sure = [piece for piece in pieces if not _TITLES.issuperset(piece)] or pieces
    rest = [piece for piece in sure if not _MAY_BE_NAMES.issuperset(piece)]
    return tuple(word for piece in (rest if len(rest) > 1 else sure) for word in piece)


def names_somebody(name: str, folded: str) -> bool:
    """Tell whether a name can be a person's own: two words in full, or initials and a family name, and none for nobody.

    Hyphenated given names are one word ("Anne-Marie"). Names that are written in one piece are counted by their signs.
    """
    if is_nobody(folded):
        return False
    if name.isascii() and name.replace(" ", "").isalpha():
        pieces = folded.split()
    else:
        pieces = [key for piece in _BETWEEN_NAMES.split(name) if (key := comparison_key(piece))]
    full = [piece for piece in pieces if not set(piece.split()) <= _TITLES and _is_in_full(piece)]
    if len(full) > 1 or (len(full) == 1 and len(pieces) > 1 and pieces[-1] == full[0] and len(pieces[-2]) == 1):
        return True
    return len(full) == 1 and len(unicodedata.normalize("NFC", full[0])) >= _WHOLE_IN_ONE.get(script_of(full[0]), 99)


def _is_in_full(piece: str) -> bool:
    letters = _DIGITS.sub("", piece).replace(" ", "")
    return len(letters) > 1 or script_of(piece) in (Script.HAN, Script.KANA)


@lru_cache(maxsize=65536)
def is_nobody(folded: str) -> bool:
    """Tell whether a comparison key stands for somebody who is not named, whatever comes after it."""
    words = _DIGITS.sub(" ", folded).split()
    if not words or words == ["n"] * len(words) or set(words) == {"x"}:
        return True
    if words[0] in _UNNAMED or words[:2] == ["n", "n"] or set(words) <= _PLACEHOLDERS:
        return True
    return _DESCRIBED.match(folded) is not None or _WITHHELD.match(folded) is not None
