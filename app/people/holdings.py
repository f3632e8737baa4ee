"""Everything a hall holds about one person, table by table: what it is called, how it is found, and what erasing does.

Source: Personal Information Protection Law sections 44 to 50 (see, take along, correct, delete) and Residents'
Committees Act section 39 (the record of a settled matter is kept). The tables stand here by name, because later rooms
hold most of them; a test fails when a table that names a person is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, func, or_, select, update

from app.people.models import Account, Person
from app.people.secrets import blind, unseal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

KEEP, UNLINK, REMOVE = "keep", "unlink", "remove"


@dataclass(frozen=True)
class Holding:
    """One table. ``finds`` maps a column to what identifies the person there: person, account, phone, rater, or the
    matter they spoke in where the row names no person at all.

    ``shows`` are its columns with their names for people; ``erased`` are the values that take the person out of a row
    that stays (``UNLINK``); ``why`` says to the person why something stays.
    """

    table: str
    title: str
    finds: Mapping[str, str]
    shows: Mapping[str, str]
    on_erasure: str
    erased: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


WHEN, NUMBER, WORDS, STATE = N_("什么时候"), N_("编号"), N_("原话"), N_("怎么样了")
LEDGER = N_("议定的事要进档案（居民委员会组织法第三十九条），原话留着，但再也找不到是谁说的")
OFFICE = N_("名册定了谁能表决、各有多少票，要留着备查；电话删掉，也不再和您这个人连着")
ROLL = N_("谁有资格投、投了没有，票数要对得上，留着没有名字的一行；投了什么从来不和名字放在一起公布")
EVIDENCE = N_("同意过什么、谁看过，要留三年备查，里面没有姓名和电话")
HOLDINGS: tuple[Holding, ...] = (
    Holding("account", N_("账号"), {"person_id": "person"},
            {"display_name": N_("姓名"), "created_at": WHEN, "disabled_at": N_("停用")}, UNLINK),
    Holding("residency_proof", N_("住在这儿的证明"), {"person_id": "person"},
            {"kind": N_("哪一种"), "by_label": N_("谁核实的"), "note": N_("说明"), "at": WHEN}, REMOVE),
    Holding("proposal", N_("说过的事"), {"person_id": "person"},
            {"matter_id": NUMBER, "words": WORDS, "wish": N_("盼着"), "guardian_sealed": N_("家长"), "said_at": WHEN},
            UNLINK, {"person_id": None, "guardian_sealed": None}, LEDGER),
    Holding("signature", N_("联过的名"), {"person_id": "person"},
            {"matter_id": NUMBER, "signed_at": WHEN, "withdrawn_at": N_("撤回")},
            UNLINK, {"person_id": None, "household_id": None}, LEDGER),
    Holding("comment", N_("留言"), {"person_id": "person", "account_id": "account"},
            {"matter_id": NUMBER, "words": WORDS, "state": STATE, "written_at": WHEN},
            UNLINK, {"person_id": None, "account_id": None, "shown_name": ""}, LEDGER),
    Holding("support", N_("支持过的事"), {"account_id": "account"}, {"matter_id": NUMBER, "at": WHEN},
            UNLINK, {"account_id": None}),
    Holding("objection", N_("公示时提的意见"), {"person_id": "person"},
            {"matter_id": NUMBER, "words": WORDS, "contact_sealed": N_("联系办法"), "reply": N_("答复"), "at": WHEN},
            UNLINK, {"person_id": None, "contact_sealed": None}, LEDGER),
    Holding("rating", N_("评过的事"), {"rater": "rater"},
            {"matter_id": NUMBER, "grade": N_("几分"), "reason": N_("为什么"), "at": WHEN},
            UNLINK, {"name": ""}, LEDGER),
    Holding("owner", N_("业主名册上的登记"), {"person_id": "person", "phone_index": "phone"},
            {"name": N_("姓名"), "mark": N_("怎么分清"), "phone_sealed": N_("电话"), "created_at": WHEN},
            UNLINK, {"person_id": None, "phone_sealed": None, "phone_index": None}, OFFICE),
    Holding("representative", N_("居民代表名册上的登记"), {"person_id": "person", "account_id": "account"},
            {"name": N_("姓名"), "area": N_("片区"), "phone_sealed": N_("电话"), "since": N_("哪天起"),
             "until": N_("到哪天")},
            UNLINK, {"person_id": None, "account_id": None, "phone_sealed": None}, OFFICE),
    Holding("convener", N_("召集人名单上的登记"), {"account_id": "account"},
            {"name": N_("姓名"), "area": N_("片区"), "since": N_("哪天起"), "until": N_("到哪天")},
            UNLINK, {"account_id": None}, OFFICE),
    Holding("council_seat", N_("议事会的席位"), {"account_id": "account"},
            {"name": N_("姓名"), "sector": N_("哪一方"), "unit": N_("单位"), "seated_on": N_("哪天起"),
             "left_on": N_("到哪天")}, KEEP, why=OFFICE),
    Holding("attendance", N_("到过的会"), {"account_id": "account"},
            {"name": N_("姓名"), "capacity": N_("什么身份"), "contact_sealed": N_("联系办法"),
             "reply_words": N_("答复"), "arrived_at": WHEN},
            UNLINK, {"contact_sealed": None}, LEDGER),
    Holding("ballot_roll", N_("表决名单上的一行"), {"person_id": "person", "account_id": "account"},
            {"name": N_("姓名"), "place": N_("住哪儿"), "channel": N_("怎么投的")},
            UNLINK, {"person_id": None, "account_id": None, "name": "（已注销）", "place": ""}, ROLL),
    Holding("preference", N_("收消息的办法"), {"account_id": "account"},
            {"way": N_("哪一种"), "contact_sealed": N_("联系办法"), "agreed_at": N_("什么时候同意的"),
             "changed_at": WHEN},
            UNLINK, {"way": "page", "contact_sealed": None, "agreed_at": None}),
    Holding("delivery", N_("发给您的消息"), {"account_id": "account"},
            {"channel": N_("哪一种"), "to_masked": N_("联系办法"), "words": WORDS, "state": STATE, "created_at": WHEN},
            UNLINK, {"account_id": None, "to_masked": "", "subject": "", "words": ""}),
    Holding("core_resident", N_("能人名册上的登记"), {"phone_index": "phone", "account_id": "account"},
            {"name": N_("姓名"), "phone_sealed": N_("电话"), "skills": N_("会什么"), "hours": N_("什么时候有空"),
             "consent_how": N_("怎么同意的"), "listed_at": WHEN},
            UNLINK, {"name": "", "title": "", "phone_sealed": None, "phone_index": None, "account_id": None,
                     "building_id": None, "skills": "", "hours": "", "roles": [], "suggested": [],
                     "name_public": False, "consent_label": "", "left_at": func.now(), "left_reason": "本人要求删除"}),
    Holding("phone_code", N_("手机验证码"), {"phone_index": "phone"}, {"asked_at": WHEN}, REMOVE),
    Holding("consent", N_("同意和收回的记录"), {"person_id": "person"},
            {"about": N_("同意什么"), "given": N_("同意没有"), "matter_id": NUMBER, "at": WHEN}, KEEP, why=EVIDENCE),
    Holding("privacy_request", N_("提过的要求"), {"person_id": "person"},
            {"number": NUMBER, "kind": N_("要什么"), "outcome": STATE, "asked_at": WHEN},
            UNLINK, {"contact_sealed": None}, EVIDENCE),
    Holding("look", N_("谁看过"), {"person_id": "person", "matter_id": "matter"},
            {"viewer_label": N_("谁"), "subject": N_("看了什么"), "reason": N_("为什么"), "at": WHEN},
            KEEP, why=EVIDENCE),
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One table as it is handed over: column names (message ids) and rows of plain values."""

    key: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Marks:
    """By what a person is found: ids of the row and of the accounts, blind index of the phone, keys of ratings."""

    person: tuple[UUID, ...]
    account: tuple[UUID, ...]
    phone: tuple[str, ...]
    rater: tuple[str, ...]
    matter: tuple[UUID, ...]


