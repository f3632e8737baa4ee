"""What the hall takes on gladly, what it may not decide, and which door is the right one instead.

Source: domain.md section 8, encouraged list E1–E6 and negative list N01–N13 (bases: F1 Residents' Committees Act
section 31, F2 Civil Code section 278, F18 hotline rules sections 19 and 39, F20 petition rules; OK: own experience).
The seeds name the lists without printing them, so the wording is ours. Pure data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.words import N_


class Way(StrEnum):
    """What the desk does by default when an item of the negative list fits."""

    REFUSE = "refuse"
    TELL_THE_DOOR = "tell_the_door"
    REFER = "refer"
    CALL_NOW = "call_now"
    ASK_FOR_MORE = "ask_for_more"
    MERGE = "merge"


@dataclass(frozen=True)
class Encouraged:
    """One class of matters a hall is glad to take on; ``examples`` helps the reader to recognise it."""

    code: str
    label: str
    examples: str


@dataclass(frozen=True)
class Negative:
    """One item a hall may not decide. ``door`` is where to go instead, in words a resident can act on."""

    code: str
    label: str
    way: Way
    door: str
    urgent: bool = False


WAY_LABELS: dict[Way, str] = {
    Way.REFUSE: N_("不予受理，说明原因"),
    Way.TELL_THE_DOOR: N_("不予受理，告诉该走的门"),
    Way.REFER: N_("转给管这事的单位"),
    Way.CALL_NOW: N_("马上打电话，不要等"),
    Way.ASK_FOR_MORE: N_("先请提出人补充"),
    Way.MERGE: N_("并到已有的那一件"),
}

ENCOURAGED: dict[str, Encouraged] = {
    item.code: item
    for item in (
        Encouraged("E1", N_("建设"), N_("添个设施、修个东西")),
        Encouraged("E2", N_("整治"), N_("环境卫生、乱堆乱放")),
        Encouraged("E3", N_("安全"), N_("消防、照明、路面隐患")),
        Encouraged("E4", N_("服务"), N_("一老一小、便民服务")),
        Encouraged("E5", N_("文化"), N_("文体公益、邻里活动")),
        Encouraged("E6", N_("自治"), N_("邻里公约、互相帮忙")),
    )
}

NEGATIVE: dict[str, Negative] = {
    item.code: item
    for item in (
        Negative("N01", N_("涉及国家秘密、商业秘密或者别人的隐私"), Way.REFUSE,
                 N_("不在议事厅公开说。自己的权益受到侵害，可以向公安派出所报案，或者到法院起诉。")),
        Negative("N02", N_("应该走或者正在走诉讼、仲裁、复议、纪检的"), Way.TELL_THE_DOOR,
                 N_("按原来的程序办：打官司找法院，劳动纠纷找仲裁委，不服行政决定找复议机关，反映干部问题打 12388。")),
        Negative("N03", N_("已经进入信访程序的"), Way.TELL_THE_DOOR,
                 N_("请等信访答复。不满意的，收到答复起 30 天内可以向上一级信访部门申请复查。")),
        Negative("N04", N_("依法已经有结论，又没有新情况的"), Way.REFUSE,
                 N_("请看原来的结论。有了新情况、新证据，可以带着材料再来说。")),
        Negative("N05", N_("违法，或者违背公序良俗的"), Way.REFUSE,
                 N_("居民会议和议事会不能定违法的事。想弄清法律怎么说，可以打 12348 免费问律师。")),
        Negative("N06", N_("用表决去侵害别人的人身、财产和民主权利的"), Way.REFUSE,
                 N_("别人的权利不能靠投票拿走。有纠纷可以到社区人民调解委员会申请调解，或者到法院起诉。")),
        Negative("N07", N_("只能由业主共同决定的"), Way.TELL_THE_DOOR,
                 N_("请找业主委员会提请业主大会；没有业委会的，社区可以帮着组织业主来议。")),
        Negative("N08", N_("治安、执法、违建"), Way.REFER,
                 N_("治安打 110；违建和占道打 12345，或者由社区转给城市管理综合行政执法队。")),
        Negative("N09", N_("眼下有危险的紧急情况"), Way.CALL_NOW,
                 N_("现在就打电话：报警 110，火警 119，急救 120，交通事故 122。打完电话再告诉社区。"), urgent=True),
        Negative("N10", N_("没说清什么事、在哪儿，也联系不上人的"), Way.ASK_FOR_MORE,
                 N_("请补上什么事、在什么地方、怎么联系您，再交一次就行。")),
        Negative("N11", N_("不是本社区的事"), Way.REFER,
                 N_("请到事情所在社区的议事厅去说，街道首页上有全部社区的入口。")),
        Negative("N12", N_("广告、募捐、营销"), Way.REFUSE,
                 N_("议事厅不发广告。遇到推销骗老人，打 12315；募捐要找有资格的慈善组织。")),
        Negative("N13", N_("同一件事已经在办的"), Way.MERGE,
                 N_("这件事已经在办，并到一起办，您的名字照样算一份。")),
    )
}  # fmt: skip

#: Which class a category of ``collect.rules.CATEGORIES`` belongs to; a quarrel or an opinion belongs to none.
ENCOURAGED_OF: dict[str, str] = {
    "repair": "E1",
    "addition": "E1",
    "hygiene": "E2",
    "parking": "E2",
    "business": "E2",
    "greening": "E2",
    "safety": "E3",
    "property": "E4",
    "elders": "E4",
    "events": "E5",
    "plan": "E5",
    "pets": "E6",
    "neighbours": "E6",
}


def encouraged_class(category: str) -> Encouraged | None:
    """The class of the encouraged list a category belongs to, or None."""
    return ENCOURAGED.get(ENCOURAGED_OF.get(category, ""))


#: Words that make the desk look twice. They only hint; a person decides.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("N09", ("着火", "起火", "冒烟", "煤气味", "燃气泄漏", "触电", "晕倒", "跳楼", "动刀")),
    ("N08", ("违建", "打人", "偷东西", "赌博", "入室")),
    ("N12", ("推销", "保健品", "代理加盟", "贷款", "募捐")),
    ("N02", ("法院", "仲裁", "开庭", "判决")),
    ("N03", ("信访", "上访")),
)


#: Words of a danger that does not wait for its turn in the list.
URGENT_SIGNS: tuple[str, ...] = tuple(sign for code, signs in _SIGNS if NEGATIVE[code].urgent for sign in signs)


def hint(words: str) -> Negative | None:
    """The item of the negative list these words remind of, the most urgent first, or None."""
    for code, signs in _SIGNS:
        if any(sign in words for sign in signs):
            return NEGATIVE[code]
    return None
