"""From the ballot to the board, through the real pages: the resolution, its paper, its posting, objections."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from docx import Document
from sqlalchemy import func, select

from app import clock
from app.flow.resolve import actions
from app.flow.resolve.models import Commitment, Objection, Posting, Resolution
from app.matter.models import Matter
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import Neighbour, inside
from tests.rooms import carrying_out
from tests.rooms.stage_setting import staff

TODAY = (datetime.now(clock.SHANGHAI)).date()


def decided(app: Any, **values: Any) -> str:
    """A decided matter of 南盐道; its id."""
    with inside(app, HOME):
        matter = carrying_out.decided(clock.now(), **values)
        db.session.commit()
        return str(matter.id)


def the_text(**more: Any) -> dict[str, Any]:
    values = {
        "title": "增设共享晾衣架的决议", "basis": "6 月 1 日议事会表决", "words": "在 3 号楼前增设 5 组共享晾衣架。",
        "dissent": "", "dissent_answer": "", "signed_by": "小板凳议事屋", "what": ["安装 5 组晾衣架", ""],
        "who": ["物业 何师傅", ""], "owner": ["", ""], "due": [(TODAY + timedelta(30)).isoformat(), ""],
        "planned": ["4,800", ""], "once": str(uuid4()),
    }  # fmt: skip
    return values | more


def written(app: Any, staff: Neighbour, matter: str) -> str:
    """The resolution's id."""
    answer = staff.post(f"/desk/matters/{matter}/resolutions", the_text())
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.rsplit("/", 1)[1]


def posted(app: Any, staff: Neighbour, matter: str, **more: Any) -> str:
    """The posting's id."""
    values = {"starts": TODAY.isoformat(), "days": "15", "place": "3 号楼公开栏", "how_to_object": "打电话 8555 0118"}
    answer = staff.post(f"/desk/matters/{matter}/postings", values | more)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.rsplit("/", 1)[1]


def rows(app: Any, model: Any) -> int:
    with inside(app, HOME):
        return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.fixture
def shuji(browse: Any) -> Neighbour:
    return browse(HOME, "shuji")


def test_the_form_is_filled_in_from_the_vote(app, shuji):
    matter = decided(app)
    page = shuji.get(f"/desk/matters/{matter}/resolution-draft").get_data(as_text=True)
    assert "关于增设共享晾衣架的决议" in page
    assert "应到 15 人，到会 11 人" in page


def test_the_check_shows_the_paper_and_writes_nothing(app, shuji):
    matter = decided(app)
    answer = shuji.post(f"/desk/matters/{matter}/resolution-draft", the_text())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "应到 15 人，到会 11 人：赞成 10 票，反对 0 票，弃权 1 票。至少要 6 票赞成，通过。" in page
    assert (rows(app, Resolution), rows(app, Commitment)) == (0, 0)
    back = shuji.post(f"/desk/matters/{matter}/resolution-draft", the_text(back="1")).get_data(as_text=True)
    assert "在 3 号楼前增设 5 组共享晾衣架。" in back


def test_more_rows_keep_what_is_typed(app, shuji):
    matter = decided(app)
    page = shuji.post(f"/desk/matters/{matter}/resolution-draft", the_text(more="1")).get_data(as_text=True)
    assert page.count('name="what"') == 5
    assert "安装 5 组晾衣架" in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"words": ""}, "「决议内容」要填"),
        ({"title": "长" * 100_000}, "最多 60 个字"),
        ({"words": "𬱖㛃䶮" * 40_000}, "最多 5000 个字"),
        ({"what": [""], "who": [""], "owner": [""], "due": [""], "planned": [""]}, "至少写一项"),
        ({"due": ["下周", ""]}, "2026-07-06"),
        ({"due": ["", ""]}, "写上哪天办完"),
        ({"planned": ["很多", ""]}, "第 1 项任务：预算写数字"),
        ({"owner": [str(uuid4()), ""]}, "不在名单里"),
    ],
)
def test_wrong_input_is_told_and_kept_and_writes_nothing(app, shuji, wrong, says):
    matter = decided(app)
    for door in ("resolution-draft", "resolutions"):
        answer = shuji.post(f"/desk/matters/{matter}/{door}", the_text(**wrong))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert says in page
        assert "小板凳议事屋" in page
    assert rows(app, Resolution) == 0


