"""The verbs of this room in one place: writing and signing, posting, objecting, and asking the larger body."""

from __future__ import annotations

from app.flow.resolve.objecting import answer_objection, object_to, redeliberate
from app.flow.resolve.posting import (
    Board,
    end_window,
    hang_new_paper,
    post_again,
    publicize,
    start_work,
    take_down,
    terms_of,
)
from app.flow.resolve.promises import add_commitments, drop_open, next_due
from app.flow.resolve.ratifying import (
    drop_ratification,
    record_study,
    settle_ratification,
    take_to_body,
)
from app.flow.resolve.writing import Text, correct_resolution, set_aside, sign_resolution, write_resolution

__all__ = [
    "Board", "Text", "add_commitments", "answer_objection", "correct_resolution",
    "drop_open", "drop_ratification", "end_window", "hang_new_paper", "next_due", "object_to", "post_again",
    "publicize", "record_study", "redeliberate", "set_aside", "settle_ratification", "sign_resolution", "start_work",
    "take_down", "take_to_body", "terms_of", "write_resolution",
]  # fmt: skip
