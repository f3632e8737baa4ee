"""Money through the real pages: the account with its vouchers, and four homes from the first knock to the sheet."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from app import clock
from app.flow.implement.money_models import Collection, CollectionShare, MoneyEntry
from app.flow.resolve import actions
from app.matter.models import Attachment
from app.people.places import Building, Household
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms import carrying_out
from tests.rooms.stage_setting import matter_at, staff

TODAY = datetime.now(clock.SHANGHAI).date().isoformat()
LINE = {
    "side": "out", "amount": "4,650", "source": "property", "words": "工料费", "on": TODAY, "voucher": "00123456",
}  # fmt: skip


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def kept(app: Any, kind: Any, slug: str = HOME) -> list[Any]:
    with inside(app, slug):
        rows = list(db.session.scalars(select(kind).order_by(kind.id)))
        db.session.expunge_all()
        return rows


def staged(app: Any) -> tuple[str, str]:
    """A matter being carried out with one task of 4,800 yuan; its id and the task's."""
    with inside(app, HOME):
        now, today = clock.now(), clock.today()
        matter = carrying_out.decided(now, level="grid")
        tasks = [("安装 5 组晾衣架", "物业 何师傅", None, today + timedelta(30), 480_000)]
        carrying_out.write(matter, now=now, tasks=tasks)
        actions.start_work(matter, board=actions.Board(today, "单元门口"), by=staff(), now=now)
        found = str(matter.id), str(carrying_out.only_task(matter).id)
        db.session.commit()
        return found


def photo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return BytesIO(out.getvalue())


def test_the_account_line_by_line(app: Any, browse: Any, count_queries: Any) -> None:
    matter, task = staged(app)
    zhao, xiaoli, sun, jiandu = (browse(HOME, who) for who in ("zhao", "xiaoli", "sun", "jiandu"))
    page, add = f"/desk/matters/{matter}/money", f"/desk/matters/{matter}/money-entries"
    assert "还没写实际花了多少" in text(zhao.get(page))
    sent = LINE | {"once": str(uuid4()), "task": task, "photo": (photo(), "票.jpg")}
    assert zhao.post(add, sent, content_type="multipart/form-data").status_code == 303
    assert zhao.post(add, sent | {"photo": (photo(), "票.jpg")}).status_code == 303
    (entry,) = kept(app, MoneyEntry)
    assert (entry.amount_fen, entry.commitment_id is not None, entry.voucher) == (465_000, True, "00123456")
    for bad, told in (({"amount": "4.655"}, "钱写数字"), ({"amount": ""}, "写上多少元"), ({"source": ""}, "钱从哪儿来"),
                      ({"words": "长" * 201}, "最多 200"), ({"on": "2099-01-01"}, "以后的日子"),
                      ({"task": str(uuid4())}, "没有这项任务"),
                      ({"source": f"collection:{uuid4()}"}, "没有这笔收费")):  # fmt: skip
        answer = zhao.post(add, LINE | {"once": str(uuid4())} | bad)
        assert answer.status_code == 422, bad
        assert told in text(answer), bad
        assert 'value="00123456"' in text(answer)
    with count_queries() as seen:
        shown = text(zhao.get(page))
    assert len(seen) <= 8, len(seen)
    assert "4,650.00 元" in shown
    (picture,) = [one for one in kept(app, Attachment) if one.about == "voucher"]
    assert jiandu.get(f"/files/{picture.id}").status_code == 200
    for who in (sun, browse(), browse(NEXT, "shuji")):
        assert who.get(f"/files/{picture.id}").status_code == 404
    assert str(picture.id) not in text(sun.get(page))
    assert "记一笔" not in text(sun.get(page))
    for who, code in ((xiaoli, 403), (sun, 403), (jiandu, 403), (browse(HOME, "yishi1"), 403),
                      (browse(NEXT, "shuji"), 404)):  # fmt: skip
        assert who.post(add, LINE | {"once": str(uuid4())}).status_code == code
    neighbour = browse(NEXT, "shuji")
    strike = f"/desk/money-entries/{entry.id}/cancellation"
    assert neighbour.get(page).status_code == neighbour.post(strike, {"reason": "x"}).status_code == 404
    assert zhao.post(strike, {"reason": " "}).status_code == 422
    assert "4,650.00 元" in text(zhao.get(strike))
    assert zhao.post(strike, {"reason": "抬头写错了"}).status_code == 303
    assert zhao.post(strike, {"reason": "抬头写错了"}).status_code == 409
    again = {"once": str(uuid4()), "task": task, "amount": "4650.00", "words": "晾衣架 5 组"}
    assert zhao.post(add, LINE | again).status_code == 303
    assert "抬头写错了" in text(zhao.get(page))
    shown = text(zhao.get(f"/desk/tasks/{task}"))
    assert "账上记的" in shown
    assert "4,650.00 元" in shown
    with count_queries() as seen:
        public = text(browse().get(f"/matters/{matter}?tab=money"))
    assert len(seen) <= 8, "\n".join(seen)
    assert "打算花 4,800.00 元，花了 4,650.00 元" in public
    assert "晾衣架 5 组" in public
    assert "抬头写错了" not in public
    with count_queries() as seen:
        tab = text(zhao.get(f"/desk/matters/{matter}?tab=money"))
    assert len(seen) <= 10, len(seen)
    assert "4,650.00 元" in tab


