"""What the street itself promised after the halls voted: who does what by when, done, looked at, and the end."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update

from app.clock import local
from app.errors import Refused
from app.matter import joint_queries as queries
from app.matter import joint_rules as rules
from app.matter.joint import check_reason, note, swap
from app.matter.joint_models import JointMatter, JointTask
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street


def add_task(
    joint: JointMatter, *, what: str, who: str, due: date | None, by: Actor, now: datetime, once: UUID | None = None
) -> JointTask:
    """Promise one thing in public; the first promise begins the carrying out."""
    rules.may_lead(by.roles).or_refuse()
    if once and (before := find_task(once)):
        return before
    if joint.stage not in ("decided", "not_passed", "implementing"):
        raise Refused(N_("要先汇总出结果，才能派任务。"))
    if not what.strip() or not who.strip():
        raise Refused(N_("办什么、谁来办，都要写。"))
    if len(what) > rules.TITLE or len(who) > rules.WHO:
        raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=rules.TITLE if len(what) > rules.TITLE else rules.WHO)
    if due is None or due < local(now).date():
        raise Refused(N_("哪天前办完，要选今天或者以后的日子。"))
    last = db.session.scalar(
        select(func.max(JointTask.position)).where(
            JointTask.street_id == current_street(), JointTask.joint_id == joint.id
        )
    )
    task = JointTask(
        id=once or uuid7(), joint_id=joint.id, position=int(last or 0) + 1, what=what.strip(), who=who.strip(),
        due=due, first_due=due,
    )  # fmt: skip
    db.session.add(task)
    if joint.stage == "decided":
        swap(joint, "implementing", now=now)
    told = N_("街道答应：%(what)s，%(who)s，%(month)s月%(day)s日前。") % {
        "what": task.what, "who": task.who, "month": due.month, "day": due.day,
    }  # fmt: skip
    note(joint, "task_added", by=by, now=now, words=told)
    db.session.flush()
    return task


def report_done(joint: JointMatter, task: JointTask, words: str, *, by: Actor, now: datetime) -> None:
    """Whoever was charged says it is done, and how."""
    check_reason(words)
    _swap_task(joint, task, "open", "done", by, now, done_on=local(now).date(), done_words=words.strip())
    note(joint, "task_done", by=by, now=now,
         words=N_("办完了：%(what)s。%(words)s") % {"what": task.what, "words": words.strip()})  # fmt: skip


def verify(joint: JointMatter, task: JointTask, *, by: Actor, now: datetime) -> None:
    """The street went to look and found it done."""
    _swap_task(joint, task, "done", "verified", by, now, checked_at=now, checked_label=by.label)
    note(joint, "task_verified", by=by, now=now, words=N_("看过了，办好了：%(what)s。") % {"what": task.what})


def send_back(joint: JointMatter, task: JointTask, words: str, *, by: Actor, now: datetime) -> None:
    """What was reported done is not done yet; also the way to undo a report made by mistake."""
    check_reason(words)
    _swap_task(joint, task, "done", "open", by, now, done_on=None, done_words="")
    note(joint, "task_returned", by=by, now=now,
         words=N_("还没办好：%(what)s。%(words)s") % {"what": task.what, "words": words.strip()})  # fmt: skip


def drop_task(joint: JointMatter, task: JointTask, words: str, *, by: Actor, now: datetime) -> None:
    """A promise that is not kept is taken back in public, in words."""
    check_reason(words)
    _swap_task(joint, task, "open", "dropped", by, now)
    note(joint, "task_dropped", by=by, now=now,
         words=N_("不办了：%(what)s。%(words)s") % {"what": task.what, "words": words.strip()})  # fmt: skip


def close(joint: JointMatter, words: str, *, by: Actor, now: datetime) -> JointMatter:
    """Everything was done and looked at: the halls are told, and their workers write it into their own matters."""
    rules.may_lead(by.roles).or_refuse()
    left = sum(task.state in ("open", "done") for task in queries.tasks_of(joint.id))
    rules.may_close(joint.stage, left, words).or_refuse()
    check_reason(words)
    swap(joint, "closed", now=now, closed_at=now, end_reason=words.strip())
    note(joint, "closed", by=by, now=now, words=N_("办结：%(words)s") % {"words": words.strip()})
    return joint


def find_task(task_id: UUID) -> JointTask | None:
    """A promise of the bound street."""
    return db.session.scalar(select(JointTask).where(JointTask.street_id == current_street(), JointTask.id == task_id))


def _swap_task(
    joint: JointMatter, task: JointTask, was: str, state: str, by: Actor, now: datetime, **values: object
) -> None:
    rules.may_lead(by.roles).or_refuse()
    if joint.stage not in ("not_passed", "implementing"):
        raise Refused(N_("这件事走到「%(stage)s」，不能再改了。"), stage=rules.STAGE_LABELS[joint.stage])
    done = db.session.execute(
        update(JointTask)
        .where(JointTask.street_id == task.street_id, JointTask.id == task.id, JointTask.state == was)
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    db.session.refresh(task)
