"""Sittings that are open right now, and sheets of questions at every step from drawn up to tied."""

from __future__ import annotations

from app import clock
from app.faces.cli.demo.story import Chapter
from app.faces.cli.demo.told_after import Teller
from app.flow.decide import actions as deciding
from app.flow.decide import papers, polls
from app.flow.decide.models import Poll
from app.flow.decide.poll_queries import questions_of, roll_page
from app.flow.decide.polls import Line, OptionPut, Question
from app.flow.decide.rules import Rule
from app.flow.deliberate import actions as deliberating
from app.flow.deliberate.queries import register_of
from tests.prove.inputs.openings import TABLE, just, said, seated

OPTIONS = (OptionPut("靠东墙", "不挡道", 12000), OptionPut("靠西墙", "离门近", 9000))
WHICH = (Question("车棚盖在哪儿？", Rule.MULTI_OPTION, OPTIONS),)


def floor(t: Teller) -> None:
    """People talk: one has the floor, two have a hand up, the ways are read out."""
    said(t, "门口摆摊")
    seated(t, "门口摆摊")
    t.put()
    lines, now = [one for one in register_of(t.sitting.id) if one.state == "present"], clock.now()
    deliberating.set_current(t.sitting, t.matter.id, by=t.chair, now=now)
    for line, view in zip(lines[:3], ("for", "against", ""), strict=True):
        deliberating.raise_hand(t.sitting, line.id, view, by=t.recorder, now=now)
    deliberating.give_floor(t.sitting, lines[0].id, by=t.chair, now=now)


def named_vote(t: Teller) -> None:
    """The table votes by name; three have voted, among them nobody who knocks."""
    said(t, "夜里停车")
    seated(t, "夜里停车")
    t.put()
    ballot = deciding.call_vote(
        t.sitting, t.matter, question="夜里十点以后不进车", mode="named", by=t.chair, now=clock.now()
    )
    for seat in (4, 5, 6):
        member = t.who(f"seat {seat}")
        deciding.cast_vote(ballot.id, member, "yes", 1, by=member, now=clock.now())


def hands_vote(t: Teller) -> None:
    """Hands are up and have to be counted."""
    said(t, "晾衣杆")
    seated(t, "晾衣杆")
    t.put()
    deciding.call_vote(t.sitting, t.matter, question="统一装晾衣杆", mode="hands", by=t.chair, now=clock.now())


def consensus(t: Teller) -> None:
    """Everybody is asked by name; two have answered."""
    said(t, "楼道堆物")
    seated(t, "楼道堆物", kind="joint", here=5)
    t.put(["一周内各家自己搬走"])
    ballot = deciding.ask_consensus(t.sitting, t.matter, TABLE, by=t.chair, now=clock.now())
    for name in TABLE[:2]:
        deciding.set_stance(ballot, name, "agree", by=t.recorder, now=clock.now())


def _sheet(t: Teller, *, mode: str = "secret", online: bool = False) -> Poll:
    """A sheet for those invited, its roll written and not yet opened."""
    drawn = polls.draft_poll(
        t.matter, title=f"{t.matter.title}票决", body="invited", mode=mode, questions=WHICH, online=online, paper=True,
        who_may="锡麟街小区住户，一户一张", sitting=t.sitting, by=t.who("worker"), now=t.clock.later(1),
    )  # fmt: skip
    seats = [Line(one.label, "议事会", account_id=one.id) for one in t.stage.seats[:8]] if online else []
    homes = [Line(f"锡麟街第 {n} 户", "锡麟街小区") for n in range(1, 13)]
    polls.make_roll(drawn, [*seats, *homes], by=t.who("worker"), now=t.clock.later(1))
    return drawn


def sheet_drawn(t: Teller) -> None:
    """Drawn up, not opened."""
    said(t, "车棚选址")
    seated(t, "车棚选址", kind="joint", here=5)
    t.put()
    _sheet(t)


def sheet_secret(t: Teller) -> None:
    """Open in secret on paper: eight of twelve papers given out, five back."""
    said(t, "凉亭样式")
    seated(t, "凉亭样式", kind="joint", here=5)
    t.put()
    _papers_out(t, polls.open_poll(_sheet(t), by=t.who("secretary"), now=t.clock.later(1)))


def sheet_named(t: Teller) -> None:
    """Open by name, online and on paper: papers printed, some given out, some back."""
    said(t, "楼门颜色")
    seated(t, "楼门颜色", kind="joint", here=5)
    t.put()
    _papers_out(t, polls.open_poll(_sheet(t, mode="named", online=True), by=t.who("secretary"), now=t.clock.later(1)))


def _papers_out(t: Teller, poll: Poll) -> None:
    by, now = t.who("worker"), clock.now()
    homes = [line for line in roll_page(poll.id, poll.eligible)[0] if not line.account_id]
    printed = papers.print_stubs(poll, len(homes), by=by, now=now)
    for one, line in zip(printed[:8], homes, strict=False):
        papers.issue_stub(poll, one.serial, line.id, by=by, now=now)
    for one in printed[:5]:
        papers.return_stub(poll, one.serial, by=by, now=now)


def sheet_counting(t: Teller) -> None:
    """The voting is over; of five papers two are keyed in and one of them read again."""
    said(t, "健身角")
    seated(t, "健身角", kind="joint", here=5)
    t.put()
    poll = polls.open_poll(_sheet(t), by=t.who("secretary"), now=t.clock.later(1))
    _papers_out(t, poll)
    polls.end_voting(poll, by=t.who("secretary"), now=clock.now())
    [asked] = questions_of(poll.id)
    first, second = t.who("worker"), t.who("grid")
    for choice in "ab":
        sheet = papers.enter_sheet(poll, {asked.id: choice}, by=first, now=clock.now())
    papers.check_sheet(sheet, {asked.id: "b"}, by=second, now=clock.now())


def sheet_tied(t: Teller) -> None:
    """Counted: both places have as many, and now?"""
    said(t, "花坛")
    seated(t, "花坛", kind="joint", here=5)
    t.put()
    polls.open_poll(_sheet(t), by=t.who("secretary"), now=t.clock.later(1))
    t.papers_in(*just(t, 8), [(3, "a"), (3, "b")])


def sheet_tied_counted(t: Teller) -> None:
    """The count, in a chapter of its own."""
    t.counted(*just(t, 0))


STORIES: dict[str, tuple[Chapter, ...]] = {
    "floor": (floor,), "named vote": (named_vote,), "hands": (hands_vote,), "consensus": (consensus,),
    "sheet drawn": (sheet_drawn,), "sheet secret": (sheet_secret,), "sheet named": (sheet_named,),
    "sheet counting": (sheet_counting,), "sheet tied": (sheet_tied, sheet_tied_counted),
}  # fmt: skip
