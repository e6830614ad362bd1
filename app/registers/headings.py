"""Guesses what the columns of a list of offices hold: words of its own, and for the rest as an import guesses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.base.names import comparison_key
from app.imports import shapes
from app.imports.fields import Field
from app.imports.mapping import guess_mapping
from app.registers.fields import WHO, OfficeField

_MOST_SAMPLES = 50
_HAS_DIGIT = re.compile(r"\d")
_WORDS: dict[OfficeField, str] = {
    OfficeField.INSTITUTION: "institution|body|parliament|chamber|house|ministry|agency|authority|organisation|"
    "organization|public body|legislature|embassy|mission|behörde|ministerium|parlament|kammer|organ|ministère|"
    "parlement|chambre|assemblée|institución|ministerio|parlamento|cámara|istituzione|ministero|camera|instituição|"
    "ministério|instelling|ministerie|instytucja|ministerstwo|министерство|ведомство|учреждение|парламент|палата|"
    "установа|міністерство|орган|мекеме|министрлік|المؤسسة|الوزارة|البرلمان|وزارة|نهاد|وزارتخانه|مجلس|机构|部门|議会|"
    "機関|省庁|기관|부처|kurum|bakanlık",
    OfficeField.OFFICE: "position|function|role|post|job title|capacity|mandate|portfolio|amt|funktion|position|"
    "dienststellung|fonction|poste|mandat|cargo|función|puesto|carica|funzione|incarico|função|functie|ambt|"
    "stanowisko|funkcja|должность|функция|посада|қызметі|المنصب|الوظيفة|سمت|职务|职位|役職|직위|직책|görev|unvan",
    OfficeField.GENDER: "gender|sex|geschlecht|sexe|genre|género|sexo|genere|sesso|gênero|geslacht|płeć|пол|стать|"
    "жынысы|الجنس|جنسیت|性别|性別|성별|cinsiyet",
    OfficeField.SALUTATION: "salutation|greeting|form of address|dear|letter salutation|briefanrede|anrede|"
    "formule d appel|appel|civilité|saludo|tratamiento|saluto|formula di apertura|vocativo|aanhef|zwrot|обращение|"
    "звертання|التحية|خطاب|称呼|敬称|호칭|hitap",
    OfficeField.COMMITTEE: "committee|committees|subcommittee|subcommittees|committee membership|"
    "committee memberships|committee assignments|ausschuss|ausschüsse|commission|commissions|comisión|comisiones|"
    "commissione|commissioni|comissão|comissões|commissie|commissies|komisja|komisje|комитет|комитеты|комиссия|"
    "комитет|комітет|комітети|комісія|комиссии|اللجنة|اللجان|لجنة|کمیسیون|کمیسیون ها|委员会|委員会|위원회|komisyon",
    OfficeField.POLITICAL: "political group|faction|caucus|parliamentary group|fraktion|groupe politique|"
    "groupe parlementaire|grupo parlamentario|grupo político|gruppo parlamentare|gruppo politico|bancada|fractie|klub|"
    "фракция|фракція|الكتلة|فراکسیون|会派|교섭단체|parti grubu",
    OfficeField.PARTY: "party|parties|political party|party affiliation|national party|partei|parti|parti politique|"
    "partido|partido político|partito|partij|partia|партия|партія|الحزب|حزب|政党|党派|정당",
    OfficeField.CONSTITUENCY: "constituency|district|electoral district|riding|electorate|ward|seat|wahlkreis|"
    "circonscription|circunscripción|distrito|collegio|círculo eleitoral|kieskring|okręg|okręg wyborczy|"
    "избирательный округ|округ|виборчий округ|"
    "الدائرة|الدائرة الانتخابية|حوزه انتخابیه|选区|選挙区|선거구|seçim bölgesi",
    OfficeField.NOTES: "room|office number|office address|building|address|postal address|mailing address|fax|"
    "telephone|phone|mobile|website|web|url|twitter|social media|secretary|assistant|zimmer|büro|raum|bureau|adresse|"
    "despacho|oficina|dirección|ufficio|indirizzo|gabinete|endereço|kamer|adres|pokój|кабинет|адрес|кабінет|адреса|"
    "المكتب|العنوان|دفتر|نشانی|办公室|地址|住所|部屋|사무실|주소|notes|remarks|comments",
}  # fmt: skip
_AS_IN_IMPORTS = {
    Field.NAME: OfficeField.NAME,
    Field.FIRST_NAME: OfficeField.FIRST_NAME,
    Field.MIDDLE_NAME: OfficeField.FIRST_NAME,
    Field.LAST_NAME: OfficeField.LAST_NAME,
    Field.TITLE: OfficeField.TITLE,
    Field.REPRESENTATIVE: OfficeField.NAME,
    Field.ORGANISATION: OfficeField.INSTITUTION,
    Field.AFFILIATION: OfficeField.OFFICE,
    Field.CREDENTIAL: OfficeField.OFFICE,
    Field.ROLE: OfficeField.OFFICE,
    Field.COUNTRY: OfficeField.COUNTRY,
    Field.EMAIL: OfficeField.EMAIL,
    Field.LANGUAGE: OfficeField.LANGUAGE,
    Field.GROUP: OfficeField.GROUP,
}
_ONCE = WHO - {OfficeField.FIRST_NAME} | {
    OfficeField.INSTITUTION, OfficeField.TITLE, OfficeField.GENDER, OfficeField.SALUTATION, OfficeField.LANGUAGE,
    OfficeField.COUNTRY,
}  # fmt: skip


def guess_offices(header: Sequence[str], sample: Iterable[Sequence[str]]) -> tuple[OfficeField, ...]:
    """Return a field for each column; what is not understood is kept in the notes, so that nothing is lost unseen."""
    rows = [row for row, _ in zip(sample, range(_MOST_SAMPLES), strict=False)]
    cells = [shapes.filled([row[index] for row in rows if index < len(row)]) for index in range(len(header))]
    as_imported = guess_mapping(header, rows)
    found = [_guess(*each) for each in zip(header, as_imported, cells, strict=True)]
    has_bodies = any(field in (OfficeField.COMMITTEE, OfficeField.PARTY) for field in found)
    taken: set[OfficeField] = set()
    for index, field in enumerate(found):
        if field is OfficeField.GROUP and has_bodies and _key(header[index]) != "tags":
            found[index] = OfficeField.POLITICAL  # beside committees and parties, "group" is the one in the chamber
        if field in _ONCE and field in taken:
            found[index] = OfficeField.NOTES
        taken.add(found[index])
    return tuple(found)


def _guess(heading: str, imported: Field, cells: Sequence[str]) -> OfficeField:
    key = _key(heading)
    if imported is Field.EMAIL or shapes.are_addresses(cells):
        return OfficeField.EMAIL
    if key == "office":
        return OfficeField.NOTES if _are_rooms(cells) else OfficeField.OFFICE
    own = _own_words().get(key)
    if own is OfficeField.SALUTATION and shapes.are_titles(cells):
        return OfficeField.TITLE
    if own is not None:
        return own
    return _AS_IN_IMPORTS.get(imported, OfficeField.NOTES)


def _are_rooms(cells: Sequence[str]) -> bool:
    """Tell room numbers and addresses from offices: more than half of them hold a digit, or nothing is there."""
    return sum(1 for cell in cells if _HAS_DIGIT.search(cell)) * 2 > len(cells) or not cells


def _key(heading: str) -> str:
    return comparison_key(heading.replace("_", " "))


@lru_cache(maxsize=1)
def _own_words() -> dict[str, OfficeField]:
    return {_key(word): field for field, words in _WORDS.items() for word in words.split("|")}


OWN_HEADINGS = ("office", *(word for words in _WORDS.values() for word in words.split("|")))
