"""The desk's answers to what was said: take it on, ask once more, refuse and show the door, pass on, put together.

Each answer leaves a ``Screening`` and a line of the timeline; nothing here commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.flow.collect.actions import complete
from app.flow.collect.evidence import evidence_of as collected
from app.flow.triage import rules
from app.flow.triage.effective import lists
from app.flow.triage.evidence import evidence_of
from app.flow.triage.models import Screening
from app.flow.triage.policy import Merger, ReviewRequest
from app.flow.triage.queries import last_screening
from app.matter import needs
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Level, Power, Stage, Track, Triage, Visibility
from app.people.actor import SYSTEM, Actor
from app.people.queries import account_with_roles
from app.people.roles import OFFICE_STAFF, Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

INACTIVE = N_("补充的期限过了还没有回音，先按撤回处理；什么时候补上，什么时候接着办。")


def accept(
    matter: Matter, *, by: Actor, now: datetime, triage: str, level: str, owner_id: UUID, power: str, category: str,
    title: str | None = None, is_secretary_project: bool = False, is_plain_duty: bool = False, track: str = "ordinary",
    visibility: str | None = None, wish: str = "", note: str = "",
) -> Matter:  # fmt: skip
    """Take the proposal on, with its way, level, responsible person and the body whose decision it is.

    A quarrel (``track`` mediation) is for the parties only from here on. ``wish`` fills in what the proposer hopes for
    where the first words did not say it; ``note`` is what the desk tells the proposer along with it. Raises
    ``Refused`` with what is missing or does not go together.
    """
    just_do = is_secretary_project or is_plain_duty
    rules.may_take_on(Triage(triage), Level(level), Power(power), Track(track), category, just_do=just_do).or_refuse()
    _may_lead(owner_id, now)
    rules.fits(title or "", rules.TITLE, N_("标题")).or_refuse()
    rules.fits(note, rules.REASON, N_("跟提出人说的话")).or_refuse()
    if wish.strip():
        complete(matter, by=by, now=now, wish=wish)
    changes: dict[str, Any] = {
        "triage": triage, "level": level, "owner_id": owner_id, "power": power, "category": category, "track": track,
        "is_secretary_project": is_secretary_project, "is_plain_duty": is_plain_duty,
        "title": (title or "").strip() or matter.title,
        "visibility": str(_visibility(matter, track, visibility)),
    }  # fmt: skip
    found = collected(matter) | {needs.CATEGORY.key}
    move(matter, "accept", by=by, now=now, evidence=found, reason=note.strip(), words=N_("受理了，接下来看怎么办"),
         **changes)  # fmt: skip
    _screen(matter, "accepted", by=by, now=now, reason=note.strip())
    return matter


def ask_for_more(matter: Matter, missing: str, *, by: Actor, now: datetime) -> Matter:
    """Ask the proposer, once, for what is missing; after the hall's deadline the matter lapses."""
    rules.fits(missing, rules.REASON, N_("要补什么")).or_refuse()
    found = {needs.MISSING_SAID.key} if missing.strip() else set()
    move(matter, "ask_for_more", by=by, now=now, evidence=found, reason=missing, words=N_("请提出人补充"))
    # The table asks whether this was the first time before it moves, so the mark is set afterwards.
    matter.asked_for_more = True
    _screen(matter, "needs_info", by=by, now=now, reason=missing.strip())
    return matter


def refuse(matter: Matter, code: str, reason: str, door: str, *, by: Actor, now: datetime) -> Matter:
    """Do not take it on: an item of the negative list, a human reason and the right door."""
    known = lists()
    rules.may_refuse(code, reason, door, known.negative).or_refuse()
    for text, what in ((reason, N_("原因")), (door, N_("该去哪儿"))):
        rules.fits(text, rules.REASON, what).or_refuse()
    found = {needs.NEGATIVE_ITEM.key, needs.RIGHT_DOOR.key}
    words = N_("这件事在这儿办不了。该去哪儿：%(door)s") % {"door": door.strip()}
    move(matter, "refuse", by=by, now=now, evidence=found, reason=reason.strip(), words=words,
         data={"code": code, "item": known.negative[code].label, "door": door.strip(),
               "list_version": known.version})  # fmt: skip
    _screen(matter, "not_accepted", by=by, now=now, code=code, list_version=known.version, reason=reason.strip(),
            door=door.strip())  # fmt: skip
    return matter


