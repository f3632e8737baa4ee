"""The schema stays ready to be spread over machines by community: the checks of docs/scale.md, on metadata alone.

Rows of one hall must be found, kept unique and joined without a look at another hall, so every key of a tenant table is
led by ``community_id``; that is also what a distribution by community asks for. Where the street reads across its halls
the reason stands beside the exemption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Enum, Identity, Index, Numeric, Sequence, Table, UniqueConstraint

import app.models  # noqa: F401  every table has to be known
from tenants.policies import kinds, statements

LEAD = {"tenant": "community_id", "street": "street_id"}
#: Tables whose index led by the street → what the street reads through it, over all its halls in one look.
READ_BY_THE_STREET = {
    "escalation": "its inbox: what the halls ask of it and nobody has answered",
    "expert_rating": "what an expert of its pool was worth, in whichever hall",
    "expert_suggestion": "whom the halls suggest for its pool",
    "hall_count": "its overview: the halls by how much they need looking at",
    "hall_notice": "who has read a notice of the street's",
    "invitation": "what an expert of its pool is asked to do, in whichever hall",
    "joint_invite": "which halls it asked into a joint matter",
    "joint_part": "which halls take part in a joint matter",
    "look": "who looked at what, newest first",
    "matter": "its list of matters, newest first, and what was closed in a period",
    "notice_receipt": "which notices were read",
    "order_event": "what became of its supervision orders",
    "reminder": "the third step of urging, which is said to the street",
    "request_letter": "letters to outside units that are due",
    "review_request": "residents who ask the street to look again",
    "seal_queue": "rows that wait for the sealer",
    "supervision_order": "its supervision orders, newest first",
}
#: Foreign keys of tenant tables into a table of their street: it is one row's own street beside ``community_id``, and a
#: distributed database keeps such tables on every machine (reference tables).
INTO_THE_STREET = {
    ("hall_notice", "street_notice"), ("joint_invite", "joint_matter"), ("joint_part", "joint_matter"),
}  # fmt: skip
#: Into the registry: the pair of street and community, which is the root of every key.
TO_THE_ROOT = ("street_id", "community_id")


def tables(*wanted: str) -> Iterator[tuple[Table, str]]:
    """The tables of these kinds, each with the column that has to lead."""
    for table, kind, _access in kinds().values():
        if kind in wanted:
            yield table, LEAD[kind]


def columns_of(index: Index) -> list[str]:
    """The names in an index; an expression stands as its text."""
    return [str(getattr(part, "name", None) or part) for part in index.expressions]


def test_primary_and_unique_keys_are_led_by_the_tenant():
    wrong = []
    for table, lead in tables("tenant", "street"):
        unique = [key for key in table.constraints if isinstance(key, UniqueConstraint)]
        keys = [list(table.primary_key.columns.keys()), *(list(key.columns.keys()) for key in unique)]
        keys += [columns_of(index) for index in table.indexes if index.unique]
        wrong += [f"{table.name} {key}" for key in keys if key[0] != lead]
    assert not wrong, "a key that is not led by its tenant tells one hall about another, and cannot be distributed"


def test_foreign_keys_stay_inside_the_tenant():
    wrong = []
    for table, lead in tables("tenant", "street"):
        for key in table.foreign_key_constraints:
            target = key.referred_table.name
            root = tuple(key.column_keys) == TO_THE_ROOT and target == "community"
            if key.column_keys[0] != lead and not root and (table.name, target) not in INTO_THE_STREET:
                wrong.append(f"{table.name} {key.column_keys} → {target}")
    assert not wrong, "use tenants.database.tfk: a reference led by community_id cannot point into another hall"


def test_indexes_are_led_by_the_tenant_or_read_by_the_street():
    led_by_street = set()
    wrong = []
    for table, lead in tables("tenant", "street"):
        for index in table.indexes:
            first = columns_of(index)[0]
            if first == "street_id" and lead != first and not index.unique:
                led_by_street.add(table.name)
            elif first != lead:
                wrong.append(f"{table.name} {columns_of(index)}")
    assert not wrong, "an index that is not led by the tenant grows with every hall and is of use to none"
    assert led_by_street == set(READ_BY_THE_STREET), "say beside the exemption what the street reads through it"


def test_nothing_counts_over_all_tenants():
    wrong = [
        f"{table.name}.{column.name}"
        for table, _lead in tables("tenant", "street")
        for column in table.columns
        if isinstance(column.default, Sequence)
        or isinstance(column.server_default, Identity)
        or column.identity is not None
        or column is table.autoincrement_column
        or "nextval" in str(getattr(column.server_default, "arg", ""))
    ]
    assert not wrong, "a sequence shows one hall how busy the others are: ids are uuid7, numbers come from counter"


def test_keys_and_indexes_hold_only_what_compares_without_telling():
    """The comparison of an enum or a numeric may raise an error that names a value; it is kept from the index then."""
    wrong = []
    for table, _lead in tables("tenant", "street"):
        named = {name for index in table.indexes for name in columns_of(index)}
        named |= {column.name for key in table.constraints for column in getattr(key, "columns", ())}
        wrong += [
            f"{table.name}.{name}"
            for name in sorted(named & set(table.columns.keys()))
            if isinstance(table.columns[name].type, Enum | Numeric)
        ]
    assert not wrong, "under row-level security an index on such a column is not used; write text or bigint"


def test_policies_ask_no_other_table():
    asking = re.compile(r"\b(select|exists|in\s*\()", re.IGNORECASE)
    policies = [line for line in statements() if line.startswith("CREATE POLICY")]
    assert len(policies) > 200
    wrong = []
    for line in policies:
        conditions = re.split(r"\b(?:USING|WITH CHECK)\b", line)[1:]
        table = line.split(" ON ", 1)[1].split(" ", 1)[0]
        if any(asking.search(part) for part in conditions) and not table.startswith("joint_"):
            wrong.append(line)
    assert not wrong, "a policy with a question of its own is asked for each row, and a distributed database refuses it"