def marks_of(person: Person) -> Marks:
    """What identifies ``person`` in the tables of the bound hall; two statements."""
    said = db.metadata.tables["proposal"].c
    matters = db.session.scalars(
        select(said.matter_id).where(said.community_id == current_community(), said.person_id == person.id)
    ).all()
    accounts = db.session.scalars(
        select(Account.id).where(Account.community_id == current_community(), Account.person_id == person.id)
    ).all()
    # The same keys a rating is stored under (flow.evaluate.raters); they work in this direction only.
    known = [*(f"account:{one}" for one in accounts), f"person:{person.id}", *(f"proposer:{one}" for one in matters)]
    raters = tuple(blind("rater", key)[:40] for key in known)
    return Marks(
        (person.id,), tuple(accounts), (person.phone_index,) if person.phone_index else (), raters, tuple(matters)
    )


def sections_of(person: Person) -> list[Section]:
    """Everything held about ``person`` beside the person's own row, empty tables left out; one statement a table."""
    marks, numbers = marks_of(person), db.metadata.tables["matter"]
    found = []
    for holding in HOLDINGS:
        table = db.metadata.tables[holding.table]
        columns = [table.c[name] for name in holding.shows]
        wanted = select(*columns).where(_of(table, holding, marks)).order_by(columns[-1])
        if "matter_id" in holding.shows:
            at = list(holding.shows).index("matter_id")
            columns[at] = numbers.c.number
            on = and_(numbers.c.community_id == table.c.community_id, numbers.c.id == table.c.matter_id)
            wanted = (
                select(*columns)
                .select_from(table.outerjoin(numbers, on))
                .where(_of(table, holding, marks))
                .order_by(columns[-1])
            )
        sealed = [name.endswith("_sealed") for name in holding.shows]
        rows = [
            [unseal(value) if hidden and value else value for value, hidden in zip(row, sealed, strict=True)]
            for row in db.session.execute(wanted)
        ]
        if rows:
            found.append(Section(holding.table, holding.title, list(holding.shows.values()), rows))
    return found


