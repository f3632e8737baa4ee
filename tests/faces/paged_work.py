"""Stories through the pages: money, doors that pay, orders, and what is left behind."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from uuid import UUID, uuid4

from sqlalchemy import select

from app import clock
from app.faces.community.money import FROM_COLLECTION
from app.flow.implement.money_models import CollectionShare
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.faces.paged_table import PagedTable


class PagedWork(PagedTable):
    """The verbs of money, collections, orders and assets."""

    collection_id = ""

    def book(
        self, side: str, source: str, yuan: int, words: str, name: str = "", voucher: str = "", task: int | None = None,
        by: str = "worker", *, approx: bool = False,
    ) -> None:  # fmt: skip
        """One line of the account."""
        with self.app.app_context():
            today = clock.today()
        form = {
            "once": str(uuid4()), "side": side, "amount": f"{yuan:,}.00", "source": source, "source_name": name,
            "words": words, "on": today.isoformat(), "task": self.task_ids()[task - 1] if task else "",
            "voucher": voucher,
        }  # fmt: skip
        self.press(by, f"{self.desk}/money-entries", form | ({"approx": "y"} if approx else {}))

    def budget(self, n: int, time: str, lines: Sequence[tuple[str, str, int]], *, by: str = "worker") -> None:
        self.at(n, time)
        for source, name, yuan in lines:
            self.book("budget", source, yuan, f"{name}出资", name, "", None, by)

    def came(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             by: str = "worker") -> None:  # fmt: skip
        self.at(n, time)
        self.book("in", source, yuan, words, name, voucher, None, by)

    def went(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             task: int | None = None, collected: bool = False, by: str = "worker") -> None:  # fmt: skip
        self.at(n, time)
        self.book("out", f"{FROM_COLLECTION}{self.collection_id}" if collected else source, yuan, words, name, voucher,
                   task, by)  # fmt: skip

    def collect(
        self, n: int, time: str, *, title: str, purpose: str, basis: str, yuan: int, homes: Sequence[str],
        by: str = "grid",
    ) -> None:  # fmt: skip
        self.at(n, time)
        answer = self.press(by, f"{self.desk}/collections", {
            "once": str(uuid4()), "title": title, "purpose": purpose, "total": str(yuan), "basis": basis,
            "labels": "\n".join(homes),
        })  # fmt: skip
        self.collection_id = answer.location.rsplit("/", 1)[1]
        self.later(5)
        self.press(by, f"{self.collection}/opening")

    @property
    def collection(self) -> str:
        return f"/desk/collections/{self.collection_id}"

    def paid(self, n: int, time: str, homes: Sequence[str], *, how: str = "cash", by: str = "grid") -> None:
        self.at(n, time)
        with inside(self.app, HOME):
            shares = {
                one.label: (str(one.id), one.share_fen)
                for one in db.session.scalars(
                    select(CollectionShare).where(CollectionShare.collection_id == UUID(self.collection_id))
                )
            }
        for home in homes:
            share, fen = shares[home]
            self.later(2)
            door = f"{self.collection}/homes/{share}"
            # Nothing is owed before the home has said yes.
            self.press(by, f"{door}/payments", {"once": str(uuid4()), "how": how}, status=422)
            self.press(by, f"{door}/answers", {"answer": "agree", "how": "signature", "seen": str(fen)})
            self.press(by, f"{door}/payments", {"once": str(uuid4()), "how": how})

    def accounted(self, n: int, time: str, words: str, *, by: str = "grid") -> None:
        self.at(n, time)
        self.press(by, f"{self.collection}/closure", {"words": words})
        self.later(3)
        self.press(by, f"{self.collection}/posting")

    def order(
        self, n: int, time: str, demand: str, *, day: int, kind: str = "supervise", task: int | None = None,
        level: str = "grid", lead: str = "", by: str = "leader",
    ) -> str:  # fmt: skip
        self.at(n, time)
        answer = self.press(by, f"{self.desk}/orders", {
            "once": str(uuid4()), "level": level, "kind": kind, "task": self.task_ids()[task - 1] if task else "",
            "lead": lead, "support": "", "demand": demand, "due": self.clock.day(day).isoformat(),
        })  # fmt: skip
        return str(answer.location)

    def _act(self, n: int, time: str, order: str, act: str, words: str, by: str) -> None:
        self.at(n, time)
        self.press(by, f"{order}/{act}", {f"{act}-once": str(uuid4()), f"{act}-words": words})

    def order_signed(self, n: int, time: str, order: str, words: str = "", *, by: str = "worker") -> None:
        self._act(n, time, order, "signatures", words, by)

    def order_progress(self, n: int, time: str, order: str, words: str, *, by: str = "worker") -> None:
        self._act(n, time, order, "notes", words, by)

    def order_reported(self, n: int, time: str, order: str, words: str, *, by: str = "worker") -> None:
        self._act(n, time, order, "reports", words, by)

    def order_closed(self, n: int, time: str, order: str, words: str, *, by: str = "leader") -> None:
        self._act(n, time, order, "closures", words, by)

    def leave(
        self, n: int, time: str, what: str, count: int, unit: str, *, place: str, upkeep: str, keeper: str,
        months: int | None = None, task: int | None = None, keeper_kind: str = "property", by: str = "worker",
    ) -> None:  # fmt: skip
        self.at(n, time)
        with self.app.app_context():
            today = clock.today()
        self.press(by, f"{self.desk}/assets", {
            "once": str(uuid4()), "what": what, "count": str(count), "unit": unit, "building": "", "place": place,
            "keeper_kind": keeper_kind, "keeper": keeper, "upkeep": upkeep, "promised_on": today.isoformat(),
            "check_months": str(months or ""), "task": self.task_ids()[task - 1] if task else "",
        })  # fmt: skip

    def picture(
        self, n: int, time: str, data: bytes, caption: str, *, which: str, task: int, by: str = "worker"
    ) -> None:
        self.at(n, time)
        self.press(by, f"/desk/tasks/{self.task_ids()[task - 1]}/progress-notes", {
            "once": str(uuid4()), "words": caption, "checked": "y", which: (BytesIO(data), "p.jpg"),
        }, content_type="multipart/form-data")  # fmt: skip
