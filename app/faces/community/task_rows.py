"""The rows 谁来办，哪天办完 of a form: read as typed, made into tasks, said in words on a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.errors import Refused
from app.faces import figures
from app.faces.phrasing import aside
from app.flow.deliberate.queries import hall_people
from app.flow.resolve import rules
from app.flow.resolve.rules import Task
from app.flow.resolve.task_rules import OWNER_KINDS
from app.words import N_

#: Empty rows offered for tasks, and how many more a click on 再加几行 brings.
ROWS = 4
MORE_ROWS = 4
#: The last five are folded away: most promises of a hall are made by its own people and need no measure.
COLUMNS = ("what", "who", "owner", "due", "planned", "kind", "target", "unit", "contact", "letter")


def typed_rows(columns: Sequence[str] = COLUMNS) -> list[dict[str, str]]:
    """The task rows as typed; a row nobody touched is left out. A form without the folded fields has them empty."""
    typed = [[cell.strip() for cell in request.form.getlist(name)[: rules.TASKS_MOST + 1]] for name in columns]
    most = max((len(column) for column in typed), default=0)
    padded = [column + [""] * (most - len(column)) for column in typed]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*padded, strict=True)]
    return [row for row in rows if any(row.values())]


def empty_rows(n: int = ROWS) -> list[dict[str, str]]:
    """Rows nobody has touched."""
    return [dict.fromkeys(COLUMNS, "") for _row in range(n)]


def filled_up(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The typed rows and enough empty ones behind: a page that asks for a task must have a line to write it on."""
    return rows + empty_rows(ROWS - len(rows))


def tasks_from(rows: list[dict[str, str]]) -> list[Task]:
    """Rows as tasks; a day, a sum or a number that cannot be read is refused with the row's number."""
    known = {str(account.id): account for account in hall_people()} if any(row["owner"] for row in rows) else {}
    tasks = []
    for n, row in enumerate(rows, start=1):
        owner = known.get(row["owner"])
        if row["owner"] and owner is None:
            raise Refused(N_("第 %(n)s 项任务：经办人不在名单里。"), n=n)
        who = row["who"] or (owner.display_name if owner else "")
        tasks.append(task_from(n, row | {"who": who})._replace(owner_id=owner.id if owner else None))
    return tasks


def task_from(n: int, row: dict[str, str]) -> Task:
    """One row as a task of nobody's account."""
    due = figures.day(row["due"])
    if due is None:
        raise Refused(N_("第 %(n)s 项任务：写上哪天办完。"), n=n)
    return Task(
        row["what"], row["who"], None, due, _planned(n, row["planned"]), owner_kind=row["kind"] or "person",
        unit=row["unit"], target=figures.count(row["target"]), contact=row.get("contact", ""),
        letter_no=row["letter"],
    )  # fmt: skip


def _planned(n: int, typed: str) -> int:
    try:
        return figures.fen(typed) or 0
    except Refused:
        raise Refused(N_("第 %(n)s 项任务：预算写数字，例如 4800 或 4800.50。"), n=n) from None


def owner_kinds() -> list[tuple[str, str]]:
    """Who may owe a task, for a list to choose from; the first stands for nothing chosen."""
    return [("" if kind == "person" else kind, _(label)) for kind, label in OWNER_KINDS.items()]


def measure_words(unit: str, target: int | None) -> str:
    """300 把; empty where a task is not measured."""
    return f"{target} {unit}" if target is not None else ""


def owner_words(who: str, letter_no: str) -> str:
    """市燃气公司（函〔2026〕12号）: who does it, and by which letter they were asked."""
    return aside(who, letter_no)


def said_of(task: dict[str, Any]) -> dict[str, str]:
    """``what`` with its measure and ``who`` with the letter, of a task as a resolution keeps it."""
    measure = measure_words(task.get("unit", ""), task.get("target"))
    return {
        "what": aside(task["what"], measure),
        "who": owner_words(task["who"], task.get("letter_no", "")),
    }
