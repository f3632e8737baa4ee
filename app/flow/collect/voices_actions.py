"""Comments and support under a public matter: written, read by a person of the hall, shown or hidden, taken back.

Nothing a neighbour writes stands in public before somebody of the hall has read it (先审后发). Counts on the matter are
raised in the database, so two clicks at one moment both count; they order and rank nothing (domain.md section 5, F11).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, update
from sqlalchemy.dialects.postgresql import insert

from app.flow.collect import voices_queries as queries
from app.flow.collect import voices_rules as rules
from app.flow.collect.moderation_log import settle_reports, tally
from app.flow.collect.queries import is_told
from app.flow.collect.rules import tidy_words
from app.flow.collect.voices import Comment, Support
from app.flow.collect.word_list import words_now
from app.matter.actions import record
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.consents import give_consent
from app.people.secrets import blind
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


@dataclass(frozen=True)
class Author:
    """Who writes: the account the hall knows them by (后台实名), and the name the public reads (前台自愿).

    ``shown_name`` is empty for 一位邻居; ``opted_in`` says that it is the whole name, by the author's own wish.
    ``reads_for_the_hall`` is somebody who may release comments: their own words have been read by such a person.
    """

    account_id: UUID
    person_id: UUID | None = None
    shown_name: str = ""
    opted_in: bool = False
    is_staff: bool = False
    reads_for_the_hall: bool = False


def voice_mark(kind: str, value: object) -> str:
    """The blind index of one voice: of an ``account`` or a ``browser``. It cannot be turned back."""
    return blind("voice", f"{kind}:{value}")[:40]


def may_speak(matter: Matter, now: datetime) -> Any:
    """The verdict of :func:`voices_rules.may_speak` on a stored matter."""
    return rules.may_speak(
        matter.stage, told=is_told(matter), hidden=matter.hidden_at is not None,
        rested_at=matter.closed_at or matter.stage_since, now=now,
    )  # fmt: skip


def write_comment(
    matter: Matter, words: str, *, author: Author, by: Actor, now: datetime, id: UUID | None = None
) -> Comment:
    """Keep a comment until somebody of the hall has read it. ``id`` is the form's ``once``.

    Raises ``Refused`` where the matter takes no words (any more), for none or too many letters, and while five of the
    author's own still wait.
    """
    may_speak(matter, now).or_refuse()
    words = tidy_words(words)
    rules.good_words(words).or_refuse()
    mark = voice_mark("account", author.account_id)
    waiting, listed = queries.waiting_of(mark), words_now()
    if not author.is_staff:
        rules.may_write_more(waiting).or_refuse()
    comment = Comment(
        id=id or uuid7(), matter_id=matter.id, account_id=author.account_id, person_id=author.person_id, mark=mark,
        shown_name=author.shown_name, by_staff=author.is_staff, words=words, signs=rules.signs_in(words, listed),
        state="waiting", written_at=now,
    )  # fmt: skip
    db.session.add(comment)
    db.session.flush()
    if author.opted_in and author.person_id is not None:
        give_consent("name_public", by=by, now=now, person_id=author.person_id, matter_id=matter.id)
    if author.reads_for_the_hall:
        show_comment(comment, matter, by=by, now=now)
    return comment


def show_comment(comment: Comment, matter: Matter, *, by: Actor, now: datetime) -> Comment:
    """Let a comment stand in public; also one that was hidden before."""
    was_hidden = comment.state == "hidden"
    _become(comment, "shown", decided_label=by.label, decided_at=now, reason="", ended_at=None)
    _count(comment, +1)
    if was_hidden:
        record(matter, "unhide_comment", by=by, now=now, words="一条留言恢复显示", public=False, data=_of(comment))
    tally(now=now)
    return comment


def show_comments(ids: Collection[UUID], *, by: Actor, now: datetime) -> tuple[int, int]:
    """Show several at once; those that hold a word of the street's list stay, for they are read one by one.

    Returns how many are shown now and how many were left.
    """
    found = queries.comments_by_id(ids)
    plain = [comment for comment in found if comment.state == "waiting" and not comment.signs]
    for comment in plain:
        _become(comment, "shown", decided_label=by.label, decided_at=now, reason="", ended_at=None)
        _count(comment, +1)
    tally(now=now)
    return len(plain), len(found) - len(plain)


def hide_comment(comment: Comment, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Comment:
    """Keep a comment from the public, with the reason the public reads in its place; reports of it are answered."""
    was_shown = comment.state == "shown"
    _become(comment, "hidden", decided_label=by.label, decided_at=now, reason=reason, ended_at=now)
    if was_shown:
        _count(comment, -1)
    record(
        matter, "hide_comment", by=by, now=now, words="一条留言没有显示", reason=reason, public=False, data=_of(comment)
    )
    settle_reports("comment", comment.id, "hidden", reason, by=by, now=now)
    tally(now=now)
    return comment


def withdraw_comment(comment: Comment, *, now: datetime) -> Comment:
    """The author takes a comment back; the hall keeps the words for six months and shows them to nobody else."""
    was_shown, ended = comment.state == "shown", comment.ended_at
    _become(comment, "withdrawn", ended_at=ended or now)
    if was_shown:
        _count(comment, -1)
    return comment


def support(matter: Matter, *, account_id: UUID | None, browser: str, now: datetime) -> bool:
    """Stand behind a matter; False where this voice stood there already.

    Who clicked without an account and signs in afterwards is still one voice: the browser's is handed over.
    """
    may_speak(matter, now).or_refuse()
    mark = voice_mark("account", account_id) if account_id else voice_mark("browser", browser)
    handed_over = _step_back(matter, voice_mark("browser", browser), now) if account_id else 0
    statement = (
        insert(Support)
        .values(
            community_id=current_community(), street_id=current_street(), id=uuid7(), matter_id=matter.id, mark=mark,
            account_id=account_id, at=now, withdrawn_at=None,
        )
        .on_conflict_do_update(
            index_elements=["community_id", "matter_id", "mark"],
            set_={"withdrawn_at": None, "at": now},
            where=Support.withdrawn_at.is_not(None),
        )
        .returning(Support.id)
    )  # fmt: skip
    new = db.session.execute(statement).first() is not None
    _add(matter, Matter.supports, int(new) - handed_over)
    return new


def unsupport(matter: Matter, *, account_id: UUID | None, browser: str, now: datetime) -> bool:
    """Step back; False where this voice did not stand there. Allowed as long as the matter is known at all."""
    gone = _step_back(matter, voice_mark("browser", browser), now)
    if account_id is not None:
        gone += _step_back(matter, voice_mark("account", account_id), now)
    _add(matter, Matter.supports, -gone)
    return bool(gone)


def purge(*, now: datetime) -> int:
    """Clear the words of what was hidden or withdrawn six months ago in the bound hall; returns how many."""
    gone = db.session.execute(
        update(Comment)
        .where(
            Comment.community_id == current_community(), Comment.purged_at.is_(None),
            Comment.ended_at <= now - rules.KEPT,
        )
        .values(words="", shown_name="", signs=[], purged_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _become(comment: Comment, state: str, **values: Any) -> None:
    """Compare and swap: one row changed, or somebody else was faster."""
    rules.may_become(comment.state, state, purged=comment.purged_at is not None).or_refuse()
    swapped = db.session.execute(
        update(Comment)
        .where(
            Comment.community_id == comment.community_id, Comment.id == comment.id, Comment.state == comment.state,
            or_(Comment.purged_at.is_(None), state != "shown"),
        )
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        rules.may_become("withdrawn", state).or_refuse()
    db.session.refresh(comment)


def _of(comment: Comment) -> dict[str, str]:
    return {"comment": str(comment.id)}


def _step_back(matter: Matter, mark: str, now: datetime) -> int:
    gone = db.session.execute(
        update(Support)
        .where(
            Support.community_id == matter.community_id, Support.matter_id == matter.id, Support.mark == mark,
            Support.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _count(comment: Comment, by: int) -> None:
    db.session.execute(
        update(Matter)
        .where(Matter.community_id == comment.community_id, Matter.id == comment.matter_id)
        .values(comments=func.greatest(Matter.comments + by, 0))
        .execution_options(synchronize_session=False)
    )


def _add(matter: Matter, column: Any, by: int) -> None:
    if by:
        db.session.execute(
            update(Matter)
            .where(Matter.community_id == matter.community_id, Matter.id == matter.id)
            .values({column: column + by})
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(matter, [column.key])
