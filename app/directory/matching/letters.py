"""How the letters of alphabets and abjads are customarily spelt in Latin letters, all conventions side by side.

A line holds a letter, or letters that are spelt together, and its spellings: "-" is none at all. Doubled letters are
written once on both sides, and accents are folded, before anything is compared.
"""

from __future__ import annotations

from app.directory.matching.scripts import Script

_CYRILLIC = """
а a|o; б b; в v|w|f|u; г g|h|gh|v; ґ g; д d; е e|ye|ie|je|yo|io|jo|o|ia; є ye|ie|je|e; э e|ae; ж zh|z|j|g|sch|sh|dj
з z|s; и i|y|j|yi|ji|e|iy|ij|yj|ii|-; і i|y|j|yi|ji|e|iy|ij|yj; ј j|y|i; к k|c|ck|q; л l; љ lj|l|ly; м m; н n
њ nj|n|ny; о o|a; п p; р r
с s|z; т t|th; ћ c|ch|cs|tj; ђ dj|d|gj; у u|ou|o|w|v|oe; ф f|ph|th; х kh|h|ch|x|j; ц ts|tz|c|z|cz|tc; џ dz|dj|j|dzh
ч ch|c|tch|tsch|cz|tsh|tj; ш sh|s|sch|sz|ch; щ shch|sch|sc|stsch|shtsh|sht|st|chtch|schtsch|szcz|sh; ъ -|a|u|y
ь -|i|y|j; ы y|i|ui|u|yi; ю yu|iu|ju|u|you|iou|jou|yo; я ya|ia|ja|a|ea|iya|ie|ya; кс x|ks|cs|kc; ия ia|iya|ya|ja|ija|a
ыи y|i|iy|yi|yj|ij; еи ey|ei|ej|ay|ai|iy|y|e; ье ye|ie|je|e|ie|yie; ьо yo|io|jo|o
ою oyu|oiu; др dr|der; дж j|dzh|dj|dz|dsch|g; ә a|ae|e; ғ g|gh; қ q|k; ң n|ng; ө o|oe|u; ұ u|y; ү u|y|ue; һ h
ҳ h|kh; ҷ j|ch|dj
"""
_GREEK = """
α a; β v|b|w; γ g|y|gh|j|i; δ d|dh; ε e|ai|ae; ζ z|s; η i|e|y|h; θ th|t; ι i|y|j|e; κ k|c|ck; λ l; μ m; ν n; ξ x|ks|xs
ο o; π p; ρ r|rh; σ s|z; ς s; τ t|th; υ y|i|u|v|f; φ f|ph; χ ch|h|kh|x|c; ψ ps; ω o|w; ου ou|u|o|w; αυ av|af|au
ευ ev|ef|eu; μπ b|mp|mb|p; ντ d|nt|nd|t; γκ g|gk|ng|k|gc; γγ ng|g|gk|nk; γχ nch|nh|nkh; τζ tz|j|ts|dj|dz
τσ ts|tz|c|ch; ει i|ei|y|e
οι i|oi|oe|y|e; αι e|ai|ae; υι yi|i; γι gi|y|yi|ji|j|i|g|ghi; γε ge|ye|ie|je|yie; ιο io|yo|o; ιω io|jo|yo|o
ια ia|ya|ja|a
ηυ iv|if; κσ x|ks
"""
_GEORGIAN = """
ა a; ბ b; გ g; დ d; ე e; ვ v|w; ზ z|s; თ t|th; ი i|y|e; კ k|c|q; ლ l; მ m; ნ n; ო o; პ p; ჟ zh|j|z; რ r; ს s; ტ t
უ u|ou|o|w
ფ p|ph|f; ქ k|q|kh|c|ch; ღ gh|g|q|r; ყ q|k|y|kh|gh; შ sh|s|ch|sch; ჩ ch|c|tch|tsch; ც ts|c|tz|z; ძ dz|z|ds|dj
წ ts|c|tz|z
ჭ ch|c|tch|tsch|j; ხ kh|h|x|ch|k; ჯ j|dj|dzh|g|dsch; ჰ h
"""
# Western Armenians sound half of these the other way round, and spell their names so.
_ARMENIAN = """
ա a; բ b|p; գ g|k|gu; դ d|t; ե e|ye|ie|je; զ z|s; է e; ը y|e|u|i|-; թ t|th; ժ zh|j|z|g; ի i|y|e; լ l; խ kh|x|h|gh|ch
ծ ts|z|tz|dz|c; կ k|g|c|gu; հ h|-; ձ dz|ts|tz|z; ղ gh|g|l|q|kh|k|r; ճ ch|j|tch|dj|c|dsch; մ m; յ y|h|i|j|-; ն n
շ sh|ch|s|sch
ո o|vo|wo; չ ch|c|tch|tsch; պ p|b; ջ j|ch|dj|dzh|tch|dsch; ռ r; ս s|c; վ v|w|f; տ t|d; ր r; ց ts|tz|c|s; ւ v|w|u
փ p|ph|f
ք k|q|kh|c; օ o; ֆ f|ph; և ev|yev|eu|ew|iev; եւ ev|yev|eu|ew; ու u|ou|o|w|v; յա ya|ia|ja|ea|a; եա ya|ia|ja|ea|ia
իա ia|ya|ea|ija; իկ ik|ig|ick; յո yo|io|ho|jo; այ ay|ai|aj|a
"""
_ARABIC = """
ا a|e|o|u|i|-; ب b|p; پ p|b; ت t|th; ط t|th; ٹ t; ټ t; ث th|s|t; ج j|g|dj|dzh|zh; چ ch|tch|c|tsch; ح h|-; ه h|-
ە e|a|eh
خ kh|h|x|ch|k; د d; ڈ d; ډ d; ذ z|dh|d|th; ر r; ڑ r|d; ړ r; ڕ r; ز z|s; ژ zh|j|z|g; س s|c; ص s|c; ش sh|ch|s|sch|c
ښ sh|kh|x
ض d|dh|z; ظ z|dh|d|th; ع -|a|e|o|i|u; غ gh|g|q|r; ف f|ph|v; ڤ v; ق q|k|gh|g|c|kh; ک k|c|ck|q; گ g|gh; ل l; ڵ l; م m
ن n
ں n; ڼ n; و w|v|u|o|ou|ow|au|ao; رو ru|row|r; ۆ o|u; ی y|i|e|ie|ei|ey|j|ai|ay|a; ێ e; ے e|ay|ai|y|ey; ې e; ء -
ځ dz|z; څ ts|c
نب nb|mb; الله alah|ulah|olah|elah|ilah|ala|ula; لل l|lil|lal|lel
الد ald|eld|uld|ed|ad|ud|id; الر alr|elr|ulr|er|ar|ur|ir; الن aln|eln|uln|en|an|un; الس als|els|uls|es|as|us
الش alsh|elsh|ash|esh|ech
الز alz|elz|ulz|ez|az|uz; الص als|els|uls|es|as|us
"""
_HEBREW = """
א -|a|e|i|o|u; ב b|v|w|bh; ג g|gh|j; ד d; ה h|-; ו v|w|o|u|ou; ז z|s; ח h|ch|kh|x; ט t|th; י y|i|j|ie|e|ey|ei|-
כ k|ch|kh|c|h; ך k|ch|kh|c|h; ל l; מ m; ם m; נ n; ן n; ס s|z; ע -|a|e|i|o|u; פ p|f|ph; ף f|ph|p; צ ts|tz|z|c|s|cz
ץ ts|tz|z|c|s; ק k|q|c|ck; ר r; ש sh|s|sch|ch|sz; ת t|th|s; וו v|w; שט st|sht|scht; טש ch|tch|tsch
"""


# Armenian writes no short e, and some spellings do.
UNWRITTEN = {Script.ARMENIAN: "[eiuy]?", Script.ARABIC: "[aeiouy]{0,2}", Script.HEBREW: "[aeiouy]{0,2}"}


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = (entry.split() for entry in table.replace("\n", ";").split(";") if entry.strip())
    return {letters: tuple("" if one == "-" else one for one in spelt.split("|")) for letters, spelt in lines}


SPELLINGS = {
    Script.CYRILLIC: _read(_CYRILLIC),
    Script.GREEK: _read(_GREEK),
    Script.GEORGIAN: _read(_GEORGIAN),
    Script.ARMENIAN: _read(_ARMENIAN),
    Script.ARABIC: _read(_ARABIC),
    Script.HEBREW: _read(_HEBREW),
}
