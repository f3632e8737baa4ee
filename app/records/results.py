"""What a result says in numbers: how many people took part, what was left behind, what it cost. Pure.

Source: the results page of a hall (成果展示) and domain.md section 7, K5: satisfaction under five answers is not shown.

**People who took part** in one matter are distinct people over six ways (:data:`WAYS`): who said it, who signed it,
who came to a sitting about it, who cast a ballot on it, which homes answered at their door, who rated the result. One
person counts once however often they came: the same person, the same account, the same owner known as a resident. A
home that answered at its door or voted as a home counts as one, and not at all where somebody of that home is counted
already. A name without an account counts once however many sittings it came to. A rating carries no name: one that came
from the account of somebody who is counted, or from the proposer or a signer, adds nobody; of the others each adds one,
and only the last round counts. Whoever stood back from a matter did not take part in it. Community staff never counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from app.words import N_

#: The ways of taking part, in the order in which they are told.
WAYS: Mapping[str, str] = {
    "said": N_("提出来的"), "signed": N_("联名的"), "attended": N_("到会的"), "voted": N_("投票表决的"),
    "asked": N_("上门答复的户"), "rated": N_("评议打分的"),
}  # fmt: skip
#: The definition as people read it, one tap from the number.
DEFINITION = (
    N_("提出、联名、到会、投票、上门时答复、评议打分的，都算参与。"),
    N_("同一个人参与几回都只算一位：账号相同、登记的是同一位居民，只算一次。"),
    N_("上门问的按户算，一户算一位；这户已经有人算进来的，不再算。"),
    N_("评议不留名。认得出是前面算过的，不再算；认不出的，一份算一位。返工后再评的，只算最后一回。"),
    N_("社区工作人员不算在内，议到时回避的人也不算。"),
)


class Presence(NamedTuple):
    """One trace of somebody: which way, and whatever is known of who it was. ``mark`` is a name or an opaque key."""

    way: str
    person: UUID | None = None
    account: UUID | None = None
    home: UUID | None = None
    mark: str = ""
    who: str = ""


@dataclass(frozen=True)
class Heads:
    """How many took part, and of each way how many; the ways overlap, ``total`` counts nobody twice."""

    total: int = 0
    by_way: Mapping[str, int] = field(default_factory=dict)


class Made(NamedTuple):
    """A countable thing: 300 把 爱心椅. ``commitment`` names the task it came from; ``task`` says that it is one."""

    what: str
    n: int
    unit: str
    commitment: UUID | None
    is_task: bool


class Spent(NamedTuple):
    """Fen that went out; ``approx`` says that it is an upper bound (「近60万元」). None: nothing on record."""

    fen: int | None
    approx: bool = False


def heads(traces: Iterable[Presence], key_of: Callable[[UUID], str]) -> Heads:
    """Count people as the definition says; ``key_of`` gives the rating key of an account."""
    rows = list(traces)
    # Whoever proposed jointly is the first signer, so nameless words beside signatures are one of these.
    signed = any(row.way == "signed" for row in rows)
    named = [row for row in rows if row.way != "rated" and _name(row) and not (signed and _is_nameless_word(row))]
    doors = [row for row in rows if row.way != "rated" and not _name(row) and row.home]
    known, lived_in = {_name(row) for row in named}, {row.home for row in named}
    homes = {row.home for row in doors} - lived_in
    ways: dict[str, set[str]] = {way: set() for way in WAYS}
    for row in (*named, *doors):
        ways[row.way].add(_name(row) or str(row.home))
    keys = {key_of(row.account) for row in rows if row.account}
    ways["rated"] = {row.mark for row in rows if row.way == "rated"}
    strangers = {row.mark for row in rows if row.way == "rated" and not _is_counted(row, ways, keys)}
    total = len(known) + len(homes) + len(strangers)
    return Heads(total, {way: len(found) for way, found in ways.items() if found})


def _is_nameless_word(row: Presence) -> bool:
    return row.way == "said" and row.person is None and row.account is None


def _name(row: Presence) -> str:
    if row.person:
        return f"person:{row.person}"
    return f"account:{row.account}" if row.account else row.mark


def _is_counted(row: Presence, ways: Mapping[str, set[str]], keys: set[str]) -> bool:
    if row.mark in keys:
        return True
    return (row.who == "proposer" and bool(ways["said"])) or (row.who == "signer" and bool(ways["signed"]))


def things(made: Iterable[Made]) -> list[Made]:
    """What there is to count, each thing once: the list of what was left behind goes before the task that made it."""
    rows = [one for one in made if one.n > 0]
    left = [one for one in rows if not one.is_task]
    named = {one.commitment for one in left if one.commitment}
    loose = {one.unit for one in left if one.commitment is None}
    tasks = [one for one in rows if one.is_task and one.commitment not in named and one.unit not in loose]
    return left + tasks


def spent(bills: int | None, approx: bool, *, loose: bool, by_tasks: int | None) -> Spent:
    """Money that went out, each fen once, as ``flow.implement.money_rules.reckon`` sums an account.

    ``bills`` is what the account's lines add up to (None: nobody kept one), ``loose`` says that one of them names no
    task; ``by_tasks`` is what the tasks without a line of their own say they cost, which a loose bill may mean as well.
    """
    own = None if loose else by_tasks
    return Spent(None) if bills is None and own is None else Spent((bills or 0) + (own or 0), approx)
