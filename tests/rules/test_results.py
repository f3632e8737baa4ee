"""Who took part is counted once, whatever they did; things and money come from the better of two records."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.records.results import Made, Presence, heads, spent, things

WANG, LI, CHEN = (UUID(int=n) for n in (1, 2, 3))
ACCOUNT, OTHER = UUID(int=11), UUID(int=12)
HOME, NEXT_DOOR = UUID(int=21), UUID(int=22)


def key_of(account: UUID) -> str:
    return f"key-{account.int}"


def many(way: str, n: int) -> list[Presence]:
    return [Presence(way, mark=f"{way}:{one}") for one in range(n)]


@pytest.mark.parametrize(
    ("traces", "total"),
    [
        ([], 0),
        ([Presence("said", person=WANG), Presence("attended", person=WANG), Presence("voted", person=WANG)], 1),
        ([Presence("attended", account=ACCOUNT), *(Presence("voted", account=one) for one in (ACCOUNT, OTHER))], 2),
        ([Presence("attended", mark="name:刘阿姨"), Presence("attended", mark="name:刘阿姨")], 1),
        # A home that answered is one, unless somebody who lives there is counted.
        ([Presence("asked", home=HOME), Presence("asked", home=HOME), Presence("voted", home=HOME)], 1),
        ([Presence("voted", person=WANG, home=HOME), *(Presence("asked", home=one) for one in (HOME, NEXT_DOOR))], 2),
        ([Presence("asked", mark="door:3 号楼 301"), Presence("asked", mark="door:3 号楼 302")], 2),
        # Ratings: the account that voted adds nobody, nor does the proposer; two strangers are two.
        ([Presence("voted", person=WANG, account=ACCOUNT), Presence("rated", mark="key-11")], 1),
        ([Presence("said", person=WANG), Presence("rated", mark="x", who="proposer")], 1),
        ([Presence("rated", mark="x", who="proposer")], 1),
        ([Presence("signed", person=LI), Presence("rated", mark="x", who="signer"), Presence("rated", mark="y")], 1),
        ([Presence("rated", mark="x"), Presence("rated", mark="y"), Presence("rated", mark="y")], 2),
        # Nameless words of a joint proposal are its first signer's.
        ([Presence("said", mark="said:1"), Presence("signed", person=LI), Presence("signed", person=CHEN)], 2),
        ([Presence("said", mark="said:1"), Presence("attended", person=LI)], 1),
        ([Presence("said", mark="said:1"), Presence("said", mark="said:2")], 1),
        # M02: twelve homes signed, one of them known, fourteen names came to the bench, twelve rated on paper.
        ([Presence("signed", person=LI), *many("signed", 11), *many("attended", 14), *many("rated", 12)], 14),
        # On one list with somebody known, two more names are two more people; on another they may be the same.
        ([Presence("attended", person=LI), *many("attended", 2)], 3),
        ([Presence("voted", person=LI), *many("attended", 2)], 2),
        # A rating that is known to be somebody's leaves the others to be others.
        ([Presence("voted", person=LI, account=ACCOUNT), Presence("rated", mark="key-11"), *many("rated", 2)], 3),
        # Somebody whose home is not on record may live behind one of the doors.
        ([Presence("voted", account=ACCOUNT), *(Presence("asked", home=one) for one in (HOME, NEXT_DOOR))], 2),
        ([Presence("asked", home=HOME), *many("asked", 2)], 3),
        ([Presence("asked", home=HOME), *many("rated", 2)], 2),
        ([Presence("signed", mark="signed:1", home=HOME), Presence("asked", home=HOME)], 1),
    ],
)  # fmt: skip
def test_nobody_is_counted_twice(traces, total):
    assert heads(traces, key_of).total == total


def test_the_ways_overlap_and_are_told_apart():
    found = heads(
        [Presence("attended", person=WANG), Presence("voted", person=WANG), Presence("voted", person=LI),
         Presence("rated", mark="x")], key_of,
    )  # fmt: skip
    assert (found.total, dict(found.by_way)) == (2, {"attended": 1, "voted": 2, "rated": 1})
    assert found.at_least
    assert not heads([Presence("voted", person=WANG), Presence("attended", person=WANG)], key_of).at_least
    assert not heads(
        [Presence("voted", person=WANG, account=ACCOUNT), Presence("rated", mark="key-11")], key_of
    ).at_least


def test_a_thing_is_counted_once():
    chairs = Made("爱心椅", 300, "把", WANG, False)
    task = Made("做爱心椅", 300, "把", WANG, True)
    places = Made("修坡道", 8, "处", LI, True)
    assert things([task, chairs, places]) == [chairs, places]
    # Something on the list that names no task stands for every task of its unit.
    assert things([Made("爱心椅", 300, "把", None, False), task, places])[1:] == [places]
    assert things([Made("修坡道", 0, "处", LI, True)]) == []


def test_every_fen_counts_once():
    assert spent(470_050, True, loose=True, by_tasks=9) == (470_050, True)
    assert spent(470_050, False, loose=False, by_tasks=950) == (471_000, False)
    assert spent(None, False, loose=False, by_tasks=480_000) == (480_000, False)
    assert spent(None, False, loose=False, by_tasks=None).fen is None
