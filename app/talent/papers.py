"""Pictures laid into an expert's letter: copies of their own, so that nothing of the matter's files becomes readable.

A guest reads the rows whose subject is the own invitation. The hall chooses what goes in; names, faces and doors must
be covered on it, because a matter is looked at without its people (domain.md section 6).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.talent.models import Invitation
from app.talent.queries import PAPER_ABOUT, PAPER_KIND, papers_of
from app.talent.telling import tell_inside
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

MOST = 12


def pictures_to_choose(matter: Matter) -> list[Attachment]:
    """The matter's pictures that were looked over and published: nobody is to be recognised on them."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == matter.id,
                Attachment.kind == "photo", Attachment.public, Attachment.hidden_at.is_(None),
            )
            .order_by(Attachment.created_at, Attachment.id)
            .limit(60)
        )
    )  # fmt: skip


def chosen(matter: Matter, ids: Collection[UUID]) -> list[Attachment]:
    """Those of the matter's publishable pictures that were ticked; another id raises ``Missing``."""
    if not ids:
        return []
    known = {one.id: one for one in pictures_to_choose(matter)}
    if set(ids) - set(known):
        raise Missing(N_("没有这张照片。"))
    return [known[one] for one in dict.fromkeys(ids)]


def lay_in(
    invitation: Invitation, matter: Matter, pictures: Collection[Attachment], *, by: Actor, now: datetime
) -> None:
    """Put pictures into the letter; each row carries an id of its own, under which the caller stored a copy."""
    if len(papers_of(invitation.id)) + len(pictures) > MOST:
        raise Refused(N_("给专家的材料最多 %(most)s 张。"), most=MOST)
    db.session.add_all(pictures)
    db.session.flush()
    if pictures:
        tell_inside(matter, "expert_papers", invitation, by, now, words=f"给专家添了 {len(pictures)} 张材料")


def paper(
    picture_id: UUID, invitation: Invitation, *, width: int | None, height: int | None, size: int, sha256: str,
    caption: str, now: datetime,
) -> Attachment:  # fmt: skip
    """The row of one picture in a letter; never public, never shown with the matter's own pictures."""
    if len(caption) > 200:
        raise Refused(N_("照片下面的话最多 200 字。"))
    return Attachment(
        id=picture_id, matter_id=invitation.matter_id, kind=PAPER_KIND, media_type="image/jpeg", width=width,
        height=height, size=size, sha256=sha256, caption=caption.strip(), about=PAPER_ABOUT, about_id=invitation.id,
        created_at=now,
    )  # fmt: skip


def take_out(invitation: Invitation, picture_id: UUID, *, by: Actor, now: datetime) -> None:
    """The expert sees the picture no more; doing it twice is doing it once."""
    done = db.session.execute(
        update(Attachment)
        .where(
            Attachment.community_id == current_community(), Attachment.about == PAPER_ABOUT,
            Attachment.about_id == invitation.id, Attachment.id == picture_id,
        )
        .values(hidden_at=now, hidden_reason=f"{by.label}从邀请里拿掉")
    )  # fmt: skip
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Missing(N_("没有这张照片。"))
