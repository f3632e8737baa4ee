"""A matter across communities through the pages: the street leads, two halls vote, a third was never asked (M28)."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.faces.jobs import work
from app.flow.decide import actions as box
from app.flow.decide.models import Ballot
from app.flow.research.models import Option, Stakeholder
from app.matter.actions import find_matter
from app.matter.joint_models import JointMatter, JointPart, JointTask
from app.matter.models import Matter, TimelineEntry
from app.people import desk
from app.people.actor import SYSTEM
from app.people.roles import Role
from tenants import provisioning
from tenants.database import db
from tests.cast import BASE, HOME, NEXT, PASSWORD
from tests.conftest import NOW, inside, later
from tests.rooms.people import account, person
from tests.rooms.sitting_table import opened, talked
from tests.rooms.stage_setting import matter_at

THIRD = "shifan"
QUESTION = "交界路两侧装 12 盏路灯，同意吗？"


def text(answer):
    return answer.get_data(as_text=True)


def stand(app, moment):
    seconds = (moment - datetime.now(UTC)).total_seconds()
    (Path(app.config["DATA_DIR"]) / "clock-offset").write_text(str(seconds))


@pytest.fixture
def street(app, browse):
    """The officer's browser, a third hall that nobody asks, and the clock at ``NOW``."""
    stand(app, NOW)
    with inside(app) as site:
        number = site.street_id
    with app.app_context():
        provisioning.open_community(street_id=number, slug=THIRD, code="SF", name="师范社区", now=NOW)
        app.extensions.pop("tenants.sites", None)
    with inside(app, THIRD):
        desk.add_account("shuji", "师范书记", PASSWORD, {Role.SECRETARY: ""}, by=SYSTEM, now=NOW)
        db.session.commit()
    return browse("", "zhuren")


def lead(officer, rule="each", **more):
    """A draft through the form: its id and path."""
    once = str(uuid4())
    form = {
        "once": once, "title": "交界路夜间照明", "question": QUESTION, "brief": "夜里黑，两边都走。", "place": "交界路",
        "category": "safety", "rule": rule, "ballot_rule": "council_majority", "due": later(20).date().isoformat(),
        **more,
    }  # fmt: skip
    assert officer.post("/joints", form).status_code == 303
    return UUID(once), f"/joints/{once}"


def invite(app, officer, path, *slugs, status=303, **more):
    with inside(app):
        from tenants.registry import Community

        ids = [db.session.scalar(select(Community.id).where(Community.slug == slug)) for slug in slugs]
    form = {"hall": [str(one) for one in ids], "answer_due": later(3).date().isoformat(), "words": "一起议", **more}
    answer = officer.post(f"{path}/invitations", form)
    assert answer.status_code == status, text(answer)[-2500:]
    return answer


def join(app, browser, slug, joint, matter="new"):
    with inside(app, slug):
        owner = str(account("zhao").id)
    once = str(uuid4())
    form = {"once": once, "matter": matter, "owner": owner}
    for _click in range(2):
        answer = browser.post(f"/desk/joints/{joint}/participation", form)
        assert answer.status_code == 303, text(answer)[-2500:]
    with inside(app, slug):
        return db.session.scalar(select(JointPart.matter_id))


def vote(app, slug, matter_id, came, yes, *, question=QUESTION):
    """The council of one hall sits and raises its hands; the survey before it has tests of its own."""
    with inside(app, slug):
        matter = find_matter(matter_id)
        matter.triage = "minor"
        db.session.add(Stakeholder(matter_id=matter.id, name="两侧居民", households=36, created_at=NOW))
        for label in "AB":
            option = Option(matter_id=matter.id, label=label, words=label, cost_fen=1, payer="街道", created_at=NOW)
            db.session.add(option)
        db.session.flush()
        sitting, moment = opened(matter, came, later(hours=2))
        talked(sitting, matter, moment)
        by = person("shuji", moment)
        ballot = box.call_vote(
            sitting, matter, question=question, rule="council_majority", mode="hands", by=by, now=moment
        )  # fmt: skip
        two = {"teller": account("yishi1"), "scrutineer": account("yishi2")}
        ballot = box.count_hands(ballot, yes, came - yes, 0, by=by, now=moment, **two)
        box.close_ballot(ballot, by=by, now=moment, **two)
        db.session.commit()
        return db.session.scalar(select(Ballot.id).where(Ballot.matter_id == matter_id))


