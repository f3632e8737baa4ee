"""Papers are read back from their bytes: the page, the fonts, the required words, and what people may have typed."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import pairwise

import pytest
from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn

from app.flow.decide.rules import LegalEffect, Quorum, Rule
from app.matter import numbers
from app.records.documents import (
    Agreed,
    Area,
    Attendee,
    Dissent,
    Invitation,
    Minutes,
    Option,
    Posting,
    Ratified,
    Resolution,
    Speech,
    Summary,
    Tally,
    Task,
    Topic,
    invitation_docx,
    minutes_docx,
    paper_filename,
    posting_docx,
    resolution_docx,
    summary_docx,
)
from app.records.documents.wording import EFFECTS, QUORUMS, RULES, chinese_ordinal, clean, full_date, full_time, yuan
from app.records.qr import qr_png

RARE = "𬱖㛃䶮"
# 19:00 in China.
EVENING = datetime(2026, 6, 5, 11, 0, tzinfo=UTC)

TALLY = Tally("council_majority", 15, 11, 10, 0, 1, "advisory", True, needed=6)
RESOLUTION = Resolution(
    issuer="南盐道社区小板凳议事屋",
    number="南盐道议决〔2026〕3号",
    matter_number="NYD20260012",
    matter_title="增设共享晾衣架5组",
    held_at=EVENING,
    place="室内小屋",
    chair=f"王{RARE}",
    basis=["《中华人民共和国城市居民委员会组织法》第三十二条", "《南盐道社区议事规则》"],
    text="在5栋楼前各装1组。\n由物业维护。",
    tally=TALLY,
    tasks=[Task("划线", "小李", date(2026, 6, 20)), Task("安装", "物业", date(2026, 7, 10), 480_050)],
    dissents=[Dissent("挡住了<窗户> & 光线", "改到东侧空地。", "7号楼居民")],
    convener=f"王{RARE}",
    signed_on=date(2026, 6, 8),
    posting_starts=date(2026, 6, 9),
    posting_ends=date(2026, 6, 24),
    objections_until=date(2026, 6, 16),
    attachments=["位置示意图", "三种方案的比较。"],
)
MINUTES = Minutes(
    issuer="南盐道社区小板凳议事屋",
    number="NYD-HY-2026-007",
    name="2026年第7次",
    starts_at=EVENING,
    ends_at=datetime(2026, 6, 5, 12, 40, tzinfo=UTC),
    place="室内小屋",
    chair="王书记",
    recorder="小李",
    eligible=15,
    present=[Attendee("甲", "物业"), Attendee("乙")],
    observers=[Attendee("赵主任", "街道办事处")],
    on_leave=[],
    topics=[
        Topic(
            "晾衣架放在哪里",
            [Speech("张阿姨", "楼前拉绳子不安全。", "5号楼"), Speech("物业", "我们来装。")],
            [Option("方案一", "固定式", 480_000, "党建专项经费"), Option("方案二", "折叠式")],
            "通过方案一。",
            TALLY,
            "NYD20260012",
        )
    ],
    signed_on=date(2026, 6, 7),
    tellers=["丙"],
    scrutineers=["丁"],
)
POSTING = Posting(
    issuer="南盐道社区居民委员会",
    number="公示-南盐道-2026-003",
    matter_number="NYD20260012",
    matter_title="增设共享晾衣架5组",
    plan="在5栋楼前各装1组。",
    starts_on=date(2026, 6, 9),
    ends_on=date(2026, 6, 24),
    objections_until=date(2026, 6, 16),
    phone="0311-0000 0000",
    letterbox="话匣子信箱",
    contact="小李",
    issued_on=date(2026, 6, 9),
    resolution_number="南盐道议决〔2026〕3号",
    money_fen=480_000,
    money_source="党建专项经费",
    qr_png=qr_png("http://nanyandao.localhost:8000/m/NYD20260012"),
    address="http://nanyandao.localhost:8000/m/NYD20260012",
)
INVITATION = Invitation(
    issuer="南盐道社区小板凳议事屋",
    number="邀-2026-031",
    expert="陈工",
    expert_unit="区建筑设计院",
    matter_number="NYD20260012",
    matter_title="增设共享晾衣架5组",
    brief="居民反映楼前拉绳晾衣不安全。",
    question="基础怎么做？",
    starts_at=EVENING,
    place="室内小屋",
    minutes=60,
    link="http://nanyandao.localhost:8000/e/7Q2K",
    link_expires_at=datetime(2026, 6, 10, 15, 59, tzinfo=UTC),
    contact="小李 0311-0000 0000",
    issued_on=date(2026, 5, 28),
    reply_by=date(2026, 6, 1),
)
SUMMARY = Summary(
    issuer="南盐道社区小板凳议事屋",
    number="南盐道议纪〔2026〕7号",
    name="2026年第7次",
    starts_at=EVENING,
    ends_at=datetime(2026, 6, 5, 12, 40, tzinfo=UTC),
    place="室内小屋",
    chair=f"王{RARE}",
    agreed=[Agreed("晾衣架放在哪里", "在5栋楼前各装1组。", "NYD20260012", "赞成10票，通过。"), Agreed("遛狗约定", "")],
    tasks=[Task("划线", "小李", date(2026, 6, 20))],
    present=[Attendee("甲", "物业"), Attendee(f"王{RARE}", "社区党委"), Attendee("乙", "物业"), Attendee("丙")],
    on_leave=[],
    observers=[Attendee("赵主任", "街道办事处")],
    signed_on=date(2026, 6, 7),
)
PAPERS = {
    "summary": summary_docx(SUMMARY),
    "resolution": resolution_docx(RESOLUTION),
    "minutes": minutes_docx(MINUTES),
    "posting": posting_docx(POSTING),
    "invitation": invitation_docx(INVITATION),
}


def read(data: bytes) -> DocumentType:
    return Document(BytesIO(data))


def words(data: bytes) -> str:
    """All text of a paper in order, tables included, one paragraph per line."""
    body = read(data).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


@pytest.mark.parametrize("name", PAPERS)
def test_page_is_the_national_standards(name: str) -> None:
    section = read(PAPERS[name]).sections[0]
    sizes = [round(length.mm) for length in (section.page_width, section.page_height)]
    margins = [
        section.top_margin.mm,
        section.left_margin.mm,
        section.right_margin.mm,
        section.bottom_margin.mm,
    ]
    assert sizes == [210, 297]
    assert margins == pytest.approx([37, 28, 26, 35], abs=0.05)
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch, space = int(grid.get(qn("w:linePitch"))) / 20, int(grid.get(qn("w:charSpace"))) / 4096
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert int(225 / 25.4 * 72 / pitch) == 22
    assert int(156 / 25.4 * 72 / (16 + space) + 0.01) == 28


@pytest.mark.parametrize(
    ("style", "font", "points"),
    [
        ("Normal", "仿宋", 16),
        ("PaperText", "仿宋", 16),
        ("Title", "方正小标宋简体", 22),
        ("heading 1", "黑体", 16),
        ("heading 2", "楷体", 16),
        ("footer", "宋体", 14),
    ],
)
def test_styles_name_their_east_asian_font(style: str, font: str, points: int) -> None:
    found = read(PAPERS["resolution"]).styles[style]
    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert found.font.size.pt == points


def test_lines_stand_29_points_apart_and_28_characters_fit() -> None:
    normal = read(PAPERS["resolution"]).styles["Normal"]
    assert normal.paragraph_format.line_spacing.pt == pytest.approx(29, abs=0.1)
    tightening = int(normal.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    line = 156 / 25.4 * 72
    assert 28 * (16 + tightening) - tightening <= line < 29 * (16 + tightening)


@pytest.mark.parametrize("name", PAPERS)
def test_no_theme_no_mincho_no_red_and_nothing_embedded(name: str) -> None:
    with zipfile.ZipFile(BytesIO(PAPERS[name])) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    text = b"".join(data for entry, data in parts.items() if entry.endswith((".xml", ".rels"))).decode()
    assert not [entry for entry in parts if "theme" in entry or "embed" in entry or entry.endswith((".ttf", ".odttf"))]
    assert not re.search(r"w:\w*Theme=|Mincho|明朝|w:color w:val|python-docx", text)
    assert "仿宋_GB2312" in parts["word/fontTable.xml"].decode(), "fallback fonts are named"
    for fonts in re.findall(r"<w:style w:type=\"paragraph\".*?</w:style>", parts["word/styles.xml"].decode(), re.S):
        assert 'w:eastAsia="' in fonts


def test_page_numbers_stand_outside() -> None:
    document = read(PAPERS["resolution"])
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        properties = footer.paragraphs[0]._p.pPr
        assert properties.find(qn("w:jc")).get(qn("w:val")) == side
        assert properties.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"
        assert "PAGE" in "".join(i.text for i in footer.paragraphs[0]._p.iter(qn("w:instrText")))
        assert footer.paragraphs[0].text == "— 1 —"


def test_resolution_prints_every_required_part() -> None:
    text = words(PAPERS["resolution"])
    for part in (
        "南盐道议决〔2026〕3号",
        "关于增设共享晾衣架5组的决议",
        "NYD20260012",
        "2026年6月5日（星期五）19:00",
        "第三十二条",
        "议事会过半数通过",
        "即至少6票",
        "计算基数：表决时的到会人数，弃权和废票计入",
        "协商意见",
        "2026年7月10日",
        "4,800.50元",
        "挡住了<窗户> & 光线",
        "改到东侧空地。",
        "自2026年6月9日至2026年6月24日",
        "2026年6月16日前（含当日）",
        f"召集人（王{RARE}）签名",
        "附件：1.位置示意图",
    ):
        assert part in text, part
    count = read(PAPERS["resolution"]).tables[0]
    assert [[cell.text for cell in row.cells] for row in count.rows] == [
        ["应到", "到会", "同意", "反对", "弃权"],
        ["15人", "11人", "10", "0", "1"],
    ]


def test_resolution_parts_stand_in_the_order_of_the_field() -> None:
    text = words(PAPERS["resolution"])
    order = ["一、议定依据", "二、表决规则", "三、决议内容", "四、任务", "五、不同意见", "六、公示", "附件：", "召集人"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_attachment_names_end_without_a_stop() -> None:
    assert "2.三种方案的比较\n" in words(PAPERS["resolution"])


def test_seal_or_convener() -> None:
    sealed = words(resolution_docx(replace(RESOLUTION, sealed=True)))
    assert "（议事会盖章）" in sealed
    assert "签名" not in sealed
    assert "盖章" not in words(PAPERS["resolution"])


def test_date_is_four_characters_from_the_right() -> None:
    dated = [p for p in read(PAPERS["posting"]).paragraphs if p.text == "2026年6月9日"]
    assert dated[0]._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"


def test_private_settlement_says_that_it_is_not_posted() -> None:
    text = words(resolution_docx(replace(RESOLUTION, posting_starts=None, posting_ends=None, objections_until=None)))
    assert "不公示" in text


def test_silence_is_written_down() -> None:
    text = words(resolution_docx(replace(RESOLUTION, dissents=[], tasks=[])))
    assert "会上没有人提出不同意见。" in text
    assert "没有需要另行安排的任务" in text


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("effect", EFFECTS)
def test_every_rule_and_effect_can_be_printed(rule: str, effect: str) -> None:
    tally = Tally(rule, 40, 30, 20, 6, 4, effect, True)
    text = words(resolution_docx(replace(RESOLUTION, tally=tally)))
    for part in (RULES[rule].name, RULES[rule].base, EFFECTS[effect], "40", "30", "20"):
        assert part in text


def test_paper_knows_every_rule_effect_and_quorum_a_ballot_may_have() -> None:
    # A petition to convene is no decision and so never becomes a resolution.
    assert set(RULES) == set(Rule) - {Rule.CONVENE}
    assert set(EFFECTS) == set(LegalEffect)
    assert set(QUORUMS) == set(Quorum)


def test_a_charters_quorum_is_printed_but_never_where_the_law_fixes_it() -> None:
    council = replace(TALLY, quorum="two_thirds")
    assert "到会人数达到应到人数的三分之二" in words(resolution_docx(replace(RESOLUTION, tally=council)))
    reps = replace(TALLY, rule="reps_meeting", quorum="half")
    assert "到会人数达到应到人数的三分之二" in words(resolution_docx(replace(RESOLUTION, tally=reps)))


def test_owners_count_shows_areas_and_options_show_votes() -> None:
    area = Area(960_000, 691_200, 340_000, 300_000, 51_200)
    owners = Tally("owners_ordinary", 120, 88, 46, 30, 12, "owners_decision", False, area=area)
    text = words(resolution_docx(replace(RESOLUTION, tally=owners)))
    assert "9,600.00平方米" in text
    assert "3,400.00平方米" in text
    assert "未通过。" in text
    choice = Tally("multi_option", 90, 86, 0, 0, 0, "advisory", True, options=[("老照片", 58), ("家风", 28)])
    table = read(resolution_docx(replace(RESOLUTION, tally=choice))).tables[1]
    assert [cell.text for cell in table.rows[1].cells] == ["1", "老照片", "58"]


@pytest.mark.parametrize(
    "values",
    [
        ("council_majority", 15, 16, 10, 0, 0, "advisory"),
        ("council_majority", 15, 11, 10, 1, 1, "advisory"),
        ("council_majority", 15, 11, -1, 1, 1, "advisory"),
        ("thumbs_up", 15, 11, 10, 0, 1, "advisory"),
        ("council_majority", 15, 11, 10, 0, 1, "law"),
    ],
)
def test_a_paper_refuses_a_count_that_cannot_be(values: tuple) -> None:
    with pytest.raises(ValueError, match=r"present|votes|negative|unknown"):
        Tally(*values, passed=True)


def test_minutes_keep_who_came_and_who_said_what() -> None:
    text = words(PAPERS["minutes"])
    for part in (
        "NYD-HY-2026-007",
        "时间：2026年6月5日（星期五）19:00至20:40",
        "应到：15人",
        "实到：2人。甲（物业）、乙",
        "列席：1人。赵主任（街道办事处）",
        "请假：无",
        "张阿姨（5号楼）：楼前拉绳子不安全。",
        "党建专项经费",
        "未定",
        "通过方案一。",
        "记录人（小李）签名",
        "监票人（丁）签名",
        "计票人（丙）签名",
    ):
        assert part in text, part


def test_summary_lists_who_was_there_by_unit_and_carries_no_seal() -> None:
    text = words(PAPERS["summary"])
    for part in (
        "2026年第7次会议纪要", "南盐道议纪〔2026〕7号", "19:00至20:40", "一、晾衣架放在哪里（事项编号：NYD20260012）",
        "赞成10票，通过。", "本次没有议定。", "三、谁来办，哪天办完", "2026年6月20日",
        f"出席：物业　甲、乙\n社区党委　王{RARE}\n丙\n请假：无\n列席：街道办事处　赵主任",
    ):  # fmt: skip
        assert part in text, part
    assert "章" not in text
    first, second = (p for p in read(PAPERS["summary"]).paragraphs if "物业　甲" in p.text or "社区党委" in p.text)
    fonts = [run._r.rPr.rFonts.get(qn("w:eastAsia")) for run in first.runs]
    assert fonts == ["黑体", None], "the label names 黑体, the names keep the body's 仿宋"
    # 左空二字; what turns over stands under the first character after the colon, three characters further in.
    assert [first._p.pPr.ind.get(qn(f"w:{side}Chars")) for side in ("left", "hanging")] == ["500", "300"]
    assert [second._p.pPr.ind.get(qn(f"w:{side}Chars")) for side in ("left", "hanging")] == ["500", None]


def test_resolution_counts_each_question_and_the_larger_body() -> None:
    chosen = Tally(
        "multi_option", 90, 86, 0, 0, 0, "advisory", True, options=[("老照片", 58), ("家风", 28)], winner="老照片",
        question="用什么图案", channels={"online": 60, "paper": 26}, issued=40, returned=26,
    )  # fmt: skip
    tied = replace(chosen, question="放在哪里", winner="", tied=("楼前", "东门"), passed=False)
    owners = Tally(
        "owners_special", 120, 96, 75, 15, 6, "owners_decision", True, area=Area(960_000, 768_000, 600_000), needed=72,
        item="第（八）项",
    )  # fmt: skip
    ratified = Ratified("业主大会", date(2026, 6, 28), (owners,), "社区党委", date(2026, 6, 10))
    paper = replace(
        RESOLUTION, more_tallies=(chosen, tied), ratified=ratified, version=2, correction="写入大会的结果",
        corrected_on=date(2026, 6, 28), title="关于晾衣架的决议",
    )  # fmt: skip
    data = resolution_docx(paper)
    text = words(data)
    for part in (
        "关于晾衣架的决议", "第2版：2026年6月28日，写入大会的结果",
        "（二）用什么图案", "结果：通过，选定老照片。", "发出40张，收回26张，未收回14张", "网上60张，纸质26张",
        "楼前、东门并列第一，再投一轮", "三、业主大会的决定", "2026年6月10日，社区党委先行研究",
        "第二百七十八条第（八）项", "即至少72人", "6,000.00平方米", "四、决议内容",
    ):  # fmt: skip
        assert part in text, part
    body = list(read(data).element.body)
    assert not any(a.tag == b.tag == qn("w:tbl") for a, b in pairwise(body)), "Word joins such tables"
    said = Tally("consensus", 5, 4, 3, 0, 0, "advisory", True, conditional=1, unreached=1)
    heads = [cell.text for cell in read(resolution_docx(replace(RESOLUTION, tally=said))).tables[0].rows[0].cells]
    assert heads == ["应征询", "已答复", "同意", "有条件同意", "反对", "未联系上"]


def test_a_usual_posting_fits_one_sheet() -> None:
    paper = read(posting_docx(replace(POSTING, tasks=["安装5组晾衣架：物业何师傅，2026年7月10日前办完。"])))
    lines = sum(max(1, -(-(len(p.text) + 2) // 28)) for p in paper.paragraphs)
    # The code is 32 mm high and its caption one line: five lines of the page's twenty-two.
    assert lines + 5 <= 22


def test_posting_says_how_to_object_and_carries_the_code() -> None:
    text = words(PAPERS["posting"])
    for part in ("公示-南盐道-2026-003", "4,800元", "党建专项经费", "0311-0000 0000", "话匣子信箱", "小李", "扫码"):
        assert part in text, part
    assert len(read(PAPERS["posting"]).inline_shapes) == 1
    photo = posting_docx(replace(POSTING, photo=POSTING.qr_png, photo_on=date(2026, 6, 9)))
    assert len(read(photo).inline_shapes) == 2
    assert "张贴情况（2026年6月9日拍摄）" in words(photo)


def test_invitation_asks_one_question_and_states_the_pay() -> None:
    text = words(PAPERS["invitation"])
    for part in (
        "邀-2026-031",
        "区建筑设计院　陈工老师：",
        "基础怎么做？",
        "大约60分钟",
        "http://nanyandao.localhost:8000/e/7Q2K",
        "2026年6月10日（星期三）23:59失效",
        "公益服务，不付报酬",
        "回执",
    ):
        assert part in text, part
    assert "200元" in words(invitation_docx(replace(INVITATION, fee_fen=20_000)))


@pytest.mark.parametrize(
    "hostile", ["\x00a\x0bb\x1f", "\ud800x", "\ufffe\uffff", "\u202e反\u202c", "]]><w:p/>&amp;", "\r\n\t"]
)
def test_hostile_text_is_cleaned_and_the_rest_survives(hostile: str) -> None:
    data = resolution_docx(
        replace(
            RESOLUTION,
            matter_title=f"{hostile}{RARE}",
            text=f"{hostile}{RARE}<script>",
            place=hostile,
            tasks=[Task(f"{hostile}{RARE}", hostile, date(2026, 6, 20))],
            attachments=[hostile],
        )
    )
    text = words(data)
    assert text.count(RARE) >= 4
    assert f"{RARE}<script>" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u202e]", text)


def test_clean_keeps_what_names_are_made_of() -> None:
    kept = "𬱖㛃䶮 葛\U000e0100 e\u0301 👨\u200d👩"
    assert clean(kept) == kept


def test_very_long_text_is_printed_whole() -> None:
    assert words(resolution_docx(replace(RESOLUTION, text="长" * 100_000))).count("长") >= 100_000


def test_the_same_paper_has_the_same_bytes() -> None:
    assert resolution_docx(RESOLUTION) == PAPERS["resolution"]
    core = read(PAPERS["resolution"]).core_properties
    assert core.author == "南盐道社区小板凳议事屋"
    assert core.created.date() == date(2026, 6, 8)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        full_time(datetime(2026, 6, 5, 19, 0))


def test_wording() -> None:
    assert full_date(date(2026, 6, 5)) == "2026年6月5日"
    assert [yuan(fen) for fen in (0, 5, 480_000, -150)] == ["0元", "0.05元", "4,800元", "-1.50元"]
    assert [chinese_ordinal(n) for n in (1, 10, 11, 20, 21, 99)] == ["一", "十", "十一", "二十", "二十一", "九十九"]


def test_file_names() -> None:
    day = date(2026, 6, 5)
    assert paper_filename(day, "南盐道", "议事纪要", 7, 1) == "2026-06-05_南盐道_议事纪要_007_v1.docx"
    name = paper_filename(day, '南/盐\\道:*?"<>|', "..决议\n书\x00", "南盐道议决〔2026〕3号", 2)
    assert name == "2026-06-05_南盐道_决议书_南盐道议决〔2026〕3号_v2.docx"
    for community in ("长" * 200, "𬱖" * 200):
        name = paper_filename(day, community, "会议记录" * 30, 7, 12)
        assert len(name) <= 80
        assert len(name.encode()) <= 255
        assert name.startswith("2026-06-05_")
        assert name.endswith("_007_v12.docx")


def test_numbers() -> None:
    assert numbers.matter_number("NYD", 2026, 12) == "NYD20260012"
    assert numbers.matter_number("NYD", 2026, 12345) == "NYD202612345"
    assert numbers.resolution_number("南盐道", 2026, 3) == "南盐道议决〔2026〕3号"
    assert numbers.minutes_number("NYD", 2026, 7) == "NYD-HY-2026-007"
    assert numbers.minutes_summary_number("南盐道", 2026, 7) == "南盐道议纪〔2026〕7号"
    assert numbers.posting_number("南盐道", 2026, 3) == "公示-南盐道-2026-003"
    assert numbers.invitation_number(2026, 31) == "邀-2026-031"


@pytest.mark.parametrize(("code", "year", "n"), [("N", 2026, 1), ("nyd", 2026, 1), ("NYD", 26, 1), ("NYD", 2026, 0)])
def test_impossible_numbers_are_refused(code: str, year: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"code|year|start at 1"):
        numbers.matter_number(code, year, n)
