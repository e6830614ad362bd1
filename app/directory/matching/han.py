"""How Chinese names are customarily spelt in Latin letters: pinyin, Wade–Giles as in Taiwan, and as in Hong Kong."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

# Read otherwise in a family name than elsewhere, and what families write in Hong Kong, Macau and South East Asia.
_FAMILY_NAMES = """
陈陳 chan tan chin; 黄黃 wong ng ooi hwang; 李 lee lei; 林 lam lim; 张張 cheung teo chong cheong; 吴吳 ng goh woo
王 wong ong; 刘劉 lau low liu
梁 leung leong neo; 何 ho hoe; 郭 kwok quek kuok; 罗羅 law lo loh; 郑鄭 cheng tay jheng; 叶葉 ye yeh yip ip yap
马馬 mah; 周 chow chau chiu chew
曾 zeng tseng tsang chan; 蔡 choi tsoi chua choy; 杨楊 yeung yeo yong young; 邓鄧 tang teng
许許 hui koh hsu khoo sheu; 余 yue yee; 谢謝 tse chia hsieh
朱 chu choo; 冯馮 fung foong; 苏蘇 so soh sue; 潘 poon pun phua; 徐 tsui chee shyu; 谭譚 tam tham
钟鐘鍾 chung cheong; 胡 wu woo oh; 卢盧 lo loo
赵趙 chiu chew jao; 萧蕭肖 siu siew hsiao; 麦麥 mak; 江 kong kang; 方 fong png; 莫 mok; 杜 to toh; 黎 lai
区區 ou au; 简簡 kan; 关關 kwan kuan
霍 fok; 邹鄒 chow tsou; 尹 wan; 沈 sum shum sham sim shen; 唐 tong; 汤湯 tong; 孙孫 suen sun sng; 韩韓 hon; 袁 yuen
崔 chui; 姚 yiu yeow; 石 shek
温溫 wan; 彭 pang phang; 吕呂 lui lu lyu; 蒋蔣 tseung cheung chiang; 赖賴 lai; 甄 yan; 古 koo; 龚龔 kung; 戴 tai tay
范 fan; 廖 liu liao liew; 任 ren yam jen
丁 ting; 伍 ng; 柯 or kua; 陆陸 luk loke; 单單 shan; 解 xie; 仇 qiu; 查 zha cha; 尉 wei yu; 翟 zhai chak
朴 park piao; 乐樂 yue le; 覃 qin tan; 冼 xian sin
高 ko kao; 洪 hung ang; 白 pak pai; 施 sze shih; 傅 fu foo; 颜顏 ngan yen; 游 yau yu; 魏 ngai wei; 詹 chim chan
邱 yau khoo chiu chiou; 侯 hau hou; 宋 sung soong
欧阳歐陽 ou?yang au?yeung; 司徒 sze?to situ; 司马司馬 sima szema; 诸葛諸葛 zhu?ge chu?kot
上官 shang?guan sheung?koon; 张简張簡 chang?chien
"""
# As in Hong Kong, for what given names are made of.
_GIVEN = """
文 man; 明 ming; 华華 wah wa; 伟偉 wai; 强強 keung; 志 chi; 家 ka; 国國 kwok; 建 kin; 健 kin; 德 tak; 辉輝 fai
荣榮 wing; 永 wing; 英 ying; 美 mei may
玲 ling; 慧 wai; 敏 man; 丽麗 lai; 珍 chun; 婷 ting; 仪儀 yee yi; 诗詩 sze; 欣 yan; 怡 yi yee; 君 kwan; 乐樂 lok
俊 chun; 杰傑 kit; 豪 ho; 康 hong; 安 on
平 ping; 和 wo; 成 shing sing; 胜勝 shing; 达達 tat; 发發 fat; 光 kwong; 广廣 kwong; 贵貴 kwai; 海 hoi; 汉漢 hon
浩 ho; 鸿鴻 hung; 红紅 hung; 雄 hung
基 kei; 嘉 ka; 娇嬌 kiu; 洁潔 kit; 金 kam; 锦錦 kam; 景 king; 敬 king; 权權 kuen; 群 kwan; 麟 lun; 龙龍 lung
伦倫 lun; 民 man; 妙 miu; 宁寧 ning; 宝寶 po
培 pui; 佩 pui; 鹏鵬 pang; 清 ching; 秋 chau; 如 yu; 瑞 sui; 森 sum; 山 shan; 生 sang; 思 sze; 松 chung; 素 so
泰 tai; 添 tim; 天 tin; 廷 ting; 庭 ting; 同 tung
维維 wai; 卫衛 wai; 惠 wai; 宏 wang; 云雲 wan; 贤賢 yin; 燕 yin; 彦彥 yin; 耀 yiu; 业業 yip; 义義 yee; 宇 yu; 玉 yuk
元 yuen; 源 yuen; 月 yuet; 雪 suet
霞 ha; 香 heung; 晓曉 hiu; 小 siu; 秀 sau; 淑 suk shuk; 兆 siu; 昭 chiu; 超 chiu; 正 ching; 智 chi; 子 tsz tze
梓 tsz; 宗 chung; 忠 chung; 仲 chung; 祖 cho
卓 cheuk; 仁 yan; 恩 yan; 铭銘 ming; 鸣鳴 ming; 少 siu; 琪 ki kei; 芳 fong; 芬 fan; 凤鳳 fung; 峰 fung; 富 fu
福 fuk; 新 sun san; 兴興 hing; 庆慶 hing
立 lap; 学學 hok; 心 sum; 东東 tung; 春 chun; 良 leung; 亮 leung; 亦 yik; 奕 yik; 振 chun; 震 chun; 士 sze; 世 sai
世 shai; 先 sin; 启啟 kai; 凯凱 hoi
"""
_INITIALS = {
    "b": "p", "d": "t", "g": "k", "j": "ch", "q": "ch", "x": "hs sh s", "zh": "ch j jh", "r": "j", "z": "ts tz",
    "c": "ts tz",
}  # fmt: skip
_WHOLE = {
    "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu tze", "ci": "tzu tsu", "si": "szu ssu sze",
    "er": "erh", "e": "o", "yi": "i yih", "you": "yu yo yow", "yan": "yen yan",
    "ye": "yeh", "xu": "hsu shu sheu", "yue": "yueh", "yu": "yu yui",
    "ge": "ko ke", "ke": "ko ke", "he": "ho her", "jiu": "chiu jeou", "ying": "ing ying", "wei": "wei wai",
}  # fmt: skip
_FINALS = (
    (re.compile("ong$"), "ung"), (re.compile("ian$"), "ien"), (re.compile("ie$"), "ieh"), (re.compile("ue$"), "ueh"),
    (re.compile("(?<=[dtnlzcsrh])uo$"), "o"), (re.compile("(?<=[^iuy])e$"), "eh"), (re.compile("(?<=[gk])ui$"), "uei"),
)  # fmt: skip


_OF_TWO_SIGNS = ("欧阳歐陽", "司徒", "司马司馬", "诸葛諸葛", "上官", "张简張簡")


def _read(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in table.replace("\n", ";").split(";"):
        if not entry.strip():
            continue
        signs, *spelt = entry.split()
        length = 2 if signs in _OF_TWO_SIGNS else 1
        for start in range(0, len(signs), length):
            found.setdefault(signs[start : start + length], tuple(one.replace("?", " ?") for one in spelt))
    return found


FAMILY_NAMES = _read(_FAMILY_NAMES)
_OF_GIVEN = _read(_GIVEN)


# A sign in its traditional and simplified shapes, for what the tables hold.
_SHAPES = {
    ord(other): entry.split()[0][0]
    for table in (_FAMILY_NAMES, _GIVEN)
    for entry in table.replace("\n", ";").split(";")
    if entry.strip() and entry.split()[0] not in _OF_TWO_SIGNS
    for other in entry.split()[0][1:]
}


_SHAPES |= {
    ord(other): one
    for signs in _OF_TWO_SIGNS
    if len(signs) > 2
    for one, other in zip(signs[:2], signs[2:], strict=True)
}


def in_one_shape(name: str) -> str:
    """Return a name with signs that have a traditional and a simplified shape in one of them."""
    return name.translate(_SHAPES)


@lru_cache(maxsize=8192)
def pinyin(sign: str) -> str:
    """Return the most usual reading of a sign, without its tone."""
    return anyascii(sign).lower()


@lru_cache(maxsize=8192)
def syllable(sign: str) -> tuple[str, ...]:
    """Return the customary spellings of a sign in a given name."""
    return tuple(dict.fromkeys((*_northern(pinyin(sign)), *_OF_GIVEN.get(sign, ()))))


@lru_cache(maxsize=1024)
def family_name(signs: str) -> tuple[str, ...]:
    """Return the customary spellings of a family name of one sign or two."""
    usual = _northern(pinyin(signs)) if len(signs) == 1 else ()
    return tuple(dict.fromkeys((*FAMILY_NAMES.get(signs, ()), *usual)))


@lru_cache(maxsize=1024)
def _northern(read: str) -> tuple[str, ...]:
    """Return pinyin and what the same syllable is after Wade and Giles, and in Taiwan."""
    initial = next((one for one in ("zh", "ch", "sh") if read.startswith(one)), read[:1])
    final = read.removeprefix(initial)
    finals = [final, *(pattern.sub(other, final) for pattern, other in _FINALS if pattern.search(initial + final))]
    finals = [one for one in finals if one] or [final]
    starts = [initial, *_INITIALS.get(initial, "").split()]
    found = [read, *_WHOLE.get(read, "").split(), *(start + end for start in starts for end in finals)]
    if final.startswith("u") and initial in ("j", "q", "x", "y"):
        found += [one.replace("u", "yu", 1) for one in found if "yu" not in one]
    return tuple(dict.fromkeys(found))
