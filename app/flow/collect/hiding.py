"""Reports of what should not stand in public, and taking things out of sight: a comment, a picture, a whole matter.

What is hidden says that it is hidden and why; every step stands in the matter's timeline and can be taken back.
Source: domain.md section 5, row "content duty" (Cybersecurity Law as amended, section 49).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.flow.collect import voices_rules as rules
from app.flow.collect.moderation_log import settle_reports, tally
from app.flow.collect.voices import Report
from app.flow.collect.voices_actions import hide_comment
from app.flow.collect.voices_queries import Reported
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

BY_SOMEBODY_ELSE = N_("刚才已经有人办过了，请刷新看看。")


def report(
    matter: Matter, subject: str, subject_id: UUID, *, reason: str, words: str, mark: str, now: datetime
) -> bool:
    """Take in a report; False where this voice has reported this thing before (it is kept once).

    The caller has found the thing in public. Raises ``Refused`` without a reason.
    """
    rules.reason_words(reason, words).or_refuse()
    rules.fits(words, rules.REPORT_WORDS).or_refuse()
    statement = (
        insert(Report)
        .values(
            community_id=current_community(), street_id=current_street(), id=uuid7(), matter_id=matter.id,
            subject=subject, subject_id=subject_id, reason=reason, words=words.strip(), mark=mark, at=now,
            state="open", outcome="", handled_label="",
        )
        .on_conflict_do_nothing(index_elements=["community_id", "subject", "subject_id", "mark"])
        .returning(Report.id)
    )  # fmt: skip
    return db.session.execute(statement).first() is not None


def keep_reported(found: Reported, outcome: str, *, by: Actor, now: datetime) -> int:
    """Let the thing stand and say why; every open report of it is answered so. Returns how many there were."""
    rules.good_words(outcome, most=rules.REASON).or_refuse()
    done = settle_reports(found.report.subject, found.report.subject_id, "kept", outcome.strip(), by=by, now=now)
    if not done:
        raise Refused(BY_SOMEBODY_ELSE)
    tally(now=now)
    return done


def hide_reported(found: Reported, reason: str, *, by: Actor, now: datetime) -> None:
    """Take the reported thing out of sight; the reports are answered with the same reason."""
    if found.report.subject == "comment" and found.comment is not None:
        hide_comment(found.comment, found.matter, reason, by=by, now=now)
    elif found.report.subject == "photo" and found.photo is not None:
        hide_photo(found.photo, found.matter, reason, by=by, now=now)
    else:
        hide_matter(found.matter, reason, by=by, now=now)


def hide_matter(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """The public sees number, stage and the reason; those who handle the matter and its proposer see all of it."""
    _swap(matter, Matter.hidden_at.is_(None), hidden_at=now, hidden_reason=reason)
    record(matter, "hide", by=by, now=now, words=f"这件事暂时不显示：{reason}", reason=reason)
    settle_reports("matter", matter.id, "hidden", reason, by=by, now=now)
    tally(now=now)
    return matter


def show_matter(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """Take the hiding back."""
    _swap(matter, Matter.hidden_at.is_not(None), hidden_at=None, hidden_reason="")
    record(matter, "unhide", by=by, now=now, words="这件事恢复显示")
    return matter


def hide_photo(photo: Attachment, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Attachment:
    """Nobody but the staff sees the picture any more."""
    _swap_photo(photo, Attachment.hidden_at.is_(None), hidden_at=now, hidden_reason=reason)
    record(
        matter, "hide_photo", by=by, now=now, words=f"有一张照片不显示：{reason}", reason=reason, public=photo.public,
        data={"photo": str(photo.id)},
    )  # fmt: skip
    settle_reports("photo", photo.id, "hidden", reason, by=by, now=now)
    tally(now=now)
    return photo


def show_photo(photo: Attachment, matter: Matter, *, by: Actor, now: datetime) -> Attachment:
    """Take the hiding of a picture back; in public it is again only where it was published before."""
    _swap_photo(photo, Attachment.hidden_at.is_not(None), hidden_at=None, hidden_reason="")
    record(
        matter, "unhide_photo", by=by, now=now, words="照片恢复显示", public=photo.public, data={"photo": str(photo.id)}
    )
    return photo


def _swap(matter: Matter, still: object, **values: object) -> None:
    changed = db.session.execute(
        update(Matter)
        .where(Matter.community_id == matter.community_id, Matter.id == matter.id, still)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(BY_SOMEBODY_ELSE)
    db.session.refresh(matter, ["hidden_at", "hidden_reason"])


def _swap_photo(photo: Attachment, still: object, **values: object) -> None:
    changed = db.session.execute(
        update(Attachment)
        .where(Attachment.community_id == photo.community_id, Attachment.id == photo.id, still)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(BY_SOMEBODY_ELSE)
    db.session.refresh(photo)
