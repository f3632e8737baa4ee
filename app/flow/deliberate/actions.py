"""The verbs of this room, in the order in which a sitting lives; see :mod:`planning`, :mod:`register`, :mod:`opening`,
:mod:`live`, :mod:`speaking` and :mod:`table`.
"""

from app.flow.deliberate.live import end_turn, give_floor, lower_hand, raise_hand, set_current
from app.flow.deliberate.opening import close_sitting, open_sitting
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
from app.flow.deliberate.register import check_in, come_or_go, recuse, register, register_many
from app.flow.deliberate.speaking import Overtaken, edit_words, finish_minutes, move_entry, speak, sum_up
from app.flow.deliberate.table import adjourn, put_options, redeliberate

__all__ = [
    "Expected",
    "Overtaken",
    "add_series",
    "add_to_agenda",
    "adjourn",
    "call_off",
    "check_in",
    "close_sitting",
    "come_or_go",
    "edit_words",
    "end_turn",
    "finish_minutes",
    "give_floor",
    "give_notice",
    "lower_hand",
    "move_entry",
    "next_dates",
    "open_sitting",
    "plan_sitting",
    "postpone",
    "put_options",
    "raise_hand",
    "recuse",
    "redeliberate",
    "register",
    "register_many",
    "set_current",
    "speak",
    "sum_up",
]
