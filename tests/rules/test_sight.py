"""The table "Who sees and does what" of domain.md section 2, cell by cell."""

from __future__ import annotations

import pytest

from app.matter.sight import Part, Sensitivity, Viewer, may_see
from app.matter.situation import Visibility
from app.people.roles import Role


def looking(*roles: Role, **facts: bool) -> Viewer:
    return Viewer(frozenset(roles), **facts)


VIEWERS = {
    "public": looking(),
    "neighbour": looking(Role.RESIDENT),
    "own": looking(Role.PROPOSER, is_own=True),
    "council": looking(Role.COUNCIL_MEMBER),
    "invited": looking(Role.COUNCIL_MEMBER, is_invited=True),
    "staff": looking(Role.COMMUNITY_WORKER),
    "handler": looking(Role.SECRETARY, is_handler=True),
    "handler_logged": looking(Role.SECRETARY, is_handler=True, reason_logged=True),
    "street": looking(Role.STREET_SUPERVISOR),
    "street_logged": looking(Role.STREET_SUPERVISOR, reason_logged=True),
    "expert": looking(Role.EXPERT, is_invited=True),
    "other_expert": looking(Role.EXPERT),
}
OPEN = Sensitivity()
QUARREL = Sensitivity(Visibility.PARTIES, is_dispute=True)
EVERYBODY = " ".join(VIEWERS)
INSIDE = "own invited handler handler_logged street_logged"
#: A child's matter opens to its handlers only for a reason on record, and never to the council.
CHILD = Sensitivity(Visibility.PARTIES, has_minor=True)
OPENED_CHILD = Sensitivity(Visibility.PUBLIC, has_minor=True, is_opened=True)
FOR_A_REASON = "own handler_logged street_logged"


@pytest.mark.parametrize(
    ("part", "matter", "seen_by"),
    [
        (Part.NUMBER_AND_STAGE, QUARREL, EVERYBODY),
        (Part.OPEN_FACTS, OPEN, EVERYBODY),
        (Part.CONTENT, OPEN, "own council invited staff handler handler_logged street street_logged"),
        (Part.RESULT, OPEN, EVERYBODY),
        (Part.BRIEF, OPEN, "own council invited staff handler handler_logged street street_logged expert"),
        (Part.OPEN_FACTS, QUARREL, INSIDE),
        (Part.CONTENT, QUARREL, INSIDE),
        (Part.RESULT, QUARREL, INSIDE),
        (Part.BRIEF, QUARREL, f"{INSIDE} expert"),
        (Part.CONTENT, CHILD, FOR_A_REASON),
        (Part.CONTENT, Sensitivity(has_minor=True), FOR_A_REASON),
        (Part.OPEN_FACTS, CHILD, f"{FOR_A_REASON} invited"),
        (Part.BRIEF, CHILD, f"{FOR_A_REASON} invited expert"),
        (Part.PERSONS, CHILD, FOR_A_REASON),
        (Part.MASKED_PERSONS, CHILD, f"{FOR_A_REASON} street"),
        (Part.OPEN_FACTS, OPENED_CHILD, EVERYBODY),
        (Part.CONTENT, OPENED_CHILD, "own council invited staff handler handler_logged street street_logged"),
        (Part.WORDS, OPENED_CHILD, FOR_A_REASON),
        (Part.PERSONS, OPENED_CHILD, FOR_A_REASON),
        (Part.WORDS, CHILD, FOR_A_REASON),
        (Part.WORDS, OPEN, "own council invited staff handler handler_logged street street_logged"),
        (Part.CONTENT, Sensitivity(is_sensitive=True), INSIDE),
        (Part.CONTENT, Sensitivity(Visibility.MEMBERS), f"{INSIDE} council"),
        (Part.CONTENT, Sensitivity(Visibility.MEMBERS, has_minor=True), FOR_A_REASON),
        (Part.PERSONS, OPEN, "own handler handler_logged street_logged"),
        (Part.PERSONS, QUARREL, "own handler handler_logged street_logged"),
        (Part.MASKED_PERSONS, OPEN, "own handler handler_logged street street_logged"),
        (Part.OWN_RECEIPT, OPEN, "own"),
        (Part.TALLY, OPEN, "staff handler handler_logged"),
    ],
)
def test_who_sees_what(part: Part, matter: Sensitivity, seen_by: str) -> None:
    assert {name for name, viewer in VIEWERS.items() if may_see(part, viewer, matter)} == set(seen_by.split())


def test_every_part_is_settled_for_everybody_with_a_reason() -> None:
    for part in Part:
        for viewer in VIEWERS.values():
            for matter in (OPEN, QUARREL):
                verdict = may_see(part, viewer, matter)
                assert verdict or verdict.reason
