"""The demo hall's other ways in: a call for ideas, the letterbox, a home visit, work orders, voices, a canvass.

Each day is one transaction and is played between the stories, because numbers are given out as things are said; a day
that stands is known by a matter it made. The matters of domain.md section 8 stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import Book, story_id
from app.faces.cli.demo.stage import Stage, building
from app.flow.collect import actions as collecting
from app.flow.collect import campaigns, letterbox, listening, voices_actions, work_order_import
from app.flow.collect.campaign_rules import Call
from app.flow.collect.channels import ListeningSeries
from app.flow.collect.rules import Saying, Source
from app.flow.research import canvass
from app.flow.research.models import CanvassDoor
from app.matter.actions import find_matter
from app.people.actor import Actor
from app.people.models import Account
from app.people.places import Venue
from app.people.queries import account_with_roles
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

IDEAS = {
    8: (
        "19:20",
        "周末能不能把议事屋开一上午，给孩子们当旧书交换角？",
        "旧书换新书",
        "events",
        "彭姐",
        ("曹家巷小区", "2 号楼"),
    ),
    5: (
        "20:00",
        "楼顶的旧花盆别扔，收一收，在空地摆一圈，谁家孩子认养一盆。",
        "认养一盆花",
        "greening",
        "老蒋",
        ("锡麟街小区", "1 号楼"),
    ),
    4: (
        "20:05",
        "给独居的老人门上挂个小牌，早上翻到「平安」，中午没翻邻居就去敲门。",
        "平安牌",
        "elders",
        "魏老师",
        ("盐业宿舍", "2 号楼"),
    ),
}
ORDERS = {
    10: (
        "HX20260731",
        "help",
        "曹家巷小区 4 号楼楼下井盖一踩就响，夜里车过吵得睡不着，盼着垫一垫。",
        "曹家巷小区 4 号楼",
        "陈先生",
    ),
    8: (
        "HX20260744",
        "complaint",
        "锡麟街小区门口早点摊的油污没人冲，路面滑，老人摔过一跤。",
        "锡麟街小区西门",
        "周女士",
    ),
    5: ("HX20260758", "suggest", "建议在南道里公交站边上装一张长椅，等车的老人没地方坐。", "南道里公交站", "韩先生"),
}
WORDS = (
    ("这一段我天天推婴儿车，能留出一米宽就行。", True),
    ("地锁就别装了，坏了没人修，划清楚线就好。", True),
    ("我家就住西边，晚上车灯照窗户，能不能种一排矮冬青挡一挡？", False),
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One day of the demo hall, ``ago`` days before today."""

    ago: int

    def first_day(self, today: date) -> date:
        """Its place among the stories."""
        return today - timedelta(days=self.ago)


HAPPENINGS = tuple(Happening(ago) for ago in (10, 8, 5, 4, 3))


def happen(happening: Happening, book: Book) -> None:
    """Play one day in the bound hall, unless it stands."""
    if find_matter(story_id(f"came in {happening.ago}")) is not None:
        return
    stage, ago = Stage.set(), happening.ago
    if ago == HAPPENINGS[0].ago:
        _call(book, stage)
    if ago in ORDERS:
        _order(book, stage, ago)
    if ago in IDEAS:
        _idea(book, stage, ago)
    if ago == HAPPENINGS[-1].ago:
        _letters(book, stage, ago)
        _visit(book, stage, ago)
    db.session.commit()


def open_channels(book: Book, resident: Account) -> None:
    """What hangs on matters that stand: voices, a canvass, the log of the open hour; once, in the bound hall."""
    standing = select(ListeningSeries.id).where(
        ListeningSeries.community_id == current_community(), ListeningSeries.id == story_id("tuesday")
    )
    if db.session.scalar(standing) is not None:
        return
    stage = Stage.set()
    _days(book, stage)
    _voices(book, stage, resident)
    _doors(book, stage)
    db.session.commit()


def _at(book: Book, ago: int, time: str) -> datetime:
    hour, minute = time.split(":")
    return clock.at(book.today - timedelta(days=ago), int(hour), int(minute))


