"""A wholly invented campaign that shows every other state: people, bodies and places exist nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.demonstration.texts import text

SLUG = "open-river-archive"
TITLE = "Keep the River Archive open"
SUMMARY = (
    "For sixty years anyone could read the water records of the Lumen Valley. An invented authority wants to lock them "
    "away; invented people object. Everything in this campaign is made up, so that each screen has something to show."
)
PRESS_CONTACT = "Ines Talvik, press@example.org"
CONVENORS = (
    ("Friends of the River Archive", "A circle of readers and archivists, invented for this demonstration"),
    ("Lumen Valley Water Watch", "An association that measures what flows past, equally invented"),
)
CHRONOLOGY = (
    (date(1966, 5, 1), "month", "The archive opens its reading room."),
    (
        date(2026, 2, 11),
        "day",
        "The Authority for Waterways announces that the records will be closed for thirty years.",
    ),
    (date(2026, 6, 1), "month", "The first appeal is handed to the Authority."),
)

INSTITUTION = "Authority for Waterways of the Lumen Valley"
SECOND_INSTITUTION = "Lumen Valley Council"
# (institution index, office, person, salutation, address, language)
RECIPIENTS = (
    (0, "Directorate", "Director Marek Ostrand", "Dear Director Ostrand,", "director@waterways.example.org", "en"),
    (0, "Office for Enquiries", "", "Dear Sir or Madam,", "enquiries@waterways.example.org", "en"),
    (1, "Clerk of the Council", "Salma Rahbani", "Dear Ms Rahbani,", "clerk@council.example.org", "en"),
)

OPEN_SLUG = "read-before-you-close"
OPEN_TITLE = "Let us read before you close"
OPEN_SUMMARY = "We ask the Council to let the public copy the water records before any of them is locked away."
OPEN_BODY = text("open-statement")
OPEN_DEMANDS = (
    "Keep the reading room open until every record has been copied.",
    "Publish the list of what is to be closed, with the reason for each item.",
    "Give the decision on each closed item to somebody who can be asked.",
)
ARABIC_TITLE = "دعونا نقرأ قبل أن تُغلقوا"
ARABIC_SUMMARY = "نطلب من المجلس أن يسمح للجمهور بنسخ سجلات المياه قبل إغلاق أي منها."
ARABIC_BODY = text("open-statement.ar")
ARABIC_DEMANDS = (
    "إبقاء قاعة المطالعة مفتوحة حتى تُنسخ السجلات كلها.",
    "نشر قائمة ما يُراد إغلاقه مع سبب إغلاق كل بند.",
    "إسناد القرار في كل بند مغلق إلى شخص يمكن سؤاله.",
)

DELIVERED_SLUG = "reading-room"
DELIVERED_TITLE = "The reading room must stay"
DELIVERED_SUMMARY = "We ask the Authority to keep the reading room of the River Archive open on two days a week."
DELIVERED_BODY = text("delivered-statement")
DELIVERED_DEMANDS = (
    "Keep the reading room open on at least two days a week.",
    "Store the road signs elsewhere.",
)
DELIVERED_ANNEX_TITLE = "How many people read in the archive"
DELIVERED_ANNEX = text("delivered-annex")
ANSWER = "The Authority has read your appeal. The room stays open on Tuesdays; the road signs go to the depot."
ANSWER_SUMMARY = "The Authority answers that the reading room stays open on Tuesdays."
OUTCOME_TITLE = "The reading room stays, one day a week"
OUTCOME_TEXT = "The Authority opens the reading room on Tuesdays and moves the road signs to the depot."
OUTCOME_QUOTATION = "The room stays open on Tuesdays; the road signs go to the depot."
OUTCOME_SPEAKER = "Marek Ostrand, Director of the invented Authority"
UPDATE_TITLE = "The Authority has answered"
UPDATE_BODY = "The reading room stays open on **Tuesdays**. We asked for two days, and we go on asking."

GROUP = "Council of River Readers"


@dataclass(frozen=True)
class InventedPerson:
    """An invented signatory and what becomes of them: the answer to the open statement and the visibility chosen."""

    name: str
    credential: str
    country: str
    email: str
    becomes: str  # signed, declined, change asked, withdrawn, asked, refused, prepared, cancelled
    visibility: str = "public"
    role: str = ""  # in the group
    language: str = "en"
    organisation: bool = False
    representative: str = ""
    prominent: bool = False
    pseudonym: str = ""
    words: str = ""
    wants_news: bool = False
    wishes_name: str = ""  # another name that they ask to appear under once they have signed


PEOPLE = (
    InventedPerson("Олена Верховинець", "Keeper of the first gauge", "UA", "olena@example.org", "signed", role="Chair",
           prominent=True, wants_news=True),
    InventedPerson("Lumen Valley Anglers", "Association with 340 members", "CH", "anglers@example.org", "signed",
           organisation=True, representative="Bruno Keelhaven"),
    InventedPerson("Śródwodny Instytut Badań", "Research institute", "PL", "institute@example.org", "signed",
           organisation=True, representative="Jadwiga Brzegowa", wants_news=True),
    InventedPerson("Айгүл Құрманбайқызы", "Teacher of geography", "KZ", "aigul@example.org", "signed", role="Member"),
    InventedPerson("Глеб Приречный", "Cartographer", "RU", "gleb@example.org", "signed", "pseudonym",
           pseudonym="A cartographer"),
    InventedPerson("سارة البحيري", "مهندسة مياه", "EG", "sara@example.org", "signed", language="ar", role="Member"),
    InventedPerson("پروانه کوهستانی", "عکاس رودخانه", "IR", "parvaneh@example.org", "signed", "institution"),
    InventedPerson("林清河", "檔案研究者", "TW", "lin@example.org", "signed"),
    InventedPerson("Ελπίδα Καλορρύτη", "Αρχειονόμος", "GR", "elpida@example.org", "signed"),
    InventedPerson("ნინო მთვარელიძე", "ბიოლოგი", "GE", "nino@example.org", "signed",
           wishes_name="ნინო წყაროსთვალი"),
    InventedPerson("Արմինե Լեռնաբերդյան", "Քիմիկոս", "AM", "armine@example.org", "signed"),
    InventedPerson("सुमित्रा नदीवाल", "पत्रकार", "IN", "sumitra@example.org", "signed"),
    InventedPerson("Nguyễn Thị Hồng Suối", "Nhà văn", "VN", "suoi@example.org", "signed", wants_news=True),
    InventedPerson("Zoë Ångström-Ñandú", "Retired lock keeper", "SE", "zoe@example.org", "signed", "counted"),
    InventedPerson("M. Halloway", "Night watchman", "IE", "halloway@example.org", "signed", "counted"),
    InventedPerson("Tomáš Břízka", "Printer", "CZ", "tomas@example.org", "withdrawn"),
    InventedPerson("Yara Okonjo-Lind", "Novelist", "NG", "yara@example.org", "declined",
           words="I advise the Council on another matter and can’t sign against it."),
    InventedPerson("Prof. Dr. Anselm von Tiefenbach-Hohenquell", "Chair of Limnology, University of the Upper Lumen",
           "DE", "anselm@example.org", "change asked",
           words="Demand 2 should ask for the dates of the records as well."),
    InventedPerson("Marisol Quebrada", "Singer", "CO", "marisol@example.org", "asked"),
    InventedPerson("Kenji Mizusaki", "Photographer", "JP", "kenji@example.org", "asked"),
    InventedPerson("Håkon Fossdal", "Ferryman", "NO", "hakon@refuses.example.org", "refused"),
    InventedPerson("Delphine Rivaux", "Judge, retired", "FR", "delphine@example.org", "prepared"),
    InventedPerson("Ibrahim Selkirk", "Miller", "GB", "", "prepared"),
    InventedPerson("Association of Lumen Millers", "Trade body", "GB", "millers@example.org", "cancelled",
           organisation=True, representative="Ibrahim Selkirk"),
)  # fmt: skip
