"""What a sitting shows of itself while it is held: read in a fixed number of statements, with shut matters left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.errors import Missing
from app.faces.community.ballots import needed_for
from app.faces.community.sitting_page import OUTCOME_LABELS, Table, enough_words, read_table
from app.faces.look import link, say
from app.flow.collect.queries import sensitivity_of
from app.flow.decide.models import Ballot
from app.flow.decide.queries import ballots_of_sitting, result_of, turnout_of
from app.flow.deliberate.floor_rules import SECONDS, remaining
from app.flow.deliberate.live import Floor, floor_of, item_now
from app.flow.deliberate.models import AgendaItem, Attendance, Sitting
from app.flow.deliberate.rules import SittingState
from app.matter.models import Matter
from app.records.qr import qr_svg
from app.words import N_
from tenants.hosts import site_url

#: A screen is read from the last row: what does not fit is counted, not made small.
ITEMS, HANDS = 5, 3
SHUT = N_("一件只给当事人看的事")
CHOICES = (("yes", N_("同意"), ""), ("no", N_("不同意"), "2"), ("abstain", N_("弃权"), "3"))


def is_shut(matter: Matter) -> bool:
    """Whether a screen or an open page must not show this matter's words."""
    return matter.hidden_at is not None or sensitivity_of(matter).is_restricted


@dataclass(frozen=True)
class Row:
    """One line of the agenda as the screen reads it."""

    title: str
    words: str
    is_now: bool
    is_done: bool


@dataclass
class LiveView:
    """One moment of a sitting. ``matter`` is None while a shut matter is on the table (then ``shut`` is true)."""

    sitting: Sitting
    register: list[Attendance]
    floor: Floor
    rows: list[Row] = field(default_factory=list)
    more_rows: int = 0
    total: int = 0
    place: int = 0
    item: AgendaItem | None = None
    matter: Matter | None = None
    shut: bool = False
    ballot: Ballot | None = None
    turnout: tuple[int, int] | None = None
    bars: list[dict[str, Any]] = field(default_factory=list)
    pass_at: tuple[int, int] | None = None
    verdict: str = ""
    enough: str = ""
    present: int = 0
    eligible: int = 0
    quorate: bool = False
    hands: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    vote_code: str = ""

    @property
    def tag(self) -> str:
        """What tells one drawing from the next: the sitting's number, and the votes in while they come in."""
        if self.turnout is None or self.ballot is None:
            return f"{self.sitting.live_no}.-"
        return f"{self.sitting.live_no}.{self.ballot.id.hex}.{self.turnout[1]}"

    @property
    def has_stools(self) -> bool:
        """Whether there is room to draw a stool a seat beside this agenda; else a bar tells the same."""
        return self.eligible <= (30 if len(self.rows) <= 3 else 18)

    @property
    def next_hands(self) -> list[tuple[str, str]]:
        """Who is next, as many as are read from the last row."""
        return self.hands[:HANDS]

    @property
    def up(self) -> frozenset[UUID]:
        """Whose hands are up."""
        return frozenset(who for who, _ in self.floor.hands)

    @property
    def ends_ms(self) -> int:
        """When the running turn is over, for the page's timer."""
        return int(self.floor.turn.ends_at.timestamp() * 1000) if self.floor.turn else 0

    def left(self, now: datetime) -> int:
        """Whole seconds left of the running turn."""
        return remaining(self.floor.turn.began_at, now) if self.floor.turn else 0

    def clock_words(self, now: datetime) -> str:
        """「1:42」, as the timer shows it before the page's own clock takes over."""
        return "{}:{:02}".format(*divmod(self.left(now), 60))

    @property
    def seconds(self) -> int:
        """How long one turn is."""
        return SECONDS

    @property
    def speaker_place(self) -> str:
        """Whom the speaker speaks for, where the register says so."""
        turn = self.floor.turn
        line = next((one for one in self.register if turn and one.id == turn.attendance_id), None)
        return line.capacity if line else ""


