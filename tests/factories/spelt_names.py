"""Invented people in twelve scripts: common given and family names, put together by chance, and customary spellings.

Each name is followed by the spellings that passports, newspapers and their bearers use
nobody real is meant by any pair.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

GIVEN_AND_FAMILY = {
    "Latin": (
        "José:Jose/Josè Zoë:Zoe Jürgen:Juergen/Jurgen Søren:Soren/Soeren Łucja:Lucja "
        "Mohammed:Muhammad/Mohamed/Mohammad Yuliia:Yulia/Julija/Iuliia Aleksandr:Alexander/Alexandr "
        "Sergei:Sergey/Serguei Katarína:Katarina/Catarina Stephan:Stefan Mehmet:Memet Björn:Bjorn/Bjoern "
        "Đorđe:Djordje/Dorde Zsófia:Zsofia Inés:Ines Marc:Mark Ahmad:Ahmed François:Francois Håkan:Hakan/Haakan "
        "Nicolás:Nicolas Jörg:Joerg/Jorg Philippe:Philipe Yevhen:Evhen/Yevgen "
        "Abdullah:Abdulah/Abdallah Thérèse:Therese Siân:Sian",
        "Müller:Mueller/Muller Weiß:Weiss Nguyễn:Nguyen Zelenko:Selenko/Zelenko Kowalska:Kowalska/Kovalska "
        "Østergaard:Ostergaard/Oestergaard Çelik:Celik Yılmaz:Yilmaz Peña:Pena Hadžić:Hadzic/Hadjic "
        "Ivanovski:Ivanovsky/Ivanovskyy Hosseini:Hoseini/Husseini Ångström:Angstrom Sjöberg:Sjoeberg/Sjoberg "
        "Novák:Novak Schwarz:Schwartz O’Brien:O'Brien/OBrien Shevchenko:Schewtschenko/Chevchenko García:Garcia "
        "Tymoshenko:Timoshenko Gonçalves:Goncalves Grünwald:Gruenwald/Grunwald Sørensen:Soerensen/Sorensen "
        "Özdemir:Oezdemir/Ozdemir Dvořák:Dvorak Ştefănescu:Stefanescu Kovačević:Kovacevic/Kovachevich "
        "Fitzgerald:FitzGerald Le-Blanc:LeBlanc Zhukovskyi:Zhukovsky/Zhukovskiy",
    ),
    "Cyrillic": (
        "Олена:Olena Сергій:Serhii/Sergiy/Serhiy Юлія:Yuliia/Julija/Yulia Микола:Mykola "
        "Андрій:Andrii/Andriy/Andrij Дмитрий:Dmitry/Dmitri/Dmitrij Александр:Aleksandr/Alexander/Alexandre "
        "Евгений:Evgeny/Yevgeny/Jewgenij/Evgenii Наталья:Natalia/Natalya/Natalja Ксения:Ksenia/Xenia/Kseniya "
        "Алесь:Ales Святлана:Sviatlana/Svyatlana Георги:Georgi Стоян:Stoyan/Stojan Јелена:Jelena "
        "Ђорђе:Djordje/Dorde Қайрат:Kairat/Qairat Айгүл:Aigul/Aigül Фёдор:Fyodor/Fedor "
        "Михаил:Mikhail/Michail/Mihail Щира:Shchyra Володимир:Volodymyr/Wolodymyr Оксана:Oksana/Oxana "
        "Вячеслав:Vyacheslav/Viacheslav/Wjatscheslaw Анастасия:Anastasia/Anastasiya Илья:Ilya/Ilia "
        "Святослав:Sviatoslav/Svyatoslav Марія:Mariia/Maria/Mariya Игорь:Igor Галина:Galina/Halyna Ељка:Eljka "
        "Нұрлан:Nurlan",
        "Шевчук:Shevchuk/Schewtschuk/Chevtchouk Бондаренко:Bondarenko Ковальчук:Kovalchuk/Kowaltschuk "
        "Гриценко:Hrytsenko/Gritsenko/Grytsenko Щербаков:Shcherbakov/Scherbakov/Chtcherbakov "
        "Юсупов:Yusupov/Jusupov/Ioussoupov Хмельницький:Khmelnytskyi/Khmelnytsky/Chmelnyzkyj "
        "Жуковский:Zhukovsky/Zhukovskiy/Schukowski Цветкова:Tsvetkova/Cvetkova/Zwetkowa Ёлкин:Yolkin/Elkin "
        "Петровић:Petrović/Petrovic Ђукић:Đukić/Djukic Димитров:Dimitrov Сулейменов:Suleimenov/Suleymenov "
        "Зеленская:Zelenskaya/Selenskaja/Zelenskaia Яцкевіч:Yatskevich/Jackievič "
        "Захарченко:Zakharchenko/Sachartschenko Воробьёва:Vorobyova/Vorobyeva/Worobjowa Ильин:Ilyin/Ilin/Iljin "
        "Чайковська:Chaikovska/Tchaikovska Зінченко:Zinchenko/Sintschenko Кучма:Kuchma "
        "Порошенко:Poroshenko/Poroschenko Хрущёв:Khrushchev/Chruschtschow Горбачёв:Gorbachev/Gorbatschow "
        "Єфремов:Yefremov/Efremov/Iefremov Лук’яненко:Lukianenko/Lukyanenko Собчак:Sobchak Вучић:Vucic "
        "Назарбаев:Nazarbayev/Nazarbaev Жириновский:Zhirinovsky",
    ),
    "Greek": (
        "Ελένη:Eleni Γιώργος:Giorgos/Yorgos/Yiorgos Γεώργιος:Georgios Ιωάννης:Ioannis "
        "Γιάννης:Giannis/Yannis/Yiannis Χρήστος:Christos/Hristos Αικατερίνη:Aikaterini/Ekaterini "
        "Ευάγγελος:Evangelos/Evaggelos Σοφία:Sofia/Sophia Δημήτρης:Dimitris/Demetris Μιχάλης:Michalis/Mihalis "
        "Αθανάσιος:Athanasios Ευτυχία:Eftychia/Eftihia/Eutychia Φώτης:Fotis/Photis Παναγιώτα:Panagiota/Panayiota "
        "Βασίλης:Vasilis/Vassilis Νίκος:Nikos/Nicos Κυριάκος:Kyriakos/Kiriakos Αλέξης:Alexis Κυριακή:Kyriaki "
        "Όλγα:Olga Δέσποινα:Despina/Despoina Ηλίας:Ilias/Elias Θεόφιλος:Theofilos Ζωή:Zoe/Zoi Ντόρα:Dora "
        "Άγγελος:Angelos",
        "Παππάς:Pappas Νικολάου:Nikolaou/Nicolaou Μπακάλης:Bakalis/Mpakalis Ντόκος:Dokos/Ntokos "
        "Παπαδόπουλος:Papadopoulos Γκίκας:Gkikas/Gikas Αγγελόπουλος:Angelopoulos/Aggelopoulos "
        "Χατζηδάκης:Chatzidakis/Hatzidakis Οικονόμου:Oikonomou/Economou/Ikonomou Ξενάκης:Xenakis Ψαράς:Psaras "
        "Θεοδωράκη:Theodoraki Τσίπρος:Tsipros Ευσταθίου:Efstathiou/Eustathiou Ζαχαριάδης:Zachariadis/Zahariadis "
        "Γιαννακού:Giannakou/Yiannakou/Yannakou Καραγιάννη:Karagianni/Karayianni Λαμπρίδης:Lampridis/Lambridis "
        "Κωνσταντίνου:Konstantinou/Constantinou Σταύρου:Stavrou Μητσοτάκης:Mitsotakis Βαρουφάκης:Varoufakis "
        "Τζανάκης:Tzanakis Γεωργιάδης:Georgiadis Χουλιαράκης:Chouliarakis/Houliarakis Αχτσιόγλου:Achtsioglou "
        "Γεννηματά:Gennimata Παπαγεωργίου:Papageorgiou Κεραμέως:Kerameos",
    ),
    "Georgian": (
        "ნინო:Nino გიორგი:Giorgi/Georgi თამარ:Tamar ქეთევან:Ketevan/Qetevan ზურაბ:Zurab/Zourab "
        "ხათუნა:Khatuna/Xatuna შოთა:Shota/Chota ჯემალ:Jemal/Djemal ღვთისო:Ghvtiso ლევან:Levan/Lewan "
        "მაია:Maia/Maya ვახტანგ:Vakhtang/Wachtang ეკატერინე:Ekaterine თეიმურაზ:Teimuraz/Teymuraz ცისანა:Tsisana "
        "ირაკლი:Irakli/Irakly მიხეილ:Mikheil/Mikhail სალომე:Salome ბიძინა:Bidzina გიგა:Giga ნათია:Natia "
        "არჩილ:Archil შალვა:Shalva ქრისტინე:Kristine/Christine დავით:Davit/David",
        "ბერიძე:Beridze კაპანაძე:Kapanadze ლომიძე:Lomidze ჭავჭავაძე:Chavchavadze/Tchavtchavadze "
        "ყიფშიძე:Kipshidze/Qipshidze ღოღობერიძე:Gogoberidze/Ghoghoberidze წერეთელი:Tsereteli/Zereteli "
        "ძიძიგური:Dzidziguri მჭედლიშვილი:Mchedlishvili/Mtchedlishvili/Mchedlischwili "
        "ხუციშვილი:Khutsishvili/Xucishvili ჯაფარიძე:Japaridze/Djaparidze გელაშვილი:Gelashvili/Gelaschwili "
        "ქავთარაძე:Kavtaradze/Qavtaradze ფირცხალავა:Pirtskhalava/Phirtskhalava შენგელია:Shengelia/Schengelia "
        "ჩხეიძე:Chkheidze/Tschcheidse ჟვანია:Zhvania/Jvania სააკაშვილი:Saakashvili "
        "ზურაბიშვილი:Zurabishvili/Zourabichvili ივანიშვილი:Ivanishvili კობახიძე:Kobakhidze "
        "ღარიბაშვილი:Garibashvili/Gharibashvili უსუფაშვილი:Usupashvili მარგველაშვილი:Margvelashvili "
        "ყავთარაშვილი:Kavtarashvili ხოშტარია:Khoshtaria ბოკერია:Bokeria",
    ),
    "Armenian": (
        "Անի:Ani Արամ:Aram Հայկ:Hayk/Haig/Haik Գրիգոր:Grigor/Krikor Վարդան:Vardan/Vartan Նունե:Nune/Noune "
        "Շուշան:Shushan/Chouchan/Shoushan Գևորգ:Gevorg/Kevork Սարգիս:Sargis/Sarkis Խաչատուր:Khachatur/Khatchadour "
        "Լուսինե:Lusine/Lucine Տիգրան:Tigran/Dikran Ծովինար:Tsovinar Մկրտիչ:Mkrtich/Mgrdich Անահիտ:Anahit/Anahid "
        "Երվանդ:Yervand/Yervant Հասմիկ:Hasmik Ռուբեն:Ruben/Rouben Նիկոլ:Nikol Սերժ:Serzh/Serge Արփինե:Arpine "
        "Ժաննա:Zhanna/Janna Լևոն:Levon Կարեն:Karen Ծաղիկ:Tsaghik Ջեմմա:Jemma Վազգեն:Vazgen/Vazken "
        "Եղիշե:Yeghishe/Yeghiche",
        "Հակոբյան:Hakobyan/Hagopian/Hakobian Սարգսյան:Sargsyan/Sarkisian/Sarkissian "
        "Գրիգորյան:Grigoryan/Grigorian/Krikorian Պետրոսյան:Petrosyan/Bedrosian/Petrosian "
        "Խաչատրյան:Khachatryan/Khachaturian/Khatchatrian Մկրտչյան:Mkrtchyan/Mkrtchian "
        "Ղազարյան:Ghazaryan/Kazarian/Ghazarian Տեր-Պողոսյան:Ter-Poghosyan/Der-Boghossian "
        "Ջանիկյան:Janikyan/Djanikian Ծատուրյան:Tsaturyan/Zatourian Չիլինգարյան:Chilingaryan/Tchilingarian "
        "Ավետիսյան:Avetisyan/Avedissian/Avetissian Հովհաննիսյան:Hovhannisyan/Hovhanissian "
        "Բաղդասարյան:Baghdasaryan/Bagdasarian Օհանյան:Ohanyan/Ohanian Վարդանյան:Vardanyan/Vartanian "
        "Շահինյան:Shahinyan/Chahinian/Shahinian Փաշինյան:Pashinyan/Pashinian Քոչարյան:Kocharyan/Kocharian "
        "Տեր-Պետրոսյան:Ter-Petrosyan/Ter-Petrosian Մնացականյան:Mnatsakanyan Զոհրաբյան:Zohrabyan/Zohrabian "
        "Ալավերդյան:Alaverdyan Նազարյան:Nazaryan/Nazarian Ջուլհակյան:Julhakyan Սիմոնյան:Simonyan/Simonian "
        "Թովմասյան:Tovmasyan/Tovmassian",
    ),
    "Arabic": (
        "محمد:Mohammed/Muhammad/Mohamed أحمد:Ahmed/Ahmad فاطمة:Fatima/Fatimah/Fatma عائشة:Aisha/Aicha/Ayesha "
        "يوسف:Youssef/Yusuf/Yousef حسين:Hussein/Husayn/Hocine عبد الله:Abdullah/Abdallah خالد:Khaled/Khalid "
        "مصطفى:Mustafa/Moustapha/Mostafa نور الدين:Noureddine/Nur al-Din ليلى:Layla/Leila "
        "زينب:Zainab/Zeinab/Zaynab سعيد:Said/Saeed/Sa'id طارق:Tariq/Tarek هدى:Huda/Houda "
        "شريف:Sherif/Sharif/Cherif إبراهيم:Ibrahim/Brahim عمر:Omar/Umar جمال:Jamal/Gamal/Djamel "
        "عثمان:Othman/Osman/Uthman عبد العزيز:Abdulaziz/Abdelaziz/Abd al-Aziz نجيب:Naguib/Najib صلاح:Salah "
        "صفاء:Safa محمود:Mahmoud/Mahmud خديجة:Khadija/Khadijah سمية:Sumaya/Soumaya علاء:Alaa/Ala "
        "ياسر:Yasser/Yasir رشيدة:Rachida/Rashida هالة:Hala عمرو:Amr كريم:Karim/Kareem أسماء:Asma",
        "الخطيب:al-Khatib/El Khatib/Alkhatib منصور:Mansour/Mansur الشريف:al-Sharif/Elsherif/Cherif حداد:Haddad "
        "القاسم:al-Qasim/Alkasem/El Kassem بن صالح:Ben Salah/Bin Saleh/Ben Saleh النجار:al-Najjar/El "
        "Naggar/Najjar عبد الرحمن:Abdulrahman/Abdel Rahman/Abd al-Rahman السيد:El-Sayed/al-Sayyid/Elsayed "
        "بوزيد:Bouzid/Bouzeid الزهراني:Alzahrani/al-Zahrani خليفة:Khalifa/Khelifa/Khalifeh المغربي:al-Maghribi/El "
        "Maghrabi/Moghrabi يعقوب:Yaqoub/Yacoub/Yaqub غانم:Ghanem/Ghanim جابر:Jaber/Gaber/Djaber "
        "رمضان:Ramadan/Ramadhan ضاهر:Daher/Dhaher ثابت:Thabet/Sabet بن علي:Ben Ali البرادعي:El "
        "Baradei/ElBaradei/al-Baradei الهاشمي:al-Hashimi/El Hachemi بوتفليقة:Bouteflika "
        "الغنوشي:Ghannouchi/al-Ghannouchi العثماني:El Othmani/al-Uthmani حمدوك:Hamdok الحريري:Hariri/al-Hariri "
        "مرزوقي:Marzouki جنبلاط:Jumblatt/Joumblatt العبادي:al-Abadi السيستاني:al-Sistani "
        "الدوسري:al-Dosari/Aldossary ناصر:Nasser/Nasir",
    ),
    "Persian": (
        "سارا:Sara/Sarah محمدرضا:Mohammad Reza/Mohammadreza/Mohammad-Reza علی‌رضا:Alireza/Ali Reza "
        "مریم:Maryam/Mariam حسین:Hossein/Hosein/Husein زهرا:Zahra امیر:Amir پروین:Parvin/Parveen "
        "غلامحسین:Gholamhossein/Gholam-Hossein ژاله:Zhaleh/Jaleh شیرین:Shirin بهرام:Bahram "
        "کوروش:Kourosh/Kurosh/Koroush نرگس:Narges/Narguess رضا:Reza فرهاد:Farhad گلناز:Golnaz مهدی:Mahdi/Mehdi "
        "نسرین:Nasrin/Nasreen ابوالفضل:Abolfazl/Abolfadl محمدجواد:Mohammad Javad/Mohammadjavad "
        "معصومه:Masoumeh/Masoomeh پرستو:Parastoo/Parastou بهاره:Bahareh غلامرضا:Gholamreza "
        "حمیدرضا:Hamidreza/Hamid Reza فائزه:Faezeh مسعود:Masoud/Massoud عبدالکریم:Abdolkarim ناهید:Nahid",
        "احمدی:Ahmadi رضایی:Rezaei/Rezai/Rezaee حسینی:Hosseini/Hoseini/Husseini کریمی:Karimi "
        "موسوی:Mousavi/Musavi/Moosavi جعفری:Jafari/Ja'fari قاسمی:Ghasemi/Qasemi نوری‌زاده:Nourizadeh/Nouri "
        "Zadeh/Noorizadeh صادقی:Sadeghi/Sadeqi رفسنجانی:Rafsanjani پهلوان:Pahlavan ابراهیم "
        "پور:Ebrahimpour/Ebrahim Pour/Ebrahimpoor خاتمی:Khatami ژیان:Zhian/Jian چمران:Chamran بهشتی:Beheshti "
        "زنگنه:Zanganeh/Zangeneh طباطبایی:Tabatabaei/Tabatabai ذوالفقاری:Zolfaghari/Zolfaqari "
        "نیک‌نژاد:Niknejad/Niknezhad ظریف:Zarif ابتکار:Ebtekar روحانی:Rouhani/Rohani پزشکیان:Pezeshkian "
        "لاریجانی:Larijani احمدی‌نژاد:Ahmadinejad سلحشوری:Salahshouri قالیباف:Ghalibaf/Qalibaf "
        "کوچک‌زاده:Koochakzadeh/Kouchakzadeh عارف:Aref پورمختار:Pourmokhtar خامنه‌ای:Khamenei",
    ),
    "Hebrew": (
        "דוד:David שרה:Sarah/Sara יצחק:Yitzhak/Itzhak/Yitzchak משה:Moshe/Moshé יעקב:Yaakov/Jacob/Ya'akov "
        "חנה:Hannah/Chana/Hana אברהם:Avraham/Abraham רבקה:Rivka/Rivkah צבי:Zvi/Tzvi/Tsvi נועה:Noa/Noah עדי:Adi "
        "שלמה:Shlomo מיכל:Michal ציפי:Tzipi/Zipi/Tsipi גלעד:Gilad יואב:Yoav/Joav אורלי:Orly/Orli תמר:Tamar "
        "פנינה:Pnina/Penina בנימין:Binyamin/Benjamin גבריאל:Gabriel/Gavriel אהוד:Ehud נפתלי:Naftali "
        "אביגדור:Avigdor חיים:Haim/Chaim מירי:Miri ישראל:Yisrael/Israel יפעת:Yifat זאב:Zeev/Ze'ev שולמית:Shulamit "
        "מרב:Merav",
        "לוי:Levi/Levy כהן:Cohen/Kohen/Kahan מזרחי:Mizrahi/Mizrachi פרץ:Peretz/Perez ביטון:Biton/Bitton "
        "שפירא:Shapira/Schapira פרידמן:Friedman/Fridman גולדשטיין:Goldstein/Goldshtein רוזנברג:Rosenberg "
        "חדד:Hadad/Haddad אזולאי:Azoulay/Azulay/Azulai בן דוד:Ben David/Ben-David קפלן:Kaplan וייס:Weiss/Vays "
        "ברקוביץ:Berkovich/Berkowitz/Berkovitz שטרן:Stern/Shtern צור:Tzur/Zur/Tsur אלמוג:Almog "
        "גבאי:Gabay/Gabbay/Gabai הורוביץ:Horowitz/Horovitz נתניהו:Netanyahu ברק:Barak גלאון:Galon/Gal-On "
        "ליברמן:Lieberman/Liberman שקד:Shaked אדלשטיין:Edelstein כץ:Katz ליצמן:Litzman חוטובלי:Hotovely "
        "פלוסקוב:Pluskov זנדברג:Zandberg יחימוביץ:Yachimovich/Yacimovich",
    ),
    "Han": (
        "小明:Xiaoming/Hsiao-ming/Siu-ming 志强:Zhiqiang/Chih-chiang/Chi-keung 美玲:Meiling/Mei-ling "
        "建國:Jianguo/Chien-kuo/Kin-kwok 雅婷:Yating/Ya-ting 家豪:Jiahao/Chia-hao/Ka-ho "
        "淑芬:Shufen/Shu-fen/Suk-fan 伟:Wei "
        "丽华:Lihua/Li-hua/Lai-wah 文傑:Wenjie/Wen-chieh/Man-kit 怡君:Yijun/Yi-chun/I-chun 俊宏:Junhong/Chun-hung "
        "曉東:Xiaodong/Hsiao-tung/Hiu-tung 慧敏:Huimin/Hui-min/Wai-man 玉珍:Yuzhen/Yu-chen "
        "国荣:Guorong/Kuo-jung/Kwok-wing 海燕:Haiyan/Hai-yen 永康:Yongkang/Yung-kang/Wing-hong 静:Jing/Ching "
        "子涵:Zihan/Tzu-han 英文:Yingwen/Ing-wen 克強:Keqiang/Ko-chiang 素珍:Suzhen/Su-chen 子龍:Zilong/Tzu-lung "
        "雪梅:Xuemei/Hsueh-mei 春生:Chunsheng/Chun-sheng 鳳英:Fengying/Feng-ying 德華:Dehua/Te-hua/Tak-wah "
        "月娥:Yue'e/Yueh-o 立群:Liqun/Li-chun 明哲:Mingzhe/Ming-che 嘉玲:Jialing/Chia-ling/Ka-ling",
        "王:Wang/Wong 李:Li/Lee 張:Zhang/Chang/Cheung 刘:Liu/Lau 陳:Chen/Chan 楊:Yang/Yeung 黃:Huang/Hwang/Wong "
        "趙:Zhao/Chao/Chiu 吳:Wu/Ng 周:Zhou/Chou/Chow 徐:Xu/Hsu/Tsui 孫:Sun/Suen 朱:Zhu/Chu 高:Gao/Kao/Ko 林:Lin/Lam "
        "何:He/Ho 郭:Guo/Kuo/Kwok 蔡:Cai/Tsai/Choi 鄭:Zheng/Cheng 謝:Xie/Hsieh/Tse 曾:Zeng/Tseng/Tsang 許:Xu/Hsu/Hui "
        "歐陽:Ouyang/Au-yeung 葉:Ye/Yeh/Yip 蕭:Xiao/Hsiao/Siu 江:Jiang/Chiang/Kong 馬:Ma 柯:Ke/Ko 韓:Han/Hon 賴:Lai "
        "洪:Hong/Hung 羅:Luo/Lo/Law 邱:Qiu/Chiu/Chiou 沈:Shen/Sham 盧:Lu/Lo 彭:Peng/Pang 鍾:Zhong/Chung 段:Duan/Tuan "
        "薛:Xue/Hsueh 余:Yu/Yue 丁:Ding/Ting 魏:Wei",
    ),
    "Hangul": (
        "민수:Minsu/Min-soo/Min Su 영희:Younghee/Yeong-hui/Young-hee 지훈:Jihoon/Ji-hun/Ji-hoon "
        "서연:Seoyeon/Seo-yeon/Suh-yeon 현우:Hyunwoo/Hyeon-u/Hyun-woo 은정:Eunjung/Eun-jeong/Eun-jung "
        "성호:Sungho/Seong-ho/Sung-ho 미경:Mikyung/Mi-gyeong/Mi-kyung 정희:Junghee/Jeong-hui/Chung-hee "
        "상철:Sangchul/Sang-cheol/Sang-chul 혜진:Hyejin/Hye-jin 태영:Taeyoung/Tae-yeong/Tae-young "
        "동현:Donghyun/Dong-hyeon/Dong-hyun 수빈:Subin/Soo-bin 재석:Jaeseok/Jae-suk/Jae-seok "
        "광수:Kwangsoo/Gwang-su/Kwang-soo 유진:Yujin/Yoo-jin/Eugene 병철:Byungchul/Byeong-cheol/Byung-chul "
        "숙자:Sookja/Suk-ja 하늘:Haneul 재인:Jae-in/Jaein 근혜:Geun-hye/Keun-hye 석열:Seok-yeol/Suk-yeol "
        "철수:Cheol-soo/Chul-soo 미애:Mi-ae 낙연:Nak-yeon/Nak-yon 준석:Jun-seok/Joon-seok 은혜:Eun-hye "
        "경원:Kyung-won/Gyeong-won 종인:Jong-in/Chong-in 상정:Sang-jung/Sang-jeong 희숙:Hee-sook/Hui-suk",
        "김:Kim/Gim 이:Lee/Yi/Rhee 박:Park/Pak/Bak 최:Choi/Choe 정:Jung/Jeong/Chung 강:Kang/Gang 조:Cho/Jo "
        "윤:Yoon/Yun "
        "장:Jang/Chang 임:Lim/Im 한:Han 오:Oh/O 서:Seo/Suh 신:Shin/Sin 권:Kwon/Gwon 황:Hwang 안:Ahn/An 송:Song "
        "류:Ryu/Yoo "
        "전:Jeon/Chun 홍:Hong 고:Ko/Go 문:Moon/Mun 백:Baek/Paik 남궁:Namgung/Namkoong 문:Moon 윤:Yoon/Yun "
        "심:Sim/Shim "
        "추:Choo/Chu 나:Na 배:Bae/Pae 허:Huh/Heo 노:Roh/Noh 손:Son/Sohn 천:Chun/Cheon 구:Koo/Gu 주:Joo/Ju "
        "변:Byun/Byeon "
        "원:Won 우:Woo/U 곽:Kwak/Gwak",
    ),
    "Kana": (
        "たろう:Taro/Tarou/Tarō はなこ:Hanako けんじ:Kenji/Kenzi しょうた:Shota/Shouta/Syota ゆうこ:Yuko/Yuuko/Yūko "
        "じゅんいち:Junichi/Jun'ichi/Zyunichi ちはる:Chiharu/Tiharu つよし:Tsuyoshi/Tuyosi "
        "しんいち:Shinichi/Shin-ichi "
        "きょうこ:Kyoko/Kyouko りょうへい:Ryohei/Ryouhei ふみこ:Fumiko/Humiko まさこ:Masako "
        "しんのすけ:Shinnosuke いちろう:Ichiro/Ichirou "
        "えいこ:Eiko みつひろ:Mitsuhiro/Mituhiro じろう:Jiro/Jirō ハルカ:Haruka ケイコ:Keiko "
        "しんぞう:Shinzo/Shinzou ゆりこ:Yuriko "
        "たけし:Takeshi みずほ:Mizuho よしひで:Yoshihide せいこ:Seiko しげる:Shigeru ようへい:Yohei/Youhei "
        "こうじ:Koji/Kouji じゅんこ:Junko "
        "ちえみ:Chiemi れいわ:Reiwa",
        "さとう:Sato/Satou/Satoh すずき:Suzuki たかはし:Takahashi/Takahasi わたなべ:Watanabe いとう:Ito/Itoh/Itō "
        "おおの:Ono/Oono/Ohno "
        "こばやし:Kobayashi/Kobayasi しみず:Shimizu/Simizu まつだ:Matsuda/Matuda ふじい:Fujii/Hujii ちば:Chiba "
        "つじ:Tsuji "
        "きょうごく:Kyogoku/Kyougoku しょうじ:Shoji/Shouji おがわ:Ogawa ほんだ:Honda はっとり:Hattori "
        "にった:Nitta カトウ:Kato/Katō "
        "ナカジマ:Nakajima/Nakazima あべ:Abe いしば:Ishiba きしだ:Kishida のだ:Noda はとやま:Hatoyama "
        "えだの:Edano おぶち:Obuchi "
        "ふくしま:Fukushima しいい:Shii つじもと:Tsujimoto れんほう:Renho/Renhou やまもと:Yamamoto "
        "おおつか:Otsuka/Ohtsuka ちょう:Cho/Chou",
    ),
    "Devanagari": (
        "राहुल:Rahul प्रिया:Priya संजय:Sanjay सुनीता:Sunita/Suneeta विजय:Vijay/Bijay अंजलि:Anjali "
        "मोहम्मद:Mohammad/Mohammed कृष्ण:Krishna लक्ष्मी:Lakshmi/Laxmi "
        "ज्ञानेश्वर:Gyaneshwar/Dnyaneshwar/Jnaneshwar राजेश:Rajesh मीनाक्षी:Meenakshi/Minakshi "
        "अरविंद:Arvind/Aravind शकुंतला:Shakuntala दीपक:Deepak/Dipak नीरज:Neeraj/Niraj पूजा:Pooja/Puja "
        "अभिषेक:Abhishek सीताराम:Sitaram/Seetaram ऋषि:Rishi नरेंद्र:Narendra सोनिया:Sonia/Soniya अमित:Amit "
        "सुषमा:Sushma ममता:Mamata/Mamta अखिलेश:Akhilesh वसुंधरा:Vasundhara/Vasundara योगी:Yogi नितिन:Nitin "
        "उमा:Uma स्मृति:Smriti चंद्रशेखर:Chandrashekhar/Chandrasekhar",
        "शर्मा:Sharma/Sarma वर्मा:Verma/Varma सिंह:Singh/Sinh गुप्ता:Gupta यादव:Yadav मिश्रा:Mishra/Misra "
        "चौधरी:Chaudhary/Choudhary/Chowdhury त्रिपाठी:Tripathi अग्रवाल:Agarwal/Aggarwal/Agrawal देशमुख:Deshmukh "
        "पाटील:Patil कुलकर्णी:Kulkarni जोशी:Joshi ठाकुर:Thakur/Thakor खान:Khan बनर्जी:Banerjee/Banerji "
        "उपाध्याय:Upadhyay/Upadhyaya भट्ट:Bhatt/Bhat श्रीवास्तव:Shrivastava/Srivastava द्विवेदी:Dwivedi/Dvivedi "
        "मोदी:Modi गांधी:Gandhi शाह:Shah स्वराज:Swaraj गडकरी:Gadkari ठाकरे:Thackeray/Thakre मुंडे:Munde "
        "खड़गे:Kharge चव्हाण:Chavan पवार:Pawar/Pavar ईरानी:Irani सिन्हा:Sinha आंबेडकर:Ambedkar "
        "दीक्षित:Dikshit/Dixit",
    ),
}  # fmt: skip
# The family name stands first in the script; in Latin letters it stands first or last.
_FAMILY_FIRST = {"Han": "", "Hangul": "", "Kana": " "}


@dataclass(frozen=True)
class SpeltName:
    """An invented person's name in a script, and one of its customary Latin spellings."""

    script: str
    native: str
    latin: str


