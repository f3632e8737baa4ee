"""What a template is tried on: one paper of each kind with made-up content, and an empty file to begin from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from app.records.documents.letterhead import BODY, DAY, NUMBER, SIGNED, TITLE
from app.records.documents.minutes import Attendee, Minutes, Option, Speech, Topic, minutes_docx
from app.records.documents.notice import Posting, posting_docx
from app.records.documents.order import Line, Order, order_docx
from app.records.documents.page import Paper
from app.records.documents.parts import Dissent, Tally, Task
from app.records.documents.report import Kpi, Part, Report, report_docx
from app.records.documents.resolution import Resolution, resolution_docx
from app.records.documents.summary import Agreed, Summary, summary_docx

_ISSUER, _PLACE = "示例社区居民议事会", "社区议事屋"
_BEGAN, _ENDED = datetime(2026, 6, 5, 11, 0, tzinfo=UTC), datetime(2026, 6, 5, 12, 30, tzinfo=UTC)
_MATTER, _NUMBER = "增设共享晾衣架", "SL20260012"
_PLAN = "在3号楼前增设共享晾衣架5组，由物业负责日常维护，居民不交费。"
_TALLY = Tally("council_majority", 17, 13, 10, 2, 1, "advisory", True, needed=7)
_TASKS = (
    Task("选定位置并划线", "网格员 小李", date(2026, 6, 20)),
    Task("安装5组晾衣架", "物业", date(2026, 7, 10), 480_000),
)
_PEOPLE = (Attendee("张书记", "社区党委"), Attendee("何经理", "物业"), Attendee("王阿姨", "居民代表"))


def _minutes(template: bytes | None) -> bytes:
    said = [
        Speech("王阿姨", "楼前拉绳子晾衣服不安全。", "居民代表"),
        Speech("何经理", "可以由我们装，也由我们修。", "物业"),
    ]
    options = [Option("方案一", "固定式5组", 480_000, "党建专项经费"), Option("方案二", "折叠式10组")]
    topic = Topic("晾衣架放在哪里", said, options, "通过方案一。", _TALLY, _NUMBER)
    paper = Minutes(
        _ISSUER, "SL-HY-2026-007", "2026年第7次", _BEGAN, _ENDED, _PLACE, "张书记", "小李", 17, _PEOPLE, (), (),
        [topic], date(2026, 6, 7), tellers=["何经理"], scrutineers=["王阿姨"],
    )  # fmt: skip
    return minutes_docx(paper, template=template)


def _summary(template: bytes | None) -> bytes:
    agreed = [Agreed(_MATTER, _PLAN, _NUMBER, "应到17人，到会13人，赞成10票，反对2票，弃权1票，通过。")]
    paper = Summary(
        _ISSUER, "示例议纪〔2026〕7号", "2026年第7次", _BEGAN, _ENDED, _PLACE, "张书记", agreed, _TASKS, _PEOPLE, (),
        [Attendee("赵主任", "街道办事处")], date(2026, 6, 7),
    )  # fmt: skip
    return summary_docx(paper, template=template)


def _resolution(template: bytes | None) -> bytes:
    paper = Resolution(
        _ISSUER, "示例议决〔2026〕3号", _NUMBER, _MATTER, _BEGAN, _PLACE, "张书记", ["2026年6月5日议事会的表决"], _PLAN,
        _TALLY, _TASKS, [Dissent("离窗户太近。", "往东挪两米。")], "张书记", date(2026, 6, 8), date(2026, 6, 9),
        date(2026, 6, 24), date(2026, 6, 16), sealed=True, contact="示例社区，0311-0000 0000",
    )  # fmt: skip
    return resolution_docx(paper, template=template)


def _notice(template: bytes | None) -> bytes:
    paper = Posting(
        _ISSUER, "公示-示例-2026-003", _NUMBER, _MATTER, _PLAN, date(2026, 6, 9), date(2026, 6, 24), date(2026, 6, 16),
        "0311-0000 0000", _PLACE, "小李", date(2026, 6, 9), "示例议决〔2026〕3号", 480_000, "党建专项经费",
    )  # fmt: skip
    return posting_docx(paper, template=template)


def _order(template: bytes | None) -> bytes:
    paper = Order(
        _ISSUER, "示例督〔2026〕3号", "supervise", _NUMBER, _MATTER, "物业 何经理", "一周里把5组晾衣架装好。",
        date(2026, 7, 17), date(2026, 7, 10), "小李", "示例社区，0311-0000 0000", task=_TASKS[1].what,
        resolution_number="示例议决〔2026〕3号", light="red",
        lines=[Line(_BEGAN, "何经理", "说进展", "支架到货，周六装。")], signed_by="何经理", signed_at=_BEGAN,
    )  # fmt: skip
    return order_docx(paper, template=template)


def _report(template: bytes | None) -> bytes:
    paper = Report(
        _ISSUER, "示例议月报2026-06", "居民议事协商工作月报（2026年6月）", date(2026, 6, 1), date(2026, 6, 30),
        date(2026, 7, 2), _BEGAN,
        [Part("基本情况", f"受理12件，办结9件。其中「{_MATTER}」见附件。"), Part("主要指标", kind="table")],
        [Kpi("K3", "办结率", "9", "12", "75%", "办结 ÷（期初在办＋受理－转办撤回并案终止）")], draft=False,
    )  # fmt: skip
    return report_docx(paper, template=template)


SAMPLES: dict[str, Callable[[bytes | None], bytes]] = {
    "minutes": _minutes, "summary": _summary, "resolution": _resolution, "notice": _notice, "order": _order,
    "report": _report,
}  # fmt: skip


def sample(kind: str, template: bytes | None = None) -> bytes:
    """A made-up paper of this kind, on ``template`` where one is given."""
    return SAMPLES[kind](template)


def starter() -> bytes:
    """An empty paper with our page and every mark in its place, to put a letterhead on in Word."""
    paper = Paper(title="模板", issuer="", day=date(2026, 1, 1))
    paper.title(TITLE, number=NUMBER)
    paper.text(BODY)
    paper.closing(SIGNED, DAY)
    return paper.bytes()