def read_live(sitting_id: UUID) -> LiveView:
    """Sitting, agenda, register, ballots and floor: five statements, one more while votes come in."""
    table = read_table(sitting_id, whole=False)
    sitting = table.sitting
    if sitting.state == SittingState.PLANNED:
        raise Missing(N_("没有这个会。"))
    table.ballots = ballots_of_sitting(sitting_id)
    view = LiveView(sitting, table.register, floor_of(sitting_id))
    here = {line.id: line for line in table.register if line.state == "present"}
    view.hands = [(here[who].name, here[who].capacity) for who, _ in view.floor.hands if who in here]
    on_table = item_now(sitting, table.items) if sitting.state == SittingState.OPEN else None
    if on_table is not None:
        _on_the_table(view, table, *on_table)
    _rows(view, table, on_table[1] if on_table else None)
    presence = table.here_for(on_table[1]) if on_table else table.here
    view.enough, view.present, view.eligible = enough_words(presence), presence.present, presence.eligible
    view.quorate = presence.condition.met
    if sitting.scan_code and sitting.state != SittingState.CLOSED:
        address = site_url("community.here", code=sitting.scan_code, external=True)
        view.code = qr_svg(address, label=say(N_("扫一扫，签到")))
    return view


def _on_the_table(view: LiveView, table: Table, item: AgendaItem, matter: Matter) -> None:
    view.item, view.shut = item, is_shut(matter)
    view.place = next(n for n, pair in enumerate(table.items, start=1) if pair[1].id == matter.id)
    ballot = table.ballot_on(matter.id)
    if view.shut:
        return
    view.matter, view.ballot = matter, ballot
    if ballot is None or ballot.mode == "consensus":
        return
    if ballot.state == "open":
        if ballot.mode != "hands":
            view.turnout = turnout_of(ballot.id)
            view.vote_code = _vote_code(ballot)
        return
    view.bars = _bars(ballot)
    if not ballot.options:
        view.pass_at = (needed_for(ballot), ballot.present) if ballot.present else None
    last = result_of(ballot, ()).conditions[-1:]
    view.verdict = say(last[0].reason, last[0].values) if last else ""


def _vote_code(ballot: Ballot) -> str:
    endpoint = "community.poll" if ballot.poll_id and link("community.poll", poll_id=ballot.poll_id) else ""
    if endpoint:
        address = site_url(endpoint, poll_id=ballot.poll_id, external=True)
    else:
        address = site_url("community.ballot", ballot_id=ballot.id, external=True)
    return qr_svg(address, label=say(N_("扫一扫，用手机投")))


def _bars(ballot: Ballot) -> list[dict[str, Any]]:
    if not ballot.options:
        return [{"label": say(text), "count": getattr(ballot, name), "tone": tone} for name, text, tone in CHOICES]
    totals: dict[str, int] = {}
    for counts in (ballot.counts or {}).values():
        for choice, n in counts.items():
            totals[choice] = totals.get(choice, 0) + n
    return [
        {"label": option["label"], "count": totals.get(option["key"], 0),
         "tone": "" if option["key"] == ballot.winner else "2"}
        for option in ballot.options
    ]  # fmt: skip


def _rows(view: LiveView, table: Table, now_on: Matter | None) -> None:
    rows = []
    for item, matter in table.items:
        is_now = now_on is not None and matter.id == now_on.id
        is_voting = is_now and view.ballot is not None and view.ballot.state == "open"
        words = say(OUTCOME_LABELS[item.outcome]) if item.outcome else ""
        if not words and is_now:
            words = say(N_("正在表决")) if is_voting else say(N_("正在议"))
        rows.append(Row(say(SHUT) if is_shut(matter) else matter.title, words, is_now, bool(item.outcome)))
    view.total = len(rows)
    # The present one is always among those shown, with the one before it where there is room.
    start = max(0, min(view.place - 2, len(rows) - ITEMS)) if len(rows) > ITEMS else 0
    view.rows, view.more_rows = rows[start : start + ITEMS], max(0, len(rows) - ITEMS)