def take_up(app, *slugs):
    for slug in slugs:
        with inside(app, slug):
            work.take_up()
            db.session.commit()


def test_the_street_leads_two_halls_vote_and_the_lead_gathers(app, browse, street, count_queries):
    officer, ours, theirs, third = street, browse(HOME, "shuji"), browse(NEXT, "shuji"), browse(THIRD, "shuji")
    with inside(app, HOME):
        grown = matter_at(
            "accepted", now=NOW, title="交界路夜里太黑", number="NYD20260077", owner_id=account("zhao").id,
            power="council",
        )  # fmt: skip
        db.session.commit()
        grown_id = grown.id
    assert "交界路夜里太黑" in text(officer.get("/joints/new?q=交界路"))
    assert 'value="交界路夜里太黑"' in text(officer.get(f"/joints/new?matter={grown_id}"))
    empty = {"title": "", "question": QUESTION, "place": "路", "rule": "each", "due": "2026-06-21"}
    bad = officer.post("/joints", empty | {"ballot_rule": "council_majority", "once": str(uuid4())})
    assert bad.status_code == 422
    assert QUESTION in text(bad)
    joint, path = lead(officer, matter=str(grown_id))
    # Before it is shared nobody but the street knows of it.
    assert browse("").get("/joint/KSQ20260001").status_code == 404
    assert ours.get(f"/desk/joints/{joint}").status_code == 404
    assert officer.get(f"{path}/acts/opening").status_code == 409
    assert "至少要请两个社区" in text(invite(app, officer, path, HOME, status=422))
    invite(app, officer, path, HOME, NEXT)
    invite(app, officer, path, HOME, NEXT)
    assert "票怎么汇总、各社区怎么表决都定了" in text(officer.get(f"{path}/words"))
    page = text(ours.get(f"/desk/joints/{joint}"))
    assert QUESTION in page
    assert "每个社区都要通过" in page
    assert "NYD20260077" in page
    for nobody in (third, browse(THIRD)):
        assert nobody.get(f"/desk/joints/{joint}").status_code in (302, 404)
        assert nobody.post(f"/desk/joints/{joint}/participation", {"matter": "new"}).status_code in (302, 404)
    assert "没有跨社区的事" in text(third.get("/desk/joints"))
    assert browse(HOME, "xiaoli").get(f"/desk/joints/{joint}").status_code == 403
    assert theirs.post(f"/desk/joints/{joint}/refusal", {"reason": ""}).status_code == 422
    assert theirs.post(f"/desk/joints/{joint}/refusal", {"reason": "先不议"}).status_code == 303
    assert join(app, ours, HOME, joint, str(grown_id)) == grown_id
    assert officer.post(f"{path}/acts/opening").status_code == 422
    other_id = join(app, theirs, NEXT, joint)
    with inside(app, NEXT):
        other = find_matter(other_id)
        assert (other.stage, other.level, other.triage, other.question) == (
            "topic_confirmed",
            "street",
            "hard",
            QUESTION,
        )
        # Neither hall finds the other's rows, whatever it asks for.
        assert len(db.session.scalars(select(JointPart)).all()) == 1
        assert db.session.scalars(select(JointPart.matter_id)).one() == other_id
    assert officer.post(f"{path}/acts/opening").status_code == 303
    assert officer.post(f"{path}/acts/opening").status_code == 409
    take_up(app, HOME, NEXT)

    first = vote(app, HOME, grown_id, 9, 9)
    stand(app, later(5))
    ours, theirs, officer = browse(HOME, "shuji"), browse(NEXT, "shuji"), browse("", "zhuren")
    # The question stands from the first vote on.
    changed = {"title": "x", "question": "装 6 盏？", "place": "路", "due": "2026-06-21", "category": "safety"}
    refused = officer.post(f"{path}/words", changed)
    assert refused.status_code == 422
    assert "已经有社区开始表决" in text(refused)
    assert officer.post(f"{path}/acts/gathering").status_code == 422
    assert ours.get(f"/desk/joints/{joint}/result?ballot={first}").status_code == 200
    assert theirs.post(f"/desk/joints/{joint}/result", {"ballot": str(first)}).status_code == 404
    assert ours.post(f"/desk/joints/{joint}/result", {"ballot": str(first)}).status_code == 303
    assert ours.post(f"/desk/joints/{joint}/result", {"ballot": str(first)}).status_code == 409
    wrong = vote(app, NEXT, other_id, 10, 8, question="交界路装 6 盏路灯，同意吗？")
    assert "不是一回事" in text(theirs.get(f"/desk/joints/{joint}"))
    assert theirs.post(f"/desk/joints/{joint}/result", {"ballot": str(wrong)}).status_code == 409
    with inside(app, NEXT):
        # The sheet is put right here as if it had asked the lead's question; a second sitting would tell no more.
        db.session.get_one(Ballot, (other.community_id, wrong)).question = QUESTION
        db.session.commit()
    assert theirs.post(f"/desk/joints/{joint}/result", {"ballot": str(wrong)}).status_code == 303
    assert "照现在交来的结果：汇总通过" in text(officer.get(f"{path}/acts/gathering"))
    assert officer.post(f"{path}/acts/gathering").status_code == 303
    assert officer.post(f"{path}/acts/gathering").status_code == 409
    with inside(app):
        found = db.session.get_one(JointMatter, (db.session.scalar(select(JointMatter.street_id)), joint))
        assert (found.stage, found.outcome["present"], found.outcome["eligible"]) == ("decided", 19, 34)
        assert (found.outcome["yes"], found.outcome["no"], found.outcome["passed_halls"]) == (17, 2, 2)

    # What is promised, done and looked at.
    task = {"once": str(uuid4()), "what": "装 12 盏路灯", "who": "街道城管办", "due": later(30).date().isoformat()}
    assert officer.post(f"{path}/tasks", task | {"due": "2020-01-01"}).status_code == 422
    for _click in range(2):
        assert officer.post(f"{path}/tasks", task).status_code == 303
    with inside(app):
        task_id = db.session.scalars(select(JointTask.id)).one()
    assert officer.post(f"{path}/acts/closure", {"words": "灯亮了"}).status_code == 422
    assert officer.post(f"{path}/tasks/{task_id}/verifications").status_code == 409
    assert officer.post(f"{path}/tasks/{task_id}/reports", {"words": "装好了"}).status_code == 303
    assert officer.post(f"{path}/tasks/{task_id}/verifications").status_code == 303
    assert officer.post(f"{path}/acts/closure", {"words": "灯亮了，两边都照得到"}).status_code == 303
    take_up(app, HOME, NEXT)
    take_up(app, HOME, NEXT)
    with inside(app, NEXT):
        told = select(TimelineEntry.words).where(
            TimelineEntry.matter_id == other_id, TimelineEntry.verb == "joint_closed"
        )
        assert db.session.scalars(told).all() == ["街道那边办结了：灯亮了，两边都照得到"]

    # The public page, both ways of linking, and its cost.
    with count_queries() as seen:
        public = text(browse("").get(f"/joint/{found.number}"))
    assert len(seen) <= 8
    for words in (QUESTION, "19/34", "同意 17", "装 12 盏路灯", "南盐道社区", "电业社区"):
        assert words in public
    for slug, matter in ((HOME, grown_id), (NEXT, other_id)):
        assert f"http://{slug}.{BASE}/matters/{matter}" in public
        with count_queries() as seen:
            assert f"http://{BASE}/joint/{found.number}" in text(browse(slug).get(f"/matters/{matter}"))
        assert len(seen) <= 8
    assert "交界路夜间照明" in text(browse("").get("/"))
    assert "跨社区的事，街道牵头" in text(ours.get(f"/desk/matters/{grown_id}?tab=resolution"))
    assert "师范" not in public
    with count_queries() as seen:
        assert "灯亮了" in text(officer.get(path))
    assert len(seen) <= 8
    assert "交界路夜间照明" in text(officer.get("/joints?tab=done"))
    assert "合起来" in text(officer.get(f"{path}/paper"))
    sheet = load_workbook(BytesIO(officer.get(f"{path}/result.xlsx").data)).worksheets[0]
    assert [cell.value for cell in sheet[4]][3:7] == [34, 19, 17, 2]
    assert browse("").get(path).status_code == 302


