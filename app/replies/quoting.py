"""Find what is new in a reply: the words above the mail that it quotes, in every language that mail programs speak."""

from __future__ import annotations

import re

from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE
from mailparser_reply.parser import EmailMessage

# The patterns go back and forth within a line, so that much longer texts or lines could keep a page waiting.
LONGEST_TEXT = 12_000
LONGEST_LINE = 250
_QUOTE = re.compile(r"\s*>")
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
    """Return what stands above the first quotation; all of it where no quotation is found.

    It may be wrong, so whoever shows this shows the whole text too.
    """
    if len(text) > LONGEST_TEXT or any(len(line) > LONGEST_LINE for line in text.split("\n")):
        return _without_quotes(text)
    first = _Mail(text=text, languages=list(_LANGUAGES)).read().replies[0]
    return _without_quotes(first.content) or text


def _without_quotes(text: str) -> str:
    """Leave out the quoted lines at the end."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or _QUOTE.match(lines[-1])):
        lines.pop()
    return "\n".join(lines)
