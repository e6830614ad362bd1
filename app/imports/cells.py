"""Cells as people fill them: what stands for nothing, what sums up, and the e-mail addresses among other words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.base.characters import BIDI_OVERRIDES
from app.base.forms import clean_email
from app.base.names import comparison_key

# Invisible in every script, or what the reader of the file put in place of a character that nothing can print.
_INVISIBLE = re.compile(f"[\u00ad\u200b\u200e\u200f\u061c\u2060\ufeff\ufffd{BIDI_OVERRIDES}]")
_SILENT = frozenset({
    "-", "–", "—", "--", "---", "−", "_", ".", "..", "...", "…", "/", "n/a", "#n/a", "n.a.", "n. a.", "n/d", "k.a.",
    "k. a.", "s/o", "н/д", "#nv", "none", "null", "nil.", "(none)", "(empty)", "не указано", "keine angabe", "无", "無",
    "なし", "해당없음", "لا يوجد", "ندارد",
})  # fmt: skip
_OPEN = frozenset({
    "tbc", "t.b.c.", "tbd", "t.b.d.", "tba", "to be confirmed", "to be determined", "to follow", "?", "??", "???",
    "unknown", "xxx", "xx", "pending", "à confirmer", "à compléter", "wird nachgereicht", "noch offen", "unbekannt",
    "por confirmar", "da confermare", "do potwierdzenia", "уточняется", "неизвестно", "уточнюється", "невідомо", "待定",
    "未定", "待补", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#error!", "#bezug!", "#wert!",
    "#valeur!", "#nom?", "#¡ref!", "#¿nombre?", "#spill!", "#getting_data",
})  # fmt: skip
_SUMS = frozenset(comparison_key(word) for word in (
    "total", "totals", "grand total", "subtotal", "sub total", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt",
    "somme", "totale", "suma", "razem", "celkem", "spolu", "összesen", "toplam", "σύνολο", "итого", "всего", "разом",
    "усього", "всього", "المجموع", "مجموع", "جمع", "合计", "合計", "总计", "總計", "小计", "합계", "총계",
    "total general", "jumlah", "tổng cộng", "yhteensä", "summa", "totaal", "ukupno", "укупно", "общо", "ჯამი", "სულ",
    "ընդամենը",     "סה״כ", "סהכ", "iš viso", "kopā", "kokku", "skupaj", "барлығы", "कुल", "মোট", "รวม",
))  # fmt: skip
_STATELESS = frozenset(comparison_key(word) for word in (
    "stateless", "stateless person", "apatride", "staatenlos", "apátrida", "apolide", "staatloos", "bezpaństwowiec",
    "bezpaństwowa", "bez státní příslušnosti", "bez štátnej príslušnosti", "hontalan", "apatrid", "апатрид",
    "без гражданства", "лицо без гражданства", "без громадянства", "особа без громадянства", "vatansız", "haymatlos",
    "عديم الجنسية", "عديمة الجنسية", "بدون جنسية", "بی‌تابعیت", "بدون تابعیت", "无国籍", "無國籍", "無国籍", "무국적",
    "không quốc tịch", "statslös", "statsløs", "kansalaisuudeton", "fără cetățenie", "ανιθαγενής", "חסר אזרחות",
    "no country", "no nationality",
))  # fmt: skip
_ITEMS = re.compile(
    r"\s*(?:[;,|\n]+|:::|\s/\s)\s*|\s+(?:and|or|und|oder|et|ou|y|и|или|та|або)\s+(?=\S+@)", re.IGNORECASE
)
_LINK_FORMULA = re.compile(r"^=HYPERLINK\(\"mailto:(?P<address>[^\"?]+)[^\"]*\".*$", re.IGNORECASE)
_LINKED = re.compile(r"\[(?P<text>[^\]]*)\]\(mailto:(?P<address>[^)?]+)[^)]*\)", re.IGNORECASE)
_ADDRESS = r"(?:mailto:)?(?P<address>[^\s<>()\[\]@\"]+@[^\s<>()\[\]@\"]+?)(?:\?[\w=&%.+-]*)?"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"^{_ADDRESS}$",
        rf"^[\"']?(?P<name>[^<>]*?)[\"']?\s*<\s*{_ADDRESS}\s*>(?P<rest>.*)$",
        rf"^{_ADDRESS}\s*(?P<rest>[(\[].*[)\]])$",
        rf"^{_ADDRESS}\s+[-–—]\s+(?P<rest>.+)$",
        rf"^(?P<rest>[(\[][^)\]]*[)\]]|[^\W\d_][\w .-]{{0,20}}:)\s*{_ADDRESS}$",
    )
)


@dataclass(frozen=True)
class FoundAddresses:
    """The addresses in a cell, the names beside them, and the words that are neither."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    rest: tuple[str, ...]


