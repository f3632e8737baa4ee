"""What people say against a posting: taken in, answered, and upheld, which sends the matter back.

The caller commits. A contact is sealed; the words stay inside until they are answered.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.resolve import queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Objection, Posting
from app.flow.resolve.writing import must_stand_at, set_aside
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def object_to(
    posting: Posting, words: str, *, contact: str = "", person_id: UUID | None = None, by: Actor, now: datetime,
    id: UUID | None = None,
) -> Objection:  # fmt: skip
    """What somebody says against a posting; the contact is sealed and the words stay inside until they are answered."""
    matter = queries.matter_of(posting)
    rules.first_no(
        rules.may_object(posting.state, posting.starts, posting.objections_until, local_day(now)),
        rules.fits(N_("您的意见"), words, rules.WORDS_MOST),
        rules.fits(N_("联系方式"), contact, rules.CONTACT_MOST, required=False),
    ).or_refuse()
    objection = Objection(
        id=id or uuid7(), posting_id=posting.id, matter_id=posting.matter_id, words=words.strip(), person_id=person_id,
        contact_sealed=seal(contact.strip()) if contact.strip() else None, at=now,
    )  # fmt: skip
    db.session.add(objection)
    # Whoever objects stays unnamed, also when somebody of the hall's own does.
    unnamed = Actor("resident", "居民", channel=by.channel)
    record(matter, "object", by=unnamed, now=now, words="公示收到 1 条意见", data={"objection": str(objection.id)})
    return objection


def answer_objection(objection: Objection, *, reply: str, upheld: bool, by: Actor, now: datetime) -> Objection:
    """Answer once; an upheld one means that the matter must be talked over again (:func:`redeliberate`)."""
    rules.first_no(rules.may_write(by.roles), rules.fits(N_("答复"), reply, rules.WORDS_MOST)).or_refuse()
    answered = db.session.execute(
        update(Objection)
        .where(
            Objection.community_id == current_community(), Objection.id == objection.id, Objection.replied_at.is_(None)
        )
        .values(reply=reply.strip(), upheld=upheld, replied_at=now, replied_label=by.label)
        .execution_options(synchronize_session=False)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这条意见已经答复过了。"))
    db.session.refresh(objection)
    words = "公示收到的 1 条意见已答复" + ("，意见成立" if upheld else "")
    record(
        queries.matter_of(objection), "answer_objection", by=by, now=now, words=words,
        data={"objection": str(objection.id), "upheld": upheld},
    )  # fmt: skip
    return objection


def redeliberate(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """An objection was upheld: the resolution is set aside and the matter goes back to be looked into."""
    evidence = evidence_of(matter)
    must_stand_at(matter, Stage.PUBLICIZED)
    matter.round += 1
    told = f"公示收到的意见成立，重新商量：{reason}"
    move(matter, "redeliberate", by=by, now=now, evidence=evidence, reason=reason, words=told)
    set_aside(matter, now=now)
    return matter
