"""What may be put to which body, in which way, and when a sheet may open: domain.md section 3, edge rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import Verdict, no, yes
from app.flow.decide.casting import Mode, Subject, hides_its_voters, may_use
from app.flow.decide.rules.judging import BODY_LABELS, Body
from app.flow.decide.rules.kinds import RULE_LABELS, Rule
from app.flow.deliberate.rules import Quorum
from app.words import N_

#: R3 may be held with all residents of 18 or with one per household. Whoever is only invited chooses or advises.
BODY_RULES: dict[Body, tuple[Rule, ...]] = {
    Body.COUNCIL: (Rule.COUNCIL_MAJORITY, Rule.COUNCIL_TWO_THIRDS, Rule.MULTI_OPTION),
    Body.RESIDENTS: (Rule.RESIDENTS_MEETING, Rule.MULTI_OPTION, Rule.SOLICITATION),
    Body.REPS: (Rule.REPS_MEETING, Rule.MULTI_OPTION),
    Body.OWNERS: (
        Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL, Rule.UNANIMOUS, Rule.MULTI_OPTION, Rule.SOLICITATION,
    ),
    Body.HOUSEHOLDS: (Rule.HOUSEHOLD_BALLOT, Rule.RESIDENTS_MEETING, Rule.MULTI_OPTION, Rule.SOLICITATION),
    Body.INVITED: (Rule.MULTI_OPTION, Rule.SOLICITATION),
}  # fmt: skip
MOST_QUESTIONS, MOST_OPTIONS = 20, 20


@dataclass(frozen=True)
class Sheet:
    """What is about to be put: one sheet of questions to one body, each question as its rule and its option labels."""

    body: Body
    mode: Mode
    questions: Sequence[tuple[Rule, Sequence[str]]]
    online: bool = True
    paper: bool = False
    hands: bool = False
    subject: Subject = Subject.OTHER
    objections: int = 0
    at_sitting: bool = False
    of_estate: bool = False

    @property
    def only_asks(self) -> bool:
        """Whether nothing on the sheet can decide anything (R10)."""
        return all(rule is Rule.SOLICITATION for rule, _ in self.questions)


def may_put(sheet: Sheet) -> Verdict:
    """Whether this sheet may be put to this body in this way, naming the first thing that is wrong."""
    if not sheet.questions or len(sheet.questions) > MOST_QUESTIONS:
        return no(N_("一张票上要有 1 到 %(most)s 个问题"), most=MOST_QUESTIONS)
    if not sheet.only_asks and any(rule is Rule.SOLICITATION for rule, _ in sheet.questions):
        return no(N_("征求意见不作决定，请单独发一张，不和表决放在一起"))
    for rule, options in sheet.questions:
        found = _question(sheet.body, rule, options)
        if not found:
            return found
    return _way(sheet)


def _question(body: Body, rule: Rule, options: Sequence[str]) -> Verdict:
    if rule not in BODY_RULES[body]:
        return no(N_("%(body)s不能按「%(rule)s」算"), body=BODY_LABELS[body], rule=RULE_LABELS[rule])
    if rule is not Rule.MULTI_OPTION:
        return no(N_("只有选方案才列方案，别的问题只答同意、不同意、弃权")) if options else yes()
    if not 2 <= len(options) <= MOST_OPTIONS:
        return no(N_("选方案要有 2 到 %(most)s 个方案"), most=MOST_OPTIONS)
    if len(set(options)) != len(options) or not all(options):
        return no(N_("每个方案要有名字，不能重名"))
    return yes()


def _way(sheet: Sheet) -> Verdict:
    if not (sheet.online or sheet.paper or sheet.hands):
        return no(N_("怎么投至少选一样：网上、纸票、举手"))
    if sheet.mode not in (Mode.NAMED, Mode.SECRET):
        return no(N_("一张票要么记名，要么无记名"))
    if sheet.hands and sheet.mode is Mode.SECRET:
        return no(N_("举手大家都看得见，不能算无记名"))
    if sheet.hands and sheet.body is Body.OWNERS:
        return no(N_("业主还要算面积，举手数不出来，请用纸票"))
    if sheet.body is Body.COUNCIL and not sheet.at_sitting:
        return no(N_("议事会的表决要在会上进行"))
    if sheet.body is not Body.OWNERS:
        return may_use(sheet.mode, sheet.subject, sheet.objections)
    if not sheet.of_estate:
        return no(N_("业主表决要说是哪个小区"))
    if sheet.only_asks:
        return may_use(sheet.mode, sheet.subject, sheet.objections)
    if sheet.online:
        return no(N_("业主共同决定要在纸票上签字；网上只能征求意见"))
    return may_use(sheet.mode, Subject.OWNERS)


def may_open(
    lines: int, who_may: str, now: datetime, closes_at: datetime | None, area_dm2: int | None = None,
    mode: Mode = Mode.NAMED,
) -> Verdict:  # fmt: skip
    """Who may vote is said in words before a sheet opens, and the roll is there and fixed from then on.

    ``area_dm2`` is the whole area of the owners asked, None for every other body. A secret sheet needs a roll in which
    one can hide.
    """
    if not who_may.strip():
        return no(N_("谁能投，要先写清楚"))
    if lines < 1:
        return no(N_("名单还是空的，先定好谁能投"))
    if not (hides := may_be_secret(mode, lines)):
        return hides
    if area_dm2 is not None and area_dm2 < 1:
        return no(N_("名单上没有面积，先登记业主和面积"))
    return still_ahead(now, closes_at)


def may_be_secret(mode: Mode, lines: int) -> Verdict:
    """A secret sheet needs a roll in which one can hide."""
    if mode is Mode.SECRET and not hides_its_voters(lines):
        return no(N_("名单上不到 5 人，无记名也看得出谁投了什么。多请几位，或者改成记名"))
    return yes()


def still_ahead(now: datetime, closes_at: datetime | None) -> Verdict:
    """A sheet ends after it begins, or at its table."""
    return no(N_("截止时间已经过了，先改时间")) if closes_at is not None and closes_at <= now else yes()


def may_be_put_at(body: Body, only_asks: bool, is_voting: bool, is_ratifying: bool) -> Verdict:
    """Whether the matter has come to the step at which this body may decide; opinions may be asked at any step."""
    if only_asks or is_voting:
        return yes()
    if is_ratifying:
        larger = body in (Body.RESIDENTS, Body.REPS, Body.OWNERS, Body.HOUSEHOLDS)
        return yes() if larger else no(N_("这件事要居民（代表）会议或业主大会来定。"))
    return no(N_("这件事还没到表决这一步，现在只能征求意见。"))


def may_narrow(body: Body, rules: Sequence[Rule]) -> Verdict:
    """Whether only some buildings may be asked: R10 and R11 know the households a matter touches, a meeting of
    residents knows nothing less than all of them (domain.md section 3)."""
    if body is not Body.HOUSEHOLDS:
        return no(N_("只有一户一票的，才能只列几幢楼"))
    if Rule.RESIDENTS_MEETING in rules:
        return no(N_("居民会议要请全体，不能只列几幢楼"))
    return yes()


def own_quorum(body: Body, charter: Quorum, given: Quorum | None = None) -> Quorum:
    """The quorum written on a question: the body's by law; only the council's own may be raised, never lowered."""
    if body is Body.REPS or body is Body.OWNERS:
        return Quorum.TWO_THIRDS
    if body is Body.COUNCIL:
        return Quorum.TWO_THIRDS if Quorum.TWO_THIRDS in (charter, given) else Quorum.HALF
    return Quorum.HALF


def may_give_proxy(body: Body, name: str, scope: str, seen_by: str, until: datetime | None, now: datetime) -> Verdict:
    """Owners alone may be represented, in writing: who, for what, until when, and who has seen the paper (F4 12)."""
    if body is not Body.OWNERS:
        return no(N_("%(body)s要本人来投，不能委托"), body=BODY_LABELS[body])
    if not (name.strip() and scope.strip() and seen_by.strip() and until is not None):
        return no(N_("委托书要写明委托谁、办什么、到哪天，谁看过原件也要写"))
    return yes() if until > now else no(N_("委托书已经过期"))
