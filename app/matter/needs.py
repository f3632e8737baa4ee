"""The evidence a move asks for: one key each, with the words a page shows while it is missing.

Source: column "data required to leave" of domain.md section 2. The rooms know how to find out whether a piece is on
record; this file only names it, so that the button, the action and the "what is missing" panel read the same list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.matter.situation import Kind, Power, Situation, Track, Triage
from app.words import N_

Condition = Callable[[Situation], bool]


@dataclass(frozen=True)
class Need:
    """One piece of evidence; ``applies`` tells in which situations it is asked for (None: always)."""

    key: str
    label: str
    applies: Condition | None = None

    def is_missing(self, situation: Situation) -> bool:
        """Asked for here and not on record."""
        if self.applies is not None and not self.applies(situation):
            return False
        return self.key not in situation.evidence


CHANNEL = Need("channel", N_("从哪儿听来的"))
WORDS = Need("words", N_("原话"))
PLACE = Need("place", N_("在什么地方"))
SPEAKER_CONSENT = Need("speaker_consent", N_("本人同意代录"), lambda s: s.entered_for_another)
REPLY = Need("reply", N_("当场的答复"))
KIND = Need("kind", N_("谁提的：个人、联名还是单位"))
CATEGORY = Need("category", N_("属于哪一类"))
WISH = Need("wish", N_("希望怎么办"))
SIGNERS = Need("signers", N_("至少两位联名人"), lambda s: s.kind is Kind.JOINT)
MISSING_SAID = Need("missing_said", N_("要补什么，写明白"))
INFO_SUPPLIED = Need("info_supplied", N_("补充的内容"))
TIME_RAN_OUT = Need("time_ran_out", N_("补正期限已过"))
NEGATIVE_ITEM = Need("negative_item", N_("属于负面清单哪一条"))
RIGHT_DOOR = Need("right_door", N_("该去哪儿反映"))
REVIEW_UPHELD = Need("review_upheld", N_("街道复核认为应当受理"))
RECEIVER = Need("receiver", N_("转给哪个单位"))
CALL_BACK_DATE = Need("call_back_date", N_("哪天回话"))
MERGED_INTO = Need("merged_into", N_("并到本社区哪一件"))
PROPOSERS_KEPT = Need("proposers_kept", N_("提出人都保留"))
TARGET_LIVES = Need("target_lives", N_("并进去的那件事还在办"))

TRIAGE = Need("triage", N_("小事、急事、难事还是大事"))
LEVEL = Need("level", N_("哪一级来办"))
RESPONSIBLE = Need("responsible", N_("责任人"))
DECISION_POWER = Need("decision_power", N_("这事谁能定"))
QUESTION = Need("question", N_("一句话说清要议什么"))
STAKEHOLDERS = Need("stakeholders", N_("和谁有关，列个名单"))
PARTY_FIRST = Need("party_first", N_("标明党组织先议"), lambda s: s.decision_power is Power.RESIDENTS)

SITE_NOTE = Need("site_note", N_("现场看过的记录"))
TWO_OPTIONS = Need("two_options", N_("至少两个方案，写明花多少、谁出"))
CANVASS = Need("canvass", N_("入户或接龙听来的意见"))
EXPERT_OPINION = Need("expert_opinion", N_("专家意见（难事要有）"), lambda s: s.triage is Triage.HARD)

AGENDA = Need("agenda", N_("议程"))
TIME_AND_PLACE = Need("time_and_place", N_("时间和地点"))
INVITEES = Need("invitees", N_("请谁来"))
RULE_AND_BASE = Need("rule_and_base", N_("怎么算通过，按多少人算"))
MATERIALS = Need("materials", N_("会前材料"))
NOTICE_GIVEN = Need("notice_given", N_("会前公告满天数"))

ATTENDANCE = Need("attendance", N_("到会登记"))
QUORUM = Need("quorum", N_("到会人数够"))
MINUTES = Need("minutes", N_("会议记录"))
OPTIONS_AS_PUT = Need("options_as_put", N_("交付商量的方案原文"))
CONSENSUS = Need("consensus", N_("有关的人都问过，没有反对"), lambda s: s.track is Track.ORDINARY)
AGREEMENT = Need("agreement", N_("双方认可的协议"), lambda s: s.track is Track.MEDIATION)
TALLY = Need("tally", N_("计票结果对得上"))
COUNTED_BY_TWO = Need("counted_by_two", N_("计票人和监票人两人签字"))
PASSED = Need("passed", N_("表决通过"))
FAILED = Need("failed", N_("表决没通过"))
QUORUM_LOST = Need("quorum_lost", N_("到会人数不够"))
NEW_FACTS = Need("new_facts", N_("有什么新情况"))
COOLING_OVER = Need("cooling_over", N_("同样的内容要过 30 天再提"), lambda s: s.same_text)

RESOLUTION_TEXT = Need("resolution_text", N_("决议正文"))
RESOLUTION_NUMBER = Need("resolution_number", N_("决议编号"))
TASKS = Need("tasks", N_("谁来办，哪天办完"))
DISSENT_ANSWERED = Need("dissent_answered", N_("不同意见记下并答复"))
POSTING_STARTED = Need("posting_started", N_("公示已经贴出"), lambda s: not s.is_private)
PARTY_STUDY = Need("party_study", N_("党组织先议的记录"))
BODY_QUORUM = Need("body_quorum", N_("大会到会人数够"))
BODY_TALLY = Need("body_tally", N_("大会计票结果"))
WINDOW_ENDED = Need("window_ended", N_("提意见的期限已过"))
OBJECTIONS_ANSWERED = Need("objections_answered", N_("每条意见都有答复"))
OBJECTION_UPHELD = Need("objection_upheld", N_("有意见成立"))

COMMITMENTS = Need("commitments", N_("承诺：谁来办，哪天办完"))
ALL_DONE = Need("all_done", N_("每一项都报完工"))
PROGRESS_NOTE = Need("progress_note", N_("进展记录"))
MONEY_RECORDED = Need("money_recorded", N_("收支账"), lambda s: s.costs_money)
OUTSIDE_CAUSE = Need("outside_cause", N_("暂缓的原因不在我们"))
REVIEW_DATE = Need("review_date", N_("告诉提出人哪天再看"))
ALL_VERIFIED = Need("all_verified", N_("每一项都有核验凭据"))
RESIDENT_WITNESS = Need("resident_witness", N_("一位居民一起核验"))
COST_COMPARED = Need("cost_compared", N_("实际花费和预算对过"), lambda s: s.costs_money)
FAULT_FOUND = Need("fault_found", N_("哪一项没达到"))
RATINGS = Need("ratings", N_("回访评分"))
LOW_RATING_REASON = Need("low_rating_reason", N_("不满意的原因"), lambda s: s.low_rating)
#: Below 70 % satisfied a second rectification is owed (F22). Two rounds are the most a rule can ask for: after them the
#: hall may close with its evaluation, or talk the matter over again.
SATISFIED_ENOUGH = Need("satisfied_enough", N_("满意的到七成"), lambda s: s.reworks < 2)
#: Each low rating is followed up on its own before the matter is closed (K5, F21).
LOW_FOLLOWED = Need("low_followed", N_("不满意的都回访过"))
EVALUATION = Need("evaluation", N_("议事厅评估"))
CLOSING_NOTE = Need("closing_note", N_("给提出人的办结告知"))
RETENTION = Need("retention", N_("保管期限"))
END_NOTICE = Need("end_notice", N_("终止的告知"))
OTHER_ROUTES = Need(
    "other_routes",
    N_("告知仲裁、行政、诉讼的路"),
    lambda s: s.track is Track.MEDIATION,
)
