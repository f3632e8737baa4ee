"""A child's matter: asking those who must agree, and opening it to the hall without a trace of the child.

Source: domain.md section 2 (a minor's matter shows number and stage only), section 5 (PIPL sections 28 and 31;
未成年人网络保护条例). A child's words, pictures and name stay with the handlers for good. The matter itself may be
deliberated and voted on in public, like W3 and M17, once the secretary has written title, question and place anew:
``has_minor`` stays, and the CHECK ``a_minor_is_for_the_parties`` lets it be public only with the reason on its row.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select, update

from app.errors import Refused
from app.flow.collect import minor_rules, rules
from app.flow.collect.models import Proposal
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.matter.situation import Stage, Track, Visibility
from app.people.actor import Actor
from app.people.consents import give_consent
from app.people.models import Person
from app.people.roles import COMMUNITY_STAFF, Role
from app.people.secrets import seal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def ask_consent(matter: Matter, *, guardian: str, own: bool, by: Actor, now: datetime) -> Matter:
    """Note that the guardian (``guardian``: name and phone) or the older child was asked and agrees.

    For letters out of the box: nobody could be asked before they were kept. Raises ``Refused``.
    """
    if not by.roles & COMMUNITY_STAFF:
        raise Refused(N_("问家长这一步由社区工作人员来记。"))
    if not matter.has_minor:
        raise Refused(N_("这件事不是孩子提的。"))
    row = db.session.execute(
        select(Proposal, Person.birth_year)
        .outerjoin(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
        .order_by(Proposal.said_at)
        .limit(1)
    ).one()
    proposal: Proposal = row[0]
    minor_rules.may_agree(row[1], now.year, guardian=guardian, own=own).or_refuse()
    if guardian.strip():
        proposal.guardian_consent, proposal.guardian_sealed = True, seal(guardian.strip())
    proposal.own_consent = proposal.own_consent or own
    about = "guardian" if guardian.strip() else "own_minor"
    give_consent(about, by=by, now=now, person_id=proposal.person_id, matter_id=matter.id, channel="phone")
    record(matter, "minor_asked", by=by, now=now, words=N_("问过了，同意提这件事"), public=False)
    return matter


def open_matter(
    matter: Matter, *, title: str, question: str, place: str, reason: str, names_nobody: bool, by: Actor, now: datetime
) -> Matter:
    """The secretary opens a child's matter: title, question and place are written anew and name nobody.

    The lines before stay shut; from here on the matter runs like any other. Raises ``Refused``.
    """
    if Role.SECRETARY not in by.roles:
        raise Refused(N_("孩子提的事，要社区书记来定能不能公开议。"))
    _lock(matter)
    if not matter.has_minor or matter.visibility == Visibility.PUBLIC:
        raise Refused(N_("这件事已经是公开的。") if matter.has_minor else N_("这件事不是孩子提的。"))
    if matter.track == Track.MEDIATION or matter.accepted_at is None or matter.stage in _OVER:
        raise Refused(N_("受理以后、办结以前才能公开议；纠纷不公开。"))
    texts = {"title": title.strip(), "question": question.strip() or matter.question, "place": place.strip()}
    minor_rules.may_open(
        **texts, reason=reason, names_nobody=names_nobody, child=_told_by_the_child(matter)
    ).or_refuse()
    matter.title, matter.question = texts["title"], texts["question"]
    matter.place, matter.unit, matter.brief = texts["place"], None, ""
    matter.opened_reason, matter.visibility = rules.tidy_words(reason), str(Visibility.PUBLIC)
    db.session.execute(
        update(Attachment)
        .where(Attachment.community_id == current_community(), Attachment.matter_id == matter.id)
        .values(public=False)
    )
    record(matter, "minor_opened", by=by, now=now, words=N_("这件事公开来议，提出人不公开"))
    return matter


def shut_matter(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """Shut it again, where something of the child showed after all."""
    if Role.SECRETARY not in by.roles:
        raise Refused(N_("孩子提的事，要社区书记来定能不能公开议。"))
    if not matter.has_minor or len(reason.strip()) < 2:
        raise Refused(N_("为什么收回，写一句。"))
    _lock(matter)
    matter.visibility = str(Visibility.PARTIES)
    record(matter, "minor_shut", by=by, now=now, reason=reason.strip(), words=N_("收回公开，只给当事人看"))
    return matter


_OVER = frozenset({Stage.ARCHIVED, Stage.MERGED, Stage.WITHDRAWN, Stage.REFERRED, Stage.ANSWERED, Stage.TERMINATED})


def _lock(matter: Matter) -> None:
    db.session.flush()
    db.session.refresh(matter, with_for_update=True)


def _told_by_the_child(matter: Matter) -> minor_rules.Child:
    rows = db.session.execute(
        select(Proposal.words, Person.name)
        .outerjoin(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
    ).all()
    return minor_rules.Child(tuple(row.name for row in rows if row.name), " ".join(row.words for row in rows))
