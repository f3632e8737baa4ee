"""The parts papers share: how a count is shown, who does what by when, who disagreed and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.records.documents.page import Paper
from app.records.documents.wording import (
    CHANNELS,
    CHARTER_RULES,
    EFFECTS,
    QUORUMS,
    RULES,
    chinese_ordinal,
    full_date,
    one_line,
    square_metres,
    yuan,
)


@dataclass(frozen=True)
class Area:
    """Floor areas behind an owners' vote, each in integer 0.01 m²; None where a count kept only those in favour."""

    eligible: int
    present: int
    yes: int
    no: int | None = None
    abstain: int | None = None


@dataclass(frozen=True)
class Tally:
    """A count as it stands on paper. The judgement is the rule's; a paper only repeats it.

    ``rule`` and ``effect`` are the identifiers of domain.md §3. ``eligible`` is N (应到, issued or asked), ``present``
    is P (到会, returned or answered). ``conditional`` and ``unreached`` belong to ``consensus`` and ``solicitation``.
    ``options`` holds the count of each choice of ``multi_option``, most votes first, ``winner`` the one chosen and
    ``tied`` those that go to a run-off. ``question`` is printed where a poll had several; ``channels`` is how many
    ballots came by each way, never who chose what. ``reps`` is R of R4. ``quorum`` is ``half`` or
    ``two_thirds`` as a council's charter asks; empty, or where the law fixes it, the rule's own words stand.
    ``needed`` is the smallest number of yes votes that passes.

    :raises ValueError: for an unknown rule or effect, and for counts that contradict each other.
    """

    rule: str
    eligible: int
    present: int
    yes: int
    no: int
    abstain: int
    effect: str
    passed: bool
    spoiled: int = 0
    conditional: int = 0
    unreached: int = 0
    area: Area | None = None
    options: Sequence[tuple[str, int]] = ()
    quorum: str = ""
    needed: int | None = None
    question: str = ""
    winner: str = ""
    tied: Sequence[str] = ()
    channels: Mapping[str, int] = field(default_factory=dict)
    issued: int = 0
    returned: int = 0
    reps: int = 0
    item: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"unknown decision rule {self.rule!r}")
        if self.effect not in EFFECTS:
            raise ValueError(f"unknown legal effect {self.effect!r}")
        if self.quorum and self.quorum not in QUORUMS:
            raise ValueError(f"unknown quorum {self.quorum!r}")
        counts = (self.eligible, self.present, self.yes, self.no, self.abstain, self.spoiled, self.conditional)
        if min(*counts, self.unreached) < 0:
            raise ValueError("a count is never negative")
        if self.present > self.eligible:
            raise ValueError(f"{self.present} present of {self.eligible} eligible")
        if sum(counts[2:]) > self.present:
            raise ValueError(f"{sum(counts[2:])} votes from {self.present} present")


@dataclass(frozen=True)
class Task:
    """One thing to do: what, who, by when; ``money_fen`` in fen when it costs something."""

    what: str
    who: str
    due: date
    money_fen: int | None = None


@dataclass(frozen=True)
class Dissent:
    """A view against the result, in the speaker's words, and the hall's answer to it."""

    view: str
    answer: str
    who: str = ""


def _columns(tally: Tally) -> list[tuple[str, str]]:
    unit = tally.unit or RULES[tally.rule].unit
    asked = tally.rule in ("consensus", "solicitation", "unanimous")
    first, second = ("应征询", "已答复") if asked else ("应到", "到会")
    if tally.rule in ("owners_ordinary", "owners_special", "household_ballot"):
        first, second = "总数", "参与表决"
    columns = [(first, f"{tally.eligible}{unit}"), (second, f"{tally.present}{unit}")]
    if not tally.options:
        columns.append(("同意", str(tally.yes)))
        if tally.rule == "consensus":
            columns.append(("有条件同意", str(tally.conditional)))
        columns.append(("反对", str(tally.no)))
        # Somebody asked by name answers or is not reached; there is no abstaining from what one signs.
        if not asked or tally.abstain:
            columns.append(("弃权", str(tally.abstain)))
    if tally.spoiled:
        columns.append(("废票", str(tally.spoiled)))
    if tally.rule in ("consensus", "solicitation"):
        columns.append(("未联系上", str(tally.unreached)))
    return columns


