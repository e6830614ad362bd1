"""The words that stand above the columns of lists, in the languages of statements and some more."""

# By language: full name, first name, last name, organisation, position, country, e-mail address, notes. A word that
# stands in two fields may mean either; what the other columns are called decides (see mapping.py).
EVERYDAY_FIELDS = ("name", "first_name", "last_name", "organisation", "position", "country", "email", "notes")
EVERYDAY_WORDS: dict[str, tuple[str, str, str, str, str, str, str, str]] = {
    "en": (
        "name|full name|fullname|signatory|signer|your name|name and surname|first and last name|display name",
        "first name|firstname|given name|givenname|forename|first|fname",
        "last name|lastname|family name|familyname|surname|last|name|lname",
        "organisation|organization|organisations|organizations|organisation name|organization name|company|"
        "company name|ngo|association|employer|institution|institute|university|affiliation|affiliations|"
        "workplace",
        "position|job title|job|occupation|profession|organization title|organisation title|position title",
        "country|country code|country name|nation|nationality|country of residence|country region|land region",
        "email|e mail|email address|e mail address|mail|mail address|contact email|primary email|mailto",
        "notes|note|comment|comments|remark|remarks|internal notes|message|description",
    ),
    "ar": (
        "الاسم الكامل|الاسم|الاسم واللقب|اسم", "الاسم الأول|الاسم الشخصي", "اسم العائلة|اللقب|الكنية|الاسم الأخير",
        "المنظمة|المؤسسة|الجهة|جهة العمل|الجمعية|الانتماء", "الصفة|المنصب|الوظيفة|المهنة|لقب",
        "البلد|الدولة|دولة|بلد|الجنسية", "البريد الإلكتروني|بريد إلكتروني|الإيميل|ايميل|عنوان البريد الإلكتروني",
        "ملاحظات|ملاحظة|تعليق|تعليقات",
    ),
    "az": (
        "ad soyad|ad və soyad|tam ad|adı soyadı", "ad|adı", "soyad|soyadı", "təşkilat|qurum|iş yeri|müəssisə",
        "vəzifə|peşə", "ölkə", "e poçt|elektron poçt|e poçt ünvanı", "qeyd|qeydlər|şərh",
    ),
    "be": (
        "імя і прозвішча|імя прозвішча|піб|поўнае імя", "імя", "прозвішча", "арганізацыя|месца працы|установа",
        "пасада|прафесія", "краіна", "электронная пошта|пошта|імэйл|адрас электроннай пошты",
        "заўвагі|заўвага|нататкі|каментар",
    ),
    "bg": (
        "име и фамилия|трите имена|пълно име|име", "име|собствено име", "фамилия|фамилно име",
        "организация|институция|месторабота", "длъжност|професия", "държава|страна",
        "имейл|имейл адрес|електронна поща|поща", "бележки|бележка|забележка|коментар",
    ),
    "bn": (
        "নাম|পুরো নাম|পূর্ণ নাম", "প্রথম নাম|নামের প্রথম অংশ", "পদবি|শেষ নাম|পারিবারিক নাম|নামের শেষ অংশ",
        "প্রতিষ্ঠান|সংগঠন|সংস্থা|কর্মস্থল", "পদ|পেশা", "দেশ", "ইমেইল|ইমেল|ই মেইল|ইমেইল ঠিকানা", "মন্তব্য|নোট|টীকা",
    ),
    "cs": (
        "jméno a příjmení|jméno příjmení|celé jméno|jméno|signatář", "jméno|křestní jméno", "příjmení",
        "instituce|organizace|pracoviště|zaměstnavatel|afiliace|název organizace", "funkce|pozice|povolání|profese",
        "země|stát", "e mail|email|e mailová adresa|emailová adresa|mail", "poznámka|poznámky|komentář",
    ),
    "da": (
        "navn|fulde navn", "fornavn", "efternavn", "organisation|arbejdsplads|institution|forening|tilhørsforhold",
        "stilling|titel|erhverv", "land", "e mail|mail|e mailadresse|mailadresse", "bemærkning|bemærkninger|noter",
    ),
    "de": (
        "vollständiger name|name|vor und nachname|vorname und nachname|vorname nachname|unterzeichner|"
        "unterzeichnerin", "vorname|rufname", "nachname|familienname|zuname|name",
        "organisation|einrichtung|firma|zugehörigkeit|institution|verein|hochschule|universität|arbeitgeber|"
        "name der organisation", "beruf|funktion|position|tätigkeit", "land|staat|herkunftsland",
        "e mail|e mail adresse|emailadresse|mail|mailadresse",
        "bemerkung|bemerkungen|notiz|notizen|anmerkung|anmerkungen|kommentar",
    ),
    "el": (
        "ονοματεπώνυμο|όνομα και επώνυμο|πλήρες όνομα|όνομα", "όνομα|μικρό όνομα", "επώνυμο|επίθετο",
        "οργάνωση|οργανισμός|φορέας|ίδρυμα", "θέση|επάγγελμα|ιδιότητα", "χώρα",
        "ηλεκτρονική διεύθυνση|ηλεκτρονικό ταχυδρομείο|διεύθυνση email|ηλ ταχυδρομείο",
        "σημειώσεις|σημείωση|σχόλια|παρατηρήσεις",
    ),
    "es": (
        "nombre completo|nombre y apellidos|nombre y apellido|nombre|firmante", "nombre|nombres|primer nombre",
        "apellido|apellidos", "organización|institución|entidad|afiliación|empresa|universidad|asociación",
        "cargo|puesto|profesión|ocupación", "país|país de residencia|nacionalidad",
        "correo|correo electrónico|email|dirección de correo electrónico|dirección de correo|e mail",
        "notas|nota|comentario|comentarios|observaciones",
    ),
    "et": (
        "nimi|täisnimi|ees ja perekonnanimi", "eesnimi", "perekonnanimi|perenimi",
        "organisatsioon|asutus|ühing|töökoht", "amet|ametikoht", "riik", "e post|e posti aadress|e kiri|meil",
        "märkused|märkus|kommentaar",
    ),
    "fa": (
        "نام و نام خانوادگی|نام کامل|نام", "نام|نام کوچک", "نام خانوادگی|شهرت|فامیل",
        "سازمان|موسسه|نهاد|وابستگی|محل کار", "سمت|شغل|عنوان شغلی", "کشور",
        "ایمیل|پست الکترونیک|رایانامه|نشانی ایمیل|آدرس ایمیل", "یادداشت|یادداشت‌ها|توضیحات|ملاحظات",
    ),
    "fi": (
        "nimi|koko nimi|etu ja sukunimi", "etunimi|etunimet", "sukunimi", "organisaatio|järjestö|työpaikka|yhdistys",
        "tehtävä|ammatti|asema|tehtävänimike", "maa", "sähköposti|sähköpostiosoite|e mail",
        "muistiinpanot|huomautus|huomautukset|kommentti|lisätiedot",
    ),
    "fr": (
        "nom complet|nom et prénom|prénom et nom|nom prénom|prénom nom|nom|signataire", "prénom|prénoms",
        "nom|nom de famille|patronyme",
        "organisation|organisme|association|affiliation|structure|institution|établissement|employeur|"
        "entreprise|université", "fonction|profession|poste|qualité", "pays|pays de résidence|nationalité",
        "courriel|adresse mail|adresse e mail|adresse email|adresse électronique|e mail|mél|adresse courriel",
        "remarque|remarques|notes|commentaire|commentaires|observations",
    ),
    "he": (
        "שם מלא|שם|שם פרטי ושם משפחה", "שם פרטי", "שם משפחה", "ארגון|מוסד|שיוך|מקום עבודה|עמותה", "תפקיד|מקצוע",
        "מדינה|ארץ", "דואל|דוא ל|אימייל|דואר אלקטרוני|כתובת דואל|כתובת אימייל|מייל", "הערות|הערה",
    ),
    "hi": (
        "नाम|पूरा नाम", "पहला नाम|प्रथम नाम", "उपनाम|अंतिम नाम|कुलनाम", "संगठन|संस्था|संस्थान", "पद|पेशा|व्यवसाय",
        "देश", "ईमेल|ई मेल|ईमेल पता", "टिप्पणी|टिप्पणियाँ|नोट|नोट्स",
    ),
    "hr": (
        "ime i prezime|puno ime|ime", "ime", "prezime", "organizacija|ustanova|institucija|udruga",
        "funkcija|zanimanje|položaj|radno mjesto", "država|zemlja",
        "e mail|e mail adresa|e pošta|adresa e pošte|email adresa", "napomena|napomene|bilješka|bilješke|komentar",
    ),
    "hu": (
        "név|teljes név|aláíró|aláíró neve", "keresztnév|utónév", "vezetéknév|családnév",
        "szervezet|intézmény|munkahely|egyesület|szervezet neve", "beosztás|foglalkozás|tisztség|pozíció", "ország",
        "e mail|e mail cím|email cím|emailcím|drótposta", "megjegyzés|megjegyzések|jegyzet",
    ),
    "hy": (
        "անուն ազգանուն|լրիվ անուն|անուն", "անուն", "ազգանուն", "կազմակերպություն|հաստատություն|աշխատավայր",
        "պաշտոն|մասնագիտություն", "երկիր", "էլ փոստ|էլ հասցե|էլեկտրոնային փոստ|էլփոստ",
        "նշումներ|նշում|մեկնաբանություն",
    ),
    "id": (
        "nama|nama lengkap", "nama depan", "nama belakang|nama keluarga", "organisasi|lembaga|instansi|afiliasi",
        "jabatan|pekerjaan|profesi|posisi", "negara", "surel|alamat email|alamat surel|email",
        "catatan|keterangan|komentar",
    ),
    "it": (
        "nome completo|nome e cognome|cognome e nome|nome cognome|cognome nome|nome|firmatario", "nome", "cognome",
        "organizzazione|ente|associazione|affiliazione|istituzione|università|istituto",
        "carica|ruolo professionale|professione|qualifica", "paese|nazione|stato",
        "posta elettronica|indirizzo email|indirizzo e mail|e mail|indirizzo di posta elettronica",
        "note|nota|commento|commenti|osservazioni",
    ),
    "ja": (
        "氏名|名前|お名前|フルネーム|姓名|ご氏名", "名|下の名前", "姓|苗字|名字",
        "所属|団体|団体名|組織|所属団体|所属機関|会社名|会社|勤務先", "役職|職業|肩書|肩書き", "国|国名|居住国|国籍",
        "メール|メールアドレス|eメール|電子メール", "備考|メモ|コメント|注",
    ),
    "ka": (
        "სახელი და გვარი|სახელი გვარი|სრული სახელი|სახელი", "სახელი", "გვარი",
        "ორგანიზაცია|დაწესებულება|სამუშაო ადგილი", "თანამდებობა|პროფესია", "ქვეყანა",
        "ელფოსტა|ელ ფოსტა|ელექტრონული ფოსტა|მეილი", "შენიშვნა|შენიშვნები|კომენტარი",
    ),
    "kk": (
        "аты жөні|аты-жөні|аты тегі|толық аты", "аты|есімі", "тегі", "ұйым|мекеме|жұмыс орны",
        "лауазымы|қызметі|мамандығы", "ел|елі|мемлекет", "электрондық пошта|пошта|электрондық мекенжай",
        "ескерту|ескертпе|пікір",
    ),
    "ko": (
        "이름|성명|성함", "이름", "성", "소속|단체|단체명|기관|소속기관|소속 기관|조직|회사|직장",
        "직책|직위|직업|직함", "국가|나라|거주국|국적", "이메일|이메일 주소|메일|전자우편|전자메일",
        "비고|메모|참고|의견",
    ),
    "ky": (
        "аты жөнү|аты-жөнү|толук аты|фамилиясы аты", "аты", "фамилиясы|теги", "уюм|мекеме|иштеген жери",
        "кызматы|кесиби", "өлкө|өлкөсү", "электрондук почта|почта", "эскертүү|комментарий",
    ),
    "lt": (
        "vardas ir pavardė|vardas pavardė|pilnas vardas|vardas", "vardas", "pavardė",
        "organizacija|įstaiga|institucija|darbovietė", "pareigos|profesija", "šalis|valstybė",
        "el paštas|el pašto adresas|elektroninis paštas", "pastabos|pastaba|komentaras",
    ),
    "lv": (
        "vārds un uzvārds|vārds uzvārds|pilns vārds|vārds", "vārds", "uzvārds", "organizācija|iestāde|darbavieta",
        "amats|profesija", "valsts", "e pasts|e pasta adrese|epasts", "piezīmes|piezīme|komentārs",
    ),
    "nl": (
        "naam|volledige naam|voor en achternaam|voornaam en achternaam|ondertekenaar", "voornaam|roepnaam",
        "achternaam|familienaam|naam", "organisatie|instelling|vereniging|werkgever|bedrijf|affiliatie|stichting",
        "functie|beroep", "land", "e mail|e mailadres|emailadres|mailadres", "opmerking|opmerkingen|notitie|notities",
    ),
    "pl": (
        "imię i nazwisko|nazwisko i imię|imię nazwisko|pełne imię|sygnatariusz", "imię|imiona", "nazwisko",
        "organizacja|instytucja|afiliacja|uczelnia|stowarzyszenie|miejsce pracy|nazwa organizacji",
        "stanowisko|zawód|funkcja", "kraj|państwo", "e mail|adres e mail|adres email|poczta|poczta elektroniczna",
        "uwagi|notatki|notatka|komentarz",
    ),
    "pt": (
        "nome completo|nome e apelido|nome e sobrenome|nome|signatário", "nome|primeiro nome|nome próprio",
        "sobrenome|apelido|último nome", "organização|instituição|entidade|associação|afiliação|empresa|universidade",
        "cargo|profissão|função|ocupação", "país|país de residência",
        "correio eletrónico|e mail|email|endereço de e mail|endereço de email|correio electrónico",
        "observações|notas|nota|comentário|comentários|observação",
    ),
    "ro": (
        "nume și prenume|nume complet|numele complet|nume|prenume și nume|semnatar", "prenume",
        "nume|nume de familie", "organizație|organizația|instituție|instituția|asociație|afiliere|loc de muncă",
        "funcție|funcția|poziție|profesie|profesia", "țară|țara|stat",
        "e mail|adresă de e mail|adresa de email|adresă email|poștă electronică",
        "observații|note|notă|comentarii|mențiuni",
    ),
    "ru": (
        "фио|имя и фамилия|имя фамилия|фамилия имя отчество|фамилия и имя|фамилия имя|полное имя|имя|"
        "название|подписант", "имя", "фамилия", "организация|место работы|учреждение|аффилиация|название организации",
        "должность|профессия|род занятий", "страна|страна проживания|гражданство",
        "почта|электронная почта|эл почта|емейл|имейл|адрес электронной почты|электронный адрес",
        "заметки|примечание|примечания|комментарий|комментарии",
    ),
    "sk": (
        "meno a priezvisko|meno priezvisko|celé meno|meno|signatár", "meno|krstné meno", "priezvisko",
        "inštitúcia|organizácia|pracovisko|zamestnávateľ|afiliácia", "funkcia|pozícia|povolanie|profesia",
        "krajina|štát", "e mail|email|e mailová adresa|emailová adresa", "poznámka|poznámky|komentár",
    ),
    "sl": (
        "ime in priimek|polno ime|ime|podpisnik", "ime", "priimek", "organizacija|ustanova|institucija|društvo",
        "funkcija|poklic|položaj", "država|dežela", "e pošta|e poštni naslov|elektronska pošta|elektronski naslov",
        "opombe|opomba|komentar",
    ),
    "sq": (
        "emri dhe mbiemri|emri mbiemri|emër mbiemër|emri i plotë|emri|emër", "emri|emër", "mbiemri|mbiemër",
        "organizata|organizatë|institucioni|shoqata", "pozicioni|profesioni|detyra", "shteti|vendi|shtet",
        "posta elektronike|adresa e emailit|e maili|emaili", "shënime|shënim|koment|komente",
    ),
    "sr": (
        "име и презиме|пуно име|име|ime i prezime|puno ime", "име|ime", "презиме|prezime",
        "организација|установа|институција|удружење|organizacija|ustanova|udruženje",
        "функција|занимање|положај|funkcija|zanimanje", "држава|земља|država|zemlja",
        "имејл|е пошта|електронска пошта|мејл|имејл адреса|imejl|mejl|elektronska pošta",
        "напомена|напомене|белешке|коментар|napomena|beleške",
    ),
    "sv": (
        "namn|fullständigt namn|för och efternamn|förnamn och efternamn", "förnamn|tilltalsnamn", "efternamn",
        "organisation|förening|arbetsplats|lärosäte|tillhörighet", "befattning|yrke|titel", "land",
        "e post|e postadress|epost|mejl|mejladress|epostadress",
        "anteckningar|anmärkning|anmärkningar|kommentar|noteringar",
    ),
    "tr": (
        "ad soyad|adı soyadı|ad ve soyad|isim soyisim|ad soyadı|tam ad|isim|imzacı", "ad|adı|isim",
        "soyad|soyadı|soyisim", "kurum|kuruluş|örgüt|dernek|çalıştığı kurum|üniversite",
        "görev|görevi|meslek|unvan|ünvan|pozisyon", "ülke", "e posta|eposta|e posta adresi|mail adresi",
        "notlar|not|açıklama|yorum",
    ),
    "ug": (
        "ئىسىم فامىلە|تولۇق ئىسمى|ئىسىم فامىلىسى|ئىسىم", "ئىسىم|ئىسمى", "فامىلە|فامىلىسى", "تەشكىلات|ئورۇن|ئىدارە",
        "ۋەزىپە|كەسپ|ۋەزىپىسى", "دۆلەت|دۆلىتى", "ئېلخەت|ئېلخەت ئادرېسى|تورخەت", "ئىزاھات|ئىزاھ|ئەسكەرتىش",
    ),
    "uk": (
        "піб|імя та прізвище|прізвище та імя|імя прізвище|прізвище імя по батькові|повне імя|імя|назва", "імя",
        "прізвище", "організація|місце роботи|установа|афіліація|назва організації", "посада|професія|фах",
        "країна|громадянство", "пошта|електронна пошта|ел пошта|імейл|адреса електронної пошти|електронна адреса",
        "примітка|примітки|нотатки|коментар",
    ),
    "ur": (
        "نام|پورا نام|مکمل نام", "پہلا نام", "آخری نام|خاندانی نام", "ادارہ|تنظیم", "عہدہ|پیشہ", "ملک",
        "ای میل|ای میل پتہ|برقی پتہ", "نوٹ|تبصرہ|نوٹس",
    ),
    "uz": (
        "ism familiya|ism va familiya|toʻliq ism|f i sh|fish|исм фамилия|ism sharif", "ism|ismi|исм",
        "familiya|familiyasi|фамилия", "tashkilot|muassasa|ish joyi|ташкилот", "lavozim|lavozimi|kasbi|kasb|лавозим",
        "mamlakat|davlat|мамлакат|давлат", "elektron pochta|e pochta|pochta|электрон почта",
        "izoh|izohlar|eslatma|изоҳ",
    ),
    "vi": (
        "họ và tên|họ tên|tên đầy đủ", "tên|tên gọi", "họ|họ và tên đệm",
        "tổ chức|cơ quan|đơn vị|nơi công tác|trường", "chức vụ|chức danh|nghề nghiệp", "quốc gia|nước",
        "thư điện tử|địa chỉ email|email|hộp thư", "ghi chú|nhận xét|bình luận",
    ),
    "zh-Hans": (
        "姓名|名字|全名|签署人|联署人", "名|名字", "姓|姓氏", "单位|机构|组织|工作单位|所属机构|所属单位|团体|公司",
        "职务|职位|职业|头衔|身份", "国家|国籍|国家地区|所在国家", "邮箱|电子邮件|电子邮箱|电邮|邮件地址|邮箱地址",
        "备注|注释|说明|留言",
    ),
    "zh-Hant": (
        "姓名|名字|全名|簽署人|聯署人|連署人", "名|名字", "姓|姓氏",
        "單位|機構|組織|服務單位|所屬機構|所屬單位|團體|公司", "職務|職位|職業|頭銜|職稱|身分",
        "國家|國籍|國家地區|所在國家", "郵箱|電子郵件|電子郵箱|電郵|電郵地址|電子信箱|信箱",
        "備註|註釋|說明|留言|附註",
    ),
    # Beyond the languages that statements are written in.
    "am": (
        "ስም|ሙሉ ስም", "የመጀመሪያ ስም", "የአባት ስም|የቤተሰብ ስም", "ድርጅት|ተቋም", "የስራ ድርሻ|ሙያ|ኃላፊነት", "አገር|ሀገር", "ኢሜይል|ኢሜል|የኢሜይል አድራሻ",
        "ማስታወሻ|አስተያየት",
    ),
    "bo": (
        "མིང|མིང་ཆ་ཚང|མཚན", "མིང་དང་པོ", "རུས་མིང|མིང་མཐའ་མ", "ཚོགས་པ|སྒྲིག་འཛུགས|ལས་ཁུངས", "གནས་རིམ|ལས་གནས",
        "རྒྱལ་ཁབ", "གློག་འཕྲིན|གློག་འཕྲིན་ཁ་བྱང|ཡིག་འཕྲིན", "མཆན|དྲན་ཐོ",
    ),
    "ca": (
        "nom i cognoms|nom complet|nom|signant", "nom", "cognom|cognoms",
        "organització|entitat|institució|associació", "càrrec|professió", "país",
        "correu electrònic|correu|adreça electrònica", "notes|comentaris|observacions",
    ),
    "ckb": (
        "ناوی تەواو|ناو|ناوی سیانی", "ناوی یەکەم|ناو", "ناوی خێزان|نازناو", "ڕێکخراو|دامەزراوە|دەزگا", "پۆست|پیشە",
        "وڵات", "ئیمەیڵ|ئیمەیل|پۆستی ئەلیکترۆنی", "تێبینی|تێبینییەکان|سەرنج",
    ),
    "km": (
        "ឈ្មោះ|ឈ្មោះពេញ|នាមត្រកូល និងនាមខ្លួន", "នាមខ្លួន", "នាមត្រកូល", "អង្គការ|ស្ថាប័ន|អង្គភាព",
        "តួនាទី|មុខរបរ|មុខតំណែង", "ប្រទេស", "អ៊ីមែល|អុីមែល|អ៊ីម៉ែល|អាសយដ្ឋានអ៊ីមែល", "កំណត់សម្គាល់|កំណត់ចំណាំ|មតិ",
    ),
    "ku": (
        "nav û paşnav|navê tevahî|navê temam|nav", "nav|navê pêşîn", "paşnav|paşnavê malbatê", "rêxistin|sazî|dezgeh",
        "wezîfe|pîşe|peywir", "welat", "e peyam|e name|navnîşana e peyamê", "têbînî|nîşe|şîrove",
    ),
    "mk": (
        "име и презиме|целосно име|име", "име", "презиме", "организација|институција|здружение",
        "функција|позиција|професија", "држава|земја", "е пошта|емаил|електронска пошта|меил",
        "забелешка|забелешки|коментар",
    ),
    "mn": (
        "овог нэр|бүтэн нэр|нэр", "нэр|өөрийн нэр", "овог|эцгийн нэр", "байгууллага", "албан тушаал|мэргэжил",
        "улс|улс орон", "имэйл|и мэйл|цахим шуудан|имэйл хаяг", "тэмдэглэл|тайлбар|сэтгэгдэл",
    ),
    "my": (
        "အမည်|အမည်အပြည့်အစုံ|နာမည်", "ပထမအမည်|ပထမ အမည်", "နောက်ဆုံးအမည်|မျိုးရိုးအမည်|မျိုးနွယ်အမည်",
        "အဖွဲ့အစည်း|အဖွဲ့", "ရာထူး|အလုပ်အကိုင်", "နိုင်ငံ", "အီးမေးလ်|အီးမေး|အီးမေးလ်လိပ်စာ", "မှတ်ချက်|မှတ်စု",
    ),
    "ne": (
        "नाम|पूरा नाम", "पहिलो नाम", "थर|अन्तिम नाम", "संस्था|संगठन|सङ्गठन", "पद|पेशा", "देश|मुलुक",
        "इमेल|इमेल ठेगाना", "टिप्पणी|कैफियत|टिपोट",
    ),
    "no": (
        "navn|fullt navn|for og etternavn", "fornavn", "etternavn",
        "organisasjon|arbeidssted|institusjon|tilknytning", "stilling|yrke|tittel", "land",
        "e post|e postadresse|epost|epostadresse", "merknad|merknader|kommentar|notater",
    ),
    "sw": (
        "jina|jina kamili|majina kamili", "jina la kwanza", "jina la ukoo|jina la mwisho|jina la familia",
        "shirika|taasisi|asasi", "cheo|wadhifa|kazi", "nchi", "barua pepe|baruapepe|anwani ya barua pepe",
        "maelezo|maoni|kumbukumbu",
    ),
    "ta": (
        "பெயர்|முழு பெயர்|முழுப் பெயர்", "முதல் பெயர்", "கடைசி பெயர்|குடும்பப் பெயர்", "அமைப்பு|நிறுவனம்",
        "பதவி|தொழில்", "நாடு", "மின்னஞ்சல்|மின்னஞ்சல் முகவரி", "குறிப்புகள்|குறிப்பு|கருத்து",
    ),
    "th": (
        "ชื่อ-นามสกุล|ชื่อ นามสกุล|ชื่อและนามสกุล|ชื่อเต็ม|ชื่อ สกุล|ชื่อ", "ชื่อ|ชื่อจริง", "นามสกุล|สกุล",
        "องค์กร|หน่วยงาน|สังกัด|สถาบัน", "ตำแหน่ง|อาชีพ", "ประเทศ", "อีเมล|อีเมล์|ที่อยู่อีเมล",
        "หมายเหตุ|บันทึก|ความคิดเห็น",
    ),
    "tl": (
        "pangalan|buong pangalan", "unang pangalan", "apelyido|huling pangalan", "organisasyon|samahan|institusyon",
        "posisyon|katungkulan|trabaho", "bansa", "email|email address", "tala|mga tala|puna|komento",
    ),
}  # fmt: skip
