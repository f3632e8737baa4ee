"""What a hall holds about one person, to be read, taken along as JSON or opened as a spreadsheet (PIPL section 45)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app import clock
from app.people import households
from app.people.consents import LABELS as CONSENTS
from app.people.holdings import Section, sections_of
from app.people.looks import SUBJECTS
from app.people.models import Person
from app.people.secrets import unseal
from app.people.sheets import Table, book_bytes, guarded
from app.words import N_

Say = Callable[[str], str]
#: What is stored in a word of the program's own, said in people's words; by table and column name (a message id).
VALUES: dict[str, dict[str, str]] = {
    "consent": CONSENTS,
    "look": SUBJECTS,
    "residency_proof": {"household_code": N_("户码"), "phone": N_("手机"), "vouched": N_("工作人员作证")},
    "comment": {"waiting": N_("等着看"), "shown": N_("公开着"), "hidden": N_("隐藏了"), "withdrawn": N_("本人撤回")},
    "ballot_roll": {"online": N_("网上"), "paper": N_("纸票"), "hands": N_("举手")},
    "privacy_request": {
        "see": N_("看一看"), "export": N_("拿走一份"), "correct": N_("有错，要改"), "delete": N_("要删"),
    },
}  # fmt: skip


def everything_about(person: Person, say: Say) -> list[Section]:
    """The person's own row and every table that holds something, in words; ``say`` translates a message id."""
    return [_own_row(person, say), *(_in_words(section, say) for section in sections_of(person))]


def as_json(sections: Sequence[Section], *, made: str) -> bytes:
    """UTF-8 JSON: ``made`` and, by the name of each part, its rows as objects."""
    parts = {
        section.title: [dict(zip(section.heads, row, strict=True)) for row in section.rows] for section in sections
    }
    return json.dumps({"made": made, "parts": parts}, ensure_ascii=False, indent=1).encode()


def as_xlsx(sections: Sequence[Section]) -> bytes:
    """One sheet a part. What a person typed is text for good, also where the sheet is saved as CSV later."""
    return book_bytes(
        Table(
            section.title, section.heads, ([guarded(str(value)) for value in row] for row in section.rows),
            widths=[28] * len(section.heads), wrap=True,
        )
        for section in sections
    )  # fmt: skip


def _own_row(person: Person, say: Say) -> Section:
    where = households.addresses([person.household_id]) if person.household_id else {}
    pairs = [
        (N_("姓名"), person.name), (N_("称呼"), person.title),
        (N_("电话"), unseal(person.phone_sealed) if person.phone_sealed else ""),
        (N_("哪一户"), where.get(person.household_id, "") if person.household_id else ""),
        (N_("哪年出生"), str(person.birth_year or "")),
        (N_("公开姓名"), say(N_("是") if person.name_public else N_("否"))),
        (N_("什么时候记下的"), _plain(person.created_at)),
    ]  # fmt: skip
    shown = [(say(label), value) for label, value in pairs if value]
    return Section(
        "person", say(N_("您是谁")), [label for label, _value in shown], [[value for _label, value in shown]]
    )


def _in_words(section: Section, say: Say) -> Section:
    known = VALUES.get(section.key, {})
    rows = [[_said(value, known, say) for value in row] for row in section.rows]
    return Section(section.key, say(section.title), [say(head) for head in section.heads], rows)


def _said(value: Any, known: dict[str, str], say: Say) -> str:
    if isinstance(value, bool):
        return say(N_("是") if value else N_("否"))
    if isinstance(value, str) and value in known:
        return say(known[value])
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None or isinstance(value, UUID) else str(value)
