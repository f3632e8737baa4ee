"""A vote in plain words: who may, by which rule, what a figure means. Words only; nothing here reads the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.faces.look import say
from app.faces.phrasing import listed, quoted
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.rules import Quorum, Rule, at_least, quorum_needed, square_metres
from app.words import N_

#: Bodies whose voice is a home, not a head.
HOMES = frozenset({"households", "owners"})
WHO_MAY: dict[str, str] = {
    "council": N_("议事会的成员，每人一票。"),
    "residents": N_("满 18 周岁、住在本社区的居民，每人一票。"),
    "reps": N_("居民代表和居委会成员，每人一票。别的居民可以来听、可以发言，不投票。"),
    "owners": N_("业主。几套房子的业主算一户，面积照登记的全算上。"),
    "households": N_("每户一票，家里哪位来投都行，先投的那一票算。"),
    "invited": N_("名单上请到的人，每人一票。"),
}
STATES: dict[str, tuple[str, str, str]] = {
    "draft": (N_("还没开始"), "clock", ""),
    "open": (N_("正在投票"), "hourglass-split", "soon"),
    "counting": (N_("投完了，正在计票"), "list-check", "info"),
    "closed": (N_("有结果了"), "lock-fill", ""),
    "void": (N_("已作废"), "x-octagon-fill", "late"),
}
WAITS = N_("等您投")
#: Whose ballot came: one's own, or the whole household's.
CAST = {False: N_("您的票收到了"), True: N_("您家的票收到了")}
CHANNELS = {"online": N_("网上"), "paper": N_("纸票"), "hands": N_("举手")}
YES_NO = {"yes": N_("同意"), "no": N_("不同意"), "abstain": N_("弃权"), "spoiled": N_("废票")}
ASKED = {"yes": N_("赞成"), "no": N_("反对"), "abstain": N_("说不准"), "spoiled": N_("废票")}
EFFECTS: dict[str, str] = {
    "advisory": N_("这是协商意见：大家商量出来的结果，不代替居民会议和业主的决定。"),
    "residents_decision": N_("这是居民会议的决定，居委会照着办。觉得伤了自己的权利，可以到法院去说。"),
    "owners_decision": N_("这是业主共同决定，对全体业主有效。觉得伤了自己的权利，一年以内可以到法院请求撤销。"),
    "agreement": N_("这是协议，签了字的各方都要守。"),
    "consultation_only": N_("只当意见听，不作决定。"),
}


def effect_of(ballot: Ballot) -> str:
    """What the result is worth; what did not pass binds nobody and must not say that it does."""
    binding = ballot.legal_effect in ("residents_decision", "owners_decision", "agreement")
    return _("没有定下来，原来怎么样还怎么样。") if binding and not ballot.passed else say(EFFECTS[ballot.legal_effect])


def unit_of(poll: Poll | None) -> str:
    """户 where a home is one voice, 人 elsewhere."""
    return _("户") if poll is not None and poll.body in HOMES else _("人")


def who_may(poll: Poll) -> str:
    """Who may vote, in the hall's own words where it wrote some."""
    return poll.who_may or say(WHO_MAY[poll.body])


def state_of(poll: Poll, now: datetime) -> tuple[str, str, str]:
    """The chip of a poll: what it is doing, its icon and tone; while it takes votes, how long it still does."""
    if poll.state == "open" and poll.closes_at is not None and poll.closes_at <= now:
        return _("到点了，等着计票"), "clock", ""
    label, icon, tone = STATES[poll.state]
    return (time_left(poll, now) if poll.state == "open" else "") or say(label), icon, tone


def takes_votes(poll: Poll, now: datetime) -> bool:
    """Whether votes are still taken online."""
    return poll.state == "open" and poll.online and (poll.closes_at is None or poll.closes_at > now)


