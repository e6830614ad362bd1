"""Headings of columns as people, Action Network, Mailchimp and our own exports write them, in many languages."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "full name", "fullname", "signatory", "signer", "nom complet", "nom et prenom", "vollstandiger name",
        "nombre completo", "nome completo", "nome e cognome", "imie i nazwisko", "fio", "фио", "имя и фамилия",
        "имя фамилия", "імя та прізвище", "піб", "аты жони", "аты-жөні", "аты жөні", "الاسم الكامل", "الاسم", "نام",
        "نام کامل", "نام و نام خانوادگی", "姓名", "名前", "氏名", "이름", "ονοματεπωνυμο", "სახელი და გვარი",
        "անուն ազգանուն", "ad soyad", "naam", "namn", "navn", "nimi", "jmeno a prijmeni", "jmeno", "nume", "nev",
        "название", "імя", "имя", "họ va ten", "ho ten", "नाम",
    ),
    "first_name": (
        "first name", "firstname", "given name", "givenname", "forename", "first", "prenom", "vorname", "nombre",
        "nombres", "nome", "imie", "voornaam", "fornamn", "fornavn", "etunimi", "krestni jmeno", "prenume",
        "keresztnev", "ad", "ονομα", "სახელი", "անուն", "الاسم الأول", "名", "fname",
    ),
    "last_name": (
        "last name", "lastname", "family name", "familyname", "surname", "last", "nom", "nom de famille", "nachname",
        "familienname", "apellido", "apellidos", "cognome", "sobrenome", "apelido", "nazwisko", "achternaam",
        "efternamn", "etternavn", "efternavn", "sukunimi", "prijmeni", "soyad", "soyadi", "фамилия", "прізвище",
        "тегі", "επωνυμο", "გვარი", "ազգանուն", "نام خانوادگی", "اسم العائلة", "姓", "lname", "vezeteknev",
    ),
    "sort_name": (
        "sort name", "sortname", "sort as", "sort key", "file as",
    ),
    "kind": (
        "kind", "type", "signatory type", "person or organisation", "person or organization", "art", "tipo", "тип",
        "вид",
    ),
    "organisation": (
        "signing organisation", "signing organization", "organisation name", "organization name",
        "name of organisation", "name of organization", "name of the organisation", "name of the organization",
        "ngo", "ngo name",
    ),
    "representative": (
        "representative", "represented by", "contact person", "contact name", "signed by", "vertreten durch",
        "ansprechpartner", "represente par", "representante", "rappresentante", "представитель", "представник",
    ),
    "credential": (
        "credential", "credentials", "title", "titles", "distinction", "honours", "honors", "known for", "titel",
        "titre", "titolo", "titulo", "звание", "титул", "description",
    ),
    "affiliation": (
        "affiliation", "affiliations", "institution", "organisation", "organization", "organisation affiliation",
        "employer", "company", "university", "position", "job title", "occupation", "profession", "public line",
        "institute", "einrichtung", "firma", "beruf", "funktion", "zugehorigkeit", "afiliacion", "cargo", "ente",
        "affiliazione", "organizzazione", "organisatie", "organizacja", "afiliacja", "организация", "место работы",
        "должность", "організація", "посада", "ұйым", "لقب", "المنظمة", "الصفة", "سازمان", "وابستگی", "单位", "機構",
        "机构", "所属",
    ),
    "country": (
        "country", "country code", "country name", "nation", "nationality", "pays", "land", "pais", "paese", "kraj",
        "stat", "zeme", "ulke", "страна", "країна", "ел", "елі", "χωρα", "ქვეყანა", "երկիր", "البلد", "الدولة",
        "کشور", "国家", "國家", "国", "국가", "देश", "quoc gia", "land region", "country region", "maa",
        "tara", "orszag",
    ),
    "email": (
        "email", "e mail", "email address", "e mail address", "mail", "mail address", "courriel", "adresse mail",
        "adresse e mail", "adresse email", "e mail adresse", "emailadresse", "correo", "correo electronico",
        "posta elettronica", "indirizzo email", "e posta", "eposta", "adres e mail", "почта", "электронная почта",
        "эл почта", "емейл", "пошта", "електронна пошта", "البريد الإلكتروني", "ایمیل", "邮箱", "电子邮件", "メール",
        "이메일",
        "ηλεκτρονικη διευθυνση", "ელფოსტა", "էլ փոստ", "can2 user email", "primary email",
    ),
    "language": (
        "language", "preferred language", "lang", "locale", "langue", "sprache", "idioma", "lingua", "taal", "jezyk",
        "язык", "мова", "тіл", "اللغة", "زبان", "语言", "言語", "γλωσσα",
    ),
    "group": (
        "group", "groups", "tags", "tag", "network", "coalition", "gruppe", "groupe", "grupo", "gruppo", "группа",
        "група", "топ",
    ),
    "role": (
        "role", "role in group", "role in the group", "group role", "function in group", "rolle", "rol", "ruolo",
        "роль",
    ),
    "prominent": (
        "prominent", "pinned", "vip", "featured", "highlight",
    ),
    "notes": (
        "notes", "note", "comment", "comments", "remark", "remarks", "internal notes", "bemerkung", "notiz",
        "remarque", "заметки", "примечание", "примітка",
    ),
}  # fmt: skip