def counts_of(person: Person) -> dict[str, int]:
    """How many rows of each table are about ``person``."""
    marks = marks_of(person)
    counts = {}
    for holding in HOLDINGS:
        table = db.metadata.tables[holding.table]
        counted = select(func.count()).select_from(table).where(_of(table, holding, marks))
        counts[holding.table] = int(db.session.scalar(counted) or 0)
    return counts


def what_stays(counts: Mapping[str, int]) -> dict[str, list[str]]:
    """What an erasure leaves behind of what there is: reason → titles, message ids."""
    found: dict[str, list[str]] = {}
    for holding in HOLDINGS:
        if holding.why and counts[holding.table]:
            found.setdefault(holding.why, []).append(holding.title)
    return found


def take_out(person: Person, *, now: datetime) -> None:
    """Erase ``person``: the own row is emptied, accounts are closed without a name, other rows no longer name anybody.

    What must be kept stays without the person. It cannot be undone; the caller has asked and logged it.
    """
    db.session.flush()
    marks = marks_of(person)
    for holding in HOLDINGS:
        table = db.metadata.tables[holding.table]
        if holding.on_erasure == REMOVE:
            db.session.execute(delete(table).where(_of(table, holding, marks)))
        elif holding.on_erasure == UNLINK and holding.erased:
            db.session.execute(update(table).where(_of(table, holding, marks)).values(**holding.erased))
    for account in db.session.scalars(
        select(Account).where(Account.community_id == current_community(), Account.id.in_(marks.account))
    ):
        account.disabled_at, account.epoch = account.disabled_at or now, account.epoch + 1
        account.login, account.display_name, account.name_key = f"gone-{account.id.hex[-24:]}", "（已注销）", ""
        account.person_id = None
    person.name = person.title = ""
    person.phone_sealed = person.phone_index = person.household_id = person.birth_year = None
    person.name_public = False
    db.session.flush()
    db.session.expire_all()


def _of(table: Table, holding: Holding, marks: Marks) -> Any:
    found = []
    for column, by in holding.finds.items():
        found.append(table.c[column].in_(getattr(marks, by)))
        if by == "matter":
            # Where a row names somebody, it is about that one and not about everybody who spoke in the matter.
            found[-1] = and_(found[-1], table.c.person_id.is_(None))
    return and_(table.c.community_id == current_community(), or_(*found))
