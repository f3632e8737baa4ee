"""The street leads a matter that crosses communities: drafts it, gathers the halls' results, pauses and ends it.

It writes rows of its own; what a hall does about it stands in that hall's own rows (``app.flow.decide.joint``). The
invitations stand in ``joint_inviting``, the lead's own promises in ``joint_tasks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.clock import local
from app.errors import Refused
from app.matter import joint_queries as queries
from app.matter import joint_rules as rules
from app.matter.joint_gather_rules import Gather, gather
from app.matter.joint_models import BALLOT_RULES, JointMatter, JointNote
from app.matter.joint_words import outcome_of, outcome_words
from app.matter.models import Matter
from app.matter.numbers import joint_number
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

SERIES = "joint"


def draft(
    *, title: str, question: str, rule: str, by: Actor, now: datetime, brief: str = "", place: str = "",
    category: str = "", ballot_rule: str = "council_majority", due: date | None = None,
    sources: Sequence[Matter] = (), once: UUID | None = None,
) -> JointMatter:  # fmt: skip
    """Begin a lead matter, seen by the street alone. ``sources`` are public matters of the halls out of which it grows.

    Raises ``Refused`` when who asks is not the street's, or when the words, the rules or the day cannot stand.
    """
    rules.may_lead(by.roles).or_refuse()
    if once and (before := queries.find_joint(once)):
        return before
    made = JointMatter(
        id=once or uuid7(), number=_number(now), title="", question="", rule=rule, stage_since=now, lead_id=by.id,
        lead_label=by.label, made_at=now,
    )  # fmt: skip
    _write(made, title=title, question=question, brief=brief, place=place, category=category, due=due, now=now)
    _write_rules(made, rule, ballot_rule)
    db.session.add(made)
    db.session.flush()
    came_from = [
        {"community_id": one.community_id, "matter_id": str(one.id), "number": one.number} for one in sources
    ]  # fmt: skip
    note(made, "draft", by=by, now=now, words=N_("街道开始起草这件事。"), public=False, data={"sources": came_from})
    return made


def change(
    joint: JointMatter, *, title: str, question: str, brief: str, place: str, category: str, due: date | None,
    by: Actor, now: datetime, rule: str = "", ballot_rule: str = "",
) -> JointMatter:  # fmt: skip
    """Change the words until the first hall votes, and the rules until the first invitation goes out."""
    rules.may_lead(by.roles).or_refuse()
    begun = joint.stage != "drafting" and queries.vote_begun(joint.id)
    rules.may_change(joint.stage, vote_begun=begun).or_refuse()
    asked, was = (rule or joint.rule, ballot_rule or joint.ballot_rule), joint.question
    if asked != (joint.rule, joint.ballot_rule):
        rules.may_change_rule(joint.stage).or_refuse()
        _write_rules(joint, *asked)
    _write(joint, title=title, question=question, brief=brief, place=place, category=category, due=due, now=now)
    swap(joint, joint.stage)
    if joint.shared and joint.question != was:
        note(joint, "question_changed", by=by, now=now, words=N_("题目改成：%(q)s") % {"q": joint.question})
    return joint


def gather_result(joint: JointMatter, *, by: Actor, now: datetime, words: str = "") -> JointMatter:
    """Gather what the halls handed in by the rule chosen beforehand; the result is frozen with its figures.

    ``words`` say why the lead goes on without a hall whose day has passed. Raises ``Refused`` with who is waited for.
    """
    rules.may_lead(by.roles).or_refuse()
    halls = queries.halls_of(joint.id)
    parts, today = [hall.as_part(joint.due) for hall in halls], local(now).date()
    if len(words) > rules.REASON:
        raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=rules.REASON)
    rules.may_gather(joint.stage, parts, today, words).or_refuse()
    found = gather(joint.rule, parts)
    said = outcome_words(joint.rule, found)
    frozen = outcome_of(joint.rule, parts, found, words.strip())
    swap(joint, "decided" if found.passed else "not_passed", now=now, gathered_at=now, outcome=frozen,
          outcome_words=said)  # fmt: skip
    note(joint, "gathered", by=by, now=now, words=said, data=frozen)
    if words.strip() and found.left_out:
        without = N_("没等%(names)s：%(why)s") % {"names": "、".join(found.left_out), "why": words.strip()}
        note(joint, "went_on", by=by, now=now, words=without)
    return joint


def suspend(joint: JointMatter, reason: str, review_on: date | None, *, by: Actor, now: datetime) -> JointMatter:
    """Pause what the street leads, with a day on which it looks again."""
    rules.may_lead(by.roles).or_refuse()
    rules.may_suspend(joint.stage, reason, review_on, local(now).date()).or_refuse()
    check_reason(reason)
    swap(joint, "suspended", now=now, suspended_from=joint.stage, review_on=review_on)
    note(joint, "suspended", by=by, now=now, words=N_("先停一停：%(reason)s") % {"reason": reason.strip()})
    return joint


def resume(joint: JointMatter, words: str, *, by: Actor, now: datetime) -> JointMatter:
    """Go on where it was paused."""
    rules.may_lead(by.roles).or_refuse()
    if joint.stage != "suspended" or not joint.suspended_from:
        raise Refused(N_("这件事没有停。"))
    check_reason(words)
    swap(joint, joint.suspended_from, now=now, suspended_from=None, review_on=None)
    note(joint, "resumed", by=by, now=now, words=N_("接着办：%(words)s") % {"words": words.strip()})
    return joint


def terminate(joint: JointMatter, reason: str, *, by: Actor, now: datetime) -> JointMatter:
    """End it before its end; the halls' own matters go on as their own."""
    rules.may_lead(by.roles).or_refuse()
    rules.may_terminate(joint.stage, reason).or_refuse()
    check_reason(reason)
    swap(joint, "terminated", now=now, end_reason=reason.strip(), closed_at=now)
    note(joint, "terminated", by=by, now=now, words=N_("终止：%(reason)s") % {"reason": reason.strip()})
    return joint


