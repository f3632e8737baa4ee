"""The verbs of carrying out in one place: promise, report, finish, put off, hand over, verify, suspend, terminate.

The caller commits. ``now`` is UTC, days are days in Asia/Shanghai, money is integer fen.
"""

from __future__ import annotations

from app.flow.implement.exits import keep_on_hold, resume, suspend, terminate
from app.flow.implement.extending import ask_extension, decide_extension, extend, withdraw_extension
from app.flow.implement.looking import reopen_tasks, verify
from app.flow.implement.pictures import attach_picture, show_picture, take_picture_back
from app.flow.implement.working import WORKING, finish, hand_over, note_progress, promise, readdress

__all__ = [
    "WORKING", "ask_extension", "attach_picture", "decide_extension", "extend", "finish", "hand_over", "keep_on_hold",
    "note_progress", "promise", "readdress", "reopen_tasks", "resume", "show_picture", "suspend", "take_picture_back",
    "terminate", "verify", "withdraw_extension",
]  # fmt: skip