def test_a_draft_sent_back_for_want_of_a_task_has_lines_to_write_it_on(app, shuji):
    matter = decided(app)
    none = {name: [""] for name in ("what", "who", "owner", "due", "planned")}
    for door in ("resolution-draft", "resolutions"):
        page = shuji.post(f"/desk/matters/{matter}/{door}", the_text(**none)).get_data(as_text=True)
        assert page.count('name="what"') == 4


def test_a_day_before_anybody_may_begin_is_pointed_out(app, shuji):
    matter, told = decided(app), "还没开始就到期了"
    for days, early in ((7, True), (8, False)):
        due = [(TODAY + timedelta(days)).isoformat(), ""]
        page = shuji.post(f"/desk/matters/{matter}/resolution-draft", the_text(due=due)).get_data(as_text=True)
        assert (told in page) is early
        assert shuji.post(f"/desk/matters/{matter}/resolutions", the_text(due=due)).status_code == 303
        assert (told in shuji.get(f"/desk/matters/{matter}/posting-draft").get_data(as_text=True)) is early


def test_who_writes_it_anew_begins_with_what_stood_there(app, shuji):
    matter = decided(app)
    written(app, shuji, matter)
    page = shuji.get(f"/desk/matters/{matter}/resolution-draft").get_data(as_text=True)
    for kept in ("增设共享晾衣架的决议", "6 月 1 日议事会表决", "在 3 号楼前增设 5 组共享晾衣架。", "安装 5 组晾衣架",
                 "物业 何师傅", (TODAY + timedelta(30)).isoformat(), 'value="4800"'):  # fmt: skip
        assert kept in page
    assert page.count('name="what"') == 4


def test_the_way_to_the_board_begins_with_writing_it_down(app, shuji):
    matter = decided(app)
    panel = shuji.get(f"/desk/matters/{matter}").get_data(as_text=True)
    assert re.search(r'btn-brand[^>]*resolution-draft">.*写决议</a>', panel)
    written(app, shuji, matter)
    assert "写决议</a>" not in shuji.get(f"/desk/matters/{matter}").get_data(as_text=True)
    posting = posted(app, shuji, matter)
    assert "就自动开始办，不用再点什么" in shuji.get(f"/desk/postings/{posting}").get_data(as_text=True)


