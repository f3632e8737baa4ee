"""What is counted in one hall over a period: whole numbers and histograms, so that sums of halls make the street. Pure.

Source: domain.md section 7. Everything here can be added up: a share is two numbers, a median is a histogram of whole
hours. Figures are made of the sums by :mod:`app.records.indicators`, never of the halls' figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

#: How many of each whole number: hours until an answer, grades of ratings.
Histogram: TypeAlias = Mapping[int, int]
#: What is the longest of all halls and not their sum.
LONGEST = frozenset({"longest_wait"})


@dataclass(frozen=True)
class HallCounts:
    """What was counted in one hall over a period; what was merged counts with its target, what was withdrawn never.

    ``halls`` is 1, so that sums say how many halls are in them; ``covered`` (an open venue and rules of its own) and
    ``active`` (a quorate sitting with minutes in the period) are 0 or 1, ``venues`` its open
    places (K1). ``leads`` were never registered (K2).
    ``in_hand`` is what stood open at the start or was accepted since, without what was referred or ended otherwise;
    ``cohort_closed`` are those accepted in the period and closed by now (K3). ``due`` and ``kept`` are promises of the
    period by their day, ``first_due`` and ``first_kept`` by the day first promised (K4). ``bad`` ratings have grade 1
    or 2, ``grades`` is how many gave each grade (K5). ``adults`` are residents of eighteen or more whom the register
    knows, ``newcomers`` are among ``people`` and took part for the first time in twelve months (K7). ``terms_*`` are
    what mediated agreements promise (K10). ``put_to_vote`` counts matters, ``sittings_joint``
    sittings of several sides (K12). ``reply_hours`` are whole hours from
    collecting to the first human reply (K13), ``entries_offline`` are proposals written down for
    somebody, on paper or out of a letterbox (K14), ``answer_hours`` whole hours until an expert answered (K15).

    Green to ``overdue_days``, ``asking`` (to the street and not taken), ``with_street``, ``longest_wait`` (days),
    ``orders_open``, ``orders_late`` and ``reviews`` (waiting for the street's opinion) describe the moment of counting;
    a month that was first counted after it had ended knows none of these, and ``lit`` (1 for a hall that does) is 0.
    ``themes`` is how many matters of each category were received.
    """

    halls: int = 0
    lit: int = 0
    covered: int = 0
    active: int = 0
    venues: int = 0
    grids: int = 0
    grids_covered: int = 0
    received: int = 0
    leads: int = 0
    individual: int = 0
    joint: int = 0
    organisation: int = 0
    accepted: int = 0
    refused: int = 0
    in_hand: int = 0
    closed: int = 0
    cohort_closed: int = 0
    closed_near: int = 0
    visits_owed: int = 0
    visits_rated: int = 0
    rated: int = 0
    satisfied: int = 0
    well_satisfied: int = 0
    bad: int = 0
    bad_followed: int = 0
    due: int = 0
    kept: int = 0
    verified: int = 0
    first_due: int = 0
    first_kept: int = 0
    resolutions_due: int = 0
    resolutions_done: int = 0
    attendances: int = 0
    ballots: int = 0
    proposals: int = 0
    adults: int = 0
    homes: int = 0
    homes_took_part: int = 0
    people: int = 0
    newcomers: int = 0
    escalated_first: int = 0
    sent_back: int = 0
    entered_review: int = 0
    disputes_ended: int = 0
    disputes_agreed: int = 0
    terms_due: int = 0
    terms_kept: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    overdue_days: int = 0
    put_to_vote: int = 0
    vote_passed: int = 0
    sittings: int = 0
    sittings_quorate: int = 0
    sittings_joint: int = 0
    entries_offline: int = 0
    invited: int = 0
    invited_accepted: int = 0
    to_post: int = 0
    posted_in_time: int = 0
    postings_ended: int = 0
    postings_full: int = 0
    orders_due: int = 0
    orders_kept: int = 0
    orders_issued: int = 0
    orders_second: int = 0
    orders_open: int = 0
    orders_late: int = 0
    asking: int = 0
    with_street: int = 0
    longest_wait: int = 0
    reviews: int = 0
    grades: Histogram = field(default_factory=dict)
    reply_hours: Histogram = field(default_factory=dict)
    answer_hours: Histogram = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> int:
        """Matters in hand now, paused ones included."""
        return self.green + self.yellow + self.red + self.grey

    def without_lights(self, known: HallCounts | None = None) -> HallCounts:
        """The period alone; what stood at its end is taken from ``known``, who counted it then."""
        return replace(self, **{name: getattr(known or HallCounts(), name) for name in STANDING})

    @property
    def replied(self) -> int:
        """Matters of the period that somebody has answered."""
        return sum(self.reply_hours.values())

    def __add__(self, other: HallCounts) -> HallCounts:
        """Both together: numbers added, histograms merged, of waits the longer one."""
        return HallCounts(**{name: _join(name, getattr(self, name), getattr(other, name)) for name in NAMES})

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; histograms get words for keys, in order."""
        found: dict[str, Any] = {}
        for name in NAMES:
            value = getattr(self, name)
            found[name] = {str(key): value[key] for key in sorted(value)} if name in BY_KEY else value
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HallCounts:
        """The opposite of :meth:`as_dict`. What an older row does not know is 0, what it alone knows is left out."""
        known = {name: data[name] for name in NAMES if name in data}
        for name in HISTOGRAMS & known.keys():
            known[name] = {int(key): int(n) for key, n in known[name].items()}
        return cls(**known)


NAMES: tuple[str, ...] = tuple(f.name for f in fields(HallCounts))
HISTOGRAMS = frozenset({"grades", "reply_hours", "answer_hours"})
BY_KEY = HISTOGRAMS | {"themes"}
#: What describes the moment of counting and not the period.
STANDING = frozenset({
    "lit", "green", "yellow", "red", "grey", "overdue_days", "asking", "with_street", "longest_wait", "orders_open",
    "orders_late", "reviews",
})  # fmt: skip


def _join(name: str, one: Any, other: Any) -> Any:
    if name in BY_KEY:
        return dict(Counter(one) + Counter(other))
    return max(one, other) if name in LONGEST else one + other


def sum_counts(rows: Iterable[HallCounts]) -> HallCounts:
    """The street's own row: the sum over its halls, empty for none."""
    found = HallCounts()
    for row in rows:
        found = found + row
    return found


def median(histogram: Histogram) -> int | None:
    """Twice the median, a whole number; None for nothing counted."""
    n = sum(histogram.values())
    return _nth(histogram, (n + 1) // 2) + _nth(histogram, n // 2 + 1) if n else None


def ninetieth(histogram: Histogram) -> int | None:
    """The smallest value that nine of ten do not exceed (nearest rank); None for nothing counted."""
    n = sum(histogram.values())
    return _nth(histogram, (9 * n + 9) // 10) if n else None


def _nth(histogram: Histogram, rank: int) -> int:
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= rank:
            return value
    raise ValueError(f"there is no {rank}th of {seen}")