def _call(book: Book, stage: Stage) -> None:
    """社区治理我来说: open for another fortnight."""
    campaigns.start_campaign(
        Call(
            "社区治理我来说 · 金点子", "不花大钱、邻里自己能做成的事",
            "大事小事都行：楼道、空地、老人、孩子、宠物。说得出怎么做、谁来做的，月底一起拿到议事会上议。",
            book.today - timedelta(days=9), book.today + timedelta(days=14),
        ),
        id=story_id("call"), by=stage.actor("secretary"), now=_at(book, 10, "9:30"),
    )  # fmt: skip


def _idea(book: Book, stage: Stage, ago: int) -> None:
    """An answer to the call, from a phone."""
    time, words, title, category, name, where = IDEAS[ago]
    said = Saying(
        words=words, title=title, wish="愿意一起做", category=category, name=name, building_id=building(*where).id,
        source=Source(campaign_id=story_id("call")), point="社区治理我来说 · 金点子",
    )  # fmt: skip
    known = f"idea {ago}" if ago in ORDERS else f"came in {ago}"
    collecting.submit(said, by=stage.actor("resident"), now=_at(book, ago, time), matter_id=story_id(known))


def _letters(book: Book, stage: Stage, ago: int) -> None:
    """Opened in the morning by two; two letters are written down, one still lies there."""
    box = db.session.scalars(
        select(Venue).where(Venue.community_id == current_community(), Venue.kind == "letterbox").order_by(Venue.sort)
    ).first()
    second = _account(stage.actor("grid"), book)
    if box is None or second is None:
        return
    now = _at(book, ago, "10:10")
    opening = letterbox.start(
        box, second[0], opened_at=_at(book, ago, "10:00"), found=4, blank=1, note="有一封雨水打湿了，晾干再看",
        by=stage.actor("worker"), second_roles=second[1], now=now, id=story_id("opening"),
    )  # fmt: skip
    letters = (
        ("一楼楼道的声控灯跺脚也不亮，我腿脚不好，不敢跺。", "楼道灯换成人一走就亮的", "repair", "佟奶奶", False),
        (
            "谢谢你们上回帮着修扶手，这回想问问，冬天门口结冰能不能撒点沙子。",
            "撒沙子",
            "safety",
            "盐业宿舍一位老人",
            True,
        ),
    )
    for number, (words, wish, category, name, as_lead) in enumerate(letters, 1):
        letterbox.write_letter(
            opening, number,
            Saying(words=words, wish=wish, category=category, name=name, place="盐业宿舍 1 号楼",
                   entered_by=stage.actor("worker").id, read_back=True),
            as_lead=as_lead, by=stage.actor("worker"), now=now + timedelta(minutes=6 * number),
            matter_id=story_id(f"letter {number}" if number > 1 else f"came in {ago}"),
        )  # fmt: skip


def _days(book: Book, stage: Stage) -> None:
    """周二说事 and the contact day on the 20th; last week's evening is written down."""
    secretary = stage.actor("secretary")
    began = _at(book, 60, "9:00")
    tuesday = listening.add_series(
        {"name": "周二说事", "kind": "open_hour", "rrule": "FREQ=WEEKLY;BYDAY=TU", "starts": "19:00", "ends": "20:30",
         "venue_id": stage.venue.id, "place": stage.venue.place or stage.venue.name, "host": "社区书记和当班网格员"},
        id=story_id("tuesday"), by=secretary, now=began,
    )  # fmt: skip
    listening.add_series(
        {"name": "社情民意联系日", "kind": "contact_day", "rrule": "FREQ=MONTHLY;BYMONTHDAY=20", "starts": "9:00",
         "ends": "11:00", "venue_id": stage.venue.id, "place": stage.venue.place or stage.venue.name, "host": "社区两委轮流"},
        id=story_id("contact"), by=secretary, now=began,
    )  # fmt: skip
    ago = (book.today.weekday() - 1) % 7 or 7
    held = _at(book, ago, "19:00")
    listening.open_log(
        {"held_at": held, "place": tuesday.place, "host": secretary.label, "host_id": secretary.id, "building_id": None,
         "visitors": 7, "words": "来了七位，说得最多的是停车和楼道堆物；一位老人只想坐坐说说话，陪她聊了半个钟头。"},
        series=tuesday, id=story_id("tuesday log"), by=secretary, now=held + timedelta(hours=2),
    )  # fmt: skip


