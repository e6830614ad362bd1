"""How Korean syllables are customarily spelt in Latin letters: revised, McCune–Reischauer and what families chose."""

from __future__ import annotations

from functools import lru_cache


def _cells(table: str) -> list[list[str]]:
    """Read spellings in the order of Unicode: "-" is none."""
    return [["" if one == "-" else one for one in cell.split("|")] for cell in table.split()]


_INITIALS = _cells("""
    g|k k|g|kk n|l|r|- d|t t|d|tt r|l|n|- m b|p|v p|b|bb s|sh s|ss - j|ch|z|c j|ch|tch|jj ch|c|tch k|kh t|th
    p|ph|f h
""")
_VOWELS = _cells("""
    a|ah ae|ai|e|ay|a ya|yah|ia yae eo|o|u|uh|e|ou|oe e|ae|ai|ay yeo|yo|you|yu|yuh|ye|yeu|eo|young
    ye|yae|e|ie|yea o|oh wa|oa wae|oai oe|oi|we|oy yo u|oo|ou|wo|woo|wu wo|weo|wu we wi|ui|we|wee
    yu|yoo|you|iu|u eu|u|oo|e|eo|- ui|eui|i|ee|e|euy|ooi i|ee|y|yi|ie
""")
_FINALS = _cells("""
    - k|g|c|ck k|g k|g n n n t|d l|r|ll k|g|l m|l l|b|p l l p l m p|b p t|s t|s ng t|j t k t p h|-
""")
_FAMILY_NAMES = """
김 kim|gim|ghim; 이 lee|yi|i|rhee|ri|li|rie|yee|leigh; 박 park|pak|bak|bahk|pahk|bark; 최 choi|choe|chwe|choy
정 jung|jeong|chung|chong|joung|jong
강 kang|gang; 조 cho|jo|joe|chough; 윤 yoon|yun|youn; 장 jang|chang; 임 lim|im|rim|yim; 한 han|hahn; 오 oh|o
서 seo|suh|so|sur|su; 신 shin|sin
권 kwon|gwon|kweon; 황 hwang|whang; 안 an|ahn; 송 song; 류 ryu|yu|yoo|ryoo|lyu|liu|you; 유 yu|yoo|you|ryu|yoe
전 jeon|jun|chun|chon|cheon|jeun
홍 hong; 고 ko|go|koh|goh; 문 moon|mun; 양 yang|ryang; 손 son|sohn; 배 bae|pae|bai|pai|bea
백 baek|paik|baik|paek|back|paek; 허 heo|hur|huh|her|hu|ho
노 noh|no|roh|ro; 남 nam; 심 shim|sim; 하 ha|hah; 곽 kwak|gwak|kwag; 성 sung|seong|song; 차 cha; 주 joo|ju|chu|choo
우 woo|wu|u; 구 koo|ku|gu|goo
민 min; 진 jin|chin; 지 ji|chi|jee|chee; 엄 um|eom|uhm|eum; 채 chae|chai; 원 won; 천 chun|cheon|chon; 방 bang|pang
공 kong|gong; 현 hyun|hyeon|hyon
함 ham|hahm; 변 byun|byeon|pyon|byon; 염 yum|yeom|youm; 여 yeo|yuh|yo; 추 choo|chu; 도 do|doh|to; 석 seok|suk|sok
선 sun|seon; 설 seol|sul; 마 ma
길 kil|gil; 연 yeon|yun|youn; 위 wi|wee; 표 pyo; 명 myung|myeong; 기 ki|gi; 반 ban|pan; 왕 wang; 금 keum|geum|kum
옥 ok|ock; 육 yook|yuk; 인 in; 제 je|jae
모 mo|moh; 탁 tak|tark; 국 kook|kuk|guk; 라 ra|na|la|rah; 나 na|ra|nah; 남궁 namgung|namkung|namkoong|namgoong
황보 hwangbo; 선우 sunwoo|seonu|sunu
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = (entry.split() for entry in table.replace("\n", ";").split(";") if entry.strip())
    return {name: tuple(spelt.split("|")) for name, spelt in lines}


FAMILY_NAMES = _read(_FAMILY_NAMES)


@lru_cache(maxsize=12000)
def syllable(sign: str) -> tuple[str, ...]:
    """Return the customary spellings of one syllable."""
    code = ord(sign) - 0xAC00
    if not 0 <= code < 11172:
        return (sign,)
    first, middle, last = _INITIALS[code // 588], _VOWELS[code % 588 // 28], _FINALS[code % 28]
    if code // 588 == 11:  # no consonant before the vowel
        first = ["", "y"] if code % 588 // 28 == 20 else [""]
    return tuple(dict.fromkeys(a + b + c for a in first for b in middle for c in last))
