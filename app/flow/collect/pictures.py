"""Pictures of a matter after it came in: staff add one, and publish one once nobody's face or plate is on it.

Nothing is public by itself. Publishing needs words under the picture and a note of who agreed (PIPL section 25:
no publication without separate consent); the note stays inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, update

from app.errors import Refused
from app.flow.collect import voices_rules as rules
from app.flow.collect.actions import Picture
from app.flow.collect.hiding import BY_SOMEBODY_ELSE
from app.flow.collect.queries import sensitivity_of
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.people.consents import give_consent
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: One matter's folder never becomes an archive of the whole estate.
MOST = 60


def photos_of_matter(matter: Matter) -> list[Attachment]:
    """Every picture of a matter, the newest first, hidden ones too."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == matter.id,
                Attachment.kind == "photo",
            )
            .order_by(Attachment.created_at.desc(), Attachment.id.desc())
        )
    )  # fmt: skip


def find_photo(photo_id: UUID) -> tuple[Attachment, Matter] | None:
    """A picture of the bound hall with its matter."""
    row = db.session.execute(
        select(Attachment, Matter)
        .join(Matter, and_(Matter.community_id == Attachment.community_id, Matter.id == Attachment.matter_id))
        .where(
            Attachment.community_id == current_community(), Attachment.id == photo_id, Attachment.kind == "photo"
        )
    ).first()  # fmt: skip
    return (row[0], row[1]) if row else None


def add_photos(matter: Matter, pictures: Sequence[Picture], caption: str, *, by: Actor, now: datetime) -> int:
    """Keep pictures that already lie in the file store; for those who handle the matter, until one is published."""
    rules.fits(caption, rules.CAPTION).or_refuse()
    have = db.session.scalar(
        select(func.count())
        .select_from(Attachment)
        .where(
            Attachment.community_id == current_community(), Attachment.matter_id == matter.id,
            Attachment.kind == "photo",
        )
    )  # fmt: skip
    if (have or 0) + len(pictures) > MOST:
        raise Refused(N_("一件事最多留 %(limit)s 张照片。"), limit=MOST)
    db.session.add_all(
        Attachment(
            id=picture.id, matter_id=matter.id, kind="photo", media_type="image/jpeg", caption=caption.strip(),
            width=picture.width, height=picture.height, size=picture.size, sha256=picture.sha256, created_at=now,
        )
        for picture in pictures
    )  # fmt: skip
    db.session.flush()
    record(matter, "add_photos", by=by, now=now, words=f"添了 {len(pictures)} 张照片", public=False)
    return len(pictures)


def may_be_public(matter: Matter) -> bool:
    """Whether pictures of this matter may be published at all; those of a child's matter stay shut for good."""
    return not sensitivity_of(matter).is_restricted and not matter.has_minor


def publish_photo(
    photo: Attachment, matter: Matter, caption: str, note: str, *, checked: bool, by: Actor, now: datetime
) -> Attachment:  # fmt: skip
    """Let everybody see a picture, with words under it; ``note`` says who agreed and how, and stays inside.

    Raises ``Refused`` for a matter that is not public, for a hidden picture, and without words, note or the check.
    """
    if not may_be_public(matter):
        raise Refused(N_("这件事只给当事人看，照片不公开。"))
    if photo.hidden_at is not None:
        raise Refused(N_("这张照片现在不显示，先恢复再公开。"))
    rules.good_words(caption, most=rules.CAPTION).or_refuse()
    rules.good_words(note, most=rules.NOTE).or_refuse()
    if not checked:
        raise Refused(N_("人脸、车牌、门牌遮好了，再勾上公开。"))
    _set(photo, public=True, caption=caption.strip())
    give_consent("photo_public", by=by, now=now, matter_id=matter.id, channel="staff")
    record(
        matter, "publish_photo", by=by, now=now, words=f"公开了一张照片：{caption.strip()}",
        data={"photo": str(photo.id)},
    )  # fmt: skip
    record(matter, "photo_consent", by=by, now=now, words="记下照片公开的同意", reason=note.strip(), public=False,
           data={"photo": str(photo.id)})  # fmt: skip
    return photo


def unpublish_photo(photo: Attachment, matter: Matter, *, by: Actor, now: datetime) -> Attachment:
    """Whoever agreed takes it back, or it was published by mistake: only the handlers see the picture again."""
    _set(photo, public=False)
    give_consent("photo_public", by=by, now=now, given=False, matter_id=matter.id, channel="staff")
    record(matter, "unpublish_photo", by=by, now=now, words="收回了一张公开的照片", data={"photo": str(photo.id)})
    return photo


def _set(photo: Attachment, **values: object) -> None:
    """Compare and swap on ``public``; a second click finds it done."""
    changed = db.session.execute(
        update(Attachment)
        .where(
            Attachment.community_id == photo.community_id, Attachment.id == photo.id,
            Attachment.public.is_not(values["public"]), Attachment.hidden_at.is_(None),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(BY_SOMEBODY_ELSE)
    db.session.refresh(photo)
