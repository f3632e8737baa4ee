"""The hall's own pages for experts, for the street's help and for the outbox; the neighbour knocks at each."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import func, select

from app import clock
from app.matter import escalation
from app.matter.actions import record
from app.matter.models import Escalation, Matter
from app.notices import actions as notices
from app.notices.models import Message
from app.talent.models import Invitation
from tenants.database import db, uuid7
from tests import cast
from tests.conftest import inside
from tests.rooms.stage_setting import expert_id, matter_at, officer, staff

LETTER = {"brief": "涵洞一下雨就积水。", "questions": "先清淤还是先做泵站？", "hours": "72"}


@pytest.fixture
def matter_id(app):
    with inside(app, cast.HOME):
        now = clock.now()
        matter = matter_at("surveying", now=now, owner_id=staff().id)
        record(
            matter, "survey", by=staff("xiaoli"), now=now, words="开始调查了", moved=("topic_confirmed", "surveying")
        )
        db.session.commit()
        return matter.id


def count(app, table):
    with inside(app, cast.HOME):
        return db.session.scalar(select(func.count()).select_from(table))


def expert(app):
    with inside(app, cast.HOME):
        return str(expert_id())


def page(answer):
    return answer.get_data(as_text=True)


def invite(app, desk, matter_id, **more):
    data = {**LETTER, "expert": expert(app), "once": str(uuid7()), **more}
    return desk.post(f"/desk/matters/{matter_id}/invitations", data), data


def test_inviting_shows_the_link_once(app, browse, matter_id):
    desk = browse(cast.HOME, "zhao")
    assert "陈工" in page(desk.get(f"/desk/matters/{matter_id}/invitations/new"))
    answer, data = invite(app, desk, matter_id)
    assert answer.status_code == 303, page(answer)
    shown = page(desk.get(answer.headers["Location"]))
    link = re.search(r'value="(http://nanyandao\.yard\.test/x/[^"]+)"', shown)[1]
    assert "邀-" in shown
    assert "已发送" not in shown
    assert link not in page(desk.get(answer.headers["Location"]))
    assert browse().get(link.removeprefix("http://nanyandao.yard.test")).status_code == 200
    token = link.rsplit("/", 1)[1]
    paper = desk.post(f"{answer.headers['Location']}/letter", {"token": token})
    words = zipfile.ZipFile(io.BytesIO(paper.data)).read("word/document.xml").decode()
    assert "涵洞一下雨就积水" in words
    assert desk.post(f"{answer.headers['Location']}/letter", {"token": "x" * 32}).status_code == 409
    again = desk.post(f"/desk/matters/{matter_id}/invitations", data)
    assert again.headers["Location"] == answer.headers["Location"]
    assert count(app, Invitation) == 1


@pytest.mark.parametrize(
    "bad", [{"expert": ""}, {"expert": str(uuid7())}, {"brief": " "}, {"questions": ""}, {"hours": "0"}, {"hours": "x"},
            {"hours": "9999"}, {"brief": "长" * 5001}, {"questions": "问" * 1001}]
)  # fmt: skip
def test_a_bad_letter_is_not_written(app, browse, matter_id, bad):
    answer, _ = invite(app, browse(cast.HOME, "zhao"), matter_id, **bad)
    assert answer.status_code == 422
    assert "先清淤" in page(answer) or "questions" in bad
    assert count(app, Invitation) == 0


def test_renewing_and_taking_back(app, browse, matter_id):
    desk = browse(cast.HOME, "zhao")
    url = invite(app, desk, matter_id)[0].headers["Location"]
    first = re.search(r'value="(http://[^"]+/x/[^"]+)"', page(desk.get(url)))[1]
    assert desk.post(f"{url}/renewal").status_code == 303
    second = re.search(r'value="(http://[^"]+/x/[^"]+)"', page(desk.get(url)))[1]
    base = "http://nanyandao.yard.test"
    assert browse().get(first.removeprefix(base)).status_code == 410
    assert browse().get(second.removeprefix(base)).status_code == 200
    assert desk.get(f"{url}/revocation").status_code == 200
    assert desk.post(f"{url}/revocation").status_code == 303
    assert browse().get(second.removeprefix(base)).status_code == 410


def test_staff_on_the_same_browser_sees_the_guests_page(app, browse, matter_id):
    desk = browse(cast.HOME, "zhao")
    url = invite(app, desk, matter_id)[0].headers["Location"]
    link = re.search(r'value="http://nanyandao\.yard\.test(/x/[^"]+)"', page(desk.get(url)))[1]
    assert desk.get(link).status_code == 200
    assert desk.get(url).status_code == 200


def test_asking_the_street_needs_the_attempts(app, browse, matter_id):
    desk = browse(cast.HOME, "shuji")
    url = f"/desk/matters/{matter_id}/escalations"
    data = {"to": "street", "grid_attempt": "清过淤", "community_attempt": "谈过一次", "reason": "请铁路一起看",
            "once": str(uuid7())}  # fmt: skip
    assert desk.get(f"{url}/new").status_code == 200
    refused = desk.post(url, {**data, "community_attempt": ""})
    assert refused.status_code == 422
    assert 'id="community_attempt-e"' in page(refused)
    assert 'id="reason-e"' not in page(refused), "what is missing is said where it is missing"
    assert "清过淤" in page(refused)
    for bad in ({"reason": ""}, {"reason": "长" * 1001}, {"to": "moon"}):
        assert desk.post(url, {**data, **bad}).status_code == 422
    assert count(app, Escalation) == 0
    assert browse(cast.HOME, "zhao").post(url, data).status_code == 403  # Only the secretary asks.
    assert desk.post(url, data).status_code == 303
    assert desk.post(url, data).status_code == 303
    assert count(app, Escalation) == 1
    assert browse(cast.HOME, "xiaoli").post(url, data).status_code == 403


def test_the_answer_stands_on_the_matters_page(app, browse, matter_id, count_queries):
    with inside(app, cast.HOME):
        asked = escalation.ask(
            db.session.scalar(select(Matter)), to="street", reason="请铁路", by=staff(), now=clock.now(),
            grid_attempt="清过", community_attempt="谈过",
        )  # fmt: skip
        db.session.commit()
        asked_id = asked.id
    with inside(app):
        found, _ = escalation.find_for_street(asked_id)
        escalation.reply(found, "taken", words="街道来牵头", by=officer(), now=clock.now())
        db.session.commit()
    desk = browse(cast.HOME, "shuji")
    invite(app, desk, matter_id)
    with count_queries() as seen:
        shown = page(desk.get(f"/desk/matters/{matter_id}?tab=help"))
    assert "街道来牵头" in shown
    assert "等专家回话" in shown
    assert len(seen) <= 20


def test_the_outbox_never_claims_that_something_was_sent(app, browse, matter_id, count_queries):
    with inside(app, cast.HOME):
        assert notices.spread_news(now=clock.now()) >= 1
        db.session.commit()
        message = db.session.scalar(select(Message.id))
    desk = browse(cast.HOME, "zhao")
    with count_queries() as seen:
        shown = page(desk.get("/desk/outbox"))
    assert len(seen) <= 6, seen
    assert "提出人" in shown
    assert "没接短信" in shown
    assert "已发" not in shown
    assert "开始调查了" in page(desk.get(f"/desk/outbox/{message}/slip"))
    assert desk.post(f"/desk/outbox/{message}/printing").status_code == 303
    assert "打印成条" in page(desk.get("/desk/outbox?view=printed"))
    assert desk.post(f"/desk/outbox/{message}/telling").status_code == 303
    assert desk.post(f"/desk/outbox/{message}/printing").status_code == 409
    assert browse(cast.HOME, "xiaoli").get("/desk/outbox").status_code == 403


def test_the_neighbour_knocks_in_vain(app, browse, matter_id):
    url = invite(app, browse(cast.HOME, "zhao"), matter_id)[0].headers["Location"]
    with inside(app, cast.HOME):
        notices.spread_news(now=clock.now())
        db.session.commit()
        message = db.session.scalar(select(Message.id))
    before = (count(app, Invitation), count(app, Escalation))
    next_door = browse(cast.NEXT, "shuji")
    for knock in (url, f"{url}/revocation", f"/desk/matters/{matter_id}/invitations/new",
                  f"/desk/matters/{matter_id}/escalations/new", f"/desk/outbox/{message}/slip"):  # fmt: skip
        assert next_door.get(knock).status_code == 404, knock
    for knock in (f"{url}/renewal", f"{url}/revocation", f"{url}/letter", f"/desk/matters/{matter_id}/invitations",
                  f"/desk/matters/{matter_id}/escalations", f"/desk/outbox/{message}/printing",
                  f"/desk/outbox/{message}/telling"):  # fmt: skip
        assert next_door.post(knock, {**LETTER, "expert": expert(app)}).status_code == 404, knock
    assert (count(app, Invitation), count(app, Escalation)) == before
    with inside(app, cast.HOME):
        assert db.session.scalar(select(Invitation.state)) == "sent"
        assert db.session.scalar(select(Message.receipt).where(Message.id == message)) == "not_configured"
