"""The six figures at the head of a street's or a hall's page, and what changed since the period before. Pure.

Source: domain.md section 7. Shares are compared in points, medians in hours, what stands at this moment with what stood
at the end of last month. Numbers of things are not compared at all while a period still runs: beside them stands what
the other period had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.records.charts import Spark, spark
from app.records.counts import HallCounts, median, sum_counts
from app.records.indicators import FEWEST_RATINGS, NOTHING, Figure, hall_figures, ratio
from app.records.periods import MONTHS, month_of, periods, quarter_of, year_of
from app.words import N_

#: The periods an officer may choose, and what the one before is called.
CHOICES: Mapping[str, str] = {"month": N_("本月"), "quarter": N_("本季"), "year": N_("今年")}
BEFORE: Mapping[str, str] = {"month": N_("上月"), "quarter": N_("上季"), "year": N_("去年")}


@dataclass(frozen=True)
class Tile:
    """One figure of the strip. ``note`` is a message id with ``values``; ``arrow`` is ``up``, ``down``, ``level`` or
    empty; ``figure`` holds numerator, denominator and what they mean."""

    figure: Figure
    label: str
    value: str
    unit: str
    note: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    arrow: str = ""
    line: Spark | None = None


def key_of(choice: str, day: date) -> str:
    """The key under which the figures of the period around ``day`` are kept: 2026-11, 2026Q4 or 2026."""
    return {"month": month_of, "quarter": quarter_of, "year": year_of}[choice](day).key


def month_keys(day: date) -> list[str]:
    """The keys of the last months, that of ``day`` last."""
    return [month_of(day).key, *(period.key for period in periods(day)[3:])][::-1]


def before(choice: str, day: date, months: Mapping[str, HallCounts]) -> HallCounts | None:
    """What was counted in the period before, made of its months; None where one of them is missing, and for a year."""
    keys = month_keys(day)
    if choice == "year":
        return None
    end = MONTHS - 1 if choice == "month" else MONTHS - 1 - (day.month - 1) % 3
    wanted = keys[end - (1 if choice == "month" else 3) : end]
    return sum_counts(months[key] for key in wanted) if all(key in months for key in wanted) else None


def tiles(counts: HallCounts, day: date, choice: str, months: Mapping[str, HallCounts]) -> list[Tile]:
    """The strip: what came in, kept on time, how soon answered, red lights, homes that took part, satisfaction."""
    then, keys = before(choice, day, months), month_keys(day)
    found = {figure.key: figure for figure in hall_figures(counts)}
    old = {figure.key: figure for figure in hall_figures(then)} if then else {}
    series = [months.get(key) for key in keys]
    last = months.get(keys[-2])
    return [
        _received(found["K2"], counts, then, choice, series),
        _share(found["K4"], N_("按时办结"), old.get("K4"), choice, _shares(series, "kept", "due", 1)),
        _hours(found["K13"], counts, then, choice, series),
        _red(found["K11"], counts, last if _is_lit(last) else None, series),
        _homes(found["K7h"], counts, series),
        _share(found["K5"], N_("满意"), old.get("K5"), choice, _shares(series, "satisfied", "rated", FEWEST_RATINGS)),
    ]  # fmt: skip


def overdue(day: date, months: Mapping[str, HallCounts]) -> list[tuple[str, int | None]]:
    """Red lights at the end of each of the last months, and now: (key of the month, number or None for not known)."""
    return [(key, months[key].red if _is_lit(months.get(key)) else None) for key in month_keys(day)]


def flow(day: date, months: Mapping[str, HallCounts]) -> list[tuple[str, int | None, int | None]]:
    """What came in and what was closed in each of the last months: (key, received, closed)."""
    found = [(key, months.get(key)) for key in month_keys(day)]
    return [(key, one.received if one else None, one.closed if one else None) for key, one in found]


def _is_lit(one: HallCounts | None) -> bool:
    """Whether the lights of that month are known: they are those of a moment and cannot be counted afterwards."""
    return one is not None and one.lit > 0


def _received(
    figure: Figure, counts: HallCounts, then: HallCounts | None, choice: str, series: Sequence[HallCounts | None]
) -> Tile:
    line = _line(series, lambda one: one.received)
    if choice == "year":
        now = series[-1]
        note, n = N_("这个月 %(n)s 件"), now.received if now else 0
    else:
        note, n = (N_("%(before)s %(n)s 件"), then.received) if then else ("", 0)
    values = {"n": n, "before": BEFORE[choice]}
    return Tile(figure, N_("收到的事"), f"{counts.received:,}", N_("件"), note, values, "", line)


def _homes(figure: Figure, counts: HallCounts, series: Sequence[HallCounts | None]) -> Tile:
    # A share that cannot be told is not printed as a dash with a percent sign; the reason stands there, if any.
    told = figure.number != NOTHING
    note, values = (N_("占登记的 %(n)s%%"), {"n": figure.number}) if told else (figure.hidden, {})
    line = _line(series, lambda one: one.homes_took_part)
    return Tile(figure, N_("参与户"), f"{counts.homes_took_part:,}", N_("户"), note, values, "", line)


def _share(figure: Figure, label: str, old: Figure | None, choice: str, line: Spark | None) -> Tile:
    values = {"before": BEFORE[choice]}
    if figure.hidden or not figure.denominator or old is None or old.hidden or not old.denominator:
        return Tile(figure, label, figure.number, figure.unit, figure.hidden, line=line)
    points = _tenths(figure) - _tenths(old)
    if not points:
        return Tile(figure, label, figure.number, "%", N_("和%(before)s持平"), values, "level", line)
    note = N_("比%(before)s高 %(n)s") if points > 0 else N_("比%(before)s低 %(n)s")
    return Tile(
        figure, label, figure.number, "%", note, {**values, "n": ratio(abs(points), 10)},
        "up" if points > 0 else "down", line,
    )  # fmt: skip


def _hours(
    figure: Figure, counts: HallCounts, then: HallCounts | None, choice: str, series: Sequence[HallCounts | None]
) -> Tile:
    line = _line(series, lambda one: median(one.reply_hours))
    now, old = median(counts.reply_hours), median(then.reply_hours) if then else None
    if now is None or old is None:
        return Tile(
            figure,
            N_("首次答复"),
            figure.number,
            figure.unit,
            N_("一半的事不超过") if now is not None else "",
            line=line,
        )
    values = {"before": BEFORE[choice], "n": ratio(abs(now - old), 2)}
    if now == old:
        return Tile(figure, N_("首次答复"), figure.number, figure.unit, N_("和%(before)s持平"), values, "level", line)
    note = N_("比%(before)s快 %(n)s 小时") if now < old else N_("比%(before)s慢 %(n)s 小时")
    return Tile(figure, N_("首次答复"), figure.number, figure.unit, note, values, "down" if now < old else "up", line)


def _red(figure: Figure, counts: HallCounts, last: HallCounts | None, series: Sequence[HallCounts | None]) -> Tile:
    line = _line([one if _is_lit(one) else None for one in series], lambda one: one.red)
    if last is None:
        return Tile(
            figure, N_("红灯"), f"{counts.red:,}", N_("件"), N_("在办 %(n)s 件里"), {"n": counts.open}, "", line
        )
    more = counts.red - last.red
    if not more:
        return Tile(figure, N_("红灯"), f"{counts.red:,}", N_("件"), N_("和上月底一样多"), {}, "level", line)
    note = N_("比上月底多 %(n)s") if more > 0 else N_("比上月底少 %(n)s")
    arrow = "up" if more > 0 else "down"
    return Tile(figure, N_("红灯"), f"{counts.red:,}", N_("件"), note, {"n": abs(more)}, arrow, line)


def _tenths(figure: Figure) -> int:
    return (2000 * figure.numerator + figure.denominator) // (2 * figure.denominator)


def _line(series: Sequence[HallCounts | None], value: Callable[[HallCounts], float | None]) -> Spark | None:
    return spark([None if one is None else value(one) for one in series])


def _shares(series: Sequence[HallCounts | None], part: str, whole: str, least: int) -> Spark | None:
    def share(one: HallCounts) -> float | None:
        of = int(getattr(one, whole))
        return int(getattr(one, part)) / of if of >= least else None

    return _line(series, share)
