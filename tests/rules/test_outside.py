"""Letters of request and departmental tasks: who may send one, where it stands, what may follow; and the paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document

from app.matter import outside_rules as rules
from app.matter.levels import Escalation
from app.matter.lights import Colour
from app.matter.numbers import letter_number, task_number
from app.matter.outside_rules import Facts, State
from app.matter.situation import Level, Stage
from app.matter.workdays import Calendar
from app.people.roles import Role
from app.records.documents.letter import Letter, letter_docx, organ_of

E = Escalation

SENT, DUE = date(2026, 6, 1), date(2026, 6, 22)


@dataclass(frozen=True)
class Line:
    kind: str
    day: date = SENT


@dataclass(frozen=True)
class Sent:
    sent_on: date = SENT
    reply_due: date = DUE


@pytest.mark.parametrize(
    ("kinds", "state", "waits", "may"),
    [
        ((), State.SENT, True, {"received", "reminded", "visited", "replied", "closed", "void"}),
        (("received",), State.RECEIVED, True, {"reminded", "visited", "replied", "closed", "void"}),
        (("reminded", "received", "reminded"), State.RECEIVED, True, {"reminded", "visited", "replied", "closed",
                                                                      "void"}),
        (("received", "visited", "replied"), State.REPLIED, False, {"visited", "closed"}),
        (("received", "replied", "closed"), State.CLOSED, False, set()),
        (("void",), State.VOID, False, set()),
    ],
)  # fmt: skip
def test_where_a_letter_stands(kinds: tuple[str, ...], state: State, waits: bool, may: set[str]) -> None:
    facts = rules.standing(Sent(), [Line(kind) for kind in kinds])
    assert (facts.state, facts.waits, rules.allowed(facts)) == (state, waits, may)
    assert facts.reminders == kinds.count("reminded")
    for kind in rules.EVENT_LABELS:
        verdict = rules.may_note(facts, kind, Role.STREET_SUPERVISOR, day=SENT, words="说清楚", sent_on=SENT, today=DUE)
        assert bool(verdict) is (kind in may)
        assert not rules.may_note(facts, kind, Role.SECRETARY, day=SENT, words="说清楚", sent_on=SENT, today=DUE)


@pytest.mark.parametrize(
    ("kind", "words", "day", "fine"),
    [
        ("received", "", SENT, True), ("reminded", "", DUE, True), ("replied", " ", DUE, False),
        ("visited", "", DUE, False), ("void", "", DUE, False), ("replied", "同意", DUE + timedelta(1), False),
        ("replied", "同意", SENT - timedelta(1), False), ("replied", "长" * 1001, DUE, False),
    ],
)  # fmt: skip
def test_what_a_line_needs(kind: str, words: str, day: date, fine: bool) -> None:
    facts = rules.standing(Sent(), [])
    found = rules.may_note(facts, kind, Role.STREET_ADMIN, day=day, words=words, sent_on=SENT, today=DUE)
    assert bool(found) is fine


@pytest.mark.parametrize(
    ("kind", "unit", "level", "request_", "stage", "fine"),
    [
        ("letter", "external", Level.COMMUNITY, E.ASKED, Stage.SURVEYING, True),
        ("task", "department", Level.STREET, None, Stage.IMPLEMENTING, True),
        ("letter", "external", Level.EXTERNAL, E.ANSWERED, Stage.IMPLEMENTING, True),
        ("letter", "department", Level.STREET, E.TAKEN, Stage.SURVEYING, False),
        ("task", "external", Level.STREET, E.TAKEN, Stage.SURVEYING, False),
        ("letter", "external", Level.COMMUNITY, None, Stage.SURVEYING, False),
        ("letter", "external", Level.COMMUNITY, E.SENT_BACK, Stage.SURVEYING, False),
        ("letter", "external", Level.STREET, E.TAKEN, Stage.CLOSED, False),
    ],
)
def test_to_whom_the_street_writes(
    kind: str, unit: str, level: Level, request_: E | None, stage: Stage, fine: bool
) -> None:
    asked = {"stage": stage, "level": level, "request": request_, "retired": False}
    assert bool(rules.may_send(kind, unit, roles=Role.STREET_SUPERVISOR, **asked)) is fine
    assert not rules.may_send(kind, unit, roles=Role.SECRETARY, **asked)
    assert not rules.may_send(kind, unit, roles=Role.STREET_SUPERVISOR, **(asked | {"retired": True}))


def test_days_lights_and_second_letters() -> None:
    today = DUE + timedelta(days=1)
    assert rules.good_days(SENT, DUE, today)
    late_reply, long_ago = SENT + timedelta(367), SENT - timedelta(400)
    for sent, due in ((None, DUE), (SENT, None), (today + timedelta(1), DUE), (DUE, SENT), (SENT, late_reply),
                      (long_ago, DUE)):  # fmt: skip
        assert not rules.good_days(sent, due, today)
    waiting = rules.standing(Sent(), [])
    lamp = rules.light_of(Sent(), waiting, today, Calendar())
    assert lamp is not None
    assert (lamp.colour, lamp.overdue, waiting.is_late(today), waiting.is_late(DUE)) == (Colour.RED, 1, True, False)
    assert rules.light_of(Sent(), rules.standing(Sent(), [Line("replied")]), today, Calendar()) is None
    assert rules.may_follow(waiting, today, same_unit=True)
    assert not rules.may_follow(waiting, today, same_unit=False)
    assert not rules.may_follow(waiting, DUE, same_unit=True)
    assert rules.may_follow(Facts(State.REPLIED, DUE), DUE, same_unit=True)
    assert not rules.may_follow(Facts(State.CLOSED, DUE), today, same_unit=True)
    followed = rules.standing(Sent(), [], followed=True)
    assert not followed.waits
    assert not rules.may_follow(followed, today, same_unit=True)


def test_the_paper_of_a_second_letter() -> None:
    assert (letter_number("中街", 2026, 3), task_number("中街", 2026, 3)) == (
        "中街函〔2026〕3号",
        "中街交办〔2026〕3号",
    )
    letter = Letter(
        issuer=organ_of("中华大街街道"), number="中街函〔2026〕3号", kind="letter", to="铁路部门",
        subject="整治涵洞积水", words="涵洞一下雨就积水。\n请派人来看。", sent_on=SENT, reply_due=DUE, contact="赵主任",
        first_number="中街函〔2026〕1号", first_sent_on=date(2026, 5, 4),
    )  # fmt: skip
    paper = Document(BytesIO(letter_docx(letter)))
    section = paper.sections[0]
    head = section.first_page_header
    assert [p.text for p in head.paragraphs] == ["中华大街街道办事处", "中街函〔2026〕3号"]
    assert section.different_first_page_header_footer
    assert round(section.header_distance.mm) == 30
    assert 'w:val="thickThinSmallGap"' in head._element.xml
    assert 'w:val="thinThickSmallGap"' in section.first_page_footer._element.xml
    assert "PAGE" not in section.first_page_footer._element.xml
    assert [p.text for p in paper.paragraphs if p.text] == [
        "关于再次商请整治涵洞积水的函", "铁路部门：",
        "我单位2026年5月4日以中街函〔2026〕1号就此事函商贵单位，事情还没有办结，现再次致函。", "涵洞一下雨就积水。",
        "请派人来看。", "专此函商，请予支持，并请于2026年6月22日前函复。", "中华大街街道办事处", "2026年6月1日",
        "（联系人：赵主任）",
    ]  # fmt: skip
    assert letter_docx(letter) == letter_docx(letter)