def test_the_list_filters_sums_and_leaves_the_house(app: Any, browse: Any, count_queries: Any) -> None:
    matter, task = staged(app)
    zhao = browse(HOME, "zhao")
    zhao.post(f"/desk/matters/{matter}/money-entries", LINE | {"once": str(uuid4()), "task": task, "amount": "5000.05"})
    with inside(app, HOME):
        quiet = str(matter_at("implementing", now=clock.now(), visibility="parties", title="两家的墙").id)
        db.session.commit()
    zhao.post(f"/desk/matters/{quiet}/money-entries", LINE | {
        "once": str(uuid4()), "side": "budget", "amount": "600000", "approx": "y", "source": "other",
        "source_name": "各家",
    })  # fmt: skip
    with count_queries() as seen:
        shown = text(zhao.get("/desk/money"))
    assert len(seen) <= 6, len(seen)
    for words in ("两家的墙", "≤ 600,000.00 元", "5,000.05 元", "超 200.05 元", "604,800.00 元"):
        assert words in shown, words
    assert "−" not in shown
    assert "没有收进来的，由出钱的单位直接付" in shown
    assert "两家的墙" not in text(browse(HOME, "sun").get("/desk/money"))
    over = text(zhao.get("/desk/money?state=over&q=晾衣架"))
    assert "1 件花钱的事" in over
    assert "state=over" in over
    assert "没有找到" in text(zhao.get("/desk/money?source=partner"))
    assert "604,800.00 元" in text(zhao.get("/desk/money/paper"))
    book = load_workbook(BytesIO(browse(HOME, "jiandu").get("/desk/money/workbook").data)).active
    rows = list(book.iter_rows(values_only=True))
    assert rows[-1][3:6] == ("604,800.00", "0.00", "5,000.05")
    assert {row[7] for row in rows[1:]} == {None}
    assert browse(HOME, "xiaoli").get("/desk/money/workbook").status_code == 403
    assert "没有找到" not in text(browse(NEXT, "shuji").get("/desk/money"))
    assert "两家的墙" not in text(browse(NEXT, "shuji").get("/desk/money"))
    with inside(app, HOME):
        quarrel = matter_at("implementing", now=clock.now(), visibility="parties", track="mediation", title="漏水赔钱")
        quarrel.accepted_at, quarrel_id = clock.now(), str(quarrel.id)
        db.session.commit()
    settled = LINE | {
        "once": str(uuid4()),
        "side": "budget",
        "amount": "2600.01",
        "source": "other",
        "source_name": "楼上",
    }
    assert zhao.post(f"/desk/matters/{quarrel_id}/money-entries", settled).status_code == 303
    assert "2,600.01 元" in text(zhao.get("/desk/money"))
    for who in ("sun", "jiandu"):
        assert "2,600.01" not in text(browse(HOME, who).get("/desk/money"))