def spelt_names(script: str, number: int, seed: int = 9) -> list[SpeltName]:
    """Return different people of a script, each spelt in one of its conventions: by chance, and always the same."""
    chance = random.Random(f"{script} {seed}")
    given, family = (list(_names(part)) for part in GIVEN_AND_FAMILY[script])
    pairs = [(one, two) for one in given for two in family]
    return [_put_together(script, one, two, chance) for one, two in chance.sample(pairs, min(number, len(pairs)))]


def _put_together(script: str, given: list[str], family: list[str], chance: random.Random) -> SpeltName:
    latin = [chance.choice(given[1:]), chance.choice(family[1:])]
    if script in _FAMILY_FIRST:
        native = family[0] + _FAMILY_FIRST[script] + given[0]
        return SpeltName(script, native, " ".join(latin if chance.random() < 0.5 else latin[::-1]))
    return SpeltName(script, f"{given[0]} {family[0]}", " ".join(latin))


def _names(text: str) -> Iterator[list[str]]:
    """Read "name:spelling/spelling", where names and spellings may hold spaces."""
    *heads, last = text.split(":")
    name = heads[0]
    for part in [*heads[1:], last]:
        spellings = part.split("/")
        words = spellings[-1].split(" ")
        ends = len(words) if part is last else _where_a_name_begins(words)
        yield [name.strip(), *(one.strip() for one in [*spellings[:-1], " ".join(words[:ends])])]
        name = " ".join(words[ends:])


def _where_a_name_begins(words: list[str]) -> int:
    """The next name begins with the first word that is not in Latin letters, or with the last one."""
    return next((at for at, word in enumerate(words) if at and not word.isascii()), len(words) - 1)


def relatives(script: str, seed: int = 9) -> tuple[list[SpeltName], list[SpeltName]]:
    """Return two lists of different people who share their family names and none of their given names."""
    chance = random.Random(f"{script} {seed}")
    given, family = (list(_names(part)) for part in GIVEN_AND_FAMILY[script])
    half = len(given) // 2
    pairs = ([(one, two) for one in part for two in family] for part in (given[:half], given[half:]))
    rows, entries = ([_put_together(script, one, two, chance) for one, two in part] for part in pairs)
    return rows, entries
