"""Taking in what people say: number, tracking code, proposal, pictures; and what the proposer may still do later.

Nothing here commits. Pictures must already lie in the file store when ``submit`` is called (``taking``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.flow.collect import rules
from app.flow.collect.evidence import evidence_of
from app.flow.collect.models import Proposal
from app.flow.collect.queries import lock_first_proposal
from app.flow.collect.rules import Saying
from app.flow.collect.signing import Signature
from app.flow.collect.taking import Picture, Submitted, joint_of, take_in
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.needs import CHANNEL, INFO_SUPPLIED, PLACE, SPEAKER_CONSENT, WORDS
from app.matter.situation import Kind, Situation, Stage
from app.matter.stages import may
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

__all__ = [
    "Picture", "Saying", "Submitted", "collect", "complete", "register", "say_more", "sign_off", "submit", "supply",
    "withdraw",
]  # fmt: skip

REGISTERED = N_("登记成提案，等社区来看")


def submit(
    saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None = None, photos: Sequence[Picture] = (),
    code: str = "",
) -> Submitted:  # fmt: skip
    """Take a proposal in and register it: stage ``submitted``, two timeline lines, due by the hall's own deadline.

    A joint proposal that lacks signers is kept as a lead with its sheet until enough have signed (``joint``).
    ``matter_id`` is the form's ``once``: handing the same form in twice breaks on the key, never makes a second
    matter. ``code`` is given by a form that must be able to show the same receipt twice. Raises ``Refused`` with the
    first thing that is wrong; the form asks :func:`rules.problems` first and shows all of them.
    """
    _check(saying, now)
    if saying.consent_later:
        raise Refused(N_("孩子的信先记成线索，问过家长或者本人再登记成提案。"))
    speaker = by if saying.is_for_another else by.as_capacity(Role.PROPOSER)
    may("submit", _about_to_submit(saying), speaker.roles, "").or_refuse()
    joint = joint_of(saying, now)
    stage = Stage.COLLECTED if joint and joint.waits else Stage.SUBMITTED
    words = REGISTERED if stage is Stage.SUBMITTED else ""
    given = {"matter_id": matter_id, "code": code, "photos": photos}
    return take_in(saying, by=by, now=now, stage=stage, joint=joint, registered=words, **given)


def collect(
    saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None = None, photos: Sequence[Picture] = (),
    code: str = "",
) -> Submitted:  # fmt: skip
    """Keep a lead (线索) as heard, stage ``collected``: it may be answered on the spot or registered later."""
    _check(saying, now)
    joint = joint_of(saying, now)
    # A lead waits for somebody to look at it, not for signers.
    joint = replace(joint, waits=False) if joint else None
    given = {"matter_id": matter_id, "code": code, "photos": photos}
    return take_in(saying, by=by, now=now, stage=Stage.COLLECTED, joint=joint, **given)


def register(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """Make a kept lead a proposal. A child's lead waits until the guardian, or the older child, was asked."""
    if matter.has_minor:
        proposal = _first_proposal(matter)
        if not (proposal.own_consent or (proposal.guardian_consent and proposal.guardian_sealed)):
            raise Refused(N_("这是孩子提的事，先问过家长（满 14 岁的问本人）再登记。"))
    return move(matter, "submit", by=by, now=now, evidence=evidence_of(matter), words=REGISTERED)


def complete(
    matter: Matter, *, by: Actor, now: datetime, title: str = "", category: str = "", wish: str = "", place: str = "",
    kind: str = "",
) -> Matter:  # fmt: skip
    """Staff fill in what no resident is asked for (title, category, wish); empty arguments change nothing."""
    if category and category not in rules.CATEGORIES:
        raise Refused(N_("请从列出来的类别里选一个。"))
    for text, limit in ((title, rules.TITLE), (wish, rules.WISH), (place, rules.PLACE)):
        if len(text.strip()) > limit:
            raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=limit)
    changed = {"title": title.strip(), "category": category, "place": place.strip(), "kind": kind}
    for column, value in changed.items():
        if value:
            setattr(matter, column, value)
    if wish.strip():
        proposal = _first_proposal(matter)
        proposal.wish = rules.tidy_words(wish)
    record(matter, "complete", by=by, now=now, public=False, words=N_("把登记的内容补全了"))
    return matter


