"""From a sitting as it was held to the papers of it: the minutes (会议记录) and the summary minutes (会议纪要)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from app import clock
from app.faces.community.sitting_page import Table
from app.flow.decide.models import Ballot
from app.flow.decide.queries import stances_of
from app.flow.decide.rules import at_least, strictly_over_half
from app.flow.deliberate.models import AgendaItem, Attendance
from app.flow.resolve.models import Commitment
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import minutes_summary_number
from app.records.documents import Agreed, Attendee, Minutes, Option, Speech, Summary, Tally, Task, Topic

#: Minutes are a record in Chinese whatever language their reader chose, so these words are not translated.
CONCLUSIONS = {
    "adjourned": "到会人数不够，只恳谈，不作决定。",
    "redeliberate": "再去了解情况，下次再议。",
    "agreed": "当面商定，没有人反对。",
    "passed": "表决通过。",
    "rejected": "表决没有通过。",
    "left": "这次没有议。",
    "polled": "交给大家投票，结果另行公布。",
    "reported": "报告过了，不作决定。",
}
HIDDEN = "这件事只给当事人看，记录另存。"


def paper_of(table: Table, hidden: Collection[UUID] = ()) -> Minutes:
    """Everything the 会议记录 prints; topics in ``hidden`` keep their place and lose their content."""
    sitting = table.sitting
    held = sitting.opened_at or sitting.starts_at
    named = [b for b in table.ballots if b.state == "closed" and b.teller_label]
    return Minutes(
        issuer=f"{house().name}{house().hall}", number=sitting.number, name=sitting.title, starts_at=clock.local(held),
        ends_at=clock.local(sitting.closed_at) if sitting.closed_at else None, place=sitting.place,
        chair=sitting.chair_label, recorder=sitting.recorder_label, eligible=sitting.base,
        present=_people(table, counts=True, states=("present", "left")),
        observers=_people(table, counts=False, states=("present", "left")),
        on_leave=_people(table, counts=True, states=("excused",)),
        absent=_people(table, counts=True, states=("absent", "expected")),
        topics=[_topic(table, n, hidden) for n in range(len(table.items))],
        signed_on=clock.local(sitting.minutes_done_at or sitting.closed_at or held).date(),
        tellers=list(dict.fromkeys(b.teller_label for b in named)),
        scrutineers=list(dict.fromkeys(b.scrutineer_label for b in named)),
    )  # fmt: skip


def _people(table: Table, *, counts: bool, states: tuple[str, ...]) -> list[Attendee]:
    def fits(line: Attendance) -> bool:
        return line.counts is counts and line.state in states

    return [Attendee(line.name, line.capacity) for line in table.register if fits(line)]


def _topic(table: Table, place: int, hidden: Collection[UUID]) -> Topic:
    item, matter = table.items[place]
    if matter.id in hidden:
        return Topic(HIDDEN, (), (), HIDDEN, matter_number=matter.number)
    ballot = table.ballot_on(matter.id)
    last = place == len(table.items) - 1
    conclusion = _conclusion(item, ballot)
    if last and table.sitting.conclusion:
        conclusion += table.sitting.conclusion
    return Topic(
        question=ballot.question if ballot and ballot.mode != "consensus" else matter.question or matter.title,
        speeches=_reports(table, matter) + [Speech(entry.speaker, entry.words) for entry in table.words_on(matter.id)],
        options=[Option(o["label"] or "—", o["words"], o["cost_fen"], o["payer"]) for o in item.options],
        conclusion=conclusion, tally=_tally(ballot) if ballot and ballot.state == "closed" else None,
        matter_number=matter.number,
    )  # fmt: skip


def _reports(table: Table, matter: Matter) -> list[Speech]:
    """At a report-back sitting what was said of each promise and what was asked stands before the talk."""
    found = []
    for line in table.reports:
        if line.matter_id == matter.id and (line.heard or line.asked):
            found.append(Speech("报告", f"{line.stands}。{line.heard}"))
            found += [Speech("居民问", line.asked)] if line.asked else []
    return found


def _conclusion(item: AgendaItem, ballot: Ballot | None) -> str:
    """What became of the matter, what was settled, and what the chair summed up."""
    agreement = ballot.agreement if ballot else ""
    return "".join(filter(None, (CONCLUSIONS.get(item.outcome, ""), agreement, item.conclusion)))


def summary_of(table: Table, promises: Iterable[Commitment], hidden: Collection[UUID] = ()) -> Summary:
    """Everything the 会议纪要 prints: what was agreed on each matter, and the tasks of the resolutions made since."""
    sitting = table.sitting
    held = sitting.opened_at or sitting.starts_at
    serial = int(sitting.number.rsplit("-", 1)[-1])
    agreed = [_agreed(table, item, matter, hidden) for item, matter in table.items]
    return Summary(
        issuer=f"{house().name}{house().hall}",
        number=minutes_summary_number(house().short, clock.local(held).year, serial), name=sitting.title,
        starts_at=clock.local(held), ends_at=clock.local(sitting.closed_at) if sitting.closed_at else None,
        place=sitting.place, chair=sitting.chair_label, agreed=agreed,
        tasks=[
            Task(p.what, p.who, p.due, p.planned_fen or None) for p in promises if p.matter_id not in hidden
        ],
        present=_people(table, counts=True, states=("present", "left")),
        on_leave=_people(table, counts=True, states=("excused",)),
        observers=_people(table, counts=False, states=("present", "left")),
        signed_on=clock.local(sitting.minutes_done_at or sitting.closed_at or held).date(),
    )  # fmt: skip


def _agreed(table: Table, item: AgendaItem, matter: Matter, hidden: Collection[UUID]) -> Agreed:
    if matter.id in hidden:
        return Agreed(HIDDEN, HIDDEN, matter.number)
    ballot = table.ballot_on(matter.id)
    counted = ballot is not None and ballot.state == "closed" and ballot.mode != "consensus" and not ballot.options
    return Agreed(matter.title, _conclusion(item, ballot), matter.number, _count(ballot) if counted and ballot else "")


def _count(ballot: Ballot) -> str:
    counted = f"同意{ballot.yes}票，不同意{ballot.no}票，弃权{ballot.abstain}票。"
    return f"应到{ballot.eligible}人，到会{ballot.present}人，{counted}"


def is_closed_to_others(matter: Matter) -> bool:
    """Whether the talk on this matter is for those alone who handle it."""
    return matter.visibility == "parties" or matter.track == "mediation"


def _tally(ballot: Ballot) -> Tally:
    if ballot.mode == "consensus":
        said = [stance.stance for stance in stances_of(ballot.id)]
        return Tally(
            "consensus", len(said), len(said) - said.count("unreached") - said.count("not_asked"), said.count("agree"),
            said.count("oppose"), 0, ballot.legal_effect, bool(ballot.passed), conditional=said.count("conditional"),
            unreached=said.count("unreached"),
        )  # fmt: skip
    needed = strictly_over_half(ballot.present)
    if ballot.rule == "council_two_thirds":
        needed = at_least(2, 3, ballot.present)
    return Tally(
        ballot.rule, ballot.eligible, ballot.present, ballot.yes, ballot.no, ballot.abstain, ballot.legal_effect,
        bool(ballot.passed), spoiled=ballot.spoiled, quorum=ballot.quorum, needed=needed,
    )  # fmt: skip
