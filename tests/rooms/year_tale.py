"""What happens in a hall in a year, told before it happens: every row and every change on its day, by chance.

Days are counted from the first of the year; things happen at ten in the morning, after the urging of that day. Due days
are drawn freely and not by our deadlines, so some fall on days off. Beside the rows a tale keeps ``spans``: from which
morning to which one a thing stood with which day, which is all that somebody counting by hand would need to know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text

from app import clock
from app.matter.workdays import end_of
from tenants.database import db, uuid7

#: In the order in which their rows may be written.
TABLES = (
    "matter", "resolution", "posting", "commitment", "supervision_order", "order_event", "asset", "rating",
    "escalation", "timeline",
)  # fmt: skip
MOVE = (
    "update matter set stage = :stage, stage_since = :since, due_at = :due, suspended_from = :came_from, "
    "closed_at = :closed, accepted_at = coalesce(accepted_at, :accepted), merged_into_id = :into, "
    "round = :round, reworks = :round - 1, version = version + 1 where community_id = :community_id and id = :id"
)
DUE = "update matter set due_at = :due where community_id = :community_id and id = :id"
TASK = (
    "update commitment set state = :state, done_at = :done, evidence = :evidence, due = :due, "
    "extension_reason = '下雨', extension_by = '张书记' where community_id = :community_id and id = :id"
)
CHECKED = "update asset set next_check = :due where community_id = :community_id and id = :id"
DOWN = "update posting set state = :state, taken_down_at = :at where community_id = :community_id and id = :id"
VERIFIED = "update commitment set state = 'verified' where community_id = :community_id and id = :id"
UPDATES = (DUE, MOVE, TASK, VERIFIED, CHECKED, DOWN)
#: Days off with the weekends worked for them, by month and day.
HOLIDAYS = ((1, 1, 3), (2, 8, 7), (4, 4, 3), (5, 1, 5), (6, 9, 3), (9, 25, 3), (10, 1, 7))
LONG = 2000


class Task:
    """One promise and the days it is due, one after the other: ``turns`` are (from day, due day)."""

    def __init__(self, made: int, due: int, who: str) -> None:
        self.id, self.made, self.who = uuid7(), made, who
        self.turns = [(made, due)]

    @property
    def due(self) -> int:
        """The day that holds last."""
        return self.turns[-1][1]


class Tale:
    """The year of one hall; :meth:`tell` makes it up, :meth:`happen` writes one day of it."""

    def __init__(self, conn: Connection, here: int, street: int, first: date) -> None:
        self.conn, self.first, self.chance = conn, first, Random(20270101)
        self.key = {"community_id": here, "street_id": street}
        self.rows: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self.changes: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self.spans: list[dict[str, Any]] = []
        self.ids: list[UUID] = []
        found = conn.execute(text("select login, id, display_name from account where community_id = :c"), {"c": here})
        self.people = {row.login: (row.id, row.display_name) for row in found}

    def tell(self, many: int) -> None:
        """Make the year up: its days off and ``many`` matters, born on any day of it."""
        self._days_off()
        for n, born in enumerate(sorted(self.chance.randrange(0, 362) for _ in range(many))):
            Life(self, n, born).run()

    def happen(self, n: int) -> None:
        """Write what happens on day ``n``."""
        for table in TABLES:
            if rows := self.rows[n].get(table):
                self.conn.execute(insert(db.metadata.tables[table]), [self.key | row for row in rows])
        for statement in UPDATES:
            if values := self.changes[n].get(statement):
                self.conn.execute(text(statement), values)

    def write_spans(self) -> None:
        """Lay the spans down for counting."""
        self.conn.execute(
            text(
                "create temp table span (kind text, subject uuid, start date, due date, paused boolean, soft boolean, "
                "born date, gone date, who text)"
            )
        )
        self.conn.execute(
            text("insert into span values (:kind, :subject, :start, :due, :paused, :soft, :born, :gone, :who)"),
            self.spans,
        )

    def add(self, n: int, table: str, **values: Any) -> UUID:
        """A new row on day ``n``."""
        row_id = values.pop("id", None) or uuid7()
        self.rows[n][table].append({"id": row_id, **values})
        return row_id

    def change(self, n: int, statement: str, **values: Any) -> None:
        """A change on day ``n``."""
        self.changes[n][statement].append({"community_id": self.key["community_id"], **values})

    def span(
        self, kind: str, subject: UUID, start: int | None, due: int, since: int, until: int, who: str, *,
        paused: bool = False, soft: bool = False,
    ) -> None:  # fmt: skip
        """A thing that came to stand so on day ``since`` and ceased to on ``until``: from the next morning to that."""
        if since < until:
            self.spans.append({
                "kind": kind, "subject": subject, "start": None if start is None else self.day(start),
                "due": self.day(due), "paused": paused, "soft": soft, "born": self.day(since + 1),
                "gone": self.day(until), "who": who,
            })  # fmt: skip

    def day(self, n: int) -> date:
        """The date of day ``n``."""
        return self.first + timedelta(days=n)

    def at(self, n: int) -> datetime:
        """Ten in the morning of day ``n``."""
        return clock.at(self.day(n), 10)

    def _days_off(self) -> None:
        off = {date(self.first.year, month, day) + timedelta(days=more)
               for month, day, length in HOLIDAYS for more in range(length)}  # fmt: skip
        worked = set()
        for month, day, length in HOLIDAYS:
            start = date(self.first.year, month, day)
            for near in (start - timedelta(days=1), start + timedelta(days=length)):
                # The weekend beside a long holiday is worked, where there is one.
                worked |= {near} if near.weekday() >= 5 and near not in off else set()
        rows = [(day, False) for day in off] + [(day, True) for day in worked]
        self.conn.execute(text("delete from holiday where extract(year from day) = :y"), {"y": self.first.year})
        self.conn.execute(
            insert(db.metadata.tables["holiday"]),
            [{"street_id": self.key["street_id"], "id": uuid7(), "day": day, "name": "假", "is_working": on}
             for day, on in rows],
        )  # fmt: skip


class Life:
    """One matter from the day it was said to the day it ends, or into the next year."""

    def __init__(self, tale: Tale, n: int, born: int) -> None:
        self.tale, self.n, self.born, self.chance = tale, n, born, tale.chance
        self.id, self.round, self.resolution = uuid7(), 1, None
        login = self.chance.choice(("zhao", "xiaoli", "sun", "", ""))
        self.owner, self.who = tale.people[login] if login else (None, tale.people["shuji"][1])

    def maybe(self, percent: int) -> bool:
        """Whether chance, so many times in a hundred, has it so."""
        return self.chance.randrange(100) < percent

    def days(self, least: int, most: int) -> int:
        """So many days."""
        return self.chance.randint(least, most)

    def run(self) -> None:
        """From hearing to the end."""
        tale, due = self.tale, self.born + self.days(2, 6)
        tale.add(
            self.born, "matter", id=self.id, number=f"Y{self.n:05d}", title=f"第 {self.n} 件", question="怎么办",
            stage="submitted", stage_since=tale.at(self.born), due_at=end_of(tale.day(due)), triage="minor",
            kind=self.chance.choice(("individual", "individual", "joint", "organisation")), channel="web",
            level=self.chance.choice(("grid", "community", "community", "street")), owner_id=self.owner,
            tracking_hmac=self.id.hex, collected_at=tale.at(self.born),
        )  # fmt: skip
        n = self.born + self.days(1, 8)
        tale.span("matter", self.id, self.born, due, self.born, n, self.who)
        if self.maybe(6):
            n = self.stand(n, "needs_info", self.days(3, 8), self.days(1, 10))
            n = self.stand(n, "submitted", self.days(2, 6), self.days(1, 8))
        if self._ends_early(n):
            return
        self.tale.ids.append(self.id)
        n = self.stand(n, "accepted", self.days(3, 12), self.days(1, 14))
        if self.maybe(4):
            self.end(n, self.chance.choice(("terminated", "withdrawn")))
        elif self.maybe(45) or (n := self._talk(n)):
            self._work(n)

    def stand(self, n: int, stage: str, due_in: int, wait: int) -> int:
        """Stand at ``stage`` from day ``n``, due so many days later, until so many days later; returns that day."""
        self.move(n, stage, n + due_in)
        self.tale.span("matter", self.id, n, n + due_in, n, n + wait, self.who)
        return n + wait

    def move(self, n: int, stage: str, due: int | None, **more: Any) -> None:
        """The matter comes to ``stage`` on day ``n``."""
        tale = self.tale
        values = {"came_from": None, "closed": None, "accepted": None, "into": None, "since": tale.at(n)} | more
        if stage == "accepted":
            values["accepted"] = tale.at(n)
        tale.change(
            n, MOVE, id=self.id, stage=stage, due=None if due is None else end_of(tale.day(due)), round=self.round,
            **values,
        )  # fmt: skip

    def end(self, n: int, stage: str) -> None:
        """The matter ends on day ``n`` without a result."""
        self.move(n, stage, None)

    def line(self, n: int, verb: str, old: str, new: str) -> None:
        """A line of the timeline that figures count."""
        self.tale.add(
            n, "timeline", matter_id=self.id, at=self.tale.at(n), verb=verb, old_stage=old, new_stage=new,
            actor_kind="staff", actor_label="张书记", channel="web",
        )  # fmt: skip

    def _ends_early(self, n: int) -> bool:
        fate = self.chance.randrange(100)
        if fate < 5 and self.tale.ids:
            self.move(n, "merged", None, into=self.chance.choice(self.tale.ids))
        elif fate < 10:
            due, told = n + self.days(2, 5), n + self.days(1, 30)
            self.move(n, "referred", due)
            self.tale.span("matter", self.id, n, due, n, told, self.who, soft=True)
            self.move(told, "referred", None, since=self.tale.at(n))
        elif fate < 22:
            self.end(n, self.chance.choice(("answered", "not_accepted", "not_accepted", "withdrawn")))
        return fate < 22

    def _talk(self, n: int) -> int:
        """From the topic to the posting; 0 where it was not passed."""
        tale = self.tale
        n = self.stand(n, "topic_confirmed", self.days(8, 16), self.days(2, 20))
        n = self.stand(n, "surveying", self.days(8, 20), self.days(3, 25))
        if self.maybe(10):
            n = self._pause(n, "surveying")
            n = self.stand(n, "surveying", self.days(8, 20), self.days(3, 10))
        n = self.stand(n, "voting", self.days(1, 7), self.days(1, 8))
        if self.maybe(10):
            n = self.stand(n, "not_passed", 30, self.days(5, 40))
            self.move(n, "closed", None, closed=tale.at(n))
            return 0
        self.resolution = tale.add(
            n, "resolution", matter_id=self.id, number=f"决{self.n}", title="", basis="", words="", made_at=tale.at(n),
            legal_effect="advisory",
        )  # fmt: skip
        n = self.stand(n, "decided", self.days(2, 5), self.days(1, 7))
        posting = tale.add(
            n, "posting", matter_id=self.id, resolution_id=self.resolution, number=f"公{self.n}", starts=tale.day(n),
            objections_until=tale.day(n + 7), ends=tale.day(n + 15), place="门口", how_to_object="说",
            posted_at=tale.at(n),
        )  # fmt: skip
        early = self.maybe(15)
        down = n + (self.days(3, 20) if early else self.days(15, 18))
        tale.change(down, DOWN, id=posting, state="withdrawn" if early else "ended", at=tale.at(down))
        return self.stand(n, "publicized", 7, self.days(7, 10))

    def _pause(self, n: int, stage: str) -> int:
        """On hold from day ``n``; returns the day it is taken up again."""
        review, back = n + self.days(5, 30), n + self.days(3, 35)
        self.move(n, "suspended", review, came_from=stage)
        self.tale.span("matter", self.id, n, review, n, back, self.who, paused=True)
        return back

    def _work(self, n: int) -> None:
        tasks = [self._promise(n, position) for position in range(self.days(1, 3))]
        if self.maybe(10):
            for _ in range(self.days(1, 2)):
                self.tale.add(
                    n + self.days(0, 5), "escalation", matter_id=self.id, to_level="street", reason="请街道",
                    asked_at=self.tale.at(n), asked_label="张书记", state="answered",
                )  # fmt: skip
        n = self._carry(n, tasks, first=True)
        n = self.stand(n, "verifying", 4, self.days(1, 7))
        if self.maybe(15):
            self.line(n, "send_back", "verifying", "implementing")
            n = self.stand(self._again(n, tasks), "verifying", 4, self.days(1, 7))
        n = self._review(n, tasks)
        if self.maybe(12):
            self.round = 2
            self.line(n, "rework", "reviewing", "implementing")
            n = self.stand(self._again(n, tasks), "verifying", 4, self.days(1, 7))
            n = self._review(n, tasks)
        self._close(n)

    def _promise(self, n: int, position: int) -> Task:
        tale = self.tale
        login = self.chance.choice(("xiaoli", "sun", "zhao", "", ""))
        owner, who = tale.people[login] if login else (None, self.chance.choice(("物业", "顺达施工队", "李大爷")))
        task = Task(n, n + self.days(2, 60), who)
        tale.add(
            n, "commitment", id=task.id, matter_id=self.id, position=position, what=f"第 {position} 项", who=who,
            owner_id=owner, due=tale.day(task.due), first_due=tale.day(task.due), created_at=tale.at(n),
            resolution_id=self.resolution,
        )  # fmt: skip
        return task

    def _again(self, n: int, tasks: list[Task]) -> int:
        """Sent back: the tasks are open again, some with a new day."""
        for task in tasks:
            if self.maybe(60):
                task.turns = [(n, max(n, task.due) + self.days(3, 15))]
            else:
                task.turns = [(n, task.due)]
            self._state(n, task, "open")
        return self._carry(n, tasks)

    def _carry(self, n: int, tasks: list[Task], *, first: bool = False) -> int:
        """Work from day ``n`` until everything is done and handed over; returns that day."""
        tale, since, done = self.tale, n, {task.id: n + self.days(1, 55) for task in tasks}
        hold = back = LONG
        if first and self.maybe(15):
            hold = n + self.days(2, 20)
        for task in tasks:
            late = min(done[task.id], hold) - n
            if late > 2 and self.maybe(20):
                asked = n + self.days(1, late - 1)
                task.turns.append((asked, max(task.due, asked) + self.days(3, 20)))
                self._state(asked, task, "open")
        if hold < max(done.values()):
            self.move(n, "implementing", self._earliest(tasks, done, n))
            back = self._pause(hold, "implementing")
            done = {key: day if day <= hold else day + back - hold for key, day in done.items()}
            since = back
        self._days_of_work(n, tasks, done, hold, back)
        last = max(done.values())
        kept = self._earliest(tasks, done, last - 1)
        over = last + self.days(1, 6)
        tale.span("matter", self.id, since, kept, last, over, self.who)
        if first and back == LONG and self.maybe(25):
            self._orders(n, last)
        return over

    def _days_of_work(self, n: int, tasks: list[Task], done: dict[UUID, int], hold: int, back: int) -> None:
        tale, last = self.tale, max(done.values())
        for task in tasks:
            self._state(done[task.id], task, "done")
            ends = [day for day, _due in task.turns[1:]] + [done[task.id]]
            for (since, due), until in zip(task.turns, ends, strict=True):
                for a, b in self._awake(since, until, hold, back):
                    tale.span("task", task.id, task.made, due, a, b, task.who)
        turning = {day for task in tasks for day, _due in task.turns} | set(done.values()) | {back}
        for day in sorted(day for day in turning if n <= day < last and not hold <= day < back):
            due = self._earliest(tasks, done, day)
            if day in (n, back):
                self.move(day, "implementing", due)
            else:
                tale.change(day, DUE, id=self.id, due=end_of(tale.day(due)))

    @staticmethod
    def _awake(since: int, until: int, hold: int, back: int) -> Iterator[tuple[int, int]]:
        """The parts of a stretch in which the matter is not on hold."""
        if hold >= until or back >= LONG:
            yield since, until
        else:
            yield since, hold
            yield max(back, since), until

    def _earliest(self, tasks: list[Task], done: dict[UUID, int], day: int) -> int:
        """The first day due among what is open at the end of ``day``."""
        running = [task for task in tasks if done[task.id] > day]
        return min([due for since, due in task.turns if since <= day][-1] for task in running)

    def _state(self, n: int, task: Task, state: str) -> None:
        due = next(due for since, due in reversed(task.turns) if since <= n)
        tale = self.tale
        tale.change(
            n, TASK, id=task.id, state=state, done=None if state == "open" else tale.at(n), evidence="看得见",
            due=tale.day(due),
        )  # fmt: skip

    def _orders(self, n: int, last: int) -> None:
        """Someone is urged by an order, a second time now and then; put off, answered, closed or made void."""
        tale, before, issued = self.tale, None, n
        lead_id, lead = self.chance.choice((tale.people["sun"], (None, "物业")))
        for time in range(self.days(1, 2)):
            issued += self.days(1, 6)
            due, ended = issued + self.days(2, 15), min(issued + self.days(1, 25), last)
            if ended <= issued:
                return
            before = tale.add(
                issued, "supervision_order", matter_id=self.id, number=f"督{self.n}-{time}", level="grid", lead=lead,
                lead_id=lead_id, demand="快办", due=tale.day(due), issued_at=tale.at(issued), issued_label="小李",
                second_of_id=before,
            )  # fmt: skip
            turns = [(issued, due)]
            if self.maybe(30) and ended - issued > 2:
                turns.append((issued + 1, due + self.days(2, 10)))
                self._event(issued + 1, before, 1, "extension_granted", due=tale.day(turns[-1][1]))
            end = "void" if self.maybe(10) else "reported"
            self._event(ended, before, 2, end)
            if end == "reported" and self.maybe(80):
                self._event(ended + self.days(0, 5), before, 3, "closed")
            for (since, day), until in zip(turns, [turns[-1][0], ended][-len(turns) :], strict=True):
                tale.span("order", before, issued, day, since, until, lead)

    def _event(self, n: int, order: UUID, seq: int, kind: str, **more: Any) -> None:
        self.tale.add(
            n, "order_event", order_id=order, seq=seq, kind=kind, side="community", by_label="小李",
            at=self.tale.at(n), **{"due": None, **more},
        )  # fmt: skip

    def _review(self, n: int, tasks: list[Task]) -> int:
        self.line(n, "verify", "verifying", "reviewing")
        for task in tasks:
            self._verified(n, task)
        return self.stand(n, "reviewing", self.days(5, 12), self.days(2, 16))

    def _verified(self, n: int, task: Task) -> None:
        # What was verified keeps the day it was done, so the state alone changes.
        self.tale.change(n, VERIFIED, id=task.id)

    def _close(self, n: int) -> None:
        tale = self.tale
        self.move(n, "closed", None, closed=tale.at(n))
        for voice in range(self.days(0, 6)):
            grade = self.chance.choice((1, 2, 3, 4, 4, 5, 5, 5))
            followed = {"followed_at": tale.at(n), "followed_words": "去看了"} if self.maybe(50) else {}
            tale.add(
                n, "rating", matter_id=self.id, round=self.round, grade=grade, reason="慢", source="web",
                rater=str(voice), at=tale.at(n), **{"followed_at": None, "followed_words": "", **followed},
            )  # fmt: skip
        if self.maybe(20):
            due = n + self.days(10, 90)
            seen = max(n + 1, due + self.days(-10, 20))
            asset = tale.add(
                n, "asset", matter_id=self.id, what="晾衣架", count=5, unit="组", upkeep="刷漆", keeper="物业",
                promised_on=tale.day(n), check_months=3, next_check=tale.day(due), created_at=tale.at(n),
                created_label="张书记",
            )  # fmt: skip
            tale.change(seen, CHECKED, id=asset, due=tale.day(seen + 90))
            tale.span("asset", asset, None, due, n, seen, "物业")
            tale.span("asset", asset, None, seen + 90, seen, LONG, "物业")