def supply(matter: Matter, words: str, *, by: Actor, now: datetime) -> Matter:
    """The proposer hands in what was asked for: back to ``submitted``, also out of a matter that lapsed in silence."""
    by = by.as_capacity(Role.PROPOSER)
    _add_words(matter, words, now)
    found = evidence_of(matter) | {INFO_SUPPLIED.key}
    if matter.stage == Stage.WITHDRAWN:
        # The table asks whether the matter lapsed before it moves, so the flag is taken back after the move.
        move(matter, "reopen", by=by, now=now, evidence=found, words=N_("提出人补充了内容，接着办"))
        matter.lapsed = False
        return matter
    return move(matter, "supply", by=by, now=now, evidence=found, words=N_("提出人补充了内容"))


def say_more(matter: Matter, words: str, *, by: Actor, now: datetime) -> Matter:
    """The proposer adds to the words while the matter is being handled; nothing moves."""
    if matter.stage in (Stage.CLOSED, Stage.ARCHIVED, Stage.WITHDRAWN, Stage.TERMINATED, Stage.MERGED):
        raise Refused(N_("这件事已经结束了。有新情况请重新说一说，或者打社区电话。"))
    if _add_words(matter, words, now):
        record(matter, "say_more", by=by.as_capacity(Role.PROPOSER), now=now, words=N_("提出人又补充了几句"))
    return matter


def withdraw(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """The proposer takes the matter back, until the vote is called (domain.md section 2)."""
    reason = rules.tidy_words(reason)
    if len(reason) > rules.REASON:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=rules.REASON)
    return move(
        matter, "withdraw", by=by.as_capacity(Role.PROPOSER), now=now, reason=reason, words=N_("提出人撤回了这件事")
    )


def sign_off(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """One household of a list on paper no longer signs; the last one may then withdraw the proposal."""
    if matter.kind != Kind.JOINT or matter.signers < 2:
        raise Refused(N_("这件事没有别的联名人了。"))
    signature = db.session.scalar(
        select(Signature)
        .where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.withdrawn_at.is_(None), Signature.is_proposer.is_(False), Signature.channel == "paper",
        )
        .order_by(Signature.signed_at.desc(), Signature.id)
        .limit(1)
        .with_for_update()
    )  # fmt: skip
    if signature is None:
        raise Refused(N_("名单上都是本人签的名，要撤得由本人来撤。"))
    signature.withdrawn_at = now
    matter.signers -= 1
    record(matter, "sign_off", by=by.as_capacity(Role.PROPOSER), now=now, words=N_("有一户撤了联名"))
    return matter


def _check(saying: Saying, now: datetime) -> None:
    for verdict in rules.problems(saying, year=clock.local(now).year).values():
        verdict.or_refuse()


def _about_to_submit(saying: Saying) -> Situation:
    evidence = {CHANNEL.key: saying.channel, WORDS.key: saying.told, SPEAKER_CONSENT.key: saying.read_back}
    evidence[PLACE.key] = saying.building_id or saying.place.strip()
    return Situation(
        stage=Stage.COLLECTED, kind=Kind(saying.kind), signers=saying.signers,
        entered_for_another=saying.is_for_another,
        evidence=frozenset(key for key, found in evidence.items() if found),
    )  # fmt: skip


def _first_proposal(matter: Matter) -> Proposal:
    proposal = lock_first_proposal(matter)
    if proposal is None:
        raise Refused(N_("这件事没有记下原话，请打社区电话。"))
    return proposal


def _add_words(matter: Matter, more: str, now: datetime) -> bool:
    """Append to the words, marked with the day, so that the first ones stay readable; False for a second click."""
    proposal = _first_proposal(matter)
    problem = rules.may_add_words(proposal.words, more)
    if problem is not None:
        problem.or_refuse()
    day = clock.local(now)
    added = f"\n\n（{day.year}年{day.month}月{day.day}日补充）{rules.tidy_words(more)}"
    if proposal.words.endswith(added):
        return False
    proposal.words += added
    return True
