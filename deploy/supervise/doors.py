"""Prints where to go and who may sign in, from what the demo wrote down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# More than a screenful helps nobody; the file has them all.
ACCOUNTS_SHOWN = 24


def show(path: Path) -> None:
    """Print the doors of ``demo.json``."""
    facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    print(f"\nstreet   {facts['street']['url']}")
    for place in facts["communities"]:
        print(f"hall     {place['url']}  {place['hall']}")
    for name, link in facts.get("links", {}).items():
        shown = link if isinstance(link, str) else f"{link['url']}  {link['code']}"
        print(f"{name:<10}{shown}")
    accounts = chosen(facts["accounts"])
    print(f"\n{'role':<19} {'site':<18} {'login':<16} password")
    for account in accounts:
        print(f"{account['role']:<19} {account['site']:<18} {account['login']:<16} {account['password']}")
    if len(accounts) < len(facts["accounts"]):
        print(f"… all {len(facts['accounts'])} accounts: {path}")
    print()


def chosen(accounts: list[dict[str, str]]) -> list[dict[str, str]]:
    """All accounts when they are few, otherwise the first of each role at the first sites that have it."""
    if len(accounts) <= ACCOUNTS_SHOWN:
        return accounts
    seen: dict[str, int] = {}
    kept = []
    for account in accounts:
        seen[account["role"]] = seen.get(account["role"], 0) + 1
        if seen[account["role"]] <= 2:
            kept.append(account)
    return kept
