"""Which column holds what, guessed from headings in many languages and from the cells."""

import pytest

from app.base.locales import STATEMENT_LANGUAGES
from app.imports.fields import Field
from app.imports.mapping import Guess, guess_columns, guess_mapping
from app.sheets.heading_words import EVERYDAY_FIELDS, EVERYDAY_WORDS


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("name;country;affiliation", "name country affiliation"),
        ("Email Address;First Name;Last Name;Tags", "email first_name last_name group"),
        ("email;first_name;last_name;zip_code;country", "email first_name last_name ignore country"),
        ("Nom;Prénom;Pays;Adresse e-mail", "last_name first_name country email"),
        ("Nom;Pays", "name country"),
        ("Name;Vorname;E-Mail;Sprache", "last_name first_name email language"),
        ("Имя;Фамилия;Страна;Почта", "first_name last_name country email"),
        ("Прізвище;Імʼя;Країна", "last_name first_name country"),
        ("الاسم;البلد;البريد الإلكتروني", "name country email"),
        ("نام;نام خانوادگی;کشور", "first_name last_name country"),
        ("姓名;国家;邮箱", "name country email"),
        ("სახელი და გვარი;ქვეყანა", "name country"),
        ("Organisation;Country;Representative;Role", "organisation country representative role"),
        ("Name;Organisation;Title", "name affiliation credential"),
        ("Full name;Group;Role in the group;Pinned;Notes", "name group role prominent notes"),
        ("name;name;shoe size", "name ignore ignore"),
    ],
)
def test_guess_mapping_reads_headings(header: str, fields: str) -> None:
    assert [field.value for field in guess_mapping(header.split(";"), [])] == fields.split()


def test_guess_mapping_reads_cells_where_headings_say_nothing() -> None:
    sample = [["Ann", "ann@example.org", "New Zealand"], ["Bo", "bo@example.org", "Singapore"]]
    assert guess_mapping(["A", "B", "C"], sample) == (Field.IGNORE, Field.EMAIL, Field.COUNTRY)


def test_guess_mapping_does_without_rows_and_with_ragged_ones() -> None:
    assert guess_mapping(["name", "x"], [["Ann"]]) == (Field.NAME, Field.IGNORE)
    assert guess_mapping([], []) == ()


def test_headings_are_known_in_every_language_of_statements_and_in_ten_more() -> None:
    assert set(STATEMENT_LANGUAGES) <= set(EVERYDAY_WORDS)
    assert len(EVERYDAY_WORDS) >= len(STATEMENT_LANGUAGES) + 10


@pytest.mark.parametrize("language", EVERYDAY_WORDS)
def test_lists_are_understood_in_a_language(language: str) -> None:
    words = dict(zip(EVERYDAY_FIELDS, [each.split("|") for each in EVERYDAY_WORDS[language]], strict=True))
    halves = [(first, last) for first in words["first_name"] for last in words["last_name"] if first != last]
    for first, last in halves:
        assert guess_mapping([first, last], []) == (Field.FIRST_NAME, Field.LAST_NAME)
    for name in words["name"]:
        assert guess_mapping([name], []) == (Field.NAME,)
    name = words["name"][0]
    for organisation in words["organisation"]:
        assert guess_mapping([name, organisation], []) == (Field.NAME, Field.AFFILIATION)
    for field in (Field.COUNTRY, Field.EMAIL, Field.NOTES):
        for heading in words[field]:
            assert guess_mapping([name.upper(), heading.upper()], [])[1] in _meant(field, heading)


def _meant(field: Field, heading: str) -> set[Field]:
    return {field, Field.CREDENTIAL} if heading == "description" else {field}


