"""What an expert reads on the phone before any page of ours: the text of a message that carries a code. Pure.

Source: domain.md section 6: at most 70 characters a part, the site's fixed name and the code of eight characters, and
no link that differs from message to message, because carriers refuse such templates.
"""

from __future__ import annotations

from collections.abc import Sequence

PART = 70
#: A longer message is sent in parts of 67 characters, because each carries a header.
LONG_PART = 67


def parts(text: str) -> int:
    """How many parts a carrier makes of ``text``."""
    return 1 if len(text) <= PART else -(-len(text) // LONG_PART)


def shortest_fit(texts: Sequence[str]) -> str:
    """The first of the texts (kindest first) that fits one part, otherwise the shortest of them."""
    return next((text for text in texts if len(text) <= PART), min(texts, key=len))


def bare_address(url: str) -> str:
    """An address as it is read out: without the scheme."""
    return url.split("://", 1)[-1].rstrip("/")
