"""Old ledgers made fit to be kept: names masked on the way in, totals such as 「26余」 with their lower bound.

Source: domain section 4 (columns of the ledger), section 2 (who sees what: later readers see 张女士, never a
name) and worked case W11 (report totals stay text). Pure: no database, no clock.
"""

from __future__ import annotations

import re
import unicodedata

from app.people.import_cells import BadCell, number_in
from app.words import N_

DOUBLE_SURNAMES = frozenset(
    {"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容",
     "长孙", "宇文", "夏侯", "司徒", "端木", "轩辕", "百里", "呼延", "南宫", "独孤"}
)  # fmt: skip
#: The surnames most people bear; they tell 「张三住户」 from 「热心住户」.
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
    "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢岳齐"
)
#: After these a word is a way to address somebody: the surname before it stays, the given name goes.
TITLES = (
    "先生", "女士", "阿姨", "大爷", "大妈", "大娘", "叔叔", "奶奶", "爷爷", "老师", "师傅", "同志", "小姐", "大哥",
    "大姐", "医生",
    "书记", "主任", "经理", "队长", "楼长", "院长", "代表", "委员", "老板",
)  # fmt: skip
#: Words that name a body, a crowd or a way in, not a person.
BODIES = (
    "居委会", "业委会", "物业", "公司", "社区", "商铺", "单位", "学校", "幼儿园", "支部", "党委", "委员会", "议事会",
    "协会", "联盟",
    "中心", "街道", "办事处", "派出所", "城管", "市场", "超市", "银行", "医院", "工作站", "楼组", "党群", "网格员",
    "网格长", "网格",
    "物管会", "全体", "匿名", "热线", "12345", "信箱", "不详", "来电", "来访", "来信", "反映", "走访", "巡查",
)  # fmt: skip
#: Who somebody is, written before or after a name.
CROWDS = ("居民", "住户", "业主", "商户", "群众", "志愿者", "租户", "党员", "老人", "家长")
KIN = ("孙女", "孙子", "外孙", "女儿", "儿子", "女婿", "儿媳", "老伴", "爱人", "父亲", "母亲", "家属")
_PLACE = re.compile(r"[巷街路里苑园村庄楼院号元栋区门幢层厂队段\d]")
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_FIXED = re.compile(r"(?<!\d)(0\d{2,3}[- ]?)\d{4}(\d{3,4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_BELOW = re.compile(r"近|约|不到|不足|左右|以下|大概|差不多")
_UNITS_BEHIND = r"(人次|人|户|件|起|次|个|处|项|条|名|场|元|余|多|来|几|以上|起码|至少|不止)"


def mask_person(text: str, gender: str = "") -> str:
    """张女士 for 张小红 where the sheet says she is a woman, 张某 where it does not; bodies and crowds stay.

    Several names between commas are masked one by one, and 「张三等 12 户」 becomes 「张某等12户」.
    """
    parts = re.split(r"([、，,；;/\s]+)", text.strip())
    return "".join(part if index % 2 else _mask_one(part, gender) for index, part in enumerate(parts))


def _mask_one(word: str, gender: str) -> str:
    if not word or word in TITLES:
        return word
    joint = re.match(r"(.{2,12}?)(等|及|夫妇|一家)(.*)$", word)
    if joint:
        # What follows may name the others, so only how many they are is kept.
        return _mask_one(joint[1], gender) + joint[2] + re.sub(r"[^\d余多几户人名家位]", "", joint[3])
    marks = [word.rfind(mark) + len(mark) for mark in (*BODIES, *CROWDS) if mark in word]
    if marks and max(marks) < len(word):
        if word[max(marks)] == "的":
            # 「轮椅老人的孙女」: of who belongs to whom only the kinship is kept, never a name behind it.
            kin = next((kin for kin in KIN if word[max(marks) + 1 :].startswith(kin)), "家人")
            return f"{word[: max(marks)]}的{kin}"
        # 「3号楼居民王小明」: the name stands behind the last word that is no name.
        return _mask_one(word[: max(marks)], gender) + _mask_one(word[max(marks) :], gender)
    crowd = next((mark for mark in CROWDS if word.endswith(mark)), "")
    before = word.removesuffix(crowd)
    if crowd and 2 <= len(before) <= 4 and before[0] in SURNAMES and not _PLACE.search(before):
        return _mask_name(before, gender) + crowd
    return word if marks else _mask_name(word, gender)


def _mask_name(name: str, gender: str) -> str:
    if len(name) == 2 and name[0] in "小老阿" and name[1] in SURNAMES:
        return name
    surname = name[:2] if name[:2] in DOUBLE_SURNAMES else name[:1]
    title = next((title for title in TITLES if name.endswith(title)), "")
    return surname + (title or _courtesy(gender) or "某")


def _courtesy(gender: str) -> str:
    return {"男": "先生", "女": "女士", "先生": "先生", "女士": "女士"}.get(gender.strip(), "")


def mask_numbers(text: str) -> str:
    """Free text without the middle of phone and identity-card numbers."""
    text = _ID_CARD.sub(r"\1********\2", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _FIXED.sub(r"\1****\2", text)


def least_of(text: str) -> int | None:
    """The lower bound of a total as it was written: 26 for 「26余」, 42 for 「12+30余」, None for 「近30」."""
    tidy = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if _BELOW.search(tidy):
        return None
    found = [number_in(re.sub(_UNITS_BEHIND, "", part)) for part in re.split(r"[+加和]", tidy) if part]
    return sum(n for n in found if n is not None) if found and None not in found else None


def two_counts(text: str) -> tuple[int, int | None]:
    """应到/实到 in one cell: 17/14, or only the first of them."""
    found = re.findall(r"\d+", unicodedata.normalize("NFKC", text))
    if not 1 <= len(found) <= 2 or any(len(part) > 5 for part in found):
        raise BadCell(N_("应到和实到请写成 17/14 这样，「%(text)s」看不懂。"), text=text[:20])
    return int(found[0]), int(found[1]) if len(found) == 2 else None
