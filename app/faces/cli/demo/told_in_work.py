"""Telling what happens while a promise is kept: money, doors that pay, orders, plans, and what is left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.told_in_polls import InPolls
from app.flow.implement import assets, collecting, money, orders, plans
from app.flow.implement.asset_rules import Draft
from app.flow.implement.collection_rules import Home
from app.flow.implement.money_models import Collection, CollectionShare
from app.flow.implement.order_models import SupervisionOrder
from app.flow.implement.pictures import attach_picture
from app.flow.implement.queries import commitments_of
from app.flow.resolve.models import Commitment
from tenants.database import db
from tenants.scope import current_community


class InWork(InPolls):
    """The verbs of money, collections, orders, plans and assets."""

    def task(self, number: int | None) -> Commitment | None:
        """The story's task by its place on the list, from 1."""
        return commitments_of(self.matter)[number - 1] if number else None

    def budget(self, n: int, time: str, lines: Sequence[tuple[str, str, int]], *, by: str = "worker") -> None:
        """Who is to pay how many yuan: source, its name, the sum."""
        now = self.clock.at(n, time)
        for source, name, yuan in lines:
            money.add_entry(
                self.matter, side="budget", source=source, source_name=name, amount_fen=yuan * 100, words=f"{name}出资",
                on=clock.local(now).date(), by=self.who(by), now=now,
            )  # fmt: skip

    def came(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             by: str = "worker") -> None:  # fmt: skip
        """Money came in."""
        self._book(n, time, "in", source, yuan, words, name, voucher, None, by)

    def went(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             task: int | None = None, collected: bool = False, by: str = "worker") -> None:  # fmt: skip
        """Money went out, for one task where one is named; ``collected`` where the homes' own money paid for it."""
        self._book(n, time, "out", source, yuan, words, name, voucher, task, by, collected=collected)

    def _book(
        self, n: int, time: str, side: str, source: str, yuan: int, words: str, name: str, voucher: str,
        task: int | None, by: str, *, collected: bool = False,
    ) -> None:  # fmt: skip
        now = self.clock.at(n, time)
        money.add_entry(
            self.matter, side=side, source=source, source_name=name, amount_fen=yuan * 100, words=words,
            voucher=voucher, on=clock.local(now).date(), commitment=self.task(task),
            collection=self._collection() if collected else None, by=self.who(by), now=now,
        )  # fmt: skip

    def collect(
        self, n: int, time: str, *, title: str, purpose: str, basis: str, yuan: int, homes: Sequence[str],
        by: str = "grid",
    ) -> None:  # fmt: skip
        """Draw up what every home is asked for, and begin to ask."""
        now = self.clock.at(n, time)
        made = collecting.draft_collection(
            self.matter, title=title, purpose=purpose, basis=basis, total_fen=yuan * 100,
            homes=[Home(label) for label in homes], by=self.who(by), now=now,
        )  # fmt: skip
        collecting.open_collection(made, self.matter, by=self.who(by), now=self.clock.later(5))

    def paid(self, n: int, time: str, homes: Sequence[str], *, how: str = "cash", by: str = "grid") -> None:
        """These homes sign and pay, one door after the other."""
        self.clock.at(n, time)
        collection = self._collection()
        shares = db.session.scalars(
            select(CollectionShare)
            .where(
                CollectionShare.community_id == current_community(), CollectionShare.collection_id == collection.id,
                CollectionShare.label.in_(homes),
            )
            .order_by(CollectionShare.position)
        ).all()  # fmt: skip
        for share in shares:
            now = self.clock.later(2)
            share = collecting.agree(share, how="signature", by=self.who(by), now=now)
            collecting.pay(share, collection, self.matter, how=how, by=self.who(by), now=now)

    def accounted(self, n: int, time: str, words: str, *, by: str = "grid") -> None:
        """The collection ends and its account hangs at the door."""
        now = self.clock.at(n, time)
        ended = collecting.close_collection(self._collection(), self.matter, words=words, by=self.who(by), now=now)
        collecting.post_collection(ended, self.matter, by=self.who(by), now=self.clock.later(3))

    def _collection(self) -> Collection:
        return db.session.scalars(
            select(Collection).where(
                Collection.community_id == current_community(), Collection.matter_id == self.matter.id
            )
        ).one()

    def order(
        self, n: int, time: str, demand: str, *, day: int, kind: str = "supervise", task: int | None = None,
        level: str = "grid", lead: str = "", by: str = "leader",
    ) -> UUID:  # fmt: skip
        """Issue a supervision order; its id leads to its next lines."""
        now = self.clock.at(n, time)
        return orders.issue_order(
            self.matter, level=level, lead=lead, demand=demand, due=self.clock.day(day), kind=kind,
            commitment=self.task(task), by=self.who(by), now=now,
        ).id  # fmt: skip

    def order_signed(self, n: int, time: str, order: UUID, words: str = "", *, by: str = "worker") -> None:
        """Somebody signs for it."""
        orders.sign_order(self._order(order), words, by=self.who(by), now=self.clock.at(n, time))

    def order_progress(self, n: int, time: str, order: UUID, words: str, *, by: str = "worker") -> None:
        """How it goes."""
        orders.note_order(self._order(order), words, by=self.who(by), now=self.clock.at(n, time))

    def order_reported(self, n: int, time: str, order: UUID, words: str, *, by: str = "worker") -> None:
        """Reported done."""
        orders.report_order(self._order(order), words, by=self.who(by), now=self.clock.at(n, time))

    def order_closed(self, n: int, time: str, order: UUID, words: str, *, by: str = "leader") -> None:
        """Who issued it closes it."""
        orders.close_order(self._order(order), words, by=self.who(by), now=self.clock.at(n, time))

    def _order(self, order: UUID) -> SupervisionOrder:
        found = db.session.get(SupervisionOrder, (current_community(), order))
        if found is None:
            raise LookupError("no such order")
        return found

    def plan(self, n: int, time: str, *, title: str, kind: str = "annual", theme: str = "", by: str = "worker") -> None:
        """Lay the promises over the months they fall into."""
        now = self.clock.at(n, time)
        dues = [one.due for one in commitments_of(self.matter)]
        first, last = min(dues), max(dues)
        starts = date(first.year, first.month, 1)
        if kind == "annual":
            ends = date(starts.year + 1, starts.month, 1).fromordinal(
                date(starts.year + 1, starts.month, 1).toordinal() - 1
            )
        else:
            ends = last
        plans.make_plan(
            self.matter, kind=kind, title=title, theme=theme, starts=starts, ends=ends, by=self.who(by), now=now
        )

    def leave(
        self, n: int, time: str, what: str, count: int, unit: str, *, place: str, upkeep: str, keeper: str,
        months: int | None = None, task: int | None = None, keeper_kind: str = "property", by: str = "worker",
    ) -> None:  # fmt: skip
        """What stands there now, and who promised to look after it."""
        now = self.clock.at(n, time)
        draft = Draft(
            what, count, unit, keeper, upkeep, clock.local(now).date(), place=place, keeper_kind=keeper_kind,
            check_months=months,
        )  # fmt: skip
        assets.register(self.matter, draft, commitment=self.task(task), by=self.who(by), now=now)

    def picture(
        self, n: int, time: str, data: bytes, caption: str, *, which: str, task: int, by: str = "worker"
    ) -> None:
        """A picture of before or after, on the task it belongs to."""
        now = self.clock.at(n, time)
        commitment = commitments_of(self.matter)[task - 1]
        attach_picture(
            commitment, self.photographs(data), which=which, caption=caption, checked=True, by=self.who(by), now=now
        )