def write_tally(paper: Paper, tally: Tally, *, effect: bool = True) -> None:
    """Rule, base, the whole count and its legal effect (every resolution prints them: domain.md §3)."""
    words = RULES[tally.rule]
    if tally.question:
        paper.labelled("表决事项", tally.question)
    if tally.item:
        paper.labelled("法定事项", f"《中华人民共和国民法典》第二百七十八条{tally.item}。")
    needed = f"，即至少{tally.needed}{'人' if tally.area else '票'}" if tally.needed is not None else ""
    quorum = QUORUMS[tally.quorum] if tally.quorum and tally.rule in CHARTER_RULES else words.quorum
    paper.labelled("表决规则", f"{words.name}。有效条件：{quorum}；通过条件：{words.passes}{needed}。")
    reps = f"；组成{tally.eligible}人，其中居民代表{tally.reps}人" if tally.reps else ""
    paper.labelled("计算基数", f"{words.base}{reps}。")
    columns = _columns(tally)
    paper.table([name for name, _ in columns], [[value for _, value in columns]], [1] * len(columns), centred=True)
    if tally.area is not None:
        area = tally.area
        amounts = (area.eligible, area.present, area.yes, area.no, area.abstain)
        labels = ["专有部分总面积", "参与面积", "同意面积", "反对面积", "弃权面积"]
        shown = [
            (name, square_metres(amount)) for name, amount in zip(labels, amounts, strict=True) if amount is not None
        ]
        paper.table([name for name, _ in shown], [[value for _, value in shown]], [1] * len(shown), centred=True)
    if tally.options:
        rows = [[str(place), name, str(votes)] for place, (name, votes) in enumerate(tally.options, start=1)]
        paper.table(["序号", "选项", "得票"], rows, [18, 108, 30])
    if tally.issued:
        paper.labelled(
            "票数", f"发出{tally.issued}张，收回{tally.returned}张，未收回{tally.issued - tally.returned}张。"
        )
    if tally.channels:
        ways = "，".join(f"{CHANNELS.get(way, way)}{n}张" for way, n in tally.channels.items())
        paper.labelled("投票方式", f"{ways}。")
    if tally.rule != "solicitation":
        paper.labelled("结果", f"{_outcome(tally)}。")
    if effect:
        paper.labelled("效力", f"{EFFECTS[tally.effect]}。")


def _outcome(tally: Tally) -> str:
    if tally.tied:
        return f"{'、'.join(one_line(name) for name in tally.tied)}并列第一，再投一轮"
    if not tally.passed:
        return "未通过"
    return f"通过，选定{one_line(tally.winner)}" if tally.winner else "通过"


def write_tasks(paper: Paper, tasks: Sequence[Task]) -> None:
    """谁来办，哪天办完: one row per task, with money only where some task costs money."""
    if not tasks:
        paper.text("本决议没有需要另行安排的任务。")
        return
    with_money = any(task.money_fen is not None for task in tasks)
    head, widths = ["序号", "办什么", "谁来办", "哪天办完"], [14.0, 59.0, 38.0, 45.0]
    rows = [[str(n), task.what, task.who, full_date(task.due)] for n, task in enumerate(tasks, start=1)]
    if with_money:
        head, widths = [*head, "用多少钱"], [14.0, 40.0, 32.0, 45.0, 25.0]
        rows = [[*row, "—" if t.money_fen is None else yuan(t.money_fen)] for row, t in zip(rows, tasks, strict=True)]
    paper.table(head, rows, widths)


def write_dissents(paper: Paper, dissents: Sequence[Dissent]) -> None:
    """Each view against and its answer; silence is written down too, so that nobody wonders whether it was left out."""
    if not dissents:
        paper.text("会上没有人提出不同意见。")
    for n, dissent in enumerate(dissents, start=1):
        place = "" if len(dissents) == 1 else chinese_ordinal(n)
        paper.labelled(f"意见{place}（{dissent.who}）" if dissent.who else f"意见{place}", dissent.view)
        paper.labelled(f"答复{place}", dissent.answer)
