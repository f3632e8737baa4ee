"""How a promise stands, in one plain sentence for a report-back sitting. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Promise:
    """A promise as this rule sees it."""

    what: str
    state: str
    due: date
    first_due: date
    done_count: int = 0
    target: int | None = None
    unit: str = ""
    reason: str = ""


def stands(promise: Promise, today: date) -> str:
    """「装晾衣架：做了 3/5 组，7月6日前办完」 and its like. Data of the record, so it is not translated."""
    measure = f"做了 {promise.done_count}/{promise.target} {promise.unit}，" if promise.target is not None else ""
    return f"{promise.what}：{measure}{_when(promise, today)}"


def _when(promise: Promise, today: date) -> str:
    if promise.state == "verified":
        return "办完了，也核验过了"
    if promise.state == "done":
        return "报完工了，等人去看"
    if promise.state == "dropped":
        return "不办了"
    said = f"说好{_day(promise.due)}前办完"
    if promise.due != promise.first_due:
        said = f"原定{_day(promise.first_due)}，延到{_day(promise.due)}" + (
            f"，因为{promise.reason}" if promise.reason else ""
        )
    return f"{said}，已经过了 {(today - promise.due).days} 天" if today > promise.due else said


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
