"""Taking a resolution to the larger body (居民会议、居民代表会议、业主大会) and writing down what it decided.

The party organisation studies it first (Residents' Committees Act section 30), the body is asked, meets and votes, two
people count, and the secretary announces the result for the body's chair. Passed, the resolution becomes its next
version with the body's own count and goes onto the board; failed, it is set aside. Without a quorum nothing is decided
and the body may be asked again. The caller commits.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.resolve import body_queries, body_rules, queries, rules
from app.flow.resolve.body_rules import BODY_NAMES, Asking, Body
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import PartyStudy, Ratification, Resolution
from app.flow.resolve.posting import Board, hang, told
from app.flow.resolve.tally import part_of, questions_of
from app.flow.resolve.writing import must_stand_at, new_version, set_aside, sign
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Power, Stage
from app.matter.workdays import end_of, local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def record_study(
    matter: Matter, *, organisation: str, studied_on: date | None, words: str, chaired_by: str, by: Actor,
    now: datetime, id: UUID | None = None,
) -> PartyStudy:  # fmt: skip
    """Which party organisation studied it, on which day, who chaired, and what was said."""
    must_stand_at(matter, Stage.DECIDED, Stage.RATIFYING)
    rules.first_no(
        rules.may_sign(by.roles), rules.fits(N_("哪个党组织"), organisation, body_rules.UNIT_MOST),
        body_rules.good_day(studied_on, local_day(now)), rules.fits(N_("谁主持"), chaired_by, rules.NAME_MOST),
        rules.fits(N_("研究的意见"), words, rules.WORDS_MOST),
    ).or_refuse()  # fmt: skip
    study = PartyStudy(
        id=id or uuid7(), matter_id=matter.id, organisation=organisation.strip(), studied_on=studied_on,
        words=words.strip(), chaired_by=chaired_by.strip(), made_at=now, made_by=by.id, made_label=by.label,
    )  # fmt: skip
    db.session.add(study)
    record(
        matter, "party_study", by=by, now=now, words=f"{study.organisation}先研究了这件事",
        data={"study": str(study.id)},
    )  # fmt: skip
    return study


def take_to_body(
    matter: Matter, *, body: str, question: str, item: int | None = None, estate_id: UUID | None = None, by: Actor,
    now: datetime, id: UUID | None = None,
) -> Ratification:  # fmt: skip
    """Ask the larger body: from ``decided`` the matter moves to ``ratifying``; there it may be asked again.

    ``item`` is the one of the nine of Civil Code section 278, which decides between R6a and R6b.

    :raises Refused: when the study is not on record, the body is the wrong one, or it has been asked already.
    """
    must_stand_at(matter, Stage.DECIDED, Stage.RATIFYING)
    if body not in tuple(Body):
        raise Refused(N_("选一个：请哪个大会来定。"))
    asking = Asking(Body(body), question, item, estate_id is not None)
    study, power = body_queries.study_of(matter), Power(matter.power) if matter.power else None
    rules.first_no(rules.may_sign(by.roles), body_rules.may_ask(asking, power, studied=study is not None)).or_refuse()
    resolution = queries.valid_resolution(matter)
    if resolution is None:
        raise Refused(N_("先写决议，再提请大会。"))
    if body_queries.asked_now(matter) is not None:
        raise Refused(N_("已经提请了一个大会，有了结果再说。"))
    sign(resolution, matter, by=by, now=now)
    owners = asking.body is Body.OWNERS
    asked = Ratification(
        id=id or uuid7(), matter_id=matter.id, resolution_id=resolution.id, body=body, question=question.strip(),
        rule=body_rules.rule_of(asking.body, item), item=item if owners else None,
        estate_id=estate_id if owners else None, asked_at=now, asked_by=by.id,
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    words, data = f"提请{BODY_NAMES[asking.body]}决定：{asked.question}", {"ratification": str(asked.id)}
    if matter.stage == Stage.DECIDED:
        move(matter, "ratify", by=by, now=now, evidence=evidence_of(matter), words=words, data=data)
    else:
        record(matter, "ask_again", by=by, now=now, words=words, data=data)
    return asked


def drop_ratification(asked: Ratification, *, reason: str, by: Actor, now: datetime) -> Ratification:
    """It was put to the wrong body, or cannot be put as it stands; another may be asked.

    :raises Refused: while its poll is open or counted: that has a result, or is voided first.
    """
    rules.first_no(rules.may_sign(by.roles), rules.fits(N_("为什么"), reason, rules.REASON_MOST)).or_refuse()
    if asked.poll_id is not None and body_queries.poll_has_opened(asked.poll_id):
        raise Refused(N_("已经开始投票了，先作废那次表决，或者等它有结果。"))
    matter = queries.matter_of(asked)
    _settle(asked, "dropped", now, reason=reason.strip())
    record(matter, "drop_ratification", by=by, now=now, words=f"这次提请撤回：{reason.strip()}", reason=reason.strip())
    return asked


def settle_ratification(
    matter: Matter, *, board: Board | None = None, by: Actor, now: datetime, id: UUID | None = None
) -> Ratification:
    """Announce what the body decided, from its counted poll.

    Passed: the resolution's next version with the body's count and effect, and its posting by ``board``; the matter is
    ``publicized``. Failed: ``not_passed``, and the resolution is set aside. No quorum: the asking is dropped, the
    matter stays and the body may be asked again.

    :raises Refused: while the poll is not counted, or when it passed and ``board`` is missing.
    """
    must_stand_at(matter, Stage.RATIFYING)
    rules.may_sign(by.roles).or_refuse()
    asked, resolution = body_queries.asked_now(matter), queries.valid_resolution(matter)
    if asked is None or asked.poll_id is None or resolution is None:
        raise Refused(N_("还没有大会的表决结果。"))
    outcome = body_queries.standing_of(matter).outcome
    if outcome == "waiting":
        raise Refused(N_("大会的票还没有数完，或者还要再投一轮。"))
    evidence, chair = evidence_of(matter), by.as_capacity(Role.CHAIR)
    tally = body_tally(asked, body_queries.study_of(matter))
    if outcome == "no_quorum":
        return _no_quorum(asked, matter, by=by, now=now)
    _settle(asked, outcome, now)
    if outcome == "passed":
        if board is None:
            raise Refused(N_("大会通过了：写明公示贴在哪里、从哪天起。"))
        _publish(asked, matter, resolution, tally, board, evidence, by=chair, now=now, id=id)
    else:
        reason = f"{BODY_NAMES[Body(asked.body)]}没有通过：{_figures(tally)}"
        move(matter, "reject", by=chair, now=now, evidence=evidence, reason=reason, words=reason)
        set_aside(matter, now=now)
    return asked


def body_tally(asked: Ratification, study: PartyStudy | None) -> dict[str, Any]:
    """What the resolution prints of the body: the frozen count of its poll, the day, and the party's study."""
    assert asked.poll_id is not None
    parts = [(part_of(ballot, poll), poll) for ballot, poll in questions_of(asked.poll_id)]
    (first, poll), more = parts[0], [part for part, _poll in parts[1:]]
    day = local_day(poll.closed_at) if poll.closed_at else None
    kept: dict[str, Any] = {**first, "item": asked.item, "on": day.isoformat() if day else ""}
    if more:
        kept["more"] = more
    if study is not None:
        kept["study"] = {"organisation": study.organisation, "on": study.studied_on.isoformat()}
    return kept