def _drafted(app: Any, who: Any, matter: str) -> str:
    with inside(app, HOME):
        building = db.session.scalars(select(Building)).one()
        db.session.add_all(Household(building_id=building.id, unit=3, room=str(room)) for room in (302, 303))
        db.session.commit()
        unit = f"{building.id}:3"
    at = f"/desk/matters/{matter}/collections"
    shown = text(who.get(f"{at}/new"))
    assert "（3 户）" in shown
    assert not re.search(r"<summary>[^<]* \d+</summary>", shown)
    form = {"once": str(uuid4()), "title": "3 单元下水主管", "purpose": "开挖换管", "total": "4800", "basis": "equal",
            "units": [unit], "labels": "百货商店\n"}  # fmt: skip
    for bad, told in (({"total": "一千"}, "钱写数字"), ({"basis": "vote"}, "分摊的办法"),
                      ({"title": " "}, "收费的名目"), ({"units": [], "labels": ""}, "至少一户")):  # fmt: skip
        answer = who.post(at, form | {"once": str(uuid4())} | bad)
        assert answer.status_code == 422, bad
        assert told in text(answer)
        assert "开挖换管" in text(answer)
    answer = who.post(at, form)
    assert answer.headers["Location"] == who.post(at, form).headers["Location"]
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_from_the_first_knock_to_the_sheet_on_the_door(app: Any, browse: Any, count_queries: Any) -> None:
    matter, _task = staged(app)
    xiaoli, zhao = browse(HOME, "xiaoli"), browse(HOME, "zhao")
    at = f"/desk/collections/{_drafted(app, xiaoli, matter)}"
    homes = sorted(kept(app, CollectionShare), key=lambda one: one.position)
    assert (len(homes), {one.share_fen for one in homes}) == (4, {120_000})
    door = f"{at}/homes/{homes[0].id}"
    assert xiaoli.post(f"{at}/opening").status_code == 303
    assert xiaoli.post(f"{at}/opening").status_code == 409
    assert "交不交由您家自己定" in text(xiaoli.get(door))
    assert "壹仟贰佰元整" in text(xiaoli.get(door))
    pay = {"once": str(uuid4()), "how": "cash"}
    early = xiaoli.post(f"{door}/payments", pay)
    assert early.status_code == 422
    assert "还没同意" in text(early)
    agree = {"answer": "agree", "how": "signature", "seen": "120000"}
    assert xiaoli.post(f"{door}/answers", agree | {"how": "vote"}).status_code == 422
    assert xiaoli.post(f"{door}/answers", agree | {"seen": "119999"}).status_code == 422
    assert xiaoli.post(f"{door}/answers", {"answer": "decline", "reason": "房子空着"}).status_code == 303
    assert "不欠账" in text(xiaoli.get(door))
    for one in homes:
        assert xiaoli.post(f"{at}/homes/{one.id}/answers", agree).status_code == 303
    assert "还没交" in text(xiaoli.get(at))
    hands = [browse(HOME, "zhao"), xiaoli]
    with ThreadPoolExecutor(2) as pool:
        url = f"{at}/homes/{homes[1].id}/payments"
        codes = [a.status_code for a in pool.map(lambda one: one.post(url, pay | {"once": str(uuid4())}), hands)]
    assert sorted(codes) == [303, 422]
    forms = []
    for one in (homes[0], *homes[2:]):
        paid = {"once": str(uuid4()), "how": "cash"}
        forms.append(paid)
        for _click in range(2):
            assert xiaoli.post(f"{at}/homes/{one.id}/payments", paid).status_code == 303
    assert len([one for one in kept(app, MoneyEntry) if one.side == "in"]) == 4
    receipt = text(xiaoli.get(f"{door}/receipt"))
    assert all(words in receipt for words in ("-SF-", "-002", "壹仟贰佰元整", "1,200.00 元", homes[0].label))
    assert xiaoli.post(f"{door}/payment-cancellations", {"reason": ""}).status_code == 422
    assert xiaoli.post(f"{door}/payment-cancellations", {"reason": "记错门"}).status_code == 303
    assert xiaoli.get(f"{door}/receipt").status_code == 404
    # Going back to a form whose payment was taken off, or that was another door's, takes no money and says so.
    for stale in forms[:2]:
        assert "这一户刚才别人记过了" in text(xiaoli.post(f"{door}/payments", stale))
    assert xiaoli.post(f"{at}/closure", {"words": ""}).status_code == 422
    assert xiaoli.post(f"{door}/payments", pay).status_code == 303
    assert "记错门" in text(xiaoli.get(door))
    with count_queries() as seen:
        assert "只有收费的人看得到" in text(xiaoli.get(at))
    assert len(seen) <= 8, len(seen)
    with count_queries() as seen:
        assert "4 / 4 户" in text(xiaoli.get("/desk/collections?state=open"))
    assert len(seen) <= 6, len(seen)
    _nobody_else_reads(app, browse, at, door, matter, homes)
    spent = LINE | {"once": str(uuid4()), "amount": "4750", "source": f"collection:{at.rsplit('/', 1)[1]}"}
    assert zhao.post(f"/desk/matters/{matter}/money-entries", spent).status_code == 303
    assert xiaoli.post(f"{at}/cancellation", {"reason": "不收了"}).status_code == 422
    assert xiaoli.post(f"{at}/closure", {"words": ""}).status_code == 303
    assert "余 50.00 元" in text(xiaoli.get(at))
    assert xiaoli.post(f"{at}/posting").status_code == 409
    assert xiaoli.post(f"{at}/surplus").status_code == 303
    for one in homes:
        assert xiaoli.post(f"{at}/homes/{one.id}/refunds", {"once": str(uuid4())}).status_code == 303
    assert xiaoli.post(f"{door}/refund-cancellations", {"reason": "没碰到人"}).status_code == 303
    assert xiaoli.post(f"{door}/refunds", {"once": str(uuid4())}).status_code == 303
    assert xiaoli.get(f"{at}/sheet").status_code == 409
    assert xiaoli.post(f"{at}/posting").status_code == 303
    told = "4 户中 4 户同意，收 4,800.00 元，支 4,750.00 元，余 50.00 元退回"
    sheet = text(xiaoli.get(f"{at}/sheet"))
    assert told in sheet
    assert homes[0].label not in sheet
    public = text(browse().get(f"/matters/{matter}")) + text(browse().get(f"/matters/{matter}?tab=money"))
    assert told in public
    assert "退回各户" in public
    assert homes[0].label not in public
    book = load_workbook(BytesIO(xiaoli.post(f"{at}/workbook").data)).active
    assert len(list(book.iter_rows())) == 5
    assert homes[1].label in text(xiaoli.get(f"{at}/door-list"))


