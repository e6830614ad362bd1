"""Headings of columns as people and the exports of other programs write them, by what the column holds."""

from app.sheets.heading_words import EVERYDAY_FIELDS, EVERYDAY_WORDS

# What stands in fewer lists, in the languages that it was seen in.
_RARE: dict[str, str] = {
    "middle_name": "middle name|middlename|middle names|additional name|additional names|second name|patronymic|"
    "отчество|по батькові|deuxième prénom|zweiter vorname|segundo nombre|otchestvo|druhé jméno|"
    "第二个名字",
    "suffix": "suffix|name suffix|namenszusatz|generation|individual suffix|suffixe|sufijo",
    "title": "prefix|name prefix|salutation|courtesy title|anrede|civilité|tratamiento|aanhef|"
    "academic title|degree|akademischer titel|titul|titul před jménem|titulas|individual prefix|"
    "cím|敬称|称谓|稱謂|trattamento|ученая степень",
    "phone": "phone value|business phone|home phone|can2 phone|"
    "phone|phone number|telephone|mobile|mobile phone|mobile number|cell|cell phone|tel|telefon|"
    "telefonnummer|téléphone|teléfono|telefono|telefone|telefoon|telefoonnummer|телефон|"
    "номер телефона|τηλέφωνο|ტელეფონი|հեռախոս|الهاتف|رقم الهاتف|هاتف|تلفن|شماره تلفن|電話|"
    "電話番号|电话|手机|전화|전화번호|फ़ोन|फोन|điện thoại|số điện thoại|puhelin|telefonszám|"
    "telepon|nomor telepon|טלפון|โทรศัพท์|simu|whatsapp|signal",
    "sort_name": "sort name|sortname|sort as|sort key|file as|sortiername|name to sort by",
    "kind": "kind|type|signatory type|person or organisation|person or organization|art|tipo|тип|вид|typ|"
    "contact type|individual or organisation|individual or organization",
    "signing": "signing organisation|signing organization|signatory organisation|signatory organization|"
    "ngo name|unterzeichnende organisation|organisation signataire|organización firmante|"
    "organizacja podpisująca|организация подписант|організація підписант",
    "representative": "representative|represented by|contact person|contact name|signed by|vertreten durch|"
    "ansprechpartner|ansprechperson|representé par|représentant|représentante|representante|"
    "rappresentante|представитель|представник|contactpersoon|zástupce|przedstawiciel|képviselő|"
    "temsilci|代表|代表者|代表人|대표자|الممثل|نماینده",
    "credential": "description|credential|credentials|titles|distinction|honours|honors|known for|звание|headline",
    "any_title": "title|titel|titre|titolo|título|титул|tytuł",
    "affiliation": "public line|how you want to be listed|as you wish to be listed|department|"
    "organization department",
    "organisation": "name of organisation|name of organization|name of the organisation|current employer|"
    "name of the organization",
    "country": "address country|business country region|home country region|other country region",
    "email": "e mail value|can2 user email|e mail addresses|business email|personal email|work email|home email",
    "language": "language|preferred language|lang|locale|langue|sprache|idioma|lingua|taal|język|язык|мова|"
    "тіл|اللغة|زبان|语言|語言|言語|γλώσσα|jazyk|jezik|nyelv|limbă|limba|kieli|keel|språk|sprog|"
    "dil|ngôn ngữ|bahasa|भाषा|ভাষা|ภาษา|언어|ენა|լեզու|שפה|kalba|valoda|gjuha|lugha|"
    "preferred language of contact|ziman|език|мова спілкування",
    "group": "can2 user tags|categories|"
    "group|groups|tags|tag|network|coalition|gruppe|groupe|grupo|gruppo|группа|група|топ|grupa|"
    "groep|labels|group membership|skupina|csoport|grup|grupp|ryhmä",
    "role": "role|role in group|role in the group|group role|function in group|rolle|rol|ruolo|роль|"
    "role in organisation",
    "prominent": "prominent|pinned|vip|featured|highlight",
    # What is no field of ours, though its words may hold those of one.
    "ignore": "e mail label|phone label|address label|website label|website value|connected on|photo|"
    "event label|event value|relation label|relation value|custom field label|custom field value|"
    "timestamp|zeitstempel|horodateur|marca temporal|отметка времени|позначка часу|"
    "informações temporais|informazioni cronologiche|tijdstempel|sygnatura czasowa|časová značka|"
    "zaman damgası|タイムスタンプ|时间戳记|時間戳記|타임스탬프|طابع زمني|חותמת זמן|dấu thời gian|"
    "stempel waktu|start time|completion time|last modified time|created at|date|date added|"
    "user name|username|screen name|nickname|yomi name|phonetic first name|phonetic last name|id|"
    "contact id|zip|zip code|postal code|postcode|street address|mailing address|postal address|"
    "home address|business address|ip address|address|city|state|province|region|file name|"
    "account name|campaign name|website|web page|url|email type|e mail type|e mail display name|"
    "phone type|organization type|member rating|birthday|gender|first name phonetic|"
    "last name phonetic|name suffix phonetic|middle name phonetic|mother tongue|email opt in|"
    "mailing list|opt in|optin time|optin ip|confirm time|confirm ip|latitude|longitude|gmtoff|"
    "dstoff|timezone|cc|leid|euid|last changed|date of birth",
}  # fmt: skip


def _gathered() -> dict[str, tuple[str, ...]]:
    found = {field: words.split("|") for field, words in _RARE.items()}
    for words in EVERYDAY_WORDS.values():
        for field, each in zip(EVERYDAY_FIELDS, words, strict=True):
            found.setdefault(field, []).extend(each.split("|"))
    return {field: tuple(dict.fromkeys(words)) for field, words in found.items()}


# By what a column holds; "signing", "position" and "any_title" are settled by the columns beside them.
HEADINGS: dict[str, tuple[str, ...]] = _gathered()
