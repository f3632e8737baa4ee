"""Putting a resolution on the board, letting its window end, taking the paper down; two clocks on one row.

The window for objections (seven days unless the hall settled otherwise) decides when the work begins. The fifteen days
of the law decide how long the paper hangs. The caller commits; days are days in Asia/Shanghai.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.resolve import queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Objection, Posting, Resolution
from app.flow.resolve.promises import next_due
from app.flow.resolve.writing import must_stand_at, sign
from app.matter.actions import move, next_number, record
from app.matter.deadlines import days
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import posting_number
from app.matter.situation import Stage
from app.matter.workdays import due, end_of, local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


@dataclass(frozen=True)
class Board:
    """Where and for how long a posting hangs. ``objections_days=None``: as the hall has settled, seven by default."""

    starts: date
    place: str
    objections_days: int | None = None
    days: int = rules.HANG_DAYS
    how_to_object: str = ""


def publicize(
    matter: Matter, *, starts: date, place: str, objections_days: int | None = None, days: int = rules.HANG_DAYS,
    how_to_object: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Posting:  # fmt: skip
    """Put the resolution on the board and move the matter to ``publicized``; the stage is due when objections end."""
    posting = hang(matter, Board(starts, place, objections_days, days, how_to_object), by=by, now=now, id=id)
    move(
        matter, "publicize", by=by, now=now, evidence=evidence_of(matter), words=told(posting),
        due_at=end_of(posting.objections_until), data={"posting": str(posting.id)},
    )  # fmt: skip
    return posting


def start_work(
    matter: Matter, *, board: Board | None = None, by: Actor, now: datetime, id: UUID | None = None
) -> Posting | None:
    """Go and do it at once: a private settlement without a posting, a small grid matter with one alongside.

    :raises Refused: when the matter owes a posting first, or the posting alongside is not described by ``board``.
    """
    posting = None
    if matter.visibility != "parties":
        if board is None:
            raise Refused(N_("边办边公示：写明公示贴在哪里、从哪天起。"))
        posting = hang(matter, board, by=by, now=now, id=id)
    elif (settled := queries.valid_resolution(matter)) is not None:
        sign(settled, matter, by=by, now=now)
    words = "开始办，决议同时公示" if posting else "开始办"
    move(matter, "implement", by=by, now=now, evidence=evidence_of(matter), words=words, due_at=next_due(matter))
    return posting


def post_again(matter: Matter, board: Board, *, by: Actor, now: datetime, id: UUID | None = None) -> Posting:
    """Hang a resolution whose plan was corrected: all its days and a whole window, counted anew.

    Objections not answered yet come along, so that none is lost with the old paper.

    :raises Refused: while a posting of the matter still hangs, or where there was none to take its place.
    """
    must_stand_at(matter, Stage.PUBLICIZED, Stage.IMPLEMENTING, Stage.VERIFYING, Stage.REVIEWING)
    if not queries.owes_posting(matter):
        raise Refused(N_("这件事没有要重新贴的公示。"))
    posting = hang(matter, board, by=by, now=now, id=id)
    here = current_community()
    earlier = select(Posting.id).where(Posting.community_id == here, Posting.matter_id == matter.id)
    db.session.execute(
        update(Objection)
        .where(Objection.community_id == here, Objection.posting_id.in_(earlier), Objection.replied_at.is_(None))
        .values(posting_id=posting.id)
    )
    if matter.stage == Stage.PUBLICIZED:
        matter.due_at = end_of(posting.objections_until)
    record(
        matter, "post_again", by=by, now=now, words=f"按更正后的内容重新公示，{told(posting)}",
        data={"posting": str(posting.id)},
    )  # fmt: skip
    return posting


def hang_new_paper(posting: Posting, *, by: Actor, now: datetime) -> Posting:
    """The corrected version hangs where the earlier one hung; the days run on, because the plan is the same."""
    rules.may_write(by.roles).or_refuse()
    if posting.state != "up":
        raise Refused(N_("这份公示已经收下来了。"))
    matter = queries.matter_of(posting)
    valid = queries.valid_resolution(matter)
    if valid is None or valid.id == posting.resolution_id:
        raise Refused(N_("公开栏上贴的已经是最新的一版。"))
    posting.resolution_id = valid.id
    record(
        matter, "hang_new_paper", by=by, now=now, words=f"公开栏换成了决议第 {valid.version} 版",
        data={"posting": str(posting.id), "resolution": str(valid.id)},
    )  # fmt: skip
    return posting


def hang(matter: Matter, board: Board, *, by: Actor, now: datetime, id: UUID | None = None) -> Posting:
    """The row of a posting; what hangs for everybody to read is signed by hanging it.

    :raises Refused: without a resolution, for a term that is too short, too late or backdated.
    """
    rules.may_write(by.roles).or_refuse()
    resolution = queries.valid_resolution(matter)
    if resolution is None:
        raise Refused(N_("先写决议，再公示。"))
    terms = terms_of(board)
    rules.first_no(
        rules.fits(N_("贴在哪里"), board.place, 200),
        rules.fits(N_("怎样提意见"), board.how_to_object, rules.REASON_MOST, required=False),
        rules.good_terms(terms, local_day(resolution.made_at), local_day(now)),
    ).or_refuse()
    sign(resolution, matter, by=by, now=now)
    year = local_day(now).year
    posting = Posting(
        id=id or uuid7(), matter_id=matter.id, resolution_id=resolution.id,
        number=posting_number(house().short, year, next_number("posting", year)), starts=terms.starts,
        objections_until=terms.objections_until, ends=terms.ends, place=board.place.strip(),
        how_to_object=board.how_to_object.strip() or "打电话、写纸条投信箱，或者扫码在网上说；每一条都会答复。",
        posted_at=now,
    )  # fmt: skip
    db.session.add(posting)
    db.session.flush()
    return posting


def terms_of(board: Board) -> rules.Terms:
    """The days of a posting; the last day to object rolls on to a working day (Civil Code section 203)."""
    home = house()
    own = home.deadlines.get("publicized")
    window = days(board.objections_days) if board.objections_days is not None else own or days(rules.OBJECTION_DAYS)
    noon = end_of(board.starts)
    return rules.posting_terms(board.starts, local_day(due(noon, window, home.calendar)), board.days)


def end_window(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """The timer's move: the window has ended, every objection has its answer and none is upheld."""
    board = queries.window_of(matter)
    if board is None:
        raise Refused(N_("这件事没有挂着的公示。"))
    rules.may_end_window(board.objections_until, board.unanswered, board.upheld, local_day(now)).or_refuse()
    words = "公示期间没有人提意见，开始办" if not board.objections else "公示期间的意见都答复了，开始办"
    return move(
        matter, "implement", by=by, now=now, evidence=evidence_of(matter, now), words=words, due_at=next_due(matter)
    )


def take_down(posting: Posting, *, by: Actor, now: datetime) -> Posting:
    """Take the paper off the board after its last day; never earlier, the law wants the days full."""
    if posting.state != "up":
        raise Refused(N_("这份公示已经收下来了。"))
    if local_day(now) <= posting.ends:
        raise Refused(N_("公示要挂到 %(day)s，不能提前收。"), day=_day(posting.ends))
    posting.state, posting.taken_down_at = "ended", now
    record(
        queries.matter_of(posting), "take_down", by=by, now=now, words=N_("公示满了日子，收下来了"),
    )  # fmt: skip
    return posting


def told(posting: Posting) -> str:
    """The days of a posting as the timeline tells them."""
    span = f"决议公示 {_day(posting.starts)} 至 {_day(posting.ends)}"
    return f"{span}，{_day(posting.objections_until)} 前可以提意见"


def paper_hangs(posting: Posting, resolution: Resolution) -> bool:
    """Whether the sheet on the board is this version."""
    return posting.state == "up" and posting.resolution_id == resolution.id


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
