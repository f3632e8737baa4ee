"""The verbs of this room, in the order in which a sitting lives; see :mod:`series`, :mod:`planning`, :mod:`agenda`,
:mod:`inviting`, :mod:`register`, :mod:`opening`, :mod:`live`, :mod:`speaking`, :mod:`table` and :mod:`bench`.
"""

from app.flow.deliberate.agenda import lay_out, move_on_agenda, take_off_agenda
from app.flow.deliberate.bench import tell_afterwards
from app.flow.deliberate.inviting import disinvite, excuse_decliners, invite, observe, reply
from app.flow.deliberate.live import end_turn, give_floor, lower_hand, raise_hand, set_current
from app.flow.deliberate.opening import close_sitting, open_sitting
from app.flow.deliberate.planning import (
    Expected,
    add_series,
    add_to_agenda,
    call_again,
    call_off,
    give_notice,
    next_dates,
    plan_sitting,
    postpone,
)
from app.flow.deliberate.register import check_in, come_or_go, recuse, register, register_many
from app.flow.deliberate.series import change_series, end_series
from app.flow.deliberate.speaking import Overtaken, edit_words, finish_minutes, move_entry, speak, sum_up
from app.flow.deliberate.table import adjourn, put_options, redeliberate

__all__ = [
    "Expected",
    "Overtaken",
    "add_series",
    "add_to_agenda",
    "adjourn",
    "call_again",
    "call_off",
    "change_series",
    "check_in",
    "close_sitting",
    "come_or_go",
    "disinvite",
    "edit_words",
    "end_series",
    "end_turn",
    "excuse_decliners",
    "finish_minutes",
    "give_floor",
    "give_notice",
    "invite",
    "lay_out",
    "lower_hand",
    "move_entry",
    "move_on_agenda",
    "next_dates",
    "observe",
    "open_sitting",
    "plan_sitting",
    "postpone",
    "put_options",
    "raise_hand",
    "recuse",
    "redeliberate",
    "register",
    "register_many",
    "reply",
    "set_current",
    "speak",
    "sum_up",
    "take_off_agenda",
    "tell_afterwards",
]