def refer(matter: Matter, receiver: str, reason: str, call_back_at: datetime, *, by: Actor, now: datetime) -> Matter:
    """Pass it to whoever is in charge; the hall owes a receipt within the deadline and a call on ``call_back_at``."""
    rules.may_refer(receiver, reason, call_back_at, now).or_refuse()
    rules.fits(receiver, rules.TITLE, N_("单位名称")).or_refuse()
    rules.fits(reason, rules.REASON, N_("原因")).or_refuse()
    found = {needs.RECEIVER.key, needs.CALL_BACK_DATE.key}
    day = clock.local(call_back_at)
    words = N_("转给%(receiver)s，%(month)s月%(day)s日给回话") % {
        "receiver": receiver.strip(), "month": day.month, "day": day.day,
    }  # fmt: skip
    move(matter, "refer", by=by, now=now, evidence=found, reason=reason.strip(), words=words)
    _screen(matter, "referred", by=by, now=now, reason=reason.strip(), door=receiver.strip(), call_back_at=call_back_at)
    return matter


def note_receipt(matter: Matter, receipt: str, *, by: Actor, now: datetime) -> Screening:
    """The other unit has taken it: its number or words. From now on the clock runs to the day of calling back."""
    screening = _referral(matter, receipt)
    screening.receipt = receipt.strip()
    # A receipt that came after the day of calling back leaves that day standing: the call is owed, and late.
    matter.due_at = screening.call_back_at
    record(matter, "receipt", by=by, now=now, words=N_("对方收下了，等回话"), data={"receipt": receipt.strip()})
    return screening


def call_back(matter: Matter, words: str, *, by: Actor, now: datetime) -> Matter:
    """Tell the proposer what became of the referral; nothing more is owed afterwards."""
    _referral(matter, words)
    matter.due_at = None
    record(matter, "call_back", by=by, now=now, words=N_("给提出人回了话"), reason=words.strip())
    return matter


