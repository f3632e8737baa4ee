"""What a result says in numbers: how many people took part, what was left behind, what it cost. Pure.

Source: the results page of a hall (成果展示) and domain.md section 7, K5: satisfaction under five answers is not shown.

**People who took part** in one matter are distinct people over six ways (:data:`WAYS`): who said it, who signed it,
who came to a sitting about it, who cast a ballot on it, which homes answered at their door, who rated the result. A
number in public never claims more than is known:

- One person counts once however often they came: the same person, the same account, the same owner known as a resident.
- A home that answered at its door or voted as a home is one, and not at all where somebody of that home is counted; of
  people whose home is not on record each may live in one of these homes.
- Whoever left no identity (a signature without a person, a name without an account, a door known by its label, a
  rating) may be anybody who came another way. So of the ways only the one with the most nameless people counts, and
  only as far as they are more than everybody counted already whom they may be; the total is then a lower bound.
- A rating from the account of somebody who is counted, or from the proposer or a signer, adds nobody, and only the last
  round counts. Whoever stood back from a matter did not take part in it. Community staff never counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    N_(
        "没留身份的（评议不留名，签名、到会只写了名字，门牌对不上户的）可能就是前面算过的人，不往上加："
        "只取人数最多的那一样，超出前面的部分才算，所以写「至少」。返工后再评的，只算最后一回。"
    ),
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
    """How many took part, and of each way how many; the ways overlap, ``total`` counts nobody twice.

    ``at_least``: some left no identity, so it may have been more.
    """

    total: int = 0
    by_way: Mapping[str, int] = field(default_factory=dict)
    at_least: bool = False


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
    known, homes, nameless = _sorted_out(rows, {key_of(row.account): _identity(row) for row in rows if row.account})
    lived_in = {row.home for row in rows if _identity(row)} - {None}
    people, doors = set().union(*known.values()), set().union(*homes.values()) - lived_in
    somewhere = people - {_identity(row) for row in rows if row.home}
    at_home = max(0, len(doors) - len(somewhere))
    more = 0
    for way, found in nameless.items():
        # Nobody stands twice in one list; whoever came another way may be one of the nameless.
        others = len(people - known[way]) + min(at_home, len(doors - homes[way]))
        more = max(more, len(found) - others)
    by_way = {way: len({_mark(row) for row in rows if row.way == way}) for way in WAYS}
    return Heads(
        len(people) + at_home + more, {way: n for way, n in by_way.items() if n},
        any(nameless.values()) or bool(doors and somewhere),
    )  # fmt: skip


_Found = dict[str, set[str]]
#: A rating that says itself whose it is speaks of somebody who is counted that way.
_SPEAKS_OF = {"proposer": "said", "signer": "signed"}


def _sorted_out(rows: Sequence[Presence], keys: Mapping[str, str]) -> tuple[_Found, dict[str, set[UUID]], _Found]:
    """By way: the identities, the homes of those without one, and the marks of those without either.

    ``keys`` says whose rating an opaque key is.
    """
    known: _Found = {way: set() for way in WAYS}
    nameless: _Found = {way: set() for way in WAYS}
    homes: dict[str, set[UUID]] = {way: set() for way in WAYS}
    ways = {row.way for row in rows}
    for row in rows:
        who = keys.get(row.mark, "") if row.way == "rated" else _identity(row)
        if who:
            known[row.way].add(who)
        elif row.home:
            homes[row.way].add(row.home)
        elif row.way == "said":
            # Two sheets of words without a name may be by one hand.
            nameless["said"].add("somebody")
        elif _SPEAKS_OF.get(row.who) not in ways:
            nameless[row.way].add(row.mark)
    return known, homes, nameless


def _identity(row: Presence) -> str:
    if row.person:
        return f"person:{row.person}"
    return f"account:{row.account}" if row.account else ""


def _mark(row: Presence) -> str:
    return row.mark if row.way == "rated" else _identity(row) or row.mark or str(row.home)


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
