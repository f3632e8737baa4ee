"""What the hall takes on gladly, what it may not decide, and which door is the right one instead.

Source: domain.md section 8, encouraged list E1–E6 and negative list N01–N13 (bases: F1 Residents' Committees Act
section 31, F2 Civil Code section 278, F18 hotline rules sections 19 and 39, F20 petition rules; OK: own experience).
The seeds name the lists without printing them, so the wording is ours. What stands here is version 0, the one every
street begins with; later versions are rows (``policy.StreetList``), put together by ``effective``. Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """One class of matters a hall is glad to take on; ``examples`` helps the reader to recognise it.

    ``signs`` are words of a text that remind of the class.
    """

    code: str
    label: str
    examples: str
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Negative:
    """One item a hall may not decide. ``door`` is where to go instead, in words a resident can act on.

    ``signs`` are words of a text that remind of the item; they only hint, a person decides. ``note`` is what the hall
    itself adds: a phone, an office round the corner.
    """

    code: str
    label: str
    way: Way
    door: str
    urgent: bool = False
    signs: tuple[str, ...] = ()
    note: str = ""


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
        Encouraged("E1", N_("建设"), N_("添个设施、修个东西"),
                   ("加装", "增设", "安装", "修理", "维修", "坏了", "晾衣", "长椅", "健身器", "凉亭", "扶手")),
        Encouraged("E2", N_("整治"), N_("环境卫生、乱堆乱放"),
                   ("垃圾", "杂物", "乱堆", "卫生", "停车", "油烟", "绿化", "污水", "外摆", "小广告")),
        Encouraged("E3", N_("安全"), N_("消防、照明、路面隐患"),
                   ("消防", "路灯", "照明", "积水", "塌了", "塌陷", "要塌",
                    "护栏", "充电", "隐患", "摔倒", "摔跤", "摔了", "滑倒")),
        Encouraged("E4", N_("服务"), N_("一老一小、便民服务"),
                   ("老人", "助餐", "食堂", "孩子", "托管", "物业", "看病", "理发", "跑腿")),
        Encouraged("E5", N_("文化"), N_("文体公益、邻里活动"),
                   ("活动", "广场舞", "演出", "读书", "文化墙", "比赛", "春节", "团拜")),
        Encouraged("E6", N_("自治"), N_("邻里公约、互相帮忙"),
                   ("公约", "养狗", "遛狗", "养犬", "志愿", "邻里", "互助", "太吵", "吵闹", "吵架")),
    )
}  # fmt: skip

NEGATIVE: dict[str, Negative] = {
    item.code: item
    for item in (
        Negative("N01", N_("涉及国家秘密、商业秘密或者别人的隐私"), Way.REFUSE,
                 N_("不在议事厅公开说。自己的权益受到侵害，可以向公安派出所报案，或者到法院起诉。")),
        Negative("N02", N_("应该走或者正在走诉讼、仲裁、复议、纪检的"), Way.TELL_THE_DOOR,
                 N_("按原来的程序办：打官司找法院，劳动纠纷找仲裁委，不服行政决定找复议机关，反映干部问题打 12388。"),
                 signs=("法院", "仲裁", "开庭", "判决")),
        Negative("N03", N_("已经进入信访程序的"), Way.TELL_THE_DOOR,
                 N_("请等信访答复。不满意的，收到答复起 30 天内可以向上一级信访部门申请复查。"),
                 signs=("信访", "上访")),
        Negative("N04", N_("依法已经有结论，又没有新情况的"), Way.REFUSE,
                 N_("请看原来的结论。有了新情况、新证据，可以带着材料再来说。")),
        Negative("N05", N_("违法，或者违背公序良俗的"), Way.REFUSE,
                 N_("居民会议和议事会不能定违法的事。想弄清法律怎么说，可以打 12348 免费问律师。")),
        Negative("N06", N_("用表决去侵害别人的人身、财产和民主权利的"), Way.REFUSE,
                 N_("别人的权利不能靠投票拿走。有纠纷可以到社区人民调解委员会申请调解，或者到法院起诉。")),
        Negative("N07", N_("只能由业主共同决定的"), Way.TELL_THE_DOOR,
                 N_("请找业主委员会提请业主大会；没有业委会的，社区可以帮着组织业主来议。")),
        Negative("N08", N_("治安、执法、违建"), Way.REFER,
                 N_("治安打 110；违建和占道打 12345，或者由社区转给城市管理综合行政执法队。"),
                 signs=("违建", "打人", "偷东西", "赌博", "入室")),
        Negative("N09", N_("眼下有危险的紧急情况"), Way.CALL_NOW,
                 N_("现在就打电话：报警 110，火警 119，急救 120，交通事故 122。打完电话再告诉社区。"), urgent=True,
                 signs=("着火", "起火", "冒烟", "煤气味", "燃气泄漏", "触电", "晕倒", "跳楼", "动刀")),
        Negative("N10", N_("没说清什么事、在哪儿，也联系不上人的"), Way.ASK_FOR_MORE,
                 N_("请补上什么事、在什么地方、怎么联系您，再交一次就行。")),
        Negative("N11", N_("不是本社区的事"), Way.REFER,
                 N_("请到事情所在社区的议事厅去说，街道首页上有全部社区的入口。")),
        Negative("N12", N_("广告、募捐、营销"), Way.REFUSE,
                 N_("议事厅不发广告。遇到推销骗老人，打 12315；募捐要找有资格的慈善组织。"),
                 signs=("推销", "保健品", "代理加盟", "贷款", "募捐")),
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


@dataclass(frozen=True)
class Lists:
    """Both lists as one hall goes by them; ``version`` is the street's of the negative list, 0 for the defaults."""

    encouraged: Mapping[str, Encouraged] = field(default_factory=lambda: ENCOURAGED)
    negative: Mapping[str, Negative] = field(default_factory=lambda: NEGATIVE)
    version: int = 0
    encouraged_version: int = 0

    def hint(self, words: str) -> Negative | None:
        """The item of the negative list these words remind of, the most urgent first, or None."""
        found = [item for item in self.negative.values() if any(sign in words for sign in item.signs)]
        return min(found, key=lambda item: not item.urgent, default=None)

    def welcome(self, words: str) -> Encouraged | None:
        """The class of the encouraged list most of whose signs these words show, or None."""
        scores = [(sum(sign in words for sign in item.signs), item) for item in self.encouraged.values()]
        best = max(scores, key=lambda pair: pair[0], default=(0, None))
        return best[1] if best[0] else None

    @property
    def urgent_signs(self) -> tuple[str, ...]:
        """Words of a danger that does not wait for its turn in the list."""
        return tuple(sign for item in self.negative.values() if item.urgent for sign in item.signs)


#: Version 0 of both.
DEFAULTS = Lists()
