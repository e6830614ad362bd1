"""Whether two names are of one organisation: its own words count, "University of" and "Association for" hardly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from app.base.names import comparison_key
from app.directory.matching.scripts import script_of
from app.directory.matching.spellings import is_spelt

# The kind of a body, by one word for all languages. Two bodies of different kinds are two bodies, even in one place.
_KINDS = """
university university universitat universitaet universite universita universidad universidade universitet
    universiteit uniwersytet univerzita
    univerzitet universitatea universitesi uni egyetem yliopisto ulikool universitas університет университет
    универзитет πανεπιστημιο უნივერსიტეტი
    համալսարան جامعة دانشگاه אוניברסיטת אוניברסיטה 大学 大學 대학교 विश्वविद्यालय
applied applied angewandte angewandten appliquees applicate aplicadas
college college collegio colegio hochschule fachhochschule hogeschool hojskole hogskola hogskole politecnico
    polytechnic politechnika polytechnique
    ecole escuela escola scuola school schule skola skole szkola koulu школа σχολη مدرسة 学校 學校
institute institute institut instituto istituto instytut institutet instituut інститут институт ინსტიტუტი ինստիտուտ
    معهد ινστιτουτο 研究所 연구소 संस्थान
association association assoziation associazione asociacion associacao asociacija asociatia stowarzyszenie verein
    vereinigung verband society
    societe societa sociedad sociedade gesellschaft forening forbund vereniging sdruzeni egyesulet yhdistys
    асоціація ассоциация асоциация
    ასოციაცია ասոցիացիա جمعية انجمن συλλογος σωματειο עמותה עמותת 協会 协会 協會 협회 संघ
foundation foundation stiftung fondation fondazione fundacion fundacao fundacja stichting nadace alapitvany saatio
    stiftelse фонд фундація
    ფონდი հիմնադրամ مؤسسة بنیاد ιδρυμα קרן 財団 基金会 基金會 재단
union union gewerkschaft syndicat sindacato sindicato zwiazek fagforening fackforbund unione sendika профспілка
    профсоюз союз спілка نقابة συνδικατο
federation federation foderation federazione federacion federacao federacja федерація федерация اتحاد ομοσπονδια
    連盟 联盟 聯盟
centre centre center zentrum centro centrum центр центар კენტრი ცენტრი կենտրոն مركز مرکز κεντρο מרכז 中心 센터 केंद्र
council council rat conseil consiglio consejo conselho rada radet raad рада совет مجلس συμβουλιο 評議会 理事会
committee committee komitee comite comitato comissao komitet komite комітет комитет لجنة کمیته επιτροπη ועד 委員会
    委员会 위원회
network network netzwerk reseau rete red rede siec netvaerk natverk мережа сеть شبكة شبکه δικτυο 网络 網絡
hospital hospital krankenhaus klinik klinikum hopital ospedale szpital clinic больница лікарня مستشفى بیمارستان
    νοσοκομειο 医院 病院
academy academy akademie academie accademia academia akademia академія академия آكاديمية ακαδημια 学院
party party partei parti partito partido partia партія партия حزب κομμα
church church kirche eglise chiesa iglesia igreja kosciol церква церковь كنيسة
museum museum musee museo museu muzeum музей
library library bibliothek bibliotheque biblioteca biblioteka бібліотека библиотека
theatre theatre theater teatro teatr театр
chamber chamber kammer chambre camera camara
club club klub клуб
press press verlag publisher publishers edition editions editrice
"""
# Words that tell nothing of which body it is.
_FILLERS = frozenset(comparison_key("""
    the of for and in at on to a an de des du la le les l d et pour en au aux der die das und fur fuer von zur zum
    im am di del della dei delle e per il lo
    el los las y para da do dos das van het een voor og i af pa och av na dla w z a o u i и в на по за для та і й
    της του των και για η ο το al wa fi va
    national nationale nationaler national international internationale internationaler internacional internazionale
    global world european europaische
    general central science sciences wissenschaften wissenschaft research forschung studies studien technology
    technologies technische technical
    human rights organisation organization organizacion organizzazione ngo ong group gruppe groupe grupo gruppo
    department faculty fakultat
    ev gmbh ggmbh ag inc ltd llc plc corp co sa srl sarl asbl aisbl vzw bv sp zoo oy as ab aps kft зао ооо тов го нго