def merge(matter: Matter, into: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Put two matters of this community together; the proposals of both stay readable from ``into``."""
    rules.fits(reason, rules.REASON, N_("原因")).or_refuse()
    _lock(matter, into)
    rules.may_merge(_side(matter), _side(into)).or_refuse()
    found = {needs.MERGED_INTO.key, needs.PROPOSERS_KEPT.key}
    move(matter, "merge", by=by, now=now, evidence=found, reason=reason.strip(), merged_into_id=into.id,
         words=N_("和 %(number)s 是一回事，并到一起办，提出人都算数") % {"number": into.number})  # fmt: skip
    record(into, "merged_in", by=by, now=now, words=N_("%(number)s 并进来一起办") % {"number": matter.number},
           data={"matter": str(matter.id)})  # fmt: skip
    _screen(matter, "merged", by=by, now=now, reason=reason.strip(), door=into.number)
    db.session.add(Merger(matter_id=matter.id, into_id=into.id, reason=reason.strip(), by_label=by.label, at=now))
    return matter


def answer(matter: Matter, reply: str, *, by: Actor, now: datetime) -> Matter:
    """Answer a lead on the spot; nothing more is owed."""
    rules.fits(reply, rules.WORDS, N_("答复")).or_refuse()
    found = {needs.REPLY.key} if reply.strip() else set()
    move(matter, "answer", by=by, now=now, evidence=found, reason=reply.strip(), words=N_("当场答复了"))
    _screen(matter, "answered", by=by, now=now, reason=reply.strip())
    return matter


def confirm_topic(matter: Matter, question: str, party_prestudy: bool, *, by: Actor, now: datetime) -> Matter:
    """Make it a topic: one sentence that says what is to be decided (立题)."""
    rules.fits(question, rules.REASON, N_("要议的一句话")).or_refuse()
    if not question.strip():
        raise Refused(N_("要议什么，用一句话写清楚。"))
    words = N_("立题：%(question)s") % {"question": question.strip()}
    return move(
        matter,
        "confirm_topic",
        by=by,
        now=now,
        evidence=evidence_of(matter),
        words=words,
        question=question.strip(),
        party_prestudy=party_prestudy,
    )  # fmt: skip


def change_owner(matter: Matter, owner_id: UUID, *, by: Actor, now: datetime) -> Matter:
    """Somebody else carries the matter from now on."""
    if not by.roles & OFFICE_STAFF:
        raise Refused(N_("换责任人要由社区书记或社区工作者来做。"))
    name = _may_lead(owner_id, now)
    if matter.owner_id == owner_id:
        return matter
    matter.owner_id = owner_id
    record(matter, "change_owner", by=by, now=now, words=N_("责任人换成%(name)s") % {"name": name}, public=False)
    return matter


def ask_review(matter: Matter, reason: str, *, by: Actor, now: datetime) -> ReviewRequest:
    """The proposer asks the street to look at a refusal, once. ``by`` holds the capacity of proposer.

    The street has the days of the stage (5 working days by default); its opinion is taken up by ``review.take_up``.
    """
    rules.fits(reason, rules.REASON, N_("原因")).or_refuse()
    move(matter, "ask_review", by=by, now=now, reason=reason.strip(), words=N_("提出人请街道复核"))
    matter.review_asked = True
    asked = ReviewRequest(matter_id=matter.id, reason=reason.strip(), asked_at=now, due_at=matter.due_at)
    db.session.add(asked)
    return asked


def lapse_overdue(*, now: datetime) -> int:
    """Withdraw what waited for its proposer past the day; returns how many. Safe to repeat and to run twice at once."""
    waiting = db.session.scalars(
        select(Matter)
        .where(
            Matter.community_id == current_community(), Matter.stage == str(Stage.NEEDS_INFO), Matter.due_at < now,
        )
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    for matter in waiting:
        move(matter, "lapse", by=SYSTEM, now=now, evidence={needs.TIME_RAN_OUT.key}, reason=INACTIVE,
             words=N_("过期没有补充，按撤回处理，补上可以接着办"), lapsed=True)  # fmt: skip
    return len(waiting)


def _visibility(matter: Matter, track: str, wanted: str | None) -> Visibility:
    # Accepting may close a matter to more readers, never open one that was taken in for its parties only.
    if track == Track.MEDIATION or matter.visibility == Visibility.PARTIES:
        return Visibility.PARTIES
    if matter.has_minor and wanted and wanted != Visibility.PUBLIC:
        # A child's matter is open to everybody or to its parties; the council alone is no circle it was meant for.
        return Visibility.PARTIES
    return Visibility(wanted or matter.visibility)


def _may_lead(owner_id: UUID, now: datetime) -> str:
    found = account_with_roles(owner_id, clock.local(now).date())
    rules.may_lead(found[1] if found else frozenset[Role]()).or_refuse()
    return found[0].display_name if found else ""


def _referral(matter: Matter, words: str) -> Screening:
    screening = last_screening(matter.id, "referred")
    if matter.stage != Stage.REFERRED or screening is None:
        raise Refused(N_("这件事没有转出去。"))
    if not words.strip():
        raise Refused(N_("对方怎么说的，要写上。"))
    rules.fits(words, rules.REASON, N_("这段话")).or_refuse()
    return screening


def _lock(matter: Matter, into: Matter) -> None:
    # Two desks that merge two matters into each other at the same moment would close a circle; one waits for the other.
    db.session.flush()
    db.session.scalars(
        select(Matter)
        .where(Matter.community_id == current_community(), Matter.id.in_([matter.id, into.id]))
        .order_by(Matter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _side(matter: Matter) -> rules.Side:
    return rules.Side(
        matter.id, Stage(matter.stage), Visibility(matter.visibility), matter.community_id, matter.has_minor
    )


def _screen(matter: Matter, outcome: str, *, by: Actor, now: datetime, **words: Any) -> None:
    db.session.add(Screening(matter_id=matter.id, outcome=outcome, by_id=by.id, by_label=by.label, at=now, **words))
