"""Urging at the desk: one's own digest on 今天, who is told by hand, the record of what was urged."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import clock
from app.faces.jobs import work
from app.flow.implement.models import ExtensionRequest
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.matter.workdays import end_of
from app.notices import reminders
from app.notices.models import Digest, Reminder
from app.people.secrets import seal
from tenants.database import db
from tests.conftest import inside
from tests.rooms.people import account
from tests.rooms.stage_setting import matter_at


@pytest.fixture
def urged(app):
    """What fell due today and was urged this morning: a task of 小李's, one of a crew's, a quarrel of nobody's."""
    with inside(app, "nanyandao"):
        now = clock.now()
        today = clock.local(now).date()
        made = now - timedelta(days=3)
        matter = matter_at("implementing", now=made, title="曹家巷晾衣架", due_at=end_of(today))
        matter_at(
            "accepted", now=made, title="老赵家吵架", visibility="parties", track="mediation", due_at=end_of(today)
        )
        for n, (who, login) in enumerate((("小李", "xiaoli"), ("顺达施工队", None)), start=1):
            db.session.add(
                Commitment(matter_id=matter.id, position=n, what=f"焊第 {n} 组", who=who, due=today, first_due=today,
                           owner_id=account(login).id if login else None, created_at=made,
                           contact_sealed="" if login else seal("13900001111"))
            )  # fmt: skip
        db.session.flush()
        assert reminders.urge(now=clock.at(today, 8)) == 6
        db.session.commit()
        return {one.to_label: one.id for one in db.session.scalars(select(Digest))}


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_morning_at_the_desk(app, urged, browse, count_queries) -> None:
    li = browse("nanyandao", "xiaoli")
    with count_queries() as seen:
        page = text(li.get("/desk"))
    assert len(seen) <= 10, seen
    assert "提醒您的 1 件" in page
    assert "焊第 1 组" in page
    assert "顺达" not in page.split("提醒您的")[1].split("</section>")[0]
    until = re.search(r'name="until" value="([\d-]+)"', page)[1]
    assert browse("dianye", "xiaoli").post("/desk/reminders/reading", {"until": until}).status_code == 303
    assert "提醒您的 1 件" in text(li.get("/desk"))
    assert li.post("/desk/reminders/reading", {"until": "gestern"}).status_code == 404
    assert li.post("/desk/reminders/reading", {"until": until}).status_code == 303
    assert "提醒您的" not in text(li.get("/desk"))
    boss = browse("nanyandao", "shuji")
    secretary = text(boss.get("/desk"))
    assert "请求延期" not in secretary
    own = secretary.split("提醒您的 1 件")[1].split("</section>")[0]
    assert "今天到期" in own
    assert "吵架" not in own
    with inside(app, "nanyandao"):
        task = db.session.scalars(select(Commitment).where(Commitment.what == "焊第 2 组")).one()
        db.session.add(
            ExtensionRequest(matter_id=task.matter_id, commitment_id=task.id, due=task.due + timedelta(days=3),
                             reason="下雨", asked_label="顺达施工队", asked_at=clock.now())
        )  # fmt: skip
        db.session.commit()
    boss.get("/desk")
    with count_queries() as seen:
        waiting = text(boss.get("/desk")).split('id="asking"')[1].split("</section>")[0]
    assert len(seen) <= 11, seen
    assert "顺达施工队" in waiting
    assert "焊第 2 组" in waiting
    assert 'id="asking"' not in text(li.get("/desk"))


def test_whom_somebody_must_tell(app, urged, browse) -> None:
    zhao, next_door = browse("nanyandao", "zhao"), browse("dianye", "shuji")
    page = text(zhao.get("/desk/outbox"))
    section = page.split('id="urging"')[1].split("</section>")[0]
    assert "顺达施工队" in section
    assert "13900001111" in section
    assert "小李" not in section
    crew = urged["顺达施工队"]
    slip = text(zhao.get(f"/desk/digests/{crew}/slip"))
    assert "焊第 2 组" in slip
    assert "今天到期" in slip
    assert "13900001111" not in slip
    for method, url in (("get", "slip"), ("post", "telling")):
        assert getattr(next_door, method)(f"/desk/digests/{crew}/{url}").status_code == 404
    assert browse("nanyandao", "sun").post(f"/desk/digests/{crew}/telling").status_code == 403
    assert zhao.post(f"/desk/digests/{urged['小李']}/telling").status_code == 409
    assert zhao.post(f"/desk/digests/{crew}/telling").status_code == 303
    assert "赵师傅说到了" in text(zhao.get("/desk/outbox"))


def test_the_record_of_urging(app, urged, browse, count_queries) -> None:
    with inside(app, "nanyandao"):
        quarrel = db.session.scalar(select(Matter.id).where(Matter.title == "老赵家吵架"))
        db.session.execute(update(Reminder).where(Reminder.matter_id == quarrel).values(to_label="楼下老钱"))
        db.session.commit()
    steward = browse("nanyandao", "sun")
    steward.get("/desk/reminders")
    with count_queries() as seen:
        page = text(steward.get("/desk/reminders"))
    assert len(seen) <= 6, seen
    assert "6 条" in page
    assert "吵架" not in page
    assert "老钱" not in page
    assert "（只给当事人看）" in page
    narrow = text(steward.get("/desk/reminders?kind=task&step=due&since=2000-01-01&until=x"))
    assert "2 条" in narrow
    assert 'value="2000-01-01"' in narrow
    assert "没有这样的催办" in text(steward.get("/desk/reminders?step=climb"))
    assert "0 条" in text(browse("dianye", "shuji").get("/desk/reminders"))


def test_the_worker_s_own_round(app, hall) -> None:
    """The job brings the clocks in step before it speaks, and may run as often as it likes."""
    today = clock.today()
    matter_at("accepted", now=clock.now() - timedelta(days=9), due_at=end_of(today - timedelta(days=7)))
    db.session.execute(Matter.__table__.update().values(warn_at=None))
    for _ in range(2):
        work.urge()
    assert db.session.scalars(select(Matter.warn_at)).one() is not None
    said = len(db.session.scalars(select(Reminder.id)).all())
    assert said >= 3 if clock.local(clock.now()).hour >= 8 else said == 0