def test_every_field_that_is_missing_says_so_itself(app, browse, street):
    page = text(street.post("/joints", {"once": str(uuid4()), "title": "交界路夜间照明", "rule": "each"}))
    for field in ("question", "place", "due"):
        assert f'id="{field}-e"' in page, field
    assert 'id="title-e"' not in page
    assert 'value="交界路夜间照明"' in page
    _joint, path = lead(street)
    page = text(invite(app, street, path, status=422))
    assert "请选上要请的社区" in page
    assert 'id="answer_due-e"' not in page, "what is wrong with the halls is not said of the day"
    assert 'id="answer_due-e"' in text(invite(app, street, path, HOME, NEXT, status=422, answer_due=""))


def test_a_silent_hall_is_left_out_in_words_and_only_the_lead_pauses_and_ends(app, browse, street):
    joint, path = lead(street, "sum")
    assert "用一样的表决办法" not in text(invite(app, street, path, HOME, NEXT, THIRD))
    ours, theirs, third = browse(HOME, "shuji"), browse(NEXT, "shuji"), browse(THIRD, "shuji")
    mine, others = join(app, ours, HOME, joint), join(app, theirs, NEXT, joint)
    assert "还没回话" in text(street.get(f"{path}/acts/opening"))
    # A new question reaches the hall's own topic as long as nobody votes.
    words = {"title": "交界路夜间照明", "question": "交界路装灯，同意吗？", "place": "交界路", "due": "2026-06-21",
             "category": "safety"}  # fmt: skip
    assert street.post(f"{path}/words", words).status_code == 303
    take_up(app, HOME, NEXT)
    with inside(app, HOME):
        assert find_matter(mine).question == "交界路装灯，同意吗？"
    stand(app, later(4))
    street, ours, theirs = browse("", "zhuren"), browse(HOME, "shuji"), browse(NEXT, "shuji")
    assert street.post(f"{path}/acts/opening").status_code == 303
    for browser, slug, matter, yes in ((ours, HOME, mine, 5), (theirs, NEXT, others, 5)):
        ballot = vote(app, slug, matter, 10, yes, question="交界路装灯，同意吗？")
        assert browser.post(f"/desk/joints/{joint}/result", {"ballot": str(ballot)}).status_code == 303
    past = street.post(f"{path}/acts/suspension", {"words": "等市政定线", "on": "2020-01-01"})
    assert past.status_code == 422
    assert 'id="on-e"' in text(past)
    assert street.post(f"{path}/acts/suspension", {"words": "等市政定线", "on": "2026-07-01"}).status_code == 303
    assert street.post(f"{path}/acts/gathering").status_code == 409
    assert street.post(f"{path}/acts/resumption", {"words": "线定了"}).status_code == 303
    late = text(street.get(f"{path}/acts/gathering"))
    assert "师范社区到日子没交结果" in late
    assert street.post(f"{path}/acts/gathering").status_code == 422
    assert street.post(f"{path}/acts/gathering", {"words": "催过三次没有回音"}).status_code == 303
    with inside(app):
        found = db.session.scalars(select(JointMatter)).one()
        assert (found.stage, found.outcome["left_out"]) == ("not_passed", ["师范社区"])
        assert "同意 10 票，正好一半" in found.outcome_words
    public = text(browse("").get("/joint/KSQ20260001"))
    assert "催过三次没有回音" in public
    assert "没通过" in public
    assert street.get(f"{path}/halls/{THIRD}/withdrawal").status_code == 200
    assert third.post(f"/desk/joints/{joint}/participation", {"matter": "new"}).status_code in (302, 422)
    assert ours.post(f"{path}/acts/termination", {"words": "不办了"}).status_code == 404
    assert street.post(f"{path}/acts/termination", {"words": " "}).status_code == 422
    assert street.post(f"{path}/acts/termination", {"words": "市政整体改造，一起做"}).status_code == 303
    take_up(app, HOME)
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter).where(Matter.id == mine)).one()
        assert matter.stage != "terminated"