@pytest.mark.parametrize(
    ("program", "header", "cells", "fields"),
    [
        ("Google Forms", "Timestamp;Email Address;What is your full name?;Which organisation do you represent?;"
         "What is your job title?;In which country do you live?;May we publish your name?;Anything to add? (comments)",
         "2026/11/03 9:14:02 am GMT+1;ada@example.org;Ada Okoro;Lanterns;Chair;Kenya;Yes;None",
         "ignore email name affiliation credential country ignore notes"),
        ("Google Forms, German", "Zeitstempel;Wie ist Ihr vollständiger Name?;Für welche Organisation sprechen Sie?",
         "03.11.2026 09:14:02;Ada Okoro;Lanterns", "ignore name affiliation"),
        ("Google Forms, Japanese", "タイムスタンプ;お名前を教えてください;ご所属の団体名;"
         "メールアドレスをご記入ください",
         "2026/11/03 9:14:02;高橋 純;灯の会;jun@example.org", "ignore name affiliation email"),
        ("Google Contacts", "First Name;Middle Name;Last Name;Name Prefix;Name Suffix;File As;Organization Name;"
         "Organization Title;Notes;Labels;E-mail 1 - Label;E-mail 1 - Value;E-mail 2 - Value;Phone 1 - Value;"
         "Address 1 - Country",
         "Ada;N.;Okoro;Dr.;Jr.;;Lanterns;Chair;met in May;* myContacts;* Work;ada@example.org;a@example.org;+2;Kenya",
         "first_name middle_name last_name title suffix sort_name affiliation credential notes group ignore email "
         "email phone country"),
        ("Google Contacts before 2024", "Name;Given Name;Additional Name;Family Name;Group Membership;E-mail 1 - Type;"
         "E-mail 1 - Value;Organization 1 - Name;Organization 1 - Title",
         "Ada Okoro;Ada;;Okoro;* myContacts;* Work;ada@example.org;Lanterns;Chair",
         "name first_name middle_name last_name group ignore email affiliation credential"),
        ("Outlook", "Title;First Name;Last Name;Suffix;Company;Department;Job Title;Business Country/Region;"
         "Mobile Phone;Categories;E-mail Address;E-mail Type;E-mail Display Name;E-mail 2 Address",
         "Prof.;Jun;Takeda;;Harbour Institute;Law;Dean;Japan;+81;;jun@example.org;SMTP;Jun Takeda;t@example.org",
         "title first_name last_name suffix affiliation affiliation credential country phone group email ignore ignore "
         "email"),
        ("Mailchimp", "Email Address;First Name;Last Name;Phone Number;MEMBER_RATING;OPTIN_TIME;LEID;EUID;NOTES;TAGS",
         'mara@example.org;Mara;Lind;;2;2026-01-01 10:00:00;1;a1;;"press"',
         "email first_name last_name phone ignore ignore ignore ignore notes group"),
        ("Action Network", "first_name;last_name;email;zip_code;country;can2_phone;can2_user_tags;language",
         "Lena;Frost;lena@example.org;10115;DE;+49 30;press;de",
         "first_name last_name email ignore country phone group language"),
        ("LinkedIn", "First Name;Last Name;URL;Email Address;Company;Position;Connected On",
         "Ada;Okoro;https://www.example.org/ada;ada@example.org;Lanterns;Chair;03 Nov 2026",
         "first_name last_name ignore email affiliation credential ignore"),
        ("Mailman", "Lanterns", "Ada Okoro <ada@example.org>", "name"),
        ("CiviCRM", "Contact ID;Contact Type;Individual Prefix;First Name;Last Name;Display Name;Sort Name;"
         "Current Employer;Job Title;Organization Name;Email;Country;Phone;Preferred Language",
         "12;Individual;Dr.;Ada;Okoro;Dr. Ada Okoro;Okoro, Ada;Lanterns;Chair;;ada@example.org;Kenya;+254;en_GB",
         "ignore kind title first_name last_name name sort_name affiliation credential affiliation email country phone "
         "language"),
        ("by hand", "JMÉNO, PŘÍJMENÍ;INSTITUCE;ROLE", "Tomáš Břízka;Ústav luceren;ředitel", "name affiliation role"),
    ],
    ids=lambda value: value if " " not in value and ";" not in value else "",
)  # fmt: skip
def test_exports_of_programs_are_understood(program: str, header: str, cells: str, fields: str) -> None:
    found = guess_mapping(header.split(";"), [cells.split(";")])
    assert [field.value for field in found] == fields.split(), program


def test_an_organisation_beside_people_is_where_they_belong() -> None:
    header = ["Full name", "Signing organisation"]
    once = [["Ada Okoro", "Lanterns"], ["Jun Takeda", "Harbour"]]
    assert guess_columns(header, once)[1] == Guess(Field.ORGANISATION, Field.AFFILIATION)
    again = [*once, ["Mara Lind", "Lanterns"]]
    assert guess_columns(header, again)[1] == Guess(Field.AFFILIATION, Field.ORGANISATION)
    assert guess_columns(["Organization Name", "Country"], [])[0] == Guess(Field.ORGANISATION)


@pytest.mark.parametrize(
    ("header", "column", "runner_up"),
    [
        ("Name;Vorname", 0, Field.NAME),
        ("Name;Organisation", 1, Field.ORGANISATION),
        ("Name;Title", 1, Field.TITLE),
        ("Name;Organisation;Position", 2, Field.AFFILIATION),
        ("Name;Please give us your e-mail address", 1, Field.IGNORE),
        ("Name;Country", 1, None),
    ],
)
def test_a_doubtful_heading_has_a_second_meaning(header: str, column: int, runner_up: Field | None) -> None:
    assert guess_columns(header.split(";"), [])[column].runner_up is runner_up


def test_names_are_found_where_no_heading_speaks_of_them() -> None:
    rows = [["Ada Okoro", "12"], ["Jun Takeda", "13"], ["Mara Lind", "14"]]
    assert guess_columns(["A", "B"], rows) == (Guess(Field.NAME, Field.ORGANISATION), Guess(Field.IGNORE))


def test_questions_answered_with_yes_and_no_are_left_out() -> None:
    rows = [["Ada Okoro", "yes"], ["Jun Takeda", "no"]]
    assert guess_mapping(["Name", "Mention the organisation's name"], rows) == (Field.NAME, Field.IGNORE)


def test_a_list_without_headings_offers_that_organisations_sign() -> None:
    rows = [("LANT", "Lantern Relief", "NGO"), ("MoH", "Ministry of Harbours", "GOVERNMENT")]
    second = guess_columns(("A", "B", "C"), rows)[1]
    assert (second.field, second.runner_up) == (Field.NAME, Field.ORGANISATION)
    bodies = [("Lantern Foundation", "x"), ("Harbour Association", "y"), ("Ann May", "z")]
    first = guess_columns(("A", "B"), bodies)[0]
    assert (first.field, first.runner_up) == (Field.ORGANISATION, Field.NAME)
