"""The whole life of a matter as one table: which verb leads where, who may do it, and what must be on record first.

Source: domain.md section 2, row by row. Every page button, every action and every job asks :func:`may`; nothing else
decides whether a matter moves. Pure: no Flask, no database, no clock (what time has done arrives as evidence, for
example ``window_ended``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from app.errors import Verdict, no, yes
from app.matter import needs as n
from app.matter.deadlines import NOTICE, URGENT_SITTING, Deadline, deadline
from app.matter.needs import Need
from app.matter.situation import (
    END_STAGES,
    KIND_LABELS,
    LABELS,
    LEVEL_LABELS,
    OPEN_STAGES,
    POWER_LABELS,
    TRACK_LABELS,
    TRIAGE_LABELS,
    VISIBILITY_LABELS,
    Kind,
    Level,
    Power,
    Situation,
    Stage,
    Track,
    Triage,
    Visibility,
)
from app.people.roles import (
    COMMUNITY_STAFF,
    GRID_STAFF,
    OFFICE_STAFF,
    ROLE_LABELS,
    STREET_STAFF,
    Role,
    Roles,
    as_roles,
)
from app.words import N_

__all__ = [
    "END_STAGES", "KIND_LABELS", "LABELS", "LEVEL_LABELS", "MOVES", "NOTICE", "OPEN_STAGES", "POWER_LABELS",
    "STEPS", "TRACK_LABELS", "TRIAGE_LABELS", "URGENT_SITTING", "VISIBILITY_LABELS", "Deadline", "Kind", "Level",
    "Move", "Need", "Power", "Situation", "Stage", "Step", "Track", "Triage", "Visibility", "deadline", "find",
    "may", "missing", "moves_from", "public_step", "target_of", "who",
]  # fmt: skip

Guard = Callable[[Situation], Verdict]


def always(situation: Situation) -> Verdict:
    return yes()


@dataclass(frozen=True)
class Move:
    """One row of the table; ``name`` and a source together are unique.

    ``target`` is None for the one move that returns to where the matter was suspended. ``barred`` roles may not make
    the move even when they also hold a permitted one: whoever did the work does not verify it, the mover does not
    count the votes.
    """

    name: str
    label: str
    sources: tuple[Stage, ...]
    target: Stage | None
    roles: frozenset[Role]
    needs: tuple[Need, ...] = ()
    when: Guard = always
    reason_required: bool = False
    barred: frozenset[Role] = frozenset()


S = Stage
#: Rows of the table before ``decided``: until then a matter may be referred or merged.
BEFORE_DECIDED: tuple[Stage, ...] = (
    S.COLLECTED, S.SUBMITTED, S.NEEDS_INFO, S.ACCEPTED, S.TOPIC_CONFIRMED, S.SURVEYING, S.SCHEDULED,
    S.DELIBERATING, S.VOTING, S.NOT_PASSED,
)  # fmt: skip
#: Until ``voting`` opens the proposer may take the matter back.
BEFORE_VOTING: tuple[Stage, ...] = BEFORE_DECIDED[: BEFORE_DECIDED.index(S.VOTING)]
AFTER_ACCEPTED: tuple[Stage, ...] = (
    S.ACCEPTED, S.TOPIC_CONFIRMED, S.SURVEYING, S.SCHEDULED, S.DELIBERATING, S.VOTING, S.NOT_PASSED, S.DECIDED,
    S.RATIFYING, S.PUBLICIZED, S.IMPLEMENTING, S.SUSPENDED, S.VERIFYING, S.REVIEWING,
)  # fmt: skip
#: After triage only the secretary refers or merges; before, the desk does.
_SECRETARY_WINDOW = (*BEFORE_DECIDED[BEFORE_DECIDED.index(S.NEEDS_INFO) :], S.SUSPENDED)


def _all_of(*guards: Guard) -> Guard:
    def together(situation: Situation) -> Verdict:
        for guard in guards:
            verdict = guard(situation)
            if not verdict:
                return verdict
        return yes()

    return together


def _within(window: Collection[Stage], reason: str) -> Guard:
    # A suspended matter keeps the windows of the stage it was suspended from; otherwise suspending would be a way to
    # merge or withdraw what has already been decided.
    def guard(situation: Situation) -> Verdict:
        return yes() if situation.stands_at in window else no(reason)

    return guard


def _decidable(situation: Situation) -> Verdict:
    if situation.decision_power is Power.LAW:
        return no(N_("这件事法律已有规定，不能靠商量和表决来定，请转办或者答复"))
    return yes()


def _asked_once(situation: Situation) -> Verdict:
    return no(N_("已经请提出人补过一次，不能再退")) if situation.asked_for_more else yes()


def _bench(situation: Situation) -> Verdict:
    if situation.track is Track.MEDIATION or situation.triage in (Triage.MINOR, Triage.URGENT):
        return yes()
    return no(N_("只有小事、急事和调解可以直接坐下来议，难事大事要先立题"))


def _just_do_it(situation: Situation) -> Verdict:
    if situation.is_secretary_project or situation.is_plain_duty:
        return yes()
    return no(N_("只有书记项目和分内该办的事可以直接去办"))


def _no_survey_owed(situation: Situation) -> Verdict:
    return no(N_("难事要先调查研究，听专家意见")) if situation.triage is Triage.HARD else yes()


def _no_vote_owed(situation: Situation) -> Verdict:
    return no(N_("大事必须投票表决")) if situation.triage is Triage.MAJOR else yes()


def _withdrawable(situation: Situation) -> Verdict:
    if situation.kind is Kind.JOINT and situation.signers >= 2:
        return no(N_("还有 %(n)s 位联名人没撤，这件事接着办"), n=situation.signers)
    return yes()


def _lapsed(situation: Situation) -> Verdict:
    return yes() if situation.lapsed else no(N_("是提出人自己撤回的，要办请重新提"))


def _review_open(situation: Situation) -> Verdict:
    return no(N_("复核只能申请一次")) if situation.review_asked else yes()


def _beyond_council(situation: Situation) -> Verdict:
    return yes() if situation.beyond_council else no(N_("议事会自己能定，不用提请大会"))


def _postable(situation: Situation) -> Verdict:
    if situation.is_private:
        return no(N_("这是当事人之间的事，不公示"))
    if situation.beyond_council:
        return no(N_("这件事要先提请居民（代表）会议或业主大会"))
    return yes()


def _posting_alongside(situation: Situation) -> Verdict:
    if situation.beyond_council:
        return no(N_("这件事要先提请居民（代表）会议或业主大会"))
    on_the_spot = situation.level is Level.GRID and situation.triage in (Triage.MINOR, Triage.URGENT)
    if situation.is_private or on_the_spot:
        return yes()
    return no(N_("要先公示、等提意见的期限过了再去办"))


def _suspended_from_known(situation: Situation) -> Verdict:
    return yes() if situation.suspended_from else no(N_("不知道是从哪一步暂缓的"))


def _one_of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


R = Role
_TRIAGED = (n.TRIAGE, n.LEVEL, n.RESPONSIBLE, n.DECISION_POWER)
_TOPIC = (n.QUESTION, n.STAKEHOLDERS, n.PARTY_FIRST)
_DECIDED = (n.RESOLUTION_TEXT, n.RESOLUTION_NUMBER, n.TASKS, n.DISSENT_ANSWERED)
_SECRETARY_OR_LEAD = _one_of(R.SECRETARY, R.STREET_ADMIN)
_VISITORS = COMMUNITY_STAFF
_OPENERS = _one_of(R.CONVENER, R.CHAIR, R.SECRETARY)
_NOT_DECIDED = N_("已经形成决议，不能再转办或并案")
_NOT_VOTING = N_("已经开始表决，不能再撤回")

MOVES: tuple[Move, ...] = (
    # collected
    Move("submit", N_("登记成提案"), (S.COLLECTED,), S.SUBMITTED,
         COMMUNITY_STAFF | {R.PROPOSER, R.RESIDENT, R.COUNCIL_MEMBER, R.BUILDING_STEWARD, R.SYSTEM},
         (n.CHANNEL, n.WORDS, n.PLACE, n.SPEAKER_CONSENT)),
    Move("answer", N_("当场答复"), (S.COLLECTED,), S.ANSWERED, COMMUNITY_STAFF, (n.REPLY,)),
    Move("merge", N_("并案"), (S.COLLECTED,), S.MERGED, COMMUNITY_STAFF, (n.MERGED_INTO, n.PROPOSERS_KEPT),
         reason_required=True),
    Move("refer", N_("转办"), (S.COLLECTED,), S.REFERRED, _one_of(R.SECRETARY), (n.RECEIVER, n.CALL_BACK_DATE),
         reason_required=True),
    # submitted
    Move("accept", N_("受理"), (S.SUBMITTED,), S.ACCEPTED, OFFICE_STAFF,
         (n.KIND, n.CATEGORY, n.PLACE, n.WISH, n.SIGNERS)),
    Move("ask_for_more", N_("请提出人补充"), (S.SUBMITTED,), S.NEEDS_INFO, OFFICE_STAFF, (n.MISSING_SAID,),
         when=_asked_once, reason_required=True),
    Move("refuse", N_("不予受理"), (S.SUBMITTED,), S.NOT_ACCEPTED, OFFICE_STAFF, (n.NEGATIVE_ITEM, n.RIGHT_DOOR),
         reason_required=True),
    Move("merge", N_("并案"), (S.SUBMITTED,), S.MERGED, OFFICE_STAFF, (n.MERGED_INTO, n.PROPOSERS_KEPT),
         reason_required=True),
    Move("refer", N_("转办"), (S.SUBMITTED,), S.REFERRED, OFFICE_STAFF, (n.RECEIVER, n.CALL_BACK_DATE),
         reason_required=True),
    # needs_info
    Move("supply", N_("补充好了"), (S.NEEDS_INFO,), S.SUBMITTED, _one_of(R.PROPOSER), (n.INFO_SUPPLIED,)),
    Move("lapse", N_("过期未补，按撤回处理"), (S.NEEDS_INFO,), S.WITHDRAWN, _one_of(R.SYSTEM), (n.TIME_RAN_OUT,),
         reason_required=True),
    Move("reopen", N_("重新打开"), (S.WITHDRAWN,), S.SUBMITTED, _one_of(R.PROPOSER), (n.INFO_SUPPLIED,), when=_lapsed),
    # not_accepted: the street writes its opinion, the hall takes it up
    Move("ask_review", N_("请街道复核"), (S.NOT_ACCEPTED,), S.NOT_ACCEPTED, _one_of(R.PROPOSER), (),
         when=_review_open, reason_required=True),
    Move("reconsider", N_("按复核意见重新审"), (S.NOT_ACCEPTED,), S.SUBMITTED, OFFICE_STAFF | {R.SYSTEM},
         (n.REVIEW_UPHELD,)),
    # merged: put together by mistake, taken apart again while the other one is still in hand
    Move("unmerge", N_("撤销并案"), (S.MERGED,), S.SUBMITTED, OFFICE_STAFF, (n.TARGET_LIVES,), reason_required=True),
    # accepted
    Move("confirm_topic", N_("立题"), (S.ACCEPTED,), S.TOPIC_CONFIRMED, _one_of(R.SECRETARY), _TRIAGED,
         when=_decidable),
    Move("open_sitting", N_("坐下来议"), (S.ACCEPTED,), S.DELIBERATING, _OPENERS, _TRIAGED,
         when=_all_of(_decidable, _bench)),
    Move("implement", N_("直接去办"), (S.ACCEPTED,), S.IMPLEMENTING, _one_of(R.SECRETARY), (*_TRIAGED, n.COMMITMENTS),
         when=_just_do_it),
    # topic_confirmed
    Move("survey", N_("开始调查"), (S.TOPIC_CONFIRMED,), S.SURVEYING, OFFICE_STAFF, _TOPIC),
    Move("schedule", N_("发会前公告"), (S.TOPIC_CONFIRMED,), S.SCHEDULED, OFFICE_STAFF, _TOPIC, when=_no_survey_owed),
    # surveying; the expert's opinion is evidence here, it never moves the matter
    Move("schedule", N_("发会前公告"), (S.SURVEYING,), S.SCHEDULED, COMMUNITY_STAFF,
         (n.SITE_NOTE, n.TWO_OPTIONS, n.CANVASS, n.EXPERT_OPINION)),
    # scheduled
    Move("open_sitting", N_("开会"), (S.SCHEDULED,), S.DELIBERATING, _OPENERS,
         (n.AGENDA, n.TIME_AND_PLACE, n.INVITEES, n.RULE_AND_BASE, n.MATERIALS, n.NOTICE_GIVEN)),
    Move("postpone", N_("改期"), (S.SCHEDULED,), S.SCHEDULED, _OPENERS, (n.TIME_AND_PLACE,), reason_required=True),
    # deliberating
    Move("call_vote", N_("付诸表决"), (S.DELIBERATING,), S.VOTING, _one_of(R.CHAIR),
         (n.ATTENDANCE, n.QUORUM, n.MINUTES, n.OPTIONS_AS_PUT), when=_decidable),
    Move("agree", N_("大家都同意"), (S.DELIBERATING,), S.DECIDED, _one_of(R.CHAIR),
         (n.ATTENDANCE, n.MINUTES, n.OPTIONS_AS_PUT, n.CONSENSUS, n.AGREEMENT),
         when=_all_of(_decidable, _no_vote_owed)),
    Move("redeliberate", N_("再去了解了解"), (S.DELIBERATING,), S.SURVEYING, _one_of(R.CHAIR),
         (n.ATTENDANCE, n.MINUTES), reason_required=True),
    Move("adjourn", N_("人数不够，改成恳谈"), (S.DELIBERATING,), S.SCHEDULED, _one_of(R.CHAIR),
         (n.ATTENDANCE, n.MINUTES, n.QUORUM_LOST), reason_required=True),
    # voting
    Move("adopt", N_("宣布通过"), (S.VOTING,), S.DECIDED, _one_of(R.TELLER, R.SCRUTINEER),
         (n.TALLY, n.COUNTED_BY_TWO, n.PASSED), barred=_one_of(R.PROPOSER)),
    Move("reject", N_("宣布没通过"), (S.VOTING,), S.NOT_PASSED, _one_of(R.TELLER, R.SCRUTINEER),
         (n.TALLY, n.COUNTED_BY_TWO, n.FAILED), reason_required=True, barred=_one_of(R.PROPOSER)),
    Move("adjourn", N_("人数不够，改日再开"), (S.VOTING,), S.SCHEDULED, _one_of(R.CHAIR, R.TELLER, R.SCRUTINEER),
         (n.QUORUM_LOST,), reason_required=True),
    # not_passed
    Move("bring_back", N_("有新情况，再议一次"), (S.NOT_PASSED,), S.TOPIC_CONFIRMED, _one_of(R.PROPOSER, R.SECRETARY),
         (n.NEW_FACTS, n.COOLING_OVER), reason_required=True),
    Move("close", N_("办结"), (S.NOT_PASSED,), S.CLOSED, _one_of(R.SECRETARY), (n.CLOSING_NOTE,), reason_required=True),
    # decided
    Move("ratify", N_("提请大会"), (S.DECIDED,), S.RATIFYING, _one_of(R.SECRETARY), _DECIDED, when=_beyond_council),
    Move("publicize", N_("公示"), (S.DECIDED,), S.PUBLICIZED, _one_of(R.SECRETARY), _DECIDED, when=_postable),
    Move("implement", N_("去办"), (S.DECIDED,), S.IMPLEMENTING, _one_of(R.SECRETARY), (*_DECIDED, n.POSTING_STARTED),
         when=_posting_alongside),
    # ratifying
    Move("publicize", N_("大会通过，公示"), (S.RATIFYING,), S.PUBLICIZED, _one_of(R.CHAIR),
         (n.PARTY_STUDY, n.BODY_QUORUM, n.BODY_TALLY, n.PASSED)),
    Move("reject", N_("大会没通过"), (S.RATIFYING,), S.NOT_PASSED, _one_of(R.CHAIR),
         (n.PARTY_STUDY, n.BODY_TALLY, n.FAILED), reason_required=True),
    # publicized
    Move("implement", N_("公示期满，去办"), (S.PUBLICIZED,), S.IMPLEMENTING, _one_of(R.SYSTEM),
         (n.WINDOW_ENDED, n.OBJECTIONS_ANSWERED)),
    Move("redeliberate", N_("意见成立，重新商量"), (S.PUBLICIZED,), S.SURVEYING, _one_of(R.SECRETARY),
         (n.OBJECTION_UPHELD,), reason_required=True),
    # implementing
    Move("hand_over", N_("报完工"), (S.IMPLEMENTING,), S.VERIFYING, _one_of(R.TASK_OWNER),
         (n.COMMITMENTS, n.ALL_DONE, n.PROGRESS_NOTE, n.MONEY_RECORDED)),
    # verifying
    Move("verify", N_("核验通过"), (S.VERIFYING,), S.REVIEWING, GRID_STAFF,
         (n.ALL_VERIFIED, n.RESIDENT_WITNESS, n.COST_COMPARED), barred=_one_of(R.TASK_OWNER)),
    Move("send_back", N_("没达到，退回去"), (S.VERIFYING,), S.IMPLEMENTING, GRID_STAFF, (n.FAULT_FOUND,),
         reason_required=True, barred=_one_of(R.TASK_OWNER)),
    # reviewing
    Move("close", N_("办结"), (S.REVIEWING,), S.CLOSED, _VISITORS,
         (n.RATINGS, n.LOW_RATING_REASON, n.LOW_FOLLOWED, n.SATISFIED_ENOUGH, n.EVALUATION, n.CLOSING_NOTE)),
    Move("rework", N_("返工"), (S.REVIEWING,), S.IMPLEMENTING, _VISITORS, (n.RATINGS, n.LOW_RATING_REASON),
         reason_required=True),
    Move("redeliberate", N_("重新商量"), (S.REVIEWING,), S.SURVEYING, _VISITORS, (n.RATINGS, n.LOW_RATING_REASON),
         reason_required=True),
    # closed
    Move("archive", N_("归档"), (S.CLOSED,), S.ARCHIVED, OFFICE_STAFF | {R.SYSTEM}, (n.CLOSING_NOTE, n.RETENTION)),
    Move("reopen", N_("有新情况，重新打开"), (S.CLOSED,), S.SUBMITTED, OFFICE_STAFF | {R.PROPOSER}, (n.NEW_FACTS,),
         reason_required=True),
    # windows across stages
    Move("suspend", N_("暂缓"), (S.SURVEYING, S.DELIBERATING, S.IMPLEMENTING), S.SUSPENDED, _SECRETARY_OR_LEAD,
         (n.OUTSIDE_CAUSE, n.REVIEW_DATE), reason_required=True),
    Move("resume", N_("接着办"), (S.SUSPENDED,), None, _SECRETARY_OR_LEAD, (), when=_suspended_from_known,
         reason_required=True),
    Move("refer", N_("转办"), _SECRETARY_WINDOW, S.REFERRED, _one_of(R.SECRETARY), (n.RECEIVER, n.CALL_BACK_DATE),
         when=_within(BEFORE_DECIDED, _NOT_DECIDED), reason_required=True),
    Move("merge", N_("并案"), _SECRETARY_WINDOW, S.MERGED, _one_of(R.SECRETARY), (n.MERGED_INTO, n.PROPOSERS_KEPT),
         when=_within(BEFORE_DECIDED, _NOT_DECIDED), reason_required=True),
    Move("withdraw", N_("撤回"), (*BEFORE_VOTING, S.SUSPENDED), S.WITHDRAWN, _one_of(R.PROPOSER), (),
         when=_all_of(_within(BEFORE_VOTING, _NOT_VOTING), _withdrawable), reason_required=True),
    Move("terminate", N_("终止"), AFTER_ACCEPTED, S.TERMINATED, _SECRETARY_OR_LEAD, (n.END_NOTICE, n.OTHER_ROUTES),
         reason_required=True),
)  # fmt: skip

_BY_NAME_AND_SOURCE: dict[tuple[str, Stage], Move] = {(m.name, source): m for m in MOVES for source in m.sources}
_LABEL_OF: dict[str, str] = {move.name: move.label for move in reversed(MOVES)}


def find(name: str, stage: Stage) -> Move | None:
    """Return the row for ``name`` out of ``stage``, or None where that stage has no such exit.

    Raises KeyError for a verb the table does not know at all, which is a mistake in the program and not a refusal.
    """
    if name not in _LABEL_OF:
        raise KeyError(name)
    return _BY_NAME_AND_SOURCE.get((name, stage))


def moves_from(situation: Situation, roles: Roles | None = None) -> list[Move]:
    """Return the exits open in this situation, whatever is still missing; with ``roles``, only those they may take."""
    found = [move for move in MOVES if situation.stage in move.sources and move.when(situation)]
    if roles is None:
        return found
    return [move for move in found if _permitted(move, situation, as_roles(roles))]


def missing(name: str, situation: Situation) -> tuple[Need, ...]:
    """Return what is not yet on record for ``name``, in the order a page lists it; empty without such an exit."""
    move = find(name, situation.stage)
    if move is None:
        return ()
    return tuple(need for need in move.needs if need.is_missing(situation))


def may(name: str, situation: Situation, roles: Roles, reason: str | None = None) -> Verdict:
    """Say whether holders of ``roles`` may make this move now.

    A button asks without ``reason``. An action always passes the reason it was given, ``""`` when none, so that a
    returned, rejected or stopped matter can never be left without a human sentence.
    """
    move = find(name, situation.stage)
    if move is None:
        return no(N_("「%(stage)s」这一步不能「%(move)s」"), stage=LABELS[situation.stage], move=_LABEL_OF[name])
    for verdict in (_permitted(move, situation, as_roles(roles)), move.when(situation)):
        if not verdict:
            return verdict
    lacking = missing(name, situation)
    if lacking:
        return no(N_("还缺：%(missing)s"), missing="、".join(need.label for need in lacking))
    if move.reason_required and reason is not None and not reason.strip():
        return no(N_("要写明原因，让提出人看得懂"))
    return yes()


def target_of(name: str, situation: Situation) -> Stage:
    """Return where the move leads; raises ValueError where the stage has no such exit."""
    move = find(name, situation.stage)
    target = move and (move.target or situation.suspended_from)
    if not target:
        raise ValueError(f"{name} does not lead out of {situation.stage}")
    return target


def who(move: Move) -> tuple[str, ...]:
    """Return the labels of those who may make ``move``, in the order roles are listed."""
    return tuple(label for role, label in ROLE_LABELS.items() if role in move.roles)


def _permitted(move: Move, situation: Situation, roles: frozenset[Role]) -> Verdict:
    if roles & move.barred:
        return no(N_("自己提的、自己办的，不能自己来计票或核验"))
    # The street guides and urges; it moves only what it leads itself (Residents' Committees Act section 6).
    usable = roles if situation.led_by_street else roles - STREET_STAFF
    if usable & move.roles:
        return yes()
    if roles & STREET_STAFF:
        return no(N_("社区自己的事由社区来推动，街道可以催办、接办、督办"))
    return no(N_("「%(move)s」要由%(who)s来做"), move=move.label, who="、".join(who(move)))


class Step(NamedTuple):
    """One of the seven steps of the public tracker, counted from 1."""

    number: int
    label: str


STEPS: tuple[Step, ...] = (
    Step(1, N_("宣传发动")),
    Step(2, N_("问题收集")),
    Step(3, N_("确定议题")),
    Step(4, N_("调查研究")),
    Step(5, N_("开展协商")),
    Step(6, N_("成果落实")),
    Step(7, N_("评议")),
)
_STAGES_OF_STEP: dict[int, tuple[Stage, ...]] = {
    2: (S.COLLECTED, S.SUBMITTED, S.NEEDS_INFO, S.NOT_ACCEPTED, S.ANSWERED, S.REFERRED, S.MERGED, S.WITHDRAWN),
    3: (S.ACCEPTED, S.TOPIC_CONFIRMED, S.TERMINATED),
    4: (S.SURVEYING, S.SUSPENDED),
    5: (S.SCHEDULED, S.DELIBERATING, S.VOTING, S.NOT_PASSED, S.DECIDED, S.RATIFYING),
    6: (S.PUBLICIZED, S.IMPLEMENTING),
    7: (S.VERIFYING, S.REVIEWING, S.CLOSED, S.ARCHIVED),
}
_STEP_OF: dict[Stage, Step] = {
    stage: STEPS[number - 1] for number, stages in _STAGES_OF_STEP.items() for stage in stages
}


def public_step(stage: Stage, came_from: Stage | None = None) -> Step:
    """Return the tracker's step for ``stage``.

    A matter that is suspended or has ended stays on the step it had reached: pass the stage it came from. Without it
    the earliest step at which that can happen is shown. Step 1 is the campaign before anything was said.
    """
    stayed = stage is Stage.SUSPENDED or (stage in END_STAGES and stage is not Stage.ARCHIVED)
    return _STEP_OF[came_from if stayed and came_from else stage]
