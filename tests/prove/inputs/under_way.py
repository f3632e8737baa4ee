"""What is under way at this very moment: the demo's stories end in the evening, these stand in the middle of things.

Each is told by the demo's own verbs, so that every row is one the program wrote; the last step lies some minutes back.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app import clock
from app.faces.cli.demo.book import Book
from app.faces.cli.demo.story import Chapter, Story, inside, play
from app.faces.cli.demo.told_after import Teller
from app.faces.cli.demo.told_in_mediation import Owed
from app.flow.resolve import agreements
from app.flow.resolve.mediation_rules import Term
from app.notices import reminders
from app.notices.actions import spread_news
from app.notices.delivery_making import prepare
from tenants.database import db
from tenants.hosts import bases, find_site
from tests.prove.inputs import after_table, at_table
from tests.prove.inputs.openings import YARD, found_out, said

#: The hall in which everybody knocks, and how many days ago its stories began.
HALL, AGO, LONG_AGO = "nanyandao", 20, 40
#: What the names of these stories begin with.
UNDER_WAY = "under way: "


def tell(app: Flask) -> None:
    """Tell all of it, once, after the street."""
    book = Book.open(Path(app.config["DATA_DIR"]) / "demo-played.json")
    for name, chapters in STORIES.items():
        ago = LONG_AGO if name in after_table.OLD else AGO
        play(app, Story(f"{UNDER_WAY}{name}", HALL, (ago, ago), chapters), book)
    for slug in (HALL, "dianye"):
        _go_round(app, slug)


def _go_round(app: Flask, slug: str) -> None:
    """What the hall's own jobs do once a day: tell the news, urge who owes something, make letters ready."""
    with inside(find_site(app, bases(app)[0].rsplit(":", 1)[0], slug).scope):
        spread_news(now=clock.now())
        reminders.urge(now=clock.now())
        with force_locale(app.config["BABEL_DEFAULT_LOCALE"]):
            prepare(now=clock.now())
        db.session.commit()


def quarrel(t: Teller, dispute: str) -> None:
    """Two homes and a mediator; they have talked and are near."""
    t.said(
        0, "19:20", kind="individual", channel="visit", by="grid", track="mediation", where=YARD,
        words=f"{dispute}，吵了两回，楼上楼下见面都不说话了，想请社区给评一评。", title=dispute, wish="评一评",
        category="neighbours", name="何淑芬", phone="13703110942",
    )  # fmt: skip
    t.accept(1, "9:10", "minor", level="grid", track="mediation")
    t.quarrel(1, "9:40", dispute)
    t.seats(1, "10:00", [("a", "何淑芬", "13703110942"), ("b", "苗志强", "13703110715")])
    t.mediator(2, "9:30", "supervisor")
    t.talked(4, "19:00", "先看了两家，一笔一笔算下来。", place="活动室", present=["何淑芬", "苗志强"], outcome="near")


def written(t: Teller, dispute: str, signers: tuple[str, ...]) -> None:
    """The agreement lies on the table; these have signed."""
    quarrel(t, dispute)
    now, whole = t.clock.at(18, "20:30"), t._whole
    today, person = clock.local(now).date(), {seat.side: seat.id for seat in whole.seats}
    made = agreements.draft(
        whole, agreements.Text("written", "地漏边防水损坏，顶和一面墙泡坏。", "由楼上修好并赔。", "一次付清"),
        [Term(person["b"], "赔修墙的钱", 260_000, "交到对方手里", today + timedelta(days=7))],
        by=t.who("worker"), now=now,
    )  # fmt: skip
    if signers:
        how = {str(person.get(one, one)): "pen" for one in signers}
        agreements.sign(t._whole, made.id, how, on=today, by=t.who("worker"), now=t.clock.later(20))


def in_force(t: Teller) -> None:
    """Signed and sealed; what is owed is not yet paid."""
    quarrel(t, "空调滴水")
    owed = [Owed("b", "接好排水管", 0, "自家窗外", 7), Owed("b", "赔晾坏的被子", 120, "交到对方手里", 7)]
    t.agreed(18, "20:30", facts="外机滴水。", responsibility="接好管子。", owed=owed)


def guest(t: Teller) -> None:
    """Another expert has been asked; see :mod:`furnish` for the one who accepts."""
    said(t, "老树", triage="hard")
    found_out(t, "老树")
    t.survey(3, "9:00")
    t.invite(18, "9:20", "X19", hours=336, brief="院里一棵老槐树歪了，离楼四米。", questions="要不要扶正，谁来做？")


def refused(t: Teller, *, asks: bool) -> None:
    """Not taken on; the street may be asked to look at it, or has been."""
    what = "停他家的水电" if asks else "拆他家的棚"
    t.said(
        0, "20:40", words=f"楼下那家天天堆货，说了三年不听，咱们投个票，{what}。", title=what, wish=what,
        category="business", where=YARD, name="老傅", phone="15833107792",
    )  # fmt: skip
    t.refuse(18, "9:50", "N06", "投票定不了别人的权利，投了也不算数。", "占道打 12345，或者找街道城管中队。")
    if asks:
        t.ask_review(19, "19:20", "反映过好几回都没有用，请街道看看。")


STORIES: dict[str, tuple[Chapter, ...]] = {
    **at_table.STORIES, **after_table.STORIES,
    "talked": (lambda t: quarrel(t, "晚上练琴"),), "written": (lambda t: written(t, "阳台漏水", ("a",)),),
    "signed": (lambda t: written(t, "装修噪音", ("a", "b", "mediator")),), "in force": (in_force,),
    "guest": (guest,), "refused": (lambda t: refused(t, asks=False),),
    "under review": (lambda t: refused(t, asks=True),),
}  # fmt: skip
