"""Find what is new in a reply: the words above the mail that it quotes, in every language that mail programs speak."""

from __future__ import annotations

import re

from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE
from mailparser_reply.parser import EmailMessage

# The patterns go back and forth within a line, so that much longer texts could keep a page waiting; of longer lines,
# such as a paragraph that stands in one, they see the beginning.
LONGEST_TEXT = 12_000
LONGEST_LINE = 250
_QUOTE = re.compile(r"\s*>")
_BROKEN_AT = 60  # characters: no program breaks a quoted line sooner
# A signature, a list's footer, or the next older mail: what follows is no answer to the lines above.
_ENDS = re.compile(r"--\s*$|[-_=*]{5,}|-{2,} ?\w")
_HEADER = re.compile(r"[*\s]*[^\W\d_][^:\n]{1,20}:\s")
# «12 декабря 2026 г. в 10:15 Анна <anna@example.org> пишет:», «чт, 12 груд. 2026 р. о 10:15 Анна пише:».
# A date or an address stands in it; a minister who «пишет:» something himself does not quote.
_WROTE = r"^({quoted}(?=[^\n]*[\d@<])[^\n]{{0,200}}\s(?:{verbs}):)$"
_HEADERS = r"((?:(?:^|\n|\n{quoted})[* ]*(?:{names}):[ *]*(?:\s{{,2}}).*){{2,}}(?:\n.*){{,1}})"
_OWN = {
    "ru": {
        "wrote_header": _WROTE.format(quoted=QUOTED_MATCH_INCLUDE, verbs="пишет|писал|писала|писал\\(а\\)|написал|"
                                      "написала|написал\\(а\\)"),
        "from_header": _HEADERS.format(quoted=QUOTED_MATCH_INCLUDE, names="От|Отправлено|Дата|Кому|Копия|Тема"),
    },
    "uk": {
        "wrote_header": _WROTE.format(quoted=QUOTED_MATCH_INCLUDE, verbs="пише|писав|писала|написав|написала|"
                                      "пише\\(ла\\)|написав\\(ла\\)"),
        "from_header": _HEADERS.format(quoted=QUOTED_MATCH_INCLUDE, names="Від|Надіслано|Дата|Кому|Копія|Тема"),
    },
    # A line that only says where the quotation begins, as several programs write it.
    "lines": {
        "wrote_header": r"^(-{2,} ?(?:Исходное сообщение|Пересылаемое сообщение|Оригінальне повідомлення|"
                        r"Вихідне повідомлення|Original Message|Forwarded message|Ursprüngliche Nachricht|"
                        r"Message d'origine|Mensaje original|Messaggio originale|Wiadomość oryginalna) ?-{2,})$",
    },
}  # fmt: skip
# Their "david" is one German program, whose pattern takes any three lines for its own.
_LANGUAGES = [*(language for language in MAIL_LANGUAGES if language != "david"), *_OWN]


class _Mail(EmailMessage):
    """Their reader with our languages, and without their search for signatures: an official's name stays."""

    def _get_language_regex(self, language: str, regex_key: str) -> str:
        if language in _OWN:
            return _OWN[language].get(regex_key, "")
        return str(super()._get_language_regex(language, regex_key))

    def _process_signatures_disclaimers(self, text: str) -> tuple[list[str], str]:
        return [], ""


def newest_words(text: str) -> str:
    """Return what stands above the quotation, or, where answers stand between quoted lines, all of it down to the last.

    It may be wrong, so a page that shows this shows the whole text too.
    """
    lines = [line.rstrip()[:LONGEST_LINE] for line in text.split("\n")]
    tidy = "\n".join(lines)
    if len(tidy) > LONGEST_TEXT:
        return _without_quotes(text)
    first = _Mail(text=tidy, languages=list(_LANGUAGES)).read().replies[0].content.rstrip()
    at = tidy.find(first) + len(first)
    if _answers_between(tidy[at:]):
        return _without_quotes(text)
    newest = _without_quotes("\n".join(text.split("\n")[: tidy.count("\n", 0, at) + 1])) if first.strip() else ""
    return text if not newest or newest == text.rstrip() else newest


def _answers_between(rest: str) -> bool:
    """Tell whether somebody wrote between or below the quoted lines of what follows the first words."""
    lines = rest.split("\n")
    start = next((number for number, line in enumerate(lines) if _QUOTE.match(line)), None)
    if start is None or sum(_HEADER.match(line) is not None for line in lines[:start]) > 1:
        return False  # a quotation without marks goes to the end: what is whose can't be told in it
    for number, line in enumerate(lines[start:], start):
        if _ENDS.match(line):
            return False
        if line.strip() and not _QUOTE.match(line) and not _is_left_over(lines, number):
            return True
    return False


def _is_left_over(lines: list[str], number: int) -> bool:
    """Tell whether a line is the end of a quoted one that a program broke without marking it."""
    before, after = lines[number - 1], lines[number + 1] if number + 1 < len(lines) else ""
    is_amid = _QUOTE.match(before) is not None and _QUOTE.match(after) is not None
    return is_amid and len(before) >= _BROKEN_AT and len(lines[number]) < len(before) // 2


def _without_quotes(text: str) -> str:
    """Leave out the quoted lines at the end."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or _QUOTE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines)
