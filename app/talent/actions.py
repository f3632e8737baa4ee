"""Inviting one expert to one matter, and what the expert does with it.

The first half (``inviting``) runs in the hall's scope, the second (``answering``) in a guest's.
"""

from app.people.secrets import tidy_code
from app.talent.answering import (
    Overtaken,
    accept,
    ask_again,
    decline,
    draft_of,
    hand_in,
    keep_cookie,
    keep_draft,
    log_opening,
    say_yes,
    sign_in,
    signed_in,
    way_now,
)
from app.talent.inviting import At, ask_to_sitting, find, invite, rate, rating_of, renew, revoke
from app.talent.telling import expert_actor
from app.talent.tokens import CODE_LENGTH, Secret, fingerprint

__all__ = [
    "CODE_LENGTH", "At", "Overtaken", "Secret", "accept", "ask_again", "ask_to_sitting", "decline", "draft_of",
    "expert_actor", "find", "fingerprint", "hand_in", "invite", "keep_cookie", "keep_draft", "log_opening", "rate",
    "rating_of", "renew", "revoke", "say_yes", "sign_in", "signed_in", "tidy_code", "way_now",
]  # fmt: skip
