"""Taking in what people say: number, tracking code, proposal, pictures; and what the proposer may still do later.

Nothing here commits. Pictures must already lie in the file store when ``submit`` is called, because a row never
speaks of a file that may not exist; a file without a row is swept away later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app import clock
from app.errors import Refused
from app.flow.collect import rules
from app.flow.collect.evidence import evidence_of
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.matter.actions import move, next_number, record
from app.matter.deadlines import Deadline
from app.matter.house import house
from app.matter.models import Attachment, Matter
from app.matter.needs import CHANNEL, INFO_SUPPLIED, PLACE, SPEAKER_CONSENT, WORDS
from app.matter.numbers import matter_number
from app.matter.situation import Kind, Situation, Stage
from app.matter.stages import deadline, may
from app.matter.workdays import due
from app.people.actor import Actor
from app.people.models import Person
from app.people.roles import Role
from app.people.secrets import blind, new_tracking_code, seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

__all__ = [
    "Picture", "Saying", "Submitted", "collect", "complete", "register", "say_more", "sign_off", "submit", "supply",
    "withdraw",
]  # fmt: skip

REGISTERED = N_("登记成提案，等社区来看")


@dataclass(frozen=True)
class Picture:
    """A photo that already lies in the file store under ``id`` (and its preview under the variant ``small``)."""

    id: UUID
    width: int
    height: int
    size: int
    sha256: str
    caption: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a draft."""
        return {**self.__dict__, "id": str(self.id)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Picture:
        """The opposite of :meth:`as_dict`."""
        return cls(**{**data, "id": UUID(data["id"])})


@dataclass(frozen=True)
class Submitted:
    """The new matter and its tracking code in clear, which is shown once and stored only as an HMAC."""

    matter: Matter
    code: str


def submit(
    saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None = None, photos: Sequence[Picture] = (),
    code: str = "",
) -> Submitted:  # fmt: skip
    """Take a proposal in and register it: stage ``submitted``, two timeline lines, due by the hall's own deadline.

    ``matter_id`` is the form's ``once``: handing the same form in twice breaks on the key, never makes a second
    matter. ``code`` is given by a form that must be able to show the same receipt twice. Raises ``Refused`` with the
    first thing that is wrong; the form asks :func:`rules.problems` first and shows all of them.
    """
    _check(saying, now)
    speaker = by if saying.is_for_another else by.as_capacity(Role.PROPOSER)
    may("submit", _about_to_submit(saying), speaker.roles, "").or_refuse()
    taken = _take_in(saying, by=by, now=now, matter_id=matter_id, code=code, stage=Stage.SUBMITTED)
    record(taken.matter, "submit", by=by, now=now, channel=saying.channel, words=REGISTERED,
           moved=(str(Stage.COLLECTED), str(Stage.SUBMITTED)))  # fmt: skip
    _write_rest(taken.matter, saying, by=by, now=now, photos=photos)
    return taken


def collect(
    saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None = None, photos: Sequence[Picture] = (),
    code: str = "",
) -> Submitted:  # fmt: skip
    """Keep a lead (线索) as heard, stage ``collected``: it may be answered on the spot or registered later."""
    _check(saying, now)
    taken = _take_in(saying, by=by, now=now, matter_id=matter_id, code=code, stage=Stage.COLLECTED)
    _write_rest(taken.matter, saying, by=by, now=now, photos=photos)
    return taken


def register(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """Make a kept lead a proposal."""
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
    record(matter, "complete", by=by, now=now, public=False)
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
    """One household of a joint proposal no longer signs; the last one may then withdraw it."""
    if matter.kind != Kind.JOINT or matter.signers < 2:
        raise Refused(N_("这件事没有别的联名人了。"))
    matter.signers -= 1
    record(matter, "sign_off", by=by.as_capacity(Role.PROPOSER), now=now, words=N_("有一户撤了联名"))
    return matter


def _check(saying: Saying, now: datetime) -> None:
    for verdict in rules.problems(saying, year=clock.local(now).year).values():
        verdict.or_refuse()


def _about_to_submit(saying: Saying) -> Situation:
    evidence = {CHANNEL.key: saying.channel, WORDS.key: saying.words.strip(), SPEAKER_CONSENT.key: saying.read_back}
    evidence[PLACE.key] = saying.building_id or saying.place.strip()
    return Situation(
        stage=Stage.COLLECTED, kind=Kind(saying.kind), signers=saying.signers,
        entered_for_another=saying.is_for_another,
        evidence=frozenset(key for key, found in evidence.items() if found),
    )  # fmt: skip


def _take_in(saying: Saying, *, by: Actor, now: datetime, matter_id: UUID | None, code: str, stage: Stage) -> Submitted:
    year = clock.local(now).year
    code = code or new_tracking_code()
    home = house()
    limit = deadline(stage, None, home.deadlines) or Deadline(3, "working_days")
    matter = Matter(
        id=matter_id or uuid7(), number=matter_number(home.code, year, next_number("matter", year)),
        title=saying.headline, stage=str(stage), stage_since=now, due_at=due(now, limit, home.calendar),
        first_due_at=due(now, limit, home.calendar), visibility=str(rules.visibility_of(saying, year)),
        category=saying.category, kind=saying.kind, channel=saying.channel, point=saying.point.strip(),
        track=saying.track, signers=saying.signers if saying.kind == Kind.JOINT else 1,
        entered_for_another=saying.is_for_another, is_plain_duty=saying.is_plain_duty,
        is_secretary_project=saying.is_secretary_project, building_id=saying.building_id, unit=saying.unit,
        place=rules.tidy_words(saying.place), tracking_hmac=blind("track", code), collected_at=now,
    )  # fmt: skip
    db.session.add(matter)
    # The lines below point at the matter; flushing it alone keeps the order certain.
    db.session.flush()
    words = N_("替人记下了这件事") if saying.is_for_another else N_("收到了这件事")
    record(matter, "collect", by=by, now=now, channel=saying.channel, words=words, moved=(None, str(Stage.COLLECTED)))
    return Submitted(matter, code)


def _write_rest(matter: Matter, saying: Saying, *, by: Actor, now: datetime, photos: Sequence[Picture]) -> None:
    """Person, proposal and pictures in one statement, whatever their number; the timeline goes in the same flush."""
    db.session.flush()
    person_id, writes = saying.person_id, []
    if person_id is None and (saying.name.strip() or saying.phone.strip() or saying.birth_year):
        person_id = uuid7()
        writes.append(insert(Person).values(_person_row(person_id, saying, now)))
    if photos:
        writes.append(insert(Attachment).values([_picture_row(matter, picture, now) for picture in photos]))
    main = insert(Proposal).values(_proposal_row(matter, saying, person_id, by, now))
    for number, write in enumerate(writes):
        main = main.add_cte(write.cte(f"written_{number}"))
    db.session.execute(main)


def _key(row_id: UUID) -> dict[str, Any]:
    return {"community_id": current_community(), "street_id": current_street(), "id": row_id}


def _person_row(person_id: UUID, saying: Saying, now: datetime) -> dict[str, Any]:
    phone = rules.tidy_phone(saying.phone)
    return _key(person_id) | {
        "name": rules.tidy_words(saying.name), "title": saying.title_of_address,
        "phone_sealed": seal(phone) if phone else None, "phone_index": blind("phone", phone) if phone else None,
        "household_id": None, "birth_year": saying.birth_year, "name_public": saying.name_public, "created_at": now,
    }  # fmt: skip


def _proposal_row(matter: Matter, saying: Saying, person_id: UUID | None, by: Actor, now: datetime) -> dict[str, Any]:
    label = by.label if saying.entered_by else (N_("家里人或邻居") if saying.for_another else "")
    return _key(uuid7()) | {
        "matter_id": matter.id, "kind": saying.kind, "words": rules.tidy_words(saying.words),
        "wish": rules.tidy_words(saying.wish), "person_id": person_id, "organisation": saying.organisation.strip(),
        "signers": matter.signers, "entered_by": saying.entered_by, "entered_label": label,
        "read_back": saying.read_back, "guardian_consent": saying.guardian_consent,
        "guardian_sealed": seal(saying.guardian.strip()) if saying.guardian.strip() else None,
        "own_consent": saying.own_consent, **asdict(saying.source), "said_at": now,
    }  # fmt: skip


def _picture_row(matter: Matter, picture: Picture, now: datetime) -> dict[str, Any]:
    return _key(picture.id) | {
        "matter_id": matter.id, "kind": "photo", "media_type": "image/jpeg", "caption": picture.caption,
        "width": picture.width, "height": picture.height, "size": picture.size, "sha256": picture.sha256,
        "small_id": None, "about": "", "about_id": None, "transcript": "", "transcribed_label": "",
        "transcribed_at": None, "public": False, "hidden_at": None, "hidden_reason": "", "created_at": now,
    }  # fmt: skip


def _first_proposal(matter: Matter) -> Proposal:
    # Locked, so that two clicks on the same button add one after the other and the second sees the first.
    proposal = db.session.scalar(
        select(Proposal)
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
        .order_by(Proposal.said_at)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
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