""").split())  # fmt: skip
_NEVER_A_PERSON = frozenset(
    ("university", "institute", "association", "foundation", "federation", "committee", "hospital", "academy")
)
_OTHERS = 50
_TELLS_LITTLE = 0.15
_LEAST_SHARE = 0.6
_KIND_OF = {
    comparison_key(word): line.split()[0]
    for line in _KINDS.replace("\n    ", " ").split("\n")
    if line
    for word in line.split()
}


@lru_cache(maxsize=65536)
def kinds_of(words: tuple[str, ...]) -> frozenset[str]:
    """Return what kinds of body the words name, in English."""
    return frozenset(_KIND_OF[word] for word in words if word in _KIND_OF)


def looks_like_a_body(words: tuple[str, ...]) -> bool:
    """Tell whether a name says what kind of body bears it. "Church", "Press" and "Club" are family names as well."""
    return bool(kinds_of(words) & _NEVER_A_PERSON)


def is_one_body(one: tuple[str, ...], other: tuple[str, ...], rarity: Callable[[str], float]) -> float:
    """Return how much two names of organisations share, from 0 to 1; 0 where something tells them apart.

    Every word of its own that the shorter has must stand in the longer. `rarity` goes from 0, in every name, to 1, in
    hardly any.
    """
    if not _may_be_one_kind(kinds_of(one), kinds_of(other)):
        return 0.0
    mine, theirs = sorted((own_words(one), own_words(other)), key=len)
    if not mine:
        return 1.0 if not theirs and sorted(one) == sorted(other) else 0.0
    left, shared = list(theirs), 0.0
    for word in mine:
        found = next((full for full in left if is_one_word(word, full)), None)
        if found is None:
            return 0.0
        left.remove(found)
        shared += _weight(found, rarity)
    share = shared / (shared + sum(_weight(word, rarity) for word in left))
    return share if share >= _LEAST_SHARE else 0.0


def _may_be_one_kind(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or one == other


def own_words(words: Sequence[str]) -> list[str]:
    """Return the words that tell which body it is: a letter at the end ("Group A") is one, an article is not."""
    own = [word for word in words[:-1] if len(word) > 1 and word not in _FILLERS and word not in _KIND_OF]
    last = words[-1:]
    # "e. V." and "S. A." are forms of law.
    is_letter = len(words) > 1 and len(last[0]) == 1 and len(words[-2]) > 1
    return own + [
        word for word in last if is_letter or (len(word) > 1 and word not in _FILLERS and word not in _KIND_OF)
    ]


def _weight(word: str, rarity: Callable[[str], float]) -> float:
    return max(_TELLS_LITTLE, rarity(word))


@lru_cache(maxsize=65536)
def is_one_word(one: str, other: str) -> bool:
    """Tell whether two words are one, but for a slip of a letter in a long one, or in two scripts.

    "Genoa" and "Geneva" are two places, "Austria" and "Australia" two countries: one slip, and never in the first
    letter.
    """
    if one == other:
        return True
    if any(character.isdigit() for character in one + other):
        return False
    if script_of(one) is not script_of(other):
        return is_spelt(one, other)
    short, long = sorted((len(one), len(other)))
    return short > 4 and one[0] == other[0] and long - short < 2 and OSA.distance(one, other, score_cutoff=1) <= 1


def rarity_among(count: int, total: int) -> float:
    """Return how rare a word is that stands in `count` of `total` names, from 0 to 1.

    A short list can't tell: it counts as if it stood among others.
    """
    everybody = total + _OTHERS
    return min(1.0, math.log(everybody / max(count, 1)) / math.log(everybody))