def _visit(book: Book, stage: Stage, ago: int) -> None:
    """A grid worker at a door in the afternoon."""
    grid, house = stage.actor("grid"), building("曹家巷小区", "2 号楼")
    held = _at(book, ago, "16:00")
    day = listening.open_log(
        {"kind": "home_visit", "held_at": held, "place": "曹家巷小区 2 号楼 2 单元", "host": grid.label, "host_id": grid.id,
         "building_id": house.id, "visitors": 3, "words": "敲了五户，开了三户。"},
        id=story_id("visit"), by=grid, now=held + timedelta(minutes=40),
    )  # fmt: skip
    collecting.collect(
        Saying(words="二单元门口的电动车把轮椅坡道堵了，推轮椅的出不来。", wish="坡道前画个禁停框", category="parking",
               building_id=house.id, unit=2, name="轮椅老人的女儿", channel="visit", point=f"走访 {held:%m-%d}",
               entered_by=grid.id, read_back=True, source=Source(listening_id=day.id)),
        by=grid, now=held + timedelta(minutes=50), matter_id=story_id("ramp"),
    )  # fmt: skip


def _order(book: Book, stage: Stage, ago: int) -> None:
    """An order of the hotline, dispatched in the morning and taken in at noon."""
    number, kind, content, address, caller = ORDERS[ago]
    received = _at(book, ago, "10:20")
    order = work_order_import.take_in(
        {"external_no": number, "received_at": received, "type": kind, "content": content, "address": address,
         "caller_masked": caller, "phone": "", "dispatch_at": received + timedelta(hours=1),
         "due_at": received + timedelta(days=12)},
        by=stage.actor("worker"), now=received + timedelta(hours=2), matter_id=story_id(f"came in {ago}"),
    )  # fmt: skip
    db.session.flush()
    if order.matter_id is None:
        raise LookupError(f"{number} made no matter")


def _voices(book: Book, stage: Stage, resident: Account) -> None:
    """Comments on the parking matter: two were read and stand, one waits; a few neighbours stand behind it."""
    matter = find_matter(story_id("sheds"))
    if matter is None:
        return
    author = voices_actions.Author(resident.id, resident.person_id, "王女士")
    by = Actor("resident", resident.display_name, resident.id)
    for hours, (words, is_read) in enumerate(WORDS):
        written = clock.now() - timedelta(hours=9 - 3 * hours)
        comment = voices_actions.write_comment(matter, words, author=author, by=by, now=written, id=story_id(words))
        if is_read:
            later = written + timedelta(minutes=40)
            voices_actions.show_comment(comment, matter, by=stage.actor("worker"), now=later)
    for number in range(6):
        voices_actions.support(matter, account_id=None, browser=f"demo neighbour {number}", now=clock.now())


def _doors(book: Book, stage: Stage) -> None:
    """A round from door to door in the matter of the flooded gate, half asked."""
    matter = find_matter(story_id("drain"))
    if matter is None:
        return
    grid, house = stage.actor("grid"), building("南道里", "1 号楼")
    began = clock.now() - timedelta(hours=20)
    asked = canvass.open_canvass(
        matter, "先在院门口加一道坎、装两台泵，您家同意吗？", units=[(house.id, 1)], labels=[], by=grid, now=began,
        canvass_id=story_id("round"),
    )  # fmt: skip
    doors = db.session.scalars(
        select(CanvassDoor)
        .where(CanvassDoor.community_id == current_community(), CanvassDoor.canvass_id == asked.id)
        .order_by(CanvassDoor.position)
    ).all()
    for number, (door, answer) in enumerate(
        zip(doors, ("for", "for", "", "against", "for", "no_opinion"), strict=False)
    ):
        canvass.knock(
            asked, matter, door.id, canvass.Knock(answer, door.version), by=grid,
            now=began + timedelta(minutes=7 * number),
        )  # fmt: skip


def _account(actor: Actor, book: Book) -> tuple[Account, frozenset[Role]] | None:
    return account_with_roles(actor.id, book.today) if actor.id else None