def _nobody_else_reads(app: Any, browse: Any, at: str, door: str, matter: str, homes: Any) -> None:
    """The steward, the council and the supervisor do not learn who paid; the neighbour does not learn that it is."""
    for login in ("sun", "yishi1", "jiandu"):
        other = browse(HOME, login)
        assert [other.get(url).status_code for url in (at, door, f"{door}/receipt", "/desk/collections")] == [403] * 4
        assert other.post(f"{door}/answers", {"answer": "decline"}).status_code == 403
    assert homes[0].label not in text(browse(HOME, "sun").get(f"/desk/matters/{matter}/money"))
    neighbour = browse(NEXT, "shuji")
    before = [one.state for one in kept(app, CollectionShare)]
    for url in (at, door, f"{door}/receipt", f"{at}/door-list", f"{at}/shares", f"{at}/cancellation"):
        assert neighbour.get(url).status_code == 404, url
    for url in (f"{door}/answers", f"{door}/payments", f"{at}/cancellation", f"{at}/closure", f"{at}/workbook"):
        assert neighbour.post(url, {"reason": "x", "answer": "decline", "how": "cash"}).status_code == 404, url
    assert [one.state for one in kept(app, CollectionShare)] == before
    assert kept(app, Collection, NEXT) == []


def test_shares_by_heads_are_put_right_and_a_draft_is_given_up(app: Any, browse: Any) -> None:
    matter, _task = staged(app)
    xiaoli = browse(HOME, "xiaoli")
    form = {"once": str(uuid4()), "title": "换灯", "purpose": "楼道灯", "total": "100", "basis": "heads", "units": [],
            "labels": "东户\n西户"}  # fmt: skip
    at = re.sub(r"^https?://[^/]+", "", xiaoli.post(f"/desk/matters/{matter}/collections", form).headers["Location"])
    east, west = sorted(kept(app, CollectionShare), key=lambda one: one.position)
    wrong = xiaoli.post(f"{at}/shares", {"total": "100", f"home-{east.id}": "0", f"home-{west.id}": "2"})
    assert wrong.status_code == 422
    assert "人口写 1 到 99" in text(wrong)
    right = {"total": "100", f"home-{east.id}": "1", f"home-{west.id}": "2"}
    assert xiaoli.post(f"{at}/shares", right).status_code == 303
    assert [one.share_fen for one in sorted(kept(app, CollectionShare), key=lambda one: one.position)] == [3_333, 6_667]
    assert "66.67 元" in text(xiaoli.get(f"{at}/shares"))
    assert xiaoli.post(f"{at}/cancellation", {"reason": ""}).status_code == 422
    assert xiaoli.post(f"{at}/cancellation", {"reason": "街道出钱了"}).status_code == 303
    assert [one.state for one in kept(app, Collection)] == ["void"]