def test_a_double_click_numbers_one_resolution(app, shuji):
    matter, text = decided(app), the_text()
    first, second = (shuji.post(f"/desk/matters/{matter}/resolutions", text) for _click in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert rows(app, Resolution) == 1


def test_everybody_reads_the_resolution_and_takes_the_paper_home(app, shuji, browse):
    resolution = written(app, shuji, decided(app))
    page = browse(HOME).get(f"/resolutions/{resolution}").get_data(as_text=True)
    assert f"南盐道议决〔{TODAY.year}〕1号" in page
    assert "协商意见" in page
    assert browse(HOME).get(f"/resolutions/{resolution}/paper").status_code == 200
    paper = browse(HOME).get(f"/resolutions/{resolution}/paper.docx")
    name = unquote(re.search(r"filename\*=UTF-8''(\S+)", paper.headers["Content-Disposition"])[1])
    assert name == f"{TODAY.isoformat()}_南盐道_决议书_001_v1.docx"
    text = "\n".join(line.text for line in Document(BytesIO(paper.data)).paragraphs)
    assert "在 3 号楼前增设 5 组共享晾衣架。" in text
    assert f"南盐道议决〔{TODAY.year}〕1号" in text


def test_a_private_settlement_is_nobody_elses_business(app, shuji, browse):
    matter = decided(app, ballot=False, visibility="parties", track="mediation")
    resolution = written(app, shuji, matter)
    for door in ("", "/paper", "/paper.docx"):
        assert browse(HOME).get(f"/resolutions/{resolution}{door}").status_code == 404
    assert shuji.get(f"/resolutions/{resolution}").status_code == 200
    assert "不公示" in shuji.get(f"/desk/matters/{matter}/posting-draft").get_data(as_text=True)
    assert shuji.post(f"/desk/matters/{matter}/postings", {}).status_code == 303
    assert rows(app, Posting) == 0
    with inside(app, HOME):
        assert db.session.scalar(select(Matter.stage)) == "implementing"


def test_without_a_resolution_the_page_says_what_is_missing(app, shuji):
    matter = decided(app)
    page = shuji.get(f"/desk/matters/{matter}/posting-draft").get_data(as_text=True)
    assert "决议正文" in page
    assert "谁来办，哪天办完" in page


def test_a_posting_hangs_with_its_clock_in_words(app, shuji, browse):
    matter = decided(app)
    written(app, shuji, matter)
    answer = shuji.post(
        f"/desk/matters/{matter}/postings", {"starts": TODAY.isoformat(), "days": "14", "place": "门口"}
    )
    assert answer.status_code == 422
    assert "至少挂 15 天" in answer.get_data(as_text=True)
    posting = posted(app, shuji, matter)
    page = browse(HOME).get(f"/postings/{posting}").get_data(as_text=True)
    assert "今天贴出" in page
    assert "天可以提意见" in page
    assert f"公示-南盐道-{TODAY.year}-001" in browse(HOME).get("/postings").get_data(as_text=True)
    sheet = browse(HOME).get(f"/postings/{posting}/paper").get_data(as_text=True)
    assert f"http://{HOME}.yard.test/postings/{posting}" in sheet
    assert 'class="qr"' in sheet
    paper = browse(HOME).get(f"/postings/{posting}/paper.docx")
    assert Document(BytesIO(paper.data)).inline_shapes


def test_an_objection_is_heard_answered_and_only_then_shown(app, shuji, browse):
    matter = decided(app)
    written(app, shuji, matter)
    posting = posted(app, shuji, matter)
    someone, said = browse(HOME), {"words": "离窗户太近，晒不着太阳。", "contact": "13800000000", "once": str(uuid4())}
    for _click in range(2):
        assert someone.post(f"/postings/{posting}/objections", said).status_code == 303
    assert rows(app, Objection) == 1
    assert "离窗户太近" not in someone.get(f"/postings/{posting}").get_data(as_text=True)
    page = shuji.get(f"/desk/postings/{posting}").get_data(as_text=True)
    assert "13800000000" in page
    with inside(app, HOME):
        objection = db.session.scalar(select(Objection.id))
    empty = shuji.post(f"/desk/objections/{objection}/replies", {"reply": " ", "upheld": "no"})
    assert empty.status_code == 422
    assert (
        shuji.post(f"/desk/objections/{objection}/replies", {"reply": "往东挪两米。", "upheld": "no"}).status_code
        == 303
    )
    assert shuji.post(f"/desk/objections/{objection}/replies", {"reply": "再答。", "upheld": "no"}).status_code == 409
    page = someone.get(f"/postings/{posting}").get_data(as_text=True)
    assert "往东挪两米。" in page
    assert "13800000000" not in page


def test_an_upheld_objection_takes_everything_down(app, shuji, browse):
    matter = decided(app)
    written(app, shuji, matter)
    posting = posted(app, shuji, matter)
    browse(HOME).post(f"/postings/{posting}/objections", {"words": "挡了消防通道。"})
    with inside(app, HOME):
        objection = db.session.scalar(select(Objection.id))
    shuji.post(f"/desk/objections/{objection}/replies", {"reply": "您说得对。", "upheld": "yes"})
    url = f"/desk/matters/{matter}/posting-reversals"
    assert shuji.post(url, {"reason": ""}).status_code == 409
    assert shuji.post(url, {"reason": "挡了消防通道"}).status_code == 303
    assert shuji.get("/desk/postings").get_data(as_text=True).count("已撤下") == 1
    late = browse(HOME).post(f"/postings/{posting}/objections", {"words": "还有一句。"})
    assert late.status_code == 422
    assert "已经收下来了" in late.get_data(as_text=True)


def test_bad_objections_write_nothing(app, shuji, browse):
    matter = decided(app)
    written(app, shuji, matter)
    posting = posted(app, shuji, matter)
    for words in ("", " ", "长" * 100_000):
        assert browse(HOME).post(f"/postings/{posting}/objections", {"words": words}).status_code == 422
    assert rows(app, Objection) == 0


def test_who_may_not_write(app, browse):
    matter = decided(app)
    for login in ("xiaoli", "yishi1", "jiandu"):
        assert browse(HOME, login).post(f"/desk/matters/{matter}/resolutions", the_text()).status_code == 403
    assert browse(HOME).post(f"/desk/matters/{matter}/resolutions", the_text()).status_code == 302
    assert rows(app, Resolution) == 0


def test_the_neighbour_knocks_in_vain(app, shuji, browse):
    matter = decided(app)
    resolution = written(app, shuji, matter)
    posting = posted(app, shuji, matter)
    browse(HOME).post(f"/postings/{posting}/objections", {"words": "再想想。"})
    with inside(app, HOME):
        objection = db.session.scalar(select(Objection.id))
    next_door = browse(NEXT, "shuji")
    for url in (
        f"/desk/matters/{matter}/resolution-draft", f"/resolutions/{resolution}", f"/resolutions/{resolution}/paper",
        f"/resolutions/{resolution}/paper.docx", f"/desk/matters/{matter}/posting-draft", f"/desk/postings/{posting}",
        f"/postings/{posting}", f"/postings/{posting}/paper", f"/postings/{posting}/paper.docx",
    ):  # fmt: skip
        assert next_door.get(url).status_code == 404, url
    for url, data in (
        (f"/desk/matters/{matter}/resolution-draft", the_text()), (f"/desk/matters/{matter}/resolutions", the_text()),
        (f"/desk/matters/{matter}/postings", {}), (f"/desk/matters/{matter}/posting-reversals", {"reason": "不"}),
        (f"/desk/objections/{objection}/replies", {"reply": "不", "upheld": "yes"}),
        (f"/desk/postings/{posting}/removals", {}), (f"/postings/{posting}/objections", {"words": "不"}),
    ):  # fmt: skip
        assert next_door.post(url, data).status_code == 404, url
    assert (rows(app, Resolution), rows(app, Posting), rows(app, Objection)) == (1, 1, 1)
    with inside(app, HOME):
        assert db.session.scalar(select(Objection.reply)) == ""
        assert db.session.scalar(select(Matter.stage)) == "publicized"


def test_the_list_of_postings_costs_the_same_for_twenty(app, shuji, count_queries):
    def fill(n: int) -> None:
        with inside(app, HOME):
            for _one in range(n):
                matter = carrying_out.decided(clock.now())
                carrying_out.write(matter, now=clock.now(), tasks=[("装", "物业", None, TODAY + timedelta(60), 0)])
                actions.publicize(matter, starts=TODAY, place="公开栏", by=staff(), now=clock.now())
            db.session.commit()

    fill(1)
    shuji.get("/desk/postings")
    with count_queries() as few:
        shuji.get("/desk/postings")
    fill(19)
    with count_queries() as many:
        assert shuji.get("/desk/postings").status_code == 200
    assert len(many) == len(few) <= 6


def test_the_matters_own_pages_lead_here(app, shuji, browse, count_queries):
    matter = decided(app)
    page = shuji.get(f"/desk/matters/{matter}?tab=resolution").get_data(as_text=True)
    assert f"/desk/matters/{matter}/resolution-draft" in page
    resolution = written(app, shuji, matter)
    assert f"/desk/matters/{matter}/posting-draft" in shuji.get(f"/desk/matters/{matter}").get_data(as_text=True)
    posting = posted(app, shuji, matter)
    page = shuji.get(f"/desk/matters/{matter}?tab=resolution").get_data(as_text=True)
    assert f"/resolutions/{resolution}" in page
    assert f"/desk/postings/{posting}" in page
    assert "安装 5 组晾衣架" in shuji.get(f"/desk/matters/{matter}?tab=tasks").get_data(as_text=True)
    for tab in ("resolution", "tasks", "review"):
        with count_queries() as seen:
            assert shuji.get(f"/desk/matters/{matter}?tab={tab}").status_code == 200
        assert len(seen) <= 8
    page = browse(HOME).get(f"/matters/{matter}").get_data(as_text=True)
    assert f"/resolutions/{resolution}" in page
    assert "公示期满就办" in page


def the_correction(**more: Any) -> dict[str, Any]:
    text = {**the_text(), "reason": "楼号写错了", "what": ["安装 5 组晾衣架"], "who": ["物业 何师傅"],
            "due": [(TODAY + timedelta(30)).isoformat()], "planned": ["4800"]}  # fmt: skip
    return {key: value for key, value in (text | more).items() if key != "owner"}


def test_signed_corrected_and_hung_anew(app, shuji, browse):
    matter = decided(app)
    first = written(app, shuji, matter)
    url = f"/desk/resolutions/{first}/correction"
    assert shuji.get(url).status_code == 409
    assert browse(HOME, "zhao").post(f"/desk/resolutions/{first}/signature", {}).status_code == 409
    assert "书记签发" in shuji.get(f"/resolutions/{first}").get_data(as_text=True)
    assert shuji.post(f"/desk/resolutions/{first}/signature", {}).status_code == 303
    posting = posted(app, shuji, matter)
    form = shuji.get(url).get_data(as_text=True)
    assert "公示接着挂" in form
    assert 'value="4800"' in form
    unsaid = shuji.post(url, the_correction(reason=" ", title="改过的题目"))
    assert unsaid.status_code == 422
    assert "改过的题目" in unsaid.get_data(as_text=True)
    assert browse(HOME, "zhao").get(url).status_code == 403
    assert browse(NEXT, "shuji").get(url).status_code == 404
    assert browse(NEXT, "shuji").post(url, the_correction()).status_code == 404
    slip = the_correction(title="关于增设共享晾衣架的决议")
    answers = [shuji.post(url, slip) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    second = answers[0].location.rsplit("/", 1)[1]
    page = browse(HOME).get(f"/resolutions/{second}").get_data(as_text=True)
    for words in ("第 2 版", "楼号写错了", "增设共享晾衣架的决议", "原来：", f"/resolutions/{first}"):
        assert words in page
    assert "看现在的第 2 版" in browse(HOME).get(f"/resolutions/{first}").get_data(as_text=True)
    name = unquote(browse(HOME).get(f"/resolutions/{second}/paper.docx").headers["Content-Disposition"])
    assert name.endswith("_决议书_001_v2.docx")
    assert "看更正后的第 2 版" in browse(HOME).get(f"/postings/{posting}").get_data(as_text=True)
    assert "打印第 2 版" in shuji.get(f"/desk/postings/{posting}").get_data(as_text=True)
    assert "第 2 版" in shuji.get(f"/postings/{posting}/paper?new=1").get_data(as_text=True)
    assert browse(NEXT, "shuji").post(f"/desk/postings/{posting}/new-papers", {}).status_code == 404
    assert shuji.post(f"/desk/postings/{posting}/new-papers", {}).status_code == 303
    assert "看更正后" not in browse(HOME).get(f"/postings/{posting}").get_data(as_text=True)
    plan = the_correction(title="关于增设共享晾衣架的决议", words="在 8 号楼前增设 5 组共享晾衣架。")
    changed = shuji.post(f"/desk/resolutions/{second}/correction", plan)
    assert changed.location.endswith(f"/desk/matters/{matter}/posting-draft")
    assert "去重新公示" in shuji.get(f"/desk/postings/{posting}").get_data(as_text=True)
    anew = posted(app, shuji, matter)
    assert "8 号楼" in browse(HOME).get(f"/postings/{anew}").get_data(as_text=True)
    assert rows(app, Posting) == 2


def test_the_larger_body_is_asked_step_by_step(app, shuji, browse, count_queries):
    matter = decided(app, power="residents")
    written(app, shuji, matter)
    url = f"/desk/matters/{matter}/ratification"
    assert "党组织先议" in shuji.get(url).get_data(as_text=True)
    study = {"organisation": "社区党委", "studied_on": "", "chaired_by": "张书记", "words": "同意提请。"}
    told = shuji.post(f"/desk/matters/{matter}/party-studies", study)
    assert told.status_code == 422
    assert "同意提请。" in told.get_data(as_text=True)
    day = {"studied_on": TODAY.isoformat(), "once": str(uuid4())}
    for _click in range(2):
        assert shuji.post(f"/desk/matters/{matter}/party-studies", study | day).status_code == 303
    ask = {"body": "reps", "question": "", "once": str(uuid4())}
    assert shuji.post(f"/desk/matters/{matter}/ratifications", ask).status_code == 422
    ask["question"] = "是否同意增设共享晾衣架？"
    for _click in range(2):
        assert shuji.post(f"/desk/matters/{matter}/ratifications", ask).status_code == 303
    page = shuji.get(url).get_data(as_text=True)
    assert "是否同意增设共享晾衣架？" in page
    assert "当场举手" in page
    assert shuji.post(f"/desk/matters/{matter}/ratification-polls", {"way": "sing"}).status_code == 422
    assert shuji.post(f"/desk/matters/{matter}/ratification-polls", {"way": "paper"}).status_code == 303
    assert shuji.post(f"/desk/matters/{matter}/ratification-results", {}).status_code == 422
    with count_queries() as seen:
        assert "去看表决" in shuji.get(url).get_data(as_text=True)
    assert len(seen) <= 12
    for door in ("party-studies", "ratifications", "ratification-polls", "ratification-drops", "ratification-results"):
        assert browse(NEXT, "shuji").post(f"/desk/matters/{matter}/{door}", {}).status_code == 404, door
        assert browse(HOME, "zhao").post(f"/desk/matters/{matter}/{door}", {}).status_code == 403, door
    assert browse(NEXT, "shuji").get(url).status_code == 404
    assert shuji.post(f"/desk/matters/{matter}/ratification-drops", {"reason": "换一个"}).status_code == 303
    with inside(app, HOME):
        assert db.session.scalar(select(Matter.stage)) == "ratifying"
