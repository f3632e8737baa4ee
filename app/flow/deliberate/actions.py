"""The verbs of this room, in the order in which a sitting lives; see :mod:`planning` and :mod:`table`."""

from app.flow.deliberate.planning import (
    Expected,
    add_series,
    add_to_agenda,
    call_off,
    give_notice,
    next_dates,
    plan_sitting,
    postpone,
)
from app.flow.deliberate.table import (
    adjourn,
    close_sitting,
    edit_words,
    finish_minutes,
    open_sitting,
    put_options,
    recuse,
    redeliberate,
    register,
    register_many,
    speak,
)

__all__ = [
    "Expected",
    "add_series",
    "add_to_agenda",
    "adjourn",
    "call_off",
    "close_sitting",
    "edit_words",
    "finish_minutes",
    "give_notice",
    "next_dates",
    "open_sitting",
    "plan_sitting",
    "postpone",
    "put_options",
    "recuse",
    "redeliberate",
    "register",
    "register_many",
    "speak",
]
