"""Invented lists in each encoding that lists come in: their names are read as they are spelt, or the doubt is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.sheets.decoding import ENCODINGS, Decoded, decode

# Rows of name and place by language, and the encodings that programs wrote such lists in.
LISTS: dict[str, tuple[str, str]] = {
    "Imię i nazwisko;Miasto|Łucja Żądło;Łomża|Bożysława Wężyk;Świdnica|Świętopełk Źrebięcki;Kraków": (
        "Polish", "windows-1250 iso-8859-2 mac-latin2 cp852",
    ),
    "Jméno;Země|Tomáš Břízka;Česko|Žofie Šípková;Česko|Ondřej Ďásek;Slovensko": (
        "Czech", "windows-1250 iso-8859-2 mac-latin2 cp852",
    ),
    "Név;Ország|Őri Győző;Magyarország|Lámpás Tünde;Magyarország|Kürtő Ildikó;Ausztria": (
        "Hungarian", "windows-1250 iso-8859-2",
    ),
    "Ime;Država|Željka Čavlić;Hrvatska|Dušan Đerić;Srbija|Špela Žagar;Slovenija": ("Croatian", "windows-1250"),
    "Имя;Страна|Глеб Фонарёв;Казахстан|Ульяна Маякова;Россия|Юлия Щукина;Беларусь": (
        "Russian", "windows-1251 koi8-r mac-cyrillic iso-8859-5 cp866",
    ),
    "Ім'я;Країна|Їлена Ліхтарна;Україна|Євген Ґудзик;Україна|Соломія Світленко;Польща": (
        "Ukrainian", "windows-1251 koi8-u",
    ),
    "Nom;Pays|Zoé Lanternière;Suisse|Françoise Hôtelier;Côte d'Ivoire|Noël Évrard;Québec": (
        "French", "windows-1252 iso-8859-15 mac-roman cp850",
    ),
    "Name;Land|Jörg Leuchtfeuer;Österreich|Käthe Süßmilch;Deutschland|Grête Hüttner;Zürich": (
        "German", "windows-1252 iso-8859-15 mac-roman cp850",
    ),
    "Nombre;País|Íñigo Faroles;España|Begoña Muñiz;Perú|Zoë Ñandú;México": ("Spanish", "windows-1252 mac-roman cp850"),
    "Namn;Land|Åsa Lyktberg;Sverige|Björn Kålmård;Norge|Søren Fyrtårn;Danmark": ("Nordic", "windows-1252 mac-roman"),
    "Όνομα;Χώρα|Ελένη Φαναρά;Ελλάδα|Άρης Λυχνίδης;Κύπρος|Ζωή Ψαλιδά;Ελλάδα": (
        "Greek", "windows-1253 iso-8859-7 mac-greek",
    ),
    "Ad soyad;Ülke|Gülşen Işıkçı;Türkiye|Çağrı Şenol;Türkiye|İpek Yağmur;Kıbrıs": (
        "Turkish", "windows-1254 mac-turkish",
    ),
    "שם;ארץ|דנה פנס;ישראל|אורי מגדלור;ישראל": ("Hebrew", "windows-1255"),
    "الاسم;البلد|سارة القنديل;مصر|هدى المنارة;تونس": ("Arabic", "windows-1256 iso-8859-6"),
    "Vardas;Šalis|Rūta Žibintaitė;Lietuva|Jūratė Švyturienė;Lietuva|Ģirts Bākiņš;Latvija": ("Baltic", "windows-1257"),
    "Họ tên;Nước|Nguyễn Thị Hải Đăng;Việt Nam|Trần Đèn Lồng;Việt Nam": ("Vietnamese", "windows-1258"),
    "ชื่อ;ประเทศ|สมหญิง ประภาคาร;ไทย|วิชัย โคมไฟ;ไทย": ("Thai", "windows-874"),
    "姓名;国家|林清河;中国|赵灯塔;中国|陈思远;新加坡": ("simplified Chinese", "gb18030"),
    "姓名;國家|林清河;臺灣|趙燈塔;香港|陳思遠;臺灣": ("traditional Chinese", "big5"),
    "氏名;国|竹田 純;日本|灯台 さくら;日本|ランタン 花子;日本": ("Japanese", "shift_jis euc-jp"),
    "이름;국가|김등불;대한민국|박하늘;대한민국|이등대;대한민국": ("Korean", "euc-kr"),
}  # fmt: skip
CODECS = {
    "windows-874": "cp874",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "windows-1258": "cp1258",
}


def lists(rows: int) -> Iterator[tuple[str, str, str]]:
    """Yield the language, the encoding and the text of each list, cut to its first rows."""
    for listed, (language, encodings) in LISTS.items():
        text = "\n".join(listed.split("|")[: rows + 1]) + "\n"
        for encoding in encodings.split():
            yield language, encoding, text


def decoded(text: str, encoding: str) -> Decoded:
    if encoding == "windows-1258":  # its accents stand apart
        text = "".join(_apart(character) for character in text)
    return decode(text.encode(CODECS.get(encoding, encoding)))


def _apart(character: str) -> str:
    try:
        character.encode("cp1258")
    except UnicodeEncodeError:
        return VIETNAMESE[character]
    return character


VIETNAMESE = {
    "ễ": "ê\u0303", "ị": "i\u0323", "ả": "a\u0309", "ọ": "o\u0323", "ướ": "ươ\u0301", "ớ": "ơ\u0301", "ệ": "ê\u0323",
    "ầ": "â\u0300", "ồ": "ô\u0300", "è": "e\u0300",
}  # fmt: skip


@pytest.mark.parametrize(("language", "encoding", "text"), list(lists(9)), ids=str)
def test_a_list_is_read_as_it_is_spelt(language: str, encoding: str, text: str) -> None:
    assert decoded(text, encoding).text == text, language


def test_one_row_is_read_right_or_its_doubt_is_shown() -> None:
    """Of lists of one row nine in ten are read right, and each of the others shows a runner-up that comes close."""
    wrong = []
    for language, encoding, text in lists(1):
        found = decoded(text, encoding)
        if found.text != text:
            wrong.append((language, encoding, found.encoding))
            assert any(is_close for _name, is_close in found.others), (language, encoding, found)
    assert len(wrong) * 10 <= len(list(lists(1))), wrong


def test_the_judged_encodings_are_offered() -> None:
    assert {encoding for _language, encoding, _text in lists(1)} <= set(ENCODINGS)


def test_unicode_is_read_without_a_mark() -> None:
    text = "姓名,国家\n林清河,中国\n" * 3
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert decode(text.encode(encoding)) == Decoded(text, encoding)
    assert decode(text.encode("utf-32")).text == text
    assert decode("氏名,国\n竹田 純,日本\n".encode("iso-2022-jp")).text == "氏名,国\n竹田 純,日本\n"


def test_letters_that_are_unicode_by_accident_are_no_mixture() -> None:
    """These two characters in GBK are a letter in UTF-8, and the line after is none."""
    text = "姓名,单位\n林清河,联通\n联通,联通\n陈思远,中国\n"
    assert decode(text.encode("gbk")).text == text


def test_an_encoding_that_is_told_has_runners_up_all_the_same() -> None:
    found = decode("Imię;Kraj\nŁucja Żądło;Polska\n".encode("cp1250"), "windows-1252")
    assert "£ucja ¯¹d³o" in found.text
    assert found.others[0] == ("windows-1250", True)
    assert decode("Zoé\n".encode(), "windows-1252").others == (("utf-8", True),)
