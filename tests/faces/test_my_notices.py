"""What a person is told in the program, how they want to hear, and what went out: staff, council and residents."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from app import clock
from app.flow.collect.models import Proposal
from app.matter.actions import record
from app.notices.actions import spread_news
from app.notices.models import Delivery, Message, Preference
from app.people.models import Account
from app.people.privacy import Consent
from app.people.residents import join
from app.people.roles import Role
from tenants.database import db, uuid7
from tests import cast
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at, staff


def text(answer, status=200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
    return answer.get_data(as_text=True)


def setting(app):
    """Three matters of 小李's; one is a quarrel, one was brought by 王桂兰."""
    with inside(app, cast.HOME):
        now = clock.now()
        li = staff("xiaoli", Role.GRID_WORKER).id
        account, _new = join(cast.HOUSEHOLD_CODE, "王桂兰", now=now)
        for title, more in (("路灯不亮", {}), ("老赵家吵架", {"visibility": "parties", "track": "mediation"})):
            matter = matter_at("accepted", now=now, owner_id=li, title=title, **more)
            for verb, words, stages in (
                ("accept", "社区接了。", ("submitted", "accepted")),
                ("note_progress", "看过了。", None),
            ):
                record(matter, verb, by=staff(), now=now, words=words, **({"moved": stages} if stages else {}))
            if not more:
                db.session.add(
                    Proposal(
                        matter_id=matter.id, kind="individual", words="x", person_id=account.person_id, said_at=now
                    )
                )
        db.session.flush()
        spread_news(now=now)
        db.session.commit()


def test_my_own_list(app, browse, count_queries):
    setting(app)
    li = browse(cast.HOME, "xiaoli")
    li.get("/me/notices")
    with count_queries() as seen:
        page = text(li.get("/me/notices"))
    assert len(seen) <= 7, seen
    assert "4 条没看" in page
    assert "路灯不亮" in page
    assert "吵架" not in page
    assert "只给当事人看" in page
    assert re.search(r'我的消息<span class="cnt">4', page)
    until = re.search(r'name="until" value="([^"]+)"', page)[1]
    matter = re.search(r'name="matter" value="([^"]+)"', page)[1]
    assert browse(cast.NEXT, "xiaoli").post("/me/notices/reading", {"until": until}).status_code == 303
    for wrong in ({"until": "gestern"}, {"until": until, "matter": "x"}, {"what": "urging", "until": "x"}):
        assert li.post("/me/notices/reading", wrong).status_code == 404
    assert li.post("/me/notices/reading", {"until": until, "matter": matter, "view": "unread"}).status_code == 303
    assert "2 条没看" in text(li.get("/me/notices?view=unread"))
    assert li.post("/me/notices/reading", {"until": until}).status_code == 303
    assert "都看过了" in text(li.get("/me/notices?view=unread"))
    # What was read in the program need not be carried there; what the proposer must hear still waits.
    worker = browse(cast.HOME, "zhao")
    assert "小李" not in text(worker.get("/desk/outbox?to=desk")).split("h-told")[-1]
    assert browse(cast.HOME).get("/me/notices").status_code == 302
    woman = browse(cast.HOME)
    woman.post("/join", {"name": "王桂兰", "code": cast.HOUSEHOLD_CODE, "adult": "y"})
    hers = text(woman.get("/me/notices"))
    assert "2 条没看" in hers
    assert "h-desk" not in hers
    assert "吵架" not in hers
    assert woman.post("/me/notices/reading", {"until": until}).status_code == 303
    with inside(app, cast.HOME):
        read = select(func.count()).select_from(Message).where(Message.read_at.is_not(None))
        assert db.session.scalar(read) == 6
    assert "还没有给您的消息" in text(browse(cast.HOME, "jiandu").get("/me/notices"))


WISH = {"way": "mail", "contact": "li@example.org", "agrees": "y", "digest_only": "y", "quiet_from": "22",
        "quiet_to": "7"}  # fmt: skip


def test_how_i_want_to_hear(app, browse, monkeypatch):
    li = browse(cast.HOME, "xiaoli")
    assert "未配置" in text(li.get("/me/preferences"))
    for change, words in (
        ({"contact": "li(at)example"}, "邮箱写成"), ({"contact": ""}, "往哪儿发"), ({"agrees": ""}, "不勾"),
        ({"way": "fax"}, "请选一样"), ({"quiet_from": "25"}, "0 点到 23 点"),
    ):  # fmt: skip
        page = text(li.post("/me/preferences", {**WISH, **change}), 422)
        assert words in page
        assert "li" in page
    assert li.post("/me/preferences", WISH).status_code == 303
    assert "还没接上，不往外发" in text(li.get("/me/notices"))
    page = text(li.get("/me/preferences"))
    assert "l***@example.org" in page
    assert "li@example.org" not in page
    assert li.post("/me/preferences", {**WISH, "contact": "", "quiet_from": "20"}).status_code == 303
    assert li.post("/me/preferences", {"way": "page", "quiet_from": "21", "quiet_to": "8"}).status_code == 303
    with inside(app, cast.HOME):
        mine = db.session.scalars(select(Preference)).one()
        assert (mine.contact_sealed, mine.agreed_at) == (None, None)
        given = select(Consent.given, Consent.by_label).where(Consent.about == "contact").order_by(Consent.at)
        assert db.session.execute(given).all() == [(True, "小李"), (False, "小李")]
    with inside(app, cast.NEXT):
        assert db.session.scalar(select(func.count()).select_from(Preference)) == 0


def test_what_went_out(app, browse, count_queries):
    with inside(app, cast.HOME):
        li = db.session.scalar(select(Account.id).where(Account.login == "xiaoli"))
        now = clock.now()
        ids = {}
        for state in ("sent", "unsure", "not_configured"):
            ids[state] = uuid7()
            db.session.add(
                Delivery(id=ids[state], source="message", source_id=uuid7(), account_id=li, channel="mail", state=state,
                         to_masked="l***@example.org", words="NYD1：社区接了。", subject="有新进展", next_at=now,
                         created_at=now, sent_at=now if state == "sent" else None)
            )  # fmt: skip
        db.session.commit()
    zhao, next_door = browse(cast.HOME, "zhao"), browse(cast.NEXT, "shuji")
    zhao.get("/desk/deliveries")
    with count_queries() as seen:
        page = text(zhao.get("/desk/deliveries"))
    assert len(seen) <= 6, seen
    assert "邮件：未配置" in page
    assert page.count("l***@example.org") == 3
    assert text(zhao.get("/desk/deliveries?state=unsure&channel=mail")).count("l***@example.org") == 1
    for door in ("sending", "arrival"):
        assert next_door.post(f"/desk/deliveries/{ids['unsure']}/{door}").status_code == 404
        assert browse(cast.HOME, "xiaoli").post(f"/desk/deliveries/{ids['unsure']}/{door}").status_code == 403
        assert zhao.post(f"/desk/deliveries/{ids['sent']}/{door}").status_code == 409
    assert "l***" not in text(next_door.get("/desk/deliveries"))
    assert zhao.post(f"/desk/deliveries/{ids['unsure']}/arrival").status_code == 303
    assert (
        zhao.post(f"/desk/deliveries/{ids['not_configured']}/sending", {"next": "/desk/deliveries?state=queued"})
        .headers["Location"]
        .endswith("?state=queued")
    )
    with inside(app, cast.HOME):
        states = dict(db.session.execute(select(Delivery.id, Delivery.state)).all())
        assert (states[ids["unsure"]], states[ids["not_configured"]]) == ("sent", "queued")
