"""The names under which halls stand in addresses. Pure: no Flask, no database."""

from __future__ import annotations

import re

#: Names of hosts that mean something else, or will.
RESERVED = frozenset({"www", "api", "admin", "street", "auth", "static", "m", "mail", "help", "status"})
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
#: Leads every number of a hall's papers, so it never changes.
CODE = re.compile(r"[A-Z]{2,6}\Z")


def is_slug(text: str) -> bool:
    """Whether ``text`` can be the first label of a hall's host. Labels of other scripts (``xn--``) are not ours."""
    return SLUG.match(text) is not None and text not in RESERVED and text[2:4] != "--"