def note(
    joint: JointMatter, verb: str, *, by: Actor, now: datetime, words: str = "", public: bool = True,
    data: dict[str, Any] | None = None,
) -> JointNote:  # fmt: skip
    """Write one line of the lead's own story."""
    line = JointNote(
        joint_id=joint.id, at=now, verb=verb, words=words, public=public, by_id=by.id, by_label=by.label,
        data=data or {},
    )  # fmt: skip
    db.session.add(line)
    return line


def _write(joint: JointMatter, *, due: date | None, now: datetime, **words: str) -> None:
    limits = {"title": rules.TITLE, "question": rules.QUESTION, "brief": rules.WORDS, "place": rules.PLACE}
    for name, text in words.items():
        if len(text.strip()) > limits.get(name, rules.TITLE):
            raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=limits[name])
        setattr(joint, name, text.strip())
    if not joint.title or not joint.question:
        raise Refused(N_("叫什么事、请大家定什么，都要写。"))
    if not joint.place:
        raise Refused(N_("在什么地方，要写上。"))
    if due is None or (due != joint.due and due < local(now).date()):
        raise Refused(N_("哪天前各自议完，要选今天或者以后的日子。"))
    joint.due = due


def _write_rules(joint: JointMatter, rule: str, ballot_rule: str) -> None:
    if rule not in set(Gather):
        raise Refused(N_("票怎么汇总，请选一种。"))
    if ballot_rule not in BALLOT_RULES:
        raise Refused(N_("各社区怎么表决，请选一种。"))
    joint.rule, joint.ballot_rule = rule, ballot_rule


def check_reason(text: str) -> None:
    """Refuse an empty reason, or one that nobody would read to its end."""
    if not text.strip():
        raise Refused(N_("要写一句为什么。"))
    if len(text) > rules.REASON:
        raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=rules.REASON)


def swap(joint: JointMatter, stage: str, *, now: datetime | None = None, **values: Any) -> None:
    """Compare and swap on stage and version; the words changed on the object travel in the same statement."""
    was, version = joint.stage, joint.version
    changed = {
        column.key: getattr(joint, column.key)
        for column in db.inspect(joint).mapper.column_attrs
        if db.inspect(joint).attrs[column.key].history.has_changes()
    }
    values = changed | values | {"stage": stage, "version": version + 1}
    if now is not None:
        values["stage_since"] = now
    with db.session.no_autoflush:
        done = db.session.execute(
            update(JointMatter)
            .where(
                JointMatter.street_id == joint.street_id, JointMatter.id == joint.id, JointMatter.stage == was,
                JointMatter.version == version,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    db.session.refresh(joint)


def _number(now: datetime) -> str:
    # The counter of the street's own series belongs to a room above the spine, so it is known here by its table.
    table, year = db.metadata.tables["street_counter"], local(now).year
    statement = (
        insert(table)
        .values(street_id=current_street(), id=uuid7(), series=SERIES, year=year, value=1)
        .on_conflict_do_update(index_elements=["street_id", "series", "year"], set_={"value": table.c.value + 1})
        .returning(table.c.value)
    )
    return joint_number(year, int(db.session.execute(statement).scalar_one()))
