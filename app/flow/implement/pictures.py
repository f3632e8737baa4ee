"""Pictures of a task from before and after: taken by staff or by whoever does it, public once staff have looked.

A picture hangs on its commitment (``about`` is ``task_before`` or ``task_after``). It shows work and not people, so
what is asked for is that no face, number plate or door plate is on it (PIPL sections 25 and 26); with people on it, it
goes the long way of the matter's own pictures, with their consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from app.errors import Refused
from app.flow.collect import pictures as matter_pictures
from app.flow.collect.actions import Picture
from app.flow.collect.hiding import BY_SOMEBODY_ELSE
from app.flow.implement import rules
from app.flow.implement.queries import AFTER, BEFORE
from app.flow.implement.working import is_guest
from app.flow.resolve.models import Commitment
from app.flow.resolve.queries import matter_of
from app.flow.resolve.rules import first_no, fits
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.people.roles import COMMUNITY_STAFF
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

ABOUT = {"before": BEFORE, "after": AFTER}
CAPTION_MOST = 60
#: Of one task, both sides together: enough for 8 places seen twice, too few for an archive.
MOST = 24


def attach_picture(
    commitment: Commitment, pictures: Sequence[Picture], *, which: str, caption: str = "", checked: bool = False,
    by: Actor, now: datetime,
) -> list[Attachment]:  # fmt: skip
    """Keep pictures that already lie in the file store; ``which`` is ``before`` or ``after``.

    ``checked``: a member of staff has looked that nobody can be recognised, so they are public at once. An owner's wait
    until staff have looked (:func:`show_picture`).
    """
    matter = matter_of(commitment)
    first_no(
        rules.may_report(by.roles, by.id, commitment.owner_id),
        fits(N_("照片说明"), caption, CAPTION_MOST, required=False),
    ).or_refuse()
    if _kept(commitment) + len(pictures) > MOST:
        raise Refused(N_("一项任务最多留 %(limit)s 张照片。"), limit=MOST)
    is_public = checked and bool(by.roles & COMMUNITY_STAFF) and _may_be_public(matter)
    made = [
        Attachment(
            id=one.id, matter_id=matter.id, kind="photo", media_type="image/jpeg",
            caption=caption.strip() or one.caption, width=one.width, height=one.height, size=one.size,
            sha256=one.sha256, about=ABOUT[which], about_id=commitment.id, public=is_public, created_at=now,
        )
        for one in pictures
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    side = "办之前" if which == "before" else "办之后"
    record(
        matter, "attach_picture", by=by, now=now, words=f"{commitment.what}：添了 {len(made)} 张{side}的照片",
        public=is_public, data={"commitment": str(commitment.id), "photos": [str(one.id) for one in made]},
    )  # fmt: skip
    return made


def show_picture(photo: Attachment, matter: Matter, *, checked: bool, by: Actor, now: datetime) -> Attachment:
    """Staff have looked at an owner's picture: from now on everybody sees it."""
    if not by.roles & COMMUNITY_STAFF:
        raise Refused(N_("照片由社区工作人员看过再公开。"))
    if not _may_be_public(matter):
        raise Refused(N_("这件事只给当事人看，照片不公开。"))
    if not checked:
        raise Refused(N_("人脸、车牌、门牌没有拍到，再勾上公开。"))
    _set(photo, public=True)
    record(
        matter, "show_picture", by=by, now=now, words="公开了一张办事的照片",
        data={"photo": str(photo.id), "commitment": str(photo.about_id)},
    )  # fmt: skip
    return photo


def take_picture_back(photo: Attachment, matter: Matter, *, by: Actor, now: datetime) -> Attachment:
    """Only those who handle the matter see it again."""
    if not by.roles & COMMUNITY_STAFF:
        raise Refused(N_("照片由社区工作人员收回。"))
    _set(photo, public=False)
    record(
        matter, "take_picture_back", by=by, now=now, words="收回了一张办事的照片",
        data={"photo": str(photo.id), "commitment": str(photo.about_id)},
    )  # fmt: skip
    return photo


def _may_be_public(matter: Matter) -> bool:
    return not is_guest() and matter_pictures.may_be_public(matter)


def _kept(commitment: Commitment) -> int:
    wanted = select(func.count()).select_from(Attachment).where(
        Attachment.community_id == current_community(), Attachment.about_id == commitment.id,
        Attachment.about.in_((BEFORE, AFTER)),
    )  # fmt: skip
    return int(db.session.scalar(wanted) or 0)


def _set(photo: Attachment, *, public: bool) -> None:
    """Compare and swap on ``public``; a second click finds it done."""
    changed = db.session.execute(
        update(Attachment)
        .where(
            Attachment.community_id == photo.community_id, Attachment.id == photo.id,
            Attachment.public.is_not(public), Attachment.hidden_at.is_(None),
        )
        .values(public=public)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(BY_SOMEBODY_ELSE)
    db.session.refresh(photo)