def _publish(
    asked: Ratification, matter: Matter, resolution: Resolution, tally: dict[str, Any], board: Board,
    evidence: frozenset[str], *, by: Actor, now: datetime, id: UUID | None,
) -> None:  # fmt: skip
    name = BODY_NAMES[Body(asked.body)]
    new_version(
        resolution, reason=f"{name}表决通过，写入大会的结果", by=by, now=now, legal_effect=tally["effect"],
        tally={**resolution.tally, "ratified": tally},
    )  # fmt: skip
    posting = hang(matter, Board(**asdict(board)), by=by, now=now, id=id)
    move(
        matter, "publicize", by=by, now=now, evidence=evidence, words=f"{name}通过：{_figures(tally)}。{told(posting)}",
        due_at=end_of(posting.objections_until), data={"posting": str(posting.id)},
    )  # fmt: skip


def _no_quorum(asked: Ratification, matter: Matter, *, by: Actor, now: datetime) -> Ratification:
    reason = f"{BODY_NAMES[Body(asked.body)]}到会人数不够，没有形成决定，改日再开"
    _settle(asked, "dropped", now, reason=reason)
    record(matter, "body_no_quorum", by=by, now=now, words=reason, reason=reason)
    return asked


def _figures(tally: dict[str, Any]) -> str:
    unit = "户" if tally["rule"].startswith("owners") or tally.get("body") == "households" else "人"
    counted = (
        f"应到 {tally['eligible']} {unit}，参加 {tally['present']} {unit}，赞成 {tally['yes']}，反对 {tally['no']}"
    )
    return f"{counted}，弃权 {tally['abstain']}"


def _settle(asked: Ratification, state: str, now: datetime, *, reason: str = "") -> None:
    """Compare and swap: a second click finds it settled."""
    settled = db.session.execute(
        update(Ratification)
        .where(
            Ratification.community_id == current_community(), Ratification.id == asked.id,
            Ratification.state == "preparing",
        )
        .values(state=state, settled_at=now, reason=reason)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if settled.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看。"))
    db.session.refresh(asked)