def time_left(poll: Poll, now: datetime) -> str:
    """还剩 1 天 9 小时; empty where no closing is set, or it has passed."""
    if poll.closes_at is None or poll.closes_at <= now:
        return ""
    hours, minutes = divmod((poll.closes_at - now) // timedelta(minutes=1), 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("还剩 %(days)s 天 %(hours)s 小时", days=days, hours=hours) if hours else _("还剩 %(n)s 天", n=days)
    if hours:
        return _("还剩 %(n)s 小时", n=hours)
    return _("还剩 %(n)s 分钟", n=max(1, minutes))


def label_of(ballot: Ballot, key: str) -> str:
    """What a stored choice is called: an option by its own words, otherwise 同意, 不同意, 弃权, 废票."""
    for option in ballot.options or ():
        if option["key"] == key:
            return str(option["label"])
    return say(plain_choices(ballot).get(key, key))


def plain_choices(ballot: Ballot) -> dict[str, str]:
    """What may be said where there are no options: the same words on the phone, on paper and at the counting table."""
    return ASKED if ballot.rule == Rule.SOLICITATION else YES_NO


def rule_lines(poll: Poll, ballot: Ballot, on_roll: int) -> list[str]:
    """How this question is decided, sentence by sentence; ``on_roll`` is N, or how many stand on the roll so far."""
    return [line for line in (_enough(poll, ballot, on_roll), *_passes(poll, ballot), _silence(ballot)) if line]


def _enough(poll: Poll, ballot: Ballot, n: int) -> str:
    """The quorum in words with its number; empty where the rule knows none."""
    rule, unit = Rule(ballot.rule), unit_of(poll)
    if rule is Rule.SOLICITATION or (rule is Rule.MULTI_OPTION and poll.body == "invited"):
        return ""
    if rule is Rule.UNANIMOUS:
        return _("名单上 %(n)s 户，每一户都要答复", n=n)
    owners = rule in (Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL) or poll.body == "owners"
    if owners:
        return _(
            "业主 %(n)s 户，要有三分之二也就是 %(needed)s 户参与，面积也要够 %(area)s 平方米，才算数",
            n=n, needed=at_least(2, 3, n), area=square_metres(at_least(2, 3, poll.eligible_area_dm2)),
        )  # fmt: skip
    quorum = Quorum.TWO_THIRDS if poll.body == "reps" else Quorum(ballot.quorum)
    needed = quorum_needed(n, quorum)
    if rule is Rule.HOUSEHOLD_BALLOT or poll.body == "households":
        return _("%(n)s 户里有 %(needed)s 户以上投票才有效", n=n, needed=needed)
    if quorum is Quorum.TWO_THIRDS:
        return _("名单上 %(n)s %(unit)s，三分之二也就是 %(needed)s %(unit)s到了才算数", n=n, unit=unit, needed=needed)
    return _("名单上 %(n)s %(unit)s，超过一半也就是 %(needed)s %(unit)s到了才算数", n=n, unit=unit, needed=needed)


PASSES: dict[Rule, str] = {
    Rule.COUNCIL_MAJORITY: N_("到会的人超过一半同意，就通过"),
    Rule.COUNCIL_TWO_THIRDS: N_("到会的人有三分之二同意，才通过"),
    Rule.RESIDENTS_MEETING: N_("到会的人超过一半同意，就通过"),
    Rule.REPS_MEETING: N_("到会的人超过一半同意，就通过"),
    Rule.OWNERS_ORDINARY: N_("参与的业主，户数和面积都要超过一半同意，才通过"),
    Rule.OWNERS_SPECIAL: N_("参与的业主，户数和面积都要有四分之三同意，才通过"),
    Rule.UNANIMOUS: N_("一户不同意，就不成；人多也不能代替"),
    Rule.HOUSEHOLD_BALLOT: N_("收回来的票超过一半同意，就通过"),
    Rule.MULTI_OPTION: N_("得票最多的当选"),
    Rule.SOLICITATION: N_("只听大家的意见，不作决定"),
}


def _passes(poll: Poll, ballot: Ballot) -> list[str]:
    found = [say(PASSES[Rule(ballot.rule)])] if Rule(ballot.rule) in PASSES else []
    if ballot.rule == Rule.MULTI_OPTION:
        if not poll.run_off_of:
            found.append(_("第一名打平了，就在打平的里面再投一次（复投）"))
        if poll.lot_announced:
            found.append(_("复投还打平，就当众抽签，这是事先说好的"))
        elif poll.run_off_of:
            found.append(_("复投还打平，就不算定下来，回去再商量"))
    return found


def _silence(ballot: Ballot) -> str:
    base_is_present = (
        Rule.COUNCIL_MAJORITY, Rule.COUNCIL_TWO_THIRDS, Rule.RESIDENTS_MEETING, Rule.REPS_MEETING,
        Rule.HOUSEHOLD_BALLOT, Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL,
    )  # fmt: skip
    return _("弃权和废票都不算同意") if Rule(ballot.rule) in base_is_present else ""


def sheet_lines(poll: Poll) -> list[str]:
    """What holds for the whole sheet: whether it may be changed, who sees what, when counts are shown."""
    lines = []
    if poll.mode == "secret":
        lines.append(_("这是无记名投票：票上没有名字，谁投了什么没人知道，系统里也查不出来"))
        lines.append(_("投进去就不能改，所以投之前会再问您一遍"))
    else:
        lines.append(_("这是记名投票，投了什么只用来计票；公布的是总数，不公布谁投了什么"))
        if poll.online:
            lines.append(_("投了以后，结束以前还能在网上改") if poll.changeable else _("投了就不能改，想好再投"))
    ways = [say(CHANNELS[way]) for way in CHANNELS if getattr(poll, way)]
    if len(ways) > 1:
        lines.append(_("%(ways)s只算一次，先收到的那一票算", ways=listed(ways)))
    lines.append(_("计票以前，各有几票谁也看不到"))
    return lines


def headline(ballot: Ballot) -> tuple[str, str]:
    """The seal and the sentence over one counted question: ``(印, 一句话)``."""
    if ballot.outcome == "no_quorum":
        return _("人数不够"), _("人数不够，没有作决定")
    if ballot.rule == Rule.SOLICITATION:
        return _("意见听到"), _("大家的意见在这儿")
    if ballot.outcome in ("run_off", "tie") and ballot.run_off and not ballot.winner:
        names = listed(quoted(label_of(ballot, key)) for key in ballot.run_off)
        return _("打平"), _("%(names)s打平了", names=names)
    if ballot.options:
        if not ballot.winner:
            return _("没有选出"), _("没有选出来")
        return _("选定"), _("选「%(what)s」", what=label_of(ballot, ballot.winner))
    if ballot.outcome == "tie":
        return _("没有通过"), _("两边打平，没通过")
    return (_("表决通过"), _("通过了")) if ballot.passed else (_("没有通过"), _("没通过"))


def bars(ballot: Ballot) -> list[dict[str, Any]]:
    """One bar a choice over every channel: options by most votes, yes/no in their order, spoiled last if any."""
    sums: dict[str, int] = {option["key"]: 0 for option in ballot.options or ()}
    if not ballot.options:
        sums = {"yes": 0, "no": 0, "abstain": 0}
    for counts in (ballot.counts or {}).values():
        for key, n in counts.items():
            sums[key] = sums.get(key, 0) + n
    if not ballot.counts and not ballot.options:
        sums = {"yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain, "spoiled": ballot.spoiled}
    last = ("abstain", "spoiled")
    keys = [key for key in sums if key not in last]
    if ballot.options:
        keys.sort(key=lambda key: (key != ballot.winner, -sums[key]))
    rest = [key for key in last if sums.get(key) or (key == "abstain" and not ballot.options)]
    tones = {key: "" if key in (ballot.winner, "yes") else "2" for key in keys} | dict.fromkeys(rest, "3")
    return [
        {"key": key, "label": label_of(ballot, key), "count": sums[key], "tone": tone} for key, tone in tones.items()
    ]