def tidied(cell: str) -> str:
    """Return a cell without characters that nobody sees; its line breaks stay."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    lines = [" ".join(line.split()) for line in _INVISIBLE.sub("", cell).split("\n")]
    return "\n".join(line for line in lines if line)


def on_one_line(text: str) -> str:
    """Join the lines of a cell with commas, unless a line ends with one."""
    if "\n" not in text:
        return text
    lines = [line.strip().rstrip(",;").rstrip() for line in text.split("\n")]
    return ", ".join(line for line in lines if line)


def is_empty(text: str) -> bool:
    """Tell whether a cell only says that it is empty ("-", "n/a", "#N/A")."""
    return text.casefold() in _SILENT or text == "NaN"


def is_open(text: str) -> bool:
    """Tell whether a cell says that something is still to come, or broke ("TBC", "?", "#REF!")."""
    return text.casefold() in _OPEN


def sums_up(text: str) -> bool:
    """Tell a last line that counts from a name ("Total", "Итого: 12")."""
    words = [word for word in comparison_key(text).split() if not word.isdecimal()]
    return " ".join(words) in _SUMS


def is_stateless(text: str) -> bool:
    """Tell whether somebody says that no country is theirs, which is an answer and no mistake."""
    return comparison_key(text) in _STATELESS


def _bare(text: str) -> str:
    """Take an address out of the link that a spreadsheet or a page made of it."""
    text = _LINK_FORMULA.sub(r"\g<address>", text.replace("＠", "@"))
    return _LINKED.sub(lambda found: f"{'' if '@' in found['text'] else found['text']} <{found['address']}>", text)


def read_addresses(text: str) -> FoundAddresses:
    """Find the addresses in a cell: "Ada Okoro <ada@…>", "a@…; b@…", "a@… ::: b@…", "a@… (work)", "mailto:a@…".

    A word before an address without a sign between them makes it doubtful ("ann may@…"): that is nobody's address.
    """
    addresses: list[str] = []
    names: list[str] = []
    rest: list[str] = []
    for item in _ITEMS.split(_bare(text)):
        found = _one_address(item)
        if found is None:
            several = [_one_address(word) for word in item.split()]
            if len(several) > 1 and all(several):
                addresses.extend(each[0] for each in several if each)
            elif item:
                rest.append(item)
            continue
        address, name, comment = found
        addresses.append(address)
        names.extend([name] if name else [])
        rest.extend([comment] if comment else [])
    return FoundAddresses(tuple(dict.fromkeys(addresses)), tuple(names), tuple(rest))


def _one_address(item: str) -> tuple[str, str, str] | None:
    """Return an item's address, name and comment; nothing if it is no address."""
    for shape in _SHAPES:
        found = shape.match(item.strip().strip(".'“”"))
        if found:
            parts = found.groupdict()
            try:
                address = clean_email(parts["address"].strip(".'“”:"))
            except ValueError:
                return None
            return address, (parts.get("name") or "").strip(), (parts.get("rest") or "").strip(" :")
    return None
